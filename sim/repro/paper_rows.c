/* Tables of paper files: published rows, their bands, and what stands beside them. */
#include <string.h>

#include "sim/repro/paper_internal.h"

#define N(list) (sizeof(list) / sizeof *(list))

static bool starts(const char *text, const char *with, const char **rest) {
    size_t length = strlen(with);
    *rest = text + length;
    return strncmp(text, with, length) == 0;
}

/* "rounding", "claim", "2 %", "at most 4", "at least 0". */
static enum status load_band(const struct yaml_node *node, struct paper_band *band,
                             struct diagnostic *diag) {
    static const char *const words[] = {"claim", "rounding", "at most", "at least"};
    static const enum paper_band_kind kinds[] = {BAND_CLAIM, BAND_ROUNDING, BAND_AT_MOST,
                                                 BAND_AT_LEAST};
    const char *text, *rest;
    double percent;
    TRY(yaml_string(node, "band", &text, diag));
    for (size_t i = 0; i < N(words); i++) {
        if (!starts(text, words[i], &rest))
            continue;
        bool limit = kinds[i] == BAND_AT_MOST || kinds[i] == BAND_AT_LEAST;
        *band = (struct paper_band){.kind = kinds[i]};
        if (limit ? *rest == ' ' && text_to_real(rest + 1, &band->value) : *rest == '\0')
            return STATUS_OK;
    }
    if (strchr(text, '%') != NULL && unit_parse(text, UNIT_PERCENT, &percent) && percent >= 0) {
        *band = (struct paper_band){.kind = BAND_RELATIVE, .value = percent / 100};
        return STATUS_OK;
    }
    const char *closest = text_closest(text, words, N(words));
    return YAML_FAIL(diag, node,
                     "band: expected \"2 %%\", \"rounding\", \"at most X\", \"at least X\" or "
                     "\"claim\", got \"%s\"%s%s%s",
                     text, closest != NULL ? " (did you mean \"" : "",
                     closest != NULL ? closest : "", closest != NULL ? "\"?)" : "");
}

/* What the keys of a row say together. */
static enum status check_row(const struct yaml_node *node, const struct paper_row *row,
                             struct diagnostic *diag) {
    bool claim = row->band.kind == BAND_CLAIM;
    if (claim && row->note == NULL)
        return YAML_FAIL(diag, node, "\"%s\" is a claim without a band: its \"note\" must say why",
                         row->what);
    if (!claim && row->ours == NULL)
        return YAML_FAIL(diag, node, "\"%s\" has a band and no \"ours\"", row->what);
    if (row->band.kind == BAND_ROUNDING && row->published_text == NULL)
        return YAML_FAIL(diag, node, "\"%s\": \"rounding\" needs the published digits", row->what);
    return STATUS_OK;
}

/* A row for each row of a data table: "each: measured", "where: columns == 2". */
static enum status load_each(const struct yaml_node *node, struct paper *paper,
                             struct paper_row *row, struct diagnostic *diag) {
    const struct yaml_node *each = yaml_get(node, "each"), *where = yaml_get(node, "where");
    row->data = -1;
    if (each != NULL)
        TRY(paper_find_data(paper, each, &row->data, diag));
    if (where == NULL)
        return STATUS_OK;
    if (each == NULL)
        return YAML_FAIL(diag, where, "\"where\" needs \"each\"");
    return expression_parse(where, "where", &paper->arena, &row->where, diag);
}

static enum status load_row(const struct yaml_node *node, struct paper *paper,
                            struct paper_row *row, struct diagnostic *diag) {
    static const char *const keys[] = {"what", "published", "unit", "ours",
                                       "band", "note",      "each", "where"};
    const struct yaml_node *published, *band, *ours = yaml_get(node, "ours");
    double number;
    TRY(paper_check_keys(node, keys, N(keys), diag));
    row->node = node;
    TRY(paper_text(node, "what", true, &row->what, diag));
    TRY(paper_required(node, "published", &published, diag));
    TRY(expression_parse(published, "published", &paper->arena, &row->published, diag));
    if (text_to_real(published->text, &number))
        row->published_text = published->text;
    TRY(paper_find_unit(yaml_get(node, "unit"), &row->unit, diag));
    if (ours != NULL)
        TRY(expression_parse(ours, "ours", &paper->arena, &row->ours, diag));
    TRY(paper_text(node, "note", false, &row->note, diag));
    TRY(load_each(node, paper, row, diag));
    TRY(paper_required(node, "band", &band, diag));
    TRY(load_band(band, &row->band, diag));
    return check_row(node, row, diag);
}

static enum status load_table(const struct yaml_node *node, struct paper *paper,
                              struct paper_table *table, struct diagnostic *diag) {
    static const char *const keys[] = {"title", "source", "rows"};
    const struct yaml_node *list;
    TRY(paper_check_keys(node, keys, N(keys), diag));
    TRY(paper_text(node, "title", true, &table->title, diag));
    TRY(paper_text(node, "source", true, &table->source, diag));
    TRY(paper_required(node, "rows", &list, diag));
    TRY(paper_check_list(list, "rows", diag));
    struct paper_row *rows = ARENA_NEW(&paper->arena, list->count, struct paper_row);
    if (rows == NULL)
        return FAIL_MEMORY(diag, "a paper");
    table->rows = rows;
    for (size_t i = 0; i < list->count; i++) {
        struct paper_row *row = &rows[table->n_rows++];
        TRY(load_row(list->values[i], paper, row, diag));
        bool above = row->note != NULL && strcmp(row->note, PAPER_AS_ABOVE) == 0;
        if (above && (i == 0 || row[-1].note == NULL))
            return YAML_FAIL(diag, row->node, "\"%s\": there is no note above", row->what);
    }
    return STATUS_OK;
}

enum status paper_load_tables(const struct yaml_node *node, struct paper *paper,
                              struct diagnostic *diag) {
    TRY(paper_check_list(node, "tables", diag));
    paper->tables = ARENA_NEW(&paper->arena, node->count, struct paper_table);
    if (paper->tables == NULL)
        return FAIL_MEMORY(diag, "a paper");
    for (size_t i = 0; i < node->count; i++)
        TRY(load_table(node->values[i], paper, &paper->tables[paper->n_tables++], diag));
    return STATUS_OK;
}
