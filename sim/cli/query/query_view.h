/* What `mho query` shows of the rows that come back. */
#ifndef MHO_CLI_QUERY_QUERY_VIEW_H
#define MHO_CLI_QUERY_QUERY_VIEW_H

#include "results/store_query.h"
#include "sim/screen/screen.h"

/* Aligned columns, units in the head, six digits; the columns of each row one below the other where
 * a terminal is too narrow for them side by side. Nothing but the head, and a line on `notes`
 * (NULL: none), without rows. */
enum status query_table(struct store_query *query, const struct screen *screen, FILE *notes,
                        struct diagnostic *diag);

/* Every row in full as it comes: a Markdown table; a JSON array of objects. (CSV: store_query_csv.)
 */
enum status query_markdown(struct store_query *query, FILE *out, struct diagnostic *diag);
enum status query_json(struct store_query *query, FILE *out, struct diagnostic *diag);

/* Tables by what they belong to, and views, with columns and units. They are those of a new
 * database: none need exist. */
enum status query_schema(const struct screen *screen, struct diagnostic *diag);

#endif
