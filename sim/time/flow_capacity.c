/* What buffers must hold at least: the network run on demand of its output. */
#include "sim/time/flow.h"

struct demand {
    const struct flow *flow;
    long *produced;  /* [n_steps] */
    long **released; /* [n_steps][n_inputs] */
    long **most;     /* the same: positions held at one time */
};

/* Notes how much all readers of `from` hold of it now. */
static void note(struct demand *demand, int from) {
    for (int s = from + 1; s < demand->flow->n_steps; s++)
        for (int i = 0; i < demand->flow->steps[s].n_inputs; i++) {
            if (demand->flow->steps[s].inputs[i].from != from)
                continue;
            long held = demand->produced[from] - demand->released[s][i];
            if (held > demand->most[s][i])
                demand->most[s][i] = held;
        }
}

/* Computes positions of a step up to `count`, and of others what they need, one after the other.
 * As deep as the network. */
static void produce(struct demand *demand, int index, long count) {
    const struct flow_step *step = &demand->flow->steps[index];
    while (demand->produced[index] < count) {
        long position = demand->produced[index];
        for (int i = 0; i < step->n_inputs; i++)
            produce(demand, step->inputs[i].from,
                    flow_needs(demand->flow, step, &step->inputs[i], position));
        demand->produced[index]++;
        note(demand, index);
        for (int i = 0; i < step->n_inputs; i++) {
            long released = flow_releases(demand->flow, step, &step->inputs[i], position);
            if (released > demand->released[index][i])
                demand->released[index][i] = released;
        }
    }
}

enum status flow_least_capacities(const struct flow *flow, struct arena *arena, long ***capacity,
                                  struct diagnostic *diag) {
    struct arena own = ARENA_INIT;
    enum status status = STATUS_OK;
    struct demand demand = {.flow = flow,
                            .produced = ARENA_NEW(&own, flow->n_steps, long),
                            .released = ARENA_NEW(&own, flow->n_steps, long *),
                            .most = ARENA_NEW(arena, flow->n_steps, long *)};
    bool allocated = demand.produced != NULL && demand.released != NULL && demand.most != NULL;
    for (int s = 0; allocated && s < flow->n_steps; s++) {
        demand.released[s] = ARENA_NEW(&own, flow->steps[s].n_inputs, long);
        demand.most[s] = ARENA_NEW(arena, flow->steps[s].n_inputs, long);
        allocated = demand.released[s] != NULL && demand.most[s] != NULL;
    }
    if (allocated)
        produce(&demand, flow->output, flow_positions(&flow->steps[flow->output]));
    else
        status = FAIL_MEMORY(diag, "the capacities of buffers");
    *capacity = demand.most;
    arena_free(&own);
    return status;
}
