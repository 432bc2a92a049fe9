/* The YAML reader: positions, typed reads, and every kind of document that is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/config/yaml.h"
#include "tests/support/malloc_fail.h"
#include "tests/support/sample_config.h"
#include "tests/test.h"

static const struct yaml_node *parse(const char *text, struct arena *arena) {
    struct diagnostic diag = {0};
    const struct yaml_node *root = NULL;
    ASSERT_OK(yaml_parse(text, strlen(text), "a.yaml", arena, &root, &diag), diag);
    return root;
}

static void refuse_bytes(const char *text, size_t length, const char *message) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    const struct yaml_node *root;
    CU_ASSERT_EQUAL(yaml_parse(text, length, "a.yaml", &arena, &root, &diag), STATUS_USAGE);
    expect_text(diag.message, message);
    arena_free(&arena);
}

static void refuse(const char *text, const char *message) {
    refuse_bytes(text, strlen(text), message);
}

static void positions(void) {
    struct arena arena = ARENA_INIT;
    const struct yaml_node *root = parse("# comment\n"
                                         "adc:\n"
                                         "  bits: 6\n"
                                         "  \"model\" : 'isaac'\n"
                                         "list: [1, \"2\",\n"
                                         "  {a: ~}]\n",
                                         &arena);
    CU_ASSERT_EQUAL(root->kind, YAML_MAPPING);
    CU_ASSERT_EQUAL_FATAL(root->count, 2);
    const struct yaml_node *adc = yaml_get(root, "adc"), *bits = yaml_get(adc, "bits");
    CU_ASSERT_EQUAL(bits->line, 3);
    CU_ASSERT_EQUAL(bits->column, 9);
    CU_ASSERT_STRING_EQUAL(bits->text, "6");
    CU_ASSERT_STRING_EQUAL(bits->file, "a.yaml");
    CU_ASSERT_FALSE(bits->quoted);
    CU_ASSERT_STRING_EQUAL(adc->keys[1], "model");
    CU_ASSERT_EQUAL(adc->keyed[1]->line, 4);
    CU_ASSERT_EQUAL(adc->keyed[1]->column, 3);
    CU_ASSERT(adc->values[1]->quoted);
    const struct yaml_node *list = yaml_get(root, "list");
    CU_ASSERT_EQUAL(list->kind, YAML_SEQUENCE);
    CU_ASSERT_EQUAL_FATAL(list->count, 3);
    CU_ASSERT(list->values[1]->quoted);
    CU_ASSERT_EQUAL(list->values[2]->line, 6);
    CU_ASSERT(yaml_is_null(yaml_get(list->values[2], "a")));
    CU_ASSERT_PTR_NULL(yaml_get(root, "dac"));
    CU_ASSERT_PTR_NULL(yaml_get(NULL, "dac"));
    CU_ASSERT_PTR_NULL(yaml_get(bits, "dac"));
    arena_free(&arena);
}

static void empty_files(void) {
    static const char *const texts[] = {"", "\n\n", "# only a comment\n"};
    struct arena arena = ARENA_INIT;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct yaml_node *root = parse(texts[i], &arena);
        CU_ASSERT_EQUAL(root->kind, YAML_MAPPING);
        CU_ASSERT_EQUAL(root->count, 0);
        CU_ASSERT_EQUAL(root->line, 1);
    }
    CU_ASSERT(yaml_is_null(parse("---\n", &arena)));
    arena_free(&arena);
}

static void aliases(void) {
    struct arena arena = ARENA_INIT;
    const struct yaml_node *root = parse("a: &x {bits: 6}\nb: *x\n", &arena);
    CU_ASSERT_PTR_EQUAL(yaml_get(root, "a"), yaml_get(root, "b"));
    CU_ASSERT_STRING_EQUAL(yaml_get(yaml_get(root, "b"), "bits")->text, "6");
    arena_free(&arena);
    refuse("a: &x [1, *x]\n", "a.yaml:1:4: an alias (*name) inside the value it stands for");
    refuse("&x a: {b: {c: *x}}\n? *x\n: 2\n",
           "a.yaml:1:1: key \"a\" is given twice, first at a.yaml:1:1");
    refuse("a: *nobody\n", "a.yaml:1:4: found undefined alias");
}

static void refused_documents(void) {
    refuse("a: 1\nb: 2\n  \na: 3\n", "a.yaml:4:1: key \"a\" is given twice, first at a.yaml:1:1");
    refuse("x: {b: 1, a: 1, b: 2}\n", "a.yaml:1:17: key \"b\" is given twice, first at a.yaml:1:5");
    refuse("a: 1\n---\nb: 2\n", "a.yaml:2:1: a second document starts here; one is allowed");
    refuse("a: 1\n---\n", "a.yaml:2:1: a second document starts here; one is allowed");
    refuse("a: 1\n...\n}\n", "a.yaml:3:1: did not find expected <document start>");
    refuse("rows: !!int 3\n",
           "a.yaml:1:7: the tag \"tag:yaml.org,2002:int\" is not understood; remove it");
    refuse("rows: !mine {}\n", "a.yaml:1:7: the tag \"!mine\" is not understood; remove it");
    refuse("[1]: 2\n", "a.yaml:1:1: expected a name before the colon, got a list");
    refuse("~: 2\n", "a.yaml:1:1: expected a name before the colon, got nothing");
    refuse("a: \"x\\0y\"\n", "a.yaml:1:4: a text with a zero byte in it");
    refuse("a: [1, 2\nb: 3\n",
           "a.yaml:2:2: did not find expected ',' or ']' while parsing a flow sequence");
    refuse("a: b: c\n", "a.yaml:1:5: mapping values are not allowed in this context");
    refuse("a: 1\n\tb: 2\n", "a.yaml:2:1: found a tab character that violates indentation while "
                             "scanning a plain scalar");
    refuse_bytes("a: \xff\xfe", 5, "a.yaml: invalid leading UTF-8 octet at byte 3");
    refuse_bytes("a: \x00 b", 6, "a.yaml: control characters are not allowed at byte 3");
}

/* `head`, then `unit` `times` over; the caller frees. */
static char *repeat(const char *head, const char *unit, size_t times, size_t *length) {
    size_t step = strlen(unit);
    *length = strlen(head) + step * times;
    char *text = malloc(*length + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memcpy(text, head, strlen(head));
    for (size_t i = 0; i < times; i++)
        memcpy(text + strlen(head) + i * step, unit, step);
    text[*length] = '\0';
    return text;
}

/* What would exhaust the stack, memory or patience is refused, soon. */
static void hostile_documents(void) {
    static const struct {
        const char *head, *unit;
        size_t times;
    } rows[] = {
        {"a: ", "[", 100000},
        {"a: ", "{", 100000},
        {"", "- ", 100000},
        {"", "? ", 100000},

        {"a: ", "[", 70},
        {"a: [", "1,", 300000},
        {"a: [", "&b 1,", 300},
        {"a: [&b 1,", "*b,", 1000000},
        {"", "#", 5 << 20},
        {"a: [", "\"x\" ,", 300000},
        {"", "x", 5 << 20},
        {"a: \"", "\\u2028", 1000},
        {"%YAML 1.1\n", "%A\n", 100000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena = ARENA_INIT;
        struct diagnostic diag = {0};
        const struct yaml_node *root;
        size_t length;
        char *text = repeat(rows[i].head, rows[i].unit, rows[i].times, &length);
        enum status status = yaml_parse(text, length, "a.yaml", &arena, &root, &diag);
        CU_ASSERT_EQUAL(status, STATUS_USAGE);
        free(text);
        arena_free(&arena);
    }
}

static void limits(void) {
    struct arena arena = ARENA_INIT;
    char nested[2 * 64 + 1] = "";
    memset(nested, '[', 64);
    memset(nested + 64, ']', 64);
    CU_ASSERT_EQUAL(parse(nested, &arena)->kind, YAML_SEQUENCE);
    refuse("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
           "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
           "a.yaml:1:65: nested more than 64 levels deep");
    /* Nine lists of ten, each of the one before: a thousand million values in 500 bytes. */
    refuse("a: &a [1,1,1,1,1,1,1,1,1,1]\n"
           "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
           "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
           "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
           "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
           "f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n",
           "a.yaml:6:4: more than 250000 values once aliases are replaced");
    arena_free(&arena);
}

static void typed_reads(void) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    const struct yaml_node *root =
        parse("name: isaac\nbits: 8\npower: 0.2 mW\ncount: 3000000000\nq: \"8\"\nn: ~\n", &arena);
    const char *text;
    int number;
    double power;
    ASSERT_OK(yaml_string(yaml_get(root, "name"), "name", &text, &diag), diag);
    CU_ASSERT_STRING_EQUAL(text, "isaac");
    ASSERT_OK(yaml_int(yaml_get(root, "bits"), "bits", &number, &diag), diag);
    CU_ASSERT_EQUAL(number, 8);
    ASSERT_OK(yaml_quantity(yaml_get(root, "power"), "power", UNIT_WATT, &power, &diag), diag);
    CU_ASSERT_EQUAL(power, 0.2e-3);
    CU_ASSERT_EQUAL(yaml_string(NULL, "chip.name", &text, &diag), STATUS_USAGE);
    expect_text(diag.message, "chip.name is missing");
    CU_ASSERT_EQUAL(yaml_string(root, "chip", &text, &diag), STATUS_USAGE);
    expect_text(diag.message, "a.yaml:1:1: chip: expected a text, got a mapping");
    CU_ASSERT_EQUAL(yaml_string(yaml_get(root, "n"), "n", &text, &diag), STATUS_USAGE);
    expect_text(diag.message, "a.yaml:6:4: n: expected a text, got nothing");
    CU_ASSERT_EQUAL(yaml_int(yaml_get(root, "q"), "q", &number, &diag), STATUS_USAGE);
    expect_text(diag.message, "a.yaml:5:4: q: expected an integer, got the quoted text \"8\"");
    CU_ASSERT_EQUAL(yaml_int(yaml_get(root, "count"), "count", &number, &diag), STATUS_USAGE);
    expect_text(diag.message,
                "a.yaml:4:8: count: expected an integer of 32 bits, got \"3000000000\"");
    CU_ASSERT_EQUAL(yaml_int(NULL, "rows", &number, &diag), STATUS_USAGE);
    CU_ASSERT_EQUAL(yaml_quantity(NULL, "rows", UNIT_WATT, &power, &diag), STATUS_USAGE);
    CU_ASSERT_EQUAL(yaml_quantity(yaml_get(root, "power"), "power", UNIT_JOULE, &power, &diag),
                    STATUS_USAGE);
    expect_text(diag.message, "a.yaml:3:8: power: expected an energy (J, mJ, uJ, nJ, pJ, fJ), got "
                              "\"0.2 mW\"");
    CU_ASSERT_EQUAL(yaml_quantity(yaml_get(root, "power"), "power", UNIT_NONE, &power, &diag),
                    STATUS_USAGE);
    expect_text(diag.message, "a.yaml:3:8: power: expected a number, got \"0.2 mW\"");
    arena_free(&arena);
}

static void checked_keys(void) {
    static const char *const allowed[] = {"name", "area", "energy"};
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    ASSERT_OK(yaml_check_keys(parse("name: x\nenergy: 1\n", &arena), allowed, 3, &diag), diag);
    CU_ASSERT_EQUAL(yaml_check_keys(parse("name: x\n  \naera: 1\n", &arena), allowed, 3, &diag),
                    STATUS_USAGE);
    expect_text(diag.message, "a.yaml:3:1: unknown key \"aera\" (did you mean \"area\"?)");
    CU_ASSERT_EQUAL(yaml_check_keys(parse("voltage: 1\n", &arena), allowed, 3, &diag),
                    STATUS_USAGE);
    expect_text(diag.message, "a.yaml:1:1: unknown key \"voltage\"");
    CU_ASSERT_EQUAL(yaml_check_keys(parse("[1]", &arena), allowed, 3, &diag), STATUS_USAGE);
    expect_text(diag.message, "a.yaml:1:1: here: expected a mapping of keys to values, got a list");
    arena_free(&arena);
}

static void command_line_values(void) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    const struct yaml_node *root;
    ASSERT_OK(yaml_parse_value("[1, 2]", "--set a=[1, 2]", &arena, &root, &diag), diag);
    CU_ASSERT_EQUAL(root->count, 2);
    CU_ASSERT_EQUAL(root->values[1]->line, 0);
    ASSERT_OK(yaml_parse_value("", "--set a=", &arena, &root, &diag), diag);
    CU_ASSERT(yaml_is_null(root));
    CU_ASSERT_EQUAL(yaml_parse_value("{a: 1, a: 2}", "--set a", &arena, &root, &diag),
                    STATUS_USAGE);
    expect_text(diag.message, "--set a: key \"a\" is given twice");
    CU_ASSERT_EQUAL(yaml_load("/no/such.yaml", &arena, &root, &diag), STATUS_USAGE);
    expect_text(diag.message, "cannot read /no/such.yaml: No such file or directory");
    arena_free(&arena);
}

/* Every prefix of a document is read or refused, never more. */
static void truncated_documents(void) {
    static const char text[] = "a: &x {b: [1, \"two\", 'three'], ? c : |\n  block\n}\nd: *x\n"
                               "e: >-\n  folded\n  text\nf: !!str g\n# \u00B5\n...\n";
    for (size_t length = 0; length < sizeof text; length++) {
        struct arena arena = ARENA_INIT;
        struct diagnostic diag = {0};
        const struct yaml_node *root;
        /* A copy of exactly this length, so that a sanitizer sees reads beyond it. */
        char *copy = malloc(length + 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
        memcpy(copy, text, length);
        enum status status = yaml_parse(copy, length, "a.yaml", &arena, &root, &diag);
        CU_ASSERT(status == STATUS_OK || (status == STATUS_USAGE && diag.message[0] != '\0'));
        free(copy);
        arena_free(&arena);
    }
}

static void short_memory(void) {
    static const char text[] = "a: &x {b: [1, two]}\nc: *x\n";
    bool failed = malloc_fail_works();
    for (long n = 1; failed; n++) {
        struct arena arena = ARENA_INIT;
        struct diagnostic diag = {0};
        const struct yaml_node *root;
        malloc_fail_at(n);
        enum status status = yaml_parse(text, sizeof text - 1, "a.yaml", &arena, &root, &diag);
        failed = malloc_fail_end();
        CU_ASSERT_EQUAL(status, failed ? STATUS_MEMORY : STATUS_OK);
        arena_free(&arena);
    }
}

static const struct test_case cases[] = {
    {"positions of keys and values", positions},
    {"an empty file is an empty mapping", empty_files},
    {"aliases", aliases},
    {"documents that are refused", refused_documents},
    {"hostile documents are refused soon", hostile_documents},
    {"depth and expansion limits", limits},
    {"typed reads", typed_reads},
    {"checked keys", checked_keys},
    {"values of the command line", command_line_values},
    {"truncated documents", truncated_documents},
    {"short memory", short_memory},
    {NULL, NULL},
};
const struct test_suite suite_yaml = {"yaml", cases};
