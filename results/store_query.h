/* Questions in SQL to the results store, which they cannot change.
 *
 * Order of calls: store_open_reading; store_query_open; store_query_next until it gives no row, and
 * values of that row between; store_query_close. Rows are read one at a time, so that memory does
 * not grow with them. */
#ifndef MHO_RESULTS_STORE_QUERY_H
#define MHO_RESULTS_STORE_QUERY_H

#include <stdio.h>

#include "results/store_read.h"

struct store_query; /* opaque */

/* Prepares one SELECT (WITH and VALUES, too). STATUS_USAGE in one line otherwise, with the word of
 * the statement where it goes wrong, and the nearest name or all of them where one is unknown. */
enum status store_query_open(struct store *store, const char *sql, struct store_query **query,
                             struct diagnostic *diag);
void store_query_close(struct store_query *query);

/* Columns of its rows, and their names. */
int store_query_columns(const struct store_query *query);
const char *store_query_name(const struct store_query *query, int column);

/* Steps to the next row; `row`: whether there is one. */
enum status store_query_next(struct store_query *query, bool *row, struct diagnostic *diag);

struct store_value {
    enum { STORE_NULL, STORE_INTEGER, STORE_REAL, STORE_TEXT } type;
    int64_t integer;
    double real;
    const char *text; /* until the next step; of bytes (BLOB) their hexadecimal digits */
};
struct store_value store_query_value(struct store_query *query, int column);

/* The value as a number, NAN where it is none. */
double store_value_number(const struct store_value *value);

/* Digits that give the same double again, with a point or an exponent. Returns `buffer`. */
enum { STORE_REAL_DIGITS = 32 };
char *store_real_text(double real, char buffer[STORE_REAL_DIGITS]);

/* The value as text, such digits of a number; NULL for NULL. */
const char *store_value_text(const struct store_value *value, char buffer[STORE_REAL_DIGITS]);

/* Names of the columns, then every row as it comes (sim/base/csv.h); `rows`: how many. */
enum status store_query_csv(struct store_query *query, FILE *out, int64_t *rows,
                            struct diagnostic *diag);

/* Unit of a column of any table or view by its name ("J" for "energy_j"), as written after a
 * number; "" for a plain number or a text, NULL for a name that does not tell. */
const char *store_column_unit(const char *column);

/* The view, or table, as the statement that reads all of it, in `arena`. STATUS_USAGE with the
 * names there are when there is none of this name. */
enum status store_view_sql(struct store *store, const char *view, struct arena *arena,
                           const char **sql, struct diagnostic *diag);

/* An empty database in memory with today's tables and views, to ask what there is to ask. */
enum status store_open_memory(struct store **store, struct diagnostic *diag);

#endif
