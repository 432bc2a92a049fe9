/* `layers:`: order, both notations, refusals, patterns against a network. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/sample_config.h"
#include "tests/test.h"

static int bits_of(const struct config *config, const char *layer) {
    struct sample_adc adc;
    struct diagnostic diag = {0};
    ASSERT_OK(config_get_layer(config, "adc", layer, &adc, &diag), diag);
    return adc.bits;
}

static int rows_of(const struct config *config, const char *layer) {
    struct sample_array array;
    struct diagnostic diag = {0};
    ASSERT_OK(config_get_layer(config, "array", layer, &array, &diag), diag);
    CU_ASSERT_EQUAL(array.columns, 128);
    return array.rows;
}

static void both_notations(void) {
    struct scratch scratch;
    struct config *config = sample_create();
    scratch_open(&scratch);
    sample_load(config, &scratch, "a.yaml",
                "layers:\n"
                "  layer?.*.conv1: {adc.bits: 7, array.rows: 37}\n"
                "  fc:\n"
                "    adc:\n      bits: worst\n      transfer: full_range\n"
                "    array: {t_read: 5 us}\n"
                "adc: {bits: 9}\n");
    CU_ASSERT_EQUAL(bits_of(config, "layer2.0.conv1"), 7);
    CU_ASSERT_EQUAL(rows_of(config, "layer2.0.conv1"), 37);
    CU_ASSERT_EQUAL(bits_of(config, "layer2.0.conv2"), 9);
    CU_ASSERT_EQUAL(rows_of(config, "layer2.0.conv2"), 128);
    CU_ASSERT_EQUAL(bits_of(config, "fc"), -2);
    CU_ASSERT_EQUAL(rows_of(config, "fc"), 128);
    CU_ASSERT_EQUAL(config_layer_overrides(config), 5);
    const char *pattern, *section, *key, *value;
    config_layer_override(config, 4, &pattern, &section, &key, &value);
    CU_ASSERT_STRING_EQUAL(pattern, "fc");
    CU_ASSERT_STRING_EQUAL(section, "array");
    CU_ASSERT_STRING_EQUAL(key, "t_read");
    CU_ASSERT_STRING_EQUAL(value, "5e-06");
    scratch_close(&scratch);
    config_free(config);
}

static void later_wins(void) {
    struct scratch scratch;
    struct config *config = sample_create();
    scratch_open(&scratch);
    sample_write(&scratch, "base.yaml", "layers: {conv1: {adc.bits: 5}, \"*\": {adc.bits: 6}}\n");
    sample_load(config, &scratch, "a.yaml", "layers: {conv2: {adc.bits: 7}}\nbase: base.yaml\n");
    CU_ASSERT_EQUAL(bits_of(config, "conv1"), 6); /* the pattern came after the name */
    CU_ASSERT_EQUAL(bits_of(config, "conv2"), 7); /* the file after its base */
    sample_set(config, "layers.conv1.adc.bits=8");
    CU_ASSERT_EQUAL(bits_of(config, "conv1"), 8); /* and --set after both, at its own place */
    CU_ASSERT_EQUAL(bits_of(config, "conv2"), 7); /* the others stay */
    CU_ASSERT_EQUAL(bits_of(config, "conv3"), 6);
    CU_ASSERT_EQUAL(config_layer_overrides(config), 3);
    sample_set(config, "layers.*.adc.bits=9");
    CU_ASSERT_EQUAL(bits_of(config, "conv1"), 9);
    sample_set(config, "layers.layer1.0.conv.adc.bits=4"); /* a name with dots of its own */
    CU_ASSERT_EQUAL(bits_of(config, "layer1.0.conv"), 4);
    sample_load(config, &scratch, "list.yaml",
                "layers:\n- conv1: {adc.bits: 3}\n- {\"c*\": {array.rows: 11}}\n"
                "- conv1: {array.rows: 37}\n");
    CU_ASSERT_EQUAL(bits_of(config, "conv1"), 3);
    CU_ASSERT_EQUAL(rows_of(config, "conv1"), 37);
    CU_ASSERT_EQUAL(rows_of(config, "conv2"), 11);
    scratch_close(&scratch);
    config_free(config);
}

static void refusals(void) {
    sample_refuse("layers:\n  conv1:\n    array.columns: 64\n",
                  "a.yaml:3:5: layers: \"conv1\": array.columns is one for the whole network and "
                  "cannot differ between layers; set it in section \"array\"");
    sample_refuse("layers: {conv1: {adc.bitz: 4}}\n",
                  "a.yaml:1:18: unknown key \"bitz\" in section \"adc\" (did you mean \"bits\"?)");
    sample_refuse("layers: {conv1: {adcs.bits: 4}}\n",
                  "a.yaml:1:18: unknown section \"adcs\" (did you mean \"adc\"?)");
    sample_refuse("layers: {conv1: {transfer: clip}}\n",
                  "a.yaml:1:18: unknown section \"transfer\" (it is a key of section \"adc\")");
    sample_refuse("layers: {conv1: {adc.bits: 40}}\n",
                  "a.yaml:1:28: layers: \"conv1\": adc.bits: expected an integer from 1 to 16, or "
                  "lossless or worst, got \"40\"");
    sample_refuse("layers:\n  conv1:\n    adc.bits: 4\n    adc: {bits: 5}\n",
                  "a.yaml:4:11: layers: \"conv1\": adc.bits is given twice, first at a.yaml:3");
    sample_refuse("layers: {conv1: 4}\n",
                  "a.yaml:1:17: layers: \"conv1\": expected fields with values such as {adc.bits: "
                  "6}, got \"4\"");
    sample_refuse("layers: {conv1: {adc: 4}}\n",
                  "a.yaml:1:23: layers: section \"adc\": expected keys with values, got \"4\"");
    sample_refuse("layers: conv1\n", "a.yaml:1:9: layers: expected layer names or patterns with "
                                     "fields below, got \"conv1\"");
    sample_refuse("layers: [[]]\n", "a.yaml:1:10: layers: expected layer names or patterns with "
                                    "fields below, got a list");
}

/* 10,000 values are the most; one pattern says the same. */
static void too_many(void) {
    enum { LAYERS = 10001, LINE = 32 };
    char *yaml = malloc(LAYERS * LINE + 16);
    CU_ASSERT_PTR_NOT_NULL_FATAL(yaml);
    int length = sprintf(yaml, "layers:\n");
    for (int i = 0; i < LAYERS; i++)
        length += sprintf(yaml + length, "  n%d: {adc.bits: 4}\n", i);
    sample_refuse(yaml, "a.yaml:10002:12: layers: more than 10000 values; use patterns (*)");
    free(yaml);
}

static void patterns_of_a_network(void) {
    static const char *const names[] = {"conv1", "layer1.0.conv1", "fc"};
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct config *config = sample_create();
    ASSERT_OK(config_check_layers(config, names, 3, &diag), diag);
    sample_set(config, "layers.*conv1.adc.bits=5");
    ASSERT_OK(config_check_layers(config, names, 3, &diag), diag);
    sample_set(config, "layers.conv2.adc.bits=5");
    CU_ASSERT_EQUAL(config_check_layers(config, names, 3, &diag), STATUS_USAGE);
    expect_text(diag.message, "--set layers.conv2.adc.bits=5: layers: \"conv2\" matches no layer "
                              "of the network (did you mean \"conv1\"?)");
    config_free(config);
    config = sample_create();
    scratch_open(&scratch);
    sample_load(config, &scratch, "a.yaml", "layers:\n  stem*:\n    adc.bits: 5\n");
    CU_ASSERT_EQUAL(config_check_layers(config, names, 3, &diag), STATUS_USAGE);
    strip_folder(&scratch, diag.message);
    expect_text(diag.message, "a.yaml:3:5: layers: \"stem*\" matches no layer of the network (the "
                              "first of its 3 is conv1)");
    CU_ASSERT_EQUAL(config_check_layers(config, NULL, 0, &diag), STATUS_USAGE);
    struct sample_adc adc;
    CU_ASSERT_EQUAL(config_get_layer(config, "dac", "fc", &adc, &diag), STATUS_INTERNAL);
    scratch_close(&scratch);
    config_free(config);
}

static const struct test_case cases[] = {
    {"dotted and nested", both_notations},
    {"later wins", later_wins},
    {"refusals", refusals},
    {"too many", too_many},
    {"patterns against the layers of a network", patterns_of_a_network},
    {NULL, NULL},
};
const struct test_suite suite_config_layers = {"config_layers", cases};
