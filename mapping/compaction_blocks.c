/* Strategy `blocks`: every sub-matrix keeps the rows and filters that hold a weight, and what is
 * left of several is packed into one array where it fits (packing.h). Strategy `mixed` packs what
 * the mixed-granularity scheme of pruning/ leaves: where some columns of a sub-matrix share few
 * rows (its second class), they and the other columns become two pieces; the packing of fewer
 * arrays, with pieces parted or not, is taken. */
#include <stdlib.h>
#include <string.h>

#include "mapping/compaction.h"
#include "mapping/packing.h"

enum { WORD = 64 };

/* Rows with a weight of every filter of a pack, as bits, block after block. */
struct support {
    const struct mapped_layer *layer;
    int filters, blocks, groups;
    int row_words, filter_words; /* of a block's rows and of a group's filters */
    uint64_t *bits;              /* [filters][blocks][row_words] */
};

/* The pieces of a pack, packed. */
struct pieces {
    struct packing packing;
    uint64_t *bits; /* of all pieces */
};

static void pieces_free(struct pieces *p) {
    free(p->packing.pieces);
    free(p->packing.bins);
    free(p->bits);
}

static int minimum(int a, int b) {
    return a < b ? a : b;
}

static int ceiling(int a, int b) {
    return (a + b - 1) / b;
}

/* Adds bit i for every byte i that is 1, i < n. */
static void set_bits(uint64_t *bits, const uint8_t *flags, int n) {
    int i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t eight;
        memcpy(&eight, flags + i, sizeof eight);
        /* byte j of the factor's product adds up in the top byte, as bit j */
        bits[i / WORD] |= (eight * UINT64_C(0x0102040810204080)) >> 56 << (i % WORD);
    }
    for (; i < n; i++)
        bits[i / WORD] |= (uint64_t)flags[i] << (i % WORD);
}

static enum status support_make(const struct mapped_layer *m, int pack, struct support *s,
                                struct diagnostic *diag) {
    struct occupancy o;
    int most = m->filters_per_array;
    TRY(occupancy_make(m, pack, m->crossbar.rows, 1, &o, diag));
    *s = (struct support){.layer = m,
                          .filters = o.filters,
                          .blocks = o.blocks,
                          .groups = ceiling(o.filters, most),
                          .row_words = ceiling(o.block, WORD),
                          .filter_words = ceiling(most, WORD)};
    s->bits = calloc((size_t)o.filters * (size_t)o.blocks * (size_t)s->row_words, sizeof *s->bits);
    uint64_t *bits = s->bits;
    for (int f = 0; bits != NULL && f < o.filters; f++)
        for (int row = 0; row < o.rows; row += o.block, bits += s->row_words)
            set_bits(bits, o.row + (size_t)f * (size_t)o.rows + row,
                     minimum(o.block, o.rows - row));
    occupancy_free(&o);
    return s->bits != NULL ? STATUS_OK : FAIL_MEMORY(diag, "the rows of a layer's filters");
}

/* Rows of filter `f` of a group in a block. */
static const uint64_t *rows_of(const struct support *s, int block, int group, int f) {
    size_t filter = (size_t)group * (size_t)s->layer->filters_per_array + (size_t)f;
    return s->bits + (filter * (size_t)s->blocks + (size_t)block) * (size_t)s->row_words;
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
    double rows = (double)piece.rows / p->most_rows;
    double filters = (double)piece.filters / p->most_filters;
    piece.share = rows > filters ? rows : filters;
    if (piece.rows > 0)
        p->pieces[p->n_pieces++] = piece;
}

static bool is_within(const uint64_t *a, const uint64_t *b, int words) {
    for (int w = 0; w < words; w++)
        if ((a[w] & ~b[w]) != 0)
            return false;
    return true;
}

/* Two parts of a sub-matrix's filters and the rows of each: those whose rows are within the rows of
 * filter `of` (all, where `of` < 0), and the others. Returns the cells that both cross in. */
static long part(const struct support *s, int block, int group, int of, uint64_t *bits) {
    uint64_t *row[2] = {bits, bits + s->row_words + s->filter_words};
    const uint64_t *wide = of < 0 ? NULL : rows_of(s, block, group, of);
    int filters =
        minimum(s->layer->filters_per_array, s->filters - group * s->layer->filters_per_array);
    long rows[2] = {0}, kept[2] = {0};
    memset(bits, 0, 2 * (size_t)(s->row_words + s->filter_words) * sizeof *bits);
    for (int f = 0; f < filters; f++) {
        const uint64_t *own = rows_of(s, block, group, f);
        uint64_t any = 0;
        for (int w = 0; w < s->row_words; w++)
            any |= own[w];
        if (any == 0)
            continue;
        int at = wide == NULL || is_within(own, wide, s->row_words) ? 0 : 1;
        for (int w = 0; w < s->row_words; w++)
            row[at][w] |= own[w];
        row[at][s->row_words + f / WORD] |= UINT64_C(1) << (f % WORD);
        kept[at]++;
    }
    for (int at = 0; at < 2; at++)
        for (int w = 0; w < s->row_words; w++)
            rows[at] += __builtin_popcountll(row[at][w]);
    return rows[0] * kept[0] + rows[1] * kept[1];
}

/* The pieces of one sub-matrix: one, or, where it may be `parted`, two where that takes fewer
 * cells. */
static void find_sub_matrix(const struct support *s, int block, int group, bool parted,
                            struct packing *p, uint64_t *bits) {
    int words = s->row_words + s->filter_words, best = -1;
    int filters =
        minimum(s->layer->filters_per_array, s->filters - group * s->layer->filters_per_array);
    long least = part(s, block, group, -1, bits);
    for (int f = 0; parted && f < filters; f++) {
        long cells = part(s, block, group, f, bits);
        if (cells < least) {
            least = cells;
            best = f;
        }
    }
    if (parted)
        part(s, block, group, best, bits);
    add_piece(p, block, group, bits, bits + s->row_words);
    add_piece(p, block, group, bits + words, bits + words + s->row_words);
}

static enum status pieces_make(const struct support *s, bool parted, struct pieces *pieces,
                               struct diagnostic *diag) {
    size_t n = 2 * (size_t)s->blocks * (size_t)s->groups;
    size_t words = (size_t)(s->row_words + s->filter_words);
    struct packing *p = &pieces->packing;
    *p = (struct packing){.most_rows = s->layer->crossbar.rows,
                          .most_filters = s->layer->filters_per_array,
                          .blocks = s->blocks,
                          .groups = s->groups,
                          .row_words = s->row_words,
                          .filter_words = s->filter_words};
    p->pieces = calloc(n, sizeof *p->pieces);
    p->bins = calloc(n, sizeof *p->bins);
    uint64_t *bits = pieces->bits = calloc(n * words, sizeof *bits);
    if (p->pieces == NULL || p->bins == NULL || bits == NULL)
        return FAIL_MEMORY(diag, "the blocks of a layer");
    for (int block = 0; block < s->blocks; block++)
        for (int group = 0; group < s->groups; group++, bits += 2 * words)
            find_sub_matrix(s, block, group, parted, p, bits);
    return packing_fill(p, diag);
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
    int most = 0, n = 0;
    for (int i = bin->last; i >= 0; i = p->pieces[i].next)
        most += rows ? p->pieces[i].rows : p->pieces[i].filters;
    int *numbers = ARENA_NEW(arena, most, int);
    for (int i = bin->last; i >= 0 && numbers != NULL; i = p->pieces[i].next) {
        const struct piece *piece = &p->pieces[i];
        n = rows ? append(numbers, n, piece->row, p->row_words, piece->block * p->most_rows)
                 : append(numbers, n, piece->filter, p->filter_words,
                          piece->group * p->most_filters);
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

static enum status place(struct placement *placement, int pack, bool parted,
                         struct diagnostic *diag) {
    struct support support = {0};
    struct pieces whole = {0}, parts = {0};
    enum status status = support_make(placement->layer, pack, &support, diag);
    if (status == STATUS_OK)
        status = pieces_make(&support, false, &whole, diag);
    if (status == STATUS_OK && parted)
        status = pieces_make(&support, true, &parts, diag);
    bool fewer = parted && parts.packing.n_bins < whole.packing.n_bins;
    if (status == STATUS_OK)
        status = lay_bins(placement, pack, fewer ? &parts.packing : &whole.packing, diag);
    free(support.bits);
    pieces_free(&whole);
    pieces_free(&parts);
    return status;
}

enum status place_blocks(struct placement *placement, int pack, struct diagnostic *diag) {
    return place(placement, pack, false, diag);
}

enum status place_mixed(struct placement *placement, int pack, struct diagnostic *diag) {
    return place(placement, pack, true, diag);
}
