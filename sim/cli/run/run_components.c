/* The screen of `mho run`: which component dominates area, power and energy. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/run/run_view.h"
#include "sim/screen/share.h"

/* One component over all layers. */
struct share {
    const char *name;
    double area_m2, power_w, energy_j;
    double weight; /* sum of its three shares of the totals */
};

static void add_row(struct share *share, const struct cost_row *row) {
    share->area_m2 += row->area_m2;
    share->power_w += row->power_peak_w;
    share->energy_j += row->energy_j;
}

/* Sums the report's rows by component; shares [n_rows] suffice. Returns how many there are. */
static int gather(const struct cost_report *report, struct share *shares, struct share *total) {
    int n = 0;
    for (int i = 0; i < report->n_rows; i++) {
        int s = 0;
        while (s < n && strcmp(shares[s].name, report->rows[i].component) != 0)
            s++;
        if (s == n)
            shares[n++] = (struct share){.name = report->rows[i].component};
        add_row(&shares[s], &report->rows[i]);
        add_row(total, &report->rows[i]);
    }
    return n;
}

static int by_weight(const void *a, const void *b) {
    const struct share *left = a, *right = b;
    if (left->weight != right->weight)
        return left->weight < right->weight ? 1 : -1;
    return strcmp(left->name, right->name);
}

static void component_cells(struct table *table, const struct screen *screen,
                            const struct share *share, const struct share *total) {
    table_cell(table, "%s", share->name);
    share_cells(table, screen, share->area_m2, total->area_m2, UNIT_SQUARE_METRE);
    share_cells(table, screen, share->power_w, total->power_w, UNIT_WATT);
    share_cells(table, screen, share->energy_j, total->energy_j, UNIT_JOULE);
}

/* Components under 1 % of everything share one line, unless there is only one of them. */
static int count_shown(const struct share *shares, int n, const struct share *total) {
    int shown = n;
    while (shown > 0 && share_of(shares[shown - 1].area_m2, total->area_m2) < 0.01 &&
           share_of(shares[shown - 1].power_w, total->power_w) < 0.01 &&
           share_of(shares[shown - 1].energy_j, total->energy_j) < 0.01)
        shown--;
    return shown == n - 1 ? n : shown;
}

static void fill(struct table *table, const struct screen *screen, struct share *shares, int n,
                 struct share *total) {
    for (int i = 0; i < n; i++)
        shares[i].weight = share_of(shares[i].area_m2, total->area_m2) +
                           share_of(shares[i].power_w, total->power_w) +
                           share_of(shares[i].energy_j, total->energy_j);
    qsort(shares, (size_t)n, sizeof *shares, by_weight);
    int shown = count_shown(shares, n, total);
    for (int i = 0; i < shown; i++)
        component_cells(table, screen, &shares[i], total);
    if (shown == n)
        return;
    char name[32];
    snprintf(name, sizeof name, "%d others", n - shown);
    struct share rest = {.name = name};
    for (int i = shown; i < n; i++) {
        rest.area_m2 += shares[i].area_m2;
        rest.power_w += shares[i].power_w;
        rest.energy_j += shares[i].energy_j;
    }
    component_cells(table, screen, &rest, total);
}

enum status run_screen_components(const struct run_view *view, const struct screen *screen,
                                  struct diagnostic *diag) {
    static const struct table_column columns[] = {
        {"Component", NULL, TABLE_LEFT, STYLE_PLAIN},
        {"area", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"%", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"", NULL, TABLE_LEFT, STYLE_BAR},
        {"peak power", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"%", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"", NULL, TABLE_LEFT, STYLE_BAR},
        {"energy", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"%", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"", NULL, TABLE_LEFT, STYLE_BAR},
    };
    const struct cost_report *report = &view->result->cost;
    struct table table;
    struct share total = {.name = "total"};
    table_begin(&table, columns, sizeof columns / sizeof *columns);
    for (int bar = 3; bar < 10; bar += 3)
        table_allow_without(&table, bar);
    struct share *shares = ARENA_NEW(&table.arena, report->n_rows, struct share);
    enum status status = STATUS_OK;
    if (shares == NULL) {
        status = FAIL_MEMORY(diag, "components");
    } else {
        int n = gather(report, shares, &total);
        fill(&table, screen, shares, n, &total);
        status = table_print(&table, screen, diag);
    }
    table_free(&table);
    return status;
}
