/* Baselines: which network is dense, what it is evaluated with, and the ratios that are stored. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/run/record.h"
#include "sim/run/run_internal.h"
#include "tests/support/configs.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

#define LENET_MODEL "configs/networks/lenet_int8.onnx"
#define PRUNED                                                                                     \
    "pruning.scheme=column_proportional", "pruning.rate=16", "pruning.skip_first=false",           \
        "pruning.skip_last=false"

struct evaluated {
    struct config *config;
    struct run_result result;
    struct store_run record;
    struct arena arena;
};

static void evaluate(struct evaluated *run, const char *const *overrides) {
    struct diagnostic diag = {0};
    *run = (struct evaluated){.config = config_of(LENET_CONFIG, overrides)};
    const struct run_source source = {.config_path = LENET_CONFIG,
                                      .base = run->config,
                                      .version = "1.2.3",
                                      .commit = "abc",
                                      .started_unix_s = 1e9};
    ASSERT_OK(run_evaluate(run->config, NULL, &run->result, &diag), diag);
    ASSERT_OK(run_record(&run->result, &source, &run->arena, &run->record, &diag), diag);
}

static void discard(struct evaluated *run) {
    run_result_free(&run->result);
    config_free(run->config);
    arena_free(&run->arena);
}

static double metric(const struct evaluated *run, const char *name) {
    return run_record_metric(&run->record, name);
}

static double of_baseline(const struct evaluated *run, const char *name) {
    for (int i = 0; i < run->record.n_metrics; i++)
        if (strcmp(run->record.metrics[i].scope, "baseline") == 0 &&
            strcmp(run->record.metrics[i].name, name) == 0)
            return run->record.metrics[i].value;
    return NAN;
}

/* Row after row of a filter: zeros take its weights in turn, others stay; a filter of zeros takes
 * the layer's first weight. */
static void zeros_take_the_weights_of_their_filter(void) {
    static const int16_t weights[] = {0, 5, 0, 0, -7, 0, 0, 0, 0, 0, 0, 0};
    struct matrix_layer layer = {.weights = weights,
                                 .shape = {.fully_connected = true,
                                           .in_channels = 6,
                                           .in_height = 1,
                                           .in_width = 1,
                                           .out_channels = 2,
                                           .out_height = 1,
                                           .out_width = 1,
                                           .groups = 1,
                                           .window = {.kernel = {1, 1}}}};
    struct network network = {.matrix = &layer, .n_matrix = 1};
    struct diagnostic diag = {0};
    ASSERT_OK(fill_zero_weights(&network, &network.arena, &diag), diag);
    for (int i = 0; i < 12; i++) {
        CU_ASSERT_NOT_EQUAL(layer.weights[i], 0);
        if (weights[i] != 0)
            CU_ASSERT_EQUAL(layer.weights[i], weights[i]);
        if (i >= 6)
            CU_ASSERT_EQUAL(layer.weights[i], 5);
    }
    int sevens = 0;
    for (int i = 0; i < 6; i++)
        sevens += layer.weights[i] == -7;
    CU_ASSERT(sevens >= 2);
    arena_free(&network.arena);
}

/* Against the same experiment evaluated by hand: no pruning, converters for all rows. LeNet has few
 * zeros of its own, and none of its columns is without a weight: area and power are the same. */
static void dense_is_the_unpruned_network_at_the_worst_bits(void) {
    struct evaluated run, by_hand;
    evaluate(&run, (const char *[]){"run.accuracy=false", "run.baseline=dense", PRUNED,
                                    "adc.bits=lossless", "layers./c2*.adc.bits=3",
                                    "mapping.compaction=rows_columns", NULL});
    evaluate(&by_hand, (const char *[]){"run.accuracy=false", "adc.bits=worst", NULL});
    const struct run_result *base = run.result.baseline;
    CU_ASSERT_PTR_NOT_NULL_FATAL(base);
    for (int i = 0; i < base->mapping.n_layers; i++) {
        CU_ASSERT_EQUAL(base->layers[i].adc_bits, 9); /* 128 rows of 3 */
        CU_ASSERT_EQUAL(base->mapping.layers[i].compaction, COMPACTION_NONE);
        CU_ASSERT_EQUAL(base->mapping.layers[i].weights.nonzero,
                        base->mapping.layers[i].weights.weights);
    }
    CU_ASSERT_EQUAL(base->mapping.crossbars, run.result.mapping.crossbars_dense);
    CU_ASSERT_DOUBLE_EQUAL(of_baseline(&run, "area_m2"), metric(&by_hand, "area_m2"), 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(of_baseline(&run, "power_peak_w"), metric(&by_hand, "power_peak_w"),
                           1e-12);
    CU_ASSERT_DOUBLE_EQUAL(of_baseline(&run, "energy_per_inference_j"),
                           metric(&by_hand, "energy_per_inference_j"),
                           0.01 * metric(&by_hand, "energy_per_inference_j"));
    static const char *const pairs[][2] = {{"area_m2", "baseline_area_ratio"},
                                           {"power_peak_w", "baseline_power_ratio"},
                                           {"energy_per_inference_j", "baseline_energy_ratio"},
                                           {"throughput_ips", "baseline_throughput_ratio"},
                                           {"gops_per_w", "baseline_gops_per_w_ratio"},
                                           {"gops_per_mm2", "baseline_gops_per_mm2_ratio"},
                                           {"crossbars", "baseline_crossbar_ratio"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        CU_ASSERT_DOUBLE_EQUAL(metric(&run, pairs[i][1]),
                               metric(&run, pairs[i][0]) / of_baseline(&run, pairs[i][0]), 1e-12);
    CU_ASSERT(metric(&run, "baseline_area_ratio") < 0.9);
    CU_ASSERT_EQUAL(of_baseline(&run, "adc_bits_max"), 9);
    CU_ASSERT(isnan(metric(&run, "baseline_accuracy_difference")));
    discard(&run);
    discard(&by_hand);
}

/* Its inputs are the run's: shares of digits that were measured there. */
/* Dense weights have both signs: the baseline has plus and minus columns, also in a layer of its
 * own.
 */
static void polarized_layers_are_compared_with_split_ones(void) {
    struct evaluated run;
    evaluate(&run, (const char *const[]){"run.baseline=dense", "run.accuracy=false",
                                         "pruning.scheme=polarization",
                                         "layers./f*.mapping.encoding=polarized",
                                         "layers./f*.mapping.fragment_rows=8", NULL});
    const struct mapping *own = &run.result.mapping, *base = &run.result.baseline->mapping;
    CU_ASSERT_EQUAL(own->layers[0].encoding.kind, ENCODING_DIFFERENTIAL);
    CU_ASSERT_EQUAL(own->layers[2].encoding.kind, ENCODING_POLARIZED);
    CU_ASSERT_EQUAL(base->layers[2].encoding.kind, ENCODING_DIFFERENTIAL);
    CU_ASSERT_EQUAL(base->layers[0].unit_rows, 128);
    CU_ASSERT_EQUAL(base->layers[2].unit_rows, 8);
    CU_ASSERT_EQUAL(base->layers[2].n_arrays, 2 * own->layers[2].n_arrays);
    discard(&run);
    evaluate(&run,
             (const char *const[]){"run.baseline=dense", "run.accuracy=false",
                                   "chip.preset=forms-8", "pruning.scheme=polarization",
                                   "pruning.skip_first=false", "mapping.encoding=polarized", NULL});
    base = &run.result.baseline->mapping;
    CU_ASSERT_EQUAL(base->layers[0].encoding.kind, ENCODING_DIFFERENTIAL);
    CU_ASSERT_EQUAL(base->layers[0].unit_rows, 8);
    double signs = metric(&run, "mapping_sign_bits"), expected = 0;
    for (int i = 0; i < run.result.mapping.n_layers; i++) { /* one for each 8 rows of a filter */
        const struct matrix_shape *s = &run.result.network.matrix[i].shape;
        expected += (matrix_rows(s) + 7) / 8 * s->out_channels;
    }
    CU_ASSERT_EQUAL(signs, expected);
    discard(&run);
    /* Layers that are not polarized, or have other fragments, keep their own reads. */
    evaluate(&run, (const char *const[]){
                       "run.baseline=dense", "run.accuracy=false", "pruning.scheme=polarization",
                       "mapping.encoding=polarized", "layers./c*.mapping.encoding=offset",
                       "layers./f1*.mapping.fragment_rows=16",
                       "layers./f1*.pruning.fragment_rows=16", NULL});
    own = &run.result.mapping;
    base = &run.result.baseline->mapping;
    for (int i = 0; i < 2; i++) {
        CU_ASSERT(own->layers[i].unit_rows == 128 && base->layers[i].unit_rows == 128);
        CU_ASSERT_EQUAL(base->layers[i].encoding.kind, ENCODING_OFFSET);
    }
    CU_ASSERT(own->layers[2].unit_rows == 16 && base->layers[2].unit_rows == 16);
    CU_ASSERT(own->layers[3].unit_rows == 8 && base->layers[3].unit_rows == 8);
    discard(&run);
}

/* A purified network does the work of the whole one: 25 x 20 weights at 576 positions, 500 x 50 at
 * 64, 800 x 500 and 500 x 10 at one; 2 + 4 * 4 + 7 * 32 + 4 arrays of 128 rows and 16 filters. */
static void purified_layers_do_the_same_work(void) {
    const double weights = 430500, macs = 288000 + 1600000 + 400000 + 5000;
    struct evaluated run;
    double layer_weights = 0, layer_macs = 0;
    evaluate(&run, (const char *const[]){"run.baseline=dense", "run.accuracy=false",
                                         "network.as=float", "pruning.scheme=filter",
                                         "pruning.rate=2", "pruning.purify=true", NULL});
    double rate = metric(&run, "baseline_throughput_ratio");
    CU_ASSERT(metric(&run, "nonzero_weights") < 0.6 * weights);
    CU_ASSERT(metric(&run, "crossbars") < 0.6 * 246);
    CU_ASSERT_EQUAL(metric(&run, "weights"), weights);
    CU_ASSERT_EQUAL(metric(&run, "macs"), macs);
    CU_ASSERT_EQUAL(metric(&run, "crossbars_dense"), 246);
    CU_ASSERT_EQUAL(run.result.baseline->mapping.crossbars, 246);
    CU_ASSERT_DOUBLE_EQUAL(metric(&run, "crossbar_saving"), 1 - metric(&run, "crossbars") / 246,
                           1e-12);
    CU_ASSERT_DOUBLE_EQUAL(metric(&run, "compression_ratio"),
                           weights / metric(&run, "nonzero_weights"), 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(metric(&run, "compression_stored"),
                           weights * 8 / metric(&run, "storage_weight_bits"), 1e-12);
    double gops = 2e-9 * macs * metric(&run, "throughput_ips");
    CU_ASSERT_DOUBLE_EQUAL(metric(&run, "gops"), gops, 1e-9 * gops);
    CU_ASSERT_DOUBLE_EQUAL(metric(&run, "gops_per_w") * metric(&run, "power_peak_w"), gops,
                           1e-9 * gops);
    CU_ASSERT_DOUBLE_EQUAL(metric(&run, "gops_per_mm2") * metric(&run, "area_m2") * 1e6, gops,
                           1e-9 * gops);
    for (int i = 0; i < run.record.n_layers; i++) {
        layer_weights += (double)run.record.layers[i].weights;
        layer_macs += run.record.layers[i].macs;
    }
    CU_ASSERT_EQUAL(layer_weights, weights);
    CU_ASSERT_EQUAL(layer_macs, macs);
    CU_ASSERT_DOUBLE_EQUAL(metric(&run, "baseline_gops_per_w_ratio"),
                           rate / metric(&run, "baseline_power_ratio"), 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(metric(&run, "baseline_gops_per_mm2_ratio"),
                           rate / metric(&run, "baseline_area_ratio"), 1e-12);
    discard(&run);
}

static void dense_is_driven_by_the_runs_inputs(void) {
    struct evaluated run;
    evaluate(&run, (const char *[]){"dataset.count=3", "run.baseline=dense", "adc.bits=7",
                                    "adc.allocation=layer", NULL});
    for (int i = 0; i < run.result.mapping.n_layers; i++)
        CU_ASSERT_EQUAL(run.result.baseline->cost.layers[i].activity,
                        run.result.cost.layers[i].activity);
    CU_ASSERT(run.result.baseline->cost.activity_measured);
    CU_ASSERT_EQUAL(run.result.baseline->accuracy.images, 0);
    discard(&run);
}

/* A given model runs the images too, and loses nothing. */
static void a_given_model_is_evaluated(void) {
    struct evaluated run, by_hand;
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    char override[4200], *data;
    size_t bytes;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "p.npy");
    snprintf(override, sizeof override, "run.predictions=%s", path);
    evaluate(&run, (const char *[]){"dataset.count=30", "run.baseline=" LENET_MODEL, PRUNED,
                                    "adc.bits=2", override, NULL});
    evaluate(&by_hand, (const char *[]){"dataset.count=30", "adc.bits=lossless", NULL});
    CU_ASSERT_EQUAL(of_baseline(&run, "area_m2"), metric(&by_hand, "area_m2"));
    CU_ASSERT_EQUAL(of_baseline(&run, "energy_per_inference_j"),
                    metric(&by_hand, "energy_per_inference_j"));
    CU_ASSERT_EQUAL(of_baseline(&run, "accuracy_mean"), metric(&by_hand, "accuracy_mean"));
    CU_ASSERT_DOUBLE_EQUAL(metric(&run, "baseline_accuracy_difference"),
                           metric(&run, "accuracy_mean") - metric(&by_hand, "accuracy_mean"), 1e-9);
    CU_ASSERT(metric(&run, "baseline_accuracy_difference") < 0);
    /* the file of predictions is the run's own */
    ASSERT_OK(file_read(path, &arena, &data, &bytes, &diag), diag);
    CU_ASSERT_EQUAL(
        memcmp(data + bytes - 30 * sizeof(int32_t), run.result.classes, 30 * sizeof(int32_t)), 0);
    arena_free(&arena);
    scratch_close(&scratch);
    discard(&run);
    discard(&by_hand);
}

/* Runs with and without a baseline, or with another, are different points. */
static void the_baseline_belongs_to_the_point(void) {
    struct evaluated none, dense, given;
    evaluate(&none, (const char *[]){"run.accuracy=false", NULL});
    evaluate(&dense, (const char *[]){"run.accuracy=false", "run.baseline=dense", NULL});
    evaluate(&given, (const char *[]){"run.accuracy=false", "run.baseline=" LENET_MODEL, NULL});
    CU_ASSERT_PTR_NULL(none.result.baseline);
    CU_ASSERT_STRING_NOT_EQUAL(none.record.point_hash, dense.record.point_hash);
    CU_ASSERT_STRING_NOT_EQUAL(none.record.point_hash, given.record.point_hash);
    CU_ASSERT_STRING_NOT_EQUAL(dense.record.point_hash, given.record.point_hash);
    discard(&none);
    discard(&dense);
    discard(&given);
}

static void expect_refused(const char *const *overrides, const char *message) {
    struct config *config = config_of(LENET_CONFIG, overrides);
    struct run_result result;
    struct diagnostic diag = {0};
    CU_ASSERT_EQUAL(run_evaluate(config, NULL, &result, &diag), STATUS_USAGE);
    if (strstr(diag.message, message) == NULL) {
        fprintf(stderr, "\nexpected \"%s\" in \"%s\"", message, diag.message);
        CU_FAIL("message");
    }
    config_free(config);
}

static void impossible_baselines_are_refused(void) {
    expect_refused((const char *[]){"run.baseline=dens", NULL},
                   "run.baseline is dens: expected none, dense, or the path of a model (*.onnx)");
    expect_refused((const char *[]){"run.baseline=no/such.onnx", NULL},
                   "run.baseline: cannot read the model ");
    expect_refused((const char *[]){"run.baseline=dense", "run.cost=false", NULL},
                   "run.baseline compares costs: set run.cost=true");
    expect_refused((const char *[]){"run.accuracy=false", "run.baseline=" LENET_CONFIG, NULL},
                   "run.baseline: ");
}

/* A copy has everything of the original, and changes alone. */
static void copied_configurations_are_independent(void) {
    struct config *config =
        config_of(LENET_CONFIG, (const char *[]){"adc.bits=5", "layers./c2*.adc.bits=3", NULL});
    struct config *copy = NULL;
    struct diagnostic diag = {0};
    struct adc_options own;
    char before[33], after[33], changed[33];
    config_hash(config, before);
    ASSERT_OK(config_copy(config, &copy, &diag), diag);
    config_hash(copy, after);
    CU_ASSERT_STRING_EQUAL(before, after);
    ASSERT_OK(config_override(copy, "adc.bits=7", &diag), diag);
    ASSERT_OK(config_override(copy, "layers.*.adc.bits=worst", &diag), diag);
    ASSERT_OK(config_get_layer(copy, "adc", "/c2/Conv", &own, &diag), diag);
    CU_ASSERT_EQUAL(own.bits, ADC_WORST);
    ASSERT_OK(config_get_layer(config, "adc", "/c2/Conv", &own, &diag), diag);
    CU_ASSERT_EQUAL(own.bits, 3);
    config_hash(config, after);
    config_hash(copy, changed);
    CU_ASSERT_STRING_EQUAL(before, after);
    CU_ASSERT_STRING_NOT_EQUAL(before, changed);
    config_free(copy);
    config_free(config);
}

static const struct test_case cases[] = {
    {"polarized layers", polarized_layers_are_compared_with_split_ones},
    {"purified layers do the same work", purified_layers_do_the_same_work},
    {"zeros take the weights of their filter", zeros_take_the_weights_of_their_filter},
    {"dense is the unpruned network at the worst bits",
     dense_is_the_unpruned_network_at_the_worst_bits},
    {"dense is driven by the run's inputs", dense_is_driven_by_the_runs_inputs},
    {"a given model is evaluated", a_given_model_is_evaluated},
    {"the baseline belongs to the point", the_baseline_belongs_to_the_point},
    {"impossible baselines are refused", impossible_baselines_are_refused},
    {"copied configurations are independent", copied_configurations_are_independent},
    {NULL, NULL},
};
const struct test_suite suite_baseline = {"baseline", cases};
