/* Runs of a made-up sweep, as small or as large as real ones, for tests and benchmarks of queries.
 */
#ifndef MHO_TESTS_SUPPORT_POINTS_H
#define MHO_TESTS_SUPPORT_POINTS_H

#include "results/store.h"

/* What a query asks about a run. */
struct point {
    const char *experiment;
    int rows;         /* crossbar.rows */
    const char *bits; /* adc.bits: a number or a word */
    double accuracy;  /* percent; NAN: no images */
    double area_m2, energy_j;
    const char *status; /* NULL: "done" */
    int trial;
};

enum { POINT_PARAMETERS = 90, POINT_METRICS = 64, POINT_LAYERS = 4 };

/* Room for the rows of a run, which point into it. */
struct point_rows {
    struct store_parameter parameters[POINT_PARAMETERS];
    struct store_metric metrics[POINT_METRICS];
    struct store_layer layers[POINT_LAYERS];
    char hash[33], text[32];
};

/* The run number `index` of a sweep. With `whole` it has as many parameters, metrics and layers as
 * a run of LeNet-5, else those of the point alone. */
struct store_run point_run(const struct point *point, int index, bool whole,
                           struct point_rows *rows);

#endif
