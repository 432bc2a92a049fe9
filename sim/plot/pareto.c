/* Accuracy, or another figure that should be large, against one that should be small; or two that
 * should both be small. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/plot/plot_internal.h"

struct point {
    double x, y;  /* scaled */
    double worth; /* y, or -y where a small y is good */
    int series;
    int64_t run_id;
};

/* --- what is drawn --- */

/* Points of one value of `by`; without it there is one series of all. */
struct series {
    const struct point *points; /* [n], by x, then the best first */
    int n;
    struct point *front; /* [n_front]: none has both a smaller x and a better y */
    int n_front;
};

struct cloud {
    struct point *points; /* [n], by series */
    int n;
    struct series series[PLOT_COLOURS];
    struct plot_value *names; /* [n_series], of the series */
    int n_series;
};

static int by_series(const void *a, const void *b) {
    const struct point *first = a, *second = b;
    if (first->series != second->series)
        return first->series < second->series ? -1 : 1;
    if (first->x != second->x)
        return first->x < second->x ? -1 : 1;
    return (first->worth < second->worth) - (first->worth > second->worth);
}

/* The series of sorted points, each with its front. */
static enum status part_cloud(struct cloud *cloud, struct arena *arena, struct diagnostic *diag) {
    struct point *front = ARENA_NEW(arena, cloud->n, struct point);
    if (front == NULL)
        return FAIL_MEMORY(diag, "a plot");
    for (int i = 0; i < cloud->n; i++) {
        const struct point *point = &cloud->points[i];
        struct series *series = &cloud->series[point->series];
        if (series->n++ == 0) {
            series->points = point;
            series->front = front + i;
        }
        if (series->n_front == 0 || point->worth > series->front[series->n_front - 1].worth)
            series->front[series->n_front++] = *point;
    }
    return STATUS_OK;
}

static enum status make_cloud(const struct plot_request *request, const struct plot_rows *rows,
                              const struct plot_scale scales[2], struct arena *arena,
                              struct cloud *cloud, struct diagnostic *diag) {
    cloud->points = ARENA_NEW(arena, rows->n, struct point);
    cloud->names = plot_values_distinct(rows, 2, arena, &cloud->n_series);
    if (cloud->points == NULL || cloud->names == NULL)
        return FAIL_MEMORY(diag, "a plot");
    if (cloud->n_series > PLOT_COLOURS)
        return FAIL(diag, STATUS_USAGE,
                    "`%s` has %d values: points of more than %d colours cannot be told apart; "
                    "choose some with --where",
                    request->by, cloud->n_series, PLOT_COLOURS);
    for (int i = 0; i < rows->n; i++) {
        const struct plot_value *values = rows->rows[i].values;
        double y = values[1].number * scales[1].factor;
        cloud->points[i] =
            (struct point){.x = values[0].number * scales[0].factor,
                           .y = y,
                           .worth = request->minimize ? -y : y,
                           .series = plot_value_index(cloud->names, cloud->n_series, &values[2]),
                           .run_id = rows->rows[i].run_id};
    }
    cloud->n = rows->n;
    qsort(cloud->points, (size_t)cloud->n, sizeof *cloud->points, by_series);
    return part_cloud(cloud, arena, diag);
}

/* --- the picture --- */

static const struct plot_frame plain_frame = {
    .width = 900, .height = 540, .left = 100, .right = 30, .top = 66, .bottom = 60};

/* Places above each other that a label may take; in larger clouds none stands beyond the front. */
enum { LIFTS = 2, CLOUD = 500 };

struct picture {
    const struct plot_request *request;
    const struct cloud *cloud;
    struct plot_frame frame;
    struct plot_axis x, y;
    const char *const *labels; /* of the points of the only front, or of the series */
};

/* `label_width`: of labels left of the front, for which there must be room. */
static void make_axes(struct picture *picture, double *values, double label_width) {
    const struct cloud *cloud = picture->cloud;
    const struct plot_frame *frame = &picture->frame;
    double share = fmin(0.35, (label_width + 12) / (frame->width - frame->left - frame->right));
    for (int i = 0; i < cloud->n; i++)
        values[i] = cloud->points[i].x;
    picture->x = axis_for(values, cloud->n, 0.06, label_width > 0 ? 2.5 : 10, label_width > 0);
    for (int i = 0; i < cloud->n; i++)
        values[i] = cloud->points[i].y;
    picture->y = axis_for(values, cloud->n, 0.06, INFINITY, false);
    double first = cloud->series[0].front[0].x, rest = share / (1 - share);
    struct plot_axis *x = &picture->x;
    if (label_width <= 0)
        return;
    if (x->log)
        x->low = fmin(x->low, first / pow(x->high / first, rest));
    else if (x->low > 0) /* but no cost is below nothing */
        x->low = fmax(0, fmin(x->low, first - rest * (x->high - first)));
}

/* What the points of the only front are called, by what runs differ in. */
static enum status name_front(struct store *store, const struct cloud *cloud, struct arena *arena,
                              const char ***labels, double *width, struct diagnostic *diag) {
    const struct series *series = &cloud->series[0];
    struct plot_keys keys;
    int64_t *ids = ARENA_NEW(arena, cloud->n, int64_t);
    *labels = ARENA_NEW(arena, series->n_front, const char *);
    if (*labels == NULL || ids == NULL)
        return FAIL_MEMORY(diag, "a plot");
    for (int i = 0; i < cloud->n; i++)
        ids[i] = cloud->points[i].run_id;
    TRY(labels_differing(store, ids, cloud->n, arena, &keys, diag));
    for (int i = 0; i < series->n_front; i++) {
        TRY(labels_of_run(store, &keys, series->front[i].run_id, arena, &(*labels)[i], diag));
        *width = fmax(*width, place_width((*labels)[i]));
    }
    return STATUS_OK;
}

static enum status name_series(const struct cloud *cloud, const char *by, struct arena *arena,
                               const char ***labels, double *width, struct diagnostic *diag) {
    *labels = ARENA_NEW(arena, cloud->n_series, const char *);
    for (int s = 0; *labels != NULL && s < cloud->n_series; s++) {
        (*labels)[s] = labels_say(by, &cloud->names[s], arena);
        if ((*labels)[s] == NULL)
            return FAIL_MEMORY(diag, "a plot");
        *width = fmax(*width, place_width((*labels)[s]));
    }
    return *labels != NULL ? STATUS_OK : FAIL_MEMORY(diag, "a plot");
}

/* Names the points of the front where there is room: from both ends inwards, since those are looked
 * for first. */
static void write_labels(FILE *script, const struct picture *picture) {
    const struct plot_frame *frame = &picture->frame;
    const struct series *series = &picture->cloud->series[0];
    struct place place = {.width = frame->width - frame->left - frame->right,
                          .height = frame->height - frame->top - frame->bottom + 16};
    double out = picture->request->minimize ? -1 : 1; /* where no run is */
    for (int k = 0; k < series->n_front; k++) {
        int i = k % 2 == 0 ? series->n_front - 1 - k / 2 : k / 2;
        const struct point *point = &series->front[i];
        const char *label = picture->labels[i];
        double x = place.width * axis_place(&picture->x, point->x);
        double y = (place.height - 16) * axis_place(&picture->y, point->y);
        /* Left of its point and beyond the front, or further where another is already there. */
        int lift = 0;
        while (lift < LIFTS && !place_text(&place, x - 8, y + out * (9 + 14 * lift), label, true))
            lift++;
        bool inside = lift == LIFTS && picture->cloud->n <= CLOUD &&
                      place_text(&place, x + 8, y - 9 * out, label, false);
        if (lift == LIFTS && !inside)
            continue;
        fputs("set label ", script);
        script_text(script, label);
        fprintf(script, " at %.9g,%.9g %s noenhanced offset screen %g,%g font ',11' front\n",
                point->x, point->y, inside ? "left" : "right", (inside ? 8.0 : -8.0) / frame->width,
                out * (inside ? -9.0 : 9.0 + 14 * lift) / frame->height);
    }
}

static void write_points(FILE *script, const char *name, int number, const struct point *points,
                         int n) {
    fprintf(script, "$%s%d << EOD\n", name, number);
    for (int i = 0; i < n; i++)
        fprintf(script, "%.9g %.9g\n", points[i].x, points[i].y);
    fputs("EOD\n", script);
}

/* All points grey, the front over them. */
static void write_plain(FILE *script, const struct picture *picture) {
    write_labels(script, picture);
    fprintf(script,
            "plot $all0 using 1:2 with points pt 7 ps 0.5 lc rgb '#b0b0b0' notitle, "
            "$front0 using 1:2 with steps lw 1.5 lc rgb '%s' notitle, "
            "$front0 using 1:2 with points pt 7 ps 0.8 lc rgb '%s' notitle\n",
            plot_colours[0], plot_colours[0]);
}

/* Every series in its colour and with its marks, named to the right. */
static void write_series(FILE *script, const struct picture *picture) {
    fputs("set key at graph 1.02,1 left top Left reverse samplen 0.5 spacing 1.4 noenhanced "
          "font ',11'\nplot ",
          script);
    for (int s = 0; s < picture->cloud->n_series; s++) {
        fprintf(script,
                "%s$front%d using 1:2 with steps lw 1.5 lc rgb '%s' notitle, "
                "$all%d using 1:2 with points pt %d ps 0.7 lc rgb '%s' title ",
                s > 0 ? ", " : "", s, plot_colours[s], s, plot_marks[s], plot_colours[s]);
        script_text(script, picture->labels[s]);
    }
    fputc('\n', script);
}

static enum status write_picture(const struct picture *picture, const struct plot_rows *rows,
                                 const struct plot_scale scales[2], struct diagnostic *diag) {
    const struct plot_request *request = picture->request;
    const struct cloud *cloud = picture->cloud;
    char *text = NULL, title[3 * PLOT_LABEL], x[PLOT_LABEL], y[PLOT_LABEL], what[PLOT_LABEL];
    char subtitle[PLOT_SUBTITLE];
    size_t size = 0;
    FILE *script = open_memstream(&text, &size);
    if (script == NULL)
        return FAIL_MEMORY(diag, "a plot");
    quantity_axis(&rows->quantities[0], &scales[0], x);
    quantity_axis(&rows->quantities[1], &scales[1], y);
    quantity_axis(&rows->quantities[1], NULL, title);
    size_t used = strlen(title);
    snprintf(title + used, sizeof title - used, " against %s", rows->quantities[0].label);
    if (request->by != NULL)
        snprintf(what, sizeof what, "%d runs; lines: what no other of the colour beats in both",
                 cloud->n);
    else
        snprintf(what, sizeof what, "%d runs, grey; blue: %d that no other beats in both", cloud->n,
                 cloud->series[0].n_front);
    script_begin(script, &picture->frame, request->title != NULL ? request->title : title,
                 script_note(request, what, subtitle));
    script_axis(script, 'x', &picture->x, x);
    script_axis(script, 'y', &picture->y, y);
    for (int s = 0; s < cloud->n_series; s++) {
        write_points(script, "all", s, cloud->series[s].points, cloud->series[s].n);
        write_points(script, "front", s, cloud->series[s].front, cloud->series[s].n_front);
    }
    if (request->by != NULL)
        write_series(script, picture);
    else
        write_plain(script, picture);
    return script_draw(script, &text, &picture->frame, request->output, diag);
}

static enum status draw(struct store *store, const struct plot_request *request,
                        const struct plot_rows *rows, const struct cloud *cloud,
                        const struct plot_scale scales[2], struct arena *arena,
                        struct diagnostic *diag) {
    struct picture picture = {.request = request, .cloud = cloud, .frame = plain_frame};
    const char **labels;
    double width = 0, *values = ARENA_NEW(arena, cloud->n, double);
    if (values == NULL)
        return FAIL_MEMORY(diag, "a plot");
    if (request->by != NULL) {
        TRY(name_series(cloud, request->by, arena, &labels, &width, diag));
        picture.frame.right += (int)width + 20;
    } else {
        TRY(name_front(store, cloud, arena, &labels, &width, diag));
    }
    picture.labels = labels;
    make_axes(&picture, values, request->by != NULL ? 0 : width);
    return write_picture(&picture, rows, scales, diag);
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

enum status plot_pareto(struct store *store, const struct plot_request *request,
                        struct arena *arena, struct diagnostic *diag) {
    const char *names[3] = {request->x != NULL ? request->x : "area_mm2",
                            request->y != NULL ? request->y : "accuracy_mean", request->by};
    struct plot_rows rows;
    struct plot_scale scales[2];
    struct cloud cloud = {0};
    TRY(rows_read(store, request, names, 3, arena, &rows, diag));
    TRY(check_numbers(&rows, diag));
    for (int q = 0; q < 2; q++) {
        double largest = 0;
        for (int i = 0; i < rows.n; i++)
            largest = fmax(largest, fabs(rows.rows[i].values[q].number));
        scales[q] = scale_for(rows.quantities[q].unit, largest);
    }
    TRY(make_cloud(request, &rows, scales, arena, &cloud, diag));
    return draw(store, request, &rows, &cloud, scales, arena, diag);
}
