/* Rounding joined to the fit. With q the rounded and w the fitted weights of a column, the error
 * grows by (q - w)' G (q - w) = |L' (q - w)|^2, G = L L' over its kept rows. L' is upper
 * triangular: taken from the last row to the first, a row's best value given those behind it is
 * known, and the level nearest to it is taken (the nearest plane of Babai, Combinatorica 6(1),
 * 1986; layer by layer on calibration inputs, row after row: optimal brain compression, arXiv
 * 2208.11580). Then single weights move while that lowers the error. The scale of a column is the
 * best of several around that of plain rounding, least squares included. */
#include <math.h>
#include <string.h>

#include "pruning/reconstruct_internal.h"

/* Scales tried, over that of plain rounding: few levels want the largest weights cut off. */
static const double scales[] = {1, 1.3, 1.15, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3};
enum { SCALES = sizeof scales / sizeof *scales, MANY_LEVELS_BITS = 5, ROUNDS = 8 };

struct trial {
    int16_t *codes; /* [n] */
    double scale, error;
};

/* One column at a time; arrays are [most kept rows] but for the first two. */
struct rounding {
    const struct weight_format *format;
    float *w;         /* [columns][rows], scaled */
    float *plain;     /* [rows] weights in their own unit, then */
    int16_t *of_rows; /* [rows] their codes by plain rounding */
    double *unit;     /* a row's scaled weight for 1 in its own unit */
    double *target;   /* scaled weights as fitted */
    double *rest;     /* rounded less fitted, or G times that */
    struct trial now, best;
};

static double upper(const struct support *s, int i, int j) {
    size_t n = (size_t)s->n;
    return i == j ? 1 : i < j ? s->g[(size_t)j * n + (size_t)i] : s->g[(size_t)i * n + (size_t)j];
}

/* The level nearest to a row's scaled value. */
static int16_t nearest(const struct rounding *r, int row, double value) {
    return (int16_t)network_nearest_code(r->format, (float)(value / (r->unit[row] * r->now.scale)));
}

static void nearest_plane(struct rounding *r, const struct support *s) {
    r->now.error = 0;
    for (int i = s->n - 1; i >= 0; i--) {
        const double *l = s->g + (size_t)i * (size_t)s->n;
        double behind = 0;
        for (int t = i + 1; t < s->n; t++)
            behind += l[t] * r->rest[t];
        int16_t code = nearest(r, i, r->target[i] - behind / l[i]);
        r->now.codes[i] = code;
        r->rest[i] = r->unit[i] * r->now.scale * code - r->target[i];
        double off = l[i] * r->rest[i] + behind;
        r->now.error += off * off;
    }
}

/* The scale of least squares for the codes: q'Gw / q'Gq with q the codes in scaled units. */
static double best_scale(const struct rounding *r, const struct support *s) {
    double product = 0, square = 0;
    for (int i = 0; i < s->n; i++) {
        const double *l = s->g + (size_t)i * (size_t)s->n;
        double q = 0, w = 0;
        for (int t = i; t < s->n; t++) {
            q += l[t] * r->unit[t] * r->now.codes[t];
            w += l[t] * r->target[t];
        }
        product += q * w;
        square += q * q;
    }
    return square > 0 ? product / square : 0;
}

/* Single weights to their best levels, all others as they are. G has a unit diagonal. */
static void descend(struct rounding *r, const struct support *s) {
    bool moved = true;
    for (int i = 0; i < s->n; i++) {
        r->rest[i] = 0;
        for (int t = 0; t < s->n; t++)
            r->rest[i] +=
                upper(s, i, t) * (r->unit[t] * r->now.scale * r->now.codes[t] - r->target[t]);
    }
    for (int round = 0; round < ROUNDS && moved; round++) {
        moved = false;
        for (int i = 0; i < s->n; i++) {
            double step = r->unit[i] * r->now.scale, value = step * r->now.codes[i];
            int16_t code = nearest(r, i, value - r->rest[i]);
            double change = step * (code - r->now.codes[i]);
            double gain = -change * (2 * r->rest[i] + change);
            if (gain <= 1e-12 * r->now.error)
                continue;
            for (int t = 0; t < s->n; t++)
                r->rest[t] += upper(s, i, t) * change;
            r->now.codes[i] = code;
            r->now.error -= gain;
            moved = true;
        }
    }
}

/* Whether quantisation, which takes the largest weight of a uniform grid to its end, finds these
 * codes again. */
static bool is_stable(const struct rounding *r, int n) {
    int largest = 0, end = (1 << (r->format->bits - 1)) - 1;
    for (int i = 0; i < n; i++) {
        int magnitude = r->now.codes[i] < 0 ? -r->now.codes[i] : r->now.codes[i];
        largest = magnitude > largest ? magnitude : largest;
    }
    return r->format->grid == WEIGHTS_UNIFORM ? largest == end : largest > 0;
}

static void keep_better(struct rounding *r, int n) {
    if (r->now.error >= r->best.error || r->now.scale <= 0 || !is_stable(r, n))
        return;
    r->best.error = r->now.error;
    r->best.scale = r->now.scale;
    memcpy(r->best.codes, r->now.codes, (size_t)n * sizeof *r->best.codes);
}

static double error_of(struct rounding *r, const struct support *s) {
    double error = 0;
    for (int i = 0; i < s->n; i++)
        r->rest[i] = r->unit[i] * r->now.scale * r->now.codes[i] - r->target[i];
    for (int i = 0; i < s->n; i++) {
        const double *l = s->g + (size_t)i * (size_t)s->n;
        double off = 0;
        for (int t = i; t < s->n; t++)
            off += l[t] * r->rest[t];
        error += off * off;
    }
    return error;
}

/* Plain rounding, so that there is one set of codes that quantisation finds again; its scale. */
static enum status start(struct rounding *r, const struct normal *normal, const struct support *s,
                         double *scale, struct diagnostic *diag) {
    float plain;
    memset(r->plain, 0, (size_t)normal->rows * sizeof *r->plain);
    for (int i = 0; i < s->n; i++)
        r->plain[s->rows[i]] = (float)(r->target[i] / r->unit[i]);
    TRY(network_weight_codes(r->format, r->plain, (size_t)normal->rows, r->of_rows, &plain, diag));
    for (int i = 0; i < s->n; i++)
        r->now.codes[i] = r->best.codes[i] = r->of_rows[s->rows[i]];
    *scale = r->now.scale = r->best.scale = (double)plain;
    r->best.error = error_of(r, s);
    return STATUS_OK;
}

/* Least squares for the codes at hand, and codes for that scale. */
static void settle(struct rounding *r, const struct support *s) {
    r->now.scale = r->best.scale;
    memcpy(r->now.codes, r->best.codes, (size_t)s->n * sizeof *r->now.codes);
    r->now.scale = best_scale(r, s);
    if (r->now.scale > 0) {
        r->now.error = error_of(r, s);
        descend(r, s);
        keep_better(r, s->n);
    }
}

static enum status round_column(struct rounding *r, const struct normal *normal,
                                const struct support *s, float *w, struct diagnostic *diag) {
    double scale;
    bool many = r->format->grid == WEIGHTS_UNIFORM && r->format->bits >= MANY_LEVELS_BITS;
    for (int i = 0; i < s->n; i++) {
        r->unit[i] = normal->scale[(size_t)s->group * (size_t)normal->rows + (size_t)s->rows[i]];
        r->target[i] = (double)w[s->rows[i]];
    }
    TRY(start(r, normal, s, &scale, diag));
    for (int i = 0; scale > 0 && i < (many ? 1 : SCALES); i++) {
        r->now.scale = scale * scales[i];
        nearest_plane(r, s);
        keep_better(r, s->n);
    }
    for (int i = 0; scale > 0 && i < (many ? 1 : 2); i++)
        settle(r, s);
    for (int i = 0; i < s->n; i++)
        w[s->rows[i]] = (float)(r->unit[i] * r->best.scale * r->best.codes[i]);
    return STATUS_OK;
}

static enum status round_support(void *context, const struct normal *normal,
                                 const struct support *s, struct diagnostic *diag) {
    struct rounding *r = context;
    size_t rows = (size_t)normal->rows;
    size_t first = (size_t)s->group * (size_t)(normal->columns / normal->groups);
    for (int i = 0; i < s->n_columns; i++)
        TRY(round_column(r, normal, s, r->w + (first + (size_t)s->columns[i]) * rows, diag));
    return STATUS_OK;
}

enum status reconstruct_round(const struct normal *normal, const struct weight_format *format,
                              const uint8_t *mask, float *w, struct diagnostic *diag) {
    size_t rows = (size_t)normal->rows;
    struct arena arena = ARENA_INIT;
    struct rounding r = {
        .format = format,
        .w = w,
        .plain = ARENA_NEW(&arena, rows, float),
        .of_rows = ARENA_NEW(&arena, rows, int16_t),
        .unit = ARENA_NEW(&arena, rows, double),
        .target = ARENA_NEW(&arena, rows, double),
        .rest = ARENA_NEW(&arena, rows, double),
        .now.codes = ARENA_NEW(&arena, rows, int16_t),
        .best.codes = ARENA_NEW(&arena, rows, int16_t),
    };
    bool made = r.plain != NULL && r.of_rows != NULL && r.unit != NULL && r.target != NULL &&
                r.rest != NULL && r.now.codes != NULL && r.best.codes != NULL;
    enum status status = made ? support_each(normal, mask, round_support, &r, diag)
                              : FAIL_MEMORY(diag, "the rounding of a layer");
    arena_free(&arena);
    return status;
}
