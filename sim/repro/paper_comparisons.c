/* Comparisons of paper files: runs side by side. */
#include <string.h>

#include "sim/repro/paper_internal.h"

#define N(list) (sizeof(list) / sizeof *(list))

static enum status find_run(const struct paper *paper, const struct yaml_node *node, int *index,
                            struct diagnostic *diag) {
    enum { NAMES_MAX = 128 };
    const char *names[NAMES_MAX], *text;
    size_t n = 0;
    TRY(yaml_string(node, "run", &text, diag));
    for (*index = 0; *index < paper->n_runs; (*index)++) {
        if (strcmp(paper->runs[*index].name, text) == 0)
            return STATUS_OK;
        if (n < NAMES_MAX)
            names[n++] = paper->runs[*index].name;
    }
    const struct expression_part part = {text, false, 0};
    const struct expression name = {.node = node, .parts = &part, .n_parts = 1};
    return expression_unknown(&name, 0, "run", names, n, diag);
}

static enum status load_columns(const struct yaml_node *list, struct paper *paper,
                                struct paper_comparison *comparison, struct diagnostic *diag) {
    static const char *const keys[] = {"name", "unit", "ours"};
    TRY(paper_check_list(list, "columns", diag));
    comparison->columns = ARENA_NEW(&paper->arena, list->count, struct paper_column);
    if (comparison->columns == NULL)
        return FAIL_MEMORY(diag, "a paper");
    for (size_t i = 0; i < list->count; i++) {
        struct paper_column *column = &comparison->columns[comparison->n_columns++];
        const struct yaml_node *node = list->values[i], *ours;
        TRY(paper_check_keys(node, keys, N(keys), diag));
        TRY(paper_text(node, "name", true, &column->name, diag));
        TRY(paper_find_unit(yaml_get(node, "unit"), &column->unit, diag));
        TRY(paper_required(node, "ours", &ours, diag));
        TRY(expression_parse(ours, "ours", &paper->arena, &column->ours, diag));
    }
    return STATUS_OK;
}

static enum status load_entries(const struct yaml_node *list, struct paper *paper,
                                struct paper_comparison *comparison, struct diagnostic *diag) {
    static const char *const keys[] = {"run", "what"};
    TRY(paper_check_list(list, "rows", diag));
    comparison->entries = ARENA_NEW(&paper->arena, list->count, struct paper_entry);
    if (comparison->entries == NULL)
        return FAIL_MEMORY(diag, "a paper");
    for (size_t i = 0; i < list->count; i++) {
        struct paper_entry *entry = &comparison->entries[comparison->n_entries++];
        const struct yaml_node *node = list->values[i], *run;
        TRY(paper_check_keys(node, keys, N(keys), diag));
        TRY(paper_text(node, "what", true, &entry->what, diag));
        TRY(paper_required(node, "run", &run, diag));
        TRY(find_run(paper, run, &entry->run, diag));
    }
    return STATUS_OK;
}

static enum status load_comparison(const struct yaml_node *node, struct paper *paper,
                                   struct paper_comparison *comparison, struct diagnostic *diag) {
    static const char *const keys[] = {"title", "source", "reference", "columns", "rows"};
    const struct yaml_node *reference, *columns, *rows;
    TRY(paper_check_keys(node, keys, N(keys), diag));
    TRY(paper_text(node, "title", true, &comparison->title, diag));
    TRY(paper_text(node, "source", true, &comparison->source, diag));
    TRY(paper_required(node, "reference", &reference, diag));
    TRY(find_run(paper, reference, &comparison->reference, diag));
    TRY(paper_required(node, "columns", &columns, diag));
    TRY(load_columns(columns, paper, comparison, diag));
    TRY(paper_required(node, "rows", &rows, diag));
    return load_entries(rows, paper, comparison, diag);
}

enum status paper_load_comparisons(const struct yaml_node *node, struct paper *paper,
                                   struct diagnostic *diag) {
    if (node == NULL)
        return STATUS_OK;
    TRY(paper_check_list(node, "comparisons", diag));
    paper->comparisons = ARENA_NEW(&paper->arena, node->count, struct paper_comparison);
    if (paper->comparisons == NULL)
        return FAIL_MEMORY(diag, "a paper");
    for (size_t i = 0; i < node->count; i++)
        TRY(load_comparison(node->values[i], paper, &paper->comparisons[paper->n_comparisons++],
                            diag));
    return STATUS_OK;
}
