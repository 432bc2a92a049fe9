#include "tests/support/sample_config.h"

#include <stdio.h>
#include <string.h>

#include "tests/test.h"

static const char *const adc_words[] = {"lossless", "worst", NULL};
static const char *const transfers[] = {"clip", "full_range", "calibrated", NULL};

#define ARRAY(member) offsetof(struct sample_array, member)
#define ADC(member)   offsetof(struct sample_adc, member)
#define RUN(member)   offsetof(struct sample_run, member)

static const struct config_field array_fields[] = {
    {"rows", FIELD_INT, ARRAY(rows), "128", 1, 4096, UNIT_NONE, NULL, FIELD_PER_LAYER,
     "word lines"},
    {"columns", FIELD_INT, ARRAY(columns), "128", 1, 4096, UNIT_NONE, NULL, 0, "bit lines"},
    {"flip", FIELD_BOOL, ARRAY(flip), "false", 0, 0, UNIT_NONE, NULL, 0, "store the complement"},
    {"t_read", FIELD_REAL, ARRAY(t_read_s), "100 ns", 1e-9, 1, UNIT_SECOND, NULL, FIELD_PER_LAYER,
     "read time"},
    {"r_on", FIELD_REAL, ARRAY(r_on_ohm), "10 kohm", 0, 0, UNIT_OHM, NULL, 0, "low resistance"},
    {"drift", FIELD_REALS, ARRAY(drift), NULL, 0, 1, UNIT_NONE, NULL, 0, "drift by level"},
};
static const struct config_field adc_fields[] = {
    {"bits", FIELD_INT_WORD, ADC(bits), "lossless", 1, 16, UNIT_NONE, adc_words, FIELD_PER_LAYER,
     "resolution"},
    {"transfer", FIELD_CHOICE, ADC(transfer), "clip", 0, 0, UNIT_NONE, transfers, FIELD_PER_LAYER,
     "transfer function"},
};
static const struct config_field run_fields[] = {
    {"model", FIELD_PATH, RUN(model), NULL, 0, 0, UNIT_NONE, NULL, FIELD_REQUIRED, "ONNX file"},
    {"name", FIELD_STRING, RUN(name), "first try", 0, 0, UNIT_NONE, NULL, FIELD_UNHASHED, "name"},
    {"seed", FIELD_UINT64, RUN(seed), "1", 0, 0, UNIT_NONE, NULL, 0, "seed"},
    {"threads", FIELD_INT, RUN(threads), "0", 0, 1024, UNIT_NONE, NULL, FIELD_UNHASHED, "threads"},
    {"unset", FIELD_INT, RUN(unset), NULL, 1, 9, UNIT_NONE, NULL, 0, "a number without default"},
    {"bits", FIELD_INT, RUN(bits), "3", 1, 9, UNIT_NONE, NULL, 0, "a key of two sections"},
};

#define COUNT(fields) (sizeof(fields) / sizeof *(fields))
static const struct config_section array_section = {
    "array", "The array", array_fields, COUNT(array_fields), sizeof(struct sample_array)};
static const struct config_section adc_section_sample = {
    "adc", "The converters", adc_fields, COUNT(adc_fields), sizeof(struct sample_adc)};
static const struct config_section run_section_sample = {
    "run", "The run", run_fields, COUNT(run_fields), sizeof(struct sample_run)};

const struct config_section *const sample_sections[] = {&array_section, &adc_section_sample,
                                                        &run_section_sample};

struct config *sample_create(void) {
    struct diagnostic diag = {0};
    struct config *config;
    ASSERT_OK(config_create(sample_sections, N_SAMPLE_SECTIONS, &config, &diag), diag);
    return config;
}

void sample_write(struct scratch *scratch, const char *name, const char *yaml) {
    scratch_write(scratch, name, yaml, strlen(yaml));
}

void sample_load(struct config *config, struct scratch *scratch, const char *name,
                 const char *yaml) {
    struct diagnostic diag = {0};
    const char *path = scratch_write(scratch, name, yaml, strlen(yaml));
    ASSERT_OK(config_load(config, path, &diag), diag);
}

void sample_set(struct config *config, const char *assignment) {
    struct diagnostic diag = {0};
    ASSERT_OK(config_override(config, assignment, &diag), diag);
}

void expect_text(const char *actual, const char *expected) {
    bool equal = actual != NULL && strcmp(actual, expected) == 0;
    if (!equal)
        fprintf(stderr, "\nexpected: %s\n     got: %s\n", expected, actual);
    CU_ASSERT(equal);
}

void strip_folder(const struct scratch *scratch, char *text) {
    size_t length = strlen(scratch->folder);
    for (char *at = strstr(text, scratch->folder); at != NULL; at = strstr(at, scratch->folder)) {
        char *rest = at + length + (at[length] == '/');
        memmove(at, rest, strlen(rest) + 1);
    }
}

void sample_refuse_file(struct scratch *scratch, const char *name, const char *message) {
    struct diagnostic diag = {0};
    struct config *config = sample_create();
    CU_ASSERT_EQUAL(config_load(config, scratch_path(scratch, name), &diag), STATUS_USAGE);
    strip_folder(scratch, diag.message);
    expect_text(diag.message, message);
    config_free(config);
}

void sample_refuse(const char *yaml, const char *message) {
    struct scratch scratch;
    scratch_open(&scratch);
    sample_write(&scratch, "a.yaml", yaml);
    sample_refuse_file(&scratch, "a.yaml", message);
    scratch_close(&scratch);
}

void sample_refuse_set(const char *assignment, const char *message) {
    struct diagnostic diag = {0};
    struct config *config = sample_create();
    CU_ASSERT_EQUAL(config_override(config, assignment, &diag), STATUS_USAGE);
    expect_text(diag.message, message);
    config_free(config);
}
