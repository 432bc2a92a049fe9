/* Plans: the text of pruning.scheme and the rates as schemes with settings. */
#include <stdio.h>
#include <string.h>

#include "pruning/pruning_internal.h"

const struct prune_scheme *const prune_schemes[] = {
    &prune_unstructured,   &prune_column_proportional,
    &prune_filter,         &prune_channel,
    &prune_shape,          &prune_kernel,
    &prune_crossbar_row,   &prune_crossbar_column,
    &prune_row_and_column, &prune_bcr,
    &prune_block_punched,  &prune_pattern,
    &prune_polarization,   &prune_mixed_granularity,
};
const size_t n_prune_schemes = sizeof prune_schemes / sizeof *prune_schemes;

enum { NAME_LENGTH = 64 };

static enum status find_scheme(const char *name, const struct prune_scheme **scheme,
                               struct diagnostic *diag) {
    const char *names[sizeof prune_schemes / sizeof *prune_schemes];
    char quoted[TEXT_QUOTE_LENGTH];
    for (size_t i = 0; i < n_prune_schemes; i++) {
        names[i] = prune_schemes[i]->name;
        *scheme = prune_schemes[i];
        if (strcmp(name, names[i]) == 0)
            return STATUS_OK;
    }
    const char *closest = text_closest(name, names, n_prune_schemes);
    if (closest != NULL)
        return FAIL(diag, STATUS_USAGE, "pruning.scheme: unknown scheme %s (did you mean \"%s\"?)",
                    text_quote(name, quoted), closest);
    return FAIL(
        diag, STATUS_USAGE,
        "pruning.scheme: unknown scheme %s: one of those in docs/pruning.md, several joined "
        "by +, or none",
        text_quote(name, quoted));
}

/* "filter+column_proportional" into steps. */
static enum status parse_schemes(const char *text, struct prune_plan *plan,
                                 struct diagnostic *diag) {
    for (;;) {
        char name[NAME_LENGTH];
        size_t length = strcspn(text, "+");
        snprintf(name, sizeof name, "%.*s", (int)length, text);
        if (plan->n_steps == PRUNE_MAX_STEPS)
            return FAIL(diag, STATUS_USAGE, "pruning.scheme: more than %d schemes",
                        PRUNE_MAX_STEPS);
        TRY(find_scheme(name, &plan->steps[plan->n_steps].scheme, diag));
        plan->n_steps++;
        if (text[length] == '\0')
            return STATUS_OK;
        text += length + 1;
    }
}

/* The rate of each scheme that takes one. */
static enum status give_rates(const struct pruning_options *options, struct prune_plan *plan,
                              struct diagnostic *diag) {
    size_t wanted = 0, next = 0, given = options->rate.count;
    for (int i = 0; i < plan->n_steps; i++)
        wanted += plan->steps[i].scheme->takes_rate;
    if (wanted > 0 && given == 0)
        return FAIL(diag, STATUS_USAGE,
                    "pruning.scheme %s needs pruning.rate: how many times fewer weights are kept",
                    options->scheme);
    if (wanted == 0 && given > 0)
        return FAIL(diag, STATUS_USAGE,
                    "pruning.scheme %s has no rate: leave pruning.rate out, or add a scheme that "
                    "has one",
                    options->scheme);
    if (given > 1 && given != wanted)
        return FAIL(diag, STATUS_USAGE,
                    "pruning.rate has %zu values, but %zu of the schemes of %s take a rate: give "
                    "one for each, or one for all",
                    given, wanted, options->scheme);
    for (int i = 0; i < plan->n_steps; i++)
        if (plan->steps[i].scheme->takes_rate)
            plan->steps[i].settings.rate = options->rate.values[given == 1 ? 0 : next++];
    return STATUS_OK;
}

static enum status check_sequence(const struct pruning_options *options,
                                  const struct prune_plan *plan, struct diagnostic *diag) {
    bool global = false;
    for (int i = 0; i < plan->n_steps; i++) {
        global |= plan->steps[i].scheme->global;
        if (plan->steps[i].scheme == &prune_mixed_granularity &&
            !(plan->n_steps == 1 ||
              (plan->n_steps == 2 && i == 1 && plan->steps[0].scheme == &prune_filter)))
            return FAIL(diag, STATUS_USAGE,
                        "pruning.scheme %s: mixed_granularity stands alone, or after filter: other "
                        "schemes would break up its row segments",
                        options->scheme);
    }
    if (options->scope == PRUNE_GLOBAL && !global)
        return FAIL(diag, STATUS_USAGE,
                    "pruning.scope = global has no effect on %s, which prunes each array alike: "
                    "leave it out, or use unstructured, filter, channel, shape, kernel or "
                    "block_punched",
                    options->scheme);
    return STATUS_OK;
}

enum status prune_settings_make(const struct pruning_options *options,
                                const struct prune_array *array, struct prune_settings *settings,
                                struct diagnostic *diag) {
    if (options->mixed_thresholds.count != 2)
        return FAIL(diag, STATUS_USAGE, "pruning.mixed_thresholds: expected two numbers, got %zu",
                    options->mixed_thresholds.count);
    *settings = (struct prune_settings){
        .rate = 1,
        .rows = options->rows == PRUNE_CROSSBAR ? array->rows : options->rows,
        .columns = options->columns == PRUNE_CROSSBAR ? array->filters : options->columns,
        .column_budget = (enum prune_column_budget)options->column_budget,
        .block_filters = options->block_filters,
        .block_channels = options->block_channels,
        .patterns = options->patterns,
        .fragment_rows = options->fragment_rows,
        .mixed_thresholds = {options->mixed_thresholds.values[0],
                             options->mixed_thresholds.values[1]},
        .mixed_row_rate = options->mixed_row_rate,
        .mixed_remove = options->mixed_class1 == 0,
        .mixed_segments = options->mixed_class2 == 0,
        .mixed_keep = options->mixed_class3 == 1,
    };
    return STATUS_OK;
}

enum status prune_plan_make(const struct pruning_options *options, const struct prune_array *array,
                            struct prune_plan *plan, struct diagnostic *diag) {
    *plan = (struct prune_plan){0};
    TRY(prune_settings_make(options, array, &plan->base, diag));
    if (strcmp(options->scheme, "none") == 0)
        return STATUS_OK;
    TRY(parse_schemes(options->scheme, plan, diag));
    TRY(check_sequence(options, plan, diag));
    for (int i = 0; i < plan->n_steps; i++)
        plan->steps[i].settings = plan->base;
    TRY(give_rates(options, plan, diag));
    for (int i = 0; i < plan->n_steps; i++)
        if (plan->steps[i].scheme->validate != NULL)
            TRY(plan->steps[i].scheme->validate(&plan->steps[i].settings, diag));
    return STATUS_OK;
}

bool prune_selects(const struct pruning_options *options, int index, int count) {
    return !(options->skip_first && index == 0) && !(options->skip_last && index == count - 1);
}
