/* Analytic times: rows of maps that become ready as fast as layers and inputs allow. */
#include "sim/time/flow.h"

/* When the first and the last position of each row of a map are done. */
struct row_times {
    double *first, *last;
};

static double larger(double a, double b) {
    return a > b ? a : b;
}

/* When one position of the other's map is done: positions of a row come at a steady pace. */
static double place_time(const struct flow_step *from, const struct row_times *times, int row,
                         int column) {
    double first = times->first[row], last = times->last[row];
    return from->columns > 1 ? first + (last - first) * column / (from->columns - 1) : last;
}

/* Intervals between the starts of two positions, of which `copies` start together. */
static double intervals(long from, long to, int copies) {
    return (double)(to / copies - from / copies);
}

/* Starts of the first and the last position of a row, as far as one input allows. */
struct span {
    double first, last;
};

/* The pace of a row is the slower one of its inputs and its own, so it is their ends that count: of
 * the first and the last position, and of the first one that needs as much as the last. */
static struct span input_span(const struct flow *flow, const struct row_times *times,
                              const struct flow_step *step, const struct flow_input *input, int row,
                              const struct pipeline_layer *pace) {
    const struct flow_step *from = &flow->steps[input->from];
    const struct row_times *other = &times[input->from];
    long position = (long)row * step->columns, end = position + step->columns - 1;
    int needed = flow_row(input, FLOW_LAST, row);
    int settled = flow_settled_column(input, step->columns);
    double last = place_time(from, other, needed, flow_column(input, FLOW_LAST, step->columns - 1));
    return (struct span){
        place_time(from, other, needed, flow_column(input, FLOW_LAST, 0)),
        last + pace->interval_s * intervals(position + settled, end, pace->copies),
    };
}

static void time_step(const struct flow *flow, const struct flow_step *step,
                      const struct pipeline_layer *pace, struct row_times *times) {
    struct row_times *own = &times[step - flow->steps];
    double before = 0; /* start of the position before */
    for (int row = 0; row < step->rows; row++) {
        long position = (long)row * step->columns, end = position + step->columns - 1;
        struct span start = {0};
        if (row > 0)
            start.first =
                before + pace->interval_s * intervals(position - 1, position, pace->copies);
        for (int i = 0; i < step->n_inputs; i++) {
            struct span ready = input_span(flow, times, step, &step->inputs[i], row, pace);
            start.first = larger(start.first, ready.first);
            start.last = larger(start.last, ready.last);
        }
        before = larger(start.last,
                        start.first + pace->interval_s * intervals(position, end, pace->copies));
        own->first[row] = start.first + pace->fill_s;
        own->last[row] = before + pace->fill_s;
    }
}

/* Where maps must be whole, only their ends count. */
static void time_whole_step(const struct flow *flow, const struct flow_step *step,
                            const struct pipeline_layer *pace, struct row_times *times) {
    double start = 0;
    for (int i = 0; i < step->n_inputs; i++) {
        int from = step->inputs[i].from;
        start = larger(start, times[from].last[flow->steps[from].rows - 1]);
    }
    times[step - flow->steps].last[step->rows - 1] =
        start + pace->interval_s * intervals(0, flow_positions(step) - 1, pace->copies) +
        pace->fill_s;
}

static enum status allocate(const struct flow *flow, struct arena *arena, struct row_times **times,
                            struct diagnostic *diag) {
    long rows = 0;
    for (int i = 0; i < flow->n_steps; i++)
        rows += flow->steps[i].rows;
    double *figures = ARENA_NEW(arena, 2 * rows, double);
    *times = ARENA_NEW(arena, flow->n_steps, struct row_times);
    if (figures == NULL || *times == NULL)
        return FAIL_MEMORY(diag, "the times of rows");
    for (int i = 0; i < flow->n_steps; i++) {
        (*times)[i] = (struct row_times){figures, figures + flow->steps[i].rows};
        figures += 2 * (long)flow->steps[i].rows;
    }
    return STATUS_OK;
}

enum status pipeline_latency(const struct flow *flow, const struct pipeline_layer *layers,
                             double pooling_s, double *latency_s, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct row_times *times = NULL;
    enum status status = allocate(flow, &arena, &times, diag);
    for (int i = 0; status == STATUS_OK && i < flow->n_steps; i++) {
        const struct flow_step *step = &flow->steps[i];
        struct pipeline_layer unit = {1, 0, step->kind == FLOW_POOL ? pooling_s : 0};
        const struct pipeline_layer *pace =
            step->kind == FLOW_MATRIX ? &layers[step->layer] : &unit;
        if (flow->pipeline == PIPELINE_ROWS)
            time_step(flow, step, pace, times);
        else
            time_whole_step(flow, step, pace, times);
    }
    if (status == STATUS_OK)
        *latency_s = times[flow->output].last[flow->steps[flow->output].rows - 1];
    arena_free(&arena);
    return status;
}

struct pipeline_buffer pipeline_buffer(const struct matrix_shape *shape) {
    double channels = shape->in_channels;
    double reach[2]; /* rows and columns from a window's first tap to its last */
    for (int i = 0; i < 2; i++)
        reach[i] = (shape->window.kernel[i] - 1.0) * shape->window.dilation[i];
    return (struct pipeline_buffer){
        .window = (shape->in_width * reach[0] + reach[1] + 1) * channels,
        .rows = shape->in_width * (reach[0] + 1) * channels,
        .map = (double)shape->in_width * shape->in_height * channels,
    };
}
