/* Choices: by rule, layer by layer, and by simulated annealing over all of them. */
#include <gsl/gsl_siman.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/random.h"
#include "sim/select/select_internal.h"

double select_loss(const struct select_problem *problem, const int *choice) {
    double sum = 0;
    for (int i = 0; i < problem->n_layers; i++)
        sum += pow(problem->loss[select_at(problem, i, choice[i])], 2);
    return problem->n_layers > 0 ? sqrt(sum / problem->n_layers) : 0;
}

double select_cost(const struct select_problem *problem, const int *choice) {
    double sum = 0;
    for (int i = 0; i < problem->n_layers; i++)
        sum += problem->cost[select_at(problem, i, choice[i])];
    return sum;
}

void select_by_rule(const struct select_problem *problem, int *choice) {
    for (int i = 0; i < problem->n_layers; i++) {
        choice[i] = 0;
        for (int c = 1; c < problem->n_candidates; c++) {
            size_t at = select_at(problem, i, c), best = select_at(problem, i, choice[i]);
            if (!problem->suitable[at] || problem->loss[at] > problem->max_loss)
                continue;
            if (problem->cost[at] < problem->cost[best] ||
                (problem->cost[at] == problem->cost[best] &&
                 problem->loss[at] < problem->loss[best]))
                choice[i] = c;
        }
    }
}

struct select_nearest select_nearest(const struct select_problem *problem, bool by_rule) {
    struct select_nearest nearest = {.limit = INFINITY};
    for (int i = 0; i < problem->n_layers; i++)
        for (int c = 1; c < problem->n_candidates; c++) {
            size_t at = select_at(problem, i, c), dense = select_at(problem, i, 0);
            double limit = problem->loss[at] / (by_rule ? 1 : sqrt(problem->n_layers));
            if (problem->cost[at] < problem->cost[dense] && limit < nearest.limit &&
                (problem->suitable[at] || !by_rule))
                nearest = (struct select_nearest){true, i, c, limit};
        }
    return nearest;
}

/* A point of the search: gsl_siman copies it as bytes and hands it to every call-back. */
struct point {
    const struct select_problem *problem;
    double dense_cost;
    int choice[]; /* [n_layers] */
};

/* Cost as a share of the dense network's; beyond the limit of the loss more than any allowed point,
 * and falling towards it. */
static double energy_of(void *state) {
    const struct point *point = state;
    double loss = select_loss(point->problem, point->choice);
    double cost = select_cost(point->problem, point->choice) / point->dense_cost;
    double beyond = loss - point->problem->max_loss;
    return beyond > 0 ? cost + 1 + 10 * beyond : cost;
}

/* Another candidate for one layer. */
static void step(const gsl_rng *random, void *state, double size) {
    struct point *point = state;
    (void)size;
    unsigned long layers = (unsigned long)point->problem->n_layers;
    unsigned long candidates = (unsigned long)point->problem->n_candidates;
    size_t layer = gsl_rng_uniform_int(random, layers);
    point->choice[layer] = (int)gsl_rng_uniform_int(random, candidates);
}

/* Number of layers that differ; gsl_siman prints it and nothing else. */
static double distance(void *a, void *b) {
    const struct point *x = a, *y = b;
    int differ = 0;
    for (int i = 0; i < x->problem->n_layers; i++)
        differ += x->choice[i] != y->choice[i];
    return differ;
}

/* The first candidate that costs and loses no more than the chosen one: no scheme where it changes
 * nothing. */
static void simplify(const struct select_problem *problem, int *choice) {
    for (int i = 0; i < problem->n_layers; i++)
        for (int c = 0; c < choice[i]; c++) {
            size_t at = select_at(problem, i, c), chosen = select_at(problem, i, choice[i]);
            if (problem->cost[at] <= problem->cost[chosen] &&
                problem->loss[at] <= problem->loss[chosen])
                choice[i] = c;
        }
}

/* Changes of single layers, as long as one helps. */
static void polish(struct point *point) {
    const struct select_problem *problem = point->problem;
    for (bool changed = true; changed;) {
        changed = false;
        for (int i = 0; i < problem->n_layers; i++)
            for (int c = 0; c < problem->n_candidates; c++) {
                int before = point->choice[i];
                double energy = energy_of(point);
                point->choice[i] = c;
                if (energy_of(point) < energy)
                    changed = true;
                else
                    point->choice[i] = before;
            }
    }
}

enum status select_by_search(const struct select_problem *problem, uint64_t seed, int *choice,
                             struct diagnostic *diag) {
    if (problem->n_layers == 0)
        return STATUS_OK;
    size_t size = sizeof(struct point) + (size_t)problem->n_layers * sizeof(int);
    struct point *point = calloc(1, size);
    if (point == NULL)
        return FAIL_MEMORY(diag, "the search");
    struct random_stream stream;
    gsl_rng *random = random_open(&stream, RANDOM_KEY(seed, (uint64_t)problem->n_layers));
    /* Shares of cost: one layer's change is of the order of 1 / layers. */
    const gsl_siman_params_t schedule = {
        .n_tries = 1,
        .iters_fixed_T = 20 * problem->n_layers,
        .step_size = 1,
        .k = 1,
        .t_initial = 0.5 / problem->n_layers,
        .mu_t = 1.05,
        .t_min = 0.0005 / problem->n_layers,
    };
    point->problem = problem;
    point->dense_cost = 1;
    point->dense_cost = fmax(select_cost(problem, point->choice), 1e-300);
    gsl_siman_solve(random, point, energy_of, step, distance, NULL, NULL, NULL, NULL, size,
                    schedule);
    polish(point);
    simplify(problem, point->choice);
    memcpy(choice, point->choice, (size_t)problem->n_layers * sizeof *choice);
    free(point);
    return STATUS_OK;
}
