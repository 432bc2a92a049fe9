/* Strategy `reorder`: filters are clustered so that those of one array share the rows that hold no
 * weight, and every cluster keeps its own rows, over all row blocks, stacked without gaps.
 *
 * Greedy, as columns are clustered and kernels reordered by hand (arXiv 2010.06156): a cluster
 * begins with the filter of the most rows that is left and takes, until an array is full, the one
 * that adds the fewest rows to it; of equals the one with the most rows, then the first. Takes time
 * in proportion to filters^2 * rows / 64. */
#include <stdlib.h>
#include <string.h>

#include "mapping/compaction.h"

enum { WORD = 64 };

struct clusters {
    int rows, filters;
    size_t words;      /* of one filter's rows */
    uint64_t *support; /* [filters][words] rows with a weight */
    int *size;         /* [filters] how many; 0 once it is placed, or without weights */
    uint64_t *rows_of; /* [words] of the cluster being filled */
};

static void clusters_free(struct clusters *c) {
    free(c->support);
    free(c->size);
    free(c->rows_of);
}

static enum status clusters_make(const struct mapped_layer *m, int pack, struct clusters *c,
                                 struct diagnostic *diag) {
    struct occupancy o;
    TRY(occupancy_make(m, pack, mapping_pack_rows(m, pack), 1, &o, diag));
    *c = (struct clusters){.rows = o.rows, .filters = o.filters};
    c->words = ((size_t)o.rows + WORD - 1) / WORD;
    c->support = calloc((size_t)o.filters * c->words, sizeof *c->support);
    c->size = calloc((size_t)o.filters, sizeof *c->size);
    c->rows_of = calloc(c->words, sizeof *c->rows_of);
    bool made = c->support != NULL && c->size != NULL && c->rows_of != NULL;
    for (int f = 0; made && f < o.filters; f++)
        for (int r = 0; r < o.rows; r++)
            if (o.row[(size_t)f * (size_t)o.rows + (size_t)r]) {
                c->support[(size_t)f * c->words + (size_t)(r / WORD)] |= UINT64_C(1) << (r % WORD);
                c->size[f]++;
            }
    occupancy_free(&o);
    return made ? STATUS_OK : FAIL_MEMORY(diag, "the clusters of filters");
}

/* The filter to take next, -1: none is left. */
static int next_filter(const struct clusters *c) {
    int best = -1, least = 0;
    for (int f = 0; f < c->filters; f++) {
        if (c->size[f] == 0)
            continue;
        int added = 0;
        for (size_t w = 0; w < c->words; w++)
            added += __builtin_popcountll(c->support[(size_t)f * c->words + w] & ~c->rows_of[w]);
        if (best < 0 || added < least || (added == least && c->size[f] > c->size[best])) {
            best = f;
            least = added;
        }
    }
    return best;
}

static int largest_filter(const struct clusters *c) {
    int best = -1;
    for (int f = 0; f < c->filters; f++)
        if (c->size[f] > 0 && (best < 0 || c->size[f] > c->size[best]))
            best = f;
    return best;
}

static int compare(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

/* The arrays of one cluster, as many as its rows take. */
static enum status lay_cluster(struct placement *p, int pack, const struct clusters *c, int *filter,
                               int filters, struct diagnostic *diag) {
    int most = p->layer->crossbar.rows, rows = 0;
    int *row = ARENA_NEW(p->arena, c->rows, int);
    if (row == NULL)
        return FAIL_MEMORY(diag, "the rows of a layer");
    for (int r = 0; r < c->rows; r++)
        if (c->rows_of[r / WORD] >> (r % WORD) & 1)
            row[rows++] = r;
    qsort(filter, (size_t)filters, sizeof *filter, compare);
    for (int r = 0; r < rows; r += most)
        if (placement_add(p, pack, row + r, rows - r < most ? rows - r : most, filter, filters) ==
            NULL)
            return FAIL_MEMORY(diag, "the arrays of a layer");
    return STATUS_OK;
}

static enum status place_clusters(struct placement *p, int pack, struct clusters *c,
                                  struct diagnostic *diag) {
    int most = p->layer->filters_per_array;
    for (int f = largest_filter(c); f >= 0; f = largest_filter(c)) {
        int *filter = ARENA_NEW(p->arena, most, int), filters = 0;
        if (filter == NULL)
            return FAIL_MEMORY(diag, "the filters of an array");
        memset(c->rows_of, 0, c->words * sizeof *c->rows_of);
        for (; f >= 0 && filters < most; f = next_filter(c)) {
            for (size_t w = 0; w < c->words; w++)
                c->rows_of[w] |= c->support[(size_t)f * c->words + w];
            c->size[f] = 0;
            filter[filters++] = f;
            if (filters == most)
                break;
        }
        TRY(lay_cluster(p, pack, c, filter, filters, diag));
    }
    return STATUS_OK;
}

enum status place_reordered(struct placement *placement, int pack, struct diagnostic *diag) {
    struct clusters clusters = {0};
    enum status status = clusters_make(placement->layer, pack, &clusters, diag);
    if (status == STATUS_OK)
        status = place_clusters(placement, pack, &clusters, diag);
    clusters_free(&clusters);
    return status;
}
