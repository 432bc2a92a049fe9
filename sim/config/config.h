/* Configuration: every module exports a table of its fields; this room parses, checks, suggests,
 * overrides, prints and hashes them, knowing nothing of what they mean.
 *
 * A section ("crossbar") is a struct of options plus the table that describes its members. After
 * config_load every section has a complete, checked struct: defaults, then the files (a `base:`
 * file first), then `--set`. `layers:` holds overrides of per-layer fields by layer name or
 * pattern; they are checked at load and applied by config_get_layer, later entries winning. In a
 * file it maps a layer name or pattern (* and ?) to fields, dotted ("adc.bits: 6") or nested in
 * their section; a list of such mappings is also read, for an order in which a pattern comes twice.
 *
 * A plain ~ unsets a text, a path, a list, and any field without a default.
 *
 * Order of calls: config_create, config_load (optional), config_override (any number), then
 * config_finish once (required fields, layer patterns), then reads. */
#ifndef MHO_CONFIG_CONFIG_H
#define MHO_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/base.h"

enum field_type {
    FIELD_BOOL,     /* bool: true | false (also yes | no, on | off) */
    FIELD_INT,      /* int, minimum..maximum */
    FIELD_UINT64,   /* uint64_t, 0..2^63-1 (seeds) */
    FIELD_REAL,     /* double in SI units, minimum..maximum; accepts a suffix of its unit */
    FIELD_STRING,   /* const char *, NULL when unset */
    FIELD_PATH,     /* const char *, relative to the file it is written in (--set: to the working
                       directory); left out of the hash */
    FIELD_CHOICE,   /* int: index into `words` */
    FIELD_INT_WORD, /* int: minimum..maximum, or -(1 + index) for one of `words` */
    FIELD_REALS     /* struct config_reals: a list of reals, or one real */
};

/* A list of numbers; values is NULL and count 0 when unset. */
struct config_reals {
    const double *values;
    size_t count;
};

enum field_flags {
    FIELD_REQUIRED = 1,  /* no default: config_finish refuses a configuration without it */
    FIELD_PER_LAYER = 2, /* may stand under `layers:` */
    FIELD_UNHASHED = 4,  /* does not influence results (threads, paths): left out of the hash */
    FIELD_NAME_OR_PATH =
        8 /* FIELD_STRING: a text with / or . is a path, and treated as FIELD_PATH */
};

struct config_field {
    const char *name;
    enum field_type type;
    size_t offset;            /* offsetof the member in the section's struct */
    const char *default_text; /* as it would be written in YAML; NULL: unset (NULL, 0; NAN for
                                 FIELD_REAL) */
    double minimum, maximum;  /* FIELD_INT, FIELD_INT_WORD, FIELD_REAL, each of FIELD_REALS; both 0:
                                 no limits; INFINITY for none on one side */
    enum unit unit;           /* FIELD_REAL, FIELD_REALS, and for display */
    const char *const *words; /* FIELD_CHOICE, FIELD_INT_WORD: NULL-terminated */
    unsigned flags;           /* enum field_flags */
    const char *help;         /* one line for --help, `mho config` and the manual */
};

struct config_section {
    const char *name;
    const char *help; /* one line */
    const struct config_field *fields;
    size_t n_fields;
    size_t size; /* sizeof the section's struct */
};

struct config; /* opaque */
struct yaml_node;

/* An empty configuration over the given sections (the table outlives it); all defaults applied. */
enum status config_create(const struct config_section *const *sections, size_t n_sections,
                          struct config **config, struct diagnostic *diag);
void config_free(struct config *config);

/* Reads a YAML file (and its `base:` chain, cycles refused) over what is there. Unknown sections
 * or keys, wrong types and values out of range: "file:line:column: message (did you mean ...?)". */
enum status config_load(struct config *config, const char *path, struct diagnostic *diag);

/* The same from memory: a whole configuration, as config_dump writes it (`base:` is ignored).
 * `name` stands for the file in messages. */
enum status config_load_text(struct config *config, const char *text, const char *name,
                             struct diagnostic *diag);

/* One "section.key=value" (value parsed as YAML); "layers.PATTERN.section.key=value" also works. */
enum status config_override(struct config *config, const char *assignment, struct diagnostic *diag);

/* The same with the value from a file: `target` is what stands left of "=", `key` its node.
 * Messages point at the nodes; a path is relative to the value's file. */
enum status config_set(struct config *config, const char *target, const struct yaml_node *key,
                       const struct yaml_node *value, struct diagnostic *diag);

/* A copy to be changed by overrides of its own. It shares texts with the original, which must
 * outlive it. */
enum status config_copy(const struct config *config, struct config **copy, struct diagnostic *diag);

/* Checks that required fields are set. */
enum status config_finish(struct config *config, struct diagnostic *diag);

/* The section's struct, complete and checked. The name must be one of the table's. */
const void *config_get(const struct config *config, const char *section);

/* Copies the section's struct into `out` with the overrides of `layers:` that match `layer`. */
enum status config_get_layer(const struct config *config, const char *section, const char *layer,
                             void *out, struct diagnostic *diag);

/* Checks that every pattern under `layers:` matches at least one of the names; a pattern that
 * matches none is refused with the closest name. Call once the network's layers are known. */
enum status config_check_layers(const struct config *config, const char *const *names, size_t count,
                                struct diagnostic *diag);

/* Where "section.key" got its value: "default", "FILE:LINE" or "--set". NULL: no such field. */
const char *config_origin(const struct config *config, const char *section, const char *key);

/* Whether "section.key" has the value of its default, whoever set it. Also without such a field. */
bool config_is_default(const struct config *config, const char *section, const char *key);

/* Current value of a field as YAML text into `buffer` (SI numbers). Returns `buffer`. */
char *config_value_text(const struct config *config, const struct config_section *section,
                        const struct config_field *field, char *buffer, size_t size);

/* The complete resolved configuration as YAML (in `arena`), every field in table order, `layers:`
 * last; loading it again gives the same configuration. Paths are written absolute. With `annotate`,
 * each line carries unit, range and origin as a comment. NULL on short memory. */
char *config_dump(const struct config *config, bool annotate, struct arena *arena);

/* XXH3-128 (32 hexadecimal digits) over all hashed fields and layer overrides in canonical form:
 * independent of the order of keys, of comments, of how a number is written, and of paths. */
void config_hash(const struct config *config, char hex[33]);

/* XXH3-128 over the present values of some fields and their layer overrides, unhashed ones and
 * paths too: `names` [n] are "section.key", or "section" for all of it. The names must be in the
 * tables. */
void config_hash_fields(const struct config *config, const char *const *names, size_t n,
                        uint64_t hash[2]);

/* Sections of a configuration, for help and dumps. */
const struct config_section *const *config_sections(const struct config *config, size_t *count);

/* Number of entries under `layers:`, and entry i as pattern, section, key and value text. */
size_t config_layer_overrides(const struct config *config);
void config_layer_override(const struct config *config, size_t i, const char **pattern,
                           const char **section, const char **key, const char **value);

#endif
