/* Tiles of a row block: the columns of every 16 filters, ranked by their sensitivity. */
#include <stdlib.h>
#include <string.h>

#include "crossbar/row_block_program.h"
#include "crossbar/tile.h"

/* A physical column that a read can drive past the converter's range. */
struct candidate {
    int column;
    uint32_t threshold;
};

/* The candidates of one filter with one sign, most sensitive first. */
struct ranking {
    struct candidate list[ENCODING_MAX_COLUMNS];
    int n;
};

/* A panel while it is made: by sign (plus, minus) and lane. */
struct draft {
    struct ranking ranking[2][TILE_SIDE];
};

static void insert(struct ranking *ranking, struct candidate candidate) {
    int at = ranking->n++;
    for (; at > 0 && ranking->list[at - 1].threshold > candidate.threshold; at--)
        ranking->list[at] = ranking->list[at - 1];
    ranking->list[at] = candidate;
}

static void rank_columns(const struct columns *columns, const struct tile_panel *panel,
                         uint8_t *scratch, struct draft *draft) {
    memset(draft, 0, sizeof *draft);
    for (int lane = 0; lane < panel->filters; lane++)
        for (int column = 0; column < columns->spec->encoding->columns; column++) {
            struct column_facts facts =
                columns_measure(columns, panel->first_filter + lane, column, scratch);
            if (facts.threshold != UINT32_MAX)
                insert(&draft->ranking[facts.sign < 0][lane],
                       (struct candidate){column, facts.threshold});
        }
}

/* Writes one column's cells into its lane. */
static void place_column(const struct columns *columns, int filter, int column, int lane,
                         uint8_t *scratch, uint8_t *cells) {
    int shift = columns->spec->encoding->column[column].shift;
    columns_cells(columns, filter, column, scratch, 1);
    for (int row = 0; row < columns->spec->rows; row++)
        cells[row / 4 * 4 * TILE_SIDE + lane * 4 + row % 4] = (uint8_t)(scratch[row] << shift);
}

/* The columns of one rank and sign. Returns whether there are any. */
static bool make_tile(const struct columns *columns, const struct tile_panel *panel,
                      const struct ranking ranking[TILE_SIDE], int rank, uint8_t *scratch,
                      uint8_t *cells, struct column_tile *tile) {
    *tile = (struct column_tile){.cells = cells, .threshold = UINT32_MAX};
    for (int lane = 0; lane < panel->filters; lane++) {
        if (rank >= ranking[lane].n)
            continue;
        struct candidate c = ranking[lane].list[rank];
        tile->threshold = c.threshold < tile->threshold ? c.threshold : tile->threshold;
        tile->limit[lane] = columns->spec->transfer->maximum
                            << columns->spec->encoding->column[c.column].shift;
        place_column(columns, panel->first_filter + lane, c.column, lane, scratch, cells);
    }
    return tile->threshold != UINT32_MAX;
}

static int compare_tiles(const void *a, const void *b) {
    const struct column_tile *x = a, *y = b;
    if (x->threshold != y->threshold)
        return x->threshold < y->threshold ? -1 : 1;
    return (x->cells > y->cells) - (x->cells < y->cells);
}

static int tiles_of(const struct draft *draft) {
    int n[2] = {0, 0};
    for (int sign = 0; sign < 2; sign++)
        for (int lane = 0; lane < TILE_SIDE; lane++)
            n[sign] =
                draft->ranking[sign][lane].n > n[sign] ? draft->ranking[sign][lane].n : n[sign];
    return n[0] + n[1];
}

static enum status make_panel(const struct columns *columns, uint8_t *scratch, struct arena *arena,
                              const struct tile_block *block, struct tile_panel *panel,
                              struct diagnostic *diag) {
    struct draft draft;
    rank_columns(columns, panel, scratch, &draft);
    int n = tiles_of(&draft);
    if (n == 0)
        return STATUS_OK;
    size_t bytes = (size_t)block->chunks * TILE_BYTES;
    struct column_tile *tiles = ARENA_NEW(arena, n, struct column_tile);
    uint8_t *cells = ARENA_NEW(arena, (size_t)n * bytes, uint8_t);
    if (tiles == NULL || cells == NULL)
        return FAIL_MEMORY(diag, "the cells of an array");
    for (int sign = 0; sign < 2; sign++)
        for (int rank = 0; panel->n_tiles < n; rank++, panel->n_tiles++) {
            struct column_tile *tile = &tiles[panel->n_tiles];
            if (!make_tile(columns, panel, draft.ranking[sign], rank, scratch,
                           cells + (size_t)panel->n_tiles * bytes, tile))
                break;
            tile->negative = sign == 1;
        }
    qsort(tiles, (size_t)n, sizeof *tiles, compare_tiles);
    panel->tiles = tiles;
    return STATUS_OK;
}

enum status row_block_program_tiles(const struct columns *columns, uint8_t *scratch,
                                    struct arena *arena, struct row_block *block,
                                    struct diagnostic *diag) {
    const struct row_block_spec *spec = columns->spec;
    struct tile_block *tiles = ARENA_NEW(arena, 1, struct tile_block);
    int panels = (spec->filters + TILE_SIDE - 1) / TILE_SIDE;
    struct tile_panel *list = ARENA_NEW(arena, panels, struct tile_panel);
    if (tiles == NULL || list == NULL)
        return FAIL_MEMORY(diag, "the tiles of an array");
    *tiles = (struct tile_block){
        .rows = spec->rows,
        .chunks = (spec->rows + TILE_ROWS - 1) / TILE_ROWS,
        .digit_bits = block->lookups.digit_bits,
        .digits = block->lookups.cycles,
        .threshold = UINT32_MAX,
        .panels = list,
    };
    for (int i = 0; i < panels; i++) {
        struct tile_panel *panel = &list[tiles->n_panels];
        int first = i * TILE_SIDE, left = spec->filters - first;
        *panel = (struct tile_panel){.first_filter = first,
                                     .filters = left < TILE_SIDE ? left : TILE_SIDE};
        TRY(make_panel(columns, scratch, arena, tiles, panel, diag));
        if (panel->n_tiles == 0)
            continue;
        if (panel->tiles[0].threshold < tiles->threshold)
            tiles->threshold = panel->tiles[0].threshold;
        tiles->n_panels++;
    }
    block->tiles = tiles;
    return STATUS_OK;
}
