/* Inside a sweep: groups of dimensions as read from the file. Private. */
#ifndef MHO_SWEEP_SWEEP_INTERNAL_H
#define MHO_SWEEP_SWEEP_INTERNAL_H

#include <gsl/gsl_qrng.h>

#include "sim/expression/expression.h"
#include "sim/sweep/sweep.h"

/* One value of a dimension: the fields that it sets. */
struct sweep_value {
    const char *name; /* for tables, where the dimension has a name of its own; else NULL */
    const struct sweep_setting *settings;
    int n_settings;
};

/* A range of `sample`, or a list of values. */
struct sweep_range {
    const char *key;
    const struct yaml_node *at;
    const struct sweep_value *values; /* [n_values] */
    long n_values;                    /* 0: a range */
    double low, high;
    bool integer, logarithmic;
};

struct sweep_dimension {
    const char *name; /* of its own, or the (first) key */
    bool named;       /* one label for the dimension, not one for each key */
    bool ordered;     /* values are numbers */
    bool searched;    /* false: `repeat` */
    int depth;        /* stage that its keys first matter to: run_field_depth */
    const struct sweep_value *values;
    long n_values;
};

enum sample_method { SAMPLE_RANDOM, SAMPLE_LATIN_HYPERCUBE, SAMPLE_SOBOL, SAMPLE_METHODS };
enum { SAMPLE_SOBOL_MAX = 40 }; /* dimensions of gsl_qrng_sobol */

struct sweep_sample {
    enum sample_method method;
    long points;
    uint64_t seed;
    const struct sweep_range *ranges;
    int n_ranges;
    const uint32_t *const *strata; /* latin hypercube: [n_ranges][points], a permutation each */
};

struct sweep_group {
    const struct yaml_node *node;
    const struct sweep_setting *set; /* `set` of the group */
    int n_set;
    const struct sweep_dimension *dimensions; /* slowest first */
    int n_dimensions;
    const struct sweep_sample *sample; /* slower than all dimensions; NULL: none */
    const struct expression *const *rules;
    int n_rules;
    long size; /* product of all */
};

struct sweep {
    const char *path, *name;
    struct config *base;  /* without overrides */
    struct config *start; /* what settings are applied to */
    const struct sweep_group *groups;
    int n_groups;
    const struct sweep_variable *variables; /* of the first group: dimensions, then ranges */
    int n_variables;
    const struct yaml_node *search; /* NULL: none */
    long size;
    struct arena arena;
};

/* --- reading (load.c, values.c, sample.c) --- */

struct loading {
    struct sweep *sweep;
    const char *const *overrides;
    size_t n_overrides;
    struct diagnostic *diag;
};

enum status sweep_check_mapping(const struct yaml_node *node, const char *what,
                                struct diagnostic *diag);

/* One "key: value", checked on a copy of the base. */
enum status sweep_read_setting(struct loading *loading, const char *key, const struct yaml_node *at,
                               const struct yaml_node *value, struct sweep_setting *setting);
/* All of a mapping. */
enum status sweep_read_settings(struct loading *loading, const struct yaml_node *mapping,
                                const char *what, const struct sweep_setting **settings, int *n);
/* "key: [value, ...]" as values of one setting each. */
enum status sweep_read_list(struct loading *loading, const char *key, const struct yaml_node *at,
                            const struct yaml_node *list, const struct sweep_value **values,
                            long *n);
/* The field of "section.key" or "layers.PATTERN.section.key"; the key is known to be right. */
const struct config_field *sweep_field(const struct sweep *sweep, const char *key);
bool sweep_values_are_numbers(const struct sweep_value *values, long n);

enum status sweep_read_sample(struct loading *loading, const struct yaml_node *node,
                              const struct sweep_sample **sample);

/* Fills sweep->variables (variables.c). */
enum status sweep_list_variables(struct loading *loading);

/* --- points (sample.c, point.c, where.c) --- */

/* The setting that a range has at 0 <= u < 1, in `arena`. */
enum status sweep_range_setting(const struct sweep_range *range, double u, struct arena *arena,
                                struct sweep_setting *setting, struct diagnostic *diag);

/* Coordinates [n_ranges] of sample point `index`, which rises by one from call to call for Sobol
 * points (`sequence`, at its start for index 0). */
void sweep_sample_coordinates(const struct sweep_sample *sample, long index, gsl_qrng *sequence,
                              double *u);

/* Makes a point of a group: value `digits[d]` of each dimension, coordinates u of its sample (NULL:
 * none). */
enum status sweep_make_point(const struct sweep *sweep, const struct sweep_group *group,
                             const long *digits, const double *u, struct sweep_point *point,
                             struct diagnostic *diag);

/* Reads `where`; names are checked. */
enum status sweep_read_rules(struct loading *loading, const struct yaml_node *node,
                             const struct sweep_group *group,
                             const struct expression *const **rules, int *n);

/* Whether all rules of the group hold at the point. */
enum status sweep_keeps(const struct sweep *sweep, const struct sweep_group *group,
                        const struct sweep_point *point, bool *kept, struct diagnostic *diag);

#endif
