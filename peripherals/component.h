/* Components: what a part of a chip costs, by kind, variant, parameters and node.
 *
 * A kind ("dac") is a file of configs/components: its parameters, and variants, each with a source,
 * a range of validity and one of the models below. Order of calls: component_load once; then
 * component_evaluate any number of times (pure); component_free. docs/components.md has the format
 * of the files and the formulas. */
#ifndef MHO_PERIPHERALS_COMPONENT_H
#define MHO_PERIPHERALS_COMPONENT_H

#include <stdbool.h>

#include "peripherals/technology.h"
#include "sim/base/base.h"

enum { COMPONENT_PARAMETERS_MAX = 16, COMPONENT_NAME_MAX = 64 };

/* Of one part. An action is what the kind's file says ("one word line driven"), for a memory one
 * access. What the source does not state is 0. */
struct component_cost {
    double area_m2;
    double energy_j;       /* of one action; of a read where there are two sorts */
    double write_energy_j; /* of one write */
    double leakage_w;
    double time_s; /* of one action */
    double write_time_s;
    double power_w; /* always active, leakage included */
};

enum component_figure {
    FIGURE_AREA,
    FIGURE_ENERGY,
    FIGURE_WRITE_ENERGY,
    FIGURE_LEAKAGE,
    FIGURE_TIME,
    FIGURE_WRITE_TIME,
    FIGURE_POWER,
    FIGURE_COUNT
};
extern const char *const component_figure_names[]; /* keys of a variant, NULL-terminated */
extern const enum unit component_figure_units[];

/* The member of a cost. */
double component_figure(const struct component_cost *cost, enum component_figure figure);

struct component_parameter {
    const char *name, *help;
    enum unit unit;
    double standard;     /* where nothing else is said */
    const char *follows; /* what of a mapped layer sets it in a chip ("crossbar.rows"); or NULL */
};

struct component_range {
    double minimum, maximum; /* of a parameter; the same where only one value is known */
};

struct component_law; /* internal: a model and its figures */

struct component_variant {
    const char *name, *source, *note;  /* note may be NULL */
    const char *model;                 /* how figures follow: power_law, table, crossbar, ... */
    double node_m;                     /* of the figures; 0: of none, they are never scaled */
    struct component_range node_range; /* nodes that it can be asked for, beside the technology's */
    struct component_range range[COMPONENT_PARAMETERS_MAX];
    const struct component_law *law;
};

struct component_kind {
    const char *name, *help;
    const char *action_help; /* what one action is */
    const char *action;      /* the action of a chip that it does (sim/cost), "none" */
    int actions_parameter;   /* parameter that says how many of them one is (bits of an access);
                                -1: one */
    struct component_parameter *parameters;
    int n_parameters;
    struct component_variant *variants; /* the first is the default */
    int n_variants;
    char content_hash[33]; /* XXH3-128 of the file */
    struct arena arena;
};

/* Loads configs/components/NAME.yaml, or a file given by its path. */
enum status component_load(const char *name, struct component_kind *kind, struct diagnostic *diag);
void component_free(struct component_kind *kind);

/* NULL, or what `name` is; a NULL name is the first variant. */
const struct component_variant *component_variant(const struct component_kind *kind,
                                                  const char *name);
/* Whether a variant's figures depend on a parameter, or at least know its value. */
bool component_takes(const struct component_variant *variant, int parameter);
/* "1 KiB to 1 MiB". Returns `buffer`. */
char *component_range_text(const struct component_range *range, enum unit unit, char *buffer,
                           size_t size);
/* Index of a parameter, or -1. */
int component_parameter(const struct component_kind *kind, const char *name);

/* The cost of one part. `values` [n_parameters]; NAN: the standard value, or the only one that the
 * variant knows. Figures of another node are scaled by `technology`. Refuses
 * what lies outside the variant's ranges, with the range. */
enum status component_evaluate(const struct component_kind *kind,
                               const struct component_variant *variant, const double *values,
                               double node_m, const struct technology *technology,
                               struct component_cost *cost, struct diagnostic *diag);

/* The values that component_evaluate takes: `values` with NANs filled in, into `complete`. */
void component_complete(const struct component_kind *kind, const struct component_variant *variant,
                        const double *values, double *complete);

#endif
