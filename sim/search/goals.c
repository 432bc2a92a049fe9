/* Reading goals, and what records are worth by them. */
#include "sim/search/goals.h"

#include <math.h>
#include <string.h>

/* --- reading --- */

struct reading {
    struct goals *goals;
    struct arena *arena;
    struct diagnostic *diag;
};

typedef enum status read_one(struct reading *reading, const struct yaml_node *node,
                             const char *what);

/* One expression, or a list of them. */
static enum status read_each(struct reading *reading, const struct yaml_node *node,
                             const char *what, read_one *read) {
    if (node == NULL)
        return STATUS_OK;
    if (node->kind != YAML_SEQUENCE)
        return read(reading, node, what);
    for (size_t i = 0; i < node->count; i++)
        TRY(read(reading, node->values[i], what));
    return STATUS_OK;
}

static enum status read_objective(struct reading *reading, const struct yaml_node *node,
                                  const char *what) {
    struct goals *goals = reading->goals;
    if (goals->n_objectives == PARETO_OBJECTIVES_MAX)
        return YAML_FAIL(reading->diag, node, "more than %d objectives", PARETO_OBJECTIVES_MAX);
    struct goal *goal = &goals->objectives[goals->n_objectives];
    TRY(expression_parse(node, what, reading->arena, &goal->expression, reading->diag));
    goal->text = node->text;
    goal->large = strcmp(what, "maximize") == 0;
    goals->n_objectives++;
    return STATUS_OK;
}

static bool is_upper(const struct expression *limit) {
    return limit->operator[0] == '<';
}

static enum status read_limit(struct reading *reading, const struct yaml_node *node,
                              const char *what) {
    struct goals *goals = reading->goals;
    const struct expression *limit;
    if (goals->n_limits == GOALS_LIMITS_MAX)
        return YAML_FAIL(reading->diag, node, "more than %d limits", GOALS_LIMITS_MAX);
    TRY(expression_parse(node, what, reading->arena, &limit, reading->diag));
    if (limit->kind != EXPRESSION_BINARY ||
        (limit->operator[0] != '<' && limit->operator[0] != '>'))
        return YAML_FAIL(reading->diag, node,
                         "subject_to: expected a comparison, such as accuracy_mean >= 90");
    goals->limits[goals->n_limits++] = limit;
    return STATUS_OK;
}

static enum status read_number(const struct yaml_node *node, const char *what, int low, int high,
                               int *value, struct diagnostic *diag) {
    if (node == NULL)
        return STATUS_OK;
    TRY(yaml_int(node, what, value, diag));
    if (*value < low || *value > high)
        return YAML_FAIL(diag, node, "%s: expected %d to %d, got %d", what, low, high, *value);
    return STATUS_OK;
}

enum status goals_read(const struct yaml_node *node, const char *path, struct arena *arena,
                       struct goals *goals, struct diagnostic *diag) {
    static const char *const keys[] = {"minimize",   "maximize",    "subject_to",
                                       "population", "generations", "seed"};
    struct reading reading = {goals, arena, diag};
    int seed = 1;
    *goals = (struct goals){.population = 24, .generations = 20};
    if (node == NULL)
        return FAIL(diag, STATUS_USAGE,
                    "%s: \"search\" is missing: say there what to minimize or maximize "
                    "(docs/search.md)",
                    path);
    if (node->kind != YAML_MAPPING)
        return YAML_FAIL(diag, node, "search: expected keys such as minimize below it");
    TRY(yaml_check_keys(node, keys, sizeof keys / sizeof *keys, diag));
    TRY(read_each(&reading, yaml_get(node, "minimize"), "minimize", read_objective));
    TRY(read_each(&reading, yaml_get(node, "maximize"), "maximize", read_objective));
    TRY(read_each(&reading, yaml_get(node, "subject_to"), "subject_to", read_limit));
    if (goals->n_objectives == 0)
        return YAML_FAIL(diag, node, "search: nothing to minimize or maximize");
    const struct yaml_node *population = yaml_get(node, "population");
    TRY(read_number(population, "population", 4, GOALS_POPULATION_MAX, &goals->population, diag));
    if (goals->population % 2 != 0)
        return YAML_FAIL(diag, population, "population: expected an even number, got %d",
                         goals->population);
    TRY(read_number(yaml_get(node, "generations"), "generations", 0, GOALS_GENERATIONS_MAX,
                    &goals->generations, diag));
    TRY(read_number(yaml_get(node, "seed"), "seed", 0, INT32_MAX, &seed, diag));
    goals->seed = (uint64_t)seed;
    return STATUS_OK;
}

/* --- values --- */

struct trials {
    const struct store_run *records;
    int n;
};

static const struct store_metric *find(const struct store_run *run, const char *name) {
    for (int i = 0; i < run->n_metrics; i++)
        if (strcmp(run->metrics[i].scope, "run") == 0 && strcmp(run->metrics[i].name, name) == 0)
            return &run->metrics[i];
    return NULL;
}

static enum status unknown_metric(const struct store_run *run, const struct expression *name,
                                  struct diagnostic *diag) {
    enum { NAMES_MAX = 256 };
    const char *names[NAMES_MAX];
    size_t n = 0;
    for (int i = 0; i < run->n_metrics && n < NAMES_MAX; i++)
        if (strcmp(run->metrics[i].scope, "run") == 0)
            names[n++] = run->metrics[i].name;
    return expression_unknown(name, 0, "metric", names, n, diag);
}

/* A metric, as the mean over the trials. */
static enum status metric_of(const struct expression_scope *scope, const struct expression *name,
                             double *value, struct diagnostic *diag) {
    const struct trials *trials = scope->context;
    *value = 0;
    if (name->n_parts != 1)
        return EXPRESSION_FAIL(diag, name, name->offset, "expected the name of a metric of a run");
    for (int i = 0; i < trials->n; i++) {
        const struct store_metric *metric = find(&trials->records[i], name->parts[0].text);
        if (metric == NULL)
            return unknown_metric(&trials->records[i], name, diag);
        *value += metric->value / trials->n;
    }
    return STATUS_OK;
}

static enum status no_tables(const struct expression_scope *scope, const struct expression *name,
                             int *table, int *rows, struct diagnostic *diag) {
    (void)scope;
    *table = *rows = 0;
    return EXPRESSION_FAIL(diag, name, name->offset, "search: there are no data tables here");
}

/* By how much a limit is missed, as a share of its right side where that is not 0. */
static enum status miss(const struct expression *limit, const struct expression_scope *scope,
                        double *missed, struct diagnostic *diag) {
    double left, right;
    TRY(expression_value(limit->arguments[0], scope, &left, diag));
    TRY(expression_value(limit->arguments[1], scope, &right, diag));
    double excess = is_upper(limit) ? left - right : right - left;
    bool kept = limit->operator[1] == '=' ? excess <= 0 : excess<0;
    double share = right != 0 ? excess / fabs(right) : excess;
    /* A strict limit that is met exactly is missed by the least there is. */
    *missed = kept ? 0 : fmax(share, 1e-12);
    return STATUS_OK;
}

enum status goals_value(const struct goals *goals, const struct store_run *records, int n,
                        struct pareto_point *point, struct diagnostic *diag) {
    struct trials trials = {records, n};
    const struct expression_scope scope = {
        .value = metric_of, .table = no_tables, .context = &trials, .table_at = -1};
    *point = (struct pareto_point){.violation = INFINITY};
    if (n == 0 || strcmp(records[0].status, "done") != 0)
        return STATUS_OK;
    point->violation = 0;
    for (int i = 0; i < goals->n_objectives; i++) {
        TRY(expression_value(goals->objectives[i].expression, &scope, &point->value[i], diag));
        point->value[i] = goals_shown(goals, i, point->value[i]);
    }
    for (int i = 0; i < goals->n_limits; i++) {
        double missed;
        TRY(miss(goals->limits[i], &scope, &missed, diag));
        point->violation += missed;
    }
    return STATUS_OK;
}

double goals_shown(const struct goals *goals, int objective, double value) {
    return goals->objectives[objective].large ? -value : value;
}
