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
static struct span input_span(const struct flow_step *from, const struct row_times *other,
                              const struct flow_step *step, const struct flow_input *input, int row,
                              const struct pipeline_layer *pace) {
    long position = (long)row * step->columns, end = position + step->columns - 1;
    int needed = flow_row(input, FLOW_LAST, row);
    int settled = flow_settled_column(input, step->columns);
    double last = place_time(from, other, needed, flow_column(input, FLOW_LAST, step->columns - 1));
    return (struct span){
        place_time(from, other, needed, flow_column(input, FLOW_LAST, 0)),
        last + pace->interval_s * intervals(position + settled, end, pace->copies),
    };
}

/* `arrived` [n_inputs]: when each input's map is here. */
static void time_step(const struct flow *flow, const struct flow_step *step,
                      const struct pipeline_layer *pace, const struct row_times *arrived,
                      struct row_times *own) {
    double before = 0; /* start of the position before */
    for (int row = 0; row < step->rows; row++) {
        long position = (long)row * step->columns, end = position + step->columns - 1;
        struct span start = {0};
        if (row > 0)
            start.first =
                before + pace->interval_s * intervals(position - 1, position, pace->copies);
        for (int i = 0; i < step->n_inputs; i++) {
            const struct flow_input *input = &step->inputs[i];
            struct span ready =
                input_span(&flow->steps[input->from], &arrived[i], step, input, row, pace);
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
                            const struct pipeline_layer *pace, const struct row_times *arrived,
                            struct row_times *own) {
    double start = 0;
    for (int i = 0; i < step->n_inputs; i++)
        start = larger(start, arrived[i].last[flow->steps[step->inputs[i].from].rows - 1]);
    own->first[0] = start + pace->fill_s;
    own->last[step->rows - 1] =
        start + pace->interval_s * intervals(0, flow_positions(step) - 1, pace->copies) +
        pace->fill_s;
}

/* When the positions of a map are there that a link takes one after the other, `link_s` each, in
 * their order and not before they are done. */
static void transfer(const struct flow *flow, const struct flow_step *from,
                     const struct row_times *done, double link_s, struct row_times *arrived) {
    double before = 0; /* end of the row before, or of the first position */
    if (flow->pipeline != PIPELINE_ROWS) {
        before = done->first[0] + (double)flow_positions(from) * link_s;
        arrived->last[from->rows - 1] = larger(done->last[from->rows - 1] + link_s, before);
        return;
    }
    for (int row = 0; row < from->rows; row++) {
        arrived->first[row] = larger(done->first[row], before) + link_s;
        before =
            larger(done->last[row] + link_s, arrived->first[row] + (from->columns - 1) * link_s);
        arrived->last[row] = before;
    }
}

static enum status make_rows(int rows, struct arena *arena, struct row_times *times,
                             struct diagnostic *diag) {
    double *figures = ARENA_NEW(arena, 2 * rows, double);
    if (figures == NULL)
        return FAIL_MEMORY(diag, "the times of rows");
    *times = (struct row_times){figures, figures + rows};
    return STATUS_OK;
}

/* When the maps that a step reads are where it is. */
static enum status arrive(const struct flow *flow, const struct flow_step *step, int pass,
                          const struct row_times *times, struct arena *arena,
                          struct row_times **arrived, struct diagnostic *diag) {
    *arrived = ARENA_NEW(arena, step->n_inputs, struct row_times);
    if (*arrived == NULL)
        return FAIL_MEMORY(diag, "the times of rows");
    for (int i = 0; i < step->n_inputs; i++) {
        const struct flow_input *input = &step->inputs[i];
        const struct flow_step *from = &flow->steps[input->from];
        double link_s = from->last_pass < pass ? input->load_s : input->link_s;
        (*arrived)[i] = times[input->from];
        if (link_s == 0 || input->control)
            continue;
        TRY(make_rows(from->rows, arena, &(*arrived)[i], diag));
        transfer(flow, from, &times[input->from], link_s, &(*arrived)[i]);
    }
    return STATUS_OK;
}

/* The end of a pass: of the network's result, of what a step does of a map that later passes go on
 * with, and of the last map that it leaves in memory. */
static enum status end_step(const struct flow *flow, const struct flow_step *step, int pass,
                            const struct row_times *own, struct arena *arena, double *end_s,
                            struct diagnostic *diag) {
    struct row_times stored = {NULL, NULL};
    if (step == &flow->steps[flow->output] || step->last_pass > pass)
        *end_s = larger(*end_s, own->last[step->rows - 1]);
    if (step->store_s == 0 || step->last_pass != pass)
        return STATUS_OK;
    TRY(make_rows(step->rows, arena, &stored, diag));
    transfer(flow, step, own, step->store_s, &stored);
    *end_s = larger(*end_s, stored.last[step->rows - 1]);
    return STATUS_OK;
}

static enum status time_steps(const struct flow *flow, const struct pipeline_layer *layers,
                              double pooling_s, int pass, struct row_times *times,
                              struct arena *arena, double *end_s, struct diagnostic *diag) {
    for (int i = 0; i < flow->n_steps; i++) {
        const struct flow_step *step = &flow->steps[i];
        struct pipeline_layer unit = {1, 0, step->kind == FLOW_POOL ? pooling_s : 0};
        const struct pipeline_layer *pace =
            step->kind == FLOW_MATRIX ? &layers[step->layer] : &unit;
        struct row_times *arrived;
        if (step->first_pass > pass || step->last_pass < pass)
            continue;
        TRY(arrive(flow, step, pass, times, arena, &arrived, diag));
        if (flow->pipeline == PIPELINE_ROWS)
            time_step(flow, step, pace, arrived, &times[i]);
        else
            time_whole_step(flow, step, pace, arrived, &times[i]);
        TRY(end_step(flow, step, pass, &times[i], arena, end_s, diag));
    }
    return STATUS_OK;
}

enum status pipeline_latency(const struct flow *flow, const struct pipeline_layer *layers,
                             double pooling_s, int pass, double *latency_s,
                             struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct row_times *times = ARENA_NEW(&arena, flow->n_steps, struct row_times);
    enum status status = times != NULL ? STATUS_OK : FAIL_MEMORY(diag, "the times of rows");
    *latency_s = 0;
    for (int i = 0; status == STATUS_OK && i < flow->n_steps; i++)
        status = make_rows(flow->steps[i].rows, &arena, &times[i], diag);
    if (status == STATUS_OK)
        status = time_steps(flow, layers, pooling_s, pass, times, &arena, latency_s, diag);
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
