/* Section `device`: what replaces what of the preset, and what is refused as without effect. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "crossbar/device.h"
#include "tests/support/sample_config.h"
#include "tests/test.h"

static const struct config_section *const sections[] = {&device_section};

/* A configuration with the assignments, which end with NULL. */
static struct config *config_with(const char *const *assignments) {
    struct diagnostic diag = {0};
    struct config *config = NULL;
    ASSERT_OK(config_create(sections, 1, &config, &diag), diag);
    for (; *assignments != NULL; assignments++)
        ASSERT_OK(config_override(config, *assignments, &diag), diag);
    return config;
}

#define SET(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct device make(const char *const *assignments) {
    struct diagnostic diag = {0};
    struct config *config = config_with(assignments);
    struct device device;
    ASSERT_OK(device_make(config_get(config, "device"), 2, &device, &diag), diag);
    config_free(config);
    return device;
}

static void refuse(const char *const *assignments, const char *message) {
    struct diagnostic diag = {0};
    struct config *config = config_with(assignments);
    struct device device;
    CU_ASSERT_EQUAL(device_make(config_get(config, "device"), 2, &device, &diag), STATUS_USAGE);
    expect_text(diag.message, message);
    CU_ASSERT_PTR_NULL(device.name); /* nothing is left to free */
    config_free(config);
}

static void the_default_is_ideal(void) {
    struct diagnostic diag = {0};
    struct config *config = config_with(SET("device.preset=ideal"));
    const struct device_options *options = config_get(config, "device");
    CU_ASSERT(isnan(options->programming_sigma) && isnan(options->stuck_on) &&
              isnan(options->stuck_off) && isnan(options->drift_time_s) &&
              isnan(options->drift_nu) && isnan(options->drift_nu_sigma) &&
              isnan(options->read_noise) && isnan(options->read_noise_slope) &&
              isnan(options->on_off_ratio));
    CU_ASSERT(options->programming_model == 0 && options->reference_column == 0);
    for (int cell_bits = 1; cell_bits <= 8; cell_bits++) {
        struct device device;
        ASSERT_OK(device_make(options, cell_bits, &device, &diag), diag);
        CU_ASSERT(device_is_ideal(&device));
        CU_ASSERT_STRING_EQUAL(device.name, "ideal");
        CU_ASSERT_EQUAL(strlen(device.content_hash), 32);
        device_free(&device);
    }
    config_free(config);
}

/* A number may be unset again, for the whole network or for a layer. */
static void reals_can_be_unset(void) {
    struct diagnostic diag = {0};
    struct config *config = config_with(SET("device.stuck_on=0.25", "layers.stem.device.stuck_on=~",
                                            "device.stuck_off=0.5", "device.stuck_off=~",
                                            "layers.head.device.read_noise=0.01"));
    const struct device_options *options = config_get(config, "device");
    CU_ASSERT_EQUAL(options->stuck_on, 0.25);
    CU_ASSERT(isnan(options->stuck_off));
    struct device_options layer;
    ASSERT_OK(config_get_layer(config, "device", "stem", &layer, &diag), diag);
    CU_ASSERT(isnan(layer.stuck_on));
    ASSERT_OK(config_get_layer(config, "device", "head", &layer, &diag), diag);
    CU_ASSERT_EQUAL(layer.stuck_on, 0.25);
    CU_ASSERT_EQUAL(layer.read_noise, 0.01);
    config_free(config);
}

static void options_replace_the_preset(void) {
    struct device device =
        make(SET("device.preset=neurosim", "device.programming_model=lognormal",
                 "device.programming_sigma=0.1", "device.stuck_on=0.01", "device.stuck_off=0.02",
                 "device.drift_time=1e3", "device.drift_nu=0.03", "device.drift_nu_sigma=0.04",
                 "device.read_noise=0.05", "device.read_noise_slope=0.06", "device.on_off_ratio=10",
                 "device.reference_column=false"));
    CU_ASSERT_EQUAL(device.programming_model, PROGRAMMING_LOGNORMAL);
    CU_ASSERT_EQUAL(device.programming_sigma, 0.1);
    CU_ASSERT_EQUAL(device.stuck_on, 0.01);
    CU_ASSERT_EQUAL(device.stuck_off, 0.02);
    CU_ASSERT_EQUAL(device.drift_time_s, 1000);
    CU_ASSERT_EQUAL(device.drift_nu, 0.03);
    CU_ASSERT_EQUAL(device.drift_nu_sigma, 0.04);
    CU_ASSERT_EQUAL(device.read_noise, 0.05);
    CU_ASSERT_EQUAL(device.read_noise_slope, 0.06);
    CU_ASSERT_DOUBLE_EQUAL(device.g_max_siemens, 1.0 / 6000, 1e-18);
    CU_ASSERT_DOUBLE_EQUAL(device.g_min_siemens, 1.0 / 60000, 1e-18);
    CU_ASSERT_FALSE(device.reference_column);
    CU_ASSERT_EQUAL(device.cell_area_f2, 48);
    device_free(&device);
    device = make(SET("device.preset=isaac", "device.reference_column=true"));
    CU_ASSERT(device.reference_column && device_is_ideal(&device));
    device_free(&device);
}

/* Each word of the two choices means what it says. */
static void words_name_their_models(void) {
    static const char *const words[] = {"none", "normal", "proportional", "lognormal",
                                        "polynomial"};
    for (int model = PROGRAMMING_NONE; model <= PROGRAMMING_POLYNOMIAL; model++) {
        char assignment[64];
        double sigma = model == PROGRAMMING_NONE ? 0 : 0.5;
        snprintf(assignment, sizeof assignment, "device.programming_model=%s", words[model]);
        struct device device =
            make(SET("device.preset=neurram_1s", assignment,
                     sigma > 0 ? "device.programming_sigma=0.5" : "device.programming_sigma=0"));
        CU_ASSERT_EQUAL(device.programming_model, model);
        CU_ASSERT_EQUAL(device.programming_sigma, sigma);
        device_free(&device);
    }
    struct device device = make(SET("device.preset=neurram_1s", "device.programming_model=none"));
    CU_ASSERT(device_is_ideal(&device));
    device_free(&device);
}

/* Read noise alone does not touch the programming; time 0 takes a preset's drift away. */
static void one_option_changes_one_figure(void) {
    struct device device = make(SET("device.preset=neurram_1day", "device.read_noise=0.02"));
    CU_ASSERT_EQUAL(device.programming_model, PROGRAMMING_POLYNOMIAL);
    CU_ASSERT_EQUAL(device.programming_sigma, 1);
    CU_ASSERT_EQUAL(device.polynomial.count, 5);
    CU_ASSERT_EQUAL(device.read_noise, 0.02);
    device_free(&device);
    device = make(SET("device.drift_time=0", "device.drift_nu=0.1"));
    CU_ASSERT(device_is_ideal(&device) && device.drift_time_s == device.drift_t0_s);
    device_free(&device);
    device = make(SET("device.drift_time=60", "device.drift_nu=0")); /* a sweep starts here */
    CU_ASSERT(device_is_ideal(&device));
    device_free(&device);
    device = make(SET("device.programming_model=none", "device.programming_sigma=0"));
    CU_ASSERT(device_is_ideal(&device));
    device_free(&device);
}

static void options_without_effect_are_refused(void) {
    refuse(SET("device.programming_sigma=0.1"),
           "device.programming_sigma has no effect: the preset \"ideal\" has no programming error; "
           "set device.programming_model");
    refuse(SET("device.programming_model=none", "device.programming_sigma=0.1"),
           "device.programming_sigma has no effect: device.programming_model is none; set "
           "one of them");
    refuse(SET("device.drift_time=60"), "device.drift_time has no effect: the preset \"ideal\" "
                                        "does not drift; set device.drift_nu");
    refuse(SET("device.drift_nu=0.1"), "device.drift_nu has no effect: set device.drift_time");
    refuse(SET("device.drift_nu_sigma=0.1"),
           "device.drift_nu_sigma has no effect: set device.drift_time");
    refuse(SET("device.reference_column=false"),
           "device.reference_column has no effect: off cells of the preset \"ideal\" do not "
           "conduct; set device.on_off_ratio");
}

static void options_that_cannot_be_are_refused(void) {
    refuse(SET("device.programming_model=normal"),
           "device.programming_model is normal: set device.programming_sigma too");
    refuse(SET("device.preset=neurram_1s", "device.programming_model=lognormal"),
           "device.programming_model is lognormal: set device.programming_sigma too");
    refuse(SET("device.programming_model=polynomial"),
           "device.programming_model is polynomial: the preset \"ideal\" has none; choose another "
           "device.preset");
    refuse(SET("device.stuck_on=0.7", "device.stuck_off=0.6"),
           "device.stuck_on 0.7 and device.stuck_off 0.6 are together more than all cells");
    refuse(SET("device.drift_time=0.5", "device.drift_nu=0.1"),
           "device.drift_time is 0.5 s: the preset \"ideal\" describes drift from 1 s on (0: no "
           "drift)");
    refuse(SET("device.preset=~"), "device.preset is not set: \"ideal\" is the default");
    struct diagnostic diag = {0};
    struct device device;
    struct config *config = config_with(SET("device.preset=tiny_but_accurate"));
    const struct device_options *options = config_get(config, "device");
    ASSERT_OK(device_make(options, 4, &device, &diag), diag);
    device_free(&device);
    CU_ASSERT_EQUAL(device_make(options, 5, &device, &diag), STATUS_USAGE);
    expect_text(diag.message, "crossbar.cell_bits is 5: that takes 32 levels, and "
                              "\"tiny_but_accurate\" has 16; lower it or choose another "
                              "device.preset");
    config_free(config);
}

static void values_out_of_range_are_refused(void) {
    static const struct {
        const char *assignment, *message;
    } wrong[] = {
        {"device.stuck_on=1.5",
         "--set device.stuck_on=1.5: device.stuck_on: expected a number from 0 to 1, got \"1.5\""},
        {"device.drift_time=-1 s",
         "--set device.drift_time=-1 s: device.drift_time: expected a "
         "time from 0 s to 1000000000000 s (s, ms, us, ns, ps), got \"-1 s\""},
        {"device.on_off_ratio=1", "--set device.on_off_ratio=1: device.on_off_ratio: expected a "
                                  "number from 1.01 to 1e+15, got \"1\""},
        {"device.programming_model=log_normal",
         "--set device.programming_model=log_normal: device.programming_model: expected one of "
         "preset, none, normal, proportional, lognormal, polynomial, got \"log_normal\" (did you "
         "mean \"lognormal\"?)"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct diagnostic diag = {0};
        struct config *config = config_with((const char *const[]){NULL});
        CU_ASSERT_EQUAL(config_override(config, wrong[i].assignment, &diag), STATUS_USAGE);
        expect_text(diag.message, wrong[i].message);
        config_free(config);
    }
}

/* Errors that every set of draws has alike, and those that it has not. */
static void randomness_is_told_from_error(void) {
    const char *const *const fixed[] = {
        SET("device.preset=ideal"),
        SET("device.preset=neurosim", "device.reference_column=false"),
        SET("device.preset=neurosim", "device.drift_nu=0.1", "device.drift_time=9"),
        SET("device.preset=neurosim", "device.drift_nu_sigma=0.1", "device.drift_time=0"),
        SET("device.preset=neurram_1s", "device.programming_model=none"),
        SET("device.preset=neurram_1s", "device.programming_sigma=0"),
    };
    const char *const *const drawn[] = {
        SET("device.preset=neurram_1s"),
        SET("device.preset=neurosim", "device.drift_nu_sigma=0.1", "device.drift_time=9"),
        SET("device.preset=neurosim", "device.stuck_on=1e-9"),
        SET("device.preset=neurosim", "device.stuck_off=1e-9"),
        SET("device.preset=neurosim", "device.read_noise=1e-9"),
        SET("device.preset=neurosim", "device.read_noise_slope=1e-9"),
    };
    for (size_t i = 0; i < 6; i++) {
        struct device device = make(fixed[i]);
        CU_ASSERT_FALSE(device_is_random(&device));
        device_free(&device);
        device = make(drawn[i]);
        CU_ASSERT_TRUE(device_is_random(&device));
        CU_ASSERT_FALSE(device_is_ideal(&device));
        device_free(&device);
    }
}

static const struct test_case cases[] = {
    {"randomness is told from error", randomness_is_told_from_error},
    {"the default is ideal", the_default_is_ideal},
    {"reals can be unset", reals_can_be_unset},
    {"options replace the preset", options_replace_the_preset},
    {"words name their models", words_name_their_models},
    {"one option changes one figure", one_option_changes_one_figure},
    {"options without effect are refused", options_without_effect_are_refused},
    {"options that cannot be are refused", options_that_cannot_be_are_refused},
    {"values out of range are refused", values_out_of_range_are_refused},
    {NULL, NULL},
};
const struct test_suite suite_device_make = {"device_make", cases};
