/* Settings and lists of values, each checked where it stands in the file. */
#include <string.h>

#include "sim/sweep/sweep_internal.h"

enum status sweep_check_mapping(const struct yaml_node *node, const char *what,
                                struct diagnostic *diag) {
    char found[YAML_DESCRIPTION_LENGTH];
    if (node->kind == YAML_MAPPING)
        return STATUS_OK;
    return YAML_FAIL(diag, node, "%s: expected keys with values below it, got %s", what,
                     yaml_describe(node, found));
}

const struct config_field *sweep_field(const struct sweep *sweep, const char *key) {
    size_t n;
    const struct config_section *const *sections = config_sections(sweep->start, &n);
    const char *name = strrchr(key, '.');
    for (size_t s = 0; s < n; s++) {
        size_t length = strlen(sections[s]->name);
        const char *section = name - length;
        if (section < key || strncmp(section, sections[s]->name, length) != 0 ||
            (section > key && section[-1] != '.'))
            continue;
        for (size_t f = 0; f < sections[s]->n_fields; f++)
            if (strcmp(sections[s]->fields[f].name, name + 1) == 0)
                return &sections[s]->fields[f];
    }
    return NULL;
}

/* What an experiment's points share, or what changes no result. */
static enum status check_key(struct loading *loading, const char *key, const struct yaml_node *at) {
    static const struct {
        const char *key, *why;
    } refused[] = {
        {"run.name", "all points are of one experiment: give the file a \"name\""},
        {"run.threads", "it never changes a result: use --jobs"},
        {"run.predictions", "every point would write to the same file"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (strcmp(key, refused[i].key) == 0)
            return YAML_FAIL(loading->diag, at, "%s cannot vary: %s", key, refused[i].why);
    for (size_t i = 0; i < loading->n_overrides; i++) {
        size_t length = strcspn(loading->overrides[i], "=");
        if (length == strlen(key) && strncmp(loading->overrides[i], key, length) == 0)
            return YAML_FAIL(loading->diag, at,
                             "--set %s: the sweep sets %s for its points itself: change it here",
                             loading->overrides[i], key);
    }
    return STATUS_OK;
}

enum status sweep_read_setting(struct loading *loading, const char *key, const struct yaml_node *at,
                               const struct yaml_node *value, struct sweep_setting *setting) {
    struct config *copy;
    TRY(check_key(loading, key, at));
    TRY(config_copy(loading->sweep->start, &copy, loading->diag));
    enum status status = config_set(copy, key, at, value, loading->diag);
    config_free(copy);
    *setting = (struct sweep_setting){key, at, value};
    return status;
}

enum status sweep_read_settings(struct loading *loading, const struct yaml_node *mapping,
                                const char *what, const struct sweep_setting **settings, int *n) {
    TRY(sweep_check_mapping(mapping, what, loading->diag));
    struct sweep_setting *read =
        ARENA_NEW(&loading->sweep->arena, mapping->count, struct sweep_setting);
    if (read == NULL)
        return FAIL_MEMORY(loading->diag, "a sweep");
    for (size_t i = 0; i < mapping->count; i++)
        TRY(sweep_read_setting(loading, mapping->keys[i], mapping->keyed[i], mapping->values[i],
                               &read[i]));
    *settings = read;
    *n = (int)mapping->count;
    return STATUS_OK;
}

enum status sweep_read_list(struct loading *loading, const char *key, const struct yaml_node *at,
                            const struct yaml_node *list, const struct sweep_value **values,
                            long *n) {
    char found[YAML_DESCRIPTION_LENGTH];
    if (list->kind != YAML_SEQUENCE)
        return YAML_FAIL(loading->diag, list, "%s: expected a list of values, got %s", key,
                         yaml_describe(list, found));
    if (list->count == 0)
        return YAML_FAIL(loading->diag, list, "%s: the list is empty: no point would be left", key);
    struct sweep_value *read = ARENA_NEW(&loading->sweep->arena, list->count, struct sweep_value);
    struct sweep_setting *settings =
        ARENA_NEW(&loading->sweep->arena, list->count, struct sweep_setting);
    if (read == NULL || settings == NULL)
        return FAIL_MEMORY(loading->diag, "a sweep");
    for (size_t i = 0; i < list->count; i++) {
        TRY(sweep_read_setting(loading, key, at, list->values[i], &settings[i]));
        read[i] = (struct sweep_value){NULL, &settings[i], 1};
    }
    *values = read;
    *n = (long)list->count;
    return STATUS_OK;
}

bool sweep_values_are_numbers(const struct sweep_value *values, long n) {
    double number;
    for (long i = 0; i < n; i++)
        if (values[i].n_settings != 1 || values[i].settings[0].value->kind != YAML_SCALAR ||
            !text_to_real(values[i].settings[0].value->text, &number))
            return false;
    return true;
}
