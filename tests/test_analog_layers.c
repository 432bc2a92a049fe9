/* The analog path with ideal cells and converters gives the logits of the digital paths, to the
 * bit, for every encoding and every transfer. */
#include <stdio.h>
#include <string.h>

#include "tests/support/configs.h"
#include "tests/test.h"

enum { IMAGES = 3, CLASSES = 10, LAYERS = 4, BITS = 6, CODES = 1 << BITS, FRACTION_BITS = 10 };

struct fixture {
    struct config *config;
    struct run_result result; /* of a run without images: network, mapping, layers */
    struct dataset images;
    struct device device;
    struct adc_error_options errors; /* none */
    struct engine_analog analog[LAYERS];
    int32_t levels[CODES];
    struct adc_fit fit;
};

/* LeNet on arrays of 37 rows of 3-bit cells, whose sums reach 259: under full_range an odd number,
 * so that no sum lies midway between two codes, where the two paths round differently. */
static void begin_with(struct fixture *f, const char *const *settings) {
    const struct run_hooks hooks = {.check_only = true};
    struct diagnostic diag = {0};
    memset(f, 0, sizeof *f);
    f->config = config_of(LENET_CONFIG, settings);
    ASSERT_OK(run_evaluate(f->config, &hooks, &f->result, &diag), diag);
    ASSERT_OK(dataset_load(config_get(f->config, "dataset"), DATASET_TEST, (const int[]){1, 28, 28},
                           CLASSES, &f->images, &diag),
              diag);
    ASSERT_OK(device_load("ideal", &f->device, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(f->result.mapping.n_layers, LAYERS);
    for (int i = 0; i < LAYERS; i++)
        f->analog[i] = (struct engine_analog){
            .device = &f->device, .errors = &f->errors, .columns_per_adc = 7, .layer = (uint64_t)i};
    f->fit = (struct adc_fit){BITS, FRACTION_BITS, f->levels};
}

#define GEOMETRY "adc.bits=6", "crossbar.rows=37", "crossbar.cell_bits=3"

static void begin(struct fixture *f, const char *encoding, const char *dac, const char *other) {
    begin_with(f, (const char *const[]){GEOMETRY, encoding, dac, other, NULL});
}

static void end(struct fixture *f) {
    device_free(&f->device);
    dataset_free(&f->images);
    run_result_free(&f->result);
    config_free(f->config);
}

static void infer(struct fixture *f, bool analog, float logits[IMAGES * CLASSES]) {
    struct engine *engine;
    struct diagnostic diag = {0};
    const struct engine_request request = {.dataset = &f->images, .count = IMAGES, .threads = 2};
    struct engine_result result = {.logits = logits};
    for (int i = 0; i < LAYERS; i++)
        f->result.layers[i].analog = analog ? &f->analog[i] : NULL;
    ASSERT_OK(
        engine_create(&f->result.network, &f->result.mapping, f->result.layers, &engine, &diag),
        diag);
    ASSERT_OK(engine_run(engine, &request, &result, &diag), diag);
    engine_free(engine);
}

/* All layers with one transfer; those that lose nothing need no fit. */
static void expect_equal(struct fixture *f, enum adc_transfer_choice choice, bool fitted) {
    float digital[IMAGES * CLASSES], analog[IMAGES * CLASSES];
    int lossy = 0;
    for (int i = 0; i < LAYERS; i++) {
        struct engine_layer *layer = &f->result.layers[i];
        int64_t largest = f->result.mapping.layers[i].lossless.largest_sum;
        layer->choice = choice;
        layer->lossless = adc_is_lossless(choice, BITS, largest, layer->bound);
        layer->fit = fitted && !layer->lossless ? &f->fit : NULL;
        lossy += !layer->lossless;
    }
    CU_ASSERT(lossy > 0);
    infer(f, false, digital);
    infer(f, true, analog);
    CU_ASSERT_EQUAL(memcmp(digital, analog, sizeof digital), 0);
    CU_ASSERT_EQUAL(f->result.layers[0].path, ENGINE_ANALOG);
}

static void expect_all_equal(struct fixture *f) {
    expect_equal(f, ADC_TRANSFER_CLIP, false);
    expect_equal(f, ADC_TRANSFER_FULL_RANGE, false);
    /* 3.25 + 4.125 k, in 2^-10: midpoints end in odd sixteenths, never on a sum. */
    for (int k = 0; k < CODES; k++)
        f->levels[k] = 3328 + 4224 * k;
    expect_equal(f, ADC_TRANSFER_CALIBRATED, true);
    /* 0.25 + k^2 / 16: midpoints end in 9/32 and eighths more. */
    for (int k = 0; k < CODES; k++)
        f->levels[k] = 256 + 64 * k * k;
    expect_equal(f, ADC_TRANSFER_NONUNIFORM, true);
}

static void check_transfers(const char *encoding, const char *dac) {
    static struct fixture f;
    begin(&f, encoding, dac, NULL);
    expect_all_equal(&f);
    end(&f);
}

static void differential(void) {
    check_transfers("mapping.encoding=differential", "dac.bits=1");
}

static void offset(void) {
    check_transfers("mapping.encoding=offset", "dac.bits=1");
}

static void offset_flipped(void) {
    static struct fixture f;
    begin(&f, "mapping.encoding=offset", "mapping.flip=true", NULL);
    expect_equal(&f, ADC_TRANSFER_CLIP, false);
    end(&f);
}

static void twos_complement(void) {
    check_transfers("mapping.encoding=twos_complement", "dac.bits=1");
}

/* Fragments of 19 and 18 rows, whose sums reach 133. */
static void polarized(void) {
    static struct fixture f;
    begin_with(&f,
               (const char *const[]){GEOMETRY, "mapping.encoding=polarized",
                                     "mapping.fragment_rows=19", "pruning.scheme=polarization",
                                     "pruning.fragment_rows=19", "pruning.skip_first=false", NULL});
    CU_ASSERT_EQUAL(f.result.mapping.layers[1].unit_rows, 19);
    expect_all_equal(&f);
    end(&f);
}

static void compacted(void) {
    static struct fixture f;
    begin(&f, "mapping.encoding=offset", "mapping.compaction=blocks", NULL);
    CU_ASSERT_EQUAL(f.result.mapping.layers[1].compaction, COMPACTION_BLOCKS);
    expect_equal(&f, ADC_TRANSFER_CLIP, false);
    end(&f);
}

/* Parts of arrays: units of 20 rows, under `ou` of two filters with rows of their own. */
static void operation_units(void) {
    static const char *const compactions[] = {"mapping.compaction=none", "mapping.compaction=ou"};
    for (int i = 0; i < 2; i++) {
        static struct fixture f;
        begin(&f, compactions[i], "mapping.ou_rows=20", "mapping.ou_columns=12");
        CU_ASSERT_EQUAL(f.result.mapping.layers[1].unit_rows, 20);
        CU_ASSERT_EQUAL(f.result.mapping.layers[1].unit_filters, 2);
        expect_equal(&f, ADC_TRANSFER_CLIP, false);
        end(&f);
    }
}

/* Sums reach 37 * 7 * 7, odd again. */
static void digits_of_three_bits(void) {
    check_transfers("mapping.encoding=differential", "dac.bits=3");
}

static const struct test_case cases[] = {
    {"differential", differential},
    {"offset", offset},
    {"offset, flipped", offset_flipped},
    {"two's complement", twos_complement},
    {"polarized", polarized},
    {"compacted", compacted},
    {"operation units", operation_units},
    {"digits of 3 bits", digits_of_three_bits},
    {NULL, NULL},
};
const struct test_suite suite_analog_layers = {"analog_layers", cases};
