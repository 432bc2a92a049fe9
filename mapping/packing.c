#include "mapping/packing.h"

#include <stdlib.h>
#include <string.h>

/* The lines that the pieces of one row block (or column group) take in one bin. */
struct strip {
    int bin;
    int next;       /* strip of the same block (or group) made before, -1: none */
    uint64_t *bits; /* their union */
};

/* Strips of one kind, by block or group. */
struct strips {
    struct strip *strips; /* [n], room for every piece */
    int n;
    int *last; /* [blocks or groups] the strip made last, -1: none */
    uint64_t *bits;
    int words; /* of one strip */
};

/* What the piece at hand adds to a bin with which it shares lines. */
struct shared {
    int rows, filters;
    int row_strip, filter_strip; /* -1: none */
    int piece;                   /* that this is about */
};

/* Free lines of bins, as a tree over their numbers: node i has children 2 i and 2 i + 1, and the
 * most that a bin below it has. The first bin that takes a piece is found by going down. */
struct room {
    int rows, filters;
};

struct filling {
    struct packing *packing;
    struct strips rows, filters;
    struct shared *shared; /* [n_pieces] of each bin */
    int *candidate;        /* [n_pieces] bins that share lines with the piece */
    struct room *room;     /* [2 * leaves] */
    int leaves;
};

static void filling_free(struct filling *f) {
    free(f->rows.strips);
    free(f->rows.last);
    free(f->rows.bits);
    free(f->filters.strips);
    free(f->filters.last);
    free(f->filters.bits);
    free(f->shared);
    free(f->candidate);
    free(f->room);
}

static bool strips_make(struct strips *s, int pieces, int lists, int words) {
    s->words = words;
    s->strips = calloc((size_t)pieces, sizeof *s->strips);
    s->last = calloc((size_t)lists, sizeof *s->last);
    s->bits = calloc((size_t)pieces * (size_t)words, sizeof *s->bits);
    for (int i = 0; s->last != NULL && i < lists; i++)
        s->last[i] = -1;
    return s->strips != NULL && s->last != NULL && s->bits != NULL;
}

static enum status filling_make(struct filling *f, struct packing *p, struct diagnostic *diag) {
    *f = (struct filling){.packing = p, .leaves = 1};
    while (f->leaves < p->n_pieces)
        f->leaves *= 2;
    size_t n = (size_t)p->n_pieces;
    f->shared = calloc(n, sizeof *f->shared);
    f->candidate = calloc(n, sizeof *f->candidate);
    f->room = calloc(2 * (size_t)f->leaves, sizeof *f->room);
    bool rows = strips_make(&f->rows, p->n_pieces, p->blocks, p->row_words);
    bool filters = strips_make(&f->filters, p->n_pieces, p->groups, p->filter_words);
    if (!rows || !filters || f->shared == NULL || f->candidate == NULL || f->room == NULL)
        return FAIL_MEMORY(diag, "the blocks of a layer");
    for (size_t i = 0; i < n; i++)
        f->shared[i].piece = -1;
    return STATUS_OK;
}

/* Bits of `own` that are not in `strip`. */
static int added(const struct strips *s, int strip, const uint64_t *own) {
    int count = 0;
    for (int w = 0; w < s->words; w++) {
        uint64_t left = own[w] & ~s->strips[strip].bits[w];
        count += left != 0 ? __builtin_popcountll(left) : 0;
    }
    return count;
}

/* Adds the bits to the strip, -1: a new one of that list and bin. */
static void strips_add(struct strips *s, int strip, int list, int bin, const uint64_t *own) {
    if (strip < 0) {
        strip = s->n++;
        s->strips[strip] = (struct strip){
            .bin = bin, .next = s->last[list], .bits = s->bits + (size_t)strip * (size_t)s->words};
        s->last[list] = strip;
    }
    for (int w = 0; w < s->words; w++)
        s->strips[strip].bits[w] |= own[w];
}

/* The bins with which the piece shares its block or its group; returns how many. */
static int find_candidates(struct filling *f, int index) {
    const struct packing *p = f->packing;
    const struct piece *piece = &p->pieces[index];
    int n = 0;
    for (int s = f->rows.last[piece->block]; s >= 0; s = f->rows.strips[s].next) {
        int bin = f->rows.strips[s].bin;
        if (p->bins[bin].rows == p->most_rows && p->bins[bin].filters == p->most_filters)
            continue;
        f->shared[bin] =
            (struct shared){added(&f->rows, s, piece->row), piece->filters, s, -1, index};
        f->candidate[n++] = bin;
    }
    for (int s = f->filters.last[piece->group]; s >= 0; s = f->filters.strips[s].next) {
        int bin = f->filters.strips[s].bin;
        if (p->bins[bin].rows == p->most_rows && p->bins[bin].filters == p->most_filters)
            continue;
        struct shared *shared = &f->shared[bin];
        if (shared->piece != index) {
            *shared = (struct shared){piece->rows, 0, -1, s, index};
            f->candidate[n++] = bin;
        }
        shared->filters = added(&f->filters, s, piece->filter);
        shared->filter_strip = s;
    }
    return n;
}

/* The first bin below `node` with so much room, -1: none. */
static int first_with_room(const struct filling *f, int node, int rows, int filters) {
    if (f->room[node].rows < rows || f->room[node].filters < filters)
        return -1;
    if (node >= f->leaves)
        return node - f->leaves;
    int left = first_with_room(f, 2 * node, rows, filters);
    return left >= 0 ? left : first_with_room(f, 2 * node + 1, rows, filters);
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

static void set_room(struct filling *f, int bin) {
    const struct packing *p = f->packing;
    int node = bin + f->leaves;
    f->room[node] =
        (struct room){p->most_rows - p->bins[bin].rows, p->most_filters - p->bins[bin].filters};
    for (node /= 2; node > 0; node /= 2) {
        const struct room *a = &f->room[2 * node], *b = a + 1;
        f->room[node] = (struct room){larger(a->rows, b->rows), larger(a->filters, b->filters)};
    }
}

/* What a piece adds, word lines and bit lines as shares of an array. */
static double cost(const struct packing *p, int rows, int filters) {
    return (double)rows / p->most_rows + (double)filters / p->most_filters;
}

/* The bin that takes the piece at the least cost, of equals the first; -1: none does. One that
 * shares no line with it costs the most, all its rows and filters. */
static int best_bin(struct filling *f, int index) {
    const struct packing *p = f->packing;
    const struct piece *piece = &p->pieces[index];
    int best = -1, n = find_candidates(f, index);
    double least = 0, whole = cost(p, piece->rows, piece->filters);
    for (int i = 0; i < n; i++) {
        int bin = f->candidate[i];
        const struct shared *own = &f->shared[bin];
        double here = cost(p, own->rows, own->filters);
        bool fits = p->bins[bin].rows + own->rows <= p->most_rows &&
                    p->bins[bin].filters + own->filters <= p->most_filters;
        if (fits && (best < 0 || here < least || (here == least && bin < best))) {
            best = bin;
            least = here;
        }
    }
    if (best >= 0 && least < whole)
        return best;
    int first = first_with_room(f, 1, piece->rows, piece->filters);
    return first >= 0 && (best < 0 || first < best) ? first : best;
}

static void pack_piece(struct filling *f, int index) {
    struct packing *p = f->packing;
    struct piece *piece = &p->pieces[index];
    int bin = best_bin(f, index);
    if (bin < 0) {
        bin = p->n_bins++;
        p->bins[bin] = (struct bin){.last = -1};
    }
    struct shared own = {piece->rows, piece->filters, -1, -1, index};
    if (f->shared[bin].piece == index)
        own = f->shared[bin];
    strips_add(&f->rows, own.row_strip, piece->block, bin, piece->row);
    strips_add(&f->filters, own.filter_strip, piece->group, bin, piece->filter);
    p->bins[bin].rows += own.rows;
    p->bins[bin].filters += own.filters;
    piece->next = p->bins[bin].last;
    p->bins[bin].last = index;
    set_room(f, bin);
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

enum status packing_fill(struct packing *packing, struct diagnostic *diag) {
    struct filling filling;
    if (packing->n_pieces == 0)
        return STATUS_OK;
    enum status status = filling_make(&filling, packing, diag);
    if (status == STATUS_OK) {
        qsort(packing->pieces, (size_t)packing->n_pieces, sizeof *packing->pieces, compare);
        for (int i = 0; i < packing->n_pieces; i++)
            pack_piece(&filling, i);
    }
    filling_free(&filling);
    return status;
}
