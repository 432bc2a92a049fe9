/* Exchange of rows in every column of a layer (pruning/exchange.h), where the scheme lets a
 * column's rows take each other's place. */
#include "pruning/exchange.h"
#include "pruning/reconstruct_internal.h"

/* ADMM takes about 200 K^2 operations a column, as products of matrices; those of the exchange are
 * some ten times slower each. Beyond this share of them it is left out: where more than about an
 * eighth of the rows stay, it gains little. */
static const double LARGEST_SHARE = 0.05;

/* Both triangles of a group's G, and which rows any of its columns keeps: others are gone as a
 * whole, and stay so. */
static void load_group(const struct normal *normal, size_t group, const uint8_t *mask, double *g,
                       bool *open) {
    size_t rows = (size_t)normal->rows, filters = (size_t)(normal->columns / normal->groups);
    const double *lower = normal->g + group * rows * rows;
    for (size_t column = 0; column < rows; column++)
        for (size_t r = column; r < rows; r++)
            g[column * rows + r] = g[r * rows + column] = lower[column * rows + r];
    for (size_t r = 0; r < rows; r++) {
        open[r] = false;
        for (size_t j = 0; j < filters; j++)
            open[r] |= mask[(group * filters + j) * rows + r] != 0;
    }
}

enum status reconstruct_exchange(const struct normal *normal, int height, uint8_t *mask,
                                 struct diagnostic *diag) {
    size_t rows = (size_t)normal->rows, filters = (size_t)(normal->columns / normal->groups);
    size_t most = support_largest(normal, mask);
    double all = 200.0 * (double)rows * (double)rows;
    if (exchange_work(normal->rows, (int)most, height) > LARGEST_SHARE * all)
        return STATUS_OK;
    struct arena arena = ARENA_INIT;
    struct exchange *exchange = NULL;
    double *g = arena_alloc(&arena, rows, rows * sizeof *g);
    bool *open = ARENA_NEW(&arena, rows, bool);
    enum status status = g == NULL || open == NULL
                             ? FAIL_MEMORY(diag, "the exchange of rows")
                             : exchange_open(normal->rows, (int)most, &exchange, diag);
    struct exchange_column column = {.g = g, .height = height, .open = open};
    for (size_t j = 0; status == STATUS_OK && j < (size_t)normal->columns; j++) {
        if (j % filters == 0)
            load_group(normal, j / filters, mask, g, open);
        column.c = normal->c + j * rows;
        if (exchange_column(exchange, &column, mask + j * rows) < 0)
            status = FAIL(diag, STATUS_INTERNAL, "a damped Gram matrix is not positive definite");
    }
    exchange_close(exchange);
    arena_free(&arena);
    return status;
}
