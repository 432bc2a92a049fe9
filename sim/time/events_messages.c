/* What goes where: copies of a layer take turns, so each needs what its windows take. */
#include "sim/time/events_internal.h"

bool channels_overlap(struct channels a, struct channels b) {
    return a.first < b.end && b.first < a.end;
}

/* First and last place of the reader whose window takes each place of the map: `first` and `last`
 * of a reader's place rise with it. */
static void fill_readers(const struct flow_input *input,
                         int (*place)(const struct flow_input *, int, int), int readers, int n,
                         int *out) {
    for (int i = 0; i < n; i++) {
        out[2 * i] = readers;
        out[2 * i + 1] = -1;
    }
    for (int reader = readers - 1; reader >= 0; reader--)
        for (int i = place(input, FLOW_FIRST, reader); i <= place(input, FLOW_LAST, reader); i++) {
            out[2 * i] = reader;
            if (out[2 * i + 1] < 0)
                out[2 * i + 1] = reader;
        }
}

enum status find_readers(struct simulation *sim, struct edge *edge, struct diagnostic *diag) {
    const struct flow_step *from = &sim->flow->steps[edge->from], *to = &sim->flow->steps[edge->to];
    if (sim->placement.copies[edge->to] == 1 || edge->input->control)
        return STATUS_OK;
    edge->row_readers = ARENA_NEW(&sim->arena, 2 * from->rows, int);
    edge->column_readers = ARENA_NEW(&sim->arena, 2 * from->columns, int);
    if (edge->row_readers == NULL || edge->column_readers == NULL)
        return FAIL_MEMORY(diag, "the event-driven model");
    fill_readers(edge->input, flow_row, to->rows, from->rows, edge->row_readers);
    fill_readers(edge->input, flow_column, to->columns, from->columns, edge->column_readers);
    for (int t = 0; t < edge->n_targets; t++) {
        long wanted = 0;
        for (long p = 0; p < flow_positions(from); p++)
            wanted += tile_wants(sim, edge, &edge->targets[t], p);
        edge->targets[t].share = (double)wanted / (double)flow_positions(from);
    }
    return STATUS_OK;
}

bool tile_wants(const struct simulation *sim, const struct edge *edge, const struct target *target,
                int64_t position) {
    const struct flow_step *from = &sim->flow->steps[edge->from], *to = &sim->flow->steps[edge->to];
    int64_t positions = flow_positions(from), copies = sim->placement.copies[edge->to];
    if (edge->row_readers == NULL)
        return true;
    const int *rows = &edge->row_readers[2 * (position % positions / from->columns)];
    const int *columns = &edge->column_readers[2 * (position % positions % from->columns)];
    int64_t first_of_image = position / positions * flow_positions(to);
    for (int row = rows[0]; row <= rows[1] && columns[0] <= columns[1]; row++) {
        /* Copies of the readers in this row: neighbours, and behind the last the first again. */
        int64_t first = (first_of_image + (int64_t)row * to->columns + columns[0]) % copies;
        int64_t last = first + columns[1] - columns[0];
        if ((first <= target->last_copy && last >= target->first_copy) ||
            last - copies >= target->first_copy)
            return true;
    }
    return false;
}

int count_wanted(const struct simulation *sim, const struct edge *edge, int64_t position) {
    int copy = (int)(position % sim->placement.copies[edge->from]), messages = 0;
    const int *parts = &sim->placement.copy[edge->from][copy];
    if (edge->row_readers == NULL || edge->order_only)
        return edge->messages[copy];
    for (int t = 0; t < edge->n_targets; t++) {
        const struct target *target = &edge->targets[t];
        if (!tile_wants(sim, edge, target, position))
            continue;
        for (int p = parts[0]; p < parts[1]; p++)
            messages += sim->placement.parts[p].complete > 0 &&
                        channels_overlap(sim->placement.parts[p].out, target->of);
    }
    return messages;
}

int count_complete(const struct simulation *sim, const struct edge *edge, int64_t position) {
    const int *parts =
        &sim->placement.copy[edge->from][position % sim->placement.copies[edge->from]];
    int complete = 0;
    for (int p = parts[0]; p < parts[1]; p++)
        complete += sim->placement.parts[p].complete > 0;
    return complete;
}

long message_bits(const struct simulation *sim, const struct event *event) {
    const struct part *part = &sim->placement.parts[event->part];
    struct channels of = part->out;
    if (event->edge == TO_HOME)
        return part->ways[event->target].filters * sim->placement.sum_width;
    if (event->edge >= 0) {
        struct channels wanted = sim->edges[event->edge].targets[event->target].of;
        of.first = wanted.first > of.first ? wanted.first : of.first;
        of.end = wanted.end < of.end ? wanted.end : of.end;
    }
    if (of.end <= of.first || part->complete == 0)
        return 0;
    long range = part->out.end - part->out.first;
    long values = ((long)(of.end - of.first) * part->complete + range - 1) / range;
    return values * sim->flow->steps[part->step].bits;
}
