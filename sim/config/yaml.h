/* YAML documents with the position of every node, over libyaml's document API.
 *
 * Order of calls: yaml_load once; then read nodes. Nodes live in the arena given. Anchors and
 * aliases are resolved (an alias shares its node); tags and several documents in one file are
 * refused; a key given twice in one mapping is refused with both positions; an empty file is an
 * empty mapping. Files that could exhaust memory or time are refused: above 4 MiB, nested more than
 * 64 deep, more than 256 anchors, aliases that would expand to more than 250,000 nodes. */
#ifndef MHO_CONFIG_YAML_H
#define MHO_CONFIG_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/base.h"

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml_node {
    enum yaml_kind kind;
    const char *file;  /* path as given, for messages */
    int line, column;  /* from 1; 0 in a value of the command line */
    const char *text;  /* YAML_SCALAR: its text; NULL otherwise */
    bool quoted;       /* YAML_SCALAR: written in quotes, so never a number or null */
    size_t count;      /* YAML_SEQUENCE: items; YAML_MAPPING: pairs */
    const char **keys; /* YAML_MAPPING: [count] */
    const struct yaml_node *
        *keyed; /* YAML_MAPPING: [count] the node of each key itself (position) */
    const struct yaml_node **values; /* YAML_SEQUENCE, YAML_MAPPING: [count] */
};

/* Loads `path`; `root` is set to its top node. */
enum status yaml_load(const char *path, struct arena *arena, const struct yaml_node **root,
                      struct diagnostic *diag);

/* The same from memory; `name` stands for the file in messages. */
enum status yaml_parse(const char *text, size_t length, const char *name, struct arena *arena,
                       const struct yaml_node **root, struct diagnostic *diag);

/* A value of the command line: positions are 0, and messages name only `name`. An empty text is a
 * null scalar. */
enum status yaml_parse_value(const char *text, const char *name, struct arena *arena,
                             const struct yaml_node **root, struct diagnostic *diag);

/* Whether a node is null: unquoted and empty, "~" or "null". */
bool yaml_is_null(const struct yaml_node *node);

/* YAML_FAIL(diag, node, "...", ...) fails with STATUS_USAGE and "file:line:column: " of the node
 * before the message. */
#define YAML_FAIL(diag, node, ...) yaml_fail((diag), (node), __FILE__, __LINE__, __VA_ARGS__)
enum status yaml_fail(struct diagnostic *diag, const struct yaml_node *node, const char *file,
                      int line, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* What a node holds, for "expected ..., got %s": its text in quotes, "a mapping", "nothing".
 * Returns `buffer`. */
enum { YAML_DESCRIPTION_LENGTH = 128 };
char *yaml_describe(const struct yaml_node *node, char buffer[YAML_DESCRIPTION_LENGTH]);

/* Value of `key` in a mapping, or NULL (also when `node` is NULL or no mapping). */
const struct yaml_node *yaml_get(const struct yaml_node *node, const char *key);

/* Typed reads of data files: each fails with "file:line:column: ..." when the node is missing
 * (`node` NULL: the message names `what`) or of another type. yaml_quantity accepts "0.2 mW". */
enum status yaml_string(const struct yaml_node *node, const char *what, const char **value,
                        struct diagnostic *diag);
enum status yaml_int(const struct yaml_node *node, const char *what, int *value,
                     struct diagnostic *diag);
enum status yaml_quantity(const struct yaml_node *node, const char *what, enum unit unit,
                          double *value, struct diagnostic *diag);

/* Refuses keys of a mapping that are not in `allowed`, with the closest one as a suggestion. */
enum status yaml_check_keys(const struct yaml_node *mapping, const char *const *allowed,
                            size_t n_allowed, struct diagnostic *diag);

#endif
