/* Documents over others. */
#include "sim/config/yaml_merge.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

enum { BASES_MAX = 16, HASH_LENGTH = 33 };

static const char *name_of(const struct yaml_node *item) {
    const struct yaml_node *name = yaml_get(item, "name");
    return name != NULL && name->kind == YAML_SCALAR ? name->text : NULL;
}

static bool is_named_list(const struct yaml_node *node) {
    if (node->kind != YAML_SEQUENCE)
        return false;
    for (size_t i = 0; i < node->count; i++)
        if (name_of(node->values[i]) == NULL)
            return false;
    return true;
}

/* A copy of `over` without children, with room for `most`. */
static struct yaml_node *make(const struct yaml_node *over, size_t most, struct arena *arena) {
    struct yaml_node *node = ARENA_NEW(arena, 1, struct yaml_node);
    if (node == NULL)
        return NULL;
    *node = *over;
    node->count = 0;
    node->keys = ARENA_NEW(arena, most, const char *);
    node->keyed = ARENA_NEW(arena, most, const struct yaml_node *);
    node->values = ARENA_NEW(arena, most, const struct yaml_node *);
    return node->keys != NULL && node->keyed != NULL && node->values != NULL ? node : NULL;
}

static void add(struct yaml_node *node, const char *key, const struct yaml_node *keyed,
                const struct yaml_node *value) {
    node->keys[node->count] = key;
    node->keyed[node->count] = keyed;
    node->values[node->count++] = value;
}

static const struct yaml_node *merge_mappings(const struct yaml_node *base,
                                              const struct yaml_node *over, struct arena *arena) {
    struct yaml_node *node = make(over, base->count + over->count, arena);
    for (size_t i = 0; node != NULL && i < base->count; i++) {
        const struct yaml_node *own = yaml_get(over, base->keys[i]), *value = base->values[i];
        if (own != NULL && yaml_is_null(own))
            continue;
        if (own != NULL && (value = yaml_merge(value, own, arena)) == NULL)
            return NULL;
        add(node, base->keys[i], base->keyed[i], value);
    }
    for (size_t i = 0; node != NULL && i < over->count; i++)
        if (yaml_get(base, over->keys[i]) == NULL)
            add(node, over->keys[i], over->keyed[i], over->values[i]);
    return node;
}

static const struct yaml_node *named(const struct yaml_node *list, const char *name) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(name_of(list->values[i]), name) == 0)
            return list->values[i];
    return NULL;
}

static const struct yaml_node *merge_lists(const struct yaml_node *base,
                                           const struct yaml_node *over, struct arena *arena) {
    struct yaml_node *node = make(over, base->count + over->count, arena);
    for (size_t i = 0; node != NULL && i < base->count; i++) {
        const struct yaml_node *value = base->values[i], *own = named(over, name_of(value));
        if (own != NULL && (value = yaml_merge(value, own, arena)) == NULL)
            return NULL;
        add(node, NULL, NULL, value);
    }
    for (size_t i = 0; node != NULL && i < over->count; i++)
        if (named(base, name_of(over->values[i])) == NULL)
            add(node, NULL, NULL, over->values[i]);
    return node;
}

const struct yaml_node *yaml_merge(const struct yaml_node *base, const struct yaml_node *over,
                                   struct arena *arena) {
    if (base->kind == YAML_MAPPING && over->kind == YAML_MAPPING)
        return merge_mappings(base, over, arena);
    if (is_named_list(base) && is_named_list(over))
        return merge_lists(base, over, arena);
    return over;
}

/* The mapping without its key `base`. */
static const struct yaml_node *without_base(const struct yaml_node *root, struct arena *arena) {
    struct yaml_node *node = make(root, root->count, arena);
    for (size_t i = 0; node != NULL && i < root->count; i++)
        if (strcmp(root->keys[i], "base") != 0)
            add(node, root->keys[i], root->keyed[i], root->values[i]);
    return node;
}

static enum status load(const char *path, int depth, struct arena *arena, XXH3_state_t *hash,
                        const struct yaml_node **root, struct diagnostic *diag) {
    const struct yaml_node *own = NULL, *under = NULL, *base;
    const char *name;
    char *text;
    size_t length;
    TRY(file_read(path, arena, &text, &length, diag));
    XXH3_128bits_update(hash, text, length);
    TRY(yaml_parse(text, length, path, arena, &own, diag));
    *root = own;
    base = yaml_get(own, "base");
    if (base == NULL)
        return STATUS_OK;
    TRY(yaml_string(base, "base", &name, diag));
    if (depth == BASES_MAX)
        return YAML_FAIL(diag, base, "base: more than %d files deep, or in a circle", BASES_MAX);
    path = file_beside(path, name, arena);
    if (path == NULL)
        return FAIL_MEMORY(diag, "a path");
    TRY(load(path, depth + 1, arena, hash, &under, diag));
    own = without_base(own, arena);
    *root = own != NULL ? yaml_merge(under, own, arena) : NULL;
    return *root != NULL ? STATUS_OK : FAIL_MEMORY(diag, "a document");
}

enum status yaml_load_based(const char *path, struct arena *arena, const struct yaml_node **root,
                            char hash[33], struct diagnostic *diag) {
    XXH3_state_t *state = XXH3_createState();
    if (state == NULL || XXH3_128bits_reset(state) != XXH_OK) {
        XXH3_freeState(state);
        return FAIL_MEMORY(diag, "a hash");
    }
    enum status status = load(path, 0, arena, state, root, diag);
    XXH128_hash_t digest = XXH3_128bits_digest(state);
    snprintf(hash, HASH_LENGTH, "%016llx%016llx", (unsigned long long)digest.high64,
             (unsigned long long)digest.low64);
    XXH3_freeState(state);
    return status;
}
