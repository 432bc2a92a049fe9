/* Formats of structured weights: whole rows, columns, kernels, positions, patterns, fragments,
 * classes of columns. */
#include <string.h>

#include "pruning/mixed_internal.h"
#include "pruning/storage_internal.h"

/* What says which of a layer's rows, or columns, are used, sub-matrix by sub-matrix: their numbers
 * and how many they are, or a bit for each. */
struct listing {
    double numbers, bits;
};

static void list(struct listing *listing, long used, int of) {
    listing->numbers += (double)used * storage_width(of) + storage_width(of + 1);
    listing->bits += of;
}

static double smaller(const struct listing *listing) {
    return listing->numbers < listing->bits ? listing->numbers : listing->bits;
}

/* One sub-matrix: rows in steps of `unit`, columns, and how many of each there could be. */
static enum status add_lists(const struct prune_matrix *matrix, const struct prune_block *block,
                             int unit, struct storage *storage, struct listing *rows_listed,
                             struct listing *columns_listed, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    bool *used = ARENA_NEW(&arena, block->rows, bool);
    if (used == NULL)
        return FAIL_MEMORY(diag, "storage");
    int units = (block->rows + unit - 1) / unit;
    long rows = 0, lines = 0, columns = 0;
    for (int c = 0; c < block->columns; c++) {
        const float *column =
            &matrix->weights[prune_at(matrix, block->row, block->column + c)]; /* rows in a row */
        bool any = false;
        for (int u = 0, r = 0; u < units; u++) {
            int end = block->rows - r < unit ? block->rows : r + unit;
            bool hit = false;
            for (; r < end; r++)
                hit |= column[r] != 0;
            used[u] |= hit;
            any |= hit;
        }
        columns += any;
    }
    for (int u = 0; u < units; u++)
        if (used[u]) {
            lines++;
            rows += (u + 1) * unit <= block->rows ? unit : block->rows - u * unit;
        }
    arena_free(&arena);
    storage->values += rows * columns;
    list(rows_listed, lines, units);
    list(columns_listed, columns, block->columns);
    return STATUS_OK;
}

/* Rows and columns of the layer each the shorter way, and of what lies in both all weights, or a
 * bit for each and the non-zeros: few levels leave many zeros. */
static enum status lists(const struct prune_matrix *matrix, const struct prune_settings *blocks,
                         int unit, int weight_bits, struct storage *storage,
                         struct diagnostic *diag) {
    struct listing rows = {0}, columns = {0};
    *storage = (struct storage){.possible = true};
    for (struct prune_block b = {0}; prune_next_block(matrix, blocks, &b);)
        TRY(add_lists(matrix, &b, unit, storage, &rows, &columns, diag));
    long nonzero = storage_nonzero(matrix), inside = storage->values;
    double all = (double)inside * storage_value_bits(weight_bits, inside > nonzero);
    double some = (double)nonzero * storage_value_bits(weight_bits, false);
    bool masked = some + (double)inside < all;
    storage->values = masked ? nonzero : inside;
    storage->weight_bits = masked ? some : all;
    storage->index_bits = smaller(&rows) + smaller(&columns) + (masked ? (double)inside : 0);
    return STATUS_OK;
}

/* One block for each group. */
static struct prune_settings whole(const struct prune_matrix *matrix) {
    return (struct prune_settings){.rows = matrix->rows, .columns = prune_group_columns(matrix)};
}

STORAGE_COUNT(storage_whole_lists) {
    (void)settings;
    const struct prune_settings group = whole(matrix);
    return lists(matrix, &group, 1, weight_bits, storage, diag);
}

STORAGE_COUNT(storage_channels) {
    (void)settings;
    const struct prune_settings group = whole(matrix);
    return lists(matrix, &group, matrix->kernel[0] * matrix->kernel[1], weight_bits, storage, diag);
}

STORAGE_COUNT(storage_blocks) {
    return lists(matrix, settings, 1, weight_bits, storage, diag);
}

/* Whether one of `n` weights in a row is not zero. */
static bool any_nonzero(const float *weights, int n) {
    for (int i = 0; i < n; i++)
        if (weights[i] != 0)
            return true;
    return false;
}

STORAGE_COUNT(storage_kernels) {
    (void)settings, (void)diag;
    int positions = matrix->kernel[0] * matrix->kernel[1];
    long kernels = (long)prune_size(matrix) / positions, used = 0;
    for (long k = 0; k < kernels; k++)
        used += any_nonzero(matrix->weights + k * positions, positions);
    *storage = (struct storage){
        .possible = true,
        .values = used * positions,
        .index_width = 1,
        .weight_bits = (double)(used * positions) * weight_bits,
        .index_bits = (double)kernels,
    };
    return STATUS_OK;
}

/* Blocks are those of block_punched: sub-matrices of block_channels kernels x block_filters. */
STORAGE_COUNT(storage_positions) {
    (void)diag;
    int positions = matrix->kernel[0] * matrix->kernel[1];
    const struct prune_settings blocks = {.rows = settings->block_channels * positions,
                                          .columns = settings->block_filters};
    *storage = (struct storage){.possible = true, .index_width = 1};
    for (struct prune_block b = {0}; prune_next_block(matrix, &blocks, &b);) {
        storage->index_bits += positions;
        for (int p = 0; p < positions; p++) {
            bool used = false;
            for (int c = 0; c < b.columns && !used; c++)
                for (int r = p; r < b.rows && !used; r += positions)
                    used = matrix->weights[prune_at(matrix, b.row + r, b.column + c)] != 0;
            storage->values += used ? (long)b.rows / positions * b.columns : 0;
        }
    }
    storage->weight_bits = (double)storage->values * weight_bits;
    return STATUS_OK;
}

STORAGE_COUNT(storage_patterns) {
    enum { POSITIONS = 9, ENTRIES = 4 };
    *storage = (struct storage){0};
    if (matrix->kernel[0] * matrix->kernel[1] != POSITIONS || matrix->kernel[0] != 3)
        return storage_dense(matrix, settings, weight_bits, storage, diag);
    if (prune_pattern.check(matrix, settings, NULL) != STATUS_OK)
        return STATUS_OK;
    long kernels = (long)prune_size(matrix) / POSITIONS, used = 0;
    for (long k = 0; k < kernels; k++)
        used += any_nonzero(matrix->weights + k * POSITIONS, POSITIONS);
    *storage = (struct storage){
        .possible = true,
        .values = used * ENTRIES,
        .index_width = storage_width(settings->patterns),
        .weight_bits = (double)(used * ENTRIES) * weight_bits,
        .index_bits = (double)used * storage_width(settings->patterns) + (double)kernels +
                      (double)settings->patterns * POSITIONS,
    };
    return STATUS_OK;
}

/* Zeros stay in place: what is saved is the sign of each weight. */
STORAGE_COUNT(storage_signs) {
    *storage = (struct storage){0};
    if (prune_polarization.check(matrix, settings, NULL) != STATUS_OK)
        return STATUS_OK;
    TRY(storage_dense(matrix, settings, weight_bits - 1, storage, diag));
    storage->index_width = 1;
    for (int row = 0; row < matrix->rows; row += settings->rows) {
        int height = matrix->rows - row < settings->rows ? matrix->rows - row : settings->rows;
        storage->index_bits +=
            (double)((height + settings->fragment_rows - 1) / settings->fragment_rows) *
            matrix->columns;
    }
    return STATUS_OK;
}

/* Bits of one sub-matrix whose row segments are those of column `s` (-1: there are none): a list of
 * them, two bits of class for each column, |S| weights for a column within them, weights with
 * offsets for others. */
static void count_classes(const struct mixed_block *b, int s, int weight_bits,
                          struct storage *sum) {
    int width = storage_width(b->rows);
    long segments = s >= 0 ? b->nonzero[s] : 0;
    *sum = (struct storage){.possible = true, .index_width = width};
    sum->index_bits = (double)segments * width + storage_width(b->rows + 1) + 2.0 * b->columns;
    for (int c = 0; c < b->columns; c++) {
        long single = b->nonzero[c];
        if (single == 0)
            continue;
        bool within = s >= 0 && segments * weight_bits <= single * (weight_bits + width) &&
                      mixed_is_within(b, c, s);
        sum->values += within ? segments : single;
        sum->index_bits += within ? 0 : (double)(single * width) + storage_width(b->rows + 1);
    }
    sum->weight_bits = (double)sum->values * weight_bits;
}

STORAGE_COUNT(storage_classes) {
    struct mixed_block b;
    *storage = (struct storage){.possible = true};
    enum status status =
        mixed_block_make(matrix, settings, &b) ? STATUS_OK : FAIL_MEMORY(diag, "storage");
    while (status == STATUS_OK && mixed_block_next(matrix, settings, &b)) {
        struct storage best, other;
        mixed_load_weights(matrix, &b);
        count_classes(&b, -1, weight_bits, &best);
        for (int s = 0; s < b.columns; s++) {
            count_classes(&b, s, weight_bits, &other);
            if (other.weight_bits + other.index_bits < best.weight_bits + best.index_bits)
                best = other;
        }
        storage->values += best.values;
        storage->index_width = best.index_width;
        storage->weight_bits += best.weight_bits;
        storage->index_bits += best.index_bits;
    }
    arena_free(&b.arena);
    return status;
}
