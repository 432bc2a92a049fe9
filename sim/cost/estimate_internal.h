/* Between the files that make one estimate: its order and sums (estimate.c), its rows (rows.c), and
 * the writing of cells (writes.c). */
#ifndef MHO_COST_ESTIMATE_INTERNAL_H
#define MHO_COST_ESTIMATE_INTERNAL_H

#include "sim/cost/cost_internal.h"
#include "sim/cost/traffic.h"

/* What every row of one estimate needs. */
struct estimate {
    const struct chip *chip;
    const struct network *network;
    const struct mapping *mapping;
    const struct adc_model *model;         /* of the converters */
    const struct device *const *devices;   /* of each layer; NULL: not known */
    const struct layer_activity *activity; /* NULL: configured */
    double configured_activity;
    const struct config *config;
    struct converters converters;
    struct companion_parts companions;
    const struct floorplan *plan;
    struct moves moves;
    struct traffic traffic;
    struct links links;
    struct cell_writes *writes; /* of each layer once */
    struct reload reload;
    const struct chip_options *options;
    double share; /* of the parts that layers occupy, one after the other, those that are there */
    struct layer_reads *reads; /* [n_layers] */
    double interval_s;         /* between images: over it leakage counts */
    struct cost_report *report;
};

/* Size of the layer's arrays, and what its parts follow. */
struct geometry layer_geometry(const struct estimate *estimate, const struct mapped_layer *mapped);
struct part_conditions layer_conditions(const struct estimate *estimate, int layer);

/* Appends the rows of one layer to the report, and fills its sums: once it has its times. */
enum status rows_of_layer(struct estimate *estimate, int index, struct diagnostic *diag);

/* Those of parts that all layers share, behind the layers'. */
void rows_shared(struct estimate *estimate);

/* report->idle: what completes the used parts to whole macros, tiles and chips. */
enum status rows_idle(struct estimate *estimate, struct diagnostic *diag);

/* What writing the cells of all layers takes, for the report and in estimate->writes and reload. */
enum status writes_estimate(struct estimate *estimate, struct diagnostic *diag);

/* The row of a layer whose cells are written for every batch; nothing where they stay. */
void writes_add(struct estimate *estimate, int index);

#endif
