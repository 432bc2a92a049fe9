/* What the kinds of plots share. */
#ifndef MHO_PLOT_PLOT_INTERNAL_H
#define MHO_PLOT_PLOT_INTERNAL_H

#include <stdbool.h>
#include <stdio.h>

#include "results/store_query.h"
#include "sim/plot/plot.h"

/* --- quantities: quantity.c --- */

struct plot_quantity {
    const char *name;  /* as asked for */
    const char *sql;   /* its value in the run with id r.id */
    const char *label; /* in words, without its unit: "energy per inference" */
    const char *unit;  /* "J", "%"; "" for a plain number */
};

/* Finds a quantity of the database, or what a formula makes of some; the nearest name where there
 * is none. */
enum status quantity_find(struct store *store, const char *name, struct arena *arena,
                          struct plot_quantity *quantity, struct diagnostic *diag);

/* --- formulas: formula.c --- */

/* Whether a text is a formula and no name: it has a blank, a parenthesis or "=". */
bool formula_is(const char *text);

/* The LABEL, or where it has none the formula itself. NULL on short memory. */
const char *formula_label(const char *text, struct arena *arena);

/* "LABEL = EXPRESSION" or "EXPRESSION" (sim/expression) over numbers that runs have. A run where
 * one of them is a word or missing, or where it is divided by 0, has none. */
enum status formula_find(struct store *store, const char *text, struct arena *arena,
                         struct plot_quantity *quantity, struct diagnostic *diag);

/* How a quantity is written: value * factor in `unit`, such as uJ where all are millionths. */
struct plot_scale {
    double factor;
    char unit[16]; /* UTF-8 */
};
struct plot_scale scale_for(const char *unit, double largest);

/* "energy per inference (uJ)" into `text`. */
enum { PLOT_LABEL = 128 };
char *quantity_axis(const struct plot_quantity *quantity, const struct plot_scale *scale,
                    char text[PLOT_LABEL]);

/* --- rows: rows.c --- */

enum { PLOT_VALUES = 3 };

struct plot_value {
    double number;    /* NAN where it is a word, or there is none */
    const char *word; /* NULL where it is a number */
};
struct plot_row {
    int64_t run_id;
    struct plot_value values[PLOT_VALUES];
};
struct plot_rows {
    struct plot_row *rows;
    int n;
    struct plot_quantity quantities[PLOT_VALUES];
    int n_quantities;
};

/* The quantities (a name that is NULL: 0 for all) of every run that the request's filters leave and
 * that has all of them, in the order of ids. At least one, else STATUS_USAGE with what is missing.
 */
enum status rows_read(struct store *store, const struct plot_request *request,
                      const char *const *names, int n_names, struct arena *arena,
                      struct plot_rows *rows, struct diagnostic *diag);

bool plot_value_is_none(const struct plot_value *value);
/* Numbers first, ascending, then words. */
int plot_value_compare(const struct plot_value *a, const struct plot_value *b);
/* "128", "lossless", "0.25" into `text`. */
char *plot_value_text(const struct plot_value *value, char *text, size_t size);

/* --- what runs differ in: labels.c --- */

/* Keys of the parameters in which the given runs differ, without those that are of no result. */
enum { PLOT_KEYS = 5 };
struct plot_keys {
    const char *keys[PLOT_KEYS];
    int n;
};
enum status labels_differing(struct store *store, const int64_t *ids, int n, struct arena *arena,
                             struct plot_keys *keys, struct diagnostic *diag);

/* "a, b, c" in `arena`; NULL on short memory. */
const char *labels_list(const struct plot_keys *keys, struct arena *arena);

/* What a run is called by these parameters: "256 rows, 5 bits, CP 4"; "run 7" without any. */
enum status labels_of_run(struct store *store, const struct plot_keys *keys, int64_t run_id,
                          struct arena *arena, const char **label, struct diagnostic *diag);

/* The value of one parameter in words: "5 bits"; of a formula "LABEL: 5". NULL on short memory. */
const char *labels_say(const char *key, const struct plot_value *value, struct arena *arena);

/* --- grid: rows as cells of two categories: grid.c --- */

/* Distinct values of one quantity, sorted, [*n]; NULL on short memory. */
struct plot_value *plot_values_distinct(const struct plot_rows *rows, int quantity,
                                        struct arena *arena, int *n);
/* Where a value stands among them. */
int plot_value_index(const struct plot_value *values, int n, const struct plot_value *value);

struct plot_grid {
    struct plot_value *x, *y; /* [nx], [ny] distinct values, sorted */
    int nx, ny;
    double *cells; /* [ny][nx]; NAN: no run */
    int most;      /* runs in one cell */
    bool newest;   /* cells of several runs of equal parameters hold the newest */
};

/* rows->values: x, y, value. Several runs in a cell are joined by the statistic; PLOT_ONLY refuses
 * them, with the parameters in which they differ, unless they are the same point. */
enum status grid_make(struct store *store, const struct plot_rows *rows,
                      enum plot_statistic statistic, struct arena *arena, struct plot_grid *grid,
                      struct diagnostic *diag);

/* What a title says of it: ", mean of up to 4 runs" or "". Returns `text`. */
char *grid_note(const struct plot_grid *grid, enum plot_statistic statistic, char text[PLOT_LABEL]);

/* --- scripts: script.c --- */

/* Colours that the colour-blind tell apart (Okabe and Ito 2008), of which the first are further
 * apart than the last. */
enum { PLOT_COLOURS = 8 };
extern const char *const plot_colours[PLOT_COLOURS];

/* Marks of gnuplot that stand beside them, for prints without colours. */
extern const int plot_marks[PLOT_COLOURS];

/* A text in single quotes, for gnuplot (to be used with noenhanced). */
void script_text(FILE *script, const char *text);

/* Size of the picture, and its plotting area, in points; what every script begins with. */
struct plot_frame {
    int width, height, left, right, top, bottom; /* margins */
};
void script_begin(FILE *script, const struct plot_frame *frame, const char *title,
                  const char *subtitle);

/* A range of an axis with some room (a share of it on each side); logarithmic where all values are
 * positive and span more than a factor of `decades_from`; with `from_zero` else from 0 where that
 * is near. */
struct plot_axis {
    double low, high;
    bool log;
};
struct plot_axis axis_for(const double *values, int n, double room, double decades_from,
                          bool from_zero);

/* Where a value lies on an axis, 0..1. */
double axis_place(const struct plot_axis *axis, double value);

/* Writes range and scale of axis `x` or `y`, with its label. */
void script_axis(FILE *script, char name, const struct plot_axis *axis, const char *label);

/* Where the values of a category stand on an axis: numbers where they belong (by their logarithm
 * where they double), side by side where some are words. */
struct plot_places {
    const struct plot_value *values; /* [n] */
    double *at;                      /* [n] */
    int n;
    struct plot_axis axis;
};
enum status places_make(const struct plot_value *values, int n, struct arena *arena,
                        struct plot_places *places, struct diagnostic *diag);
/* Their marks, with their texts. */
void script_places(FILE *script, char name, const struct plot_places *places);

/* What is drawn, for a subtitle: `what` (may be ""), then the request's filters. Returns `text`. */
enum { PLOT_SUBTITLE = 512 };
char *script_note(const struct plot_request *request, const char *what, char text[PLOT_SUBTITLE]);

/* Closes and draws the script. `text` of `size` came from open_memstream; freed. */
enum status script_draw(FILE *script, char **text, const struct plot_frame *frame, const char *path,
                        struct diagnostic *diag);

/* --- texts that do not lie on each other: place.c --- */

enum { PLACE_BOXES = 64 };
struct place {
    struct {
        double x0, y0, x1, y1;
    } boxes[PLACE_BOXES]; /* taken, in points, y upwards */
    int n;
    double width, height; /* of the area */
};
/* Takes the box of a text at (x, y), its left end (or right one) there; false where it would leave
 * the area or lie on another. */
bool place_text(struct place *place, double x, double y, const char *text, bool right_end);
/* Columns of points that a text takes. */
double place_width(const char *text);

/* Spreads `n` heights so that they are `gap` apart at least and within 0..height, in their order.
 */
void place_spread(double *heights, int n, double gap, double height);

/* Reads the run that a picture of one shows; refuses what failed, and papers' figures. */
enum status plot_read_run(struct store *store, int64_t run_id, struct arena *arena,
                          struct store_run *run, struct diagnostic *diag);

/* --- the kinds --- */

typedef enum status plot_kind_draw(struct store *store, const struct plot_request *request,
                                   struct arena *arena, struct diagnostic *diag);
plot_kind_draw plot_pareto, plot_lines, plot_heatmap, plot_breakdown, plot_layers, plot_histogram;

#endif
