/* Packing pieces into arrays, against a slow one that looks at every array for every piece. */
#include "mapping/packing.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/random.h"
#include "tests/test.h"

enum { BLOCKS = 5, GROUPS = 4, ROWS = 70, FILTERS = 9, WORDS = 2, PIECES = 2 * BLOCKS * GROUPS };

/* Rows and filters of an array, as flags of the whole pack. */
struct slow_bin {
    bool row[BLOCKS * ROWS], filter[GROUPS * FILTERS];
    int rows, filters, last;
};

static bool bit(const uint64_t *bits, int i) {
    return bits[i / 64] >> (i % 64) & 1;
}

/* What the piece adds to `bin`; puts it in where `lay`. */
static void add(struct slow_bin *bin, const struct piece *piece, bool lay, int *rows,
                int *filters) {
    *rows = *filters = 0;
    for (int r = 0; r < ROWS; r++)
        if (bit(piece->row, r) && !bin->row[piece->block * ROWS + r]) {
            ++*rows;
            bin->row[piece->block * ROWS + r] = lay;
        }
    for (int f = 0; f < FILTERS; f++)
        if (bit(piece->filter, f) && !bin->filter[piece->group * FILTERS + f]) {
            ++*filters;
            bin->filter[piece->group * FILTERS + f] = lay;
        }
}

/* Lays pieces, already in their order, into bins; `at` is where each one came to lie. */
static int slow_packing(const struct piece *pieces, int n, struct slow_bin *bins, int *at) {
    int n_bins = 0, rows, filters;
    for (int i = 0; i < n; i++) {
        int best = n_bins;
        double least = 1e9;
        for (int b = 0; b < n_bins; b++) {
            add(&bins[b], &pieces[i], false, &rows, &filters);
            double cost = (double)rows / ROWS + (double)filters / FILTERS;
            if (bins[b].rows + rows <= ROWS && bins[b].filters + filters <= FILTERS &&
                cost < least) {
                best = b;
                least = cost;
            }
        }
        if (best == n_bins)
            bins[n_bins++] = (struct slow_bin){.rows = 0};
        add(&bins[best], &pieces[i], true, &rows, &filters);
        bins[best].rows += rows;
        bins[best].filters += filters;
        at[i] = best;
    }
    return n_bins;
}

/* Up to two pieces of every sub-matrix: a few lines of it, or many. Their filters differ. */
static int random_pieces(struct piece *pieces, uint64_t (*bits)[2][WORDS], uint64_t seed) {
    struct test_random random = {seed};
    int n = 0;
    for (int i = 0; i < PIECES; i++) {
        uint32_t of = 1 + test_random_below(&random, 12);
        struct piece piece = {.block = i / 2 / GROUPS, .group = i / 2 % GROUPS, .next = -1};
        uint64_t *row = bits[n][0], *filter = bits[n][1];
        for (int w = 0; w < WORDS; w++)
            row[w] = filter[w] = 0;
        for (int r = 0; r < ROWS; r++)
            if (test_random_below(&random, of) == 0) {
                row[r / 64] |= UINT64_C(1) << (r % 64);
                piece.rows++;
            }
        for (int f = i % 2; f < FILTERS; f += 2)
            if (test_random_below(&random, of) < 2) {
                filter[0] |= UINT64_C(1) << f;
                piece.filters++;
            }
        if (piece.rows == 0 || piece.filters == 0)
            continue;
        double rows = (double)piece.rows / ROWS, filters = (double)piece.filters / FILTERS;
        piece.share = rows > filters ? rows : filters;
        piece.row = row;
        piece.filter = filter;
        pieces[n++] = piece;
    }
    return n;
}

static void equals_a_slow_one(void) {
    static uint64_t bits[PIECES][2][WORDS];
    static struct slow_bin slow[PIECES];
    int shared = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct piece pieces[PIECES];
        struct bin bins[PIECES];
        struct diagnostic diag;
        int at[PIECES];
        struct packing p = {.most_rows = ROWS,
                            .most_filters = FILTERS,
                            .blocks = BLOCKS,
                            .groups = GROUPS,
                            .row_words = WORDS,
                            .filter_words = 1,
                            .pieces = pieces,
                            .bins = bins};
        p.n_pieces = random_pieces(pieces, bits, seed);
        ASSERT_OK(packing_fill(&p, &diag), diag);
        for (int i = 1; i < p.n_pieces; i++)
            CU_ASSERT(pieces[i - 1].share >= pieces[i].share);
        CU_ASSERT_EQUAL_FATAL(p.n_bins, slow_packing(pieces, p.n_pieces, slow, at));
        shared += p.n_pieces - p.n_bins;
        for (int b = 0; b < p.n_bins; b++) {
            CU_ASSERT_EQUAL(bins[b].rows, slow[b].rows);
            CU_ASSERT_EQUAL(bins[b].filters, slow[b].filters);
            for (int i = bins[b].last; i >= 0; i = pieces[i].next)
                CU_ASSERT_EQUAL(at[i], b);
        }
    }
    CU_ASSERT(shared > 2000); /* most pieces share an array */
}

static void nothing_to_pack(void) {
    struct packing p = {.most_rows = 3, .most_filters = 2, .blocks = 1, .groups = 1};
    struct diagnostic diag;
    ASSERT_OK(packing_fill(&p, &diag), diag);
    CU_ASSERT_EQUAL(p.n_bins, 0);
}

static const struct test_case cases[] = {
    {"equals a slow packing that looks everywhere", equals_a_slow_one},
    {"nothing to pack", nothing_to_pack},
    {NULL, NULL},
};
const struct test_suite suite_packing = {"packing", cases};
