/* The two forms in which a row block's columns are programmed; private to crossbar/. Both read
 * open columns, use `scratch` [rows] and leave the unit column to row_block_program. */
#ifndef MHO_CROSSBAR_ROW_BLOCK_PROGRAM_H
#define MHO_CROSSBAR_ROW_BLOCK_PROGRAM_H

#include "crossbar/columns.h"

/* As lane groups: any weights, any transfer, any instruction set. */
enum status row_block_program_lanes(const struct columns *columns, uint8_t *scratch,
                                    struct arena *arena, struct row_block *block,
                                    struct diagnostic *diag);

/* As tiles (crossbar/tile.h): weights of at most TILE_WEIGHT_BITS, 32-bit accumulators. */
enum status row_block_program_tiles(const struct columns *columns, uint8_t *scratch,
                                    struct arena *arena, struct row_block *block,
                                    struct diagnostic *diag);

#endif
