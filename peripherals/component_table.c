/* Figures over a grid: reading and interpolation. */
#include <math.h>
#include <string.h>

#include "peripherals/component_internal.h"

enum { COLUMNS_MAX = TABLE_AXES_MAX + 1 + FIGURE_COUNT };

/* What a column of a table holds. */
struct column {
    enum { COLUMN_AXIS, COLUMN_PER, COLUMN_FIGURE } is;
    int index; /* of the axis, or of the figure */
    enum unit unit;
    const char *suffix; /* unit as written in the file */
};

static const struct yaml_node *list_of(const struct yaml_node *table, const char *key,
                                       struct diagnostic *diag) {
    const struct yaml_node *list = yaml_get(table, key);
    if (list != NULL && list->kind == YAML_SEQUENCE && list->count > 0)
        return list;
    YAML_FAIL(diag, list != NULL ? list : table, "a table needs a list \"%s\"", key);
    return NULL;
}

/* Index of the parameter that a node names; TABLE_NODE for "node". */
static enum status read_parameter(const struct yaml_node *node, const struct component_kind *kind,
                                  int *index, struct diagnostic *diag) {
    const char *name;
    TRY(yaml_string(node, "axes", &name, diag));
    *index = strcmp(name, "node") == 0 ? TABLE_NODE : component_parameter(kind, name);
    if (*index < 0 && strcmp(name, "node") != 0)
        return YAML_FAIL(diag, node, "\"%s\" is no parameter of %s", name, kind->name);
    return STATUS_OK;
}

static enum status read_axes(const struct yaml_node *node, const struct component_kind *kind,
                             struct component_table *table, struct diagnostic *diag) {
    const struct yaml_node *axes = list_of(node, "axes", diag);
    if (axes == NULL)
        return STATUS_USAGE;
    if (axes->count > TABLE_AXES_MAX)
        return YAML_FAIL(diag, axes, "a table has at most %d axes", TABLE_AXES_MAX);
    table->n_axes = (int)axes->count;
    for (int a = 0; a < table->n_axes; a++)
        TRY(read_parameter(axes->values[a], kind, &table->axis[a], diag));
    table->per = -1;
    const struct yaml_node *per = yaml_get(node, "per");
    return per != NULL ? read_parameter(per, kind, &table->per, diag) : STATUS_OK;
}

static enum unit axis_unit(const struct component_kind *kind, int parameter) {
    return parameter == TABLE_NODE ? UNIT_METRE : kind->parameters[parameter].unit;
}

static const char *axis_name(const struct component_kind *kind, int parameter) {
    return parameter == TABLE_NODE ? "node" : kind->parameters[parameter].name;
}

static enum status read_column(const struct yaml_node *name_node, const struct yaml_node *unit_node,
                               const struct component_kind *kind,
                               const struct component_table *table, struct column *column,
                               struct diagnostic *diag) {
    const char *name;
    TRY(yaml_string(name_node, "columns", &name, diag));
    TRY(yaml_string(unit_node, "units", &column->suffix, diag));
    for (int a = 0; a < table->n_axes; a++)
        if (strcmp(name, axis_name(kind, table->axis[a])) == 0) {
            *column =
                (struct column){COLUMN_AXIS, a, axis_unit(kind, table->axis[a]), column->suffix};
            return STATUS_OK;
        }
    if (table->per >= 0 && strcmp(name, kind->parameters[table->per].name) == 0) {
        *column = (struct column){COLUMN_PER, 0, kind->parameters[table->per].unit, column->suffix};
        return STATUS_OK;
    }
    for (int f = 0; f < FIGURE_COUNT; f++)
        if (strcmp(name, component_figure_names[f]) == 0) {
            *column = (struct column){COLUMN_FIGURE, f, component_figure_units[f], column->suffix};
            return STATUS_OK;
        }
    return YAML_FAIL(diag, name_node, "column \"%s\" is neither an axis nor a figure", name);
}

/* One value of a row, in SI units: a number with its column's unit. */
static enum status read_value(const struct yaml_node *node, const struct column *column,
                              struct arena *arena, double *value, struct diagnostic *diag) {
    const char *text;
    TRY(yaml_string(node, "rows", &text, diag));
    const char *whole = arena_printf(arena, "%s %s", text, column->suffix);
    if (whole == NULL)
        return FAIL_MEMORY(diag, "a table");
    if (!unit_parse(column->suffix[0] == '\0' ? text : whole, column->unit, value) || *value <= 0)
        return YAML_FAIL(diag, node, "expected %s %s above 0 in %s, got \"%s\"",
                         unit_article(column->unit), unit_quantity(column->unit),
                         column->suffix[0] == '\0' ? "plain numbers" : column->suffix, text);
    return STATUS_OK;
}

/* One row: its place on the axes, the width that its energies are of, and its figures. */
struct row {
    double at[TABLE_AXES_MAX], per, figure[FIGURE_COUNT];
};

static enum status read_row(const struct yaml_node *node, const struct column *columns,
                            size_t n_columns, struct arena *arena, struct row *row,
                            struct diagnostic *diag) {
    *row = (struct row){.at = {1, 1}, .per = 1};
    if (node->kind != YAML_SEQUENCE || node->count != n_columns)
        return YAML_FAIL(diag, node, "a row needs %zu values, one for each column", n_columns);
    for (size_t c = 0; c < n_columns; c++) {
        double *value = columns[c].is == COLUMN_AXIS  ? &row->at[columns[c].index]
                        : columns[c].is == COLUMN_PER ? &row->per
                                                      : &row->figure[columns[c].index];
        TRY(read_value(node->values[c], &columns[c], arena, value, diag));
    }
    return STATUS_OK;
}

/* Place of `at` among an axis's points, where it is put in order if it is new; -1: no room. */
static int place(struct component_table *table, int axis, double at) {
    double *points = table->at[axis];
    int i = 0;
    while (i < table->points[axis] && points[i] < at)
        i++;
    if (i < table->points[axis] && points[i] == at)
        return i;
    if (table->points[axis] == TABLE_POINTS_MAX)
        return -1;
    for (int j = table->points[axis]++; j > i; j--)
        points[j] = points[j - 1];
    points[i] = at;
    return i;
}

static enum status fill(const struct yaml_node *rows_node, const struct row *rows,
                        struct component_table *table, struct arena *arena,
                        struct diagnostic *diag) {
    for (size_t r = 0; r < rows_node->count; r++)
        for (int a = 0; a < TABLE_AXES_MAX; a++)
            if (place(table, a, rows[r].at[a]) < 0)
                return YAML_FAIL(diag, rows_node->values[r], "an axis has more than %d values",
                                 TABLE_POINTS_MAX);
    size_t cells = (size_t)table->points[0] * (size_t)table->points[1];
    if (cells != rows_node->count)
        return YAML_FAIL(diag, rows_node,
                         "%zu rows do not fill the grid of %d by %d values of the axes",
                         rows_node->count, table->points[0], table->points[1]);
    for (int f = 0; f < FIGURE_COUNT; f++)
        if ((table->value[f] = ARENA_NEW(arena, cells, double)) == NULL)
            return FAIL_MEMORY(diag, "a table");
    for (size_t r = 0; r < rows_node->count; r++) {
        int i = place(table, 0, rows[r].at[0]) * table->points[1] + place(table, 1, rows[r].at[1]);
        for (int f = 0; f < FIGURE_COUNT; f++) {
            bool energy = f == FIGURE_ENERGY || f == FIGURE_WRITE_ENERGY;
            if (table->has[f] && table->value[f][i] != 0)
                return YAML_FAIL(diag, rows_node->values[r], "this row's place is taken already");
            table->value[f][i] = rows[r].figure[f] / (energy ? rows[r].per : 1);
        }
    }
    return STATUS_OK;
}

enum status component_table_read(const struct yaml_node *node, const struct component_kind *kind,
                                 struct arena *arena, struct component_table *table,
                                 struct component_range *per_range, struct diagnostic *diag) {
    static const char *const keys[] = {"axes", "per", "columns", "units", "rows"};
    struct column columns[COLUMNS_MAX];
    TRY(yaml_check_keys(node, keys, sizeof keys / sizeof *keys, diag));
    TRY(read_axes(node, kind, table, diag));
    const struct yaml_node *names = list_of(node, "columns", diag);
    const struct yaml_node *units = names == NULL ? NULL : list_of(node, "units", diag);
    const struct yaml_node *rows_node = units == NULL ? NULL : list_of(node, "rows", diag);
    if (rows_node == NULL)
        return STATUS_USAGE;
    if (names->count > COLUMNS_MAX || units->count != names->count)
        return YAML_FAIL(diag, units, "a table needs a unit for each of its %zu columns",
                         names->count);
    for (size_t c = 0; c < names->count; c++) {
        TRY(read_column(names->values[c], units->values[c], kind, table, &columns[c], diag));
        if (columns[c].is == COLUMN_FIGURE)
            table->has[columns[c].index] = true;
    }
    struct row *rows = ARENA_NEW(arena, rows_node->count, struct row);
    if (rows == NULL)
        return FAIL_MEMORY(diag, "a table");
    *per_range = (struct component_range){INFINITY, 0};
    for (size_t r = 0; r < rows_node->count; r++) {
        TRY(read_row(rows_node->values[r], columns, names->count, arena, &rows[r], diag));
        per_range->minimum = fmin(per_range->minimum, rows[r].per);
        per_range->maximum = fmax(per_range->maximum, rows[r].per);
    }
    return fill(rows_node, rows, table, arena, diag);
}

/* Interval of an axis that holds `at`, and how far it lies between its ends in logarithms. */
static int interval(const struct component_table *table, int axis, double at, double *share) {
    const double *points = table->at[axis];
    int i = 0;
    *share = 0;
    if (table->points[axis] == 1)
        return 0;
    while (i < table->points[axis] - 2 && at >= points[i + 1])
        i++;
    *share = log(at / points[i]) / log(points[i + 1] / points[i]);
    return i;
}

double component_table_at(const struct component_table *table, enum component_figure figure,
                          const double *values, double node_m) {
    if (!table->has[figure])
        return 0;
    double share[TABLE_AXES_MAX], logarithm = 0;
    int first[TABLE_AXES_MAX];
    for (int a = 0; a < TABLE_AXES_MAX; a++) {
        double at = a >= table->n_axes             ? 1
                    : table->axis[a] == TABLE_NODE ? node_m
                                                   : values[table->axis[a]];
        first[a] = interval(table, a, at, &share[a]);
    }
    for (int corner = 0; corner < 4; corner++) {
        int i = corner >> 1, j = corner & 1;
        double weight = (i ? share[0] : 1 - share[0]) * (j ? share[1] : 1 - share[1]);
        if (weight != 0)
            logarithm +=
                weight *
                log(table->value[figure][(first[0] + i) * table->points[1] + first[1] + j]);
    }
    bool energy = figure == FIGURE_ENERGY || figure == FIGURE_WRITE_ENERGY;
    return exp(logarithm) * (energy && table->per >= 0 ? values[table->per] : 1);
}
