/* Program: what a network is compiled to, private to this room.
 *
 * A program is a list of steps over values. A value is an activation (or constant) in one layout; a
 * step reads values and writes one, for a whole batch of images at a time. Data movement (reshape,
 * transpose, concat, pad, broadcasting, a change of layout) becomes copies of runs whose positions
 * are worked out at compile time; where such a copy would change nothing the value is an alias.
 * The buffers of activations that are not alive at the same time share memory.
 *
 * Every buffer holds [image][value's layout] without gaps. Offsets are kept for one image, as
 * multiples of 64 bytes, and multiplied by the batch at run time: what is disjoint for one image
 * stays disjoint for any batch. */
#ifndef MHO_ENGINE_PROGRAM_H
#define MHO_ENGINE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/base.h"
#include "sim/engine/engine.h"
#include "sim/engine/kernels.h"
#include "sim/engine/matrix.h"
#include "sim/network/network.h"

enum { PROGRAM_ALIGNMENT = 64, ENGINE_DEFAULT_BATCH = 8 };

/* Order of a value's elements in memory. Channels last moves logical dimension 1 behind the rest:
 * [h][w][c] for rank 4, [w][c] for rank 3. */
enum layout { LAYOUT_PLAIN, LAYOUT_CHANNELS_LAST };

struct value {
    const struct tensor *tensor; /* shape and type */
    enum layout layout;
    size_t bytes;         /* of one image */
    const void *constant; /* contents, the same for every image; NULL: an activation */
    int root;             /* value whose buffer this one is; itself unless an alias */
    int first, last; /* steps of its life, of a root: written at `first`, last read at `last` */
    size_t offset;   /* of a root: start of its buffer, for one image */
};

/* What a thread works with while it runs a batch. */
struct frame {
    const struct value *values;
    const struct kernels *kernels; /* of the program */
    int first;                     /* number of the first image in its dataset */
    int images;                    /* in this batch */
    int batch;                     /* largest batch: what offsets are multiplied by */
    char *buffers, *scratch;
    struct layer_activity *activity; /* [n_matrix], or NULL */
};

struct step;
typedef void step_run(const struct step *step, const struct frame *frame);

enum { STEP_MAX_INPUTS = 2 };

struct step {
    step_run *run;
    const struct node *node;
    int n_inputs;                         /* concat has one step for each of its inputs */
    int inputs[STEP_MAX_INPUTS];          /* values */
    int output;                           /* value */
    size_t count;                         /* elements of one image's output */
    const void *parameters;               /* of the operator, see its file */
    const struct matrix_executor *matrix; /* OP_MATRIX */
    size_t scratch;                       /* bytes that a thread needs beside the buffers */
};

struct program {
    const struct network *network;
    enum simd_level level; /* of all kernels, chosen once */
    const struct kernels *kernels;
    struct value *values;
    int n_values, values_capacity;
    struct step *steps;
    int n_steps, steps_capacity;
    int input, output;    /* values: float NCHW as datasets give it; plain layout */
    size_t buffer_bytes;  /* of all activations of one image */
    int *value_of_tensor; /* [n_tensors], -1: none */
    struct arena arena;
};

enum status program_compile(const struct network *network, const struct mapping *mapping,
                            struct engine_layer *layers, enum simd_level level,
                            struct program *program, struct diagnostic *diag);
void program_free(struct program *program);

/* Bytes of scratch that a thread needs for batches of `batch` images. */
size_t program_scratch(const struct program *program, int batch);

/* The address of a value for the frame's images. */
void *frame_data(const struct frame *frame, int value);

/* Runs all steps on the frame's images, whose input is in place. `observe` (may be NULL) is called
 * with -1 before the first step and with its number after each. */
typedef void program_observer(void *context, const struct frame *frame, int step);
void program_run(const struct program *program, const struct frame *frame,
                 program_observer *observe, void *context);

#endif
