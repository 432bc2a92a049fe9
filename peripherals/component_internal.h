/* Between the files of components: the models and what they work on. */
#ifndef MHO_PERIPHERALS_COMPONENT_INTERNAL_H
#define MHO_PERIPHERALS_COMPONENT_INTERNAL_H

#include "peripherals/component.h"
#include "sim/config/yaml.h"

/* Figures over a grid of one or two axes, interpolated in logarithms. */
enum { TABLE_AXES_MAX = 2, TABLE_POINTS_MAX = 32, TABLE_NODE = -1 };
struct component_table {
    int n_axes;
    int axis[TABLE_AXES_MAX];                    /* index of a parameter, or TABLE_NODE */
    int points[TABLE_AXES_MAX];                  /* of each axis; 1 beyond n_axes */
    double at[TABLE_AXES_MAX][TABLE_POINTS_MAX]; /* rising */
    int per;                     /* energies are of one of this parameter; -1: of an action */
    bool has[FIGURE_COUNT];      /* which figures the table has */
    double *value[FIGURE_COUNT]; /* [points[0] * points[1]], the last axis innermost */
};

struct component_law {
    const struct component_model *model;
    int n_parameters;
    struct component_cost reference;     /* as written; power without leakage */
    double at[COMPONENT_PARAMETERS_MAX]; /* power_law: where the reference holds */
    double exponent[FIGURE_COUNT][COMPONENT_PARAMETERS_MAX];
    bool levels[FIGURE_COUNT][COMPONENT_PARAMETERS_MAX]; /* goes with 2^p - 1, not p^exponent */
    double area_f2; /* line: area in squares of the feature size */
    double cycles;  /* of the technology's clock for one action; 0: time as written */
    struct component_table table;
    int role[COMPONENT_PARAMETERS_MAX]; /* index of each parameter that the model names */
};

struct component_model {
    const char *name;
    const char *const *roles; /* parameters that a kind must have for it; NULL-terminated */
    struct component_cost (*cost)(const struct component_variant *variant, const double *values,
                                  double node_m, const struct technology *technology);
    bool needs_node; /* cannot do without a node of the chip or the figures */
};
extern const struct component_model component_models[];
extern const int n_component_models;

/* Reads "table:" of a variant; `per_range`: from the narrowest to the widest of its `per`. */
enum status component_table_read(const struct yaml_node *node, const struct component_kind *kind,
                                 struct arena *arena, struct component_table *table,
                                 struct component_range *per_range, struct diagnostic *diag);

/* Value of a figure at parameters and node within the grid; 0 where the table has none. */
double component_table_at(const struct component_table *table, enum component_figure figure,
                          const double *values, double node_m);

/* Member of a cost, to be set. */
double *component_figure_of(struct component_cost *cost, enum component_figure figure);

#endif
