/* The table of a choice: a line for each layer, and the whole. */
#include "sim/cli/select_view.h"

#include <math.h>

#include "sim/screen/names.h"
#include "sim/screen/table.h"

enum { NAME_WIDTH = 18, TEXT = 64 };

static void cost_cells(const struct select_view *view, double dense, double cost,
                       struct table *table) {
    static const enum unit units[] = {UNIT_JOULE, UNIT_SQUARE_METRE, UNIT_SECOND};
    char text[TEXT];
    table_cell(table, "%s", unit_format(dense, units[view->objective], text, sizeof text));
    table_cell(table, "%s", unit_format(cost, units[view->objective], text, sizeof text));
    table_cell(table, "%.2f", dense > 0 ? cost / dense : 1);
}

static enum status layer_cells(const struct select_view *view, int layer, struct table *table,
                               struct diagnostic *diag) {
    const struct select_problem *problem = &view->problem;
    const struct select_candidate *chosen = &problem->candidates[view->choice[layer]];
    size_t first = (size_t)layer * (size_t)problem->n_candidates;
    size_t at = first + (size_t)view->choice[layer];
    char rate[TEXT] = "", rows[TEXT] = "";
    const char *name = short_layer_name(problem->names[layer], NAME_WIDTH, &table->arena);
    if (name == NULL)
        return FAIL_MEMORY(diag, "layers");
    table_cell(table, "%s", name);
    table_cell(table, "%s", chosen->scheme);
    if (chosen->rate > 0)
        snprintf(rate, sizeof rate, "%gx", chosen->rate);
    if (chosen->rows > 0)
        snprintf(rows, sizeof rows, "%d", chosen->rows);
    table_cell(table, "%s", rate);
    table_cell(table, "%s", rows);
    table_cell(table, "%.1f", 100 * problem->loss[at]);
    cost_cells(view, problem->cost[first], problem->cost[at], table);
    return STATUS_OK;
}

/* Zeros save by fewer bits of converters or fewer arrays: which of both the configuration bars. */
static const char *why_no_cheaper(const struct select_view *view, const struct config *config,
                                  struct arena *arena) {
    const struct adc_options *adc = config_get(config, "adc");
    const struct mapping_options *mapping = config_get(config, "mapping");
    bool fixed = adc->bits > 0 || adc->allocation == ADC_UNIFORM;
    bool whole = mapping->compaction == COMPACTION_NONE;
    return arena_printf(
        arena,
        "No layer is pruned: none of the schemes at these rates lowers the %s of any%s%s%s%s",
        select_objective_names[view->objective],
        fixed || whole
            ? ", for zeros save where converters need fewer bits or arrays are left out: "
            : ": try other --schemes, --rates or --rows.",
        fixed ? "try --set adc.bits=lossless --set adc.allocation=layer" : "",
        fixed && whole ? ", or " : "", whole ? "try --set mapping.compaction=blocks" : "");
}

const char *select_why_none(const struct select_view *view, const struct config *config,
                            struct arena *arena) {
    const struct select_problem *problem = &view->problem;
    for (int i = 0; i < problem->n_layers; i++)
        if (view->choice[i] != 0)
            return "";
    const struct select_nearest nearest = select_nearest(problem, view->by_rule);
    if (!nearest.found)
        return why_no_cheaper(view, config, arena);
    const struct select_candidate *candidate = &problem->candidates[nearest.candidate];
    char rate[TEXT] = "";
    if (candidate->rate > 0)
        snprintf(rate, sizeof rate, " %gx", candidate->rate);
    return arena_printf(arena,
                        "No layer is pruned: all that lowers the %s loses more than --max-loss %g "
                        "allows. The least is %s%s in %s: --max-loss %g",
                        select_objective_names[view->objective], problem->max_loss,
                        candidate->scheme, rate, problem->names[nearest.layer],
                        ceil(nearest.limit * 1000) / 1000);
}

enum status select_screen(const struct select_view *view, const struct screen *screen,
                          struct diagnostic *diag) {
    const struct table_column columns[] = {
        {"Layer", "", TABLE_LEFT, STYLE_PLAIN},
        {"scheme", "", TABLE_LEFT, STYLE_BOLD},
        {"rate", "", TABLE_RIGHT, STYLE_PLAIN},
        {"rows", "", TABLE_RIGHT, STYLE_PLAIN},
        {"lost", "%", TABLE_RIGHT, STYLE_PLAIN},
        {select_objective_names[view->objective], "dense", TABLE_RIGHT, STYLE_PLAIN},
        {"", "now", TABLE_RIGHT, STYLE_PLAIN},
        {"", "share", TABLE_RIGHT, STYLE_PLAIN},
    };
    const struct select_problem *problem = &view->problem;
    struct table table;
    double dense = 0;
    enum status status = STATUS_OK;
    table_begin(&table, columns, sizeof columns / sizeof *columns);
    for (int i = 0; i < problem->n_layers && status == STATUS_OK; i++) {
        status = layer_cells(view, i, &table, diag);
        dense += problem->cost[(size_t)i * (size_t)problem->n_candidates];
    }
    table_cell(&table, "%s", "total");
    for (int i = 0; i < 3; i++)
        table_cell(&table, "%s", "");
    table_cell(&table, "%.1f", 100 * select_loss(problem, view->choice));
    cost_cells(view, dense, select_cost(problem, view->choice), &table);
    table.last_row_is_total = true;
    if (status == STATUS_OK)
        status = table_print(&table, screen, diag);
    table_free(&table);
    if (status == STATUS_OK && problem->skips_zeros)
        fputs("Costs are of all digits: which crossbar.zero_skip saves, only images tell.\n",
              screen->out);
    return status;
}
