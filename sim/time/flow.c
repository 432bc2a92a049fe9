/* Steps of a network: which of them hang on which parts of which others' maps. */
#include "sim/time/flow.h"

/* Where the values of a tensor come from: the places of a step's map that a place of the tensor
 * needs first and last. Constants have no step. */
struct view {
    int step; /* -1: constant */
    int rows, columns;
    struct flow_ramp row[2], column[2];
};

struct builder {
    const struct network *network;
    struct flow *flow;
    struct view *views;        /* [n_tensors] */
    struct flow_input *inputs; /* not yet given to a step */
    int activation_bits;
};

static int smaller(int a, int b) {
    return a < b ? a : b;
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

static int clamp(int value, int low, int high) {
    return smaller(larger(value, low), high);
}

static int ramp_at(const struct flow_ramp *ramp, int place) {
    return clamp(ramp->step * place + ramp->offset, ramp->low, ramp->high);
}

/* `outer` of what `inner` gives: a clamp within a rising line is a clamp of the line. */
static struct flow_ramp compose(const struct flow_ramp *outer, const struct flow_ramp *inner) {
    return (struct flow_ramp){
        .step = outer->step * inner->step,
        .offset = outer->step * inner->offset + outer->offset,
        .low = ramp_at(outer, inner->low),
        .high = ramp_at(outer, inner->high),
    };
}

/* Rows and columns of a tensor: [1, channels, height, width] or [1, channels, width]; anything else
 * is one position. */
static void map_of(const struct tensor *tensor, int *rows, int *columns) {
    *rows = tensor->rank == 4 ? tensor->shape[2] : 1;
    *columns = tensor->rank == 4 ? tensor->shape[3] : tensor->rank == 3 ? tensor->shape[2] : 1;
}

/* The step's own map, as it is. */
static struct view own_view(const struct flow *flow, int step) {
    int rows = flow->steps[step].rows, columns = flow->steps[step].columns;
    struct flow_ramp row = {1, 0, 0, rows - 1}, column = {1, 0, 0, columns - 1};
    return (struct view){step, rows, columns, {row, row}, {column, column}};
}

/* A map of `rows` x `columns` of which each place may need everything. */
static struct view whole_view(const struct flow *flow, const struct view *view, int rows,
                              int columns) {
    const struct flow_step *step = &flow->steps[view->step];
    struct flow_ramp start = {0};
    struct flow_ramp last_row = {0, 0, step->rows - 1, step->rows - 1};
    struct flow_ramp last_column = {0, 0, step->columns - 1, step->columns - 1};
    return (struct view){view->step, rows, columns, {start, last_row}, {start, last_column}};
}

/* One dimension of a window: place o needs o * stride - pad up to the window's end; `in` places. */
static void slide(const struct window *window, int dimension, int in,
                  const struct flow_ramp from[2], struct flow_ramp to[2]) {
    int reach = (window->kernel[dimension] - 1) * window->dilation[dimension];
    struct flow_ramp start = {window->stride[dimension], -window->pad_begin[dimension], 0, in - 1};
    struct flow_ramp end = start;
    end.offset += reach;
    to[FLOW_FIRST] = compose(&from[FLOW_FIRST], &start);
    to[FLOW_LAST] = compose(&from[FLOW_LAST], &end);
}

static struct view window_view(const struct view *view, const struct window *window, int rows,
                               int columns) {
    struct view out = {.step = view->step, .rows = rows, .columns = columns};
    slide(window, 0, view->rows, view->row, out.row);
    slide(window, 1, view->columns, view->column, out.column);
    return out;
}

/* There are as many steps as nodes and one more, and as many inputs as nodes have and one more for
 * each (build), so there is room. */
static int add_step(struct builder *builder, struct flow_step step) {
    step.inputs = builder->inputs;
    builder->flow->steps[builder->flow->n_steps] = step;
    return builder->flow->n_steps++;
}

/* Makes what `view` shows an input of the newest step. */
static void connect(struct builder *builder, const struct view *view, int offset, int width) {
    struct flow_step *step = &builder->flow->steps[builder->flow->n_steps - 1];
    step->n_inputs++;
    *builder->inputs++ = (struct flow_input){
        .from = view->step,
        .whole = builder->flow->pipeline != PIPELINE_ROWS,
        .row = {view->row[FLOW_FIRST], view->row[FLOW_LAST]},
        .column = {view->column[FLOW_FIRST], view->column[FLOW_LAST]},
        .channel_offset = offset,
        .channel_width = width,
    };
}

static const struct view *input_view(const struct builder *builder, const struct node *node,
                                     int input) {
    return &builder->views[node->inputs[input]];
}

/* Layer after layer: a matrix layer also waits for the end of the one before. */
static void connect_order(struct builder *builder) {
    struct flow *flow = builder->flow;
    int before = flow->n_steps - 2;
    while (before >= 0 && flow->steps[before].kind != FLOW_MATRIX)
        before--;
    if (flow->pipeline != PIPELINE_LAYERS || before < 0)
        return;
    flow->steps[flow->n_steps - 1].n_inputs++;
    *builder->inputs++ = (struct flow_input){.from = before, .whole = true, .control = true};
}

/* A convolution slides its window; a product needs all its inputs. */
static void add_matrix(struct builder *builder, const struct node *node) {
    const struct matrix_layer *layer = &builder->network->matrix[node->matrix];
    const struct matrix_shape *shape = &layer->shape;
    const struct view *in = input_view(builder, node, 0);
    struct view need = shape->fully_connected
                           ? whole_view(builder->flow, in, shape->out_height, shape->out_width)
                           : window_view(in, &shape->window, shape->out_height, shape->out_width);
    int step = add_step(builder, (struct flow_step){
                                     .kind = FLOW_MATRIX,
                                     .layer = node->matrix,
                                     .rows = shape->out_height,
                                     .columns = shape->out_width,
                                     .channels = shape->out_channels,
                                     .bits = layer->quantised_output ? layer->output.bits
                                                                     : builder->activation_bits,
                                 });
    connect(builder, &need, 0, shape->in_channels);
    connect_order(builder);
    builder->views[node->output] = own_view(builder->flow, step);
}

static void add_pool(struct builder *builder, const struct node *node) {
    const struct tensor *in = &builder->network->tensors[node->inputs[0]];
    const struct view *view = input_view(builder, node, 0);
    struct flow_step step = {.kind = FLOW_POOL,
                             .layer = -1,
                             .channels = in->shape[1],
                             .bits = builder->flow->steps[view->step].bits,
                             .window = node->window.kernel[0] * node->window.kernel[1]};
    map_of(&builder->network->tensors[node->output], &step.rows, &step.columns);
    struct view need;
    if (node->op == OP_GLOBAL_AVERAGE_POOL) {
        step.window = view->rows * view->columns;
        need = whole_view(builder->flow, view, step.rows, step.columns);
    } else
        need = window_view(view, &node->window, step.rows, step.columns);
    int index = add_step(builder, step);
    connect(builder, &need, 0, step.channels);
    builder->views[node->output] = own_view(builder->flow, index);
}

/* A map as wide as the join's: of one that is broadcast the last place counts again and again. */
static struct view spread_view(const struct view *view, int rows, int columns) {
    static const struct window same = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}};
    return window_view(view, &same, rows, columns);
}

static void add_join(struct builder *builder, const struct node *node) {
    const struct tensor *out = &builder->network->tensors[node->output];
    struct flow_step step = {.kind = FLOW_JOIN,
                             .layer = -1,
                             .channels = out->rank > 1 ? out->shape[1] : 1,
                             .adds = node->op != OP_CONCAT};
    bool by_place = step.adds || node->axis == 1;
    int offset = 0;
    map_of(out, &step.rows, &step.columns);
    for (int i = 0; i < node->n_inputs; i++)
        if (input_view(builder, node, i)->step >= 0) {
            step.bits = builder->flow->steps[input_view(builder, node, i)->step].bits;
            step.window++;
        }
    if (!step.adds)
        step.window = 1;
    int index = add_step(builder, step);
    for (int i = 0; i < node->n_inputs; i++) {
        const struct view *in = input_view(builder, node, i);
        bool part = node->op == OP_CONCAT && node->axis == 1;
        int width = part ? builder->network->tensors[node->inputs[i]].shape[1] : step.channels;
        if (in->step >= 0) {
            struct view need = by_place ? spread_view(in, step.rows, step.columns)
                                        : whole_view(builder->flow, in, step.rows, step.columns);
            connect(builder, &need, offset, width);
        }
        offset += part ? width : 0;
    }
    builder->views[node->output] = own_view(builder->flow, index);
}

/* Values pass: place for place where the map stays, else each place may need any other. */
static struct view passed_on(const struct builder *builder, const struct node *node,
                             const struct view *in) {
    const struct tensor *out = &builder->network->tensors[node->output];
    int rows, columns;
    map_of(out, &rows, &columns);
    if (node->op == OP_PAD && out->rank >= 3) {
        struct window window = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}};
        window.pad_begin[0] = out->rank == 4 ? node->pads[2] : 0;
        window.pad_begin[1] = node->pads[out->rank - 1];
        return window_view(in, &window, rows, columns);
    }
    if (node->op != OP_TRANSPOSE && in->rows == rows && in->columns == columns)
        return *in;
    return whole_view(builder->flow, in, rows, columns);
}

static void add_node(struct builder *builder, const struct node *node) {
    int active = 0, last = 0;
    for (int i = 0; i < node->n_inputs; i++)
        if (input_view(builder, node, i)->step >= 0) {
            active++;
            last = i;
        }
    if (active == 0)
        return; /* constants make constants */
    if (node->op == OP_MATRIX)
        add_matrix(builder, node);
    else if (node->op == OP_MAX_POOL || node->op == OP_AVERAGE_POOL ||
             node->op == OP_GLOBAL_AVERAGE_POOL)
        add_pool(builder, node);
    else if (active > 1)
        add_join(builder, node);
    else
        builder->views[node->output] = passed_on(builder, node, input_view(builder, node, last));
}

static void add_input(struct builder *builder) {
    const struct network *network = builder->network;
    const struct tensor *input = &network->tensors[network->input];
    struct flow_step step = {.kind = FLOW_INPUT,
                             .layer = -1,
                             .channels = input->rank > 1 ? input->shape[1] : 1,
                             .bits = input->type == TENSOR_U8 ? input->quant.bits
                                                              : network->matrix[0].input.bits};
    map_of(input, &step.rows, &step.columns);
    builder->views[network->input] = own_view(builder->flow, add_step(builder, step));
}

static enum status build(struct builder *builder, struct diagnostic *diag) {
    const struct network *network = builder->network;
    struct flow *flow = builder->flow;
    int inputs = network->n_nodes; /* one each for the order of layers */
    for (int i = 0; i < network->n_nodes; i++)
        inputs += network->nodes[i].n_inputs;
    flow->steps = ARENA_NEW(&flow->arena, network->n_nodes + 1, struct flow_step);
    builder->inputs = ARENA_NEW(&flow->arena, inputs, struct flow_input);
    builder->views = ARENA_NEW(&flow->arena, network->n_tensors, struct view);
    if (flow->steps == NULL || builder->inputs == NULL || builder->views == NULL)
        return FAIL_MEMORY(diag, "the steps of a network");
    for (int i = 0; i < network->n_tensors; i++)
        builder->views[i].step = -1;
    add_input(builder);
    for (int i = 0; i < network->n_nodes; i++)
        add_node(builder, &network->nodes[i]);
    int output = builder->views[network->output].step;
    flow->output = output >= 0 ? output : 0;
    return STATUS_OK;
}

enum status flow_create(const struct chip *chip, const struct network *network,
                        enum chip_pipeline pipeline, struct flow *flow, struct diagnostic *diag) {
    *flow = (struct flow){.pipeline = pipeline};
    struct builder builder = {
        .network = network, .flow = flow, .activation_bits = chip->activation_bits};
    enum status status = build(&builder, diag);
    if (status != STATUS_OK)
        flow_free(flow);
    return status;
}

void flow_free(struct flow *flow) {
    if (flow == NULL)
        return;
    arena_free(&flow->arena);
    *flow = (struct flow){0};
}

long flow_positions(const struct flow_step *step) {
    return (long)step->rows * step->columns;
}

long flow_needs(const struct flow *flow, const struct flow_step *step,
                const struct flow_input *input, long position) {
    const struct flow_step *from = &flow->steps[input->from];
    if (input->whole)
        return flow_positions(from);
    int row = (int)(position / step->columns), column = (int)(position % step->columns);
    return (long)ramp_at(&input->row[FLOW_LAST], row) * from->columns +
           ramp_at(&input->column[FLOW_LAST], column) + 1;
}

long flow_releases(const struct flow *flow, const struct flow_step *step,
                   const struct flow_input *input, long position) {
    const struct flow_step *from = &flow->steps[input->from];
    if (position + 1 == flow_positions(step))
        return flow_positions(from);
    if (input->whole)
        return 0;
    int row = (int)(position / step->columns), column = (int)(position % step->columns);
    /* The next position of this row, and all of the next one, which starts further left. */
    long kept = flow_positions(from);
    if (column + 1 < step->columns)
        kept = (long)ramp_at(&input->row[FLOW_FIRST], row) * from->columns +
               ramp_at(&input->column[FLOW_FIRST], column + 1);
    if (row + 1 < step->rows) {
        long below = (long)ramp_at(&input->row[FLOW_FIRST], row + 1) * from->columns +
                     ramp_at(&input->column[FLOW_FIRST], 0);
        kept = below < kept ? below : kept;
    }
    return kept;
}

int flow_settled_column(const struct flow_input *input, int columns) {
    const struct flow_ramp *ramp = &input->column[FLOW_LAST];
    int end = ramp_at(ramp, columns - 1);
    if (ramp->step == 0)
        return 0;
    return clamp((end - ramp->offset + ramp->step - 1) / ramp->step, 0, columns - 1);
}

int flow_row(const struct flow_input *input, int which, int row) {
    return ramp_at(&input->row[which], row);
}

int flow_column(const struct flow_input *input, int which, int column) {
    return ramp_at(&input->column[which], column);
}
