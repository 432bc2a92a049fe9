#include "sim/config/data_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sim/config/value.h"
#include "sim/config/yaml_merge.h"

enum { ALLOWED_MAX = 64 }; /* keys of one mapping */

static bool ends_in(const char *text, const char *ending) {
    size_t length = strlen(text), of = strlen(ending);
    return length > of && strcmp(text + length - of, ending) == 0;
}

static enum status find(const struct data_sort *sort, const char *name, struct arena *arena,
                        char **path, struct diagnostic *diag) {
    if (strchr(name, '/') != NULL || ends_in(name, ".yaml")) {
        *path = arena_strdup(arena, name);
        return *path != NULL ? STATUS_OK : FAIL_MEMORY(diag, "a path");
    }
    char *relative = arena_printf(arena, "%s/%s.yaml", sort->folder, name);
    if (relative == NULL)
        return FAIL_MEMORY(diag, "a path");
    if (file_shipped(relative, arena, path, NULL) == STATUS_OK)
        return STATUS_OK;
    char *names = file_shipped_names(sort->folder, arena);
    if (names == NULL)
        return FAIL_MEMORY(diag, "the names of data files");
    if (names[0] == '\0') /* not even their folder: say where it was looked for */
        return file_shipped(relative, arena, path, diag);
    return FAIL(diag, STATUS_USAGE,
                "%s: no shipped %s is called \"%s\" (there is: %s); give one of them, or the path "
                "of a %s file (*.yaml)",
                sort->option, sort->noun, name, names, sort->noun);
}

enum status data_file_load(const struct data_sort *sort, const char *name, struct arena *arena,
                           struct data_file *file, struct diagnostic *diag) {
    char *path;
    TRY(find(sort, name, arena, &path, diag));
    if (access(path, F_OK) != 0)
        return FAIL(diag, STATUS_USAGE, "%s: cannot read %s: %s", sort->option, path,
                    strerror(errno));
    file->path = path;
    return yaml_load_based(path, arena, &file->root, file->content_hash, diag);
}

static enum status check_keys(const struct yaml_node *mapping, const struct config_field *fields,
                              size_t n_fields, const char *const *others, struct diagnostic *diag) {
    const char *allowed[ALLOWED_MAX];
    size_t n = 0;
    if (mapping->kind != YAML_MAPPING)
        return YAML_FAIL(diag, mapping, "expected keys with values here");
    for (size_t i = 0; i < n_fields && n < ALLOWED_MAX; i++)
        allowed[n++] = fields[i].name;
    for (; others != NULL && *others != NULL && n < ALLOWED_MAX; others++)
        allowed[n++] = *others;
    return yaml_check_keys(mapping, allowed, n, diag);
}

enum status data_file_fields(const struct yaml_node *mapping, const struct config_field *fields,
                             size_t n_fields, const char *const *others, struct arena *arena,
                             void *target, struct diagnostic *diag) {
    TRY(check_keys(mapping, fields, n_fields, others, diag));
    for (size_t i = 0; i < n_fields; i++) {
        const struct config_field *field = &fields[i];
        const struct yaml_node *node = yaml_get(mapping, field->name);
        struct field_value value;
        if (node == NULL && (field->flags & FIELD_REQUIRED) != 0)
            return YAML_FAIL(diag, mapping, "\"%s\" is missing here", field->name);
        if (node == NULL)
            continue;
        TRY(value_parse(field->name, field, node, arena, &value, diag));
        if (!value.set)
            return YAML_FAIL(diag, node, "%s: expected a value, got nothing", field->name);
        value_store(field, &value, target);
    }
    return STATUS_OK;
}
