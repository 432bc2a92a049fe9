/* The instruction set: chosen once for an engine, by MHO_SIMD where it is set. */
#include <stdlib.h>
#include <string.h>

#include "sim/engine/drive.h"
#include "tests/support/nets.h"
#include "tests/test.h"

/* Sets MHO_SIMD (NULL: not at all) and returns what it was before, which the caller frees. */
static char *ask_for(const char *word) {
    const char *before = getenv("MHO_SIMD");
    char *kept = before != NULL ? strdup(before) : NULL;
    if (word != NULL)
        setenv("MHO_SIMD", word, 1);
    else
        unsetenv("MHO_SIMD");
    return kept;
}

static void restore(char *kept) {
    free(ask_for(kept));
    free(kept);
}

static void open_sum(struct net *net) {
    net_open(net, "1x5");
    net_node(net, OP_RELU, 0, -1, net_float(net, "1x5"));
}

static void an_engine_takes_the_level_that_is_asked_for(void) {
    static const char *const words[] = {"plain", "avx2", "avx512", "amx", "", NULL};
    struct net net;
    open_sum(&net);
    char *kept = ask_for(NULL);
    enum simd_level best = simd_choose();
    for (int i = 0; i < 6; i++) {
        struct engine *engine;
        struct diagnostic diag = {0};
        free(ask_for(words[i]));
        ASSERT_OK(engine_create(&net.network, NULL, NULL, &engine, &diag), diag);
        enum simd_level level = i < (int)best ? (enum simd_level)i : best;
        CU_ASSERT_EQUAL(engine->program.level, level);
        CU_ASSERT_PTR_EQUAL(engine->program.kernels, kernels_of(level));
        engine_free(engine);
    }
    CU_ASSERT_PTR_EQUAL(kernels_of(SIMD_PLAIN), &kernels_baseline);
    restore(kept);
    net_close(&net);
}

static void other_words_are_refused(void) {
    struct net net;
    struct engine *engine;
    struct diagnostic diag = {0};
    open_sum(&net);
    char *kept = ask_for("avx1024");
    CU_ASSERT_EQUAL(engine_create(&net.network, NULL, NULL, &engine, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NULL(engine);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(diag.message, "MHO_SIMD is \"avx1024\": it must be plain, avx2, avx512 or amx"));
    restore(kept);
    net_close(&net);
}

static const struct test_case cases[] = {
    {"an engine takes the level that is asked for", an_engine_takes_the_level_that_is_asked_for},
    {"other words are refused", other_words_are_refused},
    {NULL, NULL},
};
const struct test_suite suite_simd = {"simd", cases};
