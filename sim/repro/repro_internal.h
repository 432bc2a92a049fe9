/* Between repro.c and compare.c. */
#ifndef MHO_REPRO_REPRO_INTERNAL_H
#define MHO_REPRO_REPRO_INTERNAL_H

#include "sim/repro/repro.h"
#include "sim/repro/workspace.h"

/* Fills result->comparisons. */
enum status repro_compare(struct workspace *workspace, struct repro_result *result,
                          struct diagnostic *diag);

#endif
