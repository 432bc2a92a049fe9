/* The configuration as rows of dotted keys, each with whether it differs from the base. */
#include <string.h>

#include "sim/run/record_internal.h"

enum { VALUE_LENGTH = 4096 };

/* By the text, since a word may stand where a number is expected. */
static void set_type(struct store_parameter *parameter, enum field_type type) {
    long long integer;
    double real;
    parameter->type = PARAMETER_TEXT;
    bool whole = type == FIELD_INT || type == FIELD_INT_WORD || type == FIELD_UINT64;
    if (whole && text_to_int(parameter->text, &integer))
        parameter->type = PARAMETER_INTEGER;
    else if (type == FIELD_REAL && text_to_real(parameter->text, &real))
        parameter->type = PARAMETER_REAL;
}

/* A text is stored as it is, not as YAML writes it: a path that begins with a dot has no quotes. */
static const char *plain_text(const struct config *config, const struct config_section *section,
                              const struct config_field *field, const char *yaml) {
    if (field->type != FIELD_STRING && field->type != FIELD_PATH)
        return yaml;
    const char *options = config_get(config, section->name), *text;
    memcpy(&text, options + field->offset, sizeof text);
    return text != NULL ? text : yaml;
}

static enum status add_field(const struct config *config, const struct config *base,
                             const struct config_section *section, const struct config_field *field,
                             struct arena *arena, struct store_parameter *parameter,
                             struct diagnostic *diag) {
    char value[VALUE_LENGTH], base_value[VALUE_LENGTH];
    config_value_text(config, section, field, value, sizeof value);
    config_value_text(base, section, field, base_value, sizeof base_value);
    parameter->key = arena_printf(arena, "%s.%s", section->name, field->name);
    parameter->text = arena_strdup(arena, plain_text(config, section, field, value));
    if (parameter->key == NULL || parameter->text == NULL)
        return FAIL_MEMORY(diag, "parameters");
    parameter->differs = strcmp(value, base_value) != 0;
    set_type(parameter, field->type);
    return STATUS_OK;
}

static const struct config_field *find_field(const struct config *config, const char *section_name,
                                             const char *key) {
    size_t count;
    const struct config_section *const *sections = config_sections(config, &count);
    for (size_t s = 0; s < count; s++)
        for (size_t f = 0; f < sections[s]->n_fields; f++)
            if (strcmp(sections[s]->name, section_name) == 0 &&
                strcmp(sections[s]->fields[f].name, key) == 0)
                return &sections[s]->fields[f];
    return NULL;
}

/* Entry i of `config` stands in `base` too, with the same value. */
static bool base_has_override(const struct config *base, const char *pattern, const char *section,
                              const char *key, const char *value) {
    for (size_t i = 0; i < config_layer_overrides(base); i++) {
        const char *p, *s, *k, *v;
        config_layer_override(base, i, &p, &s, &k, &v);
        if (strcmp(p, pattern) == 0 && strcmp(s, section) == 0 && strcmp(k, key) == 0)
            return strcmp(v, value) == 0;
    }
    return false;
}

static enum status add_override(const struct config *config, const struct config *base, size_t i,
                                struct arena *arena, struct store_parameter *parameter,
                                struct diagnostic *diag) {
    const char *pattern, *section, *key, *value;
    config_layer_override(config, i, &pattern, &section, &key, &value);
    parameter->key = arena_printf(arena, "layers.%s.%s.%s", pattern, section, key);
    parameter->text = arena_strdup(arena, value);
    if (parameter->key == NULL || parameter->text == NULL)
        return FAIL_MEMORY(diag, "parameters");
    parameter->differs = !base_has_override(base, pattern, section, key, value);
    const struct config_field *field = find_field(config, section, key);
    set_type(parameter, field != NULL ? field->type : FIELD_STRING);
    return STATUS_OK;
}

/* A pattern may be overridden twice, in the file and by --set; the later one wins and is kept. */
static bool overridden_later(const struct config *config, size_t i) {
    const char *pattern, *section, *key, *value;
    config_layer_override(config, i, &pattern, &section, &key, &value);
    for (size_t j = i + 1; j < config_layer_overrides(config); j++) {
        const char *p, *s, *k, *v;
        config_layer_override(config, j, &p, &s, &k, &v);
        if (strcmp(p, pattern) == 0 && strcmp(s, section) == 0 && strcmp(k, key) == 0)
            return true;
    }
    return false;
}

enum status record_parameters(const struct config *config, const struct config *base,
                              struct arena *arena, struct store_run *record,
                              struct diagnostic *diag) {
    size_t n_sections, count = config_layer_overrides(config);
    const struct config_section *const *sections = config_sections(config, &n_sections);
    for (size_t s = 0; s < n_sections; s++)
        count += sections[s]->n_fields;
    struct store_parameter *parameters = ARENA_NEW(arena, count, struct store_parameter);
    if (parameters == NULL)
        return FAIL_MEMORY(diag, "parameters");

    int n = 0;
    for (size_t s = 0; s < n_sections; s++)
        for (size_t f = 0; f < sections[s]->n_fields; f++)
            TRY(add_field(config, base, sections[s], &sections[s]->fields[f], arena,
                          &parameters[n++], diag));
    for (size_t i = 0; i < config_layer_overrides(config); i++)
        if (!overridden_later(config, i))
            TRY(add_override(config, base, i, arena, &parameters[n++], diag));
    record->parameters = parameters;
    record->n_parameters = n;
    return STATUS_OK;
}
