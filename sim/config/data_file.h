/* Data files: shipped by name or given by path, read through tables of fields.
 *
 * Order of calls: data_file_load, then data_file_fields for each mapping of it. Nodes and texts
 * live in the arena given. */
#ifndef MHO_CONFIG_DATA_FILE_H
#define MHO_CONFIG_DATA_FILE_H

#include "sim/config/config.h"
#include "sim/config/yaml.h"

/* Files of one sort. */
struct data_sort {
    const char *folder; /* of the shipped ones, in configs/: "presets" */
    const char *option; /* what names the file, for messages: "chip.preset" */
    const char *noun;   /* "chip" */
};

struct data_file {
    const char *path;
    char content_hash[33]; /* XXH3-128, of the files it is based on too */
    const struct yaml_node *root;
};

/* Loads configs/FOLDER/NAME.yaml, or the file itself when `name` holds a '/' or ends in .yaml, over
 * the file that its key `base` names, if it has one (sim/config/yaml_merge.h). */
enum status data_file_load(const struct data_sort *sort, const char *name, struct arena *arena,
                           struct data_file *file, struct diagnostic *diag);

/* Fills the members of `target` from a mapping by the table; members of keys that are not written
 * stay as they are. Refuses what is no mapping, a missing key with FIELD_REQUIRED, a key without a
 * value, and keys that are neither in the table nor in `others` (NULL-terminated; may be NULL). */
enum status data_file_fields(const struct yaml_node *mapping, const struct config_field *fields,
                             size_t n_fields, const char *const *others, struct arena *arena,
                             void *target, struct diagnostic *diag);

#endif
