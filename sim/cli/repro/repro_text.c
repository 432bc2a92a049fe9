/* `mho repro` for other programs: Markdown (docs/repro.md) and JSON. */
#include <math.h>
#include <string.h>

#include "sim/cli/repro/repro_view.h"
#include "sim/screen/json_text.h"

/* A cell of a table: a bar would end it. */
static void put_cell(const char *text, FILE *out) {
    for (; *text != '\0'; text++) {
        if (*text == '|')
            fputc('\\', out);
        fputc(*text, out);
    }
}

/* The note of a row; `before`: that of the row above in its table, NULL: none. */
static const char *note_of(const struct repro_row *row, const char *before) {
    if (row->note == NULL)
        return "";
    return before != NULL && strcmp(before, row->note) == 0 ? PAPER_AS_ABOVE : row->note;
}

static void put_row(const struct repro_row *row, const char *before, FILE *out) {
    char ours[REPRO_FIGURE_LENGTH], ratio[REPRO_FIGURE_LENGTH];
    const char *verdict = repro_verdict_names[row->verdict];
    fputs("| ", out);
    put_cell(row->what, out);
    fprintf(out, " | %s | %s | %s | %s | %s | %s | ", row->published_text,
            repro_figure(row->ours, row, ours), row->unit->text, repro_ratio(row, ratio), row->band,
            row->verdict == REPRO_OUTSIDE ? "**OUT**" : verdict);
    put_cell(note_of(row, before), out);
    fputs(" |\n", out);
}

static void put_parameters(const struct repro_result *result, FILE *out) {
    for (int i = 0; i < result->n_parameters; i++) {
        const struct repro_parameter *parameter = &result->parameters[i];
        if (i == 0 || strcmp(parameter->fit, parameter[-1].fit) != 0)
            fprintf(out,
                    "\n### Calibrated: %s\n\nLeast squares on %d of the %d rows of `%s`.\n\n"
                    "| parameter | value | |\n|---|---:|---|\n",
                    parameter->fit, parameter->rows, parameter->of, parameter->data);
        fprintf(out, "| `%s` | %.4g %s | %s |\n", parameter->name, parameter->value,
                parameter->unit->text, parameter->what);
    }
}

static void put_paper(const struct repro_result *result, FILE *out) {
    const struct paper *paper = result->paper;
    int table = -1;
    fprintf(out, "\n## %s: %s\n", paper->name, paper->title);
    repro_markdown_comparisons(result, out);
    for (int i = 0; i < result->n_rows; i++) {
        const struct repro_row *row = &result->rows[i];
        const char *before = row->table == table ? row[-1].note : NULL;
        if (row->table != table) {
            table = row->table;
            fprintf(out,
                    "\n### %s\n\n%s.\n\n| | published | ours | unit | ratio | band | | |\n"
                    "|---|---:|---:|---|---:|---:|---|---|\n",
                    paper->tables[table].title, paper->tables[table].source);
        }
        put_row(row, before, out);
    }
    put_parameters(result, out);
}

enum status repro_markdown(const struct repro_view *view, FILE *out, struct diagnostic *diag) {
    (void)diag;
    fprintf(out, "%d rows within their band, %d outside, %d claims without one, %d skipped.\n",
            repro_count(view, REPRO_WITHIN), repro_count(view, REPRO_OUTSIDE),
            repro_count(view, REPRO_CLAIM), repro_count(view, REPRO_SKIPPED));
    for (int i = 0; i < view->n; i++)
        put_paper(&view->results[i], out);
    return STATUS_OK;
}

static json_t *row_object(const struct repro_result *result, const struct repro_row *row) {
    const struct paper_table *table = &result->paper->tables[row->table];
    return json_pack("{ss ss ss so so so so so ss ss ss*}", "published_in", table->title, "source",
                     table->source, "what", row->what, "published", json_number(row->published),
                     "ours", json_number(row->ours), "ratio", json_number(row->ratio), "low",
                     json_number(row->low), "high", json_number(row->high), "unit", row->unit->text,
                     "verdict", repro_verdict_names[row->verdict], "note", row->note);
}

static json_t *parameters_object(const struct repro_result *result) {
    json_t *parameters = json_object();
    for (int i = 0; i < result->n_parameters; i++) {
        const struct repro_parameter *parameter = &result->parameters[i];
        char key[128];
        snprintf(key, sizeof key, "%s.%s", parameter->fit, parameter->name);
        parameters = json_with(
            parameters, key,
            json_pack("{sf ss}", "value", parameter->value, "unit", parameter->unit->text));
    }
    return parameters;
}

static json_t *paper_object(const struct repro_view *view, int index) {
    const struct repro_result *result = &view->results[index];
    json_t *rows = json_array(), *object = json_object();
    for (int i = 0; i < result->n_rows; i++)
        rows = json_plus(rows, row_object(result, &result->rows[i]));
    object = json_with(object, "name", json_text(result->paper->name));
    object = json_with(object, "title", json_text(result->paper->title));
    object =
        json_with(object, "run_id",
                  view->written != NULL ? json_integer(view->written[index].run_id) : json_null());
    object = json_with(object, "rows", rows);
    object = json_with(object, "comparisons", repro_json_comparisons(result));
    object = json_with(object, "calibrated", parameters_object(result));
    return json_with(object, "wall_s", json_number(result->wall_s));
}

enum status repro_json(const struct repro_view *view, FILE *out, struct diagnostic *diag) {
    json_t *papers = json_array();
    for (int i = 0; i < view->n; i++)
        papers = json_plus(papers, paper_object(view, i));
    json_t *object =
        json_pack("{si si si si}", "ok", repro_count(view, REPRO_WITHIN), "out",
                  repro_count(view, REPRO_OUTSIDE), "claim", repro_count(view, REPRO_CLAIM),
                  "skipped", repro_count(view, REPRO_SKIPPED));
    return json_print(json_with(object, "papers", papers), out, diag);
}
