/* Networks: a typed, shaped, topologically ordered graph, from ONNX, float or quantised.
 *
 * Order of calls: network_import (ONNX -> graph; BatchNormalization folded, constants evaluated,
 * shapes inferred with batch 1, QDQ patterns lowered to matrix layers); for a float model
 * network_quantise with the activation ranges that the engine measured; then only const reads.
 *
 * The graph keeps ONNX's logical shapes and NCHW meaning; how an executor lays values out in memory
 * is its own affair. The batch is always dimension 0 and has size 1 in `shape`. */
#ifndef MHO_NETWORK_NETWORK_H
#define MHO_NETWORK_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/base.h"
#include "sim/config/config.h"

enum { NETWORK_MAX_RANK = 6 };

enum tensor_type { TENSOR_FLOAT, TENSOR_U8, TENSOR_INT64 /* shape constants only */ };

/* Affine quantisation of activations: real = scale * (q - zero_point), q = 0 .. 2^bits - 1. */
struct quantisation {
    float scale;
    int zero_point; /* int8 models are shifted by +128 at import, so always >= 0 */
    int bits;       /* 2..8; 8 for QDQ models */
};

struct tensor {
    const char *name;
    enum tensor_type type;
    int rank;
    int shape[NETWORK_MAX_RANK]; /* activations: shape[0] = 1, the batch */
    size_t count;                /* product of shape */
    const float *floats;         /* constants: values; NULL for activations */
    const int64_t *ints;         /* TENSOR_INT64 constants */
    struct quantisation quant;   /* TENSOR_U8 */
};

enum op {
    OP_CONV,   /* float convolution; only in a network that is not quantised yet */
    OP_GEMM,   /* float x * W + b, constant W; likewise */
    OP_MATRIX, /* quantised convolution or product: network->matrix[node->matrix] */
    OP_QUANTIZE,
    OP_DEQUANTIZE,
    OP_RELU,
    OP_CLIP,       /* low, high */
    OP_LEAKY_RELU, /* alpha */
    OP_SIGMOID,
    OP_TANH,
    OP_MAX_POOL,
    OP_AVERAGE_POOL,
    OP_GLOBAL_AVERAGE_POOL,
    OP_ADD, /* two inputs, numpy broadcasting, one may be constant */
    OP_MUL,
    OP_CONCAT,    /* axis */
    OP_RESHAPE,   /* Flatten, Reshape, Squeeze, Unsqueeze, Identity, Dropout: same values, new shape
                   */
    OP_TRANSPOSE, /* perm, perm[0] = 0 */
    OP_SOFTMAX,   /* axis */
    OP_PAD,       /* pads begin..., end...; constant value */
    OP_COUNT
};

const char *op_name(enum op op);

/* Whether every channel of the result comes from the same channel of the only input: activations
 * and pools. */
bool op_keeps_channels(enum op op);

/* Sliding window of a convolution or pool over (height, width). 1-D windows have height 1. */
struct window {
    int kernel[2], stride[2], dilation[2];
    int pad_begin[2], pad_end[2]; /* resolved from auto_pad and ceil_mode */
    bool count_include_pad;       /* average pool */
};

struct node {
    enum op op;
    const char *name; /* ONNX node name, or its output's name when it has none */
    int n_inputs;
    int *inputs;          /* tensor indices */
    int output;           /* tensor index */
    int matrix;           /* OP_MATRIX: index into network->matrix; OP_CONV, OP_GEMM: index into
                             network->linear; -1 otherwise */
    struct window window; /* pools */
    float alpha, low, high, value;  /* leaky relu; clip; pad */
    int axis;                       /* concat, softmax: >= 0 */
    int perm[NETWORK_MAX_RANK];     /* transpose */
    int pads[2 * NETWORK_MAX_RANK]; /* pad: begins then ends, >= 0 */
};

/* Shape of a matrix layer. A fully connected layer is a convolution with in_height = 1,
 * kernel 1x1: in_width positions (1 for a plain vector input) of `in_channels` values, which lie
 * next to each other. Rows per group = in_channels/groups * kernel[0] * kernel[1], in (channel,
 * kernel row, kernel column) order; columns per group = out_channels / groups. */
struct matrix_shape {
    bool fully_connected;
    int in_channels, in_height, in_width;
    int out_channels, out_height, out_width;
    int groups;
    struct window window;
    struct {
        int in_channels, out_channels, groups;
    } removed; /* by purification (pruning/purify.h): what the layer had more */
};

int matrix_rows(const struct matrix_shape *shape);       /* rows per group, K */
int matrix_columns(const struct matrix_shape *shape);    /* columns per group */
long matrix_positions(const struct matrix_shape *shape); /* output positions of one image */
long matrix_weights(const struct matrix_shape *shape);
double matrix_macs(const struct matrix_shape *shape); /* multiply-accumulates of one image */
/* The layer as it was before purification. */
struct matrix_shape matrix_unpurified(const struct matrix_shape *shape);
const char *matrix_kind(const struct matrix_shape *shape); /* conv, grouped, depthwise, fc */

/* Float weights of OP_CONV and OP_GEMM, batch norm folded in. */
struct linear_layer {
    const char *name;
    int node;
    int source; /* node of the file's graph, after network_as */
    struct matrix_shape shape;
    const float *weights; /* [out_channels][rows], filter-major */
    const float *bias;    /* [out_channels], zeros when the model has none */
};

/* A quantised matrix layer: acc = sum x*w - z*sum(w) + bias, then
 * q = saturate(rint((float)acc * multiplier) + z_y) into [low, high], or real = acc * s_x*s_w. */
struct matrix_layer {
    const char *name; /* the ONNX node's */
    int node;
    struct matrix_shape shape;
    int weight_bits;           /* 2..16 */
    const int16_t *weights;    /* [out_channels][rows], |w| <= 2^(weight_bits-1) - 1 */
    const float *weight_scale; /* [out_channels] */
    const int64_t *bias;       /* [out_channels] in units of s_x * s_w */
    struct quantisation input;
    bool quantised_output;      /* false: the output tensor is float */
    struct quantisation output; /* when quantised_output */
    int low, high;              /* saturation bounds of q; a folded Relu raises low to z_y, a folded
                                   Clip narrows both */
    const float *multiplier;    /* [out_channels] (float)(s_x*s_w/s_y) as ONNX runtimes compute it,
                                   or s_x*s_w when the output is float */
};

struct network {
    const char *path; /* file it came from */
    struct tensor *tensors;
    int n_tensors;
    struct node *nodes; /* topological order */
    int n_nodes;
    int input, output;           /* tensor indices; exactly one of each */
    struct linear_layer *linear; /* empty once quantised */
    int n_linear;
    struct matrix_layer *matrix; /* empty in a float network */
    int n_matrix;
    int n_source;          /* nodes of the file's graph, after network_as */
    const int *folded;     /* [n_source] of those: 1 + the linear layer that has taken it in (a
                              bias or a normalisation after it), or 0 */
    bool purified;         /* layers are smaller than in the file (pruning/purify.h) */
    bool quantised;        /* a QDQ model, or after network_quantise */
    char content_hash[33]; /* XXH3-128 of the model file */
    struct arena arena;    /* owns all of the above */
};

enum network_as {
    NETWORK_AS_MODEL, /* float or quantised, as the file is */
    NETWORK_AS_FLOAT  /* a QDQ model too: weights dequantised, activations not quantised */
};

/* Options of section `network` and `quantization`. */
struct network_options {
    const char *model; /* path of the ONNX file */
    int as;            /* enum network_as */
};
struct quantization_options {
    int weight_bits;     /* 2..16, or QUANTIZATION_MODEL: what a QDQ model has, 8 for a float one */
    int activation_bits; /* 2..8, or QUANTIZATION_MODEL */
    double percentile;   /* share of calibration activations inside the range, 90..100 % */
    int weights;         /* enum weight_grid */
};
enum { QUANTIZATION_MODEL = -1 };

/* Which integers stand for the weights of a filter; code * scale of the filter is the weight. */
enum weight_grid {
    WEIGHTS_UNIFORM,      /* -(2^(b-1) - 1) .. 2^(b-1) - 1, the largest weight at the end */
    WEIGHTS_POWER_OF_TWO, /* 0, +-1, +-2, +-4, ..., +-2^(b-2): one programmed bit a weight */
    WEIGHTS_TERNARY,      /* -1, 0, 1; b = 2 */
    WEIGHTS_BINARY        /* -1, 1, and 0 for a weight that is 0 (pruned); b = 2 */
};
struct weight_format {
    enum weight_grid grid;
    int bits; /* b: 2..16 */
};
extern const struct config_section network_section, quantization_section;

/* Imports an ONNX file (float32, or QDQ with int8/uint8). Failure leaves `network` empty and the
 * message names the file, the node and what to do. */
enum status network_import(const char *path, struct network *network, struct diagnostic *diag);
enum status network_import_as(const char *path, enum network_as as, struct network *network,
                              struct diagnostic *diag);
void network_free(struct network *network);

/* Values observed of every float activation tensor over the calibration images. */
struct activation_range {
    float low, high;
};

/* The format that options ask for; weight_bits with a grid that has bits of its own is refused. */
enum status network_weight_format(const struct quantization_options *options,
                                  struct weight_format *format, struct diagnostic *diag);

/* Codes [rows] and scale (0 where no weight is left) of one filter. Scales: uniform, the largest
 * weight; ternary and binary, those of least squared error, exactly (mean magnitude of the weights
 * that are not 0; for ternary the k largest ones with the largest (sum of them)^2 / k); power of
 * two, least squared error by alternation from several starts. */
enum status network_weight_codes(const struct weight_format *format, const float *weights,
                                 size_t rows, int16_t *codes, float *scale,
                                 struct diagnostic *diag);

/* The code nearest to `value`, a weight over its filter's scale; binary: one of -1 and 1. */
int network_nearest_code(const struct weight_format *format, float value);

/* Quantises a float network: weights per output channel in the format of their layer (`formats`
 * [n_linear]; NULL: the one of `options` for all), activations affine per tensor from `ranges`
 * [n_tensors]; Relu and Clip that follow a matrix layer are folded into its
 * saturation; pools and reshapes keep their input's quantisation. */
enum status network_quantise(const struct network *float_network,
                             const struct activation_range *ranges,
                             const struct quantization_options *options,
                             const struct weight_format *formats, struct network *quantised,
                             struct diagnostic *diag);

/* The same for mapping and costs alone, which hang on the weights, whatever the activations: their
 * ranges are made up. */
enum status network_quantise_weights(const struct network *float_network,
                                     const struct quantization_options *options,
                                     const struct weight_format *formats, struct network *quantised,
                                     struct diagnostic *diag);

/* Statistics of one matrix layer's weights on row blocks of `rows` rows, for `mho inspect`, the
 * lossless rules and the results. Works on float and quantised layers. */
struct weight_statistics {
    long weights; /* of the layer as it was before purification */
    long nonzero;
    int max_block_nonzero; /* l: most non-zeros of one column in one row block of one group */
    double
        column_rate; /* rows / max_block_nonzero over full blocks: the column-proportional rate */
};
struct weight_statistics network_weight_statistics(const struct network *network, int layer,
                                                   int rows);

#endif
