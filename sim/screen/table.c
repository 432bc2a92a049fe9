/* Tables of aligned columns. */
#include "sim/screen/table.h"

#include <stdarg.h>
#include <string.h>

enum { CELL_LENGTH = 256 };

void table_begin(struct table *table, const struct table_column *columns, int n_columns) {
    *table = (struct table){.columns = columns, .n_columns = n_columns};
}

static bool grow(struct table *table) {
    size_t capacity = table->capacity == 0 ? 64 : 2 * table->capacity;
    const char **cells = ARENA_NEW(&table->arena, capacity, const char *);
    if (cells == NULL)
        return false;
    if (table->n_cells > 0)
        memcpy(cells, table->cells, table->n_cells * sizeof *cells);
    table->cells = cells;
    table->capacity = capacity;
    return true;
}

void table_cell(struct table *table, const char *format, ...) {
    if (table->out_of_memory || (table->n_cells == table->capacity && !grow(table))) {
        table->out_of_memory = true;
        return;
    }
    char text[CELL_LENGTH];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const char *copy = arena_strdup(&table->arena, text);
    table->out_of_memory = copy == NULL;
    table->cells[table->n_cells++] = copy;
}

static int larger(int a, const char *text) {
    int width = text != NULL ? text_width(text) : 0;
    return width > a ? width : a;
}

static int column_width(const struct table *table, int column) {
    int width = larger(0, table->columns[column].title);
    width = larger(width, table->columns[column].subtitle);
    for (size_t i = (size_t)column; i < table->n_cells; i += (size_t)table->n_columns)
        width = larger(width, table->cells[i]);
    return width;
}

void table_allow_without(struct table *table, int column) {
    if (table->n_spare < TABLE_SPARE)
        table->spare[table->n_spare++] = column;
}

/* What a table looks like on a screen. */
struct layout {
    int widths[TABLE_COLUMNS];
    bool hidden[TABLE_COLUMNS];
    int gap;
};

static int total_width(const struct table *table, const struct layout *layout, int gap) {
    int total = -gap;
    for (int c = 0; c < table->n_columns; c++)
        total += layout->hidden[c] ? 0 : layout->widths[c] + gap;
    return total;
}

static struct layout lay_out(const struct table *table, const struct screen *screen) {
    struct layout layout = {0};
    for (int c = 0; c < table->n_columns; c++)
        layout.widths[c] = column_width(table, c);
    for (int i = 0; i < table->n_spare && total_width(table, &layout, 1) > screen->width; i++)
        layout.hidden[table->spare[i]] = true;
    layout.gap = total_width(table, &layout, 2) <= screen->width ? 2 : 1;
    return layout;
}

bool table_shows(const struct table *table, const struct screen *screen, int column) {
    return !lay_out(table, screen).hidden[column];
}

/* A line being printed: blanks wait until text follows them, so that none trail. */
struct line {
    const struct screen *screen;
    int blanks;
};

static void put(struct line *line, const char *text, int width, enum table_align align,
                enum style style) {
    int padding = width - text_width(text);
    if (align == TABLE_RIGHT)
        line->blanks += padding;
    if (text[0] != '\0') {
        fprintf(line->screen->out, "%*s", line->blanks, "");
        line->blanks = 0;
        if (style == STYLE_PLAIN)
            fputs(text, line->screen->out);
        else
            fprintf(line->screen->out, "%s%s%s", screen_style(line->screen, style), text,
                    screen_reset(line->screen));
    }
    if (align == TABLE_LEFT)
        line->blanks += padding;
}

static void print_headings(const struct table *table, const struct screen *screen,
                           const struct layout *layout) {
    bool two = false;
    for (int c = 0; c < table->n_columns; c++)
        two = two || (table->columns[c].subtitle != NULL && !layout->hidden[c]);
    for (int part = 0; part < 1 + two; part++) {
        struct line line = {.screen = screen};
        for (int c = 0; c < table->n_columns; c++) {
            const struct table_column *column = &table->columns[c];
            const char *text = part == 0 ? column->title : column->subtitle;
            if (layout->hidden[c])
                continue;
            put(&line, text != NULL ? text : "", layout->widths[c], column->align, STYLE_DIM);
            line.blanks += layout->gap;
        }
        fputc('\n', screen->out);
    }
}

enum status table_print(const struct table *table, const struct screen *screen,
                        struct diagnostic *diag) {
    if (table->out_of_memory)
        return FAIL_MEMORY(diag, "a table");
    if (table->n_columns > TABLE_COLUMNS || table->n_cells % (size_t)table->n_columns != 0)
        return FAIL(diag, STATUS_INTERNAL, "a table has %zu cells in rows of %d", table->n_cells,
                    table->n_columns);
    struct layout layout = lay_out(table, screen);
    if (!table->without_headings)
        print_headings(table, screen, &layout);
    for (size_t first = 0; first < table->n_cells; first += (size_t)table->n_columns) {
        bool bold = table->last_row_is_total && first + (size_t)table->n_columns == table->n_cells;
        struct line line = {.screen = screen};
        for (int c = 0; c < table->n_columns; c++) {
            const struct table_column *column = &table->columns[c];
            if (layout.hidden[c])
                continue;
            put(&line, table->cells[first + (size_t)c], layout.widths[c], column->align,
                bold ? STYLE_BOLD : column->style);
            line.blanks += layout.gap;
        }
        fputc('\n', screen->out);
    }
    return STATUS_OK;
}

void table_free(struct table *table) {
    arena_free(&table->arena);
    *table = (struct table){0};
}
