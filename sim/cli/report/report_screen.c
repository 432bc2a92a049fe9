/* One stored run on a screen: headline figures, tree of area and energy, sources. */
#include <math.h>
#include <string.h>

#include "sim/cli/report/report_view.h"
#include "sim/repro/repro.h"
#include "sim/screen/names.h"
#include "sim/screen/share.h"

enum { WIDE = 100, TEXT = 64 };

static const char *parameter_text(const struct store_run *run, const char *key) {
    for (int i = 0; i < run->n_parameters; i++)
        if (strcmp(run->parameters[i].key, key) == 0)
            return run->parameters[i].text;
    return "";
}

/* Parameters that differ from the experiment's base, wrapped. */
static enum status print_parameters(const struct store_run *run, const struct screen *screen,
                                    struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    const char *text = "";
    for (int i = 0; text != NULL && i < run->n_parameters; i++)
        if (run->parameters[i].differs)
            text = arena_printf(&arena, "%s%s %s=%s", text[0] != '\0' ? text : "with",
                                text[0] != '\0' ? "," : "", run->parameters[i].key,
                                run->parameters[i].text);
    enum status status = text != NULL ? STATUS_OK : FAIL_MEMORY(diag, "parameters");
    if (status == STATUS_OK && text[0] != '\0')
        screen_wrapped(screen, text, 0);
    arena_free(&arena);
    return status;
}

/* Runs of `mho repro` have no configuration, but rows of the table claim. */
enum status report_title(const struct store_run *run, const struct report_request *request,
                         const struct screen *screen, struct diagnostic *diag) {
    const struct store_metric *trials = report_metric(run, "run", "trials");
    char time[TEXT], number[TEXT], trial[TEXT] = "", title[1024];
    report_time(run->started_unix_s, time, sizeof time);
    snprintf(number, sizeof number, "Run %lld", (long long)request->run_id);
    if (trials != NULL && trials->value > 1)
        snprintf(trial, sizeof trial, ", trial %d", run->trial);
    if (run->n_claims > 0)
        snprintf(title, sizeof title, "of experiment `%s`: published figures, %s", run->experiment,
                 time);
    else
        snprintf(title, sizeof title, "of experiment `%s`%s: %s on chip %s, %s", run->experiment,
                 trial, file_name(parameter_text(run, "network.model")),
                 file_name(parameter_text(run, "chip.preset")), time);
    fprintf(screen->out, "%s%s%s", screen_style(screen, STYLE_BOLD), number, screen_reset(screen));
    screen_wrapped_after(screen, (int)strlen(number), title, 0);
    TRY(print_parameters(run, screen, diag));
    fputc('\n', screen->out);
    return STATUS_OK;
}

/* Two figures a line where there is room. */
static enum status print_figures(const struct store_run *run, const struct screen *screen,
                                 struct diagnostic *diag) {
    static const struct table_column columns[] = {
        {"", NULL, TABLE_LEFT, STYLE_DIM},
        {"", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"", NULL, TABLE_LEFT, STYLE_DIM},
        {"", NULL, TABLE_RIGHT, STYLE_PLAIN},
    };
    struct table table;
    char text[TEXT];
    table_begin(&table, columns, 4);
    table.without_headings = true;
    for (int i = 0; i < n_report_figures; i++) {
        const struct store_metric *metric = report_headline(run, i);
        if (metric == NULL)
            continue;
        table_cell(&table, "%s", report_figures[i].label);
        table_cell(&table, "%s", report_value(metric, text, sizeof text));
    }
    while (table.n_cells % 4 != 0)
        table_cell(&table, "%s", "");
    enum status status = table_print(&table, screen, diag);
    table_free(&table);
    return status;
}

/* Number of a source in the list below the tree: that of the first part that has it. */
static int source_number(const struct report_tree *tree, int part) {
    int number = 0;
    for (int i = 0; i <= part; i++) {
        int first = 0;
        while (strcmp(tree->parts[first].source, tree->parts[i].source) != 0)
            first++;
        number += first == i;
        if (strcmp(tree->parts[i].source, tree->parts[part].source) == 0)
            return number;
    }
    return number;
}

/* Counts below a thousand to three digits: what tiles and chips share is counted pro rata. */
static void count_cell(struct table *table, double count) {
    char text[TEXT];
    if (count >= 999.5)
        table_cell(table, "%s", text_thousands(lround(count), text, sizeof text));
    else
        table_cell(table, "%.3g", count);
}

static void tree_row(struct table *table, const struct screen *screen, int indent, const char *name,
                     const struct report_sum *sum, const struct report_sum *total) {
    table_cell(table, "%*s%s", indent, "", name);
    if (screen->width >= WIDE) {
        if (sum->count > 0)
            count_cell(table, sum->count);
        else
            table_cell(table, "%s", "");
    }
    share_cells(table, screen, sum->area_m2, total->area_m2, UNIT_SQUARE_METRE);
    share_cells(table, screen, sum->energy_j, total->energy_j, UNIT_JOULE);
}

static void fill_tree(struct table *table, const struct screen *screen,
                      const struct report_tree *tree) {
    int part = 0;
    for (int level = 0; level < REPORT_LEVELS; level++) {
        struct report_sum inside = tree->level[level];
        inside.count = 0; /* of parts of all kinds: no number that says anything */
        tree_row(table, screen, level, report_levels[level], &inside, &tree->level[0]);
        table_cell(table, "%s", "");
        for (; part < tree->n_parts && tree->parts[part].level == level; part++) {
            tree_row(table, screen, level + 1, tree->parts[part].name, &tree->parts[part].sum,
                     &tree->level[0]);
            table_cell(table, "%d", source_number(tree, part));
        }
    }
}

static enum status print_tree(const struct report_tree *tree, const struct screen *screen,
                              struct diagnostic *diag) {
    static const struct table_column all[] = {
        {"Part", NULL, TABLE_LEFT, STYLE_PLAIN},    {"count", NULL, TABLE_RIGHT, STYLE_DIM},
        {"area", NULL, TABLE_RIGHT, STYLE_PLAIN},   {"%", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"", NULL, TABLE_LEFT, STYLE_BAR},          {"energy", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"%", NULL, TABLE_RIGHT, STYLE_PLAIN},      {"", NULL, TABLE_LEFT, STYLE_BAR},
        {"source", NULL, TABLE_RIGHT, STYLE_PLAIN},
    };
    enum { COLUMNS = sizeof all / sizeof *all };
    struct table_column columns[COLUMNS];
    int n = 0;
    for (int i = 0; i < COLUMNS; i++)
        if (i != 1 || screen->width >= WIDE)
            columns[n++] = all[i];
    struct table table;
    table_begin(&table, columns, n);
    fill_tree(&table, screen, tree);
    enum status status = table_print(&table, screen, diag);
    table_free(&table);
    return status;
}

static void print_sources(const struct report_tree *tree, const struct screen *screen) {
    int last = 0;
    fprintf(screen->out,
            "\n%sSources%s (of the figures of one part; a level is the sum of what it holds)\n",
            screen_style(screen, STYLE_BOLD), screen_reset(screen));
    for (int i = 0; i < tree->n_parts; i++) {
        char text[512];
        const struct report_part *part = &tree->parts[i];
        int number = source_number(tree, i);
        if (number <= last)
            continue;
        last = number;
        bool printed = part->model == NULL || strcmp(part->model, "printed") == 0;
        snprintf(text, sizeof text, "%s%s%s%s", part->source, printed ? "" : " (model ",
                 printed ? "" : part->model, printed ? "" : ")");
        screen_wrapped_after(screen, fprintf(screen->out, "%3d", number), text, 5);
    }
}

/* A run that kept no components says why. */
static void print_without(const struct store_run *run, const struct screen *screen) {
    if (run->n_claims > 0)
        fprintf(screen->out,
                "Its rows are in the table claim; `mho repro %s` computes and shows them.\n",
                repro_paper_of(run->experiment));
    else if (report_metric(run, "run", "area_m2") == NULL)
        fputs("\nNo costs were estimated (run.cost: false).\n", screen->out);
    else
        fputs("\nNo components were kept (run.detail: totals).\n", screen->out);
}

/* Areas of whole tiles are more than the rows of the tree. */
static void print_rest(const struct store_run *run, const struct report_tree *tree,
                       const struct screen *screen) {
    const struct store_metric *chip = report_metric(run, "run", "area_chip_m2");
    char text[TEXT];
    if (chip == NULL || chip->value <= tree->level[0].area_m2)
        return;
    fprintf(screen->out, "%sNot in the tree: %s of parts that complete whole tiles and chips%s\n",
            screen_style(screen, STYLE_DIM),
            unit_format(chip->value - tree->level[0].area_m2, UNIT_SQUARE_METRE, text, sizeof text),
            screen_reset(screen));
}

enum status report_screen(const struct store_run *run, const struct report_request *request,
                          const struct screen *screen, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct report_tree tree;
    TRY(report_title(run, request, screen, diag));
    enum status status = print_figures(run, screen, diag);
    if (status == STATUS_OK && run->n_components == 0) {
        print_without(run, screen);
        return status;
    }
    if (status == STATUS_OK)
        status = report_tree_make(run, &arena, &tree, diag);
    if (status == STATUS_OK) {
        fputc('\n', screen->out);
        status = print_tree(&tree, screen, diag);
    }
    if (status == STATUS_OK) {
        print_rest(run, &tree, screen);
        print_sources(&tree, screen);
        status = report_models(run, screen, diag);
    }
    if (status == STATUS_OK && request->layers)
        status = report_layers(run, &tree, screen, diag);
    arena_free(&arena);
    return status;
}
