/* Cost models of converters against the printed vectors, and the options of adc and dac. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "peripherals/adc.h"
#include "tests/test.h"

static const struct adc_model *model(const char *name) {
    const struct adc_model *found = adc_model_find(name);
    if (found == NULL)
        CU_FAIL_FATAL("no such ADC model");
    return found;
}

static struct adc_conditions at(double rate_hz, double node_m) {
    struct adc_conditions conditions = adc_conditions_default;
    conditions.rate_hz = rate_hz;
    conditions.node_m = node_m;
    return conditions;
}

static struct adc_cost cost_of(const char *name, int bits, const struct adc_conditions *where) {
    struct adc_cost cost;
    struct diagnostic diag = {0};
    CU_ASSERT_EQUAL_FATAL(adc_model_cost(model(name), bits, where, &cost, &diag), STATUS_OK);
    return cost;
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
    const struct adc_conditions where = at(1.2e9, 32e-9);
    for (int bits = 1; bits <= 10; bits++) {
        struct adc_cost cost = cost_of("isaac", bits, &where);
        CU_ASSERT_DOUBLE_EQUAL(cost.power_w * 1e3, printed[bits - 1].power_mw, 5.1e-5);
        CU_ASSERT_DOUBLE_EQUAL(cost.energy_per_conversion_j * 1e12, printed[bits - 1].energy_pj,
                               5.1e-5);
        CU_ASSERT_DOUBLE_EQUAL(cost.area_m2 * 1e12, printed[bits - 1].area_um2, 0.051);
        CU_ASSERT_DOUBLE_EQUAL(cost.time_s, 1 / 1.2e9, 1e-21);
    }
}

/* The part's power is the printed one at whatever rate it runs: 128 columns in 100 ns, 1.28 GS/s.
 */
static void isaac_at_the_rate_of_the_chip(void) {
    const struct adc_conditions where = at(128 / 100e-9, 32e-9);
    struct adc_cost cost = cost_of("isaac", 8, &where);
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_per_conversion_j * 1e12, 1.5625, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(cost.power_w * 1e3, 2, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(cost.area_m2 * 1e12, 1200, 1e-9);
}

/* 32 parts of 4 bits: 15.2 mW and 0.0091 mm2, printed to three and two digits. */
static void forms_gives_its_printed_part(void) {
    const struct adc_conditions where = at(2.1e9, 32e-9);
    struct adc_cost cost = cost_of("forms", 4, &where);
    CU_ASSERT_DOUBLE_EQUAL(cost.power_w * 32e3, 15.2, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(cost.area_m2 * 32e6, 0.0091, 5e-5);
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_per_conversion_j * 1e12, 0.475 / 2.1, 1e-9);
    cost = cost_of("forms", 8, &where);
    CU_ASSERT_DOUBLE_EQUAL(cost.area_m2 * 1e12, 1200, 1e-9);
}

static void murmann_gives_the_printed_vectors(void) {
    static const struct {
        int bits;
        double rate_hz, node_m, energy_pj, area_um2;
    } printed[] = {
        {4, 1e9, 32e-9, .9237, 4964},   {5, 1e9, 32e-9, .9363, 4984},
        {6, 1e9, 32e-9, 1.065, 5180},   {7, 1e9, 32e-9, 1.312, 5513},
        {8, 1e9, 32e-9, 1.714, 5972},   {9, 1e9, 32e-9, 4.697, 8074},
        {10, 1e9, 32e-9, 13.95, 11180}, {8, 1.2e9, 32e-9, 1.849, 6313},
        {8, 1e8, 32e-9, 1.714, 3939},   {8, 1e9, 65e-9, 6.494, 17983},
    };
    for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
        const struct adc_conditions where = at(printed[i].rate_hz, printed[i].node_m);
        struct adc_cost cost = cost_of("murmann", printed[i].bits, &where);
        double energy_pj = cost.energy_per_conversion_j * 1e12;
        CU_ASSERT_DOUBLE_EQUAL(energy_pj, printed[i].energy_pj, 4e-4 * energy_pj);
        CU_ASSERT_DOUBLE_EQUAL(cost.area_m2 * 1e12, printed[i].area_um2,
                               4e-4 * printed[i].area_um2);
        CU_ASSERT_DOUBLE_EQUAL(cost.power_w, cost.energy_per_conversion_j * where.rate_hz, 1e-15);
        CU_ASSERT_DOUBLE_EQUAL(cost.leakage_w, 0.2 * cost.power_w, 1e-15);
    }
}

/* By hand, for the part's own speed and for a slower chip, at awkward conditions. */
static void zigzag_by_hand(void) {
    struct adc_conditions where = at(1e12, 32e-9);
    struct adc_cost cost = cost_of("zigzag", 8, &where);
    CU_ASSERT_DOUBLE_EQUAL(cost.area_m2 * 1e12, 2084.7, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(cost.time_s * 1e9, 11.8067, 5e-5);
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_per_conversion_j * 1e15, 701.084, 5e-4);
    CU_ASSERT_DOUBLE_EQUAL(cost.power_w * 1e6, 701.084 / 11.8067, 1e-3);
    where.rows = 37;
    where.supply_v = 0.8;
    where.rate_hz = 50e6;
    cost = cost_of("zigzag", 5, &where);
    CU_ASSERT_DOUBLE_EQUAL(cost.area_m2 * 1e12, 336.24, 0.01);
    CU_ASSERT_DOUBLE_EQUAL(cost.time_s * 1e9, 4.40805, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_per_conversion_j * 1e15, 320.655, 1e-3);
    CU_ASSERT_DOUBLE_EQUAL(cost.power_w * 1e6, 320.655 * 50e-3, 1e-3);
}

/* 8 bits: 2 mW and 100 ns for 128 columns, ISAAC's 1.5625 pJ; 3 bits a 64th of 9 parts of it; at a
 * tenth of its speed the leakage of a conversion is tenfold. */
static void puma_by_hand(void) {
    struct adc_conditions where = at(1.28e9, 32e-9);
    struct adc_cost cost = cost_of("puma", 8, &where);
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_per_conversion_j * 1e12, 1.5625, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(cost.time_s * 128e9, 100, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(cost.power_w * 1e3, 2, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(cost.leakage_w * 1e3, 0.2, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(cost.area_m2 * 1e12, 1200, 1e-9);
    where.rate_hz = 1e12;
    cost = cost_of("puma", 3, &where);
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_per_conversion_j * 1e12, 1.5625 * 9 / 64, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(cost.area_m2 * 1e12, 1200, 1e-9);
    where.rate_hz = 0.128e9;
    cost = cost_of("puma", 8, &where);
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_per_conversion_j * 1e12, 1.5625 * (0.9 + 0.1 * 10), 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(cost.power_w * 1e3, 1.8 * 0.1 + 0.2, 1e-12);
}

/* 9 bits in 1 / 1.2 GHz for 3.1 mW; 6 bits cost two thirds. */
static void newton_by_hand(void) {
    const struct adc_conditions where = at(2e9, 32e-9), slow = at(0.6e9, 32e-9);
    struct adc_cost cost = cost_of("newton", 9, &where);
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_per_conversion_j * 1e12, 2.58333, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(cost.time_s * 1e9, 0.833333, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(cost.power_w * 1e3, 3.1, 1e-12);
    cost = cost_of("newton", 6, &slow);
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_per_conversion_j * 1e12, 1.72222, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(cost.power_w * 1e3, 3.1 / 3, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(cost.area_m2 * 1e12, 1500, 1e-9);
}

/* The entries, (bits + 2) samples a conversion; 5, 7 and 9 bits use the part above. */
static void mnsim_gives_its_parts(void) {
    static const struct {
        double rate_ghz, power_mw, area_um2;
        int part;
    } printed[] = {{1, .7, 500, 4},      {1, 1.26, 580, 6},  {1, 1.26, 580, 6},
                   {1.28, 2, 1200, 8},   {1.28, 2, 1200, 8}, {1.5, 6.92, 1600, 10},
                   {1.5, 6.92, 1600, 10}};
    const struct adc_conditions where = at(1e12, 32e-9);
    for (int bits = 4; bits <= 10; bits++) {
        struct adc_cost cost = cost_of("mnsim", bits, &where);
        double time_ns = (printed[bits - 4].part + 2) / printed[bits - 4].rate_ghz;
        CU_ASSERT_DOUBLE_EQUAL(cost.time_s * 1e9, time_ns, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(cost.power_w * 1e3, printed[bits - 4].power_mw, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(cost.energy_per_conversion_j * 1e12,
                               time_ns * printed[bits - 4].power_mw, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(cost.area_m2 * 1e12, printed[bits - 4].area_um2, 1e-9);
    }
}

/* 4 bits: sample 1.2 pJ, integrator 0.25 pJ, eight steps of 0.3 pJ; 750 um2; no time. */
static void neurram_by_hand(void) {
    const struct adc_conditions where = at(1e6, 32e-9);
    struct adc_cost cost = cost_of("neurram", 4, &where);
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_per_conversion_j * 1e12, 3.85, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(cost.area_m2 * 1e12, 750, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(cost.power_w * 1e6, 3.85, 1e-9);
    CU_ASSERT(isnan(cost.time_s));
}

static void neurosim_by_hand(void) {
    struct adc_conditions where = at(1e12, 32e-9);
    struct adc_cost cost = cost_of("neurosim-sar", 7, &where);
    CU_ASSERT_DOUBLE_EQUAL(cost.time_s * 1e9, 8, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(cost.power_w * 1e6, 24.92999, 1e-4);
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_per_conversion_j * 1e12, .199440, 1e-6);
    CU_ASSERT(isnan(cost.area_m2));
    where = (struct adc_conditions){
        .rate_hz = 1e12, .node_m = 22e-9, .temperature_k = 350, .column_ohm = 3e3, .read_v = 0.8};
    cost = cost_of("neurosim-sar", 5, &where);
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_per_conversion_j * 1e12, 0.291351, 1e-5);
    where = at(1e12, 130e-9);
    CU_ASSERT_DOUBLE_EQUAL(cost_of("neurosim-sar", 8, &where).power_w * 1e6, 149.7393, 1e-3);
    where.node_m = 7e-9;
    CU_ASSERT_DOUBLE_EQUAL(cost_of("neurosim-sar", 8, &where).power_w * 1e6, 6.08178, 1e-4);
}

static void every_model_is_sound_over_its_range(void) {
    const struct adc_conditions where = at(1.2e9, 32e-9), other = at(1.2e9, 65e-9);
    for (int i = 0; i < n_adc_models; i++) {
        const struct adc_model *each = &adc_models[i];
        double area = 0, energy = 0;
        CU_ASSERT(each->source != NULL && each->minimum_bits >= 1);
        CU_ASSERT(each->maximum_bits <= ADC_BITS_MAX);
        CU_ASSERT_STRING_EQUAL(each->name, adc_model_words[ADC_MODEL_FIRST + i]);
        for (int bits = each->minimum_bits; bits <= each->maximum_bits; bits++) {
            struct adc_cost cost = cost_of(each->name, bits, &where);
            struct adc_cost elsewhere = cost_of(each->name, bits, &other);
            CU_ASSERT(cost.energy_per_conversion_j >= energy && cost.power_w > 0);
            CU_ASSERT(cost.leakage_w >= 0 && cost.leakage_w < cost.power_w);
            CU_ASSERT_EQUAL(each->has_area, cost.area_m2 > 0);
            CU_ASSERT_EQUAL(each->has_time, cost.time_s > 0);
            CU_ASSERT(!each->has_area || cost.area_m2 >= area);
            CU_ASSERT_EQUAL(each->scales,
                            cost.energy_per_conversion_j != elsewhere.energy_per_conversion_j);
            area = cost.area_m2;
            energy = cost.energy_per_conversion_j;
        }
    }
    CU_ASSERT_PTR_NULL(adc_model_words[ADC_MODEL_FIRST + n_adc_models]);
    CU_ASSERT_STRING_EQUAL(adc_model_words[ADC_MODEL_CHIP], "chip");
    CU_ASSERT_STRING_EQUAL(adc_model_words[ADC_MODEL_ALL], "all");
    CU_ASSERT_PTR_NULL(adc_model_find("isac"));
}

static void models_refuse_what_they_do_not_hold_for(void) {
    static const struct {
        const char *name;
        int bits;
        double node_m;
        const char *message;
    } wrong[] = {
        {"murmann", 3, 32e-9, "ADC model murmann holds for 4 to 16 bits, not for 3"},
        {"newton", 10, 32e-9, "ADC model newton holds for 1 to 9 bits, not for 10"},
        {"mnsim", 11, 32e-9, "ADC model mnsim holds for 4 to 10 bits, not for 11"},
        {"neurosim-sar", 8, 28e-9,
         "ADC model neurosim-sar has no coefficients for 28 nm: it holds at 130 90 65 45 32 22 14 "
         "10 "
         "7 nm (low power)"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const struct adc_conditions where = at(1e9, wrong[i].node_m);
        struct diagnostic diag = {0};
        struct adc_cost cost;
        CU_ASSERT_EQUAL(adc_model_cost(model(wrong[i].name), wrong[i].bits, &where, &cost, &diag),
                        STATUS_USAGE);
        CU_ASSERT_STRING_EQUAL(diag.message, wrong[i].message);
        CU_ASSERT(isnan(cost.energy_per_conversion_j));
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
    CU_ASSERT_EQUAL(adc->columns_per_adc, ADC_COLUMNS_CHIP);
    CU_ASSERT_EQUAL(dac->bits, 1);
    CU_ASSERT_DOUBLE_EQUAL(dac->activity, 0.5, 0);
    CU_ASSERT_EQUAL(adc->model, ADC_MODEL_CHIP);
    const struct adc_conditions own = adc_conditions_of(adc, 1.2e9, 32e-9, 128);
    CU_ASSERT_EQUAL(own.supply_v, adc_conditions_default.supply_v);
    CU_ASSERT_EQUAL(own.temperature_k, adc_conditions_default.temperature_k);
    CU_ASSERT_EQUAL(own.column_ohm, adc_conditions_default.column_ohm);
    CU_ASSERT_EQUAL(own.read_v, adc_conditions_default.read_v);
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
        CU_ASSERT_EQUAL(((const struct adc_options *)config_get(config, "adc"))->model,
                        ADC_MODEL_FIRST + i);
    }
    config_free(config);
}

static void values_out_of_range_are_refused(void) {
    static const char *const wrong[] = {"adc.bits=40",
                                        "adc.bits=0",
                                        "adc.bits=losless",
                                        "adc.transfer=clipp",
                                        "adc.columns_per_adc=0",
                                        "adc.columns_per_adc=chips",
                                        "dac.bits=9",
                                        "dac.activity=1.5"};
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
    {"forms gives its printed part", forms_gives_its_printed_part},
    {"murmann gives the printed vectors", murmann_gives_the_printed_vectors},
    {"zigzag by hand", zigzag_by_hand},
    {"puma by hand", puma_by_hand},
    {"newton by hand", newton_by_hand},
    {"mnsim gives its parts", mnsim_gives_its_parts},
    {"neurram by hand", neurram_by_hand},
    {"neurosim-sar by hand", neurosim_by_hand},
    {"models refuse what they do not hold for", models_refuse_what_they_do_not_hold_for},
    {"every model is sound over its range", every_model_is_sound_over_its_range},
    {"options have their defaults", options_have_their_defaults},
    {"words name their enumerators", words_name_their_enumerators},
    {"values out of range are refused", values_out_of_range_are_refused},
    {NULL, NULL},
};
const struct test_suite suite_adc_models = {"adc_models", cases};
