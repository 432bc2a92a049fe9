/* Rows of a paper: values, bands, verdicts. */
#include "sim/repro/repro.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sim/repro/repro_internal.h"

const char *const repro_verdict_names[] = {[REPRO_WITHIN] = "ok",
                                           [REPRO_OUTSIDE] = "out",
                                           [REPRO_CLAIM] = "claim",
                                           [REPRO_SKIPPED] = "skipped",
                                           [REPRO_VERDICTS] = NULL};

/* `template` with {column} replaced by the cell of that column. */
static enum status fill_in(const struct paper_row *row, const struct paper_data *data, int at,
                           struct arena *arena, const char **text, struct diagnostic *diag) {
    const char *rest = row->what, *done = "";
    for (const char *open; (open = strchr(rest, '{')) != NULL;) {
        const char *cell = NULL, *close = strchr(open, '}');
        int length = close != NULL ? (int)(close - open - 1) : 0;
        for (int c = 0; c < data->n_columns; c++)
            if (length > 0 && strncmp(data->columns[c], open + 1, (size_t)length) == 0 &&
                data->columns[c][length] == '\0')
                cell = data->cells[at * data->n_columns + c];
        if (cell == NULL)
            return YAML_FAIL(diag, row->node, "\"%s\": %s has no column for what stands in braces",
                             row->what, data->name);
        done = arena_printf(arena, "%s%.*s%s", done, (int)(open - rest), rest, cell);
        if (done == NULL)
            return FAIL_MEMORY(diag, "a row");
        rest = close + 1;
    }
    *text = arena_printf(arena, "%s%s", done, rest);
    return *text != NULL ? STATUS_OK : FAIL_MEMORY(diag, "a row");
}

/* Where what is published is a column of data alone: its cell, with all its digits; NULL: it is
 * not. */
static const char *cell_of(const struct paper *paper, const struct paper_row *row, int at) {
    if (row->data < 0 || row->published->kind != EXPRESSION_NAME || row->published->n_parts != 1)
        return NULL;
    const struct paper_data *data = &paper->data[row->data];
    for (int c = 0; c < data->n_columns; c++)
        if (strcmp(data->columns[c], row->published->parts[0].text) == 0)
            return data->cells[at * data->n_columns + c];
    return NULL;
}

/* Half a unit of the last digit that is printed: 0.157 was between 0.1565 and 0.1575. */
static double half_digit(const char *text) {
    const char *exponent = strpbrk(text, "eE"), *point = strchr(text, '.');
    size_t digits = exponent != NULL ? (size_t)(exponent - text) : strlen(text);
    int decimals = point != NULL ? (int)(digits - (size_t)(point - text) - 1) : 0;
    long long power = 0;
    if (exponent != NULL)
        text_to_int(exponent + (exponent[1] == '+' ? 2 : 1), &power);
    return 0.5 * pow(10, (double)power - decimals);
}

static void set_band(const struct paper_row *row, struct repro_row *out, struct arena *arena) {
    const struct paper_band *band = &row->band;
    double margin = 0;
    out->low = out->high = NAN;
    switch (band->kind) {
    case BAND_CLAIM:
        out->band = "";
        return;
    case BAND_AT_MOST:
        out->high = band->value;
        out->band = arena_printf(arena, "<= %g", band->value);
        return;
    case BAND_AT_LEAST:
        out->low = band->value;
        out->band = arena_printf(arena, ">= %g", band->value);
        return;
    case BAND_ROUNDING:
        margin = half_digit(row->published_text);
        out->band = "rounding";
        break;
    case BAND_RELATIVE:
        margin = band->value * fabs(out->published);
        out->band = arena_printf(arena, "%g %%", 100 * band->value);
        break;
    }
    /* Sums of decimal fractions are a few units of the last place off. */
    margin += 1e-9 * fabs(out->published);
    out->low = out->published - margin;
    out->high = out->published + margin;
}

static enum repro_verdict judge(const struct repro_row *row) {
    if (isnan(row->low) && isnan(row->high))
        return REPRO_CLAIM;
    bool above = isnan(row->low) || row->ours >= row->low;
    bool below = isnan(row->high) || row->ours <= row->high;
    return above && below ? REPRO_WITHIN : REPRO_OUTSIDE;
}

static enum status find_ours(struct workspace *workspace, const struct paper_row *row, int at,
                             struct repro_row *out, struct arena *arena, struct diagnostic *diag) {
    struct expression_scope scope = workspace_scope(workspace, row->data, at);
    struct diagnostic reason = {0};
    workspace->absent = NULL;
    enum status status = expression_value(row->ours, &scope, &out->ours, &reason);
    if (status == STATUS_OK) {
        out->ours /= out->unit->si;
        out->ratio = out->published != 0 ? out->ours / out->published : NAN;
        out->verdict = judge(out);
        return STATUS_OK;
    }
    if (workspace->absent == NULL)
        return FAIL(diag, status, "%s", reason.message);
    out->ours = NAN;
    out->verdict = REPRO_SKIPPED;
    out->note = arena_printf(arena, "skipped: %s", workspace->absent);
    return out->note != NULL ? STATUS_OK : FAIL_MEMORY(diag, "a row");
}

static enum status evaluate_row(struct workspace *workspace, const struct paper_row *row, int table,
                                int at, struct repro_result *result, struct diagnostic *diag) {
    struct expression_scope scope = workspace_scope(workspace, row->data, at);
    struct repro_row *out = &result->rows[result->n_rows];
    double counts = 1;
    if (row->where != NULL)
        TRY(expression_value(row->where, &scope, &counts, diag));
    if (counts == 0)
        return STATUS_OK;
    *out = (struct repro_row){.table = table,
                              .what = row->what,
                              .published_text = row->published_text,
                              .unit = row->unit,
                              .ours = NAN,
                              .ratio = NAN,
                              .note = row->note,
                              .verdict = REPRO_CLAIM};
    if (row->data >= 0)
        TRY(fill_in(row, &workspace->paper->data[row->data], at, &result->arena, &out->what, diag));
    TRY(expression_value(row->published, &scope, &out->published, diag));
    if (out->published_text == NULL)
        out->published_text = cell_of(workspace->paper, row, at);
    if (out->published_text == NULL)
        out->published_text = arena_printf(&result->arena, "%.4g", out->published);
    set_band(row, out, &result->arena);
    if (out->published_text == NULL || out->band == NULL)
        return FAIL_MEMORY(diag, "a row");
    if (row->ours != NULL)
        TRY(find_ours(workspace, row, at, out, &result->arena, diag));
    result->count[out->verdict]++;
    result->n_rows++;
    return STATUS_OK;
}

static int rows_of(const struct paper *paper, const struct paper_row *row) {
    return row->data >= 0 ? paper->data[row->data].n_rows : 1;
}

static enum status evaluate_rows(struct workspace *workspace, struct repro_result *result,
                                 struct diagnostic *diag) {
    const struct paper *paper = workspace->paper;
    int most = 0;
    for (int t = 0; t < paper->n_tables; t++)
        for (int r = 0; r < paper->tables[t].n_rows; r++)
            most += rows_of(paper, &paper->tables[t].rows[r]);
    result->rows = ARENA_NEW(&result->arena, most, struct repro_row);
    if (result->rows == NULL)
        return FAIL_MEMORY(diag, "rows");
    for (int t = 0; t < paper->n_tables; t++)
        for (int r = 0; r < paper->tables[t].n_rows; r++) {
            const struct paper_row *row = &paper->tables[t].rows[r];
            for (int at = 0; at < rows_of(paper, row); at++)
                TRY(evaluate_row(workspace, row, t, at, result, diag));
        }
    return STATUS_OK;
}

/* Every fit of the paper, whether a row names it or not: a calibration that is not shown would be
 * taken for a fact. */
static enum status list_parameters(struct workspace *workspace, struct repro_result *result,
                                   struct diagnostic *diag) {
    const struct paper *paper = workspace->paper;
    int most = 0;
    for (int f = 0; f < paper->n_fits; f++)
        most += paper->fits[f].n_parameters;
    result->parameters = ARENA_NEW(&result->arena, most, struct repro_parameter);
    if (result->parameters == NULL)
        return FAIL_MEMORY(diag, "parameters");
    for (int f = 0; f < paper->n_fits; f++) {
        const struct paper_fit *fit = &paper->fits[f];
        TRY(workspace_fit_make(workspace, f, diag));
        for (int p = 0; p < fit->n_parameters; p++)
            result->parameters[result->n_parameters++] = (struct repro_parameter){
                .fit = fit->name,
                .name = fit->parameters[p].name,
                .what = fit->parameters[p].what,
                .unit = fit->parameters[p].unit,
                .value = workspace->fits[f].values[p] / fit->parameters[p].unit->si,
                .rows = workspace->fits[f].rows,
                .of = paper->data[fit->data].n_rows,
                .data = paper->data[fit->data].name,
            };
    }
    return STATUS_OK;
}

static double clock_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

enum status repro_evaluate(const struct paper *paper, const struct repro_hooks *hooks,
                           struct repro_result *result, struct diagnostic *diag) {
    struct workspace workspace;
    double start_s = clock_s();
    *result = (struct repro_result){.paper = paper};
    TRY(workspace_open(paper, &workspace, diag));
    if (hooks != NULL) {
        workspace.progress = hooks->progress;
        workspace.progress_context = hooks->context;
        workspace.long_runs = hooks->long_runs;
    }
    enum status status = repro_compare(&workspace, result, diag);
    if (status == STATUS_OK)
        status = evaluate_rows(&workspace, result, diag);
    if (status == STATUS_OK)
        status = list_parameters(&workspace, result, diag);
    for (int i = 0; i < paper->n_runs; i++)
        result->long_runs = result->long_runs || (paper->runs[i].is_long && workspace.runs[i].done);
    workspace_close(&workspace);
    if (status != STATUS_OK)
        repro_result_free(result);
    else
        result->wall_s = clock_s() - start_s;
    return status;
}

void repro_result_free(struct repro_result *result) {
    if (result == NULL)
        return;
    arena_free(&result->arena);
    *result = (struct repro_result){0};
}
