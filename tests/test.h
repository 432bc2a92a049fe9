/* Tests: each tests/test_NAME.c defines `const struct test_suite suite_NAME`; the runner finds it
 * by its file name. Assertions are CUnit's. */
#ifndef MHO_TESTS_TEST_H
#define MHO_TESTS_TEST_H

#include <CUnit/CUnit.h>

struct test_case {
    const char *name;
    void (*run)(void);
};

struct test_suite {
    const char *name;
    const struct test_case *cases; /* ends with {NULL, NULL} */
};

/* Asserts that a call returned STATUS_OK and shows its diagnostic if not. */
#define ASSERT_OK(call, diag)                                                                      \
    do {                                                                                           \
        if ((call) != STATUS_OK) {                                                                 \
            fprintf(stderr, "\n%s:%d: %s\n", __FILE__, __LINE__, (diag).message);                  \
            CU_FAIL_FATAL(#call);                                                                  \
        } else                                                                                     \
            CU_PASS(#call);                                                                        \
    } while (0)

#endif
