/* Look-ups in the tables of fields, and advice when a name is in none of them. */
#include <stdio.h>
#include <string.h>

#include "sim/config/config_internal.h"

/* More names than this are not searched for the closest one: a bound for the arrays below. */
enum { MAX_NAMES = 256, QUALIFIED_LENGTH = 96, LIST_LENGTH = 400 };

struct section_state *schema_section(const struct config *config, const char *name) {
    for (size_t i = 0; i < config->n_sections; i++)
        if (strcmp(config->sections[i].table->name, name) == 0)
            return &config->sections[i];
    return NULL;
}

const struct config_field *schema_field(const struct config_section *section, const char *name) {
    for (size_t i = 0; i < section->n_fields; i++)
        if (strcmp(section->fields[i].name, name) == 0)
            return &section->fields[i];
    return NULL;
}

/* The sections with a key `name`: "\"adc\" or \"dac\""; "" for none. */
static void list_owners(const struct config *config, const char *name, char list[LIST_LENGTH]) {
    struct text_window window = {.data = list, .size = LIST_LENGTH};
    struct text_sink sink = window_sink(&window);
    for (size_t i = 0; i < config->n_sections; i++) {
        if (schema_field(config->tables[i], name) == NULL)
            continue;
        sink_text(&sink, window.used == 0 ? "section \"" : " or \"");
        sink_text(&sink, config->tables[i]->name);
        sink_text(&sink, "\"");
    }
}

static const char *closest_field(const struct config_section *section, const char *name) {
    const char *names[MAX_NAMES];
    size_t count = section->n_fields < MAX_NAMES ? section->n_fields : MAX_NAMES;
    for (size_t i = 0; i < count; i++)
        names[i] = section->fields[i].name;
    return text_closest(name, names, count);
}

static bool is_top_level(const struct config *config, const char *name) {
    return strcmp(name, "base") == 0 || strcmp(name, "layers") == 0 ||
           schema_section(config, name) != NULL;
}

static const char *closest_section(const struct config *config, const char *name) {
    static const char *const others[] = {"layers", "base"};
    const char *names[MAX_NAMES];
    size_t count = 0;
    for (size_t i = 0; i < config->n_sections && count < MAX_NAMES - 2; i++)
        names[count++] = config->tables[i]->name;
    names[count++] = others[0];
    names[count++] = others[1];
    return text_closest(name, names, count);
}

/* A key of any section that looks like `name`, as section and key; false when none does. */
static bool closest_anywhere(const struct config *config, const char *name,
                             char found[QUALIFIED_LENGTH]) {
    for (size_t i = 0; i < config->n_sections; i++) {
        const char *field = closest_field(config->tables[i], name);
        if (field == NULL)
            continue;
        snprintf(found, QUALIFIED_LENGTH, "%s.%s", config->tables[i]->name, field);
        return true;
    }
    return false;
}

static void list_sections(const struct config *config, char list[LIST_LENGTH]) {
    struct text_window window = {.data = list, .size = LIST_LENGTH};
    struct text_sink sink = window_sink(&window);
    for (size_t i = 0; i < config->n_sections; i++) {
        sink_text(&sink, i == 0 ? "" : ", ");
        sink_text(&sink, config->tables[i]->name);
    }
}

static void list_fields(const struct config_section *section, char list[LIST_LENGTH]) {
    struct text_window window = {.data = list, .size = LIST_LENGTH};
    struct text_sink sink = window_sink(&window);
    for (size_t i = 0; i < section->n_fields; i++) {
        sink_text(&sink, i == 0 ? "" : ", ");
        sink_text(&sink, section->fields[i].name);
    }
}

/* "adc.bits" where a section should stand: its section, or NULL. */
static const struct section_state *dotted_section(const struct config *config, const char *name) {
    const char *dot = strchr(name, '.');
    for (size_t i = 0; dot != NULL && i < config->n_sections; i++) {
        const char *section = config->sections[i].table->name;
        if (strlen(section) == (size_t)(dot - name) &&
            strncmp(section, name, (size_t)(dot - name)) == 0)
            return &config->sections[i];
    }
    return NULL;
}

enum status schema_fail_section(const struct config *config, const struct yaml_node *at,
                                const char *name, struct diagnostic *diag) {
    char quoted[TEXT_QUOTE_LENGTH], list[LIST_LENGTH], found[QUALIFIED_LENGTH];
    text_quote(name, quoted);
    const struct section_state *dotted = dotted_section(config, name);
    if (dotted != NULL)
        return YAML_FAIL(diag, at, "unknown section %s (write \"%s:\" and the key below it)",
                         quoted, dotted->table->name);
    list_owners(config, name, list);
    if (list[0] != '\0')
        return YAML_FAIL(diag, at, "unknown section %s (it is a key of %s)", quoted, list);
    const char *closest = closest_section(config, name);
    if (closest != NULL)
        return YAML_FAIL(diag, at, "unknown section %s (did you mean \"%s\"?)", quoted, closest);
    if (closest_anywhere(config, name, found))
        return YAML_FAIL(diag, at, "unknown section %s (did you mean the key \"%s\"?)", quoted,
                         found);
    list_sections(config, list);
    return YAML_FAIL(diag, at, "unknown section %s (there are %s)", quoted, list);
}

enum status schema_fail_field(const struct config *config, const struct config_section *section,
                              const struct yaml_node *at, const char *name,
                              struct diagnostic *diag) {
    char quoted[TEXT_QUOTE_LENGTH], list[LIST_LENGTH], found[QUALIFIED_LENGTH];
    text_quote(name, quoted);
    if (is_top_level(config, name))
        return YAML_FAIL(diag, at,
                         "unknown key %s in section \"%s\" (it stands at the top level of a file; "
                         "check the indentation)",
                         quoted, section->name);
    list_owners(config, name, list);
    if (list[0] != '\0')
        return YAML_FAIL(diag, at, "unknown key %s in section \"%s\" (that key belongs to %s)",
                         quoted, section->name, list);
    const char *closest = closest_field(section, name);
    if (closest != NULL)
        return YAML_FAIL(diag, at, "unknown key %s in section \"%s\" (did you mean \"%s\"?)",
                         quoted, section->name, closest);
    if (closest_anywhere(config, name, found))
        return YAML_FAIL(diag, at, "unknown key %s in section \"%s\" (did you mean \"%s\"?)",
                         quoted, section->name, found);
    list_fields(section, list);
    return YAML_FAIL(diag, at, "unknown key %s in section \"%s\" (its keys: %s)", quoted,
                     section->name, list);
}
