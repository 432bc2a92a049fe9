/* The parts of a record; each fills its rows of `record`, allocated in `arena`. */
#ifndef MHO_RUN_RECORD_INTERNAL_H
#define MHO_RUN_RECORD_INTERNAL_H

#include "sim/run/record.h"

/* One for each field of each section, then one for each entry under `layers:`. */
enum status record_parameters(const struct config *config, const struct config *base,
                              struct arena *arena, struct store_run *record,
                              struct diagnostic *diag);
enum status record_metrics(const struct run_result *result, int trial, struct arena *arena,
                           struct store_run *record, struct diagnostic *diag);
/* Resolution that a layer's converters are built for; without cost, that is simulated. */
int run_built_bits(const struct run_result *result, int layer);
enum status record_layers(const struct run_result *result, struct arena *arena,
                          struct store_run *record, struct diagnostic *diag);
enum status record_components(const struct run_result *result, struct arena *arena,
                              struct store_run *record, struct diagnostic *diag);

#endif
