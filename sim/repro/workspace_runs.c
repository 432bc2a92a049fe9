/* Quantities of runs: RUN.METRIC, RUN[PART].FIGURE. A configuration runs once, when first named. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "sim/repro/workspace.h"

static enum status load_config(const struct paper_run *run, bool overridden, struct config **config,
                               struct diagnostic *diag) {
    TRY(config_create(run_sections, n_run_sections, config, diag));
    TRY(config_load(*config, run->config, diag));
    for (int i = 0; overridden && i < run->n_overrides; i++)
        TRY(config_override(*config, run->overrides[i], diag));
    return overridden ? config_finish(*config, diag) : STATUS_OK;
}

static enum status evaluate(struct workspace *workspace, const struct paper_run *run,
                            struct workspace_run *own, struct diagnostic *diag) {
    struct run_source source = {.config_path = run->config, .version = "", .commit = ""};
    if (workspace->progress != NULL)
        workspace->progress(workspace->progress_context, run->name);
    TRY(load_config(run, true, &own->config, diag));
    TRY(load_config(run, false, &own->base, diag));
    source.base = own->base;
    TRY(run_evaluate(own->config, NULL, &own->result, diag));
    return run_record(&own->result, &source, &workspace->arena, &own->record, diag);
}

/* Errors of configurations name their own files; the paper's line says which run it was. */
static enum status ensure(struct workspace *workspace, int index, struct diagnostic *diag) {
    const struct paper_run *run = &workspace->paper->runs[index];
    struct workspace_run *own = &workspace->runs[index];
    struct diagnostic reason = {0};
    bool missing = run->needs != NULL && access(run->needs, R_OK) != 0;
    if (!own->done && (missing || (run->is_long && !workspace->long_runs))) {
        workspace->absent =
            missing ? arena_printf(&workspace->arena, "it needs %s, which is not there", run->needs)
                    : "it takes long: ask for it with --long";
        if (workspace->absent == NULL)
            return FAIL_MEMORY(diag, "a reason");
        return FAIL(diag, STATUS_USAGE, "run %s: %s", run->name, workspace->absent);
    }
    if (own->done)
        return STATUS_OK;
    enum status status = evaluate(workspace, run, own, &reason);
    if (status == STATUS_OK)
        own->done = true;
    else if (status == STATUS_USAGE)
        return YAML_FAIL(diag, run->node, "run %s: %s", run->name, reason.message);
    else
        return FAIL(diag, status, "run %s: %s", run->name, reason.message);
    return STATUS_OK;
}

static enum status unknown_metric(const struct store_run *record, const struct expression *name,
                                  struct diagnostic *diag) {
    enum { NAMES_MAX = 128 };
    const char *names[NAMES_MAX];
    size_t n = 0;
    for (int i = 0; i < record->n_metrics && n < NAMES_MAX; i++)
        names[n++] = record->metrics[i].name;
    return expression_unknown(name, 1, "metric", names, n, diag);
}

static const char *const part_figures[] = {"count",    "actions",      "area_m2",
                                           "energy_j", "power_peak_w", "leakage_w"};
enum { N_PART_FIGURES = sizeof part_figures / sizeof *part_figures };

static enum status part_value(const struct cost_report *cost, const struct expression *name,
                              double *value, struct diagnostic *diag) {
    enum { NAMES_MAX = 64 };
    const char *names[NAMES_MAX];
    double sums[N_PART_FIGURES] = {0};
    bool found = false;
    size_t n = 0;
    for (int i = 0; i < cost->n_rows; i++) {
        const struct cost_row *row = &cost->rows[i];
        const double figures[N_PART_FIGURES] = {row->count,    row->actions,      row->area_m2,
                                                row->energy_j, row->power_peak_w, row->leakage_w};
        if (n < NAMES_MAX && row->layer <= 0)
            names[n++] = row->component;
        if (strcmp(row->component, name->parts[1].text) != 0)
            continue;
        found = true;
        for (int j = 0; j < N_PART_FIGURES; j++)
            sums[j] += figures[j];
    }
    if (!found)
        return expression_unknown(name, 1, "component", names, n, diag);
    for (int j = 0; name->n_parts == 3 && j < N_PART_FIGURES; j++)
        if (strcmp(part_figures[j], name->parts[2].text) == 0) {
            *value = sums[j];
            return STATUS_OK;
        }
    return expression_unknown(name, name->n_parts - 1, "figure of a component", part_figures,
                              N_PART_FIGURES, diag);
}

enum status workspace_run_value(struct workspace *workspace, int index,
                                const struct expression *name, double *value,
                                struct diagnostic *diag) {
    const struct workspace_run *own = &workspace->runs[index];
    TRY(ensure(workspace, index, diag));
    if (name->parts[1].index)
        return part_value(&own->result.cost, name, value, diag);
    *value = name->n_parts == 2 ? run_record_metric(&own->record, name->parts[1].text) : NAN;
    return isnan(*value) ? unknown_metric(&own->record, name, diag) : STATUS_OK;
}
