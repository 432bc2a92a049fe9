/* Dumps that load to the same configuration, their comments, and the hash. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "tests/support/sample_config.h"
#include "tests/test.h"

/* The dump of a configuration, loaded from a file or from memory, and dumped and hashed again, is
 * the same. */
static void expect_round_trip(const struct config *config, bool annotate) {
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    char before[33], after[33];
    struct config *again = sample_create();
    scratch_open(&scratch);
    char *dump = config_dump(config, annotate, &arena);
    CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
    sample_load(again, &scratch, "dump.yaml", dump);
    expect_text(config_dump(again, false, &arena), config_dump(config, false, &arena));
    config_hash(config, before);
    config_hash(again, after);
    expect_text(after, before);
    struct config *copy = sample_create();
    struct diagnostic diag = {0};
    ASSERT_OK(config_load_text(copy, dump, "a dump", &diag), diag);
    expect_text(config_dump(copy, false, &arena), config_dump(config, false, &arena));
    config_free(copy);
    scratch_close(&scratch);
    arena_free(&arena);
    config_free(again);
}

static void text_refused(void) {
    struct config *config = sample_create();
    struct diagnostic diag = {0};
    CU_ASSERT_EQUAL(config_load_text(config, "run:\n  nam: x\n", "run 3", &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "run 3:2:3: "));
    CU_ASSERT_EQUAL(config_load_text(config, "- a\n", "run 3", &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "run 3:1:1: expected sections such as \"array:\""));
    ASSERT_OK(config_load_text(config, "", "run 3", &diag), diag);
    config_free(config);
}

static void plain_dump(void) {
    struct arena arena = ARENA_INIT;
    struct config *config = sample_create();
    sample_set(config, "array.t_read=0.3 us");
    sample_set(config, "array.drift=[0.5, 1e-3]");
    sample_set(config, "run.model=/nets/a.onnx");
    sample_set(config, "layers.conv?.adc.bits=worst");
    expect_text(config_dump(config, false, &arena), "array:\n"
                                                    "  rows: 128\n"
                                                    "  columns: 128\n"
                                                    "  flip: false\n"
                                                    "  t_read: 3e-07\n"
                                                    "  r_on: 10000\n"
                                                    "  drift: [0.5, 0.001]\n"
                                                    "adc:\n"
                                                    "  bits: lossless\n"
                                                    "  transfer: clip\n"
                                                    "run:\n"
                                                    "  model: /nets/a.onnx\n"
                                                    "  name: \"first try\"\n"
                                                    "  seed: 1\n"
                                                    "  threads: 0\n"
                                                    "  unset: ~\n"
                                                    "  bits: 3\n"
                                                    "layers:\n"
                                                    "  \"conv?\":\n"
                                                    "    adc.bits: worst\n");
    expect_round_trip(config, false);
    expect_round_trip(config, true);
    arena_free(&arena);
    config_free(config);
}

static void annotated_dump(void) {
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    struct config *config = sample_create();
    scratch_open(&scratch);
    sample_load(config, &scratch, "a.yaml", "array:\n  t_read: 2.5 us\n  r_on: 5 kohm\n");
    sample_set(config, "layers.conv1.adc.bits=5");
    char *dump = config_dump(config, true, &arena);
    strip_folder(&scratch, dump);
    expect_text(dump,
                "# The array\n"
                "array:\n"
                "  rows: 128          # 1 to 4096; default\n"
                "  columns: 128       # 1 to 4096; default\n"
                "  flip: false        # true | false; default\n"
                "  t_read: 2.5e-06    # 2.5 us; 1 ns to 1 s; default 100 ns;\n"
                "                     # a.yaml:2\n"
                "  r_on: 5000         # 5 kohm; default 10 kohm; a.yaml:3\n"
                "  drift: ~           # 0 to 1; not set\n"
                "# The converters\n"
                "adc:\n"
                "  bits: lossless     # 1 to 16 | lossless | worst; default\n"
                "  transfer: clip     # clip | full_range | calibrated; default\n"
                "# The run\n"
                "run:\n"
                "  model: ~           # required, not set\n"
                "  name: \"first try\"  # default\n"
                "  seed: 1            # default\n"
                "  threads: 0         # 0 to 1024; default\n"
                "  unset: ~           # 1 to 9; not set\n"
                "  bits: 3            # 1 to 9; default\n"
                "layers:\n"
                "  conv1:\n"
                "    adc.bits: 5      # 1 to 16 | lossless | worst; default lossless; --set\n");
    scratch_close(&scratch);
    arena_free(&arena);
    config_free(config);
}

/* A relative path is dumped from the root, so that the dump works from any folder. */
static void dumped_paths(void) {
    struct scratch scratch;
    struct config *config = sample_create();
    char line[128];
    scratch_open(&scratch);
    scratch_write(&scratch, "a.onnx", "x", 1);
    sample_load(config, &scratch, "a.yaml", "run: {model: ./a.onnx}\n");
    snprintf(line, sizeof line, "  model: %s\n", scratch_path(&scratch, "a.onnx"));
    CU_ASSERT_PTR_NOT_NULL(strstr(config_dump(config, false, &scratch.arena), line));
    expect_round_trip(config, true);
    scratch_close(&scratch);
    config_free(config);
}

/* A pattern that comes twice needs the list notation. */
static void returning_patterns(void) {
    struct arena arena = ARENA_INIT;
    struct config *config = sample_create();
    sample_set(config, "run.model=/a");
    sample_set(config, "layers.conv1.adc.bits=5");
    sample_set(config, "layers.*.adc.bits=6");
    sample_set(config, "layers.*.array.rows=37");
    sample_set(config, "layers.conv1.array.rows=11");
    CU_ASSERT_PTR_NOT_NULL(strstr(config_dump(config, false, &arena), "layers:\n"
                                                                      "  - conv1:\n"
                                                                      "      adc.bits: 5\n"
                                                                      "  - \"*\":\n"
                                                                      "      adc.bits: 6\n"
                                                                      "      array.rows: 37\n"
                                                                      "  - conv1:\n"
                                                                      "      array.rows: 11\n"));
    expect_round_trip(config, false);
    expect_round_trip(config, true);
    arena_free(&arena);
    config_free(config);
}

/* Texts of every kind come back as they were. */
static void awkward_texts(void) {
    static const char *const names[] = {
        "null",     "~",           "true", "128",      "1e3",     "a: b",     "a #b",  "#x",
        " a ",      "-",           "[a]",  "{a}",      "*a",      "&a",       "%a",    "a\\tb",
        "a\\nb",    "\\\\",        "\\\"", "'",        "\\u2028", "\\u00b5S", "\\x85", "\\x07\\x7f",
        "\\uFEFFa", "\\U0001F600", "",     "a\\r\\nb", "...",     "---"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct config *config = sample_create();
        char assignment[64];
        snprintf(assignment, sizeof assignment, "run.name=\"%s\"", names[i]);
        sample_set(config, assignment);
        expect_round_trip(config, true);
        config_free(config);
    }
}

/* Doubles keep every bit, whatever their digits. */
static void awkward_numbers(void) {
    static const char *const numbers[] = {"0.1",
                                          "2.385",
                                          "1e-300",
                                          "123456789.123456789",
                                          "0.30000000000000004",
                                          "4.9e-324",
                                          "1.7976931348623157e308",
                                          "-0.0"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct scratch scratch;
        struct config *config = sample_create(), *again = sample_create();
        char assignment[64];
        scratch_open(&scratch);
        snprintf(assignment, sizeof assignment, "array.r_on=%s", numbers[i]);
        sample_set(config, assignment);
        sample_load(again, &scratch, "a.yaml", config_dump(config, false, &scratch.arena));
        const struct sample_array *array = config_get(again, "array");
        CU_ASSERT_EQUAL(array->r_on_ohm, strtod(numbers[i], NULL));
        scratch_close(&scratch);
        config_free(config);
        config_free(again);
    }
}

static void hash_of(const char *yaml, char hex[33]) {
    struct scratch scratch;
    struct config *config = sample_create();
    scratch_open(&scratch);
    sample_load(config, &scratch, "a.yaml", yaml);
    config_hash(config, hex);
    scratch_close(&scratch);
    config_free(config);
}

static bool same_hash(const char *one, const char *other) {
    char first[33], second[33];
    hash_of(one, first);
    hash_of(other, second);
    CU_ASSERT_EQUAL(strspn(first, "0123456789abcdef"), 32);
    CU_ASSERT_EQUAL(first[32], '\0');
    return strcmp(first, second) == 0;
}

static void hash_ignores(void) {
    CU_ASSERT(same_hash("array: {rows: 37, columns: 11}\nadc: {bits: 6}\n",
                        "# other order\nadc:\n  bits: 6\narray:\n  columns: 11\n  rows: 37\n"));
    CU_ASSERT(same_hash("array: {t_read: 100 ns}", "array: {t_read: 1e-7}"));
    CU_ASSERT(same_hash("array: {t_read: 0.1 us}", "")); /* the default */
    CU_ASSERT(same_hash("array: {r_on: -0.0}", "array: {r_on: 0}"));
    CU_ASSERT(same_hash("array: {drift: 0.5}", "array: {drift: [5e-1]}"));
    CU_ASSERT(same_hash("array: {flip: yes}", "array: {flip: true}"));
    CU_ASSERT(same_hash("run: {model: a}", "run: {model: b}"));
    CU_ASSERT(same_hash("run: {threads: 4, name: x}", "run: {threads: 2, name: y}"));
    CU_ASSERT(same_hash("layers: {a: {adc.bits: 5}, b: {adc.bits: 6, array.rows: 3}}",
                        "layers: {b: {array: {rows: 3}, adc.bits: 6}, a: {adc: {bits: 5}}}"));
    CU_ASSERT(same_hash("layers: {\"*\": {adc.bits: 5}, b: {adc.bits: 6}, a: {adc.bits: 7}}",
                        "layers: {\"*\": {adc.bits: 5}, a: {adc.bits: 7}, b: {adc.bits: 6}}"));
}

static void hash_tells(void) {
    CU_ASSERT_FALSE(same_hash("array: {rows: 37}", "array: {rows: 38}"));
    CU_ASSERT_FALSE(same_hash("array: {rows: 37}", "array: {columns: 37}"));
    CU_ASSERT_FALSE(same_hash("adc: {bits: 3}", "run: {bits: 4}"));
    CU_ASSERT_FALSE(same_hash("array: {drift: [0.5, 0.5]}", "array: {drift: [0.5]}"));
    CU_ASSERT_FALSE(same_hash("run: {unset: 3}", "run: {unset: ~}"));
    CU_ASSERT_FALSE(same_hash("layers: {a: {adc.bits: 5}}", ""));
    CU_ASSERT_FALSE(same_hash("layers: {a: {adc.bits: 5}}", "layers: {b: {adc.bits: 5}}"));
    CU_ASSERT_FALSE(same_hash("layers: {a: {adc.bits: 5}, b: {adc.bits: 6}}",
                              "layers: {a: {adc.bits: 4}, b: {adc.bits: 6}}"));
    CU_ASSERT_FALSE(same_hash("layers: {a: {adc.bits: 5}, \"*\": {adc.bits: 6}}",
                              "layers: {\"*\": {adc.bits: 6}, a: {adc.bits: 5}}"));
}

/* The canonical form itself, so that no change of it goes unnoticed: hashes are kept in databases.
 */
static void hash_of_a_known_text(void) {
    static const char canonical[] = "array.rows=37\n"
                                    "layers.conv1.array.rows=11\n"
                                    "layers.conv2.array.rows=13\n"
                                    "layers.\"*\".array.rows=12\n"
                                    "array.columns=128\n"
                                    "array.flip=false\n"
                                    "array.t_read=1e-07\n"
                                    "array.r_on=10000\n"
                                    "array.drift=~\n"
                                    "adc.bits=lossless\n"
                                    "adc.transfer=clip\n"
                                    "run.seed=1\n"
                                    "run.unset=~\n"
                                    "run.bits=3\n";
    char expected[40], hex[33];
    XXH128_hash_t hash = XXH3_128bits(canonical, sizeof canonical - 1);
    snprintf(expected, sizeof expected, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
    hash_of("array: {rows: 37}\nlayers: {conv2: {array.rows: 13}, conv1: {array.rows: 11}, \"*\": "
            "{array.rows: 12}}\n",
            hex);
    expect_text(hex, expected);
}

static const struct test_case cases[] = {
    {"plain dump", plain_dump},
    {"texts that are refused by their name", text_refused},
    {"annotated dump", annotated_dump},
    {"paths are dumped from the root", dumped_paths},
    {"patterns that return", returning_patterns},
    {"awkward texts", awkward_texts},
    {"awkward numbers", awkward_numbers},
    {"what the hash ignores", hash_ignores},
    {"what the hash tells apart", hash_tells},
    {"the hash of a known text", hash_of_a_known_text},
    {NULL, NULL},
};
const struct test_suite suite_config_dump = {"config_dump", cases};
