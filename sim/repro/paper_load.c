/* Paper files: the file as a whole, and what its sections share. */
#include <string.h>

#include "sim/repro/paper_internal.h"

const struct paper_unit paper_units[] = {
    {"", 1},         {"%", 0.01},
    {"bits", 1},     {"cycles", 1},
    {"images", 1},   {"W", 1},
    {"mW", 1e-3},    {"uW", 1e-6},
    {"mm2", 1e-6},   {"um2", 1e-12},
    {"s", 1},        {"ms", 1e-3},
    {"us", 1e-6},    {"ns", 1e-9},
    {"J", 1},        {"uJ", 1e-6},
    {"nJ", 1e-9},    {"pJ", 1e-12},
    {"fJ", 1e-15},   {"TOPS", 1e12},
    {"GOPS", 1e9},   {"TOPS/W", 1e12},
    {"GOPS/W", 1e9}, {"GOPS/mm2", 1e15},
    {"KB", 1024},    {"MB/mm2", 0x1p20 / 1e-6},
};
const size_t n_paper_units = sizeof paper_units / sizeof *paper_units;

enum status paper_check_keys(const struct yaml_node *node, const char *const *allowed,
                             size_t n_allowed, struct diagnostic *diag) {
    if (node->kind != YAML_MAPPING)
        return YAML_FAIL(diag, node, "expected keys with values here");
    return yaml_check_keys(node, allowed, n_allowed, diag);
}

enum status paper_check_list(const struct yaml_node *node, const char *what,
                             struct diagnostic *diag) {
    if (node->kind != YAML_SEQUENCE)
        return YAML_FAIL(diag, node, "%s: expected a list", what);
    return STATUS_OK;
}

enum status paper_required(const struct yaml_node *mapping, const char *key,
                           const struct yaml_node **value, struct diagnostic *diag) {
    *value = yaml_get(mapping, key);
    if (*value == NULL)
        return YAML_FAIL(diag, mapping, "\"%s\" is missing here", key);
    return STATUS_OK;
}

enum status paper_text(const struct yaml_node *mapping, const char *key, bool required,
                       const char **text, struct diagnostic *diag) {
    const struct yaml_node *value = yaml_get(mapping, key);
    *text = NULL;
    if (value == NULL && !required)
        return STATUS_OK;
    TRY(paper_required(mapping, key, &value, diag));
    return yaml_string(value, key, text, diag);
}

enum status paper_flag(const struct yaml_node *mapping, const char *key, bool *value,
                       struct diagnostic *diag) {
    const struct yaml_node *node = yaml_get(mapping, key);
    const char *text = "false";
    if (node != NULL)
        TRY(yaml_string(node, key, &text, diag));
    *value = strcmp(text, "true") == 0;
    if (!*value && strcmp(text, "false") != 0)
        return YAML_FAIL(diag, node, "%s: expected true or false, got \"%s\"", key, text);
    return STATUS_OK;
}

enum status paper_find_data(const struct paper *paper, const struct yaml_node *node, int *index,
                            struct diagnostic *diag) {
    enum { NAMES_MAX = 32 };
    const char *names[NAMES_MAX], *text;
    TRY(yaml_string(node, "data", &text, diag));
    size_t n = 0;
    for (int i = 0; i < paper->n_data; i++) {
        if (strcmp(paper->data[i].name, text) == 0) {
            *index = i;
            return STATUS_OK;
        }
        if (n < NAMES_MAX)
            names[n++] = paper->data[i].name;
    }
    const struct expression_part part = {text, false, 0};
    const struct expression name = {.node = node, .parts = &part, .n_parts = 1};
    return expression_unknown(&name, 0, "data table", names, n, diag);
}

enum status paper_find_unit(const struct yaml_node *node, const struct paper_unit **unit,
                            struct diagnostic *diag) {
    enum { UNITS_MAX = 40 };
    const char *names[UNITS_MAX], *text;
    _Static_assert(sizeof paper_units / sizeof *paper_units <= UNITS_MAX, "names fit");
    *unit = &paper_units[0];
    if (node == NULL)
        return STATUS_OK;
    TRY(yaml_string(node, "unit", &text, diag));
    for (size_t i = 0; i < n_paper_units; i++) {
        names[i] = paper_units[i].text;
        if (strcmp(names[i], text) == 0) {
            *unit = &paper_units[i];
            return STATUS_OK;
        }
    }
    const struct expression_part part = {text, false, 0};
    const struct expression name = {.node = node, .parts = &part, .n_parts = 1};
    return expression_unknown(&name, 0, "unit", names + 1, n_paper_units - 1, diag);
}

static enum status load_sections(const struct yaml_node *root, struct paper *paper,
                                 struct diagnostic *diag) {
    static const char *const keys[] = {"name",   "title", "chips",       "runs",   "data",
                                       "define", "fits",  "comparisons", "tables", "on_request"};
    TRY(paper_check_keys(root, keys, sizeof keys / sizeof *keys, diag));
    TRY(paper_text(root, "name", true, &paper->name, diag));
    TRY(paper_text(root, "title", true, &paper->title, diag));
    TRY(paper_load_chips(yaml_get(root, "chips"), paper, diag));
    TRY(paper_load_runs(yaml_get(root, "runs"), paper, diag));
    TRY(paper_load_data(yaml_get(root, "data"), paper, diag));
    TRY(paper_load_defines(yaml_get(root, "define"), paper, diag));
    TRY(paper_load_fits(yaml_get(root, "fits"), paper, diag));
    TRY(paper_flag(root, "on_request", &paper->on_request, diag));
    TRY(paper_load_comparisons(yaml_get(root, "comparisons"), paper, diag));
    TRY(paper_check_meanings(paper, root, diag));
    const struct yaml_node *tables;
    TRY(paper_required(root, "tables", &tables, diag));
    return paper_load_tables(tables, paper, diag);
}

static enum status load_file(const char *path, struct paper *paper, struct diagnostic *diag) {
    const struct yaml_node *root = NULL;
    char *text;
    size_t length;
    TRY(file_read(path, &paper->arena, &text, &length, diag));
    paper->text = text;
    paper->path = arena_strdup(&paper->arena, path);
    if (paper->path == NULL)
        return FAIL_MEMORY(diag, "a paper");
    TRY(yaml_parse(text, length, paper->path, &paper->arena, &root, diag));
    return load_sections(root, paper, diag);
}

enum status paper_load(const char *path, struct paper *paper, struct diagnostic *diag) {
    *paper = (struct paper){0};
    enum status status = load_file(path, paper, diag);
    if (status != STATUS_OK)
        paper_free(paper);
    return status;
}

void paper_free(struct paper *paper) {
    if (paper == NULL)
        return;
    arena_free(&paper->arena);
    *paper = (struct paper){0};
}
