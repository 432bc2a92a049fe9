/* A figure over two parameters, its value in every cell. */
#include <math.h>
#include <stdlib.h>

#include "sim/plot/plot_internal.h"

enum { CELL_MOST = 400, CELL_WIDTH = 78, CELL_HEIGHT = 40 };

/* viridis (van der Walt and Smith 2015), at nine places. */
static const char palette[] =
    "set palette defined (0 '#440154', 1 '#472d7b', 2 '#3b528b', 3 '#2c728e', 4 '#21918c', 5 "
    "'#28ae80', 6 '#5ec962', 7 '#addc30', 8 '#fde725')\n";

/* Three significant digits of the largest; of percentages one decimal. */
static void cell_text(double value, const char *unit, double largest, char text[32]) {
    double digits = largest > 0 ? 2 - floor(log10(largest)) : 0;
    int decimals = unit[0] == '%' ? 1 : digits > 0 ? (int)digits : 0;
    if (decimals > 6)
        snprintf(text, 32, "%.3g", value);
    else
        snprintf(text, 32, "%.*f", decimals, value);
}

static void write_cells(FILE *script, const struct plot_grid *grid, const char *unit, double low,
                        double high) {
    fputs("$cells << EOD\n", script);
    for (int y = 0; y < grid->ny; y++)
        for (int x = 0; x < grid->nx; x++) {
            double value = grid->cells[y * grid->nx + x];
            if (isfinite(value))
                fprintf(script, "%d %d %.9g\n", x, y, value);
        }
    fputs("EOD\n", script);
    for (int y = 0; y < grid->ny; y++)
        for (int x = 0; x < grid->nx; x++) {
            double value = grid->cells[y * grid->nx + x];
            char text[32];
            if (!isfinite(value))
                continue;
            cell_text(value, unit, fmax(fabs(low), fabs(high)), text);
            /* Dark cells have white figures. */
            bool light = high > low && (value - low) / (high - low) > 0.55;
            fprintf(script, "set label '%s' at %d,%d center front textcolor rgb '%s'\n", text, x, y,
                    light ? "#111111" : "#ffffff");
        }
}

static void write_tics(FILE *script, char axis, const struct plot_value *values, int n) {
    fprintf(script, "set %crange [-0.5:%g]\nset %ctics scale 0 (", axis, n - 0.5, axis);
    for (int i = 0; i < n; i++) {
        char text[64];
        fputs(i > 0 ? ", " : "", script);
        script_text(script, plot_value_text(&values[i], text, sizeof text));
        fprintf(script, " %d", i);
    }
    fputs(") noenhanced\n", script);
}

/* Columns of points that the widest mark takes. */
static int longest(const struct plot_value *values, int n) {
    double most = 0;
    for (int i = 0; i < n; i++) {
        char text[64];
        most = fmax(most, place_width(plot_value_text(&values[i], text, sizeof text)));
    }
    return (int)most;
}

struct heatmap {
    struct plot_rows rows; /* x, y, value */
    struct plot_grid grid;
    struct plot_scale scale;
    double low, high;
};

static enum status read_heatmap(struct store *store, const struct plot_request *request,
                                struct arena *arena, struct heatmap *map, struct diagnostic *diag) {
    const char *names[3] = {request->x != NULL ? request->x : "crossbar.rows",
                            request->y != NULL ? request->y : "adc.bits",
                            request->value != NULL ? request->value : "accuracy_mean"};
    TRY(rows_read(store, request, names, 3, arena, &map->rows, diag));
    for (int i = 0; i < map->rows.n; i++)
        if (map->rows.rows[i].values[2].word != NULL)
            return FAIL(diag, STATUS_USAGE, "`%s` is no number (run %lld: %s)", names[2],
                        (long long)map->rows.rows[i].run_id, map->rows.rows[i].values[2].word);
    TRY(grid_make(store, &map->rows, request->statistic, arena, &map->grid, diag));
    int n = map->grid.nx * map->grid.ny;
    if (n > CELL_MOST)
        return FAIL(diag, STATUS_USAGE,
                    "%d x %d cells: figures in more than %d cannot be read; choose some with "
                    "--where",
                    map->grid.nx, map->grid.ny, CELL_MOST);
    map->low = INFINITY;
    map->high = -INFINITY;
    for (int i = 0; i < n; i++)
        if (isfinite(map->grid.cells[i])) {
            map->low = fmin(map->low, map->grid.cells[i]);
            map->high = fmax(map->high, map->grid.cells[i]);
        }
    map->scale = scale_for(map->rows.quantities[2].unit, fmax(fabs(map->low), fabs(map->high)));
    for (int i = 0; i < n; i++)
        map->grid.cells[i] *= map->scale.factor;
    map->low *= map->scale.factor;
    map->high *= map->scale.factor;
    return STATUS_OK;
}

enum status plot_heatmap(struct store *store, const struct plot_request *request,
                         struct arena *arena, struct diagnostic *diag) {
    struct heatmap map;
    char *text = NULL, x[PLOT_LABEL], y[PLOT_LABEL], title[3 * PLOT_LABEL], note[PLOT_LABEL];
    char subtitle[PLOT_SUBTITLE];
    size_t size = 0;
    TRY(read_heatmap(store, request, arena, &map, diag));
    int cells = map.grid.nx * CELL_WIDTH, left = 64 + longest(map.grid.y, map.grid.ny);
    quantity_axis(&map.rows.quantities[0], NULL, x);
    quantity_axis(&map.rows.quantities[1], NULL, y);
    quantity_axis(&map.rows.quantities[2], &map.scale, note);
    snprintf(title, sizeof title, "%s by %s and %s", note, map.rows.quantities[0].label,
             map.rows.quantities[1].label);
    grid_note(&map.grid, request->statistic, note);
    int wide = 30 + (int)(1.4 * place_width(request->title != NULL ? request->title : title));
    int right = cells + left + 90 < wide ? wide - cells - left : 90;
    const struct plot_frame frame = {.width = cells + left + right,
                                     .height = map.grid.ny * CELL_HEIGHT + 126,
                                     .left = left,
                                     .right = right,
                                     .top = 66,
                                     .bottom = 60};
    FILE *script = open_memstream(&text, &size);
    if (script == NULL)
        return FAIL_MEMORY(diag, "a plot");
    script_begin(script, &frame, request->title != NULL ? request->title : title,
                 script_note(request, note, subtitle));
    fputs("unset grid\nunset border\n", script);
    fputs(palette, script);
    fputs("set xlabel ", script);
    script_text(script, x);
    fputs(" noenhanced\nset ylabel ", script);
    script_text(script, y);
    fputs(" noenhanced\n", script);
    write_tics(script, 'x', map.grid.x, map.grid.nx);
    write_tics(script, 'y', map.grid.y, map.grid.ny);
    double margin = map.high > map.low ? 0 : 1;
    fprintf(script,
            "set cbrange [%.9g:%.9g]\nset colorbox user origin screen %g,screen %g size screen "
            "%g,screen %g noborder\nset cbtics scale 0 font ',11'\n",
            map.low - margin, map.high + margin, (double)(frame.left + cells + 16) / frame.width,
            (double)frame.bottom / frame.height, 14.0 / frame.width,
            (double)(map.grid.ny * CELL_HEIGHT) / frame.height);
    write_cells(script, &map.grid, map.scale.unit, map.low, map.high);
    fputs("plot $cells using 1:2:($1-0.48):($1+0.48):($2-0.47):($2+0.47):3 with boxxyerror fs "
          "solid noborder lc palette notitle\n",
          script);
    return script_draw(script, &text, &frame, request->output, diag);
}
