/* Documents over others: mappings, named lists, other lists, what is taken away; files and circles.
 */
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "sim/config/yaml_merge.h"
#include "tests/support/malloc_fail.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

/* A node as one line: {a: 1, b: [x, y]}. */
static size_t write_node(const struct yaml_node *node, char *text, size_t size) {
    size_t n = 0;
    if (node->kind == YAML_SCALAR)
        return (size_t)snprintf(text, size, "%s", node->text);
    n += (size_t)snprintf(text, size, "%s", node->kind == YAML_MAPPING ? "{" : "[");
    for (size_t i = 0; i < node->count; i++) {
        n += (size_t)snprintf(text + n, size - n, "%s", i > 0 ? ", " : "");
        if (node->kind == YAML_MAPPING)
            n += (size_t)snprintf(text + n, size - n, "%s: ", node->keys[i]);
        n += write_node(node->values[i], text + n, size - n);
    }
    return n + (size_t)snprintf(text + n, size - n, "%s", node->kind == YAML_MAPPING ? "}" : "]");
}

static void merges(void) {
    static const struct {
        const char *base, *over, *merged;
    } cases[] = {
        {"{a: 1, b: 2}", "{b: 3, c: 4}", "{a: 1, b: 3, c: 4}"},
        {"{a: {x: 1, y: 2}}", "{a: {y: 3}}", "{a: {x: 1, y: 3}}"},
        {"{a: 1, b: 2}", "{a: ~}", "{b: 2}"},
        {"{a: [1, 2]}", "{a: [3]}", "{a: [3]}"},
        {"{a: {x: 1}}", "{a: 2}", "{a: 2}"},
        {"{a: [{name: p, n: 1}, {name: q, n: 2}]}", "{a: [{name: q, m: 3}, {name: r}]}",
         "{a: [{name: p, n: 1}, {name: q, n: 2, m: 3}, {name: r}]}"},
        {"{a: [{name: p}, 5]}", "{a: [{name: q}]}", "{a: [{name: q}]}"},
        {"{}", "{a: 1}", "{a: 1}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = ARENA_INIT;
        const struct yaml_node *base = NULL, *over = NULL;
        struct diagnostic diag = {0};
        char text[256];
        ASSERT_OK(yaml_parse(cases[i].base, strlen(cases[i].base), "b", &arena, &base, &diag),
                  diag);
        ASSERT_OK(yaml_parse(cases[i].over, strlen(cases[i].over), "o", &arena, &over, &diag),
                  diag);
        const struct yaml_node *merged = yaml_merge(base, over, &arena);
        CU_ASSERT_PTR_NOT_NULL_FATAL(merged);
        write_node(merged, text, sizeof text);
        CU_ASSERT_STRING_EQUAL(text, cases[i].merged);
        arena_free(&arena);
    }
}

static const char *write_text(struct scratch *scratch, const char *name, const char *text) {
    return scratch_write(scratch, name, text, strlen(text));
}

static void files_and_their_bases(void) {
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    const struct yaml_node *root = NULL;
    char hash[33], other[33], alone[33], text[128];
    scratch_open(&scratch);
    const char *ground = write_text(&scratch, "ground.yaml", "a: 1\nb: 2\nc: 3\n");
    write_text(&scratch, "middle.yaml", "base: ground.yaml\nb: 5\n");
    const char *top = write_text(&scratch, "top.yaml", "base: middle.yaml\nc: 7\n");
    ASSERT_OK(yaml_load_based(top, &arena, &root, hash, &diag), diag);
    write_node(root, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "{a: 1, b: 5, c: 7}");
    CU_ASSERT_PTR_NOT_NULL(strstr(yaml_get(root, "a")->file, "ground.yaml"));
    CU_ASSERT_EQUAL(yaml_get(root, "c")->line, 2);
    /* A file alone has the hash of its contents; one with a base follows the base's, too. */
    ASSERT_OK(yaml_load_based(ground, &arena, &root, alone, &diag), diag);
    XXH128_hash_t digest = XXH3_128bits("a: 1\nb: 2\nc: 3\n", 15);
    snprintf(text, sizeof text, "%016llx%016llx", (unsigned long long)digest.high64,
             (unsigned long long)digest.low64);
    CU_ASSERT_STRING_EQUAL(alone, text);
    write_text(&scratch, "ground.yaml", "a: 1\nb: 2\nc: 4\n");
    ASSERT_OK(yaml_load_based(top, &arena, &root, other, &diag), diag);
    CU_ASSERT(strcmp(hash, other) != 0);
    arena_free(&arena);
    scratch_close(&scratch);
}

static void short_memory(void) {
    struct scratch scratch;
    bool failed = malloc_fail_works();
    scratch_open(&scratch);
    write_text(&scratch, "ground.yaml", "a: [{name: p, n: 1}]\nb: 2\n");
    const char *top = write_text(&scratch, "top.yaml", "base: ground.yaml\na: [{name: p, n: 2}]\n");
    for (long n = 1; failed; n++) {
        struct arena arena = ARENA_INIT;
        struct diagnostic diag = {0};
        const struct yaml_node *root = NULL;
        char hash[33];
        malloc_fail_at(n);
        enum status status = yaml_load_based(top, &arena, &root, hash, &diag);
        failed = malloc_fail_end();
        CU_ASSERT_EQUAL(status, failed ? STATUS_MEMORY : STATUS_OK);
        arena_free(&arena);
    }
    scratch_close(&scratch);
}

static void wrong_bases_are_refused(void) {
    static const struct {
        const char *text, *message;
    } files[] = {
        {"base: f.yaml\n", "f.yaml:1:7: base: more than 16 files deep, or in a circle"},
        {"base: none.yaml\n", "none.yaml"},
        {"base: [1]\n", "base: expected a text, got a list"},
    };
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    scratch_open(&scratch);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const struct yaml_node *root = NULL;
        struct diagnostic diag = {0};
        char hash[33];
        const char *path = write_text(&scratch, "f.yaml", files[i].text);
        CU_ASSERT_EQUAL(yaml_load_based(path, &arena, &root, hash, &diag), STATUS_USAGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, files[i].message));
    }
    arena_free(&arena);
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"documents over others", merges},
    {"files and their bases", files_and_their_bases},
    {"short memory", short_memory},
    {"wrong bases are refused", wrong_bases_are_refused},
    {NULL, NULL},
};
const struct test_suite suite_yaml_merge = {"yaml_merge", cases};
