/* Rows as cells. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/plot/plot_internal.h"

static int by_value(const void *a, const void *b) {
    return plot_value_compare(a, b);
}

struct plot_value *plot_values_distinct(const struct plot_rows *rows, int quantity,
                                        struct arena *arena, int *n) {
    struct plot_value *values = ARENA_NEW(arena, rows->n, struct plot_value);
    if (values == NULL)
        return NULL;
    for (int i = 0; i < rows->n; i++)
        values[i] = rows->rows[i].values[quantity];
    qsort(values, (size_t)rows->n, sizeof *values, by_value);
    *n = 0;
    for (int i = 0; i < rows->n; i++)
        if (i == 0 || plot_value_compare(&values[i], &values[*n - 1]) != 0)
            values[(*n)++] = values[i];
    return values;
}

int plot_value_index(const struct plot_value *values, int n, const struct plot_value *value) {
    const struct plot_value *found = bsearch(value, values, (size_t)n, sizeof *values, by_value);
    return (int)(found - values);
}

/* Rows sorted by cell, then id. */
struct member {
    int cell;
    const struct plot_row *row;
};

static int by_cell(const void *a, const void *b) {
    const struct member *first = a, *second = b;
    if (first->cell != second->cell)
        return first->cell < second->cell ? -1 : 1;
    return (first->row->run_id > second->row->run_id) - (first->row->run_id < second->row->run_id);
}

static double join(const struct member *members, int n, enum plot_statistic statistic) {
    double result = members[0].row->values[2].number;
    for (int i = 1; i < n; i++) {
        double value = members[i].row->values[2].number;
        result = statistic == PLOT_LEAST  ? fmin(result, value)
                 : statistic == PLOT_MOST ? fmax(result, value)
                                          : result + value;
    }
    return statistic == PLOT_MEAN ? result / n : result;
}

static enum status refuse(struct store *store, const struct plot_rows *rows,
                          const struct member *members, int n, struct arena *arena,
                          struct plot_grid *grid, struct diagnostic *diag) {
    struct plot_keys keys;
    int64_t *ids = ARENA_NEW(arena, n, int64_t);
    char x[64], y[64];
    if (ids == NULL)
        return FAIL_MEMORY(diag, "a plot");
    for (int i = 0; i < n; i++)
        ids[i] = members[i].row->run_id;
    TRY(labels_differing(store, ids, n, arena, &keys, diag));
    if (keys.n == 0) { /* the same point by several versions, or experiments */
        grid->newest = true;
        return STATUS_OK;
    }
    const struct plot_value *values = members[0].row->values;
    const char *list = labels_list(&keys, arena);
    if (list == NULL)
        return FAIL_MEMORY(diag, "a plot");
    bool series = rows->quantities[1].name[0] != '\0'; /* lines alone may have none */
    const char *by =
        series ? "" : arena_printf(arena, "draw a line for each with --by %s, ", keys.keys[0]);
    if (by == NULL)
        return FAIL_MEMORY(diag, "a plot");
    return FAIL(diag, STATUS_USAGE,
                "%d runs have %s = %s%s%s%s%s: they differ in %s; %schoose with --where, or say "
                "--stat mean, min or max",
                n, rows->quantities[0].name, plot_value_text(&values[0], x, sizeof x),
                series ? " and " : "", series ? rows->quantities[1].name : "", series ? " = " : "",
                series ? plot_value_text(&values[1], y, sizeof y) : "", list, by);
}

enum status grid_make(struct store *store, const struct plot_rows *rows,
                      enum plot_statistic statistic, struct arena *arena, struct plot_grid *grid,
                      struct diagnostic *diag) {
    *grid = (struct plot_grid){0};
    grid->x = plot_values_distinct(rows, 0, arena, &grid->nx);
    grid->y = plot_values_distinct(rows, 1, arena, &grid->ny);
    struct member *members = ARENA_NEW(arena, rows->n, struct member);
    grid->cells = ARENA_NEW(arena, (size_t)grid->nx * (size_t)grid->ny, double);
    if (grid->x == NULL || grid->y == NULL || members == NULL || grid->cells == NULL)
        return FAIL_MEMORY(diag, "a plot");
    for (int i = 0; i < grid->nx * grid->ny; i++)
        grid->cells[i] = NAN;
    for (int i = 0; i < rows->n; i++)
        members[i] = (struct member){
            .cell = plot_value_index(grid->y, grid->ny, &rows->rows[i].values[1]) * grid->nx +
                    plot_value_index(grid->x, grid->nx, &rows->rows[i].values[0]),
            .row = &rows->rows[i]};
    qsort(members, (size_t)rows->n, sizeof *members, by_cell);
    for (int first = 0, n; first < rows->n; first += n) {
        for (n = 1; first + n < rows->n && members[first + n].cell == members[first].cell;)
            n++;
        grid->most = n > grid->most ? n : grid->most;
        if (n > 1 && statistic == PLOT_ONLY)
            TRY(refuse(store, rows, &members[first], n, arena, grid, diag));
        grid->cells[members[first].cell] = statistic == PLOT_ONLY
                                               ? members[first + n - 1].row->values[2].number
                                               : join(&members[first], n, statistic);
    }
    return STATUS_OK;
}

char *grid_note(const struct plot_grid *grid, enum plot_statistic statistic,
                char text[PLOT_LABEL]) {
    text[0] = '\0';
    if (grid->most > 1 && statistic != PLOT_ONLY)
        snprintf(text, PLOT_LABEL, "%s of up to %d runs", plot_statistic_names[statistic],
                 grid->most);
    else if (grid->newest)
        snprintf(text, PLOT_LABEL, "the newest of up to %d runs of the same point", grid->most);
    return text;
}
