/* Comparisons of `mho repro`: on the screen, as Markdown, as JSON. */
#include <math.h>
#include <string.h>

#include "sim/cli/repro/repro_view.h"
#include "sim/screen/json_text.h"
#include "sim/screen/table.h"

enum { FIGURE = 32 };

static const struct paper_run *run_of(const struct repro_result *result,
                                      const struct paper_comparison *of, int entry) {
    return &result->paper->runs[of->entries[entry].run];
}

/* The configuration, without its folder. */
static const char *file_of(const struct paper_run *run) {
    const char *slash = strrchr(run->config, '/');
    return slash != NULL ? slash + 1 : run->config;
}

static const char *figure(double value, char text[FIGURE]) {
    if (isnan(value))
        return "-";
    return text_figure(value, text, FIGURE);
}

static void print_settings(const struct repro_result *result, int index,
                           const struct screen *screen) {
    const struct paper_comparison *of = &result->paper->comparisons[index];
    for (int e = 0; e < of->n_entries; e++) {
        const struct paper_run *run = run_of(result, of, e);
        struct arena arena = ARENA_INIT;
        const char *text = result->comparisons[index].skipped[e];
        bool skipped = text != NULL;
        if (!skipped)
            text = file_of(run);
        for (int i = 0; i < run->n_overrides && !skipped && text != NULL; i++)
            text = arena_printf(&arena, "%s  %s", text, run->overrides[i]);
        if (text != NULL) {
            fprintf(screen->out, "%s  %s:", screen_style(screen, STYLE_DIM), of->entries[e].what);
            screen_wrapped_after(screen, 3 + text_width(of->entries[e].what), text, 4);
            fputs(screen_reset(screen), screen->out);
        }
        arena_free(&arena);
    }
}

static enum status print_one(const struct repro_result *result, int index,
                             const struct screen *screen, struct diagnostic *diag) {
    const struct paper_comparison *of = &result->paper->comparisons[index];
    struct table_column columns[TABLE_COLUMNS] = {{"", "", TABLE_LEFT, STYLE_PLAIN}};
    struct table table;
    char text[FIGURE];
    int n = 1;
    for (int c = 0; c < of->n_columns && n < TABLE_COLUMNS; c++)
        columns[n++] = (struct table_column){of->columns[c].name, of->columns[c].unit->text,
                                             TABLE_RIGHT, STYLE_PLAIN};
    table_begin(&table, columns, n);
    for (int e = 0; e < of->n_entries; e++) {
        table_cell(&table, "  %s", of->entries[e].what);
        for (int c = 0; c + 1 < n; c++)
            table_cell(&table, "%s",
                       figure(result->comparisons[index].values[e * of->n_columns + c], text));
    }
    fprintf(screen->out, "\n%s%s%s%s:", screen_style(screen, STYLE_BOLD), of->title,
            screen_reset(screen), screen_style(screen, STYLE_DIM));
    screen_wrapped_after(screen, 1 + text_width(of->title), of->source, 4);
    fputs(screen_reset(screen), screen->out);
    enum status status = table_print(&table, screen, diag);
    table_free(&table);
    if (status == STATUS_OK)
        print_settings(result, index, screen);
    return status;
}

enum status repro_screen_comparisons(const struct repro_result *result, const struct screen *screen,
                                     struct diagnostic *diag) {
    for (int i = 0; i < result->n_comparisons; i++)
        TRY(print_one(result, i, screen, diag));
    return STATUS_OK;
}

void repro_markdown_comparisons(const struct repro_result *result, FILE *out) {
    char text[FIGURE];
    for (int i = 0; i < result->n_comparisons; i++) {
        const struct paper_comparison *of = &result->paper->comparisons[i];
        fprintf(out, "\n### %s\n\n%s.\n\n|", of->title, of->source);
        for (int c = 0; c < of->n_columns; c++)
            fprintf(out, " | %s%s%s", of->columns[c].name,
                    of->columns[c].unit->text[0] != '\0' ? ", " : "", of->columns[c].unit->text);
        fputs(" | settings |\n|---", out);
        for (int c = 0; c < of->n_columns; c++)
            fputs("|---:", out);
        fputs("|---|\n", out);
        for (int e = 0; e < of->n_entries; e++) {
            const struct paper_run *run = run_of(result, of, e);
            const char *skipped = result->comparisons[i].skipped[e];
            fprintf(out, "| %s", of->entries[e].what);
            for (int c = 0; c < of->n_columns; c++)
                fprintf(out, " | %s",
                        figure(result->comparisons[i].values[e * of->n_columns + c], text));
            fputs(" | ", out);
            fputs(skipped != NULL ? skipped : file_of(run), out);
            for (int s = 0; s < run->n_overrides && skipped == NULL; s++)
                fprintf(out, " `%s`", run->overrides[s]);
            fputs(" |\n", out);
        }
    }
}

static json_t *entry_json(const struct repro_result *result, int index, int entry) {
    const struct paper_comparison *of = &result->paper->comparisons[index];
    const struct paper_run *run = run_of(result, of, entry);
    json_t *object = json_object(), *figures = json_object(), *settings = json_array();
    for (int c = 0; c < of->n_columns; c++) {
        json_t *cell = json_object();
        cell = json_with(cell, "value",
                         json_number(result->comparisons[index].values[entry * of->n_columns + c]));
        cell = json_with(cell, "unit", json_text(of->columns[c].unit->text));
        figures = json_with(figures, of->columns[c].name, cell);
    }
    for (int s = 0; s < run->n_overrides; s++)
        settings = json_plus(settings, json_text(run->overrides[s]));
    object = json_with(object, "what", json_text(of->entries[entry].what));
    object = json_with(object, "run", json_text(run->name));
    object = json_with(object, "settings", settings);
    object = json_with(object, "skipped", json_text(result->comparisons[index].skipped[entry]));
    return json_with(object, "figures", figures);
}

json_t *repro_json_comparisons(const struct repro_result *result) {
    json_t *list = json_array();
    for (int i = 0; i < result->n_comparisons; i++) {
        const struct paper_comparison *of = &result->paper->comparisons[i];
        json_t *object = json_object(), *rows = json_array();
        for (int e = 0; e < of->n_entries; e++)
            rows = json_plus(rows, entry_json(result, i, e));
        object = json_with(object, "title", json_text(of->title));
        object = json_with(object, "source", json_text(of->source));
        object = json_with(object, "reference", json_text(result->paper->runs[of->reference].name));
        list = json_plus(list, json_with(object, "rows", rows));
    }
    return list;
}
