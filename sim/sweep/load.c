/* Sweep files: base, groups and their dimensions. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "sim/run/run.h"
#include "sim/run/share.h"
#include "sim/sweep/sweep_internal.h"

/* Dimensions of a group while it is read. */
struct dimensions {
    struct sweep_dimension *list;
    int n, capacity;
};

static enum status add_dimension(struct loading *loading, struct dimensions *dimensions,
                                 struct sweep_dimension dimension) {
    if (dimensions->n == dimensions->capacity) {
        int capacity = dimensions->capacity == 0 ? 8 : 2 * dimensions->capacity;
        struct sweep_dimension *longer =
            ARENA_NEW(&loading->sweep->arena, capacity, struct sweep_dimension);
        if (longer == NULL)
            return FAIL_MEMORY(loading->diag, "a sweep");
        if (dimensions->n > 0)
            memcpy(longer, dimensions->list, (size_t)dimensions->n * sizeof *longer);
        dimensions->list = longer;
        dimensions->capacity = capacity;
    }
    dimension.depth = INT_MAX;
    for (long v = 0; v < dimension.n_values; v++)
        for (int i = 0; i < dimension.values[v].n_settings; i++) {
            int depth = run_field_depth(dimension.values[v].settings[i].key);
            dimension.depth = depth < dimension.depth ? depth : dimension.depth;
        }
    dimensions->list[dimensions->n++] = dimension;
    return STATUS_OK;
}

/* --- grid --- */

/* A dimension of a name of its own: names of values, each with the fields that it sets. */
static enum status read_named(struct loading *loading, const char *name,
                              const struct yaml_node *node, struct sweep_dimension *dimension) {
    char found[YAML_DESCRIPTION_LENGTH];
    if (node->kind != YAML_MAPPING)
        return YAML_FAIL(loading->diag, node,
                         "%s is no field (SECTION.KEY), so names of values with the fields that "
                         "each sets are expected below it, got %s",
                         name, yaml_describe(node, found));
    if (node->count == 0)
        return YAML_FAIL(loading->diag, node, "%s: no values, so no point would be left", name);
    struct sweep_value *values = ARENA_NEW(&loading->sweep->arena, node->count, struct sweep_value);
    if (values == NULL)
        return FAIL_MEMORY(loading->diag, "a sweep");
    for (size_t i = 0; i < node->count; i++) {
        values[i].name = node->keys[i];
        TRY(sweep_read_settings(loading, node->values[i], node->keys[i], &values[i].settings,
                                &values[i].n_settings));
    }
    *dimension = (struct sweep_dimension){.name = name,
                                          .named = true,
                                          .searched = true,
                                          .values = values,
                                          .n_values = (long)node->count};
    return STATUS_OK;
}

static enum status read_grid(struct loading *loading, const struct yaml_node *node,
                             struct dimensions *dimensions) {
    TRY(sweep_check_mapping(node, "grid", loading->diag));
    for (size_t i = 0; i < node->count; i++) {
        const char *key = node->keys[i];
        struct sweep_dimension dimension = {.name = key, .searched = true};
        if (strchr(key, '.') == NULL) {
            TRY(read_named(loading, key, node->values[i], &dimension));
        } else {
            TRY(sweep_read_list(loading, key, node->keyed[i], node->values[i], &dimension.values,
                                &dimension.n_values));
            dimension.ordered = sweep_values_are_numbers(dimension.values, dimension.n_values);
        }
        TRY(add_dimension(loading, dimensions, dimension));
    }
    return STATUS_OK;
}

/* --- zip --- */

static enum status read_one_zip(struct loading *loading, const struct yaml_node *node,
                                struct dimensions *dimensions) {
    struct sweep_value *values = NULL;
    long n = 0;
    TRY(sweep_check_mapping(node, "zip", loading->diag));
    if (node->count == 0)
        return YAML_FAIL(loading->diag, node, "zip: expected lists in step below it");
    for (size_t k = 0; k < node->count; k++) {
        const struct sweep_value *column;
        long length;
        TRY(sweep_read_list(loading, node->keys[k], node->keyed[k], node->values[k], &column,
                            &length));
        if (k == 0) {
            n = length;
            values = ARENA_NEW(&loading->sweep->arena, n, struct sweep_value);
        } else if (length != n) {
            return YAML_FAIL(loading->diag, node->values[k],
                             "zip: %s has %ld values, and %s has %ld: lists in step are of one "
                             "length",
                             node->keys[k], length, node->keys[0], n);
        }
        for (long i = 0; i < n; i++) {
            struct sweep_setting *settings =
                k > 0 && values != NULL
                    ? (struct sweep_setting *)values[i].settings
                    : ARENA_NEW(&loading->sweep->arena, node->count, struct sweep_setting);
            if (values == NULL || settings == NULL)
                return FAIL_MEMORY(loading->diag, "a sweep");
            settings[k] = column[i].settings[0];
            values[i] = (struct sweep_value){NULL, settings, (int)k + 1};
        }
    }
    return add_dimension(
        loading, dimensions,
        (struct sweep_dimension){
            .name = node->keys[0], .searched = true, .values = values, .n_values = n});
}

static enum status read_zip(struct loading *loading, const struct yaml_node *node,
                            struct dimensions *dimensions) {
    if (node->kind != YAML_SEQUENCE)
        return read_one_zip(loading, node, dimensions);
    for (size_t i = 0; i < node->count; i++)
        TRY(read_one_zip(loading, node->values[i], dimensions));
    return STATUS_OK;
}

/* --- repeat --- */

static const struct yaml_node *number_node(struct sweep *sweep, const struct yaml_node *like,
                                           uint64_t number) {
    struct yaml_node *node = ARENA_NEW(&sweep->arena, 1, struct yaml_node);
    if (node == NULL)
        return NULL;
    *node = (struct yaml_node){
        .kind = YAML_SCALAR, .file = like->file, .line = like->line, .column = like->column};
    node->text = arena_printf(&sweep->arena, "%llu", (unsigned long long)number);
    return node->text != NULL ? node : NULL;
}

/* `repeat: 5` is five seeds from run.seed on, `repeat: [3, 8]` those. */
static enum status read_repeat(struct loading *loading, const struct yaml_node *node,
                               struct dimensions *dimensions) {
    enum { REPEAT_MAX = 1000000 };
    static const char key[] = "run.seed";
    struct sweep *sweep = loading->sweep;
    struct sweep_dimension dimension = {.name = key, .ordered = true};
    if (node->kind == YAML_SEQUENCE) {
        TRY(sweep_read_list(loading, key, node, node, &dimension.values, &dimension.n_values));
        return add_dimension(loading, dimensions, dimension);
    }
    int n;
    TRY(yaml_int(node, "repeat", &n, loading->diag));
    if (n < 1 || n > REPEAT_MAX)
        return YAML_FAIL(loading->diag, node, "repeat: expected 1 to %d, got %d", REPEAT_MAX, n);
    const struct run_options *run = config_get(sweep->start, "run");
    struct yaml_node *list = ARENA_NEW(&sweep->arena, 1, struct yaml_node);
    const struct yaml_node **items = ARENA_NEW(&sweep->arena, n, const struct yaml_node *);
    for (int i = 0; items != NULL && i < n; i++)
        if ((items[i] = number_node(sweep, node, run->seed + (uint64_t)i)) == NULL)
            items = NULL;
    if (list == NULL || items == NULL)
        return FAIL_MEMORY(loading->diag, "a sweep");
    *list = *node;
    list->kind = YAML_SEQUENCE;
    list->values = items;
    list->count = (size_t)n;
    TRY(sweep_read_list(loading, key, node, list, &dimension.values, &dimension.n_values));
    return add_dimension(loading, dimensions, dimension);
}

/* --- groups --- */

/* No key may be set by two dimensions: the later would win in silence. */
static enum status check_twice(struct loading *loading, const struct sweep_group *group) {
    for (int d = 0; d < group->n_dimensions; d++)
        for (int e = 0; e < d; e++) {
            const struct sweep_value *a = group->dimensions[d].values;
            const struct sweep_value *b = group->dimensions[e].values;
            for (int i = 0; i < a->n_settings; i++)
                for (int j = 0; j < b->n_settings; j++)
                    if (strcmp(a->settings[i].key, b->settings[j].key) == 0)
                        return YAML_FAIL(loading->diag, a->settings[i].at,
                                         "%s varies in line %d as well: leave one out",
                                         a->settings[i].key, b->settings[j].at->line);
        }
    return STATUS_OK;
}

/* Slowest first: what early stages depend on. Stable, so equals keep the file's order. */
static void sort_dimensions(struct dimensions *dimensions) {
    for (int i = 1; i < dimensions->n; i++) {
        struct sweep_dimension moved = dimensions->list[i];
        int at = i;
        for (; at > 0 && dimensions->list[at - 1].depth > moved.depth; at--)
            dimensions->list[at] = dimensions->list[at - 1];
        dimensions->list[at] = moved;
    }
}

static enum status set_size(struct loading *loading, struct sweep_group *group) {
    group->size = group->sample != NULL ? group->sample->points : 1;
    for (int d = 0; d < group->n_dimensions; d++)
        if (__builtin_mul_overflow(group->size, group->dimensions[d].n_values, &group->size))
            return YAML_FAIL(loading->diag, group->node, "more points than can be counted");
    if (__builtin_add_overflow(loading->sweep->size, group->size, &loading->sweep->size))
        return YAML_FAIL(loading->diag, group->node, "more points than can be counted");
    return STATUS_OK;
}

/* `root`'s own where and repeat go for every group. */
static enum status read_group(struct loading *loading, const struct yaml_node *node,
                              const struct yaml_node *root, struct sweep_group *group) {
    struct dimensions dimensions = {0};
    const struct yaml_node *set = node != root ? yaml_get(node, "set") : NULL;
    const struct yaml_node *grid = yaml_get(node, "grid"), *zip = yaml_get(node, "zip");
    const struct yaml_node *sample = yaml_get(node, "sample"), *repeat = yaml_get(root, "repeat");
    group->node = node;
    if (set != NULL)
        TRY(sweep_read_settings(loading, set, "set", &group->set, &group->n_set));
    if (grid != NULL)
        TRY(read_grid(loading, grid, &dimensions));
    if (zip != NULL)
        TRY(read_zip(loading, zip, &dimensions));
    if (repeat != NULL)
        TRY(read_repeat(loading, repeat, &dimensions));
    if (sample != NULL)
        TRY(sweep_read_sample(loading, sample, &group->sample));
    sort_dimensions(&dimensions);
    group->dimensions = dimensions.list;
    group->n_dimensions = dimensions.n;
    TRY(check_twice(loading, group));
    TRY(set_size(loading, group));
    const struct yaml_node *rules[2] = {yaml_get(root, "where"),
                                        node != root ? yaml_get(node, "where") : NULL};
    for (int i = 0; i < 2; i++)
        if (rules[i] != NULL)
            TRY(sweep_read_rules(loading, rules[i], group, &group->rules, &group->n_rules));
    return STATUS_OK;
}

static enum status read_groups(struct loading *loading, const struct yaml_node *root) {
    static const char *const keys[] = {"set", "grid", "zip", "sample", "where"};
    static const char *const inside[] = {"grid", "zip", "sample"};
    struct sweep *sweep = loading->sweep;
    const struct yaml_node *list = yaml_get(root, "groups");
    size_t n = list != NULL ? list->count : 1;
    struct sweep_group *groups = ARENA_NEW(&sweep->arena, n, struct sweep_group);
    if (groups == NULL)
        return FAIL_MEMORY(loading->diag, "a sweep");
    if (list != NULL && (list->kind != YAML_SEQUENCE || list->count == 0))
        return YAML_FAIL(loading->diag, list, "groups: expected a list of groups");
    for (size_t i = 0; list != NULL && i < sizeof inside / sizeof *inside; i++)
        if (yaml_get(root, inside[i]) != NULL)
            return YAML_FAIL(loading->diag, yaml_get(root, inside[i]),
                             "%s: with groups, it belongs into one of them", inside[i]);
    for (size_t i = 0; i < n; i++) {
        const struct yaml_node *node = list != NULL ? list->values[i] : root;
        TRY(sweep_check_mapping(node, "groups", loading->diag));
        if (list != NULL)
            TRY(yaml_check_keys(node, keys, sizeof keys / sizeof *keys, loading->diag));
        TRY(read_group(loading, node, root, &groups[i]));
    }
    sweep->groups = groups;
    sweep->n_groups = (int)n;
    return STATUS_OK;
}

/* --- the file --- */

static enum status load_base(struct loading *loading, const struct yaml_node *root) {
    struct sweep *sweep = loading->sweep;
    const struct yaml_node *base = yaml_get(root, "base"), *set = yaml_get(root, "set");
    struct diagnostic why = {0};
    const char *path;
    TRY(config_create(run_sections, n_run_sections, &sweep->base, loading->diag));
    if (base == NULL)
        return YAML_FAIL(loading->diag, root,
                         "\"base\" is missing: the configuration that the points vary");
    TRY(yaml_string(base, "base", &path, loading->diag));
    const char *file = file_beside(sweep->path, path, &sweep->arena);
    if (file == NULL)
        return FAIL_MEMORY(loading->diag, "a sweep");
    enum status status = config_load(sweep->base, file, &why);
    if (status == STATUS_USAGE && strstr(why.message, file) == why.message)
        return FAIL(loading->diag, status, "%s", why.message);
    if (status != STATUS_OK)
        return YAML_FAIL(loading->diag, base, "base: %s", why.message);
    if (set != NULL)
        TRY(sweep_check_mapping(set, "set", loading->diag));
    for (size_t i = 0; set != NULL && i < set->count; i++)
        TRY(config_set(sweep->base, set->keys[i], set->keyed[i], set->values[i], loading->diag));
    TRY(config_copy(sweep->base, &sweep->start, loading->diag));
    for (size_t i = 0; i < loading->n_overrides; i++)
        TRY(config_override(sweep->start, loading->overrides[i], loading->diag));
    const struct run_options *run = config_get(sweep->start, "run");
    if (run->predictions != NULL)
        return FAIL(loading->diag, STATUS_USAGE,
                    "run.predictions is set (%s): every point would write to the same file",
                    config_origin(sweep->start, "run", "predictions"));
    return STATUS_OK;
}

static enum status choose_name(struct loading *loading, const struct yaml_node *root) {
    struct sweep *sweep = loading->sweep;
    const struct run_options *run = config_get(sweep->start, "run");
    const struct yaml_node *name = yaml_get(root, "name");
    const char *slash = strrchr(sweep->path, '/');
    const char *file = slash != NULL ? slash + 1 : sweep->path, *dot = strrchr(file, '.');
    size_t length = dot != NULL && dot != file ? (size_t)(dot - file) : strlen(file);
    if (run->name != NULL)
        sweep->name = run->name;
    else if (name != NULL)
        return yaml_string(name, "name", &sweep->name, loading->diag);
    else
        sweep->name = arena_printf(&sweep->arena, "%.*s", (int)length, file);
    return sweep->name != NULL ? STATUS_OK : FAIL_MEMORY(loading->diag, "a sweep");
}

static enum status load(struct loading *loading) {
    static const char *const keys[] = {"base",   "name",  "set",    "grid",   "zip",
                                       "sample", "where", "repeat", "groups", "search"};
    struct sweep *sweep = loading->sweep;
    const struct yaml_node *root;
    TRY(yaml_load(sweep->path, &sweep->arena, &root, loading->diag));
    TRY(sweep_check_mapping(root, "a sweep", loading->diag));
    TRY(yaml_check_keys(root, keys, sizeof keys / sizeof *keys, loading->diag));
    sweep->search = yaml_get(root, "search");
    TRY(load_base(loading, root));
    TRY(choose_name(loading, root));
    TRY(read_groups(loading, root));
    return sweep_list_variables(loading);
}

enum status sweep_load(const char *path, const char *const *overrides, size_t n,
                       struct sweep **sweep, struct diagnostic *diag) {
    struct sweep *made = calloc(1, sizeof *made);
    *sweep = NULL;
    if (made == NULL)
        return FAIL_MEMORY(diag, "a sweep");
    struct loading loading = {made, overrides, n, diag};
    made->path = arena_strdup(&made->arena, path);
    enum status status = made->path != NULL ? load(&loading) : FAIL_MEMORY(diag, "a sweep");
    if (status == STATUS_OK)
        *sweep = made;
    else
        sweep_free(made);
    return status;
}

void sweep_free(struct sweep *sweep) {
    if (sweep == NULL)
        return;
    config_free(sweep->start);
    config_free(sweep->base);
    arena_free(&sweep->arena);
    free(sweep);
}

const char *sweep_name(const struct sweep *sweep) {
    return sweep->name;
}

const char *sweep_path(const struct sweep *sweep) {
    return sweep->path;
}

const struct config *sweep_base(const struct sweep *sweep) {
    return sweep->base;
}

const struct yaml_node *sweep_search(const struct sweep *sweep) {
    return sweep->search;
}

long sweep_size(const struct sweep *sweep) {
    return sweep->size;
}
