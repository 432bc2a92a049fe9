/* Reading files: a file's `base:` first, then its own sections. */
#include <string.h>

#include "sim/config/config_internal.h"

enum { MAX_BASES = 16 };

/* The files being read, each the base of the one below it. */
struct chain {
    const struct chain *derived;
    const char *identity; /* absolute path */
    int depth;
};

const char *config_origin_of(struct config *config, const struct yaml_node *node) {
    return node->line == 0 ? "--set"
                           : arena_printf(&config->arena, "%s:%d", node->file, node->line);
}

enum status config_assign(struct config *config, struct section_state *section,
                          const char *field_name, const struct yaml_node *key,
                          const struct yaml_node *node, struct diagnostic *diag) {
    const struct config_field *field = schema_field(section->table, field_name);
    if (field == NULL)
        return schema_fail_field(config, section->table, key, field_name, diag);
    char *label = arena_printf(&config->arena, "%s.%s", section->table->name, field->name);
    const char *origin = config_origin_of(config, node);
    if (label == NULL || origin == NULL)
        return FAIL_MEMORY(diag, "the configuration");
    struct field_value value;
    TRY(value_parse(label, field, node, &config->arena, &value, diag));
    value_store(field, &value, section->options);
    struct field_state *state = &section->fields[field - section->table->fields];
    state->set = value.set;
    state->origin = origin;
    return STATUS_OK;
}

static enum status apply_section(struct config *config, struct section_state *section,
                                 const struct yaml_node *node, struct diagnostic *diag) {
    char found[YAML_DESCRIPTION_LENGTH];
    if (yaml_is_null(node))
        return STATUS_OK;
    if (node->kind != YAML_MAPPING)
        return YAML_FAIL(diag, node, "section \"%s\": expected keys with values below it, got %s",
                         section->table->name, yaml_describe(node, found));
    for (size_t i = 0; i < node->count; i++)
        TRY(config_assign(config, section, node->keys[i], node->keyed[i], node->values[i], diag));
    return STATUS_OK;
}

static enum status apply_root(struct config *config, const struct yaml_node *root,
                              struct diagnostic *diag) {
    config->source++;
    for (size_t i = 0; i < root->count; i++) {
        const char *name = root->keys[i];
        struct section_state *section = schema_section(config, name);
        if (section != NULL)
            TRY(apply_section(config, section, root->values[i], diag));
        else if (strcmp(name, "layers") == 0)
            TRY(layers_apply(config, root->values[i], diag));
        else if (strcmp(name, "base") != 0)
            return schema_fail_section(config, root->keyed[i], name, diag);
    }
    return STATUS_OK;
}

/* Refuses a file that is already being read. `base` is the node that names it. */
static enum status check_chain(const struct chain *chain, const struct yaml_node *base,
                               struct diagnostic *diag) {
    for (const struct chain *c = chain->derived; c != NULL; c = c->derived)
        if (strcmp(c->identity, chain->identity) == 0)
            return YAML_FAIL(diag, base, "base: %s leads back to itself", chain->identity);
    if (chain->depth > MAX_BASES)
        return YAML_FAIL(diag, base, "base: more than %d files deep", MAX_BASES);
    return STATUS_OK;
}

/* Reads the text of `path`; when it is a base, the message says which file asked for it. */
static enum status read_file(struct config *config, const char *path, const struct yaml_node *base,
                             char **text, size_t *length, struct diagnostic *diag) {
    struct diagnostic reason = {0};
    enum status status = file_read(path, &config->arena, text, length, &reason);
    if (status == STATUS_USAGE && base != NULL)
        return YAML_FAIL(diag, base, "base: %s", reason.message);
    if (status != STATUS_OK)
        return FAIL(diag, status, "%s", reason.message);
    return STATUS_OK;
}

/* The top of a file: sections, or nothing (NULL). */
static enum status parse_root(struct config *config, const char *text, size_t length,
                              const char *name, const struct yaml_node **root,
                              struct diagnostic *diag) {
    char found[YAML_DESCRIPTION_LENGTH];
    TRY(yaml_parse(text, length, name, &config->arena, root, diag));
    if (yaml_is_null(*root))
        *root = NULL;
    else if ((*root)->kind != YAML_MAPPING)
        return YAML_FAIL(diag, *root, "expected sections such as \"%s:\", got %s",
                         config->n_sections == 0 ? "layers" : config->tables[0]->name,
                         yaml_describe(*root, found));
    return STATUS_OK;
}

static enum status load_file(struct config *config, const char *path, const struct chain *derived,
                             const struct yaml_node *base, struct diagnostic *diag) {
    struct chain chain = {.derived = derived, .depth = derived == NULL ? 0 : derived->depth + 1};
    char *text;
    size_t length;
    chain.identity = file_absolute(path, &config->arena);
    if (chain.identity == NULL)
        return FAIL_MEMORY(diag, path);
    TRY(check_chain(&chain, base, diag));
    TRY(read_file(config, path, base, &text, &length, diag));
    const struct yaml_node *root;
    TRY(parse_root(config, text, length, path, &root, diag));
    if (root == NULL)
        return STATUS_OK;
    const struct yaml_node *next = yaml_get(root, "base");
    if (next != NULL) {
        const char *name;
        TRY(yaml_string(next, "base", &name, diag));
        char *next_path = file_beside(path, name, &config->arena);
        if (next_path == NULL)
            return FAIL_MEMORY(diag, path);
        TRY(load_file(config, next_path, &chain, next, diag));
    }
    return apply_root(config, root, diag);
}

enum status config_load(struct config *config, const char *path, struct diagnostic *diag) {
    config->file = arena_strdup(&config->arena, path);
    if (config->file == NULL)
        return FAIL_MEMORY(diag, path);
    return load_file(config, path, NULL, NULL, diag);
}

enum status config_load_text(struct config *config, const char *text, const char *name,
                             struct diagnostic *diag) {
    const struct yaml_node *root;
    char *copy = arena_strdup(&config->arena, name);
    config->file = copy;
    if (copy == NULL)
        return FAIL_MEMORY(diag, name);
    TRY(parse_root(config, text, strlen(text), copy, &root, diag));
    return root != NULL ? apply_root(config, root, diag) : STATUS_OK;
}
