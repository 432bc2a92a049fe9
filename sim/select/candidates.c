/* The list of candidates, and a choice as a configuration. */
#include <stdio.h>
#include <string.h>

#include "sim/select/select_internal.h"

enum { TEXT = 512 };

/* Whether any scheme of a plan takes a rate, or reads pruning.rows. */
static enum status traits(const char *scheme, bool *rate, bool *rows, struct diagnostic *diag) {
    static const double two = 2, thresholds[] = {0, 1};
    const struct prune_array array = {.rows = 128, .filters = 16};
    struct pruning_options options = {.scheme = scheme,
                                      .rows = PRUNE_CROSSBAR,
                                      .columns = PRUNE_CROSSBAR,
                                      .block_filters = 1,
                                      .block_channels = 1,
                                      .patterns = 1,
                                      .fragment_rows = 1,
                                      .mixed_thresholds = {thresholds, 2},
                                      .mixed_row_rate = 1};
    struct prune_plan plan;
    /* With a rate or without: one of the two is right for a scheme that exists. */
    options.rate.values = &two;
    options.rate.count = 1;
    *rate = prune_plan_make(&options, &array, &plan, NULL) == STATUS_OK;
    options.rate.count = 0;
    if (!*rate)
        TRY(prune_plan_make(&options, &array, &plan, diag));
    *rows = false;
    for (int i = 0; i < plan.n_steps; i++)
        *rows = *rows || strstr(plan.steps[i].scheme->options, "rows") != NULL;
    return STATUS_OK;
}

struct list {
    struct select_candidate *items;
    int n;
};

static enum status add_scheme(const char *scheme, const double *rates, int n_rates, const int *rows,
                              int n_rows, struct list *list, struct diagnostic *diag) {
    bool has_rate, has_rows;
    TRY(traits(scheme, &has_rate, &has_rows, diag));
    for (int i = 0; i < (has_rate ? n_rates : 1); i++)
        for (int j = 0; j < (has_rows ? n_rows : 1); j++)
            list->items[list->n++] =
                (struct select_candidate){.scheme = scheme,
                                          .rate = has_rate ? rates[i] : 0,
                                          .rows = has_rows ? rows[j] : PRUNE_CROSSBAR};
    return STATUS_OK;
}

enum status select_candidates(const char *schemes, const double *rates, int n_rates,
                              const int *rows, int n_rows, struct arena *arena,
                              struct select_candidate **candidates, int *count,
                              struct diagnostic *diag) {
    size_t most = 1 + (strlen(schemes) + 1) * (size_t)(n_rates + 1) * (size_t)(n_rows + 1);
    char *names = arena_strdup(arena, schemes), *rest = names;
    struct list list = {.items = ARENA_NEW(arena, most, struct select_candidate)};
    if (names == NULL || list.items == NULL)
        return FAIL_MEMORY(diag, "candidates");
    list.items[list.n++] = (struct select_candidate){.scheme = "none", .rows = PRUNE_CROSSBAR};
    for (char *name = strsep(&rest, ","); name != NULL; name = strsep(&rest, ","))
        if (strcmp(name, "none") != 0)
            TRY(add_scheme(name, rates, n_rates, rows, n_rows, &list, diag));
    *candidates = list.items;
    *count = list.n;
    return STATUS_OK;
}

static enum status override(struct config *config, const char *layer, const char *key,
                            const char *value, struct diagnostic *diag) {
    char text[TEXT];
    if (snprintf(text, sizeof text, "layers.%s.pruning.%s=%s", layer, key, value) >= TEXT)
        return FAIL(diag, STATUS_USAGE, "layer %.80s...: its name is too long for a configuration",
                    layer);
    return config_override(config, text, diag);
}

enum status select_override(struct config *config, const char *layer,
                            const struct select_candidate *candidate, struct diagnostic *diag) {
    char number[32];
    TRY(override(config, layer, "scheme", candidate->scheme, diag));
    snprintf(number, sizeof number, "%.17g", candidate->rate);
    TRY(override(config, layer, "rate", candidate->rate > 0 ? number : "~", diag));
    snprintf(number, sizeof number, "%d", candidate->rows);
    return override(config, layer, "rows", candidate->rows > 0 ? number : "crossbar", diag);
}

enum status select_apply(const struct select_problem *problem, const int *choice,
                         struct config *config, struct diagnostic *diag) {
    TRY(config_override(config, "pruning.scope=layer", diag));
    for (int i = 0; i < problem->n_layers; i++)
        TRY(select_override(config, problem->names[i], &problem->candidates[choice[i]], diag));
    return STATUS_OK;
}
