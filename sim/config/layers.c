/* `layers:`: fields that differ between layers, by name or pattern. */
#include <stdlib.h>
#include <string.h>

#include "sim/config/config_internal.h"

/* A network of a thousand layers has room for ten each; keeps the search for earlier ones short. */
enum { MAX_OVERRIDES = 10000 };

static struct layer_override *find_override(struct config *config, const char *pattern,
                                            const struct config_field *field) {
    for (size_t i = 0; i < config->n_overrides; i++)
        if (config->overrides[i].field == field &&
            strcmp(config->overrides[i].pattern, pattern) == 0)
            return &config->overrides[i];
    return NULL;
}

/* Appends, taking an earlier override of the same pattern and field out of the list. */
static enum status keep_override(struct config *config, const struct layer_override *override,
                                 struct diagnostic *diag) {
    struct layer_override *earlier = find_override(config, override->pattern, override->field);
    if (earlier != NULL) {
        size_t after = config->n_overrides - (size_t)(earlier - config->overrides) - 1;
        memmove(earlier, earlier + 1, after * sizeof *earlier);
        config->overrides[config->n_overrides - 1] = *override;
        return STATUS_OK;
    }
    if (config->n_overrides == MAX_OVERRIDES)
        return YAML_FAIL(diag, override->at, "layers: more than %d values; use patterns (*)",
                         MAX_OVERRIDES);
    if (config->n_overrides == config->overrides_capacity) {
        size_t capacity = config->overrides_capacity == 0 ? 16 : 2 * config->overrides_capacity;
        struct layer_override *larger =
            realloc(config->overrides, capacity * sizeof *config->overrides);
        if (larger == NULL)
            return FAIL_MEMORY(diag, "layers");
        config->overrides = larger;
        config->overrides_capacity = capacity;
    }
    config->overrides[config->n_overrides++] = *override;
    return STATUS_OK;
}

static enum status check_field(const struct config *config, const struct layer_override *override,
                               const struct yaml_node *key, struct diagnostic *diag) {
    char quoted[TEXT_QUOTE_LENGTH];
    const char *section = override->section->name, *field = override->field->name;
    text_quote(override->pattern, quoted);
    if ((override->field->flags & FIELD_PER_LAYER) == 0)
        return YAML_FAIL(diag, key,
                         "layers: %s: %s.%s is one for the whole network and cannot differ between "
                         "layers; set it in section \"%s\"",
                         quoted, section, field, section);
    for (size_t i = 0; i < config->n_overrides; i++) {
        const struct layer_override *other = &config->overrides[i];
        if (other->source == override->source && other->field == override->field &&
            strcmp(other->pattern, override->pattern) == 0)
            return YAML_FAIL(diag, key, "layers: %s: %s.%s is given twice, first at %s", quoted,
                             section, field, other->origin);
    }
    return STATUS_OK;
}

enum status layers_assign(struct config *config, const char *pattern,
                          const struct config_section *section, const char *field_name,
                          const struct yaml_node *key, const struct yaml_node *node,
                          struct diagnostic *diag) {
    char quoted[TEXT_QUOTE_LENGTH];
    struct layer_override override = {
        .pattern = pattern, .section = section, .at = key, .source = config->source};
    override.field = schema_field(section, field_name);
    if (override.field == NULL)
        return schema_fail_field(config, section, key, field_name, diag);
    TRY(check_field(config, &override, key, diag));
    char *label = arena_printf(&config->arena, "layers: %s: %s.%s", text_quote(pattern, quoted),
                               section->name, field_name);
    override.origin = config_origin_of(config, node);
    if (label == NULL || override.origin == NULL)
        return FAIL_MEMORY(diag, "layers");
    TRY(value_parse(label, override.field, node, &config->arena, &override.value, diag));
    override.text = value_text(override.field, &override.value, &config->arena);
    if (override.text == NULL)
        return FAIL_MEMORY(diag, "layers");
    return keep_override(config, &override, diag);
}

/* "adc.bits: 6" below a pattern. */
static enum status apply_dotted(struct config *config, const char *pattern, const char *dot,
                                const struct yaml_node *key, const struct yaml_node *node,
                                struct diagnostic *diag) {
    char *name = arena_printf(&config->arena, "%.*s", (int)(dot - key->text), key->text);
    if (name == NULL)
        return FAIL_MEMORY(diag, "layers");
    const struct section_state *section = schema_section(config, name);
    if (section == NULL)
        return schema_fail_section(config, key, name, diag);
    return layers_assign(config, pattern, section->table, dot + 1, key, node, diag);
}

/* "adc: {bits: 6}" below a pattern. */
static enum status apply_nested(struct config *config, const char *pattern,
                                const struct yaml_node *key, const struct yaml_node *node,
                                struct diagnostic *diag) {
    char found[YAML_DESCRIPTION_LENGTH];
    const struct section_state *section = schema_section(config, key->text);
    if (section == NULL)
        return schema_fail_section(config, key, key->text, diag);
    if (yaml_is_null(node))
        return STATUS_OK;
    if (node->kind != YAML_MAPPING)
        return YAML_FAIL(diag, node, "layers: section \"%s\": expected keys with values, got %s",
                         key->text, yaml_describe(node, found));
    for (size_t i = 0; i < node->count; i++)
        TRY(layers_assign(config, pattern, section->table, node->keys[i], node->keyed[i],
                          node->values[i], diag));
    return STATUS_OK;
}

static enum status apply_pattern(struct config *config, const char *pattern,
                                 const struct yaml_node *node, struct diagnostic *diag) {
    char found[YAML_DESCRIPTION_LENGTH], quoted[TEXT_QUOTE_LENGTH];
    if (yaml_is_null(node))
        return STATUS_OK;
    if (node->kind != YAML_MAPPING)
        return YAML_FAIL(diag, node,
                         "layers: %s: expected fields with values such as {adc.bits: 6}, got %s",
                         text_quote(pattern, quoted), yaml_describe(node, found));
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *key = node->keyed[i];
        const char *dot = strchr(key->text, '.');
        if (dot != NULL)
            TRY(apply_dotted(config, pattern, dot, key, node->values[i], diag));
        else
            TRY(apply_nested(config, pattern, key, node->values[i], diag));
    }
    return STATUS_OK;
}

static enum status apply_mapping(struct config *config, const struct yaml_node *mapping,
                                 struct diagnostic *diag) {
    char found[YAML_DESCRIPTION_LENGTH];
    if (mapping->kind != YAML_MAPPING)
        return YAML_FAIL(diag, mapping,
                         "layers: expected layer names or patterns with fields below, got %s",
                         yaml_describe(mapping, found));
    for (size_t i = 0; i < mapping->count; i++)
        TRY(apply_pattern(config, mapping->keys[i], mapping->values[i], diag));
    return STATUS_OK;
}

enum status layers_apply(struct config *config, const struct yaml_node *layers,
                         struct diagnostic *diag) {
    if (yaml_is_null(layers))
        return STATUS_OK;
    if (layers->kind != YAML_SEQUENCE)
        return apply_mapping(config, layers, diag);
    for (size_t i = 0; i < layers->count; i++)
        TRY(apply_mapping(config, layers->values[i], diag));
    return STATUS_OK;
}

/* Whether `part`, of `length` bytes, stands between slashes in `name`; where it ends there. */
static const char *after_part(const char *name, const char *part, size_t length) {
    while (*name != '\0') {
        name += strspn(name, "/");
        size_t found = strcspn(name, "/");
        if (found == length && strncmp(name, part, length) == 0)
            return name + found;
        name += found;
    }
    return NULL;
}

/* "body.3/c1" is how tables print "/body/body.3/c1/Conv": its parts come in the same order. */
static bool is_shortened(const char *pattern, const char *name) {
    bool any = false;
    for (pattern += strspn(pattern, "/"); *pattern != '\0'; pattern += strspn(pattern, "/")) {
        size_t length = strcspn(pattern, "/");
        name = after_part(name, pattern, length);
        if (name == NULL)
            return false;
        pattern += length;
        any = true;
    }
    return any;
}

/* The layer that a pattern without matches probably means; NULL: none. */
static const char *meant(const char *pattern, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (is_shortened(pattern, names[i]))
            return names[i];
    return text_closest(pattern, names, count);
}

enum status config_check_layers(const struct config *config, const char *const *names, size_t count,
                                struct diagnostic *diag) {
    for (size_t i = 0; i < config->n_overrides; i++) {
        const struct layer_override *override = &config->overrides[i];
        bool matched = false;
        for (size_t n = 0; n < count && !matched; n++)
            matched = text_matches(override->pattern, names[n]);
        if (matched)
            continue;
        char quoted[TEXT_QUOTE_LENGTH];
        text_quote(override->pattern, quoted);
        const char *closest = meant(override->pattern, names, count);
        if (closest != NULL)
            return YAML_FAIL(diag, override->at,
                             "layers: %s matches no layer of the network (did you mean \"%s\"?)",
                             quoted, closest);
        return YAML_FAIL(diag, override->at,
                         "layers: %s matches no layer of the network (the first of its %zu is %s)",
                         quoted, count, count == 0 ? "none" : names[0]);
    }
    return STATUS_OK;
}
