/* Configurations that load: defaults, files, bases, --set, and what is read from them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/malloc_fail.h"
#include "tests/support/sample_config.h"
#include "tests/test.h"

static const struct sample_array *array_of(const struct config *config) {
    return config_get(config, "array");
}

static const struct sample_adc *adc_of(const struct config *config) {
    return config_get(config, "adc");
}

static const struct sample_run *run_of(const struct config *config) {
    return config_get(config, "run");
}

static void expect_origin(const struct config *config, const struct scratch *scratch,
                          const char *section, const char *key, const char *expected) {
    char origin[256];
    snprintf(origin, sizeof origin, "%s", config_origin(config, section, key));
    if (scratch != NULL)
        strip_folder(scratch, origin);
    expect_text(origin, expected);
}

static void defaults(void) {
    struct config *config = sample_create();
    CU_ASSERT_EQUAL(array_of(config)->rows, 128);
    CU_ASSERT_FALSE(array_of(config)->flip);
    CU_ASSERT_EQUAL(array_of(config)->t_read_s, 1e-7);
    CU_ASSERT_EQUAL(array_of(config)->r_on_ohm, 1e4);
    CU_ASSERT_PTR_NULL(array_of(config)->drift.values);
    CU_ASSERT_EQUAL(adc_of(config)->bits, -1);
    CU_ASSERT_EQUAL(adc_of(config)->transfer, 0);
    CU_ASSERT_STRING_EQUAL(run_of(config)->name, "first try");
    CU_ASSERT_PTR_NULL(run_of(config)->model);
    CU_ASSERT_EQUAL(run_of(config)->seed, 1);
    CU_ASSERT_EQUAL(run_of(config)->unset, 0);
    expect_origin(config, NULL, "array", "rows", "default");
    CU_ASSERT_TRUE(config_is_default(config, "array", "rows"));
    CU_ASSERT_TRUE(config_is_default(config, "run", "model"));
    CU_ASSERT_TRUE(config_is_default(config, "array", "bits"));
    CU_ASSERT_PTR_NULL(config_origin(config, "array", "bits"));
    CU_ASSERT_PTR_NULL(config_origin(config, "dac", "bits"));
    CU_ASSERT_PTR_NULL(config_get(config, "dac"));
    size_t count = 0;
    CU_ASSERT_PTR_EQUAL(config_sections(config, &count), sample_sections);
    CU_ASSERT_EQUAL(count, N_SAMPLE_SECTIONS);
    config_free(config);
    config_free(NULL);
}

static void every_type(void) {
    struct scratch scratch;
    struct config *config = sample_create();
    scratch_open(&scratch);
    sample_load(config, &scratch, "a.yaml",
                "array:\n  rows: 37\n  flip: yes\n  t_read: 2.385 us\n  r_on: 1 Mohm\n"
                "  drift: [0.5, 1e-3, 0]\n"
                "adc: {bits: 6, transfer: full_range}\n"
                "run:\n  model: nets/a.onnx\n  name: \"37 rows\"\n  seed: 9223372036854775807\n"
                "  unset: 9\n");
    CU_ASSERT_EQUAL(array_of(config)->rows, 37);
    CU_ASSERT_FALSE(config_is_default(config, "array", "rows"));
    CU_ASSERT_FALSE(config_is_default(config, "run", "model"));
    CU_ASSERT_EQUAL(array_of(config)->columns, 128);
    CU_ASSERT(array_of(config)->flip);
    CU_ASSERT_EQUAL(array_of(config)->t_read_s, 2.385e-6);
    CU_ASSERT_EQUAL(array_of(config)->r_on_ohm, 1e6);
    CU_ASSERT_EQUAL_FATAL(array_of(config)->drift.count, 3);
    CU_ASSERT_EQUAL(array_of(config)->drift.values[0], 0.5);
    CU_ASSERT_EQUAL(array_of(config)->drift.values[1], 1e-3);
    CU_ASSERT_EQUAL(array_of(config)->drift.values[2], 0);
    CU_ASSERT_EQUAL(adc_of(config)->bits, 6);
    CU_ASSERT_EQUAL(adc_of(config)->transfer, 1);
    expect_text(run_of(config)->model, scratch_path(&scratch, "nets/a.onnx"));
    CU_ASSERT_STRING_EQUAL(run_of(config)->name, "37 rows");
    CU_ASSERT_EQUAL(run_of(config)->seed, 9223372036854775807u);
    CU_ASSERT_EQUAL(run_of(config)->unset, 9);
    expect_origin(config, &scratch, "array", "t_read", "a.yaml:4");
    expect_origin(config, &scratch, "array", "columns", "default");
    scratch_close(&scratch);
    config_free(config);
}

/* ~ unsets texts, paths, lists and what has no default; a section without keys changes nothing. */
static void unsetting(void) {
    struct scratch scratch;
    struct config *config = sample_create();
    scratch_open(&scratch);
    sample_load(config, &scratch, "a.yaml",
                "array: {drift: 0.25}\nadc:\nrun: {model: a, unset: 3}\nlayers: ~\n");
    CU_ASSERT_EQUAL(array_of(config)->drift.count, 1);
    CU_ASSERT_EQUAL(run_of(config)->unset, 3);
    sample_load(config, &scratch, "b.yaml",
                "array: {drift: ~}\nrun: {model: ~, name: null, unset: }\n");
    CU_ASSERT_PTR_NULL(array_of(config)->drift.values);
    CU_ASSERT_EQUAL(array_of(config)->drift.count, 0);
    CU_ASSERT_PTR_NULL(run_of(config)->model);
    CU_ASSERT_PTR_NULL(run_of(config)->name);
    CU_ASSERT_EQUAL(run_of(config)->unset, 0);
    sample_set(config, "array.drift=[]");
    CU_ASSERT_EQUAL(array_of(config)->drift.count, 0);
    sample_load(config, &scratch, "empty.yaml", "");
    sample_load(config, &scratch, "nothing.yaml", "---\n");
    scratch_close(&scratch);
    config_free(config);
}

static void base_files(void) {
    struct scratch scratch;
    struct config *config = sample_create();
    scratch_open(&scratch);
    sample_write(&scratch, "low.yaml", "array: {rows: 37, columns: 11}\nrun: {model: x.onnx}\n");
    sample_write(&scratch, "middle.yaml", "array: {rows: 64, flip: on}\nbase: low.yaml\n");
    sample_load(config, &scratch, "top.yaml", "base: middle.yaml\narray:\n  flip: off\n");
    CU_ASSERT_EQUAL(array_of(config)->rows, 64);
    CU_ASSERT_EQUAL(array_of(config)->columns, 11);
    CU_ASSERT_FALSE(array_of(config)->flip);
    expect_origin(config, &scratch, "array", "rows", "middle.yaml:1");
    expect_origin(config, &scratch, "array", "columns", "low.yaml:1");
    expect_origin(config, &scratch, "array", "flip", "top.yaml:3");
    expect_text(run_of(config)->model, scratch_path(&scratch, "x.onnx"));
    scratch_close(&scratch);
    config_free(config);
}

static void command_line(void) {
    struct config *config = sample_create();
    sample_set(config, "array.rows=37");
    sample_set(config, " array.t_read = 5 us");
    sample_set(config, "run.model=some/where.onnx");
    sample_set(config, "run.name=a=b");
    sample_set(config, "adc.bits=worst");
    sample_set(config, "array.drift=[0.5, 1]");
    CU_ASSERT_EQUAL(array_of(config)->rows, 37);
    CU_ASSERT_EQUAL(array_of(config)->t_read_s, 5e-6);
    CU_ASSERT_STRING_EQUAL(run_of(config)->model, "some/where.onnx");
    CU_ASSERT_STRING_EQUAL(run_of(config)->name, "a=b");
    CU_ASSERT_EQUAL(adc_of(config)->bits, -2);
    CU_ASSERT_EQUAL(array_of(config)->drift.count, 2);
    expect_origin(config, NULL, "array", "rows", "--set");
    sample_set(config, "run.name=");
    CU_ASSERT_PTR_NULL(run_of(config)->name);
    config_free(config);
}

static void required_fields(void) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct config *config = sample_create();
    CU_ASSERT_EQUAL(config_finish(config, &diag), STATUS_USAGE);
    expect_text(diag.message, "run.model is not set and has no default (ONNX file): write "
                              "\"model:\" below \"run:\" or give --set run.model=...");
    scratch_open(&scratch);
    sample_load(config, &scratch, "a.yaml", "array: {rows: 1}\n");
    CU_ASSERT_EQUAL(config_finish(config, &diag), STATUS_USAGE);
    strip_folder(&scratch, diag.message);
    CU_ASSERT_EQUAL(strncmp(diag.message, "a.yaml: run.model is not set", 28), 0);
    sample_set(config, "run.model=a.onnx");
    ASSERT_OK(config_finish(config, &diag), diag);
    scratch_close(&scratch);
    config_free(config);
}

static void values_as_text(void) {
    struct config *config = sample_create();
    const struct config_section *array = sample_sections[0], *run = sample_sections[2];
    char text[32], narrow[4];
    sample_set(config, "array.t_read=0.3 us");
    expect_text(config_value_text(config, array, &array->fields[0], text, sizeof text), "128");
    expect_text(config_value_text(config, array, &array->fields[3], text, sizeof text), "3e-07");
    expect_text(config_value_text(config, array, &array->fields[5], text, sizeof text), "~");
    expect_text(config_value_text(config, run, &run->fields[1], text, sizeof text),
                "\"first try\"");
    expect_text(config_value_text(config, run, &run->fields[1], narrow, sizeof narrow), "\"fi");
    config_free(config);
}

/* A default that its own field refuses is a bug of the table. */
static void wrong_default(void) {
    static const struct config_field fields[] = {
        {"rows", FIELD_INT, 0, "12x", 1, 64, UNIT_NONE, NULL, 0, "word lines"}};
    static const struct config_section section = {"array", "", fields, 1, sizeof(int)};
    static const struct config_section *const sections[] = {&section};
    struct diagnostic diag = {0};
    struct config *config;
    CU_ASSERT_EQUAL(config_create(sections, 1, &config, &diag), STATUS_INTERNAL);
    expect_text(diag.message, "default: array.rows: expected an integer from 1 to 64, got \"12x\"");
    CU_ASSERT_PTR_NULL(config);
}

/* Everything a configuration goes through; whether it succeeded. */
static enum status whole_life(const char *path, struct diagnostic *diag) {
    struct config *config = NULL;
    struct arena arena = ARENA_INIT;
    enum status status = config_create(sample_sections, N_SAMPLE_SECTIONS, &config, diag);
    if (status == STATUS_OK)
        status = config_load(config, path, diag);
    if (status == STATUS_OK)
        status = config_override(config, "layers.conv1.adc.bits=5", diag);
    if (status == STATUS_OK)
        status = config_finish(config, diag);
    if (status == STATUS_OK && config_dump(config, true, &arena) == NULL)
        status = STATUS_MEMORY;
    arena_free(&arena);
    config_free(config);
    return status;
}

static void short_memory(void) {
    static const char yaml[] = "run: {model: a.onnx}\nlayers: {\"*\": {adc.bits: 7}}\n";
    struct scratch scratch;
    bool failed = malloc_fail_works();
    scratch_open(&scratch);
    const char *path = scratch_write(&scratch, "a.yaml", yaml, sizeof yaml - 1);
    for (long n = 1; failed; n += n < 40 ? 1 : 7) {
        struct diagnostic diag = {0};
        malloc_fail_at(n);
        enum status status = whole_life(path, &diag);
        failed = malloc_fail_end();
        CU_ASSERT_EQUAL(status, failed ? STATUS_MEMORY : STATUS_OK);
    }
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"defaults", defaults},
    {"a value of every type", every_type},
    {"unsetting", unsetting},
    {"a file over its base over the base of that", base_files},
    {"--set", command_line},
    {"required fields", required_fields},
    {"values as text", values_as_text},
    {"a wrong default is a bug", wrong_default},
    {"short memory", short_memory},
    {NULL, NULL},
};
const struct test_suite suite_config = {"config", cases};
