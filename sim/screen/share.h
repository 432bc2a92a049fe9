/* Shares of a total as cells of a table. */
#ifndef MHO_SCREEN_SHARE_H
#define MHO_SCREEN_SHARE_H

#include "sim/screen/table.h"

/* Three cells: the value ("-" for nothing), its percentage of `total`, and a bar. */
void share_cells(struct table *table, const struct screen *screen, double value, double total,
                 enum unit unit);

/* value / total, 0 of nothing. */
double share_of(double value, double total);

#endif
