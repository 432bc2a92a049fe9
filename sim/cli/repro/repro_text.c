/* `mho repro` for other programs: Markdown (docs/repro.md) and JSON. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "sim/cli/repro/repro_view.h"

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

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *row_object(const struct repro_result *result, const struct repro_row *row) {
    const struct paper_table *table = &result->paper->tables[row->table];
    return json_pack("{ss ss ss so so so so so ss ss ss*}", "published_in", table->title, "source",
                     table->source, "what", row->what, "published", number(row->published), "ours",
                     number(row->ours), "ratio", number(row->ratio), "low", number(row->low),
                     "high", number(row->high), "unit", row->unit->text, "verdict",
                     repro_verdict_names[row->verdict], "note", row->note);
}

static json_t *paper_object(const struct repro_view *view, int index) {
    const struct repro_result *result = &view->results[index];
    json_t *rows = json_array(), *parameters = json_object();
    for (int i = 0; i < result->n_rows; i++)
        json_array_append_new(rows, row_object(result, &result->rows[i]));
    for (int i = 0; i < result->n_parameters; i++) {
        const struct repro_parameter *parameter = &result->parameters[i];
        char key[128];
        snprintf(key, sizeof key, "%s.%s", parameter->fit, parameter->name);
        json_object_set_new(
            parameters, key,
            json_pack("{sf ss}", "value", parameter->value, "unit", parameter->unit->text));
    }
    return json_pack(
        "{ss ss so so so so so}", "name", result->paper->name, "title", result->paper->title,
        "run_id", view->written != NULL ? json_integer(view->written[index].run_id) : json_null(),
        "rows", rows, "comparisons", repro_json_comparisons(result), "calibrated", parameters,
        "wall_s", number(result->wall_s));
}

enum status repro_json(const struct repro_view *view, FILE *out, struct diagnostic *diag) {
    json_t *papers = json_array();
    for (int i = 0; i < view->n; i++)
        json_array_append_new(papers, paper_object(view, i));
    json_t *object =
        json_pack("{si si si si so}", "ok", repro_count(view, REPRO_WITHIN), "out",
                  repro_count(view, REPRO_OUTSIDE), "claim", repro_count(view, REPRO_CLAIM),
                  "skipped", repro_count(view, REPRO_SKIPPED), "papers", papers);
    if (object == NULL || json_array_size(papers) != (size_t)view->n)
        return FAIL_MEMORY(diag, "the JSON object");
    int failed = json_dumpf(object, out, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
    json_decref(object);
    if (failed)
        return FAIL(diag, STATUS_IO, "the JSON object could not be written");
    fputc('\n', out);
    return STATUS_OK;
}
