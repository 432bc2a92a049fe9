/* Export: changed weights in the place of the file's own, everything else as it was, for every way
 * in which weights, biases and normalisations can be written. The exported file is imported again:
 * its layers must be the changed ones, bit by bit. */
#include "sim/network/export.h"

#include <stdlib.h>
#include <string.h>

#include "pruning/purify.h"
#include "sim/network/npz.h"
#include "tests/support/onnx_builder.h"
#include "tests/test.h"

enum { INT8 = 3 };

static const char *out_path(struct model *model) {
    return scratch_path(&model->scratch, "out.onnx");
}

/* Imports the model as a float one, gives its layers weights 0, 1, 0, 3, 0, 5... and biases
 * -1, -2..., exports, and imports the result. */
static void round_trip(struct model *model, struct network *again) {
    struct export *file;
    struct diagnostic diag = {0};
    const char *path = model_write(model, "model.onnx");
    network_free(&model->network);
    ASSERT_OK(network_import_as(path, NETWORK_AS_FLOAT, &model->network, &diag), diag);
    struct network *network = &model->network;
    for (int i = 0; i < network->n_linear; i++) {
        struct linear_layer *layer = &network->linear[i];
        size_t out = (size_t)layer->shape.out_channels, rows = (size_t)matrix_rows(&layer->shape);
        float *weights = ARENA_NEW(&network->arena, out * rows, float);
        float *bias = ARENA_NEW(&network->arena, out, float);
        CU_ASSERT_FATAL(weights != NULL && bias != NULL);
        for (size_t k = 0; k < out * rows; k++)
            weights[k] = k % 2 == 0 ? 0 : (float)k + 0.385F;
        for (size_t k = 0; k < out; k++)
            bias[k] = -1.0F - (float)k;
        layer->weights = weights;
        layer->bias = bias;
    }
    ASSERT_OK(export_open(path, NETWORK_AS_FLOAT, &file, &diag), diag);
    ASSERT_OK(export_layers(file, network, &diag), diag);
    ASSERT_OK(export_write(file, out_path(model), &diag), diag);
    export_close(file);
    ASSERT_OK(network_import(out_path(model), again, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(again->n_linear, network->n_linear);
    for (int i = 0; i < network->n_linear; i++) {
        const struct linear_layer *a = &network->linear[i], *b = &again->linear[i];
        size_t out = (size_t)a->shape.out_channels, rows = (size_t)matrix_rows(&a->shape);
        CU_ASSERT_STRING_EQUAL(a->name, b->name);
        CU_ASSERT_EQUAL(memcmp(a->weights, b->weights, out * rows * sizeof(float)), 0);
        CU_ASSERT_EQUAL(memcmp(a->bias, b->bias, out * sizeof(float)), 0);
    }
}

/* Operators of the exported file, in order: "Conv Relu ". */
static void operators(struct model *model, char *text, size_t size) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    char *data;
    size_t bytes;
    ASSERT_OK(file_read(out_path(model), &arena, &data, &bytes, &diag), diag);
    Onnx__ModelProto *proto = onnx__model_proto__unpack(NULL, bytes, (const uint8_t *)data);
    CU_ASSERT_PTR_NOT_NULL_FATAL(proto);
    text[0] = '\0';
    for (size_t i = 0; i < proto->graph->n_node; i++) {
        strncat(text, proto->graph->node[i]->op_type, size - strlen(text) - 2);
        strcat(text, " ");
    }
    onnx__model_proto__free_unpacked(proto, NULL);
    arena_free(&arena);
}

static void expect_export(struct model *model, const char *expected) {
    struct network again;
    char text[256];
    round_trip(model, &again);
    operators(model, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, expected);
    network_free(&again);
    model_close(model);
}

static void plain(void) {
    struct model model;
    model_open(&model, "nx2x5x5");
    model_floats(&model, "w", "3x2x3x3", NULL);
    model_floats(&model, "b", "3", NULL);
    model_node(&model, "Conv", "x w b", "t");
    MODEL_INTS(&model, "kernel_shape", 3, 3);
    model_node(&model, "Relu", "t", "u");
    model_node(&model, "Flatten", "u", "v");
    model_floats(&model, "m", "4x27", NULL);
    model_node(&model, "Gemm", "v m", "y"); /* no bias: it gets one */
    model_int(&model, "transB", 1);
    expect_export(&model, "Conv Relu Flatten Gemm ");
}

/* alpha and beta are in the layer already; weights as [rows][out]. */
static void gemm_factors(void) {
    struct model model;
    model_open(&model, "nx3");
    model_floats(&model, "w", "3x2", NULL);
    model_floats(&model, "b", "", NULL);
    model_node(&model, "Gemm", "x w b", "y");
    model_float(&model, "alpha", 0.5F);
    model_float(&model, "beta", 2);
    expect_export(&model, "Gemm ");
}

/* Normalisations and additions behind a layer have gone into it. */
static void folded(void) {
    struct model model;
    model_open(&model, "nx2x5x5");
    model_floats(&model, "w", "3x2x3x3", NULL);
    model_node(&model, "Conv", "x w", "t");
    model_floats(&model, "n1", "3", NULL);
    model_floats(&model, "n2", "3", NULL);
    model_floats(&model, "n3", "3", NULL);
    model_floats(&model, "n4", "3", NULL);
    model_node(&model, "BatchNormalization", "t n1 n2 n3 n4", "y");
    expect_export(&model, "Conv Identity ");
    model_open(&model, "nx3");
    model_floats(&model, "w", "3x2", NULL);
    model_floats(&model, "b", "2", NULL);
    model_node(&model, "MatMul", "x w", "t");
    model_node(&model, "Add", "b t", "y");
    expect_export(&model, "MatMul Add ");
    model_open(&model, "nx3");
    model_floats(&model, "w", "3x2", NULL);
    model_node(&model, "MatMul", "x w", "y"); /* its bias becomes an addition */
    expect_export(&model, "MatMul Add ");
}

/* One initializer for two layers, and one computed from another. */
static void shared_and_computed(void) {
    struct model model;
    model_open(&model, "nx2");
    model_floats(&model, "w", "2x2", NULL);
    model_node(&model, "Gemm", "x w", "t");
    model_node(&model, "Gemm", "t w", "u");
    model_node(&model, "Transpose", "w", "wt");
    model_node(&model, "Gemm", "u wt", "y");
    expect_export(&model, "Gemm Gemm Gemm ");
}

/* Quantisers go, the Relu that they held comes back. */
static void quantised(void) {
    struct model model;
    model_open(&model, "nx3");
    model_quantize(&model, "x", "xd", 0.125F, 3);
    model_codes(&model, "wq", INT8, "2x3", (const int[]){1, -2, 127, -127, 0, 5});
    model_floats(&model, "ws", "2", (const float[]){0.5F, 0.25F});
    model_node(&model, "DequantizeLinear", "wq ws", "w");
    model_int(&model, "axis", 0);
    model_node(&model, "Gemm", "xd w", "t");
    model_int(&model, "transB", 1);
    model_quantize(&model, "t", "y", 0.5F, 0);
    expect_export(&model, "Gemm Relu Identity ");
}

/* What the schema subset does not know is kept: the model's producer version (field 3), and a
 * node's documentation (field 6). */
static void unknown_fields(void) {
    struct model model;
    struct network again;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    ProtobufCMessageUnknownField version = {.tag = 3,
                                            .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
                                            .len = 6,
                                            .data = (uint8_t *)"\x05v2.38"};
    ProtobufCMessageUnknownField note = {.tag = 6,
                                         .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
                                         .len = 8,
                                         .data = (uint8_t *)"\x07my note"};
    char *data;
    size_t bytes;
    model_open(&model, "nx2");
    model_floats(&model, "w", "2x2", NULL);
    model_node(&model, "Gemm", "x w", "y");
    model.proto.base.n_unknown_fields = model.node->base.n_unknown_fields = 1;
    model.proto.base.unknown_fields = &version;
    model.node->base.unknown_fields = &note;
    round_trip(&model, &again);
    ASSERT_OK(file_read(out_path(&model), &arena, &data, &bytes, &diag), diag);
    CU_ASSERT_PTR_NOT_NULL(memmem(data, bytes, "v2.38", 5));
    CU_ASSERT_PTR_NOT_NULL(memmem(data, bytes, "my note", 7));
    arena_free(&arena);
    network_free(&again);
    model.proto.base.n_unknown_fields = model.node->base.n_unknown_fields = 0;
    model_close(&model);
}

/* A purified network: groups of a depthwise convolution, the target of a Reshape, and stated types
 * of tensors follow. */
static void smaller(void) {
    struct model model;
    struct network again;
    struct export *file;
    struct purified purified;
    struct diagnostic diag = {0};
    char text[256];
    model_open(&model, "nx2x5x5");
    model_floats(&model, "w", "4x2x1x1", NULL);
    model_node(&model, "Conv", "x w", "t");
    model_floats(&model, "d", "4x1x3x3", NULL);
    model_node(&model, "Conv", "t d", "u");
    model_int(&model, "group", 4);
    model_longs(&model, "s", "2", (const int64_t[]){-1, 36});
    model_node(&model, "Reshape", "u s", "v");
    model_floats(&model, "m", "36x3", NULL);
    model_node(&model, "MatMul", "v m", "y");
    model_expect(&model);
    struct network *network = &model.network;
    float *weights = ARENA_NEW(&network->arena, 36, float);
    CU_ASSERT_PTR_NOT_NULL_FATAL(weights);
    memcpy(weights, network->linear[1].weights, 36 * sizeof *weights);
    memset(weights + 9, 0, 9 * sizeof *weights);
    network->linear[1].weights = weights;
    ASSERT_OK(purify_network(network, &purified, &diag), diag);
    CU_ASSERT_EQUAL(purified.filters, 2);
    ASSERT_OK(export_open(model_write(&model, "model.onnx"), NETWORK_AS_MODEL, &file, &diag), diag);
    ASSERT_OK(export_layers(file, network, &diag), diag);
    ASSERT_OK(export_write(file, out_path(&model), &diag), diag);
    export_close(file);
    ASSERT_OK(network_import(out_path(&model), &again, &diag), diag);
    operators(&model, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "Conv Conv Reshape MatMul ");
    CU_ASSERT(again.linear[0].shape.out_channels == 3 && again.linear[1].shape.groups == 3);
    CU_ASSERT_EQUAL(again.linear[2].shape.in_channels, 27);
    for (int i = 0; i < 3; i++) {
        const struct linear_layer *a = &network->linear[i], *c = &again.linear[i];
        size_t n = (size_t)matrix_rows(&a->shape) * (size_t)a->shape.out_channels;
        CU_ASSERT_EQUAL(memcmp(a->weights, c->weights, n * sizeof(float)), 0);
    }
    network_free(&again);
    model_close(&model);
}

static void names_of_weights(void) {
    struct model model;
    struct export *file;
    struct diagnostic diag = {0};
    model_open(&model, "nx2x5x6");
    model_floats(&model, "w", "4x1x3x2", NULL);
    model_node(&model, "Conv", "x w", "t");
    model_int(&model, "group", 2);
    model_node(&model, "Flatten", "t", "v");
    model_floats(&model, "m", "60x3", NULL);
    model_node(&model, "MatMul", "v m", "y");
    model_expect(&model);
    const char *path = model_write(&model, "model.onnx");
    ASSERT_OK(export_open(path, NETWORK_AS_MODEL, &file, &diag), diag);
    struct export_weights conv = export_weights_of(file, &model.network, 0);
    struct export_weights fc = export_weights_of(file, &model.network, 1);
    CU_ASSERT(strcmp(conv.name, "w") == 0 && conv.rank == 4 && !conv.transposed);
    CU_ASSERT(conv.shape[0] == 4 && conv.shape[1] == 1 && conv.shape[2] == 3 && conv.shape[3] == 2);
    CU_ASSERT(strcmp(fc.name, "m") == 0 && fc.rank == 2 && fc.transposed);
    CU_ASSERT(fc.shape[0] == 60 && fc.shape[1] == 3);
    export_close(file);
    model_close(&model);
}

static void refusals(void) {
    struct model model;
    struct export *file;
    struct diagnostic diag = {0};
    model_open(&model, "nx2");
    model_floats(&model, "w", "2x2", NULL);
    model_node(&model, "Gemm", "x w", "y");
    model_expect(&model);
    const char *path = model_write(&model, "model.onnx");
    ASSERT_OK(export_open(path, NETWORK_AS_MODEL, &file, &diag), diag);
    ASSERT_OK(export_layers(file, &model.network, &diag), diag);
    CU_ASSERT_EQUAL(export_write(file, "/dev/full", &diag), STATUS_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "/dev/full"));
    export_close(file);
    model_node(&model, "Relu", "x", "unread");
    path = model_write(&model, "other.onnx");
    ASSERT_OK(export_open(path, NETWORK_AS_MODEL, &file, &diag), diag);
    CU_ASSERT_EQUAL(export_layers(file, &model.network, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "changed while it was in use"));
    export_close(file);
    CU_ASSERT_EQUAL(export_open("/nonexistent.onnx", NETWORK_AS_MODEL, &file, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NULL(file);
    model_close(&model);
}

/* Arrays come back as they were; names, shapes and types are held to. */
static void npz(void) {
    static const uint8_t values[24] = {1, 0, 1, 1, 0, 7}, line[5] = {1, 1, 0, 0, 1};
    const struct npz_array arrays[] = {
        {.name = "a.weight", .rank = 3, .shape = {2, 3, 4}, .values = values},
        {.name = "b/c", .rank = 1, .shape = {5}, .values = line}};
    uint8_t read[24];
    bool missing;
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct arena arena = ARENA_INIT;
    char *first, *second;
    size_t n_first, n_second;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "m.npz");
    ASSERT_OK(npz_write(path, arrays, 2, &diag), diag);
    ASSERT_OK(file_read(path, &arena, &first, &n_first, &diag), diag);
    ASSERT_OK(npz_write(path, arrays, 2, &diag), diag);
    ASSERT_OK(file_read(path, &arena, &second, &n_second, &diag), diag);
    CU_ASSERT(n_first == n_second && memcmp(first, second, n_first) == 0);
    ASSERT_OK(npz_read(path, &arrays[0], read, &missing, &diag), diag);
    CU_ASSERT(!missing && memcmp(read, values, 24) == 0);
    ASSERT_OK(npz_read(path, &arrays[1], read, NULL, &diag), diag);
    CU_ASSERT_EQUAL(memcmp(read, line, 5), 0);
    struct npz_array other = arrays[0];
    other.shape[1] = 4;
    CU_ASSERT_EQUAL(npz_read(path, &other, read, &missing, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "a.weight.npy: the mask must be uint8 or bool of "
                                                "shape 2 x 4 x 4"));
    other.name = "z";
    ASSERT_OK(npz_read(path, &other, read, &missing, &diag), diag);
    CU_ASSERT_TRUE(missing);
    CU_ASSERT_EQUAL(npz_read(path, &other, read, NULL, &diag), STATUS_USAGE);
    CU_ASSERT_EQUAL(npz_write("/dev/full", arrays, 2, &diag), STATUS_IO);
    arena_free(&arena);
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"plain layers", plain},
    {"factors of Gemm", gemm_factors},
    {"folded nodes", folded},
    {"shared and computed weights", shared_and_computed},
    {"QDQ models", quantised},
    {"unknown fields", unknown_fields},
    {"a smaller network", smaller},
    {"names of weights", names_of_weights},
    {"refusals", refusals},
    {"NPZ", npz},
    {NULL, NULL},
};

const struct test_suite suite_export = {"export", cases};
