/* Accuracy, or another figure that should be large, against one that should be small. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/plot/plot_internal.h"

struct point {
    double x, y; /* scaled */
    int64_t run_id;
};

/* --- what is drawn --- */

struct cloud {
    struct point *points; /* [n], by x, then the highest first */
    int n;
    struct point *front; /* [n_front]: none has both a smaller x and a larger y */
    int n_front;
};

static int by_x(const void *a, const void *b) {
    const struct point *first = a, *second = b;
    if (first->x != second->x)
        return first->x < second->x ? -1 : 1;
    return (first->y < second->y) - (first->y > second->y);
}

static enum status make_cloud(const struct plot_rows *rows, const struct plot_scale scales[2],
                              struct arena *arena, struct cloud *cloud, struct diagnostic *diag) {
    cloud->points = ARENA_NEW(arena, rows->n, struct point);
    cloud->front = ARENA_NEW(arena, rows->n, struct point);
    if (cloud->points == NULL || cloud->front == NULL)
        return FAIL_MEMORY(diag, "a plot");
    for (int i = 0; i < rows->n; i++)
        cloud->points[i] = (struct point){.x = rows->rows[i].values[0].number * scales[0].factor,
                                          .y = rows->rows[i].values[1].number * scales[1].factor,
                                          .run_id = rows->rows[i].run_id};
    cloud->n = rows->n;
    qsort(cloud->points, (size_t)cloud->n, sizeof *cloud->points, by_x);
    for (int i = 0; i < cloud->n; i++)
        if (cloud->n_front == 0 || cloud->points[i].y > cloud->front[cloud->n_front - 1].y)
            cloud->front[cloud->n_front++] = cloud->points[i];
    return STATUS_OK;
}

/* --- the picture --- */

static const struct plot_frame frame = {
    .width = 900, .height = 540, .left = 80, .right = 30, .top = 66, .bottom = 60};

/* Places above each other that a label may take; in larger clouds none stands below the front. */
enum { LIFTS = 2, CLOUD = 500 };

struct axes {
    struct plot_axis x, y;
};

/* Leaves room for the labels, which stand left of the front. */
static struct axes make_axes(const struct cloud *cloud, double *values, double label_width) {
    struct axes axes;
    double share = fmin(0.35, (label_width + 12) / (frame.width - frame.left - frame.right));
    for (int i = 0; i < cloud->n; i++)
        values[i] = cloud->points[i].x;
    axes.x = axis_for(values, cloud->n, 0.06, 2.5, true);
    for (int i = 0; i < cloud->n; i++)
        values[i] = cloud->points[i].y;
    axes.y = axis_for(values, cloud->n, 0.06, INFINITY, false);
    double first = cloud->front[0].x, rest = share / (1 - share);
    if (axes.x.log)
        axes.x.low = fmin(axes.x.low, first / pow(axes.x.high / first, rest));
    else if (axes.x.low > 0) /* but no cost is below nothing */
        axes.x.low = fmax(0, fmin(axes.x.low, first - rest * (axes.x.high - first)));
    return axes;
}

static enum status name_front(struct store *store, const struct cloud *cloud,
                              const struct plot_keys *keys, struct arena *arena,
                              const char ***labels, double *width, struct diagnostic *diag) {
    *labels = ARENA_NEW(arena, cloud->n_front, const char *);
    if (*labels == NULL)
        return FAIL_MEMORY(diag, "a plot");
    for (int i = 0; i < cloud->n_front; i++) {
        TRY(labels_of_run(store, keys, cloud->front[i].run_id, arena, &(*labels)[i], diag));
        *width = fmax(*width, place_width((*labels)[i]));
    }
    return STATUS_OK;
}

/* Names the points of the front where there is room: from both ends inwards, since those are looked
 * for first. */
static void write_labels(FILE *script, const struct cloud *cloud, const struct axes *axes,
                         const char *const *labels) {
    struct place place = {.width = frame.width - frame.left - frame.right,
                          .height = frame.height - frame.top - frame.bottom + 16};
    for (int k = 0; k < cloud->n_front; k++) {
        int i = k % 2 == 0 ? cloud->n_front - 1 - k / 2 : k / 2;
        const struct point *point = &cloud->front[i];
        const char *label = labels[i];
        double x = place.width * axis_place(&axes->x, point->x);
        double y = (place.height - 16) * axis_place(&axes->y, point->y);
        /* Left of its point and above the front, or higher where another is already there. */
        int lift = 0;
        while (lift < LIFTS && !place_text(&place, x - 8, y + 9 + 14 * lift, label, true))
            lift++;
        bool below =
            lift == LIFTS && cloud->n <= CLOUD && place_text(&place, x + 8, y - 9, label, false);
        if (lift == LIFTS && !below)
            continue;
        fputs("set label ", script);
        script_text(script, label);
        fprintf(script, " at %.9g,%.9g %s noenhanced offset screen %g,%g font ',11' front\n",
                point->x, point->y, below ? "left" : "right", (below ? 8.0 : -8.0) / frame.width,
                (below ? -9.0 : 9.0 + 14 * lift) / frame.height);
    }
}

static void write_points(FILE *script, const char *name, const struct point *points, int n) {
    fprintf(script, "$%s << EOD\n", name);
    for (int i = 0; i < n; i++)
        fprintf(script, "%.9g %.9g\n", points[i].x, points[i].y);
    fputs("EOD\n", script);
}

static enum status check_numbers(const struct plot_rows *rows, struct diagnostic *diag) {
    for (int i = 0; i < rows->n; i++)
        for (int q = 0; q < 2; q++)
            if (rows->rows[i].values[q].word != NULL)
                return FAIL(diag, STATUS_USAGE, "`%s` is no number (run %lld: %s)",
                            rows->quantities[q].name, (long long)rows->rows[i].run_id,
                            rows->rows[i].values[q].word);
    return STATUS_OK;
}

static enum status draw(struct store *store, const struct plot_request *request,
                        const struct plot_rows *rows, const struct cloud *cloud,
                        const struct plot_scale scales[2], struct arena *arena,
                        struct diagnostic *diag) {
    char *text = NULL, title[3 * PLOT_LABEL], x[PLOT_LABEL], y[PLOT_LABEL], what[PLOT_LABEL];
    char subtitle[PLOT_SUBTITLE];
    size_t size = 0;
    struct plot_keys keys;
    const char **labels;
    double width = 0;
    int64_t *ids = ARENA_NEW(arena, cloud->n, int64_t);
    double *values = ARENA_NEW(arena, cloud->n, double);
    if (ids == NULL || values == NULL)
        return FAIL_MEMORY(diag, "a plot");
    for (int i = 0; i < cloud->n; i++)
        ids[i] = cloud->points[i].run_id;
    TRY(labels_differing(store, ids, cloud->n, arena, &keys, diag));
    quantity_axis(&rows->quantities[0], &scales[0], x);
    quantity_axis(&rows->quantities[1], &scales[1], y);
    quantity_axis(&rows->quantities[1], NULL, title);
    size_t used = strlen(title);
    snprintf(title + used, sizeof title - used, " against %s", rows->quantities[0].label);
    snprintf(what, sizeof what, "%d runs, grey; blue: %d that no other beats in both", cloud->n,
             cloud->n_front);
    TRY(name_front(store, cloud, &keys, arena, &labels, &width, diag));
    const struct axes axes = make_axes(cloud, values, width);
    FILE *script = open_memstream(&text, &size);
    if (script == NULL)
        return FAIL_MEMORY(diag, "a plot");
    script_begin(script, &frame, request->title != NULL ? request->title : title,
                 script_note(request, what, subtitle));
    script_axis(script, 'x', &axes.x, x);
    script_axis(script, 'y', &axes.y, y);
    write_points(script, "all", cloud->points, cloud->n);
    write_points(script, "front", cloud->front, cloud->n_front);
    write_labels(script, cloud, &axes, labels);
    fprintf(script,
            "plot $all using 1:2 with points pt 7 ps 0.5 lc rgb '#b0b0b0' notitle, "
            "$front using 1:2 with steps lw 1.5 lc rgb '%s' notitle, "
            "$front using 1:2 with points pt 7 ps 0.8 lc rgb '%s' notitle\n",
            plot_colours[0], plot_colours[0]);
    return script_draw(script, &text, &frame, request->output, diag);
}

enum status plot_pareto(struct store *store, const struct plot_request *request,
                        struct arena *arena, struct diagnostic *diag) {
    const char *names[2] = {request->x != NULL ? request->x : "area_mm2",
                            request->y != NULL ? request->y : "accuracy_mean"};
    struct plot_rows rows;
    struct plot_scale scales[2];
    struct cloud cloud = {0};
    TRY(rows_read(store, request, names, 2, arena, &rows, diag));
    TRY(check_numbers(&rows, diag));
    for (int q = 0; q < 2; q++) {
        double largest = 0;
        for (int i = 0; i < rows.n; i++)
            largest = fmax(largest, fabs(rows.rows[i].values[q].number));
        scales[q] = scale_for(rows.quantities[q].unit, largest);
    }
    TRY(make_cloud(&rows, scales, arena, &cloud, diag));
    return draw(store, request, &rows, &cloud, scales, arena, diag);
}
