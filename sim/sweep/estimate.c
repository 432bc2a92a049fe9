/* How long a sweep would take. */
#include <math.h>

#include "sim/sweep/execute.h"

enum { PAIRS = 3 };

/* Of the points of a share, some pairs of neighbours. */
struct probes {
    struct sweep_shard share;
    long at, points;
    long first[PAIRS];
    int n_pairs;
    double pair_s[2]; /* sums of the first ones and of the second ones */
    int n[2];
};

/* Whether point `at` of the share begins a pair (0), ends one (1), or is in none (-1). */
static int role_of(const struct probes *probes, long at) {
    for (int i = 0; i < probes->n_pairs; i++)
        if (at == probes->first[i] || at == probes->first[i] + 1)
            return (int)(at - probes->first[i]);
    return -1;
}

static enum status next_probe(void *context, struct sweep_point *point, bool *found,
                              struct diagnostic *diag) {
    struct probes *probes = context;
    for (;;) {
        TRY(sweep_shard_next(&probes->share, point, found, diag));
        int role = role_of(probes, probes->at++);
        if (!*found || role >= 0)
            return STATUS_OK;
        sweep_point_free(point);
    }
}

/* One job: probes finish in the order of the walk. */
static enum status time_probe(void *context, long number, const struct store_run *records, int n,
                              struct diagnostic *diag) {
    struct probes *probes = context;
    int second = (probes->n[0] + probes->n[1]) % 2;
    (void)number;
    (void)n;
    (void)diag;
    probes->pair_s[second] += records[0].wall_s;
    probes->n[second]++;
    return STATUS_OK;
}

/* Begins of pairs: spread over the share, apart from each other. */
static void place(struct probes *probes) {
    for (int i = 0; i < PAIRS; i++) {
        long first = i == 0 ? 0 : (probes->points - 2) * i / (PAIRS - 1);
        if (first + 1 < probes->points &&
            (i == 0 || first > probes->first[probes->n_pairs - 1] + 1))
            probes->first[probes->n_pairs++] = first;
    }
    if (probes->n_pairs == 0) /* a single point is timed alone */
        probes->n_pairs = 1;
}

enum status sweep_estimate(const struct sweep_request *request, int shard, int shards,
                           struct sweep_estimate *estimate, struct diagnostic *diag) {
    struct probes probes = {0};
    struct sweep_outcome outcome;
    struct sweep_request own = *request;
    *estimate = (struct sweep_estimate){0};
    TRY(sweep_shard_begin(request->sweep, shard, shards, &probes.share, diag));
    probes.points = probes.share.left;
    place(&probes);
    own.source = next_probe;
    own.source_context = &probes;
    own.total = probes.points > 1 ? 2 * probes.n_pairs : probes.points;
    own.jobs = 1;
    own.finished = time_probe;
    own.finished_context = &probes;
    own.store = NULL;
    enum status status = sweep_execute(&own, &outcome, diag);
    if (status == STATUS_OK && outcome.interrupted)
        status = FAIL(diag, STATUS_INTERRUPTED, "interrupted; nothing was stored");
    sweep_outcome_free(&outcome);
    sweep_shard_end(&probes.share);
    if (status != STATUS_OK)
        return status;
    double cold_s = probes.n[0] > 0 ? probes.pair_s[0] / probes.n[0] : 0;
    double warm_s = probes.n[1] > 0 ? probes.pair_s[1] / probes.n[1] : cold_s;
    double each = (double)probes.points / fmin(request->jobs, fmax(1, (double)probes.points));
    estimate->probes = probes.n[0] + probes.n[1];
    estimate->least_s = each * fmin(cold_s, warm_s);
    estimate->most_s = each * fmax(cold_s, warm_s);
    return STATUS_OK;
}
