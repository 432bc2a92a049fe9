/* Select: a pruning scheme, rate and block size for each layer, by rule or by search (scheme
 * mapping, arXiv 2111.11581, for crossbars).
 *
 * Order of calls: select_candidates makes the list of what a layer may be pruned by; select_measure
 * evaluates the network once with each and fills a problem: what each choice loses (an accuracy
 * proxy) and costs (the cost model) in each layer; select_by_rule or select_by_search, pure,
 * choose; select_apply puts the choice into a configuration that can be run. */
#ifndef MHO_SELECT_SELECT_H
#define MHO_SELECT_SELECT_H

#include "sim/run/run.h"

/* One way to prune a layer. The first of a list is "none". */
struct select_candidate {
    const char *scheme; /* as pruning.scheme */
    double rate;        /* 0: the scheme has none */
    int rows;           /* of a block, or PRUNE_CROSSBAR */
};

/* Every scheme (names separated by commas; each may be a sequence) at every rate it takes and with
 * every height of a block that it reads, after "none". Everything lies in `arena`. */
enum status select_candidates(const char *schemes, const double *rates, int n_rates,
                              const int *rows, int n_rows, struct arena *arena,
                              struct select_candidate **candidates, int *count,
                              struct diagnostic *diag);

enum select_objective { SELECT_ENERGY, SELECT_AREA, SELECT_TIME, SELECT_OBJECTIVES };
extern const char *const select_objective_names[]; /* NULL-terminated */

/* What each candidate would do to each layer, all [n_layers][n_candidates]. */
struct select_problem {
    int n_layers, n_candidates;
    const char *const *names; /* [n_layers] */
    const struct select_candidate *candidates;
    double *loss;     /* share of the layer's squared weights that is removed, 0..1 */
    double *cost;     /* energy (J), area (m2) or time (s) of the layer */
    bool skips_zeros; /* some layer leaves digits out, which only images would tell: costs are of
                         all digits */
    bool *suitable;   /* for the rule: by the layer's kind and kernel */
    double max_loss;  /* limit of select_loss (by rule: of each layer's loss) */
};

/* Evaluates `config` without images once for each candidate. */
enum status select_measure(const struct config *config, const struct select_candidate *candidates,
                           int n_candidates, enum select_objective objective, double max_loss,
                           const atomic_bool *stop, struct arena *arena,
                           struct select_problem *problem, struct diagnostic *diag);

/* Root mean square of the layers' losses (one layer ruined is worse than all a little worn), and
 * sum of their costs, for a choice [n_layers] of candidates. */
double select_loss(const struct select_problem *problem, const int *choice);
double select_cost(const struct select_problem *problem, const int *choice);

/* Layer by layer: of the candidates that suit the layer and lose at most max_loss, the cheapest (of
 * equal costs the one that loses less). Suitable: nothing but "none" for grouped and depthwise
 * layers, whose few rows leave nothing to save; for 3 x 3 kernels everything; for others what does
 * not go by kernels (pattern, kernel). */
void select_by_rule(const struct select_problem *problem, int *choice);

/* Simulated annealing (gsl_siman) over all layers together, from "none" everywhere: the least cost
 * with a loss of at most max_loss; then single changes that still help, and no scheme where it
 * changes nothing. The same seed gives the same choice. */
enum status select_by_search(const struct select_problem *problem, uint64_t seed, int *choice,
                             struct diagnostic *diag);

/* What would have been chosen next where a choice left every layer as it is: of all changes of one
 * layer to a candidate that costs less (by rule: and suits), the one with the least limit. */
struct select_nearest {
    bool found; /* false: no candidate makes any layer cheaper */
    int layer, candidate;
    double limit; /* max_loss that allows it */
};
struct select_nearest select_nearest(const struct select_problem *problem, bool by_rule);

/* Overrides of `config` that prune every layer as chosen. */
enum status select_apply(const struct select_problem *problem, const int *choice,
                         struct config *config, struct diagnostic *diag);

#endif
