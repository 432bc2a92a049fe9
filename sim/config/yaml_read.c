/* Reading nodes: look-up, typed values, and messages that say where. */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/config/yaml.h"

enum status yaml_fail(struct diagnostic *diag, const struct yaml_node *node, const char *file,
                      int line, const char *format, ...) {
    char message[DIAGNOSTIC_LENGTH];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (node->line == 0)
        return diagnostic_set(diag, STATUS_USAGE, file, line, "%s: %s", node->file, message);
    return diagnostic_set(diag, STATUS_USAGE, file, line, "%s:%d:%d: %s", node->file, node->line,
                          node->column, message);
}

bool yaml_is_null(const struct yaml_node *node) {
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    if (node->kind != YAML_SCALAR || node->quoted)
        return false;
    for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++)
        if (strcmp(node->text, nulls[i]) == 0)
            return true;
    return false;
}

char *yaml_describe(const struct yaml_node *node, char buffer[YAML_DESCRIPTION_LENGTH]) {
    char quoted[TEXT_QUOTE_LENGTH];
    if (node->kind == YAML_MAPPING)
        snprintf(buffer, YAML_DESCRIPTION_LENGTH, "a mapping");
    else if (node->kind == YAML_SEQUENCE)
        snprintf(buffer, YAML_DESCRIPTION_LENGTH, "a list");
    else if (yaml_is_null(node))
        snprintf(buffer, YAML_DESCRIPTION_LENGTH, "nothing");
    else
        snprintf(buffer, YAML_DESCRIPTION_LENGTH, "%s%s", node->quoted ? "the quoted text " : "",
                 text_quote(node->text, quoted));
    return buffer;
}

const struct yaml_node *yaml_get(const struct yaml_node *node, const char *key) {
    if (node == NULL || node->kind != YAML_MAPPING)
        return NULL;
    for (size_t i = 0; i < node->count; i++)
        if (strcmp(node->keys[i], key) == 0)
            return node->values[i];
    return NULL;
}

static enum status fail_type(const struct yaml_node *node, const char *what, const char *expected,
                             struct diagnostic *diag) {
    char found[YAML_DESCRIPTION_LENGTH];
    return YAML_FAIL(diag, node, "%s: expected %s, got %s", what, expected,
                     yaml_describe(node, found));
}

static enum status fail_missing(const char *what, struct diagnostic *diag) {
    return FAIL(diag, STATUS_USAGE, "%s is missing", what);
}

/* Whether a node may hold a number. */
static bool is_plain(const struct yaml_node *node) {
    return node->kind == YAML_SCALAR && !node->quoted;
}

enum status yaml_string(const struct yaml_node *node, const char *what, const char **value,
                        struct diagnostic *diag) {
    if (node == NULL)
        return fail_missing(what, diag);
    if (node->kind != YAML_SCALAR || yaml_is_null(node))
        return fail_type(node, what, "a text", diag);
    *value = node->text;
    return STATUS_OK;
}

enum status yaml_int(const struct yaml_node *node, const char *what, int *value,
                     struct diagnostic *diag) {
    long long number;
    if (node == NULL)
        return fail_missing(what, diag);
    if (!is_plain(node) || !text_to_int(node->text, &number))
        return fail_type(node, what, "an integer", diag);
    if (number < INT_MIN || number > INT_MAX)
        return fail_type(node, what, "an integer of 32 bits", diag);
    *value = (int)number;
    return STATUS_OK;
}

enum status yaml_quantity(const struct yaml_node *node, const char *what, enum unit unit,
                          double *value, struct diagnostic *diag) {
    char expected[128];
    if (node == NULL)
        return fail_missing(what, diag);
    if (is_plain(node) && unit_parse(node->text, unit, value))
        return STATUS_OK;
    if (unit == UNIT_NONE)
        snprintf(expected, sizeof expected, "a number");
    else
        snprintf(expected, sizeof expected, "%s %s (%s)", unit_article(unit), unit_quantity(unit),
                 unit_spellings(unit));
    return fail_type(node, what, expected, diag);
}

enum status yaml_check_keys(const struct yaml_node *mapping, const char *const *allowed,
                            size_t n_allowed, struct diagnostic *diag) {
    if (mapping->kind != YAML_MAPPING)
        return fail_type(mapping, "here", "a mapping of keys to values", diag);
    for (size_t i = 0; i < mapping->count; i++) {
        bool known = false;
        for (size_t j = 0; j < n_allowed && !known; j++)
            known = strcmp(mapping->keys[i], allowed[j]) == 0;
        if (known)
            continue;
        char quoted[TEXT_QUOTE_LENGTH];
        text_quote(mapping->keys[i], quoted);
        const char *closest = text_closest(mapping->keys[i], allowed, n_allowed);
        if (closest == NULL)
            return YAML_FAIL(diag, mapping->keyed[i], "unknown key %s", quoted);
        return YAML_FAIL(diag, mapping->keyed[i], "unknown key %s (did you mean \"%s\"?)", quoted,
                         closest);
    }
    return STATUS_OK;
}
