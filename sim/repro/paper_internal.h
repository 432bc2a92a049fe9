/* Reading of paper files: between paper_load.c, paper_sections.c and paper_rows.c. */
#ifndef MHO_REPRO_PAPER_INTERNAL_H
#define MHO_REPRO_PAPER_INTERNAL_H

#include "sim/repro/paper.h"

/* Refuses a node that is no list, no mapping, or holds other keys than `allowed`. */
enum status paper_check_list(const struct yaml_node *node, const char *what,
                             struct diagnostic *diag);
enum status paper_check_keys(const struct yaml_node *node, const char *const *allowed,
                             size_t n_allowed, struct diagnostic *diag);

/* A key that must be there; the message has the position of `mapping`. */
enum status paper_required(const struct yaml_node *mapping, const char *key,
                           const struct yaml_node **value, struct diagnostic *diag);
enum status paper_text(const struct yaml_node *mapping, const char *key, bool required,
                       const char **text, struct diagnostic *diag);

/* Refuses a name that no expression could be written with. `key` is its node. */
enum status paper_check_name(const char *name, const struct yaml_node *key,
                             struct diagnostic *diag);

/* true or false; false where the key is not there. */
enum status paper_flag(const struct yaml_node *mapping, const char *key, bool *value,
                       struct diagnostic *diag);

/* Index of a data table by the text of a node. */
enum status paper_find_data(const struct paper *paper, const struct yaml_node *node, int *index,
                            struct diagnostic *diag);
enum status paper_find_unit(const struct yaml_node *node, const struct paper_unit **unit,
                            struct diagnostic *diag);

/* The sections of a paper; data before fits before tables. `node` may be NULL: the section is not
 * there. */
enum status paper_load_chips(const struct yaml_node *node, struct paper *paper,
                             struct diagnostic *diag);
enum status paper_load_runs(const struct yaml_node *node, struct paper *paper,
                            struct diagnostic *diag);
enum status paper_load_data(const struct yaml_node *node, struct paper *paper,
                            struct diagnostic *diag);
enum status paper_load_fits(const struct yaml_node *node, struct paper *paper,
                            struct diagnostic *diag);
enum status paper_load_defines(const struct yaml_node *node, struct paper *paper,
                               struct diagnostic *diag);
enum status paper_load_comparisons(const struct yaml_node *node, struct paper *paper,
                                   struct diagnostic *diag);
/* Refuses a name that means two things: among chips, runs, fits, definitions and columns. */
enum status paper_check_meanings(const struct paper *paper, const struct yaml_node *root,
                                 struct diagnostic *diag);
enum status paper_load_tables(const struct yaml_node *node, struct paper *paper,
                              struct diagnostic *diag);

#endif
