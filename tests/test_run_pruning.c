/* One-shot pruning within a run: what is mapped afterwards, and that every option changes it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/run/record.h"
#include "tests/support/configs.h"
#include "tests/test.h"

#define RESNET_CONFIG "configs/quickstart.yaml"
#define LENET_FLOAT   "../shared/models/fashion-mnist/lenet.onnx"

struct pruned {
    struct config *config;
    struct run_result result;
};

static void evaluate(const char *path, const char *const *overrides, struct pruned *pruned) {
    struct diagnostic diag = {0};
    pruned->config = config_of(path, overrides);
    ASSERT_OK(run_evaluate(pruned->config, NULL, &pruned->result, &diag), diag);
}

static void finish(struct pruned *pruned) {
    run_result_free(&pruned->result);
    config_free(pruned->config);
}

static const struct weight_statistics *statistics(const struct pruned *pruned, int layer) {
    return &pruned->result.mapping.layers[layer].weights;
}

/* LeNet-5 (two convolutions, two products): 8x leaves 16 of each 128 rows of a column, and
 * converters that lose nothing need fewer bits for it. */
static void column_proportional(void) {
    struct pruned dense, pruned;
    struct arena arena = ARENA_INIT;
    struct store_run record = {0};
    struct diagnostic diag = {0};
    evaluate(LENET_CONFIG, (const char *[]){"run.accuracy=false", NULL}, &dense);
    evaluate(LENET_CONFIG,
             (const char *[]){"run.accuracy=false", "pruning.scheme=column_proportional",
                              "pruning.rate=8", "run.cost=false", NULL},
             &pruned);
    int layers = pruned.result.mapping.n_layers;
    long weights = 0, nonzero = 0;
    CU_ASSERT_EQUAL_FATAL(layers, 4);
    for (int i = 0; i < layers; i++) {
        const struct mapped_layer *layer = &pruned.result.mapping.layers[i];
        weights += layer->weights.weights;
        nonzero += layer->weights.nonzero;
        if (i == 0) { /* skip_first */
            CU_ASSERT_EQUAL(layer->weights.nonzero, statistics(&dense, 0)->nonzero);
            continue;
        }
        CU_ASSERT_EQUAL(layer->weights.max_block_nonzero, 16);
        /* 16 cells of 2 bits: sums of at most 48. */
        CU_ASSERT_EQUAL(layer->lossless.structural, 6);
        CU_ASSERT(layer->lossless.exact <= 6);
        CU_ASSERT(dense.result.mapping.layers[i].lossless.exact > layer->lossless.exact);
    }
    ASSERT_OK(run_record(&pruned.result,
                         &(struct run_source){.config_path = "c.yaml",
                                              .base = pruned.config,
                                              .version = "v",
                                              .commit = "c"},
                         &arena, &record, &diag),
              diag);
    CU_ASSERT_DOUBLE_EQUAL(run_record_metric(&record, "sparsity"),
                           1 - (double)nonzero / (double)weights, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(run_record_metric(&record, "compression_ratio"),
                           (double)weights / (double)nonzero, 1e-12);
    arena_free(&arena);
    finish(&dense);
    finish(&pruned);
}

/* Real weights of a quantised layer. */
static void check_layer(const struct pruned *pruned, int layer, const struct prune_plan *plan) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    const struct network *network = &pruned->result.network;
    float *weights = prune_weights_of(network, layer, &arena);
    CU_ASSERT_PTR_NOT_NULL_FATAL(weights);
    struct prune_matrix matrix =
        prune_matrix_of(prune_name_of(network, layer), prune_shape_of(network, layer), weights);
    ASSERT_OK(prune_check(plan, &matrix, &diag), diag);
    arena_free(&arena);
}

/* Every scheme on ResNet-20: what is mapped satisfies its check, and something is gone. */
static void every_scheme(void) {
    for (size_t s = 0; s < n_prune_schemes; s++) {
        char scheme[64];
        struct pruned pruned;
        struct prune_plan plans[64];
        struct diagnostic diag = {0};
        snprintf(scheme, sizeof scheme, "pruning.scheme=%s", prune_schemes[s]->name);
        evaluate(RESNET_CONFIG,
                 (const char *[]){"run.accuracy=false", "run.cost=false", scheme,
                                  prune_schemes[s]->takes_rate ? "pruning.rate=4" : NULL, NULL},
                 &pruned);
        const struct network *network = &pruned.result.network;
        int layers = prune_layers_of(network);
        CU_ASSERT_FATAL(layers <= 64);
        ASSERT_OK(run_prune_plans(pruned.config, network, plans, &diag), diag);
        long weights = 0, nonzero = 0;
        for (int i = 1; i < layers; i++) {
            check_layer(&pruned, i, &plans[i]);
            weights += statistics(&pruned, i)->weights;
            nonzero += statistics(&pruned, i)->nonzero;
        }
        double share = (double)nonzero / (double)weights;
        if (prune_schemes[s]->takes_rate)
            CU_ASSERT(share > 0.24 && share < 0.31) /* 144 rows: (32 + 16) / 144 */
        else
            CU_ASSERT(share > 0.35 && share < 0.9);
        finish(&pruned);
    }
}

/* A number that stands for which weights are left. */
static uint64_t fingerprint(const char *const *overrides) {
    struct pruned pruned;
    uint64_t hash = 1469598103934665603ULL; /* FNV-1a */
    evaluate(RESNET_CONFIG, overrides, &pruned);
    const struct network *network = &pruned.result.network;
    for (int i = 0; i < network->n_matrix; i++) {
        const struct matrix_layer *layer = &network->matrix[i];
        size_t size = (size_t)matrix_rows(&layer->shape) * (size_t)layer->shape.out_channels;
        for (size_t w = 0; w < size; w++)
            hash = (hash ^ (layer->weights[w] != 0)) * 1099511628211ULL;
    }
    finish(&pruned);
    return hash;
}

/* Each option changes which weights are left. */
static void every_option(void) {
    static const char *const options[][3] = {
        {"column_proportional", "rate=4", "rate=5"},
        {"column_proportional", "rate=4", "rows=64"},
        {"unstructured", "rate=4", "skip_first=false"},
        {"column_proportional", "rate=4", "skip_last=true"},
        {"column_proportional", "rate=4", "column_budget=power_of_two"},
        {"column_proportional+filter", "rate=4", "rate=[4,2]"},
        {"unstructured", "rate=4", "scope=global"},
        {"crossbar_row", "rate=4", "columns=4"},
        {"crossbar_row", "rate=4", "rows=32"},
        {"crossbar_column", "rate=4", "columns=4"},
        {"row_and_column", "rate=4", "columns=4"},
        {"bcr", "rate=4", "columns=4"},
        {"block_punched", "rate=4", "block_filters=4"},
        {"block_punched", "rate=4", "block_channels=8"},
        {"pattern", "patterns=8", "patterns=3"},
        {"polarization", "fragment_rows=8", "fragment_rows=16"},
        {"polarization", "fragment_rows=8", "rows=12"},
        {"mixed_granularity", "rate=4", "mixed_thresholds=[0.4, 0.9]"},
        {"mixed_granularity", "rate=4", "mixed_row_rate=1.5"},
        {"mixed_granularity", "rate=4", "mixed_class1=as_class2"},
        {"mixed_granularity", "rate=4", "mixed_class2=as_class3"},
        {"mixed_granularity", "rate=4", "mixed_class3=kept"},
        {"mixed_granularity", "rate=4", "columns=4"},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        char scheme[64], base[64], changed[64];
        snprintf(scheme, sizeof scheme, "pruning.scheme=%s", options[i][0]);
        snprintf(base, sizeof base, "pruning.%s", options[i][1]);
        snprintf(changed, sizeof changed, "pruning.%s", options[i][2]);
        const char *const before[] = {"run.accuracy=false", "run.cost=false", scheme, base, NULL};
        const char *const after[] = {
            "run.accuracy=false", "run.cost=false", scheme, base, changed, NULL};
        CU_ASSERT_NOT_EQUAL(fingerprint(before), fingerprint(after));
        if (fingerprint(before) == fingerprint(after))
            fprintf(stderr, "\n%s: %s changes nothing\n", options[i][0], options[i][2]);
    }
}

/* A layer of its own; sub-matrices follow the arrays of the layer. */
static void layers(void) {
    struct pruned pruned;
    evaluate(LENET_CONFIG,
             (const char *[]){
                 "run.accuracy=false", "run.cost=false", "pruning.scheme=column_proportional",
                 "pruning.rate=8", "layers./c2/Conv.pruning.rate=2",
                 "layers./f1/Gemm.pruning.scheme=none", "layers./f2/Gemm.crossbar.rows=64", NULL},
             &pruned);
    CU_ASSERT_EQUAL(statistics(&pruned, 1)->max_block_nonzero, 64);
    CU_ASSERT(statistics(&pruned, 2)->nonzero > statistics(&pruned, 2)->weights * 9 / 10);
    CU_ASSERT_EQUAL(statistics(&pruned, 3)->max_block_nonzero, 8);
    finish(&pruned);
}

/* The baseline is the network before it was pruned, its own zeros filled. */
static void baseline(void) {
    struct pruned dense, pruned;
    evaluate(LENET_CONFIG, (const char *[]){"run.accuracy=false", "run.baseline=dense", NULL},
             &dense);
    evaluate(LENET_CONFIG,
             (const char *[]){"run.accuracy=false", "run.baseline=dense", "pruning.scheme=filter",
                              "pruning.rate=4", "mapping.compaction=rows_columns", NULL},
             &pruned);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pruned.result.baseline);
    CU_ASSERT_EQUAL(pruned.result.baseline->cost.energy_j, dense.result.baseline->cost.energy_j);
    CU_ASSERT_EQUAL(pruned.result.baseline->network.matrix[2].weights[7],
                    dense.result.network.matrix[2].weights[7]);
    CU_ASSERT(pruned.result.mapping.crossbars < dense.result.mapping.crossbars / 2);
    finish(&dense);
    finish(&pruned);
}

static void refused(const char *const *overrides, const char *text) {
    struct diagnostic diag = {0};
    struct run_result result;
    struct config *config = config_of(LENET_CONFIG, overrides);
    CU_ASSERT_EQUAL(run_evaluate(config, NULL, &result, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, text));
    if (strstr(diag.message, text) == NULL)
        fprintf(stderr, "\nexpected `%s`, got `%s`\n", text, diag.message);
    config_free(config);
}

static void refusals(void) {
    refused((const char *[]){"pruning.scheme=column_proportional", "pruning.rate=129", NULL},
            "layer /c1/Conv: pruning.rate = 129 leaves no weight in a block of 128 rows");
    refused((const char *[]){"pruning.scheme=colum_proportional", "pruning.rate=2", NULL},
            "did you mean \"column_proportional\"?");
    refused((const char *[]){"pruning.scheme=filter", NULL}, "needs pruning.rate");
}

/* A float model is pruned before it is quantised: the same zeros, and scales of what is left. */
static void float_model(void) {
    struct pruned pruned;
    struct diagnostic diag = {0};
    struct network network;
    if (network_import(LENET_FLOAT, &network, &diag) != STATUS_OK) {
        fprintf(stderr, " skipped: no " LENET_FLOAT);
        return;
    }
    const char *const overrides[] = {
        "network.model=" LENET_FLOAT, "pruning.scheme=unstructured", "pruning.rate=10",
        "dataset.count=200",          "adc.bits=lossless",           NULL};
    evaluate(LENET_CONFIG, overrides, &pruned);
    for (int i = 1; i < network.n_linear; i++)
        CU_ASSERT(statistics(&pruned, i)->nonzero <= statistics(&pruned, i)->weights / 10);
    CU_ASSERT(statistics(&pruned, 0)->nonzero > statistics(&pruned, 0)->weights * 9 / 10);
    /* 65 % of 10,000 images by magnitude alone (an independent prototype); dense 92 %. */
    CU_ASSERT(pruned.result.accuracy.correct_float > 100 &&
              pruned.result.accuracy.correct_float < 170);
    network_free(&network);
    finish(&pruned);
}

/* Layers with formats of their own: their bits are mapped, and paid for. */
static void formats(void) {
    struct pruned eight, mixed;
    struct diagnostic diag = {0};
    struct network network;
    if (network_import(LENET_FLOAT, &network, &diag) != STATUS_OK) {
        fprintf(stderr, " skipped: no " LENET_FLOAT);
        return;
    }
    network_free(&network);
    evaluate(LENET_CONFIG,
             (const char *[]){"network.model=" LENET_FLOAT, "run.accuracy=false", NULL}, &eight);
    evaluate(LENET_CONFIG,
             (const char *[]){"network.model=" LENET_FLOAT, "run.accuracy=false",
                              "layers./c2/Conv.quantization.weight_bits=5",
                              "layers./f1/Gemm.quantization.weights=ternary",
                              "layers./f2/Gemm.quantization.weights=power_of_two", NULL},
             &mixed);
    const struct mapped_layer *layers_mixed = mixed.result.mapping.layers;
    CU_ASSERT_EQUAL(layers_mixed[1].layer->weight_bits, 5);
    CU_ASSERT_EQUAL(layers_mixed[1].encoding.columns,
                    4); /* 4 bits in 2-bit cells, plus and minus */
    CU_ASSERT_EQUAL(layers_mixed[2].encoding.columns, 2);
    /* One bit of each weight is programmed: a cell of 2 bits holds 0, 1 or 2. */
    CU_ASSERT_EQUAL(layers_mixed[3].layer->weight_bits, 8);
    CU_ASSERT_EQUAL(layers_mixed[3].sums.cells_nonzero, layers_mixed[3].weights.nonzero);
    CU_ASSERT(mixed.result.mapping.crossbars < eight.result.mapping.crossbars / 2);
    CU_ASSERT(mixed.result.cost.energy_j < eight.result.cost.energy_j);
    finish(&eight);
    finish(&mixed);
    refused((const char *[]){"layers./f1/Gemm.quantization.weights=binary", NULL},
            "layer /f1/Gemm of");
    refused((const char *[]){"network.model=" LENET_FLOAT, "quantization.weights=binary",
                             "layers./f1/Gemm.quantization.weight_bits=6", NULL},
            "layer /f1/Gemm: quantization.weight_bits = 6 has no effect");
}

static const struct test_case cases[] = {
    {"column-proportional", column_proportional},
    {"every scheme", every_scheme},
    {"every option", every_option},
    {"layers", layers},
    {"baseline", baseline},
    {"refusals", refusals},
    {"float model", float_model},
    {"formats of weights", formats},
    {NULL, NULL},
};

const struct test_suite suite_run_pruning = {"run_pruning", cases};
