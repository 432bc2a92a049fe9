/* Rows as a table for reading. */
#include <inttypes.h>
#include <string.h>

#include "sim/cli/query/query_view.h"
#include "sim/screen/table.h"

enum { LONGEST = 60 }; /* columns of a cell */

/* What came back: cells row by row, and of each column whether it is numbers. */
struct rows {
    const char **cells; /* [n * columns] */
    size_t n, capacity;
    int columns;
    bool *text; /* [columns] some value is a text */
    struct arena arena;
};

/* Text of one line, cut where it is long. */
static char *short_text(const char *text, struct arena *arena) {
    char line[4 * LONGEST + 4];
    size_t used = 0;
    int width = 0;
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        bool begins = (c & 0xc0) != 0x80;
        if ((begins && ++width > LONGEST) || used > sizeof line - 4) {
            while (used > 0 && width > LONGEST - 2)
                if (((unsigned char)line[--used] & 0xc0) != 0x80)
                    width--;
            memcpy(line + used, "..", 3);
            return arena_strdup(arena, line);
        }
        line[used++] = c < ' ' || c == 0x7f ? ' ' : (char)c;
    }
    line[used] = '\0';
    return arena_strdup(arena, line);
}

static const char *cell_of(const struct store_value *value, struct arena *arena) {
    switch (value->type) {
    case STORE_INTEGER:
        return arena_printf(arena, "%" PRId64, value->integer);
    case STORE_REAL:
        return arena_printf(arena, "%.6g", value->real);
    case STORE_TEXT:
        return short_text(value->text, arena);
    default:
        return "-";
    }
}

static enum status grow(struct rows *rows, struct diagnostic *diag) {
    size_t capacity = rows->capacity == 0 ? 64 : 2 * rows->capacity;
    const char **cells = ARENA_NEW(&rows->arena, capacity * (size_t)rows->columns, const char *);
    if (cells == NULL)
        return FAIL_MEMORY(diag, "the rows of a query");
    if (rows->n > 0)
        memcpy(cells, rows->cells, rows->n * (size_t)rows->columns * sizeof *cells);
    rows->cells = cells;
    rows->capacity = capacity;
    return STATUS_OK;
}

static enum status collect(struct store_query *query, struct rows *rows, struct diagnostic *diag) {
    bool row = true;
    rows->columns = store_query_columns(query);
    rows->text = ARENA_NEW(&rows->arena, rows->columns, bool);
    if (rows->text == NULL)
        return FAIL_MEMORY(diag, "the rows of a query");
    for (;;) {
        TRY(store_query_next(query, &row, diag));
        if (!row)
            return STATUS_OK;
        if (rows->n == rows->capacity)
            TRY(grow(rows, diag));
        for (int i = 0; i < rows->columns; i++) {
            struct store_value value = store_query_value(query, i);
            const char *cell = cell_of(&value, &rows->arena);
            if (cell == NULL)
                return FAIL_MEMORY(diag, "the rows of a query");
            rows->text[i] = rows->text[i] || value.type == STORE_TEXT;
            rows->cells[rows->n * (size_t)rows->columns + (size_t)i] = cell;
        }
        rows->n++;
    }
}

static const char *unit_of(const struct store_query *query, int column) {
    const char *unit = store_column_unit(store_query_name(query, column));
    return unit != NULL && unit[0] != '\0' ? unit : NULL;
}

/* Columns that the table takes with one blank between them. */
static int table_width(const struct store_query *query, const struct rows *rows) {
    int total = rows->columns - 1;
    for (int i = 0; i < rows->columns; i++) {
        int width = text_width(store_query_name(query, i));
        for (size_t r = 0; r < rows->n; r++) {
            int own = text_width(rows->cells[r * (size_t)rows->columns + (size_t)i]);
            width = own > width ? own : width;
        }
        total += width;
    }
    return total;
}

static enum status side_by_side(const struct store_query *query, struct rows *rows,
                                const struct screen *screen, struct diagnostic *diag) {
    struct table_column *columns = ARENA_NEW(&rows->arena, rows->columns, struct table_column);
    struct table table;
    if (columns == NULL)
        return FAIL_MEMORY(diag, "a table");
    for (int i = 0; i < rows->columns; i++)
        columns[i] = (struct table_column){store_query_name(query, i), unit_of(query, i),
                                           rows->text[i] ? TABLE_LEFT : TABLE_RIGHT, STYLE_PLAIN};
    table_begin(&table, columns, rows->columns);
    for (size_t i = 0; i < rows->n * (size_t)rows->columns; i++)
        table_cell(&table, "%s", rows->cells[i]);
    enum status status = table_print(&table, screen, diag);
    table_free(&table);
    return status;
}

/* A block for each row: name, value, unit. */
static void one_below_the_other(const struct store_query *query, const struct rows *rows,
                                const struct screen *screen) {
    int width = 0;
    for (int i = 0; i < rows->columns; i++) {
        int own = text_width(store_query_name(query, i));
        width = own > width ? own : width;
    }
    for (size_t r = 0; r < rows->n; r++) {
        if (r > 0)
            fputc('\n', screen->out);
        for (int i = 0; i < rows->columns; i++) {
            const char *name = store_query_name(query, i), *unit = unit_of(query, i);
            const char *cell = rows->cells[r * (size_t)rows->columns + (size_t)i];
            bool with_unit = unit != NULL && strcmp(cell, "-") != 0;
            fprintf(screen->out, "%s%s%s%*s  %s%s%s\n", screen_style(screen, STYLE_DIM), name,
                    screen_reset(screen), width - text_width(name), "", cell, with_unit ? " " : "",
                    with_unit ? unit : "");
        }
    }
}

enum status query_table(struct store_query *query, const struct screen *screen, FILE *notes,
                        struct diagnostic *diag) {
    struct rows rows = {0};
    enum status status = collect(query, &rows, diag);
    if (status == STATUS_OK) {
        bool wide = screen->terminal && table_width(query, &rows) > screen->width;
        if (rows.n > 0 && (wide || rows.columns > TABLE_COLUMNS))
            one_below_the_other(query, &rows, screen);
        else if (rows.columns <= TABLE_COLUMNS)
            status = side_by_side(query, &rows, screen, diag);
    }
    if (status == STATUS_OK && rows.n == 0 && notes != NULL)
        fputs("no rows\n", notes);
    arena_free(&rows.arena);
    return status;
}
