/* Every pruning scheme and some sequences, written as ONNX and masks as `mho prune` does and read
 * again: each layer satisfies its scheme's check, zeros are those of the masks, weights the same
 * bit by bit. One shot and reconstructed, plain, residual and depthwise networks. */
#include <stdio.h>
#include <string.h>

#include "sim/run/masks.h"
#include "sim/run/prune.h"
#include "tests/support/configs.h"
#include "tests/support/onnx_builder.h"
#include "tests/support/random.h"
#include "tests/test.h"

enum { LAYERS_MOST = 64, OVERRIDES_MOST = 12 };

/* A network pruned, written and read again. */
struct round_trip {
    struct scratch scratch;
    struct config *config;
    struct network pruned, again;
    struct prune_plan plans[LAYERS_MOST];
    struct layerwise_layer layers[LAYERS_MOST];
    const uint8_t *masks[LAYERS_MOST]; /* as the file has them */
};

static void read_again(struct round_trip *trip, const char *path, const char *masks) {
    struct diagnostic diag = {0};
    struct export *file;
    ASSERT_OK(network_import(path, &trip->again, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(trip->again.n_linear, trip->pruned.n_linear);
    ASSERT_OK(export_open(path, NETWORK_AS_MODEL, &file, &diag), diag);
    ASSERT_OK(masks_read(masks, file, &trip->again, trip->masks, &trip->scratch.arena, &diag),
              diag);
    export_close(file);
}

static void prune(const char *path, const char *const *overrides, struct round_trip *trip) {
    struct diagnostic diag = {0};
    struct dataset images = {0};
    struct export *file;
    *trip = (struct round_trip){0};
    scratch_open(&trip->scratch);
    trip->config = config_of(path, overrides);
    const struct network_options *model = config_get(trip->config, "network");
    ASSERT_OK(network_import_as(model->model, NETWORK_AS_FLOAT, &trip->pruned, &diag), diag);
    CU_ASSERT_FATAL(trip->pruned.n_linear <= LAYERS_MOST);
    ASSERT_OK(run_prune_plans(trip->config, &trip->pruned, trip->plans, &diag), diag);
    if (run_prune_needs_images(trip->config))
        ASSERT_OK(run_load_calibration(trip->config, &trip->pruned, &images, &diag), diag);
    const struct run_prune_request request = {
        .config = trip->config, .plans = trip->plans, .images = &images, .threads = 1};
    ASSERT_OK(run_prune(&request, &trip->pruned, trip->layers, &diag), diag);
    dataset_free(&images);

    const char *onnx = scratch_path(&trip->scratch, "p.onnx");
    const char *masks = scratch_path(&trip->scratch, "m.npz");
    ASSERT_OK(export_open(model->model, NETWORK_AS_FLOAT, &file, &diag), diag);
    ASSERT_OK(export_layers(file, &trip->pruned, &diag), diag);
    ASSERT_OK(export_write(file, onnx, &diag), diag);
    ASSERT_OK(masks_write(masks, file, &trip->pruned, trip->layers, &diag), diag);
    export_close(file);
    read_again(trip, onnx, masks);
}

static void finish(struct round_trip *trip) {
    network_free(&trip->pruned);
    network_free(&trip->again);
    config_free(trip->config);
    scratch_close(&trip->scratch);
}

/* Zeros where the mask that was read says so, and (`dense` weights that were none) nowhere else. */
static void check_masks(const struct round_trip *trip, int i, long *kept, long *nonzero) {
    const struct linear_layer *layer = &trip->again.linear[i];
    size_t size = (size_t)matrix_rows(&layer->shape) * (size_t)layer->shape.out_channels;
    long outside = 0;
    if (trip->masks[i] == NULL)
        return;
    CU_ASSERT_EQUAL(memcmp(trip->masks[i], trip->layers[i].mask, size), 0);
    for (size_t k = 0; k < size; k++) {
        *kept += trip->masks[i][k];
        *nonzero += layer->weights[k] != 0;
        outside += layer->weights[k] != 0 && trip->masks[i][k] == 0;
    }
    CU_ASSERT_EQUAL(outside, 0);
}

static void check_layers(const struct round_trip *trip, bool fitted) {
    long kept = 0, nonzero = 0;
    for (int i = 0; i < trip->again.n_linear; i++) {
        struct diagnostic diag = {0};
        const struct linear_layer *was = &trip->pruned.linear[i], *is = &trip->again.linear[i];
        struct prune_matrix matrix = prune_matrix_of(is->name, &is->shape, is->weights);
        CU_ASSERT_EQUAL(memcmp(was->weights, is->weights, prune_size(&matrix) * sizeof(float)), 0);
        CU_ASSERT_EQUAL(memcmp(was->bias, is->bias, (size_t)is->shape.out_channels * sizeof(float)),
                        0);
        if (trip->plans[i].n_steps > 0) {
            CU_ASSERT_PTR_NOT_NULL(trip->masks[i]);
            ASSERT_OK(prune_check(&trip->plans[i], &matrix, &diag), diag);
        }
        check_masks(trip, i, &kept, &nonzero);
    }
    /* Of what the masks keep no more is zero than was in the int8 model (4.7 % at most); fitting
     * leaves no zero but where an input never varies. */
    CU_ASSERT(nonzero > 0);
    CU_ASSERT((double)nonzero >= (fitted ? 0.85 : 0.9) * (double)kept);
}

static void check(const char *path, const char *scheme, const char *rate, const char *const *more) {
    const char *overrides[OVERRIDES_MOST] = {"network.as=float"};
    char scheme_text[80], rate_text[48];
    int n = 1;
    snprintf(scheme_text, sizeof scheme_text, "pruning.scheme=%s", scheme);
    overrides[n++] = scheme_text;
    if (rate != NULL) {
        snprintf(rate_text, sizeof rate_text, "pruning.rate=%s", rate);
        overrides[n++] = rate_text;
    }
    for (; more != NULL && *more != NULL; more++)
        overrides[n++] = *more;
    struct round_trip trip;
    prune(path, overrides, &trip);
    const struct pruning_options *options = config_get(trip.config, "pruning");
    unsigned before = CU_get_number_of_failures();
    check_layers(&trip, options->reconstruct != RECONSTRUCT_NONE);
    if (CU_get_number_of_failures() > before)
        fprintf(stderr, "\n%s on %s\n", scheme, path);
    finish(&trip);
}

/* All schemes, then sequences. */
static void check_all(const char *path, const char *const *more) {
    for (size_t s = 0; s < n_prune_schemes; s++)
        check(path, prune_schemes[s]->name, prune_schemes[s]->takes_rate ? "3" : NULL, more);
    check(path, "filter+column_proportional", "[2, 4]", more);
    check(path, "pattern+kernel", "2", more);
    check(path, "shape+polarization", "2", more);
    check(path, "filter+mixed_granularity", "[1.5, 3]", more);
}

#define QUICKSTART "configs/quickstart.yaml"
#define MOBILENET  "network.model=configs/networks/mobilenet_int8.onnx"

static void one_shot(void) {
    check_all(LENET_CONFIG, NULL);
    check_all(QUICKSTART, NULL);
    check_all(QUICKSTART, (const char *[]){MOBILENET, NULL});
}

/* Sub-matrices that fit no layer evenly, and options that make other sets. */
static void awkward_options(void) {
    const char *const sizes[] = {"pruning.rows=37",
                                 "pruning.columns=5",
                                 "pruning.fragment_rows=5",
                                 "pruning.column_budget=power_of_two",
                                 "pruning.mixed_class2=as_class3",
                                 "pruning.skip_first=false",
                                 NULL};
    check_all(QUICKSTART, sizes);
}

static void competing_layers(void) {
    const char *const global[] = {"pruning.scope=global", NULL};
    for (size_t s = 0; s < n_prune_schemes; s++)
        if (prune_schemes[s]->global)
            check(QUICKSTART, prune_schemes[s]->name, "3", global);
}

static void random_weights(struct model *model, const char *name, const char *shape) {
    static struct test_random random = {3};
    Onnx__TensorProto *tensor = model_floats(model, name, shape, NULL);
    for (size_t i = 0; i < tensor->n_float_data; i++)
        tensor->float_data[i] = (float)test_random_below(&random, 2001) / 4000.0F - 0.25F;
}

static void conv(struct model *model, const char *inputs, const char *output, int stride) {
    char sum[8];
    snprintf(sum, sizeof sum, "%s_", output);
    model_node(model, "Conv", inputs, sum);
    MODEL_INTS(model, "pads", 1, 1, 1, 1);
    MODEL_INTS(model, "strides", stride, stride);
    if (strchr(inputs, 'g') != NULL)
        model_int(model, "group", 2);
    model_node(model, "Relu", sum, output);
}

/* r = relu(c0(x)); y = fc(mean(relu(g3(r + relu(c2(relu(c1(r)))))))), g3 in two groups: layers that
 * one other reads, that a sum reads, and that nothing reads. */
static const char *small_net(struct model *model) {
    model_open(model, "nx1x28x28");
    random_weights(model, "w0", "8x1x3x3");
    random_weights(model, "w1", "9x8x3x3");
    random_weights(model, "w2", "8x9x3x3");
    random_weights(model, "g3", "12x4x3x3");
    random_weights(model, "w4", "10x12");
    conv(model, "x w0", "r", 2);
    conv(model, "r w1", "s", 1);
    conv(model, "s w2", "t", 1);
    model_node(model, "Add", "r t", "u");
    conv(model, "u g3", "v", 2);
    model_node(model, "GlobalAveragePool", "v", "p");
    model_node(model, "Flatten", "p", "f");
    model_node(model, "Gemm", "f w4", "y");
    model_int(model, "transB", 1);
    return model_write(model, "small.onnx");
}

static void fitted(const char *method, const char *score) {
    struct model model;
    char path[128];
    snprintf(path, sizeof path, "network.model=%s", small_net(&model));
    check_all(QUICKSTART, (const char *[]){path, method, score, "pruning.samples=1500",
                                           "dataset.calibration_count=40", "pruning.rows=37",
                                           "pruning.columns=5", NULL});
    model_close(&model);
}

static void least_squares(void) {
    fitted("pruning.reconstruct=least_squares", "pruning.score=gram");
}

static void admm(void) {
    fitted("pruning.reconstruct=admm", "pruning.score=obs");
}

/* Masks that calibration images choose, without fitting. */
static void scored(void) {
    fitted("pruning.reconstruct=none", "pruning.score=obs");
}

static const struct test_case cases[] = {
    {"one shot", one_shot},
    {"awkward options", awkward_options},
    {"layers that compete", competing_layers},
    {"scored on images", scored},
    {"least squares", least_squares},
    {"ADMM", admm},
    {NULL, NULL},
};

const struct test_suite suite_prune_export = {"prune_export", cases};
