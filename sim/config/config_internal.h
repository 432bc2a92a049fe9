/* What the files of this room share: the configuration itself, look-ups, layer overrides. */
#ifndef MHO_CONFIG_CONFIG_INTERNAL_H
#define MHO_CONFIG_CONFIG_INTERNAL_H

#include "sim/config/config.h"
#include "sim/config/value.h"
#include "sim/config/yaml.h"

struct field_state {
    bool set;
    const char *origin;         /* "default", "FILE:LINE", "--set" */
    struct field_value initial; /* the default */
};

struct section_state {
    const struct config_section *table;
    void *options;              /* the section's struct, table->size bytes */
    struct field_state *fields; /* [table->n_fields] */
};

/* One field of one pattern under `layers:`. Of two with the same pattern and field only the later
 * is kept, at its later place. */
struct layer_override {
    const char *pattern;
    const struct config_section *section;
    const struct config_field *field;
    struct field_value value;
    const char *text;           /* the value as YAML */
    const struct yaml_node *at; /* for messages */
    const char *origin;
    unsigned source; /* number of the file or --set it came from */
};

struct config {
    struct arena arena; /* everything but `overrides` */
    const struct config_section *const *tables;
    struct section_state *sections; /* [n_sections] */
    size_t n_sections;
    struct layer_override *overrides; /* [n_overrides], in the order they apply */
    size_t n_overrides, overrides_capacity;
    unsigned source;  /* of what is being read now */
    const char *file; /* the file given to config_load last; NULL: none */
};

/* schema.c: look-ups by name (NULL when there is none) and what to say then. */
struct section_state *schema_section(const struct config *config, const char *name);
const struct config_field *schema_field(const struct config_section *section, const char *name);
/* `at` is the node of the key. */
enum status schema_fail_section(const struct config *config, const struct yaml_node *at,
                                const char *name, struct diagnostic *diag);
enum status schema_fail_field(const struct config *config, const struct config_section *section,
                              const struct yaml_node *at, const char *name,
                              struct diagnostic *diag);

/* load.c: sets one field from `node`; `key` is the node of its name. */
enum status config_assign(struct config *config, struct section_state *section,
                          const char *field_name, const struct yaml_node *key,
                          const struct yaml_node *node, struct diagnostic *diag);
/* "FILE:LINE" or "--set" of a node; NULL on short memory. */
const char *config_origin_of(struct config *config, const struct yaml_node *node);

/* layers.c: everything under `layers:`, or one field of one pattern. */
enum status layers_apply(struct config *config, const struct yaml_node *layers,
                         struct diagnostic *diag);
enum status layers_assign(struct config *config, const char *pattern,
                          const struct config_section *section, const char *field_name,
                          const struct yaml_node *key, const struct yaml_node *node,
                          struct diagnostic *diag);

#endif
