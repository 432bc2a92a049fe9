/* Strategy `blocks`: every sub-matrix keeps the rows and filters that hold a weight, and what is
 * left of several is packed into one array where it fits. Strategy `mixed` packs what the
 * mixed-granularity scheme of pruning/ leaves: where some columns of a sub-matrix share few rows
 * (its second class), they and the other columns become two pieces; the packing of fewer arrays,
 * with pieces parted or not, is taken.
 *
 * An array's word lines are the union of its pieces' rows and its bit lines that of their filters:
 * pieces of the same row block share word lines (and inputs), pieces of the same column group share
 * bit lines (which then add more rows), others stand on the diagonal. Best fit decreasing: pieces
 * in falling order of the larger share of the array that they take, each into the array where it
 * adds the least, word lines and bit lines counted as shares of the array. */
#include <stdlib.h>
#include <string.h>

#include "mapping/compaction.h"

enum { WORD = 64 };

/* What is left of one sub-matrix. */
struct piece {
    int block, group;
    int rows, filters;
    double share;           /* the larger one of rows and filters, of an array */
    const uint64_t *row;    /* bits of the block's rows */
    const uint64_t *filter; /* bits of the group's filters */
    int next;               /* piece laid into the same array before, -1: none */
};

/* An array being filled. */
struct bin {
    int rows, filters;
    int last; /* piece laid last */
};

struct packing {
    const struct mapped_layer *layer;
    bool parted; /* sub-matrices may be two pieces */
    struct occupancy occupancy;
    struct piece *pieces;
    int n_pieces;
    struct bin *bins;
    int n_bins;
    uint64_t *bits; /* of all pieces */
    int row_words, filter_words;
};

static void packing_free(struct packing *p) {
    occupancy_free(&p->occupancy);
    free(p->pieces);
    free(p->bins);
    free(p->bits);
}

static int minimum(int a, int b) {
    return a < b ? a : b;
}

/* Adds the piece of the filters in `filter` (bits of the group's) with the rows that hold a weight
 * of theirs; its bits lie in `row` and `filter`. */
static void add_piece(struct packing *p, int block, int group, const uint64_t *row,
                      const uint64_t *filter) {
    struct piece piece = {.block = block, .group = group, .row = row, .filter = filter, .next = -1};
    for (int w = 0; w < p->row_words; w++)
        piece.rows += __builtin_popcountll(row[w]);
    for (int w = 0; w < p->filter_words; w++)
        piece.filters += __builtin_popcountll(filter[w]);
    double rows = (double)piece.rows / p->layer->crossbar.rows;
    double filters = (double)piece.filters / p->layer->filters_per_array;
    piece.share = rows > filters ? rows : filters;
    if (piece.rows > 0)
        p->pieces[p->n_pieces++] = piece;
}

/* Rows with a weight of each filter of a sub-matrix: [group][row_words]. */
static void find_support(const struct packing *p, int block, int group, uint64_t *support) {
    const struct occupancy *o = &p->occupancy;
    int row = block * o->block, filter = group * p->layer->filters_per_array;
    int rows = minimum(o->block, o->rows - row);
    int filters = minimum(p->layer->filters_per_array, o->filters - filter);
    memset(support, 0,
           (size_t)p->layer->filters_per_array * (size_t)p->row_words * sizeof *support);
    for (int f = 0; f < filters; f++) {
        const uint8_t *used = o->row + (size_t)(filter + f) * (size_t)o->rows + row;
        for (int r = 0; r < rows; r++)
            support[f * p->row_words + r / WORD] |= (uint64_t)(used[r] != 0) << (r % WORD);
    }
}

static bool is_within(const uint64_t *a, const uint64_t *b, int words) {
    for (int w = 0; w < words; w++)
        if ((a[w] & ~b[w]) != 0)
            return false;
    return true;
}

/* Two parts of a sub-matrix's filters and the rows of each: those whose rows are within the rows of
 * filter `of` (all, where `of` < 0), and the others. Returns the cells that both cross in. */
static long part(const struct packing *p, const uint64_t *support, int of, uint64_t *bits) {
    uint64_t *row[2] = {bits, bits + p->row_words + p->filter_words};
    long rows[2] = {0}, filters[2] = {0};
    memset(bits, 0, 2 * (size_t)(p->row_words + p->filter_words) * sizeof *bits);
    for (int f = 0; f < p->layer->filters_per_array; f++) {
        const uint64_t *own = support + f * p->row_words;
        uint64_t any = 0;
        for (int w = 0; w < p->row_words; w++)
            any |= own[w];
        if (any == 0)
            continue;
        int at = of < 0 || is_within(own, support + of * p->row_words, p->row_words) ? 0 : 1;
        for (int w = 0; w < p->row_words; w++)
            row[at][w] |= own[w];
        row[at][p->row_words + f / WORD] |= UINT64_C(1) << (f % WORD);
        filters[at]++;
    }
    for (int at = 0; at < 2; at++)
        for (int w = 0; w < p->row_words; w++)
            rows[at] += __builtin_popcountll(row[at][w]);
    return rows[0] * filters[0] + rows[1] * filters[1];
}

/* The pieces of one sub-matrix: one, or two where that takes fewer cells. */
static void find_sub_matrix(struct packing *p, int block, int group, uint64_t *support,
                            uint64_t *bits) {
    int words = p->row_words + p->filter_words, best = -1;
    find_support(p, block, group, support);
    long least = part(p, support, -1, bits);
    for (int f = 0; p->parted && f < p->layer->filters_per_array; f++) {
        long cells = part(p, support, f, bits);
        if (cells < least) {
            least = cells;
            best = f;
        }
    }
    part(p, support, best, bits);
    add_piece(p, block, group, bits, bits + p->row_words);
    add_piece(p, block, group, bits + words, bits + words + p->row_words);
}

static int compare(const void *a, const void *b) {
    const struct piece *x = a, *y = b;
    if (x->share != y->share)
        return x->share > y->share ? -1 : 1;
    if (x->block != y->block)
        return x->block - y->block;
    if (x->group != y->group)
        return x->group - y->group;
    return x->row < y->row ? -1 : 1; /* parts of one sub-matrix, as they were found */
}

/* Bits of `own` that no piece of the bin with the same block (or group) has. */
static int added(const struct packing *p, const struct bin *bin, const struct piece *piece,
                 bool rows) {
    const uint64_t *own = rows ? piece->row : piece->filter;
    int words = rows ? p->row_words : p->filter_words, count = 0;
    for (int w = 0; w < words; w++) {
        uint64_t left = own[w];
        for (int i = bin->last; i >= 0 && left != 0; i = p->pieces[i].next) {
            const struct piece *other = &p->pieces[i];
            if (rows && other->block == piece->block)
                left &= ~other->row[w];
            if (!rows && other->group == piece->group)
                left &= ~other->filter[w];
        }
        count += __builtin_popcountll(left);
    }
    return count;
}

static void pack_piece(struct packing *p, int index) {
    struct piece *piece = &p->pieces[index];
    int most_rows = p->layer->crossbar.rows, most_filters = p->layer->filters_per_array;
    int best = -1, best_rows = 0, best_filters = 0;
    double least = 0;
    for (int b = 0; b < p->n_bins; b++) {
        const struct bin *bin = &p->bins[b];
        if (bin->rows == most_rows && bin->filters == most_filters)
            continue;
        int rows = added(p, bin, piece, true);
        if (bin->rows + rows > most_rows)
            continue;
        int filters = added(p, bin, piece, false);
        if (bin->filters + filters > most_filters)
            continue;
        double cost = (double)rows / most_rows + (double)filters / most_filters;
        if (best < 0 || cost < least) {
            best = b;
            least = cost;
            best_rows = rows;
            best_filters = filters;
        }
    }
    if (best < 0) {
        best = p->n_bins++;
        p->bins[best] = (struct bin){.last = -1};
        best_rows = piece->rows;
        best_filters = piece->filters;
    }
    p->bins[best].rows += best_rows;
    p->bins[best].filters += best_filters;
    piece->next = p->bins[best].last;
    p->bins[best].last = index;
}

static enum status find_pieces(struct packing *p, int pack, struct diagnostic *diag) {
    const struct mapped_layer *m = p->layer;
    TRY(occupancy_make(m, pack, m->crossbar.rows, 1, &p->occupancy, diag));
    int groups = (p->occupancy.filters + m->filters_per_array - 1) / m->filters_per_array;
    size_t n = 2 * (size_t)p->occupancy.blocks * (size_t)groups;
    p->row_words = (m->crossbar.rows + WORD - 1) / WORD;
    p->filter_words = (m->filters_per_array + WORD - 1) / WORD;
    size_t words = (size_t)(p->row_words + p->filter_words);
    uint64_t *support =
        calloc((size_t)m->filters_per_array * (size_t)p->row_words, sizeof *support);
    p->pieces = calloc(n, sizeof *p->pieces);
    p->bins = calloc(n, sizeof *p->bins);
    p->bits = calloc(n * words, sizeof *p->bits);
    if (support == NULL || p->pieces == NULL || p->bins == NULL || p->bits == NULL) {
        free(support);
        return FAIL_MEMORY(diag, "the blocks of a layer");
    }
    uint64_t *bits = p->bits;
    for (int block = 0; block < p->occupancy.blocks; block++)
        for (int group = 0; group < groups; group++, bits += 2 * words)
            find_sub_matrix(p, block, group, support, bits);
    free(support);
    qsort(p->pieces, (size_t)p->n_pieces, sizeof *p->pieces, compare);
    for (int i = 0; i < p->n_pieces; i++)
        pack_piece(p, i);
    return STATUS_OK;
}

static int compare_ints(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

/* Rising, each once; their number. */
static int sort_unique(int *numbers, int n) {
    int kept = 0;
    qsort(numbers, (size_t)n, sizeof *numbers, compare_ints);
    for (int i = 0; i < n; i++)
        if (kept == 0 || numbers[kept - 1] != numbers[i])
            numbers[kept++] = numbers[i];
    return kept;
}

static int append(int *numbers, int n, const uint64_t *bits, int words, int first) {
    for (int i = 0; i < words * WORD; i++)
        if (bits[i / WORD] >> (i % WORD) & 1)
            numbers[n++] = first + i;
    return n;
}

/* The union of a bin's rows or filters. */
static int *collect(const struct packing *p, const struct bin *bin, bool rows, struct arena *arena,
                    int *count) {
    const struct occupancy *o = &p->occupancy;
    int most = 0, n = 0;
    for (int i = bin->last; i >= 0; i = p->pieces[i].next)
        most += rows ? p->pieces[i].rows : p->pieces[i].filters;
    int *numbers = ARENA_NEW(arena, most, int);
    for (int i = bin->last; i >= 0 && numbers != NULL; i = p->pieces[i].next) {
        const struct piece *piece = &p->pieces[i];
        n = rows ? append(numbers, n, piece->row, p->row_words, piece->block * o->block)
                 : append(numbers, n, piece->filter, p->filter_words,
                          piece->group * p->layer->filters_per_array);
    }
    *count = numbers != NULL ? sort_unique(numbers, n) : 0;
    return numbers;
}

static enum status lay_bin(const struct packing *p, const struct bin *bin,
                           struct placement *placement, int pack, int *owner,
                           struct diagnostic *diag) {
    const struct mapped_layer *m = placement->layer;
    int rows, filters, index = m->n_arrays;
    int *row = collect(p, bin, true, placement->arena, &rows);
    int *filter = collect(p, bin, false, placement->arena, &filters);
    if (row == NULL || filter == NULL ||
        placement_add(placement, pack, row, rows, filter, filters) == NULL)
        return FAIL_MEMORY(diag, "the arrays of a layer");
    for (int i = bin->last; i >= 0; i = p->pieces[i].next) {
        const struct piece *piece = &p->pieces[i];
        int *block = owner + (size_t)piece->block * (size_t)m->pack_filters;
        for (int f = 0; f < p->filter_words * WORD; f++)
            if (piece->filter[f / WORD] >> (f % WORD) & 1)
                block[piece->group * m->filters_per_array + f] = index;
    }
    return STATUS_OK;
}

/* The layer's table of owners, made with the first pack. */
static int *owners_of(struct placement *placement, int pack) {
    const struct mapped_layer *m = placement->layer;
    size_t size = (size_t)m->row_blocks * (size_t)m->pack_filters;
    if (placement->owner == NULL) {
        placement->owner = ARENA_NEW(placement->arena, (size_t)m->packs * size, int);
        for (size_t i = 0; placement->owner != NULL && i < (size_t)m->packs * size; i++)
            placement->owner[i] = -1;
    }
    return placement->owner == NULL ? NULL : placement->owner + (size_t)pack * size;
}

static enum status lay_bins(struct placement *placement, int pack, const struct packing *p,
                            struct diagnostic *diag) {
    int *owner = owners_of(placement, pack);
    if (owner == NULL)
        return FAIL_MEMORY(diag, "the arrays of a layer");
    for (int b = 0; b < p->n_bins; b++)
        TRY(lay_bin(p, &p->bins[b], placement, pack, owner, diag));
    return STATUS_OK;
}

enum status place_blocks(struct placement *placement, int pack, struct diagnostic *diag) {
    struct packing p = {.layer = placement->layer};
    enum status status = find_pieces(&p, pack, diag);
    if (status == STATUS_OK)
        status = lay_bins(placement, pack, &p, diag);
    packing_free(&p);
    return status;
}

enum status place_mixed(struct placement *placement, int pack, struct diagnostic *diag) {
    struct packing whole = {.layer = placement->layer};
    struct packing parted = {.layer = placement->layer, .parted = true};
    enum status status = find_pieces(&whole, pack, diag);
    if (status == STATUS_OK)
        status = find_pieces(&parted, pack, diag);
    if (status == STATUS_OK)
        status = lay_bins(placement, pack, parted.n_bins < whole.n_bins ? &parted : &whole, diag);
    packing_free(&whole);
    packing_free(&parted);
    return status;
}
