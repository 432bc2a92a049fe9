/* The compiler's two passes, and the life of a program. */
#include "sim/engine/compile.h"

#include <stdlib.h>

operator_compile *const operators[OP_COUNT] = {
    [OP_CONV] = compile_linear,
    [OP_GEMM] = compile_linear,
    [OP_MATRIX] = compile_matrix,
    [OP_QUANTIZE] = compile_quantise,
    [OP_DEQUANTIZE] = compile_dequantise,
    [OP_RELU] = compile_unary,
    [OP_CLIP] = compile_unary,
    [OP_LEAKY_RELU] = compile_unary,
    [OP_SIGMOID] = compile_unary,
    [OP_TANH] = compile_unary,
    [OP_MAX_POOL] = compile_pool,
    [OP_AVERAGE_POOL] = compile_pool,
    [OP_GLOBAL_AVERAGE_POOL] = compile_global_average_pool,
    [OP_ADD] = compile_binary,
    [OP_MUL] = compile_binary,
    [OP_CONCAT] = compile_concat,
    [OP_RESHAPE] = compile_reshape,
    [OP_TRANSPOSE] = compile_transpose,
    [OP_SOFTMAX] = compile_softmax,
    [OP_PAD] = compile_pad,
};

/* Copies are indexed by 32 bits; also keeps batch * bytes far from overflow. */
enum { MAX_TENSOR_COUNT = 1 << 28 };

static enum status check_sizes(const struct network *network, struct diagnostic *diag) {
    for (int t = 0; t < network->n_tensors; t++)
        if (network->tensors[t].count > MAX_TENSOR_COUNT)
            return FAIL(diag, STATUS_USAGE,
                        "%s: tensor '%s' has %zu values, more than the %d that mho can hold",
                        network->path, network->tensors[t].name, network->tensors[t].count,
                        MAX_TENSOR_COUNT);
    return STATUS_OK;
}

/* From the output backwards: what is needed, as instructions; a node that is not needed gets none
 * (node NULL). */
static enum status read_instructions(const struct compiler *c, struct instruction *instructions,
                                     bool *needed) {
    const struct network *network = c->program->network;
    needed[network->output] = true;
    for (int n = network->n_nodes - 1; n >= 0; n--) {
        if (!needed[network->nodes[n].output])
            continue;
        TRY(instruction_read(c, &network->nodes[n], &instructions[n]));
        for (int i = 0; i < instructions[n].n_inputs; i++)
            needed[instructions[n].inputs[i]] = true;
    }
    return STATUS_OK;
}

static enum status compile_instructions(struct compiler *c,
                                        const struct instruction *instructions) {
    struct program *p = c->program;
    const struct network *network = p->network;
    TRY(compiler_write(c, network->input, LAYOUT_PLAIN, &p->input));
    for (int n = 0; n < network->n_nodes; n++)
        if (instructions[n].node != NULL)
            TRY(operators[instructions[n].node->op](c, &instructions[n]));
    return compiler_read(c, network->output, NULL, LAYOUT_PLAIN, &p->output);
}

static enum status compile(struct compiler *c) {
    struct program *p = c->program;
    const struct network *network = p->network;
    size_t n_tensors = (size_t)network->n_tensors;
    int *producer = ARENA_NEW(&p->arena, n_tensors, int);
    bool *needed = ARENA_NEW(&p->arena, n_tensors, bool);
    struct instruction *instructions = ARENA_NEW(&p->arena, network->n_nodes, struct instruction);
    p->value_of_tensor = ARENA_NEW(&p->arena, n_tensors, int);
    if (producer == NULL || needed == NULL || instructions == NULL || p->value_of_tensor == NULL)
        return FAIL_MEMORY(c->diag, "compiling the network");
    for (size_t t = 0; t < n_tensors; t++)
        producer[t] = p->value_of_tensor[t] = -1;
    for (int n = 0; n < network->n_nodes; n++)
        producer[network->nodes[n].output] = n;
    c->producer = producer;
    TRY(read_instructions(c, instructions, needed));
    TRY(compile_instructions(c, instructions));
    return buffers_plan(p, c->diag);
}

enum status program_compile(const struct network *network, const struct mapping *mapping,
                            struct engine_layer *layers, enum simd_level level,
                            struct program *program, struct diagnostic *diag) {
    *program = (struct program){.network = network, .level = level, .kernels = kernels_of(level)};
    struct compiler c = {.program = program, .mapping = mapping, .layers = layers, .diag = diag};
    enum status status = check_sizes(network, diag);
    if (status == STATUS_OK)
        status = compile(&c);
    if (status != STATUS_OK)
        program_free(program);
    return status;
}

void program_free(struct program *program) {
    if (program == NULL)
        return;
    arena_free(&program->arena);
    *program = (struct program){0};
}

size_t program_scratch(const struct program *program, int batch) {
    size_t most = 0;
    for (int s = 0; s < program->n_steps; s++) {
        const struct step *step = &program->steps[s];
        size_t bytes =
            step->matrix == NULL ? step->scratch : matrix_executor_workspace(step->matrix, batch);
        most = bytes > most ? bytes : most;
    }
    return most;
}

void program_run(const struct program *program, const struct frame *frame,
                 program_observer *observe, void *context) {
    if (observe != NULL)
        observe(context, frame, -1);
    for (int s = 0; s < program->n_steps; s++) {
        program->steps[s].run(&program->steps[s], frame);
        if (observe != NULL)
            observe(context, frame, s);
    }
}
