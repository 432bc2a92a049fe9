/* Any figure against any parameter, a line for each value of a third. */
#include <math.h>
#include <stdlib.h>

#include "sim/plot/plot_internal.h"

enum { RIGHT_LEAST = 40 };

struct lines {
    struct plot_rows rows; /* x, series, y */
    struct plot_grid grid;
    struct plot_scale scale;
    struct plot_places x; /* where the values of x stand */
    struct plot_axis y;
};

static enum status read_lines(struct store *store, const struct plot_request *request,
                              struct arena *arena, struct lines *lines, struct diagnostic *diag) {
    const char *names[3] = {request->x != NULL ? request->x : "crossbar.rows", request->by,
                            request->y != NULL ? request->y : "energy_per_inference_j"};
    TRY(rows_read(store, request, names, 3, arena, &lines->rows, diag));
    for (int i = 0; i < lines->rows.n; i++)
        if (lines->rows.rows[i].values[2].word != NULL)
            return FAIL(diag, STATUS_USAGE, "`%s` is no number (run %lld: %s)", names[2],
                        (long long)lines->rows.rows[i].run_id, lines->rows.rows[i].values[2].word);
    TRY(grid_make(store, &lines->rows, request->statistic, arena, &lines->grid, diag));
    if (lines->grid.ny > PLOT_COLOURS)
        return FAIL(diag, STATUS_USAGE,
                    "`%s` has %d values: lines of more than %d colours cannot be told apart; "
                    "choose some with --where",
                    names[1], lines->grid.ny, PLOT_COLOURS);
    double largest = 0;
    int n = lines->grid.nx * lines->grid.ny;
    for (int i = 0; i < n; i++)
        if (isfinite(lines->grid.cells[i]))
            largest = fmax(largest, fabs(lines->grid.cells[i]));
    lines->scale = scale_for(lines->rows.quantities[2].unit, largest);
    for (int i = 0; i < n; i++)
        lines->grid.cells[i] *= lines->scale.factor;
    lines->y = axis_for(lines->grid.cells, n, 0.06, 30, lines->scale.unit[0] != '%');
    return places_make(lines->grid.x, lines->grid.nx, arena, &lines->x, diag);
}

/* The last value of a series; its index in `at`. */
static double last_of(const struct plot_grid *grid, int series, int *at) {
    for (*at = grid->nx - 1; *at > 0 && isnan(grid->cells[series * grid->nx + *at]); (*at)--)
        ;
    return grid->cells[series * grid->nx + *at];
}

/* "5 bits" at the right end of each line, as high as it ends where there is room. */
static enum status write_labels(FILE *script, const struct lines *lines,
                                const struct plot_frame *frame, const char *const *labels,
                                struct arena *arena, struct diagnostic *diag) {
    int n = lines->grid.ny, at;
    double *heights = ARENA_NEW(arena, n, double);
    double area = frame->height - frame->top - frame->bottom;
    if (heights == NULL)
        return FAIL_MEMORY(diag, "a plot");
    for (int s = 0; s < n; s++)
        heights[s] = area * axis_place(&lines->y, last_of(&lines->grid, s, &at));
    place_spread(heights, n, 15, area);
    for (int s = 0; s < n; s++) {
        fputs("set label ", script);
        script_text(script, labels[s]);
        fprintf(script,
                " at graph 1,%g left noenhanced offset screen %g,0 font ',11' "
                "textcolor rgb '%s'\n",
                heights[s] / area, 8.0 / frame->width, plot_colours[s]);
    }
    return STATUS_OK;
}

static void write_data(FILE *script, const struct lines *lines) {
    for (int s = 0; s < lines->grid.ny; s++) {
        fprintf(script, "$series%d << EOD\n", s);
        for (int i = 0; i < lines->grid.nx; i++) {
            double y = lines->grid.cells[s * lines->grid.nx + i];
            if (isfinite(y))
                fprintf(script, "%.9g %.9g\n", lines->x.at[i], y);
        }
        fputs("EOD\n", script);
    }
    fputs("plot ", script);
    for (int s = 0; s < lines->grid.ny; s++)
        fprintf(script,
                "%s$series%d using 1:2 with linespoints lw 2 pt %d ps 0.8 lc rgb '%s' notitle",
                s > 0 ? ", " : "", s, plot_marks[s], plot_colours[s]);
    fputc('\n', script);
}

/* Labels of the series in words, and how wide the longest is. */
static enum status name_series(const struct lines *lines, const char *by, struct arena *arena,
                               const char ***labels, int *width, struct diagnostic *diag) {
    *labels = ARENA_NEW(arena, lines->grid.ny, const char *);
    *width = 0;
    if (*labels == NULL)
        return FAIL_MEMORY(diag, "a plot");
    for (int s = 0; s < lines->grid.ny; s++) {
        (*labels)[s] = by != NULL ? labels_say(by, &lines->grid.y[s], arena) : "";
        if ((*labels)[s] == NULL)
            return FAIL_MEMORY(diag, "a plot");
        int own = (int)place_width((*labels)[s]) + 20;
        *width = own > *width ? own : *width;
    }
    return STATUS_OK;
}

enum status plot_lines(struct store *store, const struct plot_request *request, struct arena *arena,
                       struct diagnostic *diag) {
    struct lines lines = {0};
    const char **labels;
    char *text = NULL, x[PLOT_LABEL], y[PLOT_LABEL], title[3 * PLOT_LABEL], note[PLOT_LABEL];
    char subtitle[PLOT_SUBTITLE];
    size_t size = 0;
    int width;
    TRY(read_lines(store, request, arena, &lines, diag));
    TRY(name_series(&lines, request->by, arena, &labels, &width, diag));
    const struct plot_frame frame = {.width = 900,
                                     .height = 540,
                                     .left = 100,
                                     .right = width > RIGHT_LEAST ? width : RIGHT_LEAST,
                                     .top = 66,
                                     .bottom = 60};
    const struct plot_scale x_scale = scale_for(lines.rows.quantities[0].unit, 1);
    quantity_axis(&lines.rows.quantities[0], &x_scale, x);
    quantity_axis(&lines.rows.quantities[2], &lines.scale, y);
    quantity_axis(&lines.rows.quantities[2], NULL, note);
    snprintf(title, sizeof title, "%s by %s%s%s", note, lines.rows.quantities[0].label,
             request->by != NULL ? " and " : "",
             request->by != NULL ? lines.rows.quantities[1].label : "");
    grid_note(&lines.grid, request->statistic, note);
    FILE *script = open_memstream(&text, &size);
    if (script == NULL)
        return FAIL_MEMORY(diag, "a plot");
    script_begin(script, &frame, request->title != NULL ? request->title : title,
                 script_note(request, note, subtitle));
    script_axis(script, 'x', &lines.x.axis, x);
    script_places(script, 'x', &lines.x);
    script_axis(script, 'y', &lines.y, y);
    enum status status = write_labels(script, &lines, &frame, labels, arena, diag);
    write_data(script, &lines);
    if (status == STATUS_OK)
        return script_draw(script, &text, &frame, request->output, diag);
    fclose(script);
    free(text);
    return status;
}
