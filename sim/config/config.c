/* The configuration: creation with defaults, the last check, and reads. */
#include "sim/config/config.h"

#include <stdlib.h>
#include <string.h>

#include "sim/config/config_internal.h"

static enum status set_default(struct config *config, struct section_state *section, size_t index,
                               struct diagnostic *diag) {
    const struct config_field *field = &section->table->fields[index];
    section->fields[index].origin = "default";
    if (field->default_text == NULL) {
        struct field_value unset = value_unset(field);
        value_store(field, &unset, section->options);
        section->fields[index].initial = unset;
        return STATUS_OK;
    }
    char *label = arena_printf(&config->arena, "%s.%s", section->table->name, field->name);
    if (label == NULL)
        return FAIL_MEMORY(diag, "defaults");
    const struct yaml_node *node;
    struct field_value value;
    struct diagnostic reason = {0};
    enum status status =
        yaml_parse_value(field->default_text, "default", &config->arena, &node, &reason);
    if (status == STATUS_OK)
        status = value_parse(label, field, node, &config->arena, &value, &reason);
    if (status != STATUS_OK)
        return FAIL(diag, status == STATUS_USAGE ? STATUS_INTERNAL : status, "%s", reason.message);
    value_store(field, &value, section->options);
    section->fields[index].set = value.set;
    section->fields[index].initial = value;
    return STATUS_OK;
}

static enum status create_section(struct config *config, const struct config_section *table,
                                  struct section_state *section, struct diagnostic *diag) {
    section->table = table;
    section->options = arena_alloc(&config->arena, table->size, 1);
    section->fields = ARENA_NEW(&config->arena, table->n_fields, struct field_state);
    if (section->options == NULL || section->fields == NULL)
        return FAIL_MEMORY(diag, "the configuration");
    for (size_t i = 0; i < table->n_fields; i++)
        TRY(set_default(config, section, i, diag));
    return STATUS_OK;
}

static enum status create_sections(struct config *config, struct diagnostic *diag) {
    config->sections = ARENA_NEW(&config->arena, config->n_sections, struct section_state);
    if (config->sections == NULL)
        return FAIL_MEMORY(diag, "the configuration");
    for (size_t i = 0; i < config->n_sections; i++)
        TRY(create_section(config, config->tables[i], &config->sections[i], diag));
    return STATUS_OK;
}

enum status config_create(const struct config_section *const *sections, size_t n_sections,
                          struct config **config, struct diagnostic *diag) {
    *config = NULL;
    struct config *created = calloc(1, sizeof *created);
    if (created == NULL)
        return FAIL_MEMORY(diag, "the configuration");
    created->tables = sections;
    created->n_sections = n_sections;
    enum status status = create_sections(created, diag);
    if (status != STATUS_OK)
        config_free(created);
    else
        *config = created;
    return status;
}

void config_free(struct config *config) {
    if (config == NULL)
        return;
    free(config->overrides);
    arena_free(&config->arena);
    free(config);
}

static enum status copy_overrides(const struct config *config, struct config *copy,
                                  struct diagnostic *diag) {
    size_t n = config->n_overrides;
    if (n == 0)
        return STATUS_OK;
    copy->overrides = malloc(n * sizeof *copy->overrides);
    if (copy->overrides == NULL)
        return FAIL_MEMORY(diag, "the configuration");
    memcpy(copy->overrides, config->overrides, n * sizeof *copy->overrides);
    copy->n_overrides = copy->overrides_capacity = n;
    return STATUS_OK;
}

/* Sections as they are: parsing the defaults anew would take most of a design point's time. */
static enum status copy_sections(const struct config *config, struct config *copy,
                                 struct diagnostic *diag) {
    copy->sections = ARENA_NEW(&copy->arena, config->n_sections, struct section_state);
    if (copy->sections == NULL)
        return FAIL_MEMORY(diag, "the configuration");
    for (size_t i = 0; i < config->n_sections; i++) {
        const struct section_state *from = &config->sections[i];
        struct section_state *to = &copy->sections[i];
        to->table = from->table;
        to->options = arena_alloc(&copy->arena, from->table->size, 1);
        to->fields = ARENA_NEW(&copy->arena, from->table->n_fields, struct field_state);
        if (to->options == NULL || to->fields == NULL)
            return FAIL_MEMORY(diag, "the configuration");
        memcpy(to->options, from->options, from->table->size);
        memcpy(to->fields, from->fields, from->table->n_fields * sizeof *to->fields);
    }
    return STATUS_OK;
}

enum status config_copy(const struct config *config, struct config **copy,
                        struct diagnostic *diag) {
    struct config *made = calloc(1, sizeof *made);
    *copy = NULL;
    if (made == NULL)
        return FAIL_MEMORY(diag, "the configuration");
    made->tables = config->tables;
    made->n_sections = config->n_sections;
    made->source = config->source;
    made->file = config->file;
    enum status status = copy_sections(config, made, diag);
    if (status == STATUS_OK)
        status = copy_overrides(config, made, diag);
    if (status != STATUS_OK)
        config_free(made);
    else
        *copy = made;
    return status;
}

enum status config_finish(struct config *config, struct diagnostic *diag) {
    for (size_t s = 0; s < config->n_sections; s++) {
        const struct section_state *section = &config->sections[s];
        for (size_t f = 0; f < section->table->n_fields; f++) {
            const struct config_field *field = &section->table->fields[f];
            if ((field->flags & FIELD_REQUIRED) == 0 || section->fields[f].set)
                continue;
            return FAIL(diag, STATUS_USAGE,
                        "%s%s%s.%s is not set and has no default (%s): write \"%s:\" below \"%s:\" "
                        "or give --set %s.%s=...",
                        config->file == NULL ? "" : config->file, config->file == NULL ? "" : ": ",
                        section->table->name, field->name, field->help == NULL ? "" : field->help,
                        field->name, section->table->name, section->table->name, field->name);
        }
    }
    return STATUS_OK;
}

const void *config_get(const struct config *config, const char *section) {
    const struct section_state *state = schema_section(config, section);
    return state == NULL ? NULL : state->options;
}

enum status config_get_layer(const struct config *config, const char *section, const char *layer,
                             void *out, struct diagnostic *diag) {
    const struct section_state *state = schema_section(config, section);
    if (state == NULL)
        return FAIL(diag, STATUS_INTERNAL, "no configuration section \"%s\"", section);
    memcpy(out, state->options, state->table->size);
    for (size_t i = 0; i < config->n_overrides; i++) {
        const struct layer_override *override = &config->overrides[i];
        if (override->section == state->table && text_matches(override->pattern, layer))
            value_store(override->field, &override->value, out);
    }
    return STATUS_OK;
}

const char *config_origin(const struct config *config, const char *section, const char *key) {
    const struct section_state *state = schema_section(config, section);
    if (state == NULL)
        return NULL;
    const struct config_field *field = schema_field(state->table, key);
    return field == NULL ? NULL : state->fields[field - state->table->fields].origin;
}

bool config_is_default(const struct config *config, const char *section, const char *key) {
    const struct section_state *state = schema_section(config, section);
    const struct config_field *field = state == NULL ? NULL : schema_field(state->table, key);
    if (field == NULL)
        return true;
    const struct field_state *now = &state->fields[field - state->table->fields];
    struct field_value value = value_load(field, now->set, state->options);
    struct arena arena = ARENA_INIT;
    const char *text = value_text(field, &value, &arena);
    const char *initial = value_text(field, &now->initial, &arena);
    bool same = text != NULL && initial != NULL && strcmp(text, initial) == 0;
    arena_free(&arena);
    return same;
}

char *config_value_text(const struct config *config, const struct config_section *section,
                        const struct config_field *field, char *buffer, size_t size) {
    struct text_window window = {.data = buffer, .size = size};
    struct text_sink sink = window_sink(&window);
    const struct section_state *state = schema_section(config, section->name);
    if (state == NULL)
        return buffer;
    struct field_value value =
        value_load(field, state->fields[field - section->fields].set, state->options);
    value_to_sink(field, &value, &sink);
    return buffer;
}

const struct config_section *const *config_sections(const struct config *config, size_t *count) {
    *count = config->n_sections;
    return config->tables;
}

size_t config_layer_overrides(const struct config *config) {
    return config->n_overrides;
}

void config_layer_override(const struct config *config, size_t i, const char **pattern,
                           const char **section, const char **key, const char **value) {
    const struct layer_override *override = &config->overrides[i];
    *pattern = override->pattern;
    *section = override->section->name;
    *key = override->field->name;
    *value = override->text;
}
