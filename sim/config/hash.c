/* A hash of what the configuration means, not of how it is written. */
#include <stdio.h>
#include <string.h>
#define XXH_STATIC_LINKING_ONLY /* for a state on the stack: hashing cannot fail */
#include <xxhash.h>

#include "sim/config/config_internal.h"

static void put_hash(void *context, const char *text, size_t length) {
    (void)XXH3_128bits_update(context, text, length);
}

static bool is_hashed(const struct config_field *field) {
    return (field->flags & FIELD_UNHASHED) == 0 && field->type != FIELD_PATH;
}

static void hash_value(const struct config_section *section, const struct config_field *field,
                       const struct field_value *value, const struct text_sink *sink) {
    sink_text(sink, section->name);
    sink_text(sink, ".");
    sink_text(sink, field->name);
    sink_text(sink, "=");
    /* Of a file its contents count, which its reader hashes, not where it lies. */
    bool text = field->type == FIELD_STRING && value->set;
    if (!text || !value_is_path(field, value->text))
        value_to_sink(field, value, sink);
    sink_text(sink, "\n");
}

static void hash_override(const struct layer_override *override, const struct text_sink *sink) {
    sink_text(sink, "layers.");
    value_write_text(override->pattern, sink);
    sink_text(sink, ".");
    hash_value(override->section, override->field, &override->value, sink);
}

static bool is_wildcard(const struct layer_override *override) {
    return strpbrk(override->pattern, "*?") != NULL;
}

/* The first override of `field` at or after `from`; n_overrides: none. */
static size_t next_of(const struct config *config, const struct config_field *field, size_t from) {
    while (from < config->n_overrides && config->overrides[from].field != field)
        from++;
    return from;
}

/* Plain names from `from` on, up to the next pattern with wildcards, in alphabetical order: their
 * order means nothing, as each name comes once. Returns where the run ends. */
static size_t hash_names(const struct config *config, const struct config_field *field, size_t from,
                         const struct text_sink *sink) {
    const struct layer_override *last = NULL;
    size_t end = from;
    while (end < config->n_overrides && !is_wildcard(&config->overrides[end]))
        end = next_of(config, field, end + 1);
    for (;;) {
        const struct layer_override *least = NULL;
        for (size_t i = from; i < end; i = next_of(config, field, i + 1)) {
            const struct layer_override *candidate = &config->overrides[i];
            if ((last == NULL || strcmp(candidate->pattern, last->pattern) > 0) &&
                (least == NULL || strcmp(candidate->pattern, least->pattern) < 0))
                least = candidate;
        }
        if (least == NULL)
            return end;
        hash_override(least, sink);
        last = least;
    }
}

/* Overrides of different fields never meet, so they are hashed field by field. */
static void hash_overrides(const struct config *config, const struct config_field *field,
                           const struct text_sink *sink) {
    for (size_t i = next_of(config, field, 0); i < config->n_overrides;) {
        if (is_wildcard(&config->overrides[i])) {
            hash_override(&config->overrides[i], sink);
            i = next_of(config, field, i + 1);
        } else {
            i = hash_names(config, field, i, sink);
        }
    }
}

void config_hash(const struct config *config, char hex[33]) {
    XXH3_state_t state;
    XXH3_INITSTATE(&state);
    (void)XXH3_128bits_reset(&state);
    struct text_sink sink = {put_hash, &state};
    for (size_t s = 0; s < config->n_sections; s++) {
        const struct section_state *section = &config->sections[s];
        for (size_t f = 0; f < section->table->n_fields; f++) {
            const struct config_field *field = &section->table->fields[f];
            if (!is_hashed(field))
                continue;
            struct field_value value = value_load(field, section->fields[f].set, section->options);
            hash_value(section->table, field, &value, &sink);
            hash_overrides(config, field, &sink);
        }
    }
    XXH128_hash_t hash = XXH3_128bits_digest(&state);
    snprintf(hex, 33, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
}

/* Whether one of the names is this field or its section. */
static bool is_named(const struct config_section *section, const struct config_field *field,
                     const char *const *names, size_t n) {
    size_t length = strlen(section->name);
    for (size_t i = 0; i < n; i++)
        if (strncmp(names[i], section->name, length) == 0 &&
            (names[i][length] == '\0' ||
             (names[i][length] == '.' && strcmp(names[i] + length + 1, field->name) == 0)))
            return true;
    return false;
}

static void hash_present(const struct config_field *field, const struct field_value *value,
                         const struct text_sink *sink) {
    sink_text(sink, field->name);
    sink_text(sink, "=");
    value_to_sink(field, value, sink);
    sink_text(sink, "\n");
}

void config_hash_fields(const struct config *config, const char *const *names, size_t n,
                        uint64_t hash[2]) {
    XXH3_state_t state;
    XXH3_INITSTATE(&state);
    (void)XXH3_128bits_reset(&state);
    struct text_sink sink = {put_hash, &state};
    for (size_t s = 0; s < config->n_sections; s++) {
        const struct section_state *section = &config->sections[s];
        for (size_t f = 0; f < section->table->n_fields; f++) {
            const struct config_field *field = &section->table->fields[f];
            if (!is_named(section->table, field, names, n))
                continue;
            struct field_value value = value_load(field, section->fields[f].set, section->options);
            hash_present(field, &value, &sink);
            for (size_t i = next_of(config, field, 0); i < config->n_overrides;
                 i = next_of(config, field, i + 1)) {
                sink_text(&sink, config->overrides[i].pattern);
                sink_text(&sink, ": ");
                hash_present(field, &config->overrides[i].value, &sink);
            }
        }
    }
    XXH128_hash_t digest = XXH3_128bits_digest(&state);
    hash[0] = digest.high64;
    hash[1] = digest.low64;
}
