/* Cost models of converters against the printed vectors, and the options of adc and dac. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "peripherals/adc.h"
#include "tests/test.h"

static const struct adc_model *model(const char *name) {
    for (int i = 0; i < n_adc_models; i++)
        if (strcmp(adc_models[i].name, name) == 0)
            return &adc_models[i];
    CU_FAIL_FATAL("no such ADC model");
    return NULL;
}

/* Power at 1.2 GS/s, energy of a conversion and area, 1 to 10 bits; to the last digit printed. */
static void isaac_gives_the_printed_vectors(void) {
    static const struct {
        double power_mw, energy_pj, area_um2;
    } printed[] = {
        {.2349, .1957, 86.0},    {.4698, .3915, 172.0},   {.7056, .5880, 262.2},
        {.9435, .7863, 361.0},   {1.1855, .9879, 476.9},  {1.4355, 1.1962, 626.9},
        {1.7016, 1.4180, 845.2}, {2.0000, 1.6667, 1200.}, {2.3629, 1.9691, 1827.9},
        {2.8548, 2.3790, 3002.},
    };
    const struct adc_model *isaac = model("isaac");
    for (int bits = 1; bits <= 10; bits++) {
        struct adc_cost cost = isaac->cost(bits, 1.2e9, 32e-9);
        CU_ASSERT_DOUBLE_EQUAL(cost.power_w * 1e3, printed[bits - 1].power_mw, 5.1e-5);
        CU_ASSERT_DOUBLE_EQUAL(cost.energy_per_conversion_j * 1e12, printed[bits - 1].energy_pj,
                               5.1e-5);
        CU_ASSERT_DOUBLE_EQUAL(cost.area_m2 * 1e12, printed[bits - 1].area_um2, 0.051);
    }
}

/* The part's power is the printed one at whatever rate it runs: 128 columns in 100 ns, 1.28 GS/s.
 */
static void isaac_at_the_rate_of_the_chip(void) {
    struct adc_cost cost = model("isaac")->cost(8, 128 / 100e-9, 32e-9);
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_per_conversion_j * 1e12, 1.5625, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(cost.power_w * 1e3, 2, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(cost.area_m2 * 1e12, 1200, 1e-9);
}

static void every_model_is_sound_over_its_range(void) {
    for (int i = 0; i < n_adc_models; i++) {
        const struct adc_model *each = &adc_models[i];
        double area = 0, power = 0;
        CU_ASSERT(each->source != NULL && each->minimum_bits >= 1);
        CU_ASSERT(each->maximum_bits <= ADC_BITS_MAX);
        for (int bits = each->minimum_bits; bits <= each->maximum_bits; bits++) {
            struct adc_cost cost = each->cost(bits, 1.2e9, 32e-9);
            CU_ASSERT(isfinite(cost.area_m2) && isfinite(cost.energy_per_conversion_j));
            CU_ASSERT(cost.area_m2 > area && cost.power_w > power);
            area = cost.area_m2;
            power = cost.power_w;
        }
    }
}

static const struct config_section *const sections[] = {&adc_section, &dac_section};

static struct config *defaults(void) {
    struct config *config = NULL;
    struct diagnostic diag = {0};
    ASSERT_OK(config_create(sections, 2, &config, &diag), diag);
    return config;
}

static void options_have_their_defaults(void) {
    struct config *config = defaults();
    const struct adc_options *adc = config_get(config, "adc");
    const struct dac_options *dac = config_get(config, "dac");
    CU_ASSERT_EQUAL(adc->bits, ADC_LOSSLESS);
    CU_ASSERT_EQUAL(adc->transfer, ADC_TRANSFER_CLIP);
    CU_ASSERT_EQUAL(adc->allocation, ADC_UNIFORM);
    CU_ASSERT_EQUAL(adc->columns_per_adc, 128);
    CU_ASSERT_EQUAL(dac->bits, 1);
    CU_ASSERT_DOUBLE_EQUAL(dac->activity, 0.5, 0);
    CU_ASSERT_STRING_EQUAL(adc_models[adc->model].name, "isaac");
    config_free(config);
}

/* Words and enums are two lists: each word must give its enumerator, each model its row. */
static void words_name_their_enumerators(void) {
    static const struct {
        const char *assignment;
        size_t offset;
        int value;
    } words[] = {
        {"adc.bits=lossless", offsetof(struct adc_options, bits), ADC_LOSSLESS},
        {"adc.bits=lossless_structural", offsetof(struct adc_options, bits),
         ADC_LOSSLESS_STRUCTURAL},
        {"adc.bits=worst", offsetof(struct adc_options, bits), ADC_WORST},
        {"adc.bits=16", offsetof(struct adc_options, bits), 16},
        {"adc.transfer=clip", offsetof(struct adc_options, transfer), ADC_TRANSFER_CLIP},
        {"adc.transfer=full_range", offsetof(struct adc_options, transfer),
         ADC_TRANSFER_FULL_RANGE},
        {"adc.allocation=uniform", offsetof(struct adc_options, allocation), ADC_UNIFORM},
        {"adc.allocation=layer", offsetof(struct adc_options, allocation), ADC_PER_LAYER},
        {"adc.allocation=array", offsetof(struct adc_options, allocation), ADC_PER_ARRAY},
        {"adc.allocation=slice", offsetof(struct adc_options, allocation), ADC_PER_SLICE},
    };
    struct config *config = defaults();
    struct diagnostic diag = {0};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        ASSERT_OK(config_override(config, words[i].assignment, &diag), diag);
        const char *adc = config_get(config, "adc");
        int value;
        memcpy(&value, adc + words[i].offset, sizeof value);
        CU_ASSERT_EQUAL(value, words[i].value);
    }
    for (int i = 0; i < n_adc_models; i++) {
        char assignment[64];
        snprintf(assignment, sizeof assignment, "adc.model=%s", adc_models[i].name);
        ASSERT_OK(config_override(config, assignment, &diag), diag);
        CU_ASSERT_EQUAL(((const struct adc_options *)config_get(config, "adc"))->model, i);
    }
    config_free(config);
}

static void values_out_of_range_are_refused(void) {
    static const char *const wrong[] = {
        "adc.bits=40",           "adc.bits=0", "adc.bits=losless", "adc.transfer=clipp",
        "adc.columns_per_adc=0", "dac.bits=9", "dac.activity=1.5"};
    struct config *config = defaults();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct diagnostic diag = {0};
        CU_ASSERT_EQUAL(config_override(config, wrong[i], &diag), STATUS_USAGE);
        CU_ASSERT(strlen(diag.message) > 0);
    }
    config_free(config);
}

static const struct test_case cases[] = {
    {"isaac gives the printed vectors", isaac_gives_the_printed_vectors},
    {"isaac at the rate of the chip", isaac_at_the_rate_of_the_chip},
    {"every model is sound over its range", every_model_is_sound_over_its_range},
    {"options have their defaults", options_have_their_defaults},
    {"words name their enumerators", words_name_their_enumerators},
    {"values out of range are refused", values_out_of_range_are_refused},
    {NULL, NULL},
};
const struct test_suite suite_adc_models = {"adc_models", cases};
