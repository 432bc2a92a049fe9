/* Runs every suite, or those named on the command line; exits non-zero when an assertion failed. */
#include <CUnit/Basic.h>
#include <stdio.h>
#include <string.h>

#include "tests/test.h"

#define SUITE(name) extern const struct test_suite suite_##name;
#include "suites.h"
#undef SUITE

static const struct test_suite *const suites[] = {
#define SUITE(name) &suite_##name,
#include "suites.h"
#undef SUITE
};

static int wanted(const char *name, int argc, char **argv) {
    if (argc < 2)
        return 1;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return 1;
    return 0;
}

int main(int argc, char **argv) {
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 1;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        if (!wanted(suites[i]->name, argc, argv))
            continue;
        CU_pSuite suite = CU_add_suite(suites[i]->name, NULL, NULL);
        for (const struct test_case *c = suites[i]->cases; c->name != NULL; c++)
            CU_add_test(suite, c->name, c->run);
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_ErrorCode code = CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures() + CU_get_number_of_tests_failed();
    CU_cleanup_registry();
    return code != CUE_SUCCESS || failures != 0;
}
