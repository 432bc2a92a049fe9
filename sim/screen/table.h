/* Tables of aligned columns, collected cell by cell and printed at once.
 *
 * Order of calls: table_begin; table_cell for every cell, row by row; table_print; table_free. A
 * failed allocation is remembered and reported by table_print, so that cells need no checks. */
#ifndef MHO_SCREEN_TABLE_H
#define MHO_SCREEN_TABLE_H

#include "sim/base/base.h"
#include "sim/screen/screen.h"

enum table_align { TABLE_LEFT, TABLE_RIGHT };

struct table_column {
    const char *title, *subtitle; /* two lines of heading; subtitle may be NULL */
    enum table_align align;
    enum style style; /* of the column's cells */
};

enum { TABLE_COLUMNS = 48, TABLE_SPARE = 4 };

struct table {
    const struct table_column *columns;
    int n_columns;
    const char **cells; /* [n_cells], row-major */
    size_t n_cells, capacity;
    int spare[TABLE_SPARE], n_spare; /* columns to leave out, in this order, where all do not fit */
    bool last_row_is_total;          /* printed bold */
    bool without_headings;
    bool out_of_memory;
    struct arena arena;
};

void table_begin(struct table *table, const struct table_column *columns, int n_columns);

/* Appends the next cell, printf-like. */
void table_cell(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Allows a column to be left out where the screen is too narrow for the table with one blank
 * between columns; those allowed first go first. At most TABLE_SPARE. */
void table_allow_without(struct table *table, int column);

/* Whether the column is shown on a screen of that width. */
bool table_shows(const struct table *table, const struct screen *screen, int column);

/* Headings, then the rows; two blanks between columns, one where the screen is too narrow. No
 * trailing blanks. The last row must be full, and there are at most TABLE_COLUMNS columns. */
enum status table_print(const struct table *table, const struct screen *screen,
                        struct diagnostic *diag);
void table_free(struct table *table);

#endif
