/* Records of runs: hashes, parameters, metrics and rows. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/run/record.h"
#include "tests/support/configs.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

/* A run of LeNet with its record. */
struct recorded {
    struct config *base, *config;
    struct run_result result;
    struct store_run record;
    struct arena arena;
};

static void record_lenet(struct recorded *recorded, const char *const *overrides) {
    struct diagnostic diag = {0};
    *recorded = (struct recorded){
        .base = config_of(LENET_CONFIG, NULL),
        .config = config_of(LENET_CONFIG, overrides),
    };
    const struct run_source source = {
        .config_path = LENET_CONFIG,
        .base = recorded->base,
        .version = "1.2.3",
        .commit = "abc",
        .started_unix_s = 1e9,
    };
    ASSERT_OK(run_evaluate(recorded->config, NULL, &recorded->result, &diag), diag);
    ASSERT_OK(run_record(&recorded->result, &source, &recorded->arena, &recorded->record, &diag),
              diag);
}

static void discard(struct recorded *recorded) {
    run_result_free(&recorded->result);
    config_free(recorded->config);
    config_free(recorded->base);
    arena_free(&recorded->arena);
}

static const struct store_parameter *parameter(const struct store_run *record, const char *key) {
    for (int i = 0; i < record->n_parameters; i++)
        if (strcmp(record->parameters[i].key, key) == 0)
            return &record->parameters[i];
    CU_FAIL_FATAL("no such parameter");
    return NULL;
}

static void expect_parameter(const struct store_run *record, const char *key, const char *text,
                             int type, bool differs) {
    const struct store_parameter *found = parameter(record, key);
    CU_ASSERT_STRING_EQUAL(found->text, text);
    CU_ASSERT_EQUAL((int)found->type, type);
    CU_ASSERT_EQUAL(found->differs, differs);
}

static void identity_names_the_experiment(void) {
    struct recorded lenet;
    char hash[33];
    record_lenet(&lenet, (const char *[]){"run.accuracy=false", "run.seed=7", NULL});
    const struct store_run *record = &lenet.record;
    config_hash(lenet.base, hash);
    CU_ASSERT_STRING_EQUAL(record->experiment, "lenet");
    CU_ASSERT_STRING_EQUAL(record->base_hash, hash);
    CU_ASSERT_STRING_EQUAL(record->version, "1.2.3");
    CU_ASSERT_STRING_EQUAL(record->commit, "abc");
    CU_ASSERT_STRING_EQUAL(record->status, "done");
    CU_ASSERT_EQUAL(record->seed, 7);
    CU_ASSERT_EQUAL(record->trial, 0);
    CU_ASSERT_EQUAL(record->started_unix_s, 1e9);
    CU_ASSERT_STRING_EQUAL(record->model_hash, lenet.result.network.content_hash);
    CU_ASSERT_PTR_NULL(record->data_hash);
    CU_ASSERT_PTR_NOT_NULL(strstr(record->config_yaml, "seed: 7"));
    CU_ASSERT_PTR_NOT_NULL(strstr(record->base_yaml, "seed: 1"));
    discard(&lenet);
    record_lenet(&lenet, (const char *[]){"run.accuracy=false", "run.name=mine", NULL});
    CU_ASSERT_STRING_EQUAL(lenet.record.experiment, "mine");
    discard(&lenet);
}

static void parameters_say_what_differs(void) {
    struct recorded lenet;
    record_lenet(&lenet, (const char *[]){"run.accuracy=false", "crossbar.rows=37",
                                          "adc.bits=lossless", "dac.activity=0.25",
                                          "layers./f*.adc.bits=9", "layers./f*.adc.bits=10",
                                          "dataset.images=./../no \"images\"", NULL});
    const struct store_run *record = &lenet.record;
    expect_parameter(record, "crossbar.rows", "37", PARAMETER_INTEGER, true);
    expect_parameter(record, "crossbar.columns", "128", PARAMETER_INTEGER, false);
    expect_parameter(record, "adc.bits", "lossless", PARAMETER_TEXT, true);
    expect_parameter(record, "dac.activity", "0.25", PARAMETER_REAL, true);
    expect_parameter(record, "mapping.encoding", "differential", PARAMETER_TEXT, false);
    expect_parameter(record, "dataset.images", "./../no \"images\"", PARAMETER_TEXT, true);
    int overrides = 0; /* of the two for one key, the later one counts */
    for (int i = 0; i < record->n_parameters; i++)
        overrides += strncmp(record->parameters[i].key, "layers.", 7) == 0;
    CU_ASSERT_EQUAL(overrides, 1);
    expect_parameter(record, "layers./f*.adc.bits", "10", PARAMETER_INTEGER, true);
    discard(&lenet);
}

static void point_of(const char *const *overrides, char hash[33]) {
    struct recorded lenet;
    record_lenet(&lenet, overrides);
    CU_ASSERT_EQUAL_FATAL(strlen(lenet.record.point_hash), 32);
    memcpy(hash, lenet.record.point_hash, 33);
    discard(&lenet);
}

static void the_point_hash_takes_in_what_matters(void) {
    char plain[33], other[33];
    point_of((const char *[]){"dataset.count=2", NULL}, plain);
    point_of((const char *[]){"dataset.count=2", "run.threads=2", "run.name=lenet", NULL}, other);
    CU_ASSERT_STRING_EQUAL(plain, other); /* the name that it has without */
    point_of((const char *[]){"dataset.count=2", "run.name=x", NULL}, other);
    CU_ASSERT_STRING_NOT_EQUAL(plain, other);
    point_of((const char *[]){"dataset.count=2", "run.detail=totals", NULL}, other);
    CU_ASSERT_STRING_NOT_EQUAL(plain, other); /* less is kept of it */
    point_of((const char *[]){"dataset.count=2", "adc.bits=5", NULL}, other);
    CU_ASSERT_STRING_NOT_EQUAL(plain, other);
    point_of((const char *[]){"dataset.count=3", NULL}, other); /* other contents */
    CU_ASSERT_STRING_NOT_EQUAL(plain, other);
    point_of((const char *[]){"dataset.count=2",
                              "network.model=configs/networks/vgg8_cp16_int8.onnx", NULL},
             other); /* paths are not hashed, contents are */
    CU_ASSERT_STRING_NOT_EQUAL(plain, other);
}

/* A chip file with another figure is another point. */
static void the_point_hash_takes_in_the_chip_file(void) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    char hashes[2][33], *text, *power;
    size_t length;
    scratch_open(&scratch);
    ASSERT_OK(file_read("configs/presets/isaac.yaml", &scratch.arena, &text, &length, &diag), diag);
    const char *preset = arena_printf(&scratch.arena, "chip.preset=%s",
                                      scratch_write(&scratch, "chip.yaml", text, length));
    const char *const overrides[] = {"run.accuracy=false", preset, NULL};
    point_of(overrides, hashes[0]);
    power = strstr(text, "power: 10.4 W");
    CU_ASSERT_PTR_NOT_NULL_FATAL(power);
    power[strlen("power: 10.")] = '5';
    scratch_write(&scratch, "chip.yaml", text, length);
    point_of(overrides, hashes[1]);
    CU_ASSERT_STRING_NOT_EQUAL(hashes[0], hashes[1]);
    scratch_close(&scratch);
}

static double metric(const struct recorded *recorded, const char *name) {
    return run_record_metric(&recorded->record, name);
}

/* LeNet-5: 25*20 + 500*50 + 800*500 + 500*10 weights; 576 and 64 positions, then one. */
static void metrics_are_the_results(void) {
    struct recorded lenet;
    record_lenet(&lenet, (const char *[]){"dataset.count=4", "adc.bits=3", NULL});
    const struct run_result *result = &lenet.result;
    CU_ASSERT_EQUAL(metric(&lenet, "weights"), 500 + 25000 + 400000 + 5000);
    CU_ASSERT_EQUAL(metric(&lenet, "macs"), 500.0 * 576 + 25000.0 * 64 + 400000 + 5000);
    CU_ASSERT_EQUAL(metric(&lenet, "images"), 4);
    CU_ASSERT_EQUAL(metric(&lenet, "accuracy_top1"), 25.0 * result->accuracy.trial->correct);
    CU_ASSERT_EQUAL(metric(&lenet, "accuracy_ideal"), 25.0 * result->accuracy.correct_ideal);
    CU_ASSERT_TRUE(isnan(metric(&lenet, "accuracy_float")));
    CU_ASSERT_EQUAL(metric(&lenet, "adc_bits_max"), 3);
    CU_ASSERT_EQUAL(metric(&lenet, "adc_bits_mean"), 3);
    CU_ASSERT_EQUAL(metric(&lenet, "crossbars"), (double)result->mapping.crossbars);
    CU_ASSERT_EQUAL(metric(&lenet, "crossbar_saving"), 0);
    CU_ASSERT_EQUAL(metric(&lenet, "area_m2"), result->cost.area_used_m2);
    CU_ASSERT_EQUAL(metric(&lenet, "throughput_ips"), result->cost.throughput_hz);
    CU_ASSERT_EQUAL(metric(&lenet, "power_peak_w"), result->cost.power_peak_w);
    CU_ASSERT_EQUAL(metric(&lenet, "time_simulate_s"), result->stage_s[RUN_SIMULATE]);
    CU_ASSERT_DOUBLE_EQUAL(metric(&lenet, "compression_ratio") * metric(&lenet, "nonzero_weights"),
                           430500, 1e-6);
    CU_ASSERT_TRUE(isnan(metric(&lenet, "nothing")));
    discard(&lenet);
}

static int count_scope(const struct store_run *record, const char *scope) {
    int n = 0;
    for (int i = 0; i < record->n_metrics; i++)
        n += strcmp(record->metrics[i].scope, scope) == 0;
    return n;
}

/* Seven figures of each model; fewer of one without area, none of those that do not hold for 3
 * bits; the chip's own are the run's. */
static void the_band_has_a_scope_for_each_model(void) {
    struct recorded lenet;
    record_lenet(&lenet,
                 (const char *[]){"run.accuracy=false", "adc.bits=3", "adc.model=all", NULL});
    const struct store_run *record = &lenet.record;
    CU_ASSERT_EQUAL(count_scope(record, "adc.model=isaac"), 7);
    CU_ASSERT_EQUAL(count_scope(record, "adc.model=neurosim-sar"), 5);
    CU_ASSERT_EQUAL(count_scope(record, "adc.model=murmann"), 0);
    for (int i = 0; i < record->n_metrics; i++)
        if (strcmp(record->metrics[i].scope, "adc.model=isaac") == 0 &&
            strncmp(record->metrics[i].name, "adc_", 4) != 0)
            CU_ASSERT_EQUAL(record->metrics[i].value, metric(&lenet, record->metrics[i].name));
    discard(&lenet);
    record_lenet(&lenet, (const char *[]){"run.accuracy=false", "adc.bits=3", NULL});
    CU_ASSERT_PTR_NULL(lenet.result.band);
    for (int i = 0; i < lenet.record.n_metrics; i++)
        CU_ASSERT_NOT_EQUAL(strncmp(lenet.record.metrics[i].scope, "adc.model=", 10), 0);
    discard(&lenet);
}

/* The mean is over crossbars: LeNet's layers on 128 rows and 9 filters an array have 1*3, 4*6, 7*56
 * and 4*2 of them. */
static void the_mean_of_bits_is_over_crossbars(void) {
    struct recorded lenet;
    record_lenet(&lenet, (const char *[]){"run.accuracy=false", "adc.bits=4", "crossbar.columns=72",
                                          "layers./c2*.adc.bits=6", NULL});
    const struct mapping *mapping = &lenet.result.mapping;
    CU_ASSERT_EQUAL(mapping->layers[0].n_arrays, 3);
    CU_ASSERT_EQUAL(mapping->layers[1].n_arrays, 24);
    CU_ASSERT_EQUAL(mapping->layers[2].n_arrays, 392);
    CU_ASSERT_EQUAL(mapping->layers[3].n_arrays, 8);
    CU_ASSERT_EQUAL(metric(&lenet, "crossbars"), 427);
    CU_ASSERT_EQUAL(metric(&lenet, "adc_bits_max"), 6);
    CU_ASSERT_DOUBLE_EQUAL(metric(&lenet, "adc_bits_mean"), 4 + 2 * 24.0 / 427, 1e-12);
    discard(&lenet);
}

/* Uniform: a layer with a number is simulated, built and told with it; the others share. */
static void bits_are_those_that_are_built(void) {
    struct recorded lenet;
    record_lenet(&lenet, (const char *[]){"run.accuracy=false", "adc.bits=lossless",
                                          "layers./c1*.adc.bits=9", NULL});
    int shared = lenet.result.layers[1].adc_bits;
    CU_ASSERT(shared < 9);
    for (int i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(lenet.result.layers[i].adc_bits, i == 0 ? 9 : shared);
        CU_ASSERT_EQUAL(lenet.result.cost.layers[i].adc_bits, i == 0 ? 9 : shared);
        CU_ASSERT_EQUAL(lenet.record.layers[i].adc_bits, i == 0 ? 9 : shared);
    }
    CU_ASSERT_EQUAL(metric(&lenet, "adc_bits_max"), 9);
    discard(&lenet);
    record_lenet(&lenet, (const char *[]){"run.accuracy=false", "adc.bits=lossless",
                                          "adc.allocation=array", NULL});
    double bits = 0, arrays = 0;
    for (int i = 0; i < 4; i++)
        for (int a = 0; a < lenet.result.mapping.layers[i].n_arrays; a++, arrays++) {
            int64_t codes = 2; /* the least power of two above the largest sum */
            int own = 1;
            for (; codes <= lenet.result.mapping.layers[i].arrays[a].largest_sum; codes *= 2)
                own++;
            bits += own;
        }
    CU_ASSERT_DOUBLE_EQUAL(metric(&lenet, "adc_bits_mean"), bits / arrays, 1e-12);
    discard(&lenet);
}

static void rows_are_kept_as_detail_asks(void) {
    struct recorded lenet;
    record_lenet(&lenet, (const char *[]){"run.accuracy=false", NULL});
    const struct store_layer *first = &lenet.record.layers[0];
    double area_m2 = 0, energy_j = 0, power_w = 0;
    CU_ASSERT_EQUAL_FATAL(lenet.record.n_layers, 4);
    CU_ASSERT_STRING_EQUAL(first->name, "/c1/Conv");
    CU_ASSERT_STRING_EQUAL(first->kind, "conv");
    CU_ASSERT_EQUAL(first->rows, 25);
    CU_ASSERT_EQUAL(first->columns, 20);
    CU_ASSERT_EQUAL(first->positions, 576);
    CU_ASSERT_STRING_EQUAL(lenet.record.layers[3].kind, "fc");
    for (int i = 0; i < lenet.record.n_components; i++) {
        area_m2 += lenet.record.components[i].area_m2;
        energy_j += lenet.record.components[i].energy_j;
        power_w += lenet.record.components[i].power_peak_w;
    }
    /* Every total is the sum of the rows. */
    CU_ASSERT_DOUBLE_EQUAL(area_m2 / metric(&lenet, "area_m2"), 1, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(energy_j / metric(&lenet, "energy_per_inference_j"), 1, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(power_w / metric(&lenet, "power_peak_w"), 1, 1e-12);
    discard(&lenet);
    record_lenet(&lenet, (const char *[]){"run.accuracy=false", "run.detail=totals", NULL});
    CU_ASSERT_EQUAL(lenet.record.n_layers, 0);
    CU_ASSERT_EQUAL(lenet.record.n_components, 0);
    CU_ASSERT(metric(&lenet, "area_m2") > 0);
    discard(&lenet);
}

static void the_rule_of_the_bits_is_told(void) {
    struct arena arena = ARENA_INIT;
    struct mapped_layer layer = {
        .n_arrays = 2,
        .lossless = {.largest_sum = 2, .slice = 0, .array = 1, .rows = 2},
    };
    CU_ASSERT_STRING_EQUAL(run_bits_set_by(&layer, &arena), "slice 0 of array 1, 2 rows");
    CU_ASSERT_STRING_EQUAL(run_bits_set_by_brief(&layer, &arena), "slice 0, 2 rows");
    layer.lossless.array = 0;
    layer.lossless.rows = 1;
    layer.lossless.slice = 1;
    CU_ASSERT_STRING_EQUAL(run_bits_set_by(&layer, &arena), "slice 1 of array 0, 1 row");
    layer.compaction = COMPACTION_BLOCKS;
    layer.lossless.exact = 2;
    layer.uncompacted_bits = 1;
    CU_ASSERT_STRING_EQUAL(run_bits_set_by(&layer, &arena),
                           "slice 1 of array 0, 1 row; 1 uncompacted");
    CU_ASSERT_STRING_EQUAL(run_bits_set_by_brief(&layer, &arena), "slice 1, 1 row; 1 uncompacted");
    layer.compaction = COMPACTION_NONE;
    layer.lossless.rows = 3;
    layer.lossless.slice = -1;
    CU_ASSERT_STRING_EQUAL(run_bits_set_by(&layer, &arena), "unit column of array 0, 3 rows");
    layer.lossless.slice = 1;
    layer.flip = true;
    CU_ASSERT_STRING_EQUAL(run_bits_set_by(&layer, &arena), "slice 1 of array 0");
    layer.lossless.largest_sum = 0;
    CU_ASSERT_STRING_EQUAL(run_bits_set_by(&layer, &arena), "no weights");
    arena_free(&arena);
}

/* Totals are the sums over layers, which have their own figures in scopes of their own. */
static void use_of_arrays_is_recorded(void) {
    struct recorded lenet;
    record_lenet(&lenet, (const char *[]){"run.accuracy=false", NULL});
    double programmed = 0, wasted_m2 = 0, expected_m2 = 0;
    for (int i = 0; i < lenet.record.n_metrics; i++) {
        const struct store_metric *m = &lenet.record.metrics[i];
        if (strncmp(m->scope, "layer=", 6) != 0)
            continue;
        programmed += strcmp(m->name, "cells_programmed") == 0 ? m->value : 0;
        wasted_m2 += strcmp(m->name, "area_wasted_m2") == 0 ? m->value : 0;
    }
    for (int i = 0; i < 4; i++)
        expected_m2 +=
            lenet.result.cost.layers[i].area_m2 * (1 - lenet.result.mapping.layers[i].utilisation);
    CU_ASSERT(programmed > 0);
    CU_ASSERT_EQUAL(metric(&lenet, "cells_programmed"), programmed);
    CU_ASSERT_DOUBLE_EQUAL(metric(&lenet, "area_wasted_m2") / wasted_m2, 1, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(metric(&lenet, "area_wasted_m2") / expected_m2, 1, 1e-12);
    CU_ASSERT(metric(&lenet, "rows_used_share") > 0 && metric(&lenet, "rows_used_share") < 1);
    discard(&lenet);
    record_lenet(&lenet, (const char *[]){"run.accuracy=false", "run.detail=totals", NULL});
    for (int i = 0; i < lenet.record.n_metrics; i++)
        CU_ASSERT(strncmp(lenet.record.metrics[i].scope, "layer=", 6) != 0);
    CU_ASSERT_EQUAL(metric(&lenet, "cells_programmed"), programmed);
    discard(&lenet);
}

/* Of whole tiles and chips: what is in use and the rest. */
static void the_area_of_the_chip_is_a_sum_of_rows(void) {
    struct recorded lenet;
    record_lenet(&lenet, (const char *[]){"run.accuracy=false", "crossbar.rows=37", NULL});
    const struct store_run *record = &lenet.record;
    double area_m2 = 0;
    int idle = 0;
    for (int i = 0; i < record->n_components; i++)
        area_m2 += record->components[i].area_m2;
    for (int i = 0; i < record->n_metrics; i++)
        if (strcmp(record->metrics[i].scope, "idle") == 0) {
            area_m2 += record->metrics[i].value;
            idle++;
        }
    CU_ASSERT_EQUAL(idle, lenet.result.chip.n_components);
    CU_ASSERT_DOUBLE_EQUAL(area_m2 / metric(&lenet, "area_chip_m2"), 1, 1e-12);
    discard(&lenet);
}

static void libraries_have_versions(void) {
    static const char *const names[] = {"gsl",        "jansson", "libyaml", "libzip", "openblas",
                                        "protobuf-c", "sqlite",  "xxhash",  "xz",     "zlib"};
    struct arena arena = ARENA_INIT;
    json_t *versions = json_loads(run_libraries_json(&arena), 0, NULL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *version = json_string_value(json_object_get(versions, names[i]));
        CU_ASSERT_PTR_NOT_NULL_FATAL(version);
        CU_ASSERT(version[0] >= '0' && version[0] <= '9');
    }
    CU_ASSERT_EQUAL(json_object_size(versions), sizeof names / sizeof *names);
    json_decref(versions);
    arena_free(&arena);
}

static const struct test_case cases[] = {
    {"identity names the experiment", identity_names_the_experiment},
    {"parameters say what differs", parameters_say_what_differs},
    {"the point hash takes in what matters", the_point_hash_takes_in_what_matters},
    {"the point hash takes in the chip file", the_point_hash_takes_in_the_chip_file},
    {"metrics are the results", metrics_are_the_results},
    {"the band has a scope for each model", the_band_has_a_scope_for_each_model},
    {"the mean of bits is over crossbars", the_mean_of_bits_is_over_crossbars},
    {"bits are those that are built", bits_are_those_that_are_built},
    {"rows are kept as detail asks", rows_are_kept_as_detail_asks},
    {"the rule of the bits is told", the_rule_of_the_bits_is_told},
    {"the use of arrays is recorded", use_of_arrays_is_recorded},
    {"the area of the chip is a sum of rows", the_area_of_the_chip_is_a_sum_of_rows},
    {"libraries have versions", libraries_have_versions},
    {NULL, NULL},
};
const struct test_suite suite_record = {"record", cases};
