/* A small but complete run for the tests of the results store, and reads through sqlite3. */
#ifndef MHO_TESTS_SUPPORT_RUNS_H
#define MHO_TESTS_SUPPORT_RUNS_H

#include <stdint.h>

#include "results/store.h"

/* A done run: 4 parameters, 22 metrics, 2 layers, 3 components; its arrays are static constants. */
struct store_run sample_run(void);

/* First column of the first row of `sql` over the database `path`, as text; NULL becomes "NULL".
 * `buffer` is returned. Ends the test where the query gives no row. */
char *query_text(const char *path, const char *sql, char *buffer, int size);
int64_t query_integer(const char *path, const char *sql);
double query_real(const char *path, const char *sql);

/* Runs statements of its own connection. */
void execute(const char *path, const char *sql);

#endif
