/* Sections of paper files that name what rows are made of: chips, runs, data, definitions, fits. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "sim/repro/paper_internal.h"

#define N(list) (sizeof(list) / sizeof *(list))

enum status paper_check_name(const char *name, const struct yaml_node *key,
                             struct diagnostic *diag) {
    bool word = name[0] != '\0' && (name[0] < '0' || name[0] > '9');
    for (const char *c = name; *c != '\0'; c++)
        word = word && (isalnum((unsigned char)*c) || *c == '_');
    if (word)
        return STATUS_OK;
    return YAML_FAIL(diag, key, "\"%s\" is no name for expressions: use letters, digits and _",
                     name);
}

/* Room for one record for each entry of a section that maps names. */
static enum status begin(const struct yaml_node *node, struct paper *paper, size_t size,
                         void *records, struct diagnostic *diag) {
    void **out = records;
    if (node->kind != YAML_MAPPING)
        return YAML_FAIL(diag, node, "expected names with values here");
    for (size_t i = 0; i < node->count; i++)
        TRY(paper_check_name(node->keys[i], node->keyed[i], diag));
    *out = arena_alloc(&paper->arena, node->count, size);
    return *out != NULL ? STATUS_OK : FAIL_MEMORY(diag, "a paper");
}

/* Paths are relative to the paper, names of presets are not. */
static enum status beside(const char *text, struct paper *paper, const char **path,
                          struct diagnostic *diag) {
    *path = file_beside(paper->path, text, &paper->arena);
    return *path != NULL ? STATUS_OK : FAIL_MEMORY(diag, "a path");
}

enum status paper_load_chips(const struct yaml_node *node, struct paper *paper,
                             struct diagnostic *diag) {
    if (node == NULL)
        return STATUS_OK;
    TRY(begin(node, paper, sizeof *paper->chips, &paper->chips, diag));
    for (size_t i = 0; i < node->count; i++) {
        struct paper_chip *chip = &paper->chips[paper->n_chips++];
        chip->name = node->keys[i];
        TRY(yaml_string(node->values[i], chip->name, &chip->preset, diag));
        if (strchr(chip->preset, '/') != NULL)
            TRY(beside(chip->preset, paper, &chip->preset, diag));
    }
    return STATUS_OK;
}

static enum status load_run(const struct yaml_node *node, struct paper *paper,
                            struct paper_run *run, struct diagnostic *diag) {
    static const char *const keys[] = {"config", "set", "needs", "long"};
    TRY(paper_check_keys(node, keys, N(keys), diag));
    TRY(paper_text(node, "config", true, &run->config, diag));
    TRY(beside(run->config, paper, &run->config, diag));
    TRY(paper_text(node, "needs", false, &run->needs, diag));
    if (run->needs != NULL)
        TRY(beside(run->needs, paper, &run->needs, diag));
    TRY(paper_flag(node, "long", &run->is_long, diag));
    const struct yaml_node *set = yaml_get(node, "set");
    if (set == NULL)
        return STATUS_OK;
    TRY(paper_check_list(set, "set", diag));
    run->overrides = ARENA_NEW(&paper->arena, set->count, const char *);
    if (run->overrides == NULL)
        return FAIL_MEMORY(diag, "a paper");
    for (size_t i = 0; i < set->count; i++)
        TRY(yaml_string(set->values[i], "set", &run->overrides[run->n_overrides++], diag));
    return STATUS_OK;
}

enum status paper_load_runs(const struct yaml_node *node, struct paper *paper,
                            struct diagnostic *diag) {
    if (node == NULL)
        return STATUS_OK;
    TRY(begin(node, paper, sizeof *paper->runs, &paper->runs, diag));
    for (size_t i = 0; i < node->count; i++) {
        struct paper_run *run = &paper->runs[paper->n_runs++];
        run->name = node->keys[i];
        run->node = node->values[i];
        TRY(load_run(node->values[i], paper, run, diag));
    }
    return STATUS_OK;
}

static enum status load_cells(const struct yaml_node *rows, struct paper *paper,
                              struct paper_data *data, struct diagnostic *diag) {
    size_t columns = (size_t)data->n_columns;
    data->cells = ARENA_NEW(&paper->arena, rows->count * columns, const char *);
    data->values = ARENA_NEW(&paper->arena, rows->count * columns, double);
    if (data->cells == NULL || data->values == NULL)
        return FAIL_MEMORY(diag, "a paper");
    for (size_t i = 0; i < rows->count; i++) {
        const struct yaml_node *row = rows->values[i];
        TRY(paper_check_list(row, "rows", diag));
        if (row->count != columns)
            return YAML_FAIL(diag, row, "a row of %zu values, where there are %zu columns",
                             row->count, columns);
        for (size_t c = 0; c < columns; c++) {
            const char **cell = &data->cells[i * columns + c];
            double *value = &data->values[i * columns + c];
            *value = NAN;
            if (yaml_is_null(row->values[c]))
                continue;
            TRY(yaml_string(row->values[c], data->columns[c], cell, diag));
            if (!text_to_real(*cell, value))
                *value = NAN;
        }
        data->n_rows++;
    }
    return STATUS_OK;
}

enum status paper_load_data(const struct yaml_node *node, struct paper *paper,
                            struct diagnostic *diag) {
    static const char *const keys[] = {"columns", "rows"};
    if (node == NULL)
        return STATUS_OK;
    TRY(begin(node, paper, sizeof *paper->data, &paper->data, diag));
    for (size_t i = 0; i < node->count; i++) {
        struct paper_data *data = &paper->data[paper->n_data++];
        const struct yaml_node *columns, *rows;
        data->name = node->keys[i];
        TRY(paper_check_keys(node->values[i], keys, N(keys), diag));
        TRY(paper_required(node->values[i], "columns", &columns, diag));
        TRY(paper_required(node->values[i], "rows", &rows, diag));
        TRY(paper_check_list(columns, "columns", diag));
        TRY(paper_check_list(rows, "rows", diag));
        data->columns = ARENA_NEW(&paper->arena, columns->count, const char *);
        if (data->columns == NULL)
            return FAIL_MEMORY(diag, "a paper");
        for (size_t c = 0; c < columns->count; c++) {
            const char **name = &data->columns[data->n_columns++];
            TRY(yaml_string(columns->values[c], "columns", name, diag));
            TRY(paper_check_name(*name, columns->values[c], diag));
        }
        TRY(load_cells(rows, paper, data, diag));
    }
    return STATUS_OK;
}

enum status paper_load_defines(const struct yaml_node *node, struct paper *paper,
                               struct diagnostic *diag) {
    if (node == NULL)
        return STATUS_OK;
    TRY(begin(node, paper, sizeof *paper->defines, &paper->defines, diag));
    for (size_t i = 0; i < node->count; i++) {
        struct paper_define *define = &paper->defines[paper->n_defines++];
        define->name = node->keys[i];
        TRY(expression_parse(node->values[i], define->name, &paper->arena, &define->expression,
                             diag));
    }
    return STATUS_OK;
}

static enum status load_parameters(const struct yaml_node *node, struct paper *paper,
                                   struct paper_fit *fit, struct diagnostic *diag) {
    static const char *const keys[] = {"start", "unit", "what"};
    struct paper_parameter *parameters;
    TRY(begin(node, paper, sizeof *parameters, &parameters, diag));
    fit->parameters = parameters;
    for (size_t i = 0; i < node->count; i++) {
        struct paper_parameter *parameter = &parameters[fit->n_parameters++];
        const struct yaml_node *value = node->values[i], *start;
        parameter->name = node->keys[i];
        TRY(paper_check_keys(value, keys, N(keys), diag));
        TRY(paper_required(value, "start", &start, diag));
        TRY(yaml_quantity(start, "start", UNIT_NONE, &parameter->start, diag));
        if (parameter->start <= 0)
            return YAML_FAIL(diag, start, "start is %s: it must be above 0", start->text);
        TRY(paper_find_unit(yaml_get(value, "unit"), &parameter->unit, diag));
        TRY(paper_text(value, "what", true, &parameter->what, diag));
        parameter->start *= parameter->unit->si;
    }
    return STATUS_OK;
}

static enum status load_fit(const struct yaml_node *node, struct paper *paper,
                            struct paper_fit *fit, struct diagnostic *diag) {
    static const char *const keys[] = {"data", "where", "residuals", "parameters"};
    const struct yaml_node *data, *residuals, *parameters, *where = yaml_get(node, "where");
    TRY(paper_check_keys(node, keys, N(keys), diag));
    TRY(paper_required(node, "data", &data, diag));
    TRY(paper_required(node, "residuals", &residuals, diag));
    TRY(paper_required(node, "parameters", &parameters, diag));
    TRY(paper_find_data(paper, data, &fit->data, diag));
    if (where != NULL)
        TRY(expression_parse(where, "where", &paper->arena, &fit->where, diag));
    TRY(paper_check_list(residuals, "residuals", diag));
    fit->residuals = ARENA_NEW(&paper->arena, residuals->count, const struct expression *);
    if (fit->residuals == NULL)
        return FAIL_MEMORY(diag, "a paper");
    for (size_t i = 0; i < residuals->count; i++)
        TRY(expression_parse(residuals->values[i], "residuals", &paper->arena,
                             &fit->residuals[fit->n_residuals++], diag));
    return load_parameters(parameters, paper, fit, diag);
}

enum status paper_load_fits(const struct yaml_node *node, struct paper *paper,
                            struct diagnostic *diag) {
    if (node == NULL)
        return STATUS_OK;
    TRY(begin(node, paper, sizeof *paper->fits, &paper->fits, diag));
    for (size_t i = 0; i < node->count; i++) {
        struct paper_fit *fit = &paper->fits[paper->n_fits++];
        fit->name = node->keys[i];
        fit->node = node->values[i];
        TRY(load_fit(node->values[i], paper, fit, diag));
    }
    return STATUS_OK;
}

/* The section that has a name, of those that come before `end`; NULL: none. */
static const char *meaning(const struct paper *paper, const struct yaml_node *root,
                           const char *const *sections, size_t end, const char *name) {
    for (size_t i = 0; i < end; i++)
        if (yaml_get(yaml_get(root, sections[i]), name) != NULL)
            return sections[i];
    for (int t = 0; t < paper->n_data; t++)
        for (int c = 0; c < paper->data[t].n_columns; c++)
            if (strcmp(paper->data[t].columns[c], name) == 0)
                return "a column of data";
    return NULL;
}

enum status paper_check_meanings(const struct paper *paper, const struct yaml_node *root,
                                 struct diagnostic *diag) {
    static const char *const sections[] = {"chips", "runs", "define", "fits"};
    for (size_t s = 0; s < N(sections); s++) {
        const struct yaml_node *section = yaml_get(root, sections[s]);
        for (size_t i = 0; section != NULL && i < section->count; i++) {
            const char *other = meaning(paper, root, sections, s, section->keys[i]);
            if (other != NULL)
                return YAML_FAIL(diag, section->keyed[i],
                                 "\"%s\" is in %s already: give each its own name",
                                 section->keys[i], other);
        }
    }
    return STATUS_OK;
}
