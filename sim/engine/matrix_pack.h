/* One pack of a matrix layer, ready to compute: gathering, products, row blocks. Private to
 * engine/.
 *
 * A pack is the groups of a grouped convolution that share arrays (a plain layer is one pack). */
#ifndef MHO_ENGINE_MATRIX_PACK_H
#define MHO_ENGINE_MATRIX_PACK_H

#include "crossbar/analog.h"
#include "crossbar/integer.h"
#include "crossbar/row_block.h"
#include "sim/engine/analog_layer.h"
#include "sim/engine/engine.h"
#include "sim/engine/pack_block.h"
#include "sim/engine/patches.h"

/* What all packs of a layer share. */
struct matrix_setting {
    const struct matrix_layer *layer;
    const struct mapped_layer *mapped; /* NULL: ideal */
    enum engine_path path;
    bool wide; /* sums may leave 32 bits: 64-bit accumulators and products without SIMD */
    struct adc_transfer transfer;
    const struct analog_layer *analog; /* when path is analog */
    bool every_column; /* program the columns whose conversion changes nothing too */
    enum simd_level level;
    int groups_per_pack;
    int block_rows;
};

struct matrix_pack {
    int first_filter, filters;
    struct patch_plan plan;
    const int16_t *weights;        /* [filters][plan.bytes], in driven order, padding zero */
    struct integer_matrix product; /* unless wide, or every read is converted by a table */
    bool has_product;              /* whether the exact product enters the result */
    struct pack_block *wiring;     /* [n_blocks] inputs and filters of the blocks below */
    int n_blocks;                  /* 0 when path is integer */
    struct row_block *blocks;      /* [n_blocks] when path is bit-serial */
    struct analog_block **analog;  /* [n_blocks] when path is analog */
    const int64_t *offset;         /* [filters]: bias - z * sum(w) */
    const int32_t *narrow_offset;  /* the same in 32 bits, unless wide */
};

/* Prepares pack `index` of the layer into `arena`. */
enum status matrix_pack_make(const struct matrix_setting *setting, int index, struct arena *arena,
                             struct matrix_pack *pack, struct diagnostic *diag);

#endif
