#include "pruning/exchange.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pruning/lapack.h"

enum {
    CANDIDATES = 4, /* rows of largest residual, whose gain is computed */
    PASSES = 20     /* over the heights; a pass makes one swap in each at most */
};
static const double LEAST_GAIN = 1e-4; /* of a swap, in the gain of its addition */

/* A column at work. Kept rows have slots 0..n-1, in no order. */
struct exchange {
    const struct exchange_column *column;
    uint8_t *mask; /* [rows] */
    int rows, room, n;
    int *row_of;      /* [room] */
    double *inverse;  /* [room][room] G_SS^-1, both triangles */
    double *w;        /* [room] G_SS^-1 C_S */
    double *residual; /* [rows] C - G_S w, as of the pass's start */
    double *link;     /* [room] G_Si of a candidate i; scratch */
    double *image;    /* [room] G_SS^-1 G_Si */
    double *best_image;
    struct arena arena;
};

/* A row to add: what the error would fall by, and what the update needs. */
struct addition {
    int row;
    double gain;
    double residual; /* C_i - G_iS w */
    double pivot;    /* G_ii - G_iS G_SS^-1 G_Si */
};

enum status exchange_open(int rows, int most, struct exchange **exchange, struct diagnostic *diag) {
    struct exchange *x = calloc(1, sizeof *x);
    if (x == NULL)
        return FAIL_MEMORY(diag, "the exchange of rows");
    size_t room = (size_t)most + 1; /* a swap adds before it drops */
    x->rows = rows;
    x->room = most + 1;
    x->row_of = ARENA_NEW(&x->arena, room, int);
    x->inverse = arena_alloc(&x->arena, room, room * sizeof *x->inverse);
    x->w = ARENA_NEW(&x->arena, room, double);
    x->residual = ARENA_NEW(&x->arena, rows, double);
    x->link = ARENA_NEW(&x->arena, room, double);
    x->image = ARENA_NEW(&x->arena, room, double);
    x->best_image = ARENA_NEW(&x->arena, room, double);
    if (x->row_of == NULL || x->inverse == NULL || x->w == NULL || x->residual == NULL ||
        x->link == NULL || x->image == NULL || x->best_image == NULL) {
        exchange_close(x);
        return FAIL_MEMORY(diag, "the exchange of rows");
    }
    *exchange = x;
    return STATUS_OK;
}

void exchange_close(struct exchange *exchange) {
    if (exchange == NULL)
        return;
    arena_free(&exchange->arena);
    free(exchange);
}

/* Inverse and weights of the mask. */
static bool start(struct exchange *x) {
    size_t room = (size_t)x->room, rows = (size_t)x->rows;
    int info = 0;
    x->n = 0;
    for (int r = 0; r < x->rows; r++)
        if (x->mask[r])
            x->row_of[x->n++] = r;
    size_t n = (size_t)x->n;
    for (size_t a = 0; a < n; a++)
        for (size_t b = a; b < n; b++)
            x->inverse[a * room + b] =
                x->column->g[(size_t)x->row_of[a] * rows + (size_t)x->row_of[b]];
    dpotrf_("L", &x->n, x->inverse, &x->room, &info);
    if (info == 0)
        dpotri_("L", &x->n, x->inverse, &x->room, &info);
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++)
            x->inverse[b * room + a] = x->inverse[a * room + b];
    for (size_t a = 0; a < n; a++)
        x->link[a] = x->column->c[x->row_of[a]];
    cblas_dsymv(CblasColMajor, CblasLower, x->n, 1, x->inverse, x->room, x->link, 1, 0, x->w, 1);
    return info == 0;
}

static void find_residual(struct exchange *x) {
    memcpy(x->residual, x->column->c, (size_t)x->rows * sizeof *x->residual);
    for (int a = 0; a < x->n; a++)
        cblas_daxpy(x->rows, -x->w[a], x->column->g + (size_t)x->row_of[a] * (size_t)x->rows, 1,
                    x->residual, 1);
}

/* What adding a row gives; leaves G_SS^-1 G_Si in x->image. */
static struct addition try_addition(struct exchange *x, int row) {
    const double *g = x->column->g + (size_t)row * (size_t)x->rows;
    struct addition addition = {.row = row, .residual = x->column->c[row]};
    for (int a = 0; a < x->n; a++) {
        x->link[a] = g[x->row_of[a]];
        addition.residual -= x->link[a] * x->w[a];
    }
    cblas_dsymv(CblasColMajor, CblasLower, x->n, 1, x->inverse, x->room, x->link, 1, 0, x->image,
                1);
    addition.pivot = g[row] - cblas_ddot(x->n, x->link, 1, x->image, 1);
    if (addition.pivot > 1e-9 * g[row])
        addition.gain = addition.residual * addition.residual / addition.pivot;
    return addition;
}

/* Removed rows from `first` to `end` of largest residual, at most CANDIDATES. */
static int find_candidates(const struct exchange *x, int first, int end, int *candidates) {
    int n = 0;
    for (int r = first; r < end; r++) {
        if (x->mask[r] || !x->column->open[r])
            continue;
        int at = n < CANDIDATES ? n++ : CANDIDATES;
        for (; at > 0 && fabs(x->residual[r]) > fabs(x->residual[candidates[at - 1]]); at--)
            if (at < CANDIDATES)
                candidates[at] = candidates[at - 1];
        if (at < CANDIDATES)
            candidates[at] = r;
    }
    return n;
}

/* Of rows first..end, the slot whose loss after the addition costs least, less than `limit`; -1:
 * none. */
static int find_loss(const struct exchange *x, int first, int end, const struct addition *addition,
                     double limit) {
    int slot = -1;
    for (int a = 0; a < x->n; a++) {
        if (x->row_of[a] < first || x->row_of[a] >= end)
            continue;
        double image = x->best_image[a];
        double w = x->w[a] - image * addition->residual / addition->pivot;
        double h =
            x->inverse[(size_t)a * (size_t)x->room + (size_t)a] + image * image / addition->pivot;
        if (w * w / h < limit) {
            limit = w * w / h;
            slot = a;
        }
    }
    return slot;
}

/* Inverse and weights with one more row, by bordering. */
static void add(struct exchange *x, const struct addition *addition) {
    size_t room = (size_t)x->room, n = (size_t)x->n;
    const double *image = x->best_image;
    double pivot = addition->pivot;
    cblas_dger(CblasColMajor, x->n, x->n, 1 / pivot, image, 1, image, 1, x->inverse, x->room);
    for (size_t a = 0; a < n; a++) {
        x->inverse[a * room + n] = x->inverse[n * room + a] = -image[a] / pivot;
        x->w[a] -= image[a] * addition->residual / pivot;
    }
    x->inverse[n * room + n] = 1 / pivot;
    x->w[n] = addition->residual / pivot;
    x->row_of[n] = addition->row;
    x->mask[addition->row] = 1;
    x->n++;
}

/* The same with one row less; the last slot takes the free one. */
static void drop(struct exchange *x, int slot) {
    size_t room = (size_t)x->room, s = (size_t)slot, last = (size_t)x->n - 1;
    double h = x->inverse[s * room + s], w = x->w[s];
    memcpy(x->link, x->inverse + s * room, (size_t)x->n * sizeof *x->link);
    cblas_dger(CblasColMajor, x->n, x->n, -1 / h, x->link, 1, x->link, 1, x->inverse, x->room);
    cblas_daxpy(x->n, -w / h, x->link, 1, x->w, 1);
    x->mask[x->row_of[s]] = 0;
    x->row_of[s] = x->row_of[last];
    x->w[s] = x->w[last];
    for (size_t a = 0; a <= last; a++)
        x->inverse[s * room + a] = x->inverse[last * room + a];
    for (size_t a = 0; a <= last; a++)
        x->inverse[a * room + s] = x->inverse[a * room + last];
    x->n--;
}

/* The best swap among rows first..end, if it is one. */
static bool swap(struct exchange *x, int first, int end) {
    int candidates[CANDIDATES], n = find_candidates(x, first, end, candidates);
    struct addition best = {0};
    for (int i = 0; i < n; i++) {
        struct addition addition = try_addition(x, candidates[i]);
        if (addition.gain <= best.gain)
            continue;
        best = addition;
        memcpy(x->best_image, x->image, (size_t)x->n * sizeof *x->image);
    }
    if (best.gain <= 0)
        return false;
    int slot = find_loss(x, first, end, &best, best.gain * (1 - LEAST_GAIN));
    if (slot < 0)
        return false;
    add(x, &best);
    drop(x, slot);
    return true;
}

int exchange_column(struct exchange *x, const struct exchange_column *column, uint8_t *mask) {
    int swaps = 0;
    x->column = column;
    x->mask = mask;
    openblas_set_num_threads(1);
    if (!start(x))
        return -1;
    for (int pass = 0, before = -1; pass < PASSES && swaps > before; pass++) {
        before = swaps;
        find_residual(x);
        for (int first = 0; first < x->rows; first += column->height) {
            int end = first + column->height < x->rows ? first + column->height : x->rows;
            swaps += swap(x, first, end);
        }
    }
    return swaps;
}

double exchange_work(int rows, int kept, int height) {
    enum { USUAL_PASSES = 5 };
    double n = kept, heights = ceil((double)rows / height);
    return n * n * n + USUAL_PASSES * (2 * rows * n + heights * (CANDIDATES + 3) * 2 * n * n);
}
