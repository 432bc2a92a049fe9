/* The runs of a database, a line each. */
#include <math.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/report/report_view.h"
#include "sim/repro/repro.h"
#include "sim/screen/names.h"
#include "sim/screen/parameters.h"
#include "sim/screen/table.h"

enum { TEXT = 64, EXPERIMENT_WIDTH = 16, PARAMETERS = 1024 };

static void unit_cell(struct table *table, double value, enum unit unit) {
    char text[TEXT];
    table_cell(table, "%s", isfinite(value) ? unit_format(value, unit, text, sizeof text) : "-");
}

/* Columns that names of experiments take. */
static int experiment_width(const struct store_summary *runs, int n) {
    int width = (int)strlen("experiment");
    for (int i = 0; i < n; i++) {
        int own = text_width(runs[i].experiment);
        width = own > width ? own : width;
    }
    return width < EXPERIMENT_WIDTH ? width : EXPERIMENT_WIDTH;
}

static void run_row(struct table *table, int width, const struct store_summary *run) {
    char time[TEXT], parameters[PARAMETERS];
    parameters_text(run->params, width, parameters, sizeof parameters);
    table_cell(table, "%lld", (long long)run->run_id);
    table_cell(table, "%s", report_time(run->started_unix_s, time, sizeof time) + strlen("2026-"));
    table_cell(table, "%.*s", EXPERIMENT_WIDTH, run->experiment);
    if (strcmp(run->status, "failed") == 0)
        table_cell(table, "%s", "failed");
    else if (isfinite(run->accuracy_top1))
        table_cell(table, "%.2f", run->accuracy_top1);
    else
        table_cell(table, "%s", "-");
    unit_cell(table, run->area_m2, UNIT_SQUARE_METRE);
    unit_cell(table, run->energy_per_inference_j, UNIT_JOULE);
    table_cell(table, "%s", parameters);
}

static void print_hint(const char *what, const char *command, const char *database,
                       const struct screen *screen) {
    fprintf(screen->out, "%s%-25s mho %s", screen_style(screen, STYLE_DIM), what, command);
    if (strcmp(database, CLI_DATABASE) != 0) {
        fputs(" --db ", screen->out);
        print_shell_word(database, screen->out);
    }
    fprintf(screen->out, "%s\n", screen_reset(screen));
}

/* Which was started later; of two at once the second. */
static const struct store_summary *later(const struct store_summary *a,
                                         const struct store_summary *b) {
    return a != NULL && a->started_unix_s > b->started_unix_s ? a : b;
}

/* Commands to go on with: for the last design points, and for the last published figures. */
static void print_hints(const struct store_summary *runs, int n, const char *database,
                        const struct screen *screen) {
    char command[2 * TEXT];
    const struct store_summary *last = NULL, *before = NULL, *paper = NULL;
    for (int i = 0; i < n; i++)
        if (runs[i].has_claims) {
            paper = later(paper, &runs[i]);
        } else if (strcmp(runs[i].status, "failed") != 0) {
            bool newest = later(last, &runs[i]) == &runs[i];
            before = newest ? last : later(before, &runs[i]);
            last = newest ? &runs[i] : last;
        }
    fputc('\n', screen->out);
    if (last != NULL) {
        snprintf(command, sizeof command, "report --run %lld", (long long)last->run_id);
        print_hint("Where area and energy go:", command, database, screen);
    }
    if (before != NULL) {
        snprintf(command, sizeof command, "report --compare %lld %lld", (long long)before->run_id,
                 (long long)last->run_id);
        print_hint("Two side by side:", command, database, screen);
    }
    if (paper != NULL) {
        snprintf(command, sizeof command, "repro %.*s", TEXT, repro_paper_of(paper->experiment));
        print_hint("Published beside ours:", command, database, screen);
    }
}

enum status report_list_screen(const struct store_summary *runs, int n, int64_t total,
                               const char *database, const struct screen *screen,
                               struct diagnostic *diag) {
    static const struct table_column columns[] = {
        {"Run", NULL, TABLE_RIGHT, STYLE_BOLD},        {"started", NULL, TABLE_LEFT, STYLE_DIM},
        {"experiment", NULL, TABLE_LEFT, STYLE_PLAIN}, {"top-1 %", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"area", NULL, TABLE_RIGHT, STYLE_PLAIN},      {"energy", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"set", NULL, TABLE_LEFT, STYLE_PLAIN},
    };
    struct table table;
    if (n == 0) {
        fprintf(screen->out, "%s holds no runs yet.\n", database);
        return STATUS_OK;
    }
    table_begin(&table, columns, sizeof columns / sizeof *columns);
    int others = 49 + experiment_width(runs, n); /* the columns before the last, and gaps */
    for (int i = 0; i < n; i++)
        run_row(&table, screen->width - others, &runs[i]);
    enum status status = table_print(&table, screen, diag);
    table_free(&table);
    if (status != STATUS_OK)
        return status;
    if (total > n)
        fprintf(screen->out, "%s%lld earlier ones: --limit 0 lists all%s\n",
                screen_style(screen, STYLE_DIM), (long long)total - n, screen_reset(screen));
    print_hints(runs, n, database, screen);
    return STATUS_OK;
}
