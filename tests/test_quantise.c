/* Quantisation of float networks: grids, integers and the graph that results, by hand. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/onnx_builder.h"
#include "tests/test.h"

enum { MAX_TENSORS = 32 };

struct job {
    struct model model;
    struct activation_range ranges[MAX_TENSORS]; /* by tensor of model.network */
    struct quantization_options options;
    struct network result;
    struct diagnostic diag;
};

static void job_open(struct job *job, const char *shape) {
    memset(job, 0, sizeof *job);
    job->options =
        (struct quantization_options){QUANTIZATION_MODEL, QUANTIZATION_MODEL, 100, WEIGHTS_UNIFORM};
    model_open(&job->model, shape);
}

/* Imports, and gives every tensor the range -1..1 to start with. */
static void job_import(struct job *job) {
    model_expect(&job->model);
    CU_ASSERT_FATAL(job->model.network.n_tensors <= MAX_TENSORS);
    for (int t = 0; t < MAX_TENSORS; t++)
        job->ranges[t] = (struct activation_range){-1, 1};
}

static void set_range(struct job *job, const char *tensor, float low, float high) {
    const struct network *network = &job->model.network;
    for (int t = 0; t < network->n_tensors; t++)
        if (strcmp(network->tensors[t].name, tensor) == 0) {
            job->ranges[t] = (struct activation_range){low, high};
            return;
        }
    CU_FAIL_FATAL("no such tensor");
}

static void job_run(struct job *job) {
    network_free(&job->result);
    ASSERT_OK(network_quantise(&job->model.network, job->ranges, &job->options, NULL, &job->result,
                               &job->diag),
              job->diag);
    CU_ASSERT_TRUE(job->result.quantised);
    CU_ASSERT_EQUAL(job->result.n_linear, 0);
    CU_ASSERT_STRING_EQUAL(job->result.content_hash, job->model.network.content_hash);
}

static void job_close(struct job *job) {
    network_free(&job->result);
    model_close(&job->model);
}

static void expect_ops(const struct job *job, int n, const enum op *ops) {
    CU_ASSERT_EQUAL_FATAL(job->result.n_nodes, n);
    for (int i = 0; i < n; i++)
        CU_ASSERT_EQUAL(job->result.nodes[i].op, ops[i]);
}

/* x (nx2) * [[1 -4] [0.5 0.1] [0 0]] + b -> y of three values. */
static void product(struct job *job, const char *output) {
    static const float weights[] = {1, -4, 0.5F, 0.1F, 0, 0}, bias[] = {0.3F, -1, 2};
    job_open(job, "nx2");
    model_floats(&job->model, "w", "3x2", weights);
    model_floats(&job->model, "b", "3", bias);
    model_node(&job->model, "Gemm", "x w b", output);
    model_int(&job->model, "transB", 1);
}

static void integers(void) {
    struct job job;
    product(&job, "y");
    job_import(&job);
    set_range(&job, "x", -0.5F, 2.05F);
    set_range(&job, "y", 1, 5.1F); /* widened to hold 0 */
    job_run(&job);
    expect_ops(&job, 3, (const enum op[]){OP_QUANTIZE, OP_MATRIX, OP_DEQUANTIZE});
    const struct matrix_layer *layer = &job.result.matrix[0];
    CU_ASSERT_DOUBLE_EQUAL(layer->input.scale, 0.01, 1e-9);
    CU_ASSERT(layer->input.zero_point == 50 && layer->input.bits == 8);
    CU_ASSERT_DOUBLE_EQUAL(layer->output.scale, 0.02, 1e-9);
    CU_ASSERT(layer->output.zero_point == 0 && layer->quantised_output);
    /* scale 4/127: 1 is 31.75; scale 0.5/127: 0.1 is 25.4 */
    static const int16_t codes[] = {32, -127, 127, 25, 0, 0};
    for (int i = 0; i < 6; i++)
        CU_ASSERT_EQUAL(layer->weights[i], codes[i]);
    CU_ASSERT_EQUAL(layer->weight_scale[0], 4 / 127.0F);
    CU_ASSERT_EQUAL(layer->bias[0], 953); /* 0.3 * 127 / 4 * 100 = 952.5, float32 0.3 above */
    CU_ASSERT_EQUAL(layer->bias[1], -25400);
    CU_ASSERT_DOUBLE_EQUAL((double)layer->bias[2] * layer->weight_scale[2] * 0.01, 2, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(layer->multiplier[0], 4 / 127.0 * 0.01 / 0.02, 1e-8);
    CU_ASSERT(layer->low == 0 && layer->high == 255);
    job_close(&job);
}

static void other_bits(void) {
    struct job job;
    product(&job, "y");
    job_import(&job);
    job.options.weight_bits = 3;
    job.options.activation_bits = 5;
    set_range(&job, "x", -1, 2.1F);
    job_run(&job);
    const struct matrix_layer *layer = &job.result.matrix[0];
    CU_ASSERT(layer->weight_bits == 3 && layer->input.bits == 5 && layer->high == 31);
    CU_ASSERT_DOUBLE_EQUAL(layer->input.scale, 0.1, 1e-8);
    CU_ASSERT_EQUAL(layer->input.zero_point, 10);
    static const int16_t codes[] = {1, -3, 3, 1, 0, 0}; /* 0.75, 0.6 */
    for (int i = 0; i < 6; i++)
        CU_ASSERT_EQUAL(layer->weights[i], codes[i]);
    job.options.weight_bits = 16;
    job_run(&job);
    CU_ASSERT_EQUAL(job.result.matrix[0].weights[1], -32767);
    CU_ASSERT_EQUAL(job.result.matrix[0].weights[0], 8192); /* 8191.75 */
    job_close(&job);
}

/* Relu and Clip end up in the layer's bounds; the grid is that of their output. */
static void activation_folded(void) {
    struct job job;
    product(&job, "t");
    model_node(&job.model, "Clip", "t", "u");
    model_float(&job.model, "min", 0.1F);
    model_float(&job.model, "max", 6);
    model_node(&job.model, "Relu", "u", "y");
    job_import(&job);
    set_range(&job, "y", 0.1F, 5.1F);
    job_run(&job);
    expect_ops(&job, 3, (const enum op[]){OP_QUANTIZE, OP_MATRIX, OP_DEQUANTIZE});
    const struct matrix_layer *layer = &job.result.matrix[0];
    CU_ASSERT_DOUBLE_EQUAL(layer->output.scale, 0.02, 1e-8);
    CU_ASSERT(layer->low == 5 && layer->high == 255);
    job_close(&job);
}

/* A residual block: the addition is quantised behind its Relu, all its inputs before. */
static void residual(void) {
    struct job job;
    job_open(&job, "nx2");
    model_floats(&job.model, "w", "2x2", NULL);
    model_node(&job.model, "MatMul", "x w", "t");
    model_node(&job.model, "Add", "t x", "u");
    model_node(&job.model, "Relu", "u", "v");
    model_node(&job.model, "MatMul", "v w", "y");
    job_import(&job);
    set_range(&job, "t", -3, 0);
    set_range(&job, "v", 0, 25.5F);
    job_run(&job);
    expect_ops(&job, 8,
               (const enum op[]){OP_QUANTIZE, OP_MATRIX, OP_DEQUANTIZE, OP_DEQUANTIZE, OP_ADD,
                                 OP_QUANTIZE, OP_MATRIX, OP_DEQUANTIZE});
    const struct matrix_layer *layers = job.result.matrix;
    CU_ASSERT(layers[0].output.zero_point == 255);
    CU_ASSERT_DOUBLE_EQUAL(layers[1].input.scale, 0.1, 1e-8);
    CU_ASSERT_EQUAL(layers[1].input.zero_point, 0);
    /* the addition reads both grids through their codes */
    const struct node *add = &job.result.nodes[4];
    for (int k = 0; k < 2; k++)
        CU_ASSERT_EQUAL(job.result.tensors[add->inputs[k]].type, TENSOR_FLOAT);
    CU_ASSERT_EQUAL(job.result.nodes[3].inputs[0], job.result.nodes[0].output);
    job_close(&job);
}

/* An activation that keeps 0 out cannot be saturation: it stays. */
static void clip_above_zero(void) {
    struct job job;
    job_open(&job, "nx2");
    model_node(&job.model, "Add", "x x", "t");
    model_node(&job.model, "Clip", "t", "y");
    model_float(&job.model, "min", 0.5F);
    model_float(&job.model, "max", 6);
    job_import(&job);
    set_range(&job, "y", 0.5F, 2.55F);
    job_run(&job);
    expect_ops(
        &job, 6,
        (const enum op[]){OP_QUANTIZE, OP_DEQUANTIZE, OP_ADD, OP_CLIP, OP_QUANTIZE, OP_DEQUANTIZE});
    job_close(&job);
}

/* Pools and reshapes keep the grid of what they move, whatever was observed behind them. */
static void moved(void) {
    struct job job;
    job_open(&job, "nx1x4x4");
    model_floats(&job.model, "k", "2x1x1x1", NULL);
    model_floats(&job.model, "w", "8x3", NULL);
    model_node(&job.model, "Conv", "x k", "t");
    model_node(&job.model, "MaxPool", "t", "p");
    MODEL_INTS(&job.model, "kernel_shape", 2, 2);
    MODEL_INTS(&job.model, "strides", 2, 2);
    model_node(&job.model, "Flatten", "p", "f");
    model_node(&job.model, "MatMul", "f w", "y");
    job_import(&job);
    set_range(&job, "t", -1, 4.1F);
    set_range(&job, "f", 0, 3);
    job_run(&job);
    expect_ops(&job, 10,
               (const enum op[]){OP_QUANTIZE, OP_MATRIX, OP_DEQUANTIZE, OP_MAX_POOL, OP_QUANTIZE,
                                 OP_DEQUANTIZE, OP_RESHAPE, OP_QUANTIZE, OP_MATRIX, OP_DEQUANTIZE});
    CU_ASSERT_EQUAL(job.result.matrix[1].input.zero_point, 50);
    CU_ASSERT_EQUAL(job.result.matrix[1].input.scale, job.result.matrix[0].output.scale);
    job_close(&job);
}

/* Constants are copied: the float network may go first. */
static void owns_its_memory(void) {
    struct job job;
    job_open(&job, "nx2");
    model_floats(&job.model, "c", "2", (const float[]){7, 8});
    model_node(&job.model, "Mul", "x c", "y");
    job_import(&job);
    job_run(&job);
    network_free(&job.model.network);
    const struct node *mul = &job.result.nodes[2];
    CU_ASSERT_EQUAL_FATAL(mul->op, OP_MUL);
    CU_ASSERT_EQUAL(job.result.tensors[mul->inputs[1]].floats[1], 8);
    CU_ASSERT_STRING_EQUAL(mul->name, "Mul_0");
    job_close(&job);
}

static void nothing_but_zeros(void) {
    struct job job;
    product(&job, "y");
    job_import(&job);
    set_range(&job, "y", 0, 0);
    job_run(&job);
    CU_ASSERT(job.result.matrix[0].output.scale == 1 &&
              job.result.matrix[0].output.zero_point == 0);
    job_close(&job);
}

static void expect_refusal(struct job *job, enum status status, const char *part) {
    CU_ASSERT_EQUAL(network_quantise(&job->model.network, job->ranges, &job->options, NULL,
                                     &job->result, &job->diag),
                    status);
    CU_ASSERT_PTR_NOT_NULL(strstr(job->diag.message, part));
    CU_ASSERT_PTR_NULL(job->result.arena.last);
}

static void refusals(void) {
    struct job job;
    product(&job, "y");
    job_import(&job);
    set_range(&job, "y", NAN, 1);
    expect_refusal(&job, STATUS_USAGE, "activation 'y' has the range nan..1");
    set_range(&job, "y", 2, 1);
    expect_refusal(&job, STATUS_USAGE, "check dataset.mean");
    set_range(&job, "y", 0, INFINITY);
    expect_refusal(&job, STATUS_USAGE, "cannot be quantised");
    job.model.network.quantised = true;
    expect_refusal(&job, STATUS_INTERNAL, "is quantised already");
    job_close(&job);

    product(&job, "y");
    job.model.constants[0]->float_data[3] = NAN;
    job_import(&job);
    expect_refusal(&job, STATUS_USAGE, "layer 'Gemm_0': filter 1 holds a weight or bias");
    job_close(&job);
}

static const struct test_case cases[] = {
    {"weights, bias and grids", integers},
    {"other bits", other_bits},
    {"Relu and Clip folded", activation_folded},
    {"a residual block", residual},
    {"a Clip that keeps 0 out", clip_above_zero},
    {"pools and reshapes", moved},
    {"memory of its own", owns_its_memory},
    {"nothing but zeros", nothing_but_zeros},
    {"refusals", refusals},
    {NULL, NULL},
};

const struct test_suite suite_quantise = {"quantise", cases};
