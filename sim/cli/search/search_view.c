/* The screens of `mho search`. */
#include "sim/cli/search/search_view.h"

#include <math.h>
#include <string.h>

#include "results/store_query.h"
#include "sim/screen/names.h"
#include "sim/screen/table.h"

enum { GENERATIONS_SHOWN = 12 };

static void print_list(const struct screen *screen, const char *what, const char *text) {
    fprintf(screen->out, "%-12s %s\n", what, text);
}

enum status search_space_print(const struct sweep *sweep, const struct goals *goals,
                               const struct screen *screen, struct diagnostic *diag) {
    const struct sweep_variable *variables;
    int n;
    double points = 1;
    bool finite = true;
    char text[32];
    TRY(sweep_variables(sweep, &variables, &n, diag));
    fprintf(screen->out, "%s\n\n", sweep_name(sweep));
    for (int i = 0; i < n; i++) {
        fprintf(screen->out, "  %-32s ", variables[i].name);
        if (variables[i].levels > 0)
            fprintf(screen->out, "%ld values\n", variables[i].levels);
        else
            fprintf(screen->out, "a range\n");
        finite = finite && variables[i].levels > 0;
        points *= (double)variables[i].levels;
    }
    fprintf(screen->out, "  %s points\n\n",
            finite ? text_figure(points, text, sizeof text) : "endlessly many");
    for (int i = 0; i < goals->n_objectives; i++)
        print_list(screen, goals->objectives[i].large ? "maximize" : "minimize",
                   goals->objectives[i].text);
    for (int i = 0; i < goals->n_limits; i++)
        print_list(screen, "subject to", goals->limits[i]->node->text);
    fprintf(screen->out, "%-12s %d points in each of %d generations: at most %d, seed %llu\n",
            "search", goals->population, goals->generations + 1,
            goals->population * (goals->generations + 1), (unsigned long long)goals->seed);
    return STATUS_OK;
}

/* All of few generations; of many the first, the last and what is evenly between. */
static bool is_shown(int generation, int n) {
    if (n <= GENERATIONS_SHOWN)
        return true;
    int shown = generation * (GENERATIONS_SHOWN - 1) / (n - 1);
    return generation == 0 || shown != (generation - 1) * (GENERATIONS_SHOWN - 1) / (n - 1);
}

static enum status print_generations(const struct search_view *view, const struct screen *screen,
                                     struct diagnostic *diag) {
    static const struct table_column columns[] = {
        {"generation", "", TABLE_RIGHT, STYLE_DIM},
        {"points", "so far", TABLE_RIGHT, STYLE_PLAIN},
        {"front", "points", TABLE_RIGHT, STYLE_PLAIN},
        {"hypervolume", "% of the box", TABLE_RIGHT, STYLE_BOLD},
    };
    const struct search_outcome *outcome = view->outcome;
    struct table table;
    table_begin(&table, columns, (int)(sizeof columns / sizeof *columns));
    for (int i = 0; i < outcome->n_generations; i++) {
        const struct search_generation *generation = &outcome->generations[i];
        if (!is_shown(i, outcome->n_generations))
            continue;
        table_cell(&table, "%d", generation->number);
        table_cell(&table, "%ld", generation->evaluated);
        table_cell(&table, "%d", generation->front);
        if (isnan(generation->volume))
            table_cell(&table, "%s", "-");
        else
            table_cell(&table, "%.2f", 100 * generation->volume);
    }
    enum status status = table_print(&table, screen, diag);
    table_free(&table);
    return status;
}

/* The unit that an objective is written in, prefix included; UNIT_NONE for expressions and plain
 * numbers, whose unit (NULL: none) is in the heading. */
static enum unit unit_of(const struct goal *goal, const char **heading) {
    static const struct {
        const char *name;
        enum unit unit;
    } written[] = {
        {"m2", UNIT_SQUARE_METRE}, {"J", UNIT_JOULE}, {"s", UNIT_SECOND}, {"W", UNIT_WATT}};
    const char *name =
        goal->expression->kind == EXPRESSION_NAME ? store_column_unit(goal->text) : NULL;
    *heading = NULL;
    for (size_t i = 0; name != NULL && i < sizeof written / sizeof *written; i++)
        if (strcmp(name, written[i].name) == 0)
            return written[i].unit;
    *heading = name;
    return UNIT_NONE;
}

static void value_cell(struct table *table, double value, enum unit unit) {
    char text[32];
    if (unit == UNIT_NONE)
        table_cell(table, "%.4g", value);
    else
        table_cell(table, "%s", unit_format(value, unit, text, sizeof text));
}

static enum status print_front(const struct search_view *view, const struct screen *screen,
                               struct diagnostic *diag) {
    const struct search_outcome *outcome = view->outcome;
    const struct goals *goals = view->goals;
    struct table_column columns[TABLE_COLUMNS];
    struct table table;
    int n = 0;
    const struct sweep_point *first = &outcome->front[0].point;
    enum unit units[PARETO_OBJECTIVES_MAX];
    for (int k = 0; k < goals->n_objectives; k++) {
        const char *heading;
        units[k] = unit_of(&goals->objectives[k], &heading);
        columns[n++] =
            (struct table_column){goals->objectives[k].text, heading, TABLE_RIGHT, STYLE_BOLD};
    }
    for (int i = 0; i < first->n_labels && n < TABLE_COLUMNS; i++)
        columns[n++] = (struct table_column){first->labels[i].name, NULL, TABLE_RIGHT, STYLE_PLAIN};
    table_begin(&table, columns, n);
    for (int i = 0; i < outcome->n_front; i++) {
        const struct search_member *member = &outcome->front[i];
        for (int k = 0; k < goals->n_objectives; k++)
            value_cell(&table, member->value[k], units[k]);
        for (int l = 0; l < n - goals->n_objectives; l++)
            table_cell(&table, "%s", member->point.labels[l].value);
    }
    enum status status = table_print(&table, screen, diag);
    table_free(&table);
    return status;
}

static void print_end(const struct search_view *view, const struct screen *screen) {
    const struct search_outcome *outcome = view->outcome;
    fprintf(screen->out, "\nLook:      mho query --view pareto --db ");
    print_shell_word(view->database, screen->out);
    fputc('\n', screen->out);
    if (outcome->failed > 0)
        fprintf(screen->out,
                "%ld points failed: mho query \"SELECT error, count(*) FROM run WHERE status = "
                "'failed' GROUP BY error\"\n",
                outcome->failed);
}

enum status search_screen(const struct search_view *view, const struct screen *screen,
                          struct diagnostic *diag) {
    const struct search_outcome *outcome = view->outcome;
    fprintf(screen->out, "%s: %ld points evaluated in %.1f s by %d job%s", sweep_name(view->sweep),
            outcome->done, outcome->wall_s, view->jobs, view->jobs == 1 ? "" : "s");
    if (outcome->before > 0)
        fprintf(screen->out, ", %ld %s done before", outcome->before,
                outcome->before == 1 ? "was" : "were");
    if (outcome->left_out > 0)
        fprintf(screen->out, ", %ld left out by where", outcome->left_out);
    fprintf(screen->out, "%s\n\n", outcome->exhausted ? "; that is the whole space" : "");
    TRY(print_generations(view, screen, diag));
    fputc('\n', screen->out);
    if (outcome->n_front == 0)
        fputs("No point keeps all limits: loosen them, or let the space reach further.\n",
              screen->out);
    else
        TRY(print_front(view, screen, diag));
    print_end(view, screen);
    return STATUS_OK;
}
