/* From a YAML node to a checked value, by the field's type. */
#include "sim/config/value.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What the parser of a type works on. A parser returns false when the node is not of its type or
 * out of range; value_parse then words the message for all types alike. */
struct source {
    const struct config_field *field;
    const struct yaml_node *node;
    struct arena *arena;
    bool short_memory; /* set with a false return */
};

static bool parse_bool(struct source *source, struct field_value *value) {
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"true", true}, {"false", false}, {"yes", true},
                 {"no", false},  {"on", true},     {"off", false}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(source->node->text, words[i].word) == 0) {
            value->boolean = words[i].value;
            return true;
        }
    return false;
}

static bool parse_int(struct source *source, struct field_value *value) {
    long long number;
    if (!text_to_int(source->node->text, &number) || number < INT_MIN || number > INT_MAX ||
        !value_within_limits(source->field, (double)number))
        return false;
    value->integer = (int)number;
    return true;
}

static bool parse_uint64(struct source *source, struct field_value *value) {
    long long number;
    if (!text_to_int(source->node->text, &number) || number < 0)
        return false;
    value->seed = (uint64_t)number;
    return true;
}

static bool parse_number(const struct config_field *field, const struct yaml_node *node,
                         double *number) {
    return node->kind == YAML_SCALAR && !node->quoted &&
           unit_parse(node->text, field->unit, number) && value_within_limits(field, *number);
}

static bool parse_real(struct source *source, struct field_value *value) {
    return parse_number(source->field, source->node, &value->real);
}

static bool keep_text(struct source *source, const char *text, struct field_value *value) {
    source->short_memory = text == NULL;
    value->text = text;
    return text != NULL;
}

static bool parse_path(struct source *source, struct field_value *value) {
    const struct yaml_node *node = source->node;
    if (node->text[0] == '\0')
        return false;
    /* Line 0: from the command line, where the shell's user means the working directory. */
    char *path = node->line == 0 ? arena_strdup(source->arena, node->text)
                                 : file_beside(node->file, node->text, source->arena);
    return keep_text(source, path, value);
}

bool value_is_path(const struct config_field *field, const char *text) {
    return field->type == FIELD_PATH ||
           (field->type == FIELD_STRING && (field->flags & FIELD_NAME_OR_PATH) != 0 &&
            strpbrk(text, "/.") != NULL);
}

static bool parse_string(struct source *source, struct field_value *value) {
    const char *text = source->node->text;
    return value_is_path(source->field, text)
               ? parse_path(source, value)
               : keep_text(source, arena_strdup(source->arena, text), value);
}

static bool parse_choice(struct source *source, struct field_value *value) {
    for (int i = 0; source->field->words[i] != NULL; i++)
        if (strcmp(source->node->text, source->field->words[i]) == 0) {
            value->integer = i;
            return true;
        }
    return false;
}

static bool parse_int_word(struct source *source, struct field_value *value) {
    if (parse_choice(source, value)) {
        value->integer = -(1 + value->integer);
        return true;
    }
    return !source->node->quoted && parse_int(source, value);
}

static bool parse_reals(struct source *source, struct field_value *value) {
    const struct yaml_node *node = source->node;
    size_t count = node->kind == YAML_SEQUENCE ? node->count : 1;
    double *numbers = ARENA_NEW(source->arena, count, double);
    if (numbers == NULL) {
        source->short_memory = true;
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *item = node->kind == YAML_SEQUENCE ? node->values[i] : node;
        if (!parse_number(source->field, item, &numbers[i])) {
            source->node = item; /* the message points at the wrong item */
            return false;
        }
    }
    value->reals = (struct config_reals){count == 0 ? NULL : numbers, count};
    value->set = count > 0;
    return true;
}

static const struct {
    bool (*parse)(struct source *source, struct field_value *value);
    bool takes_quotes, takes_list, takes_null;
} types[] = {
    [FIELD_BOOL] = {parse_bool, false, false, false},
    [FIELD_INT] = {parse_int, false, false, false},
    [FIELD_UINT64] = {parse_uint64, false, false, false},
    [FIELD_REAL] = {parse_real, false, false, false},
    [FIELD_STRING] = {parse_string, true, false, true},
    [FIELD_PATH] = {parse_path, true, false, true},
    [FIELD_CHOICE] = {parse_choice, true, false, false},
    [FIELD_INT_WORD] = {parse_int_word, true, false, false},
    [FIELD_REALS] = {parse_reals, false, true, true},
};

/* The closest word of a choice, or NULL. */
static const char *closest_word(const struct config_field *field, const struct yaml_node *node) {
    if (field->words == NULL || node->kind != YAML_SCALAR)
        return NULL;
    size_t count = 0;
    while (field->words[count] != NULL)
        count++;
    return text_closest(node->text, field->words, count);
}

static enum status fail_value(const char *label, const struct config_field *field,
                              const struct yaml_node *node, struct diagnostic *diag) {
    char expected[VALUE_EXPECTED_LENGTH], found[YAML_DESCRIPTION_LENGTH], hint[128] = "";
    const char *word = closest_word(field, node);
    if (word != NULL)
        snprintf(hint, sizeof hint, " (did you mean \"%s\"?)", word);
    else if (node->kind == YAML_SCALAR && node->quoted &&
             (!types[field->type].takes_quotes || field->type == FIELD_INT_WORD))
        snprintf(hint, sizeof hint, " (remove the quotes)");
    return YAML_FAIL(diag, node, "%s: expected %s, got %s%s", label,
                     value_expected(field, expected), yaml_describe(node, found), hint);
}

enum status value_parse(const char *label, const struct config_field *field,
                        const struct yaml_node *node, struct arena *arena,
                        struct field_value *value, struct diagnostic *diag) {
    *value = value_unset(field);
    if (yaml_is_null(node) && (types[field->type].takes_null || field->default_text == NULL))
        return STATUS_OK;
    if (node->kind == YAML_MAPPING || yaml_is_null(node) ||
        (node->kind == YAML_SEQUENCE && !types[field->type].takes_list) ||
        (node->kind == YAML_SCALAR && node->quoted && !types[field->type].takes_quotes))
        return fail_value(label, field, node, diag);
    struct source source = {.field = field, .node = node, .arena = arena};
    value->set = true;
    if (types[field->type].parse(&source, value))
        return STATUS_OK;
    if (source.short_memory)
        return FAIL_MEMORY(diag, label);
    return fail_value(label, field, source.node, diag);
}
