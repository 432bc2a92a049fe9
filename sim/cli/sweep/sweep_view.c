/* The screens of `mho sweep`. */
#include "sim/cli/sweep/sweep_view.h"

#include <math.h>
#include <string.h>

#include "results/store_read.h"
#include "sim/screen/parameters.h"
#include "sim/screen/table.h"

/* --- points --- */

/* Columns are the labels of the first point: groups may vary other things, which go last as text.
 */
static enum status point_cells(const struct sweep_point *point, const struct sweep_point *first,
                               struct table *table, struct diagnostic *diag) {
    char others[256] = "";
    size_t used = 0;
    (void)diag;
    table_cell(table, "%ld", point->number + 1);
    for (int c = 0; c < first->n_labels; c++) {
        const char *value = "";
        for (int i = 0; i < point->n_labels; i++)
            if (strcmp(point->labels[i].name, first->labels[c].name) == 0)
                value = point->labels[i].value;
        table_cell(table, "%s", value);
    }
    for (int i = 0; i < point->n_labels; i++) {
        bool shown = false;
        for (int c = 0; c < first->n_labels; c++)
            shown = shown || strcmp(point->labels[i].name, first->labels[c].name) == 0;
        if (!shown && used < sizeof others)
            used += (size_t)snprintf(others + used, sizeof others - used, "%s%s=%s",
                                     used > 0 ? " " : "", point->labels[i].name,
                                     point->labels[i].value);
    }
    table_cell(table, "%s", others);
    return STATUS_OK;
}

/* A column with the section of a key above the rest of it: keys are longer than values. */
static struct table_column heading(const char *key, struct arena *arena) {
    const char *dot = strrchr(key, '.');
    const char *section =
        dot != NULL ? arena_printf(arena, "%.*s", (int)(dot - key) + 1, key) : NULL;
    return (struct table_column){section != NULL ? section : "", section != NULL ? dot + 1 : key,
                                 TABLE_RIGHT, STYLE_PLAIN};
}

static enum status print_table(struct sweep_shard *share, struct sweep_point *first, long limit,
                               const struct screen *screen, struct diagnostic *diag) {
    struct table_column columns[TABLE_COLUMNS] = {{"", "point", TABLE_RIGHT, STYLE_DIM}};
    struct arena arena = ARENA_INIT;
    struct table table;
    int n = 1;
    for (int i = 0; i < first->n_labels && n < TABLE_COLUMNS - 1; i++)
        columns[n++] = heading(first->labels[i].name, &arena);
    columns[n++] = (struct table_column){"", "", TABLE_LEFT, STYLE_PLAIN};
    first->n_labels = n - 2;
    table_begin(&table, columns, n);
    enum status status = point_cells(first, first, &table, diag);
    for (long shown = 1; status == STATUS_OK && (limit == 0 || shown < limit); shown++) {
        struct sweep_point point;
        bool found;
        status = sweep_shard_next(share, &point, &found, diag);
        if (status != STATUS_OK || !found)
            break;
        status = point_cells(&point, first, &table, diag);
        sweep_point_free(&point);
    }
    if (status == STATUS_OK)
        status = table_print(&table, screen, diag);
    table_free(&table);
    arena_free(&arena);
    return status;
}

static void print_head(const struct sweep_view *view, const struct sweep_estimate *estimate,
                       const struct screen *screen) {
    char number[32], all[32];
    fprintf(screen->out, "%s: %s point%s", sweep_name(view->sweep),
            text_thousands(view->points, number, sizeof number), view->points == 1 ? "" : "s");
    if (view->shards > 1)
        fprintf(screen->out, " in share %d of %d", view->shard, view->shards);
    if (view->points != sweep_size(view->sweep) && view->shards == 1)
        fprintf(screen->out, " of %s; where leaves out the rest",
                text_thousands(sweep_size(view->sweep), all, sizeof all));
    sweep_duration(estimate->least_s, number, sizeof number);
    sweep_duration(estimate->most_s, all, sizeof all);
    bool alike = strcmp(number, all) == 0;
    fprintf(screen->out, "\nTime       %s%s%s by %d job%s%s (%d timed)\n\n", number,
            alike ? "" : " to ", alike ? "" : all, view->jobs, view->jobs == 1 ? "" : "s",
            alike ? "" : ", as much as neighbours share", estimate->probes);
}

enum status sweep_points_print(const struct sweep_view *view, const struct sweep_estimate *estimate,
                               long limit, const struct screen *screen, struct diagnostic *diag) {
    struct sweep_shard share;
    struct sweep_point first;
    bool found;
    char number[32];
    TRY(sweep_shard_begin(view->sweep, view->shard, view->shards, &share, diag));
    print_head(view, estimate, screen);
    enum status status = sweep_shard_next(&share, &first, &found, diag);
    if (status == STATUS_OK && found) {
        status = print_table(&share, &first, limit, screen, diag);
        sweep_point_free(&first);
    }
    if (status == STATUS_OK && limit > 0 && view->points > limit)
        fprintf(screen->out, "... %s more; --all shows them\n",
                text_thousands(view->points - limit, number, sizeof number));
    sweep_shard_end(&share);
    return status;
}

/* --- the end --- */

static void print_done(const struct sweep_view *view, const struct screen *screen) {
    const struct sweep_outcome *outcome = view->outcome;
    char a[32], b[32];
    fprintf(screen->out, "%s: %s point%s evaluated in %.1f s by %d job%s", sweep_name(view->sweep),
            text_thousands(outcome->done, a, sizeof a), outcome->done == 1 ? "" : "s",
            outcome->wall_s, view->jobs, view->jobs == 1 ? "" : "s");
    if (outcome->before > 0)
        fprintf(screen->out, ", %s %s done before", text_thousands(outcome->before, a, sizeof a),
                outcome->before == 1 ? "was" : "were");
    if (outcome->failed > 0)
        fprintf(screen->out, ", %s failed", text_thousands(outcome->failed, a, sizeof a));
    long left = view->points - outcome->done - outcome->before - outcome->failed;
    if (left > 0)
        fprintf(screen->out, ", %s %s left", text_thousands(left, a, sizeof a),
                left == 1 ? "is" : "are");
    fprintf(screen->out, "\nShared     %s product%s of stages computed, found %s time%s\n",
            text_thousands(outcome->made, a, sizeof a), outcome->made == 1 ? "" : "s",
            text_thousands(outcome->found, b, sizeof b), outcome->found == 1 ? "" : "s");
    fprintf(screen->out, "Stored     in %s\n", view->database);
}

/* What small designs are worth showing: those that lose no more than this of the best accuracy. */
enum { POINTS_LOST = 1 };
static const struct {
    const char *title, *within, *column;
    bool largest;
} goals[] = {
    {"most accurate", "most accurate", "accuracy_mean", true},
    {"smallest", "smallest within 1 point", "area_mm2", false},
    {"least energy", "least energy within 1 point", "energy_per_inference_j", false},
};

static void best_cells(struct table *table, const char *title, const struct store_summary *best) {
    enum { PARAMETERS = 512 };
    char text[64], parameters[PARAMETERS];
    table_cell(table, "%s", title);
    table_cell(table, "%lld", (long long)best->run_id);
    if (isnan(best->accuracy_top1))
        table_cell(table, "%s", "-");
    else
        table_cell(table, "%.2f", best->accuracy_top1);
    table_cell(table, "%s", unit_format(best->area_m2, UNIT_SQUARE_METRE, text, sizeof text));
    table_cell(table, "%s",
               unit_format(best->energy_per_inference_j, UNIT_JOULE, text, sizeof text));
    table_cell(table, "%s", parameters_text(best->params, 0, parameters, sizeof parameters));
}

static enum status print_best(const struct sweep_view *view, struct store *store,
                              const struct screen *screen, struct diagnostic *diag) {
    static const struct table_column columns[] = {
        {"", "", TABLE_LEFT, STYLE_BOLD},
        {"run", "", TABLE_RIGHT, STYLE_PLAIN},
        {"accuracy", "%", TABLE_RIGHT, STYLE_PLAIN},
        {"area", "", TABLE_RIGHT, STYLE_PLAIN},
        {"energy", "", TABLE_RIGHT, STYLE_PLAIN},
        {"differs from the base", "", TABLE_LEFT, STYLE_PLAIN},
    };
    struct arena arena = ARENA_INIT;
    struct table table;
    table_begin(&table, columns, (int)(sizeof columns / sizeof *columns));
    enum status status = STATUS_OK;
    int n = 0;
    double lost = NAN; /* without accuracies every design counts */
    for (size_t i = 0; i < sizeof goals / sizeof *goals && status == STATUS_OK; i++) {
        struct store_summary best;
        bool found = false;
        status = store_best(store, sweep_name(view->sweep), goals[i].column, goals[i].largest, lost,
                            &arena, &best, &found, diag);
        if (status == STATUS_OK && found) {
            best_cells(&table, isnan(lost) ? goals[i].title : goals[i].within, &best);
            n++;
            if (goals[i].largest)
                lost = POINTS_LOST;
        }
    }
    if (status == STATUS_OK && n > 0) {
        fputc('\n', screen->out);
        status = table_print(&table, screen, diag);
    }
    table_free(&table);
    arena_free(&arena);
    return status;
}

static void print_failures(const struct sweep_view *view, const struct screen *screen) {
    const struct sweep_outcome *outcome = view->outcome;
    if (outcome->n_failures > 0)
        fputs("\nFailed:\n", screen->out);
    for (int i = 0; i < outcome->n_failures; i++)
        fprintf(screen->out, "  %ld: %s\n     first %s\n", outcome->failures[i].count,
                outcome->failures[i].message, outcome->failures[i].example);
}

enum status sweep_screen(const struct sweep_view *view, struct store *store,
                         const struct screen *screen, struct diagnostic *diag) {
    const struct sweep_outcome *outcome = view->outcome;
    print_done(view, screen);
    TRY(print_best(view, store, screen, diag));
    print_failures(view, screen);
    fputc('\n', screen->out);
    if (outcome->interrupted || outcome->failed > 0)
        fprintf(screen->out, "Continue:  %s\n", view->command);
    fprintf(screen->out, "Look:      mho report --db %s\n", view->database);
    return STATUS_OK;
}
