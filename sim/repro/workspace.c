/* Names of expressions: which kind each is. */
#include "sim/repro/workspace.h"

#include <math.h>
#include <string.h>

enum { DEPTH_MAX = 32, NAMES_MAX = 256 };

/* Index of `word` among the names of `n` records of `size` bytes that begin with one; -1. */
static int find(const void *records, int n, size_t size, const char *word) {
    for (int i = 0; i < n; i++) {
        const char *const *name = (const void *)((const char *)records + (size_t)i * size);
        if (strcmp(*name, word) == 0)
            return i;
    }
    return -1;
}

static int column_of(const struct paper_data *data, const char *word) {
    for (int i = 0; i < data->n_columns; i++)
        if (strcmp(data->columns[i], word) == 0)
            return i;
    return -1;
}

static enum status column_value(const struct expression_scope *scope, const struct expression *name,
                                int column, double *value, struct diagnostic *diag) {
    const struct workspace *workspace = scope->context;
    const struct paper_data *data = &workspace->paper->data[scope->table_at];
    *value = data->values[scope->row * data->n_columns + column];
    if (!isnan(*value))
        return STATUS_OK;
    return EXPRESSION_FAIL(diag, name, name->offset, "row %d of %s has no number in column \"%s\"",
                           scope->row + 1, data->name, data->columns[column]);
}

/* Definitions are evaluated where they are used: they may name columns. */
static enum status define_value(const struct expression_scope *scope, const struct expression *name,
                                int define, double *value, struct diagnostic *diag) {
    const struct workspace *workspace = scope->context;
    struct expression_scope inner = *scope;
    if (++inner.depth > DEPTH_MAX)
        return EXPRESSION_FAIL(diag, name, name->offset, "\"%s\" refers to itself",
                               name->parts[0].text);
    return expression_value(workspace->paper->defines[define].expression, &inner, value, diag);
}

static size_t add_names(const void *records, int n, size_t size, const char **names, size_t used) {
    for (int i = 0; i < n && used < NAMES_MAX; i++)
        names[used++] =
            *(const char *const *)(const void *)((const char *)records + (size_t)i * size);
    return used;
}

static enum status unknown_name(const struct expression_scope *scope, const struct expression *name,
                                struct diagnostic *diag) {
    const struct workspace *workspace = scope->context;
    const struct paper *paper = workspace->paper;
    const char *names[NAMES_MAX];
    size_t n = 0;
    if (scope->table_at >= 0) {
        const struct paper_data *data = &paper->data[scope->table_at];
        n = add_names(data->columns, data->n_columns, sizeof *data->columns, names, n);
    }
    n = add_names(paper->defines, paper->n_defines, sizeof *paper->defines, names, n);
    n = add_names(paper->chips, paper->n_chips, sizeof *paper->chips, names, n);
    n = add_names(paper->runs, paper->n_runs, sizeof *paper->runs, names, n);
    n = add_names(paper->fits, paper->n_fits, sizeof *paper->fits, names, n);
    return expression_unknown(name, 0, "name", names, n, diag);
}

static enum status value_of(const struct expression_scope *scope, const struct expression *name,
                            double *value, struct diagnostic *diag) {
    struct workspace *workspace = scope->context;
    const struct paper *paper = workspace->paper;
    const char *word = name->parts[0].text;
    int at = -1;
    if (scope->run != NULL && strcmp(word, "run") == 0)
        word = scope->run;
    else if (scope->reference != NULL && strcmp(word, "reference") == 0)
        word = scope->reference;
    if (name->n_parts == 1) {
        if (scope->table_at >= 0 && (at = column_of(&paper->data[scope->table_at], word)) >= 0)
            return column_value(scope, name, at, value, diag);
        if ((at = find(paper->defines, paper->n_defines, sizeof *paper->defines, word)) >= 0)
            return define_value(scope, name, at, value, diag);
        return unknown_name(scope, name, diag);
    }
    if ((at = find(paper->chips, paper->n_chips, sizeof *paper->chips, word)) >= 0)
        return workspace_chip_value(workspace, at, name, value, diag);
    if ((at = find(paper->runs, paper->n_runs, sizeof *paper->runs, word)) >= 0)
        return workspace_run_value(workspace, at, name, value, diag);
    if ((at = find(paper->fits, paper->n_fits, sizeof *paper->fits, word)) >= 0)
        return workspace_fit_value(workspace, at, name, value, diag);
    return unknown_name(scope, name, diag);
}

static enum status table_of(const struct expression_scope *scope, const struct expression *name,
                            int *table, int *rows, struct diagnostic *diag) {
    const struct workspace *workspace = scope->context;
    const struct paper *paper = workspace->paper;
    const char *names[NAMES_MAX];
    if (name->kind != EXPRESSION_NAME || name->n_parts != 1)
        return EXPRESSION_FAIL(diag, name, name->offset, "the name of a data table belongs here");
    *table = find(paper->data, paper->n_data, sizeof *paper->data, name->parts[0].text);
    if (*table < 0) {
        size_t n = add_names(paper->data, paper->n_data, sizeof *paper->data, names, 0);
        return expression_unknown(name, 0, "data table", names, n, diag);
    }
    *rows = paper->data[*table].n_rows;
    return STATUS_OK;
}

struct expression_scope workspace_scope(struct workspace *workspace, int table, int row) {
    return (struct expression_scope){
        .value = value_of,
        .table = table_of,
        .context = workspace,
        .table_at = table,
        .row = row,
    };
}

enum status workspace_open(const struct paper *paper, struct workspace *workspace,
                           struct diagnostic *diag) {
    *workspace = (struct workspace){.paper = paper};
    struct arena *arena = &workspace->arena;
    workspace->chips = ARENA_NEW(arena, paper->n_chips, struct workspace_chip);
    workspace->runs = ARENA_NEW(arena, paper->n_runs, struct workspace_run);
    workspace->fits = ARENA_NEW(arena, paper->n_fits, struct workspace_fit);
    if (workspace->chips != NULL && workspace->runs != NULL && workspace->fits != NULL)
        return STATUS_OK;
    workspace_close(workspace);
    return FAIL_MEMORY(diag, "the quantities of a paper");
}

void workspace_close(struct workspace *workspace) {
    const struct paper *paper = workspace->paper;
    for (int i = 0; workspace->chips != NULL && i < paper->n_chips; i++)
        chip_free(&workspace->chips[i].chip);
    for (int i = 0; workspace->runs != NULL && i < paper->n_runs; i++) {
        run_result_free(&workspace->runs[i].result);
        config_free(workspace->runs[i].config);
        config_free(workspace->runs[i].base);
    }
    arena_free(&workspace->arena);
    *workspace = (struct workspace){0};
}
