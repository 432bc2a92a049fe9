/* section.key=value: --set, and other files that set fields by name */
#include <string.h>

#include "sim/config/config_internal.h"

/* Longer assignments are cut in messages. */
enum { SHOWN_LENGTH = 160 };

/* "--set ASSIGNMENT" on one line, for messages. */
static char *message_name(const char *assignment, struct arena *arena) {
    char *name = arena_printf(arena, "--set %.*s%s", SHOWN_LENGTH, assignment,
                              strlen(assignment) > SHOWN_LENGTH ? "..." : "");
    for (char *c = name; c != NULL && *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = '?';
    return name;
}

/* Cuts blanks off both ends. */
static char *trim(char *text) {
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        text[--length] = '\0';
    return text;
}

/* `at` is the node of the target, `node` that of the value: the same on the command line. */
static enum status assign_plain(struct config *config, char *target, const struct yaml_node *at,
                                const struct yaml_node *node, struct diagnostic *diag) {
    char *dot = strchr(target, '.');
    struct section_state *section = schema_section(config, target);
    if (dot == NULL && section != NULL)
        return YAML_FAIL(diag, at, "\"%s\" is a section; write --set %s.KEY=VALUE", target, target);
    if (dot == NULL && strcmp(target, "base") == 0)
        return YAML_FAIL(diag, at, "base can only be given in a file");
    if (dot == NULL && strcmp(target, "layers") == 0)
        return YAML_FAIL(diag, at, "write --set layers.PATTERN.SECTION.KEY=VALUE");
    if (dot != NULL) {
        *dot = '\0';
        section = schema_section(config, target);
    }
    if (section == NULL)
        return schema_fail_section(config, at, target, diag);
    return config_assign(config, section, dot + 1, at, node, diag);
}

/* `target` is PATTERN.SECTION.KEY; layer names may have dots of their own. */
static enum status assign_layer(struct config *config, char *target, const struct yaml_node *at,
                                const struct yaml_node *node, struct diagnostic *diag) {
    char *key = strrchr(target, '.');
    if (key != NULL)
        *key++ = '\0';
    char *name = key == NULL ? NULL : strrchr(target, '.');
    if (name == NULL)
        return YAML_FAIL(diag, at, "write --set layers.PATTERN.SECTION.KEY=VALUE");
    *name++ = '\0';
    const struct section_state *section = schema_section(config, name);
    if (section == NULL)
        return schema_fail_section(config, at, name, diag);
    return layers_assign(config, target, section->table, key, at, node, diag);
}

static enum status assign(struct config *config, char *target, const struct yaml_node *at,
                          const struct yaml_node *node, struct diagnostic *diag) {
    static const char layers[] = "layers.";
    config->source++;
    if (strncmp(target, layers, sizeof layers - 1) == 0)
        return assign_layer(config, target + sizeof layers - 1, at, node, diag);
    return assign_plain(config, target, at, node, diag);
}

enum status config_set(struct config *config, const char *target, const struct yaml_node *key,
                       const struct yaml_node *value, struct diagnostic *diag) {
    char *copy = arena_strdup(&config->arena, target);
    if (copy == NULL)
        return FAIL_MEMORY(diag, "the configuration");
    return assign(config, copy, key, value, diag);
}

enum status config_override(struct config *config, const char *assignment,
                            struct diagnostic *diag) {
    char *name = message_name(assignment, &config->arena);
    char *copy = arena_strdup(&config->arena, assignment);
    if (name == NULL || copy == NULL)
        return FAIL_MEMORY(diag, "--set");
    char *equals = strchr(copy, '=');
    if (equals == NULL)
        return FAIL(diag, STATUS_USAGE, "%s: write --set section.key=value", name);
    *equals = '\0';
    char *target = trim(copy);
    const struct yaml_node *node;
    TRY(yaml_parse_value(equals + 1, name, &config->arena, &node, diag));
    return assign(config, target, node, node, diag);
}
