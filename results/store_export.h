/* The whole database as comma-separated values, for spreadsheets and other programs. */
#ifndef MHO_RESULTS_STORE_EXPORT_H
#define MHO_RESULTS_STORE_EXPORT_H

#include "results/store_read.h"

/* A file of the folder, and how many lines it has below its head. */
struct store_exported {
    const char *name;
    int64_t rows;
};
enum { STORE_EXPORTED = 4 };

/* Writes runs.csv (a line a run: identity, every parameter, every metric of scope `run`),
 * metrics.csv (a line for each run and metric of any scope), layers.csv and components.csv into
 * `folder`, which is made where missing. They are of one moment, and are there all together or,
 * where writing one fails, as they were. STATUS_USAGE without runs. */
enum status store_export(struct store *store, const char *folder,
                         struct store_exported files[STORE_EXPORTED], struct diagnostic *diag);

#endif
