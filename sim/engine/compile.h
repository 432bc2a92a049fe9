/* Compiler: from nodes to steps, private to this room.
 *
 * Nodes are first read as instructions, from the output backwards: where quantise(op(dequantise))
 * has a form on bytes, the three become one instruction
 * whose inputs and output are bytes (fuse.c). Then each instruction's operator (a row of
 * `operators`) appends the steps that compute it. */
#ifndef MHO_ENGINE_COMPILE_H
#define MHO_ENGINE_COMPILE_H

#include "sim/engine/copy.h"
#include "sim/engine/kernels.h"
#include "sim/engine/program.h"

enum { INSTRUCTION_MAX_CHAIN = 8 };

/* What to compute: `node` from tensors to a tensor. Bytes in and out mean dequantise, compute,
 * quantise. */
struct instruction {
    const struct node *node;
    const int *inputs; /* [n_inputs] tensors */
    int n_inputs;
    int output; /* tensor */
    /* Unary nodes on bytes: all of them in order of computation, `node` among them. An addition on
     * bytes: a Relu after it, or none. Other instructions: none. */
    int n_chain;
    const struct node *chain[INSTRUCTION_MAX_CHAIN];
};

struct compiler {
    struct program *program;
    const struct mapping *mapping; /* NULL: ideal integers */
    struct engine_layer *layers;   /* NULL: ideal integers */
    const int *producer;           /* [n_tensors] node that writes each tensor, -1: none */
    struct diagnostic *diag;
};

typedef enum status operator_compile(struct compiler *c, const struct instruction *instruction);
extern operator_compile *const operators[OP_COUNT];

/* Operators, by file. */
operator_compile compile_quantise, compile_dequantise, compile_unary;             /* op_unary.c */
operator_compile compile_binary;                                                  /* op_binary.c */
operator_compile compile_reshape, compile_transpose, compile_concat, compile_pad; /* op_move.c */
operator_compile compile_pool, compile_global_average_pool;                       /* op_pool.c */
operator_compile compile_softmax;                                                 /* op_softmax.c */
operator_compile compile_linear;                                                  /* op_linear.c */
operator_compile compile_matrix;                                                  /* op_matrix.c */

/* fuse.c: the instruction for `node`. */
enum status instruction_read(const struct compiler *c, const struct node *node,
                             struct instruction *instruction);

/* op_unary.c: unary operators are functions of one value, so that chains of them on bytes become a
 * table. */
bool op_is_unary(enum op op);

/* values.c: a new value of the tensor's shape in a layout; its index in `value`. */
enum status compiler_new_value(struct compiler *c, const struct tensor *tensor, enum layout layout,
                               int *value);

/* The value of a tensor that exists already (an activation computed before, or a constant), in the
 * shape of `as` (broadcasting) and the layout asked for; appends a copy where that is needed. */
enum status compiler_read(struct compiler *c, int tensor, const struct tensor *as,
                          enum layout layout, int *value);

/* The value that an instruction writes; registers it as the tensor's. */
enum status compiler_write(struct compiler *c, int tensor, enum layout layout, int *value);

/* The layout that a tensor's value has. */
enum layout compiler_layout(const struct compiler *c, int tensor);

/* What data movement prefers: channels last for images. */
enum layout natural_layout(const struct tensor *tensor);

/* A new step, zeroed but for its node; NULL when memory is short. */
struct step *step_new(struct compiler *c, step_run *run, const struct node *node);

/* Appends `target` = plan of `source`, or makes target an alias where nothing moves. */
enum status step_copy(struct compiler *c, const struct copy_view *view, const struct node *node,
                      int source, int target);
enum status step_copy_filled(struct compiler *c, const struct copy_view *view,
                             const struct node *node, int source, int target,
                             struct copy_fill fill);

/* A step of one input and one output, with `size` bytes of zeroed parameters, or NULL. */
void *step_with(struct compiler *c, step_run *run, const struct instruction *instruction, int input,
                int output, size_t size);

/* buffers.c: gives every activation its place. */
enum status buffers_plan(struct program *program, struct diagnostic *diag);

struct quantiser quantiser_of(const struct tensor *tensor);

/* Whether a tensor holds bytes, and whether all of an instruction's do, or none (a mixture is
 * refused). */
bool tensor_is_bytes(const struct compiler *c, int tensor);
enum status instruction_bytes(const struct compiler *c, const struct instruction *instruction,
                              bool *bytes);

#endif
