/* Tiles of a row block: first the columns of every 16 filters, ranked by their sensitivity, then
 * what is left over. */
#include <stdlib.h>
#include <string.h>

#include "crossbar/row_block_program.h"
#include "crossbar/tile.h"

/* A physical column that a read can drive past the converter's range. */
struct candidate {
    uint32_t threshold;
    int filter, column, sign;
};

/* The candidates of one filter with one sign, most sensitive first. */
struct ranking {
    struct candidate list[ENCODING_MAX_COLUMNS];
    int n;
};

/* What is programmed, and with what. */
struct programmer {
    const struct columns *columns;
    uint8_t *scratch; /* [rows] */
    struct arena *arena;
    struct tile_block *block;
    struct candidate *loose; /* columns that no panel takes */
    int n_loose;
};

static int compare_candidates(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    if (x->threshold != y->threshold)
        return x->threshold < y->threshold ? -1 : 1;
    if (x->filter != y->filter)
        return x->filter < y->filter ? -1 : 1;
    return (x->column > y->column) - (x->column < y->column);
}

static void rank_columns(const struct programmer *p, const struct tile_panel *panel,
                         struct ranking ranking[2][TILE_SIDE]) {
    for (int lane = 0; lane < panel->filters; lane++) {
        int filter = panel->first_filter + lane;
        ranking[0][lane].n = ranking[1][lane].n = 0;
        for (int column = 0; column < p->columns->spec->encoding->columns; column++) {
            struct column_facts facts = columns_measure(p->columns, filter, column, p->scratch);
            struct ranking *r = &ranking[facts.sign < 0][lane];
            if (facts.programmed && facts.threshold != UINT32_MAX)
                r->list[r->n++] = (struct candidate){facts.threshold, filter, column, facts.sign};
        }
        for (int sign = 0; sign < 2; sign++)
            qsort(ranking[sign][lane].list, (size_t)ranking[sign][lane].n, sizeof(struct candidate),
                  compare_candidates);
    }
}

/* Puts one column into a lane of a tile. */
static void place(const struct programmer *p, const struct candidate *c, int lane, uint8_t *cells,
                  struct column_tile *tile) {
    const struct row_block_spec *spec = p->columns->spec;
    int shift = spec->encoding->column[c->column].shift;
    columns_cells(p->columns, c->filter, c->column, p->scratch, 1);
    for (int row = 0; row < spec->rows; row++)
        cells[row / 4 * 4 * TILE_SIDE + lane * 4 + row % 4] = (uint8_t)(p->scratch[row] << shift);
    tile->cells = cells;
    tile->shift[lane] = shift;
    tile->lanes = (uint16_t)(tile->lanes | 1U << lane);
    if (spec->transfer->kind == ADC_CLIP)
        tile->limit[lane] = spec->transfer->maximum << shift;
    tile->threshold = c->threshold < tile->threshold ? c->threshold : tile->threshold;
}

static size_t cell_bytes(const struct programmer *p) {
    return (size_t)p->block->chunks * TILE_BYTES;
}

/* How many lanes have a column of this rank. */
static int lanes_of_rank(const struct tile_panel *panel, const struct ranking ranking[TILE_SIDE],
                         int rank) {
    int lanes = 0;
    for (int lane = 0; lane < panel->filters; lane++)
        lanes += rank < ranking[lane].n;
    return lanes;
}

/* The panel's tiles of one sign; the columns of ranks that few lanes have are left over. */
static enum status make_tiles(struct programmer *p, const struct ranking ranking[TILE_SIDE],
                              bool negative, struct column_tile *tiles, struct tile_panel *panel,
                              struct diagnostic *diag) {
    const int least = p->block->table == NULL ? TILE_LOOSE_LANES : 1;
    for (int rank = 0, lanes; (lanes = lanes_of_rank(panel, ranking, rank)) > 0; rank++) {
        uint8_t *cells = NULL;
        struct column_tile *tile = &tiles[panel->n_tiles];
        if (lanes >= least) {
            cells = arena_alloc(p->arena, cell_bytes(p), 1);
            if (cells == NULL)
                return FAIL_MEMORY(diag, "the cells of an array");
            *tile = (struct column_tile){.threshold = UINT32_MAX, .negative = negative};
            panel->n_tiles++;
        }
        for (int lane = 0; lane < panel->filters; lane++)
            if (rank < ranking[lane].n && cells != NULL)
                place(p, &ranking[lane].list[rank], lane, cells, tile);
            else if (rank < ranking[lane].n)
                p->loose[p->n_loose++] = ranking[lane].list[rank];
    }
    return STATUS_OK;
}

static int compare_tiles(const void *a, const void *b) {
    const struct column_tile *x = a, *y = b;
    if (x->threshold != y->threshold)
        return x->threshold < y->threshold ? -1 : 1;
    return (x->cells > y->cells) - (x->cells < y->cells);
}

static enum status make_panel(struct programmer *p, struct tile_panel *panel,
                              struct diagnostic *diag) {
    struct ranking ranking[2][TILE_SIDE];
    struct column_tile tiles[TILE_MOST];
    rank_columns(p, panel, ranking);
    for (int sign = 0; sign < 2; sign++)
        TRY(make_tiles(p, ranking[sign], sign == 1, tiles, panel, diag));
    if (panel->n_tiles == 0)
        return STATUS_OK;
    size_t n = (size_t)panel->n_tiles;
    qsort(tiles, n, sizeof *tiles, compare_tiles);
    struct column_tile *kept = ARENA_NEW(p->arena, n, struct column_tile);
    if (kept == NULL)
        return FAIL_MEMORY(diag, "the tiles of an array");
    memcpy(kept, tiles, n * sizeof *tiles);
    panel->tiles = kept;
    return STATUS_OK;
}

static enum status make_panels(struct programmer *p, struct diagnostic *diag) {
    int filters = p->columns->spec->filters, most = (filters + TILE_SIDE - 1) / TILE_SIDE;
    p->block->panels = ARENA_NEW(p->arena, most, struct tile_panel);
    if (p->block->panels == NULL)
        return FAIL_MEMORY(diag, "the tiles of an array");
    for (int first = 0; first < filters; first += TILE_SIDE) {
        struct tile_panel *panel = &p->block->panels[p->block->n_panels];
        int left = filters - first;
        *panel = (struct tile_panel){.first_filter = first,
                                     .filters = left < TILE_SIDE ? left : TILE_SIDE};
        TRY(make_panel(p, panel, diag));
        p->block->n_panels += panel->n_tiles > 0;
    }
    return STATUS_OK;
}

static enum status make_loose(struct programmer *p, struct diagnostic *diag) {
    struct tile_block *b = p->block;
    b->n_loose = (p->n_loose + TILE_SIDE - 1) / TILE_SIDE;
    b->loose = ARENA_NEW(p->arena, b->n_loose, struct loose_tile);
    uint8_t *cells = arena_alloc(p->arena, (size_t)b->n_loose, cell_bytes(p));
    if (b->loose == NULL || cells == NULL)
        return FAIL_MEMORY(diag, "the cells of an array");
    qsort(p->loose, (size_t)p->n_loose, sizeof *p->loose, compare_candidates);
    for (int i = 0; i < p->n_loose; i++) {
        struct loose_tile *loose = &b->loose[i / TILE_SIDE];
        int lane = i % TILE_SIDE;
        if (lane == 0)
            loose->tile.threshold = UINT32_MAX;
        place(p, &p->loose[i], lane, cells + (size_t)(i / TILE_SIDE) * cell_bytes(p), &loose->tile);
        loose->filter[lane] = p->loose[i].filter;
        loose->sign[lane] = p->loose[i].sign;
    }
    return STATUS_OK;
}

static uint32_t smallest_threshold(const struct tile_block *b) {
    uint32_t smallest = b->n_loose > 0 ? b->loose[0].tile.threshold : UINT32_MAX;
    for (int i = 0; i < b->n_panels; i++)
        if (b->panels[i].tiles[0].threshold < smallest)
            smallest = b->panels[i].tiles[0].threshold;
    return smallest;
}

size_t tile_workspace(const struct tile_block *block) {
    return (size_t)block->digits * TILE_SIDE * (size_t)block->chunks * TILE_ROWS;
}

enum status row_block_program_tiles(const struct columns *columns, uint8_t *scratch,
                                    struct arena *arena, struct row_block *block,
                                    struct diagnostic *diag) {
    const struct row_block_spec *spec = columns->spec;
    struct tile_block *tiles = ARENA_NEW(arena, 1, struct tile_block);
    size_t most = (size_t)spec->filters * (size_t)spec->encoding->columns;
    struct programmer p = {columns, scratch, arena, tiles, calloc(most, sizeof *p.loose), 0};
    enum status status = STATUS_OK;
    if (tiles == NULL || p.loose == NULL)
        status = FAIL_MEMORY(diag, "the tiles of an array");
    if (status == STATUS_OK) {
        tiles->chunks = (spec->rows + TILE_ROWS - 1) / TILE_ROWS;
        tiles->digit_bits = block->lookups.digit_bits;
        tiles->digits = block->lookups.cycles;
        tiles->maximum = spec->transfer->maximum;
        tiles->table = spec->transfer->kind == ADC_TABLE ? spec->transfer->table : NULL;
        status = make_panels(&p, diag);
    }
    if (status == STATUS_OK)
        status = make_loose(&p, diag);
    if (status == STATUS_OK)
        tiles->threshold = smallest_threshold(tiles);
    free(p.loose);
    block->tiles = tiles;
    return status;
}
