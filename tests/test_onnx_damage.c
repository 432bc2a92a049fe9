/* ONNX import of files that lie: wrong sizes, cut or altered files, memory that runs out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/malloc_fail.h"
#include "tests/support/onnx_builder.h"
#include "tests/test.h"

#define LENET "../shared/models/fashion-mnist/lenet_int8.onnx"

/* y = x + c, with a tensor to spoil. */
static Onnx__TensorProto *open_with(struct model *model) {
    model_open(model, "nx2x3");
    Onnx__TensorProto *tensor = model_floats(model, "c", "2x3", NULL);
    model_node(model, "Add", "x c", "y");
    return tensor;
}

static void tensor_sizes(void) {
    static const int64_t dims[][2] = {
        {2, 4}, {2, 0}, {2, INT64_MAX}, {INT64_MAX, INT64_MAX}, {1 << 30, 1 << 30}, {0, 3}};
    struct model model;
    Onnx__TensorProto *tensor = open_with(&model);
    for (size_t i = 0; i < sizeof dims / sizeof *dims; i++) {
        tensor->dims[0] = dims[i][0];
        tensor->dims[1] = dims[i][1];
        model_refuse(&model, "tensor 'c' ");
    }
    tensor->dims[0] = -2;
    model_refuse(&model, "tensor 'c' has dimension -2: the file is damaged");
    tensor->n_dims = 7;
    model_refuse(&model, "tensor 'c' has 7 dimensions");
    model_close(&model);
}

static void tensor_data(void) {
    struct model model;
    uint8_t bytes[24] = {0};
    Onnx__TensorProto *tensor = open_with(&model);
    tensor->n_float_data = 5;
    model_refuse(&model, "tensor 'c' should hold 6 values but its data does not");
    tensor->n_float_data = 0;
    tensor->raw_data.data = bytes;
    for (tensor->raw_data.len = 1; tensor->raw_data.len < 24; tensor->raw_data.len++)
        model_refuse(&model, "tensor 'c' should hold 6 values");
    model_expect(&model);
    tensor->data_type = 10;
    model_refuse(&model, "tensor 'c' has element type 10");
    tensor->data_type = -1;
    model_refuse(&model, "tensor 'c' has element type -1");
    tensor->data_type = 1;
    tensor->data_location = 1;
    model_refuse(&model, "tensor 'c' keeps its data in another file: save the model as a single");
    model_close(&model);
}

/* Doubles are read as floats, from either place. */
static void doubles(void) {
    static double values[] = {1, 2, 0.1, 4, 5, 6};
    for (int raw = 0; raw < 2; raw++) {
        struct model model;
        Onnx__TensorProto *tensor = open_with(&model);
        tensor->data_type = 11;
        tensor->n_float_data = 0;
        if (raw) {
            tensor->raw_data.data = (uint8_t *)values;
            tensor->raw_data.len = sizeof values;
        } else {
            tensor->double_data = values;
            tensor->n_double_data = 6;
        }
        model_expect(&model);
        const float *floats = model.network.tensors[model_last(&model)->inputs[1]].floats;
        CU_ASSERT_PTR_NOT_NULL_FATAL(floats);
        CU_ASSERT(floats[2] == 0.1F && floats[5] == 6);
        model_close(&model);
    }
}

/* A small file that asks for large products is stopped before memory is. */
static void expansion(void) {
    struct model model;
    model_open(&model, "nx1x1");
    model_floats(&model, "a", "1x4000", NULL);
    model_floats(&model, "b", "4000x1", NULL);
    model_node(&model, "Add", "a b", "c"); /* 64 MB each */
    model_node(&model, "Mul", "a c", "d");
    model_node(&model, "Mul", "a d", "e");
    model_node(&model, "Add", "x e", "y");
    model_refuse(&model, "times the file's size: export with constant folding");
    model_floats(&model, "wide", "1x5000", NULL);
    model.nodes[0]->input[0] = "wide";
    model_refuse(&model, "its constant is empty or larger than mho computes");
    model_close(&model);
}

static char *read_whole(const char *path, size_t *bytes) {
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL_FATAL(fseek(file, 0, SEEK_END), 0);
    *bytes = (size_t)ftell(file);
    rewind(file);
    char *data = malloc(*bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(data);
    CU_ASSERT_EQUAL_FATAL(fread(data, 1, *bytes, file), *bytes);
    fclose(file);
    return data;
}

static bool no_lenet(void) {
    if (access(LENET, R_OK) == 0)
        return false;
    printf("skipped: no " LENET " ");
    return true;
}

/* The real file cut at many lengths: never a network, never more than one line. */
static void truncated(void) {
    if (no_lenet())
        return;
    struct scratch scratch;
    size_t bytes;
    char *data = read_whole(LENET, &bytes);
    scratch_open(&scratch);
    for (size_t length = 0; length < bytes; length += length < 2000 ? 13 : bytes / 150) {
        const char *path = scratch_write(&scratch, "cut.onnx", data, length);
        struct network network;
        struct diagnostic diag = {0};
        CU_ASSERT_EQUAL(network_import(path, &network, &diag), STATUS_USAGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "cut.onnx: "));
        CU_ASSERT_PTR_NULL(strchr(diag.message, '\n'));
        CU_ASSERT_PTR_NULL(network.arena.last);
        network_free(&network);
    }
    free(data);
    scratch_close(&scratch);
}

/* One byte altered, everywhere but in the weights: a network or a message, but no crash. */
static void altered(void) {
    if (no_lenet())
        return;
    struct scratch scratch;
    size_t bytes;
    char *data = read_whole(LENET, &bytes);
    scratch_open(&scratch);
    for (size_t at = 0; at < 9000; at += 31) {
        char before = data[at];
        data[at] = (char)(before ^ (1 << at % 8));
        const char *path = scratch_write(&scratch, "altered.onnx", data, bytes);
        struct network network;
        struct diagnostic diag = {0};
        enum status status = network_import(path, &network, &diag);
        CU_ASSERT(status == STATUS_OK || status == STATUS_USAGE);
        network_free(&network);
        data[at] = before;
    }
    free(data);
    scratch_close(&scratch);
}

static void not_a_model(void) {
    struct scratch scratch;
    struct network network;
    struct diagnostic diag = {0};
    scratch_open(&scratch);
    CU_ASSERT_EQUAL(network_import(scratch_path(&scratch, "none.onnx"), &network, &diag),
                    STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "none.onnx"));
    const char *path = scratch_write(&scratch, "empty.onnx", "", 0);
    CU_ASSERT_EQUAL(network_import(path, &network, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "the file is empty"));
    path = scratch_write(&scratch, "text.onnx", "network: {}\n", 12);
    CU_ASSERT_EQUAL(network_import(path, &network, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "text.onnx: "));
    /* A million empty nodes are a small file and a large graph. */
    enum { NODES = 1 << 20 };
    char *nodes = malloc(2 * NODES + 5);
    CU_ASSERT_PTR_NOT_NULL_FATAL(nodes);
    static const char header[] = {0x3a, (char)0x80, (char)0x80, (char)0x80, 0x01}; /* field 7 */
    memcpy(nodes, header, 5);
    for (size_t i = 0; i < NODES; i++)
        memcpy(nodes + 5 + 2 * i, "\n\0", 2); /* field 1, 0 bytes */
    path = scratch_write(&scratch, "bomb.onnx", nodes, 2 * NODES + 5);
    CU_ASSERT_EQUAL(network_import(path, &network, &diag), STATUS_USAGE);
    free(nodes);
    scratch_close(&scratch);
}

/* Every allocation fails once: STATUS_MEMORY, or for protobuf's own a refusal, and no leak. */
static void short_memory(void) {
    if (!malloc_fail_works()) {
        printf("skipped: malloc cannot be made to fail here ");
        return;
    }
    struct model model;
    open_with(&model);
    const char *path = model_write(&model, "model.onnx");
    for (long n = 1; n < 1000; n++) {
        struct network network;
        struct diagnostic diag = {0};
        malloc_fail_at(n);
        enum status status = network_import(path, &network, &diag);
        if (!malloc_fail_end()) {
            CU_ASSERT_EQUAL(status, STATUS_OK);
            network_free(&network);
            break;
        }
        CU_ASSERT(status == STATUS_MEMORY || status == STATUS_USAGE);
        CU_ASSERT_PTR_NULL(network.arena.last);
    }
    model_close(&model);
}

static const struct test_case cases[] = {
    {"sizes of tensors", tensor_sizes},
    {"data of tensors", tensor_data},
    {"doubles", doubles},
    {"constants that grow", expansion},
    {"truncated files", truncated},
    {"altered files", altered},
    {"no model at all", not_a_model},
    {"short memory", short_memory},
    {NULL, NULL},
};

const struct test_suite suite_onnx_damage = {"onnx_damage", cases};
