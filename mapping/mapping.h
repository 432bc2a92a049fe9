/* Mapping: which weights of which layer lie in which crossbar array.
 *
 * A layer's weight matrix (rows K per group x columns) becomes `packs`: groups of a grouped
 * convolution that share an array, block-diagonally (a plain layer is one pack). Each pack becomes
 * a list of arrays, and each array has its own lists of rows (which input drives each word line)
 * and of filters. Without compaction they are the sub-matrices of crossbar.rows rows and as many
 * filters as fit an array; compaction leaves out what pruning emptied (docs/mapping.md).
 *
 * An array is read one operation unit after the other: up to unit_rows word lines and the columns
 * of up to unit_filters filters. Unless operation units are asked for, that is the whole array. */
#ifndef MHO_MAPPING_MAPPING_H
#define MHO_MAPPING_MAPPING_H

#include "crossbar/geometry.h"
#include "sim/base/base.h"
#include "sim/config/config.h"
#include "sim/network/network.h"

enum mapping_replication { REPLICATION_NONE, REPLICATION_ISAAC, REPLICATION_BALANCED };

enum mapping_placement { PLACEMENT_ORDER, PLACEMENT_SWAP };

enum compaction {
    COMPACTION_NONE,
    COMPACTION_ROWS_COLUMNS,
    COMPACTION_BLOCKS,
    COMPACTION_MIXED,
    COMPACTION_OU,
    COMPACTION_REORDER
};
extern const char *const compaction_names[]; /* NULL-terminated, by enum compaction */

struct mapping_options {
    int replication;         /* enum mapping_replication */
    int placement;           /* enum mapping_placement */
    int array_budget;        /* REPLICATION_BALANCED: arrays of all copies; 0: those of the chip */
    int encoding;            /* enum encoding_kind */
    int compaction;          /* enum compaction */
    bool flip;               /* offset only: store a column inverted where that lowers its sum */
    int ou_rows, ou_columns; /* word lines and physical columns of an operation unit; 0: all */
    int fragment_rows;       /* polarized: word lines whose weights in a column have one sign, which
                                are an operation unit's */
};
extern const struct config_section mapping_section;

/* One array: rows and filters of one pack. */
struct mapped_array {
    int pack;
    int rows, filters; /* word lines and filters used */
    /* [row_sets][rows] row of the pack's matrix that drives each word line, rising. All filters
     * share one set; under compaction `ou` the filters of each operation unit, in order, have their
     * own, with -1 behind the last row of a set that is shorter than others. */
    const int *row;
    int row_sets;
    const int *filter; /* [filters] filter of the pack, rising */
    int sums;          /* filters that have a word line, and so a partial sum */
    /* For one input digit, over all operation units: */
    int units;        /* how many are read, one after the other */
    long rows_driven; /* word lines driven */
    long conversions; /* columns with a programmed cell in the unit, unit columns included */
    long cells_read;  /* word lines * columns converted */
    /* With crossbar.zero_skip: conversions for one digit of the units on the same word lines,
     * [row_sets][ceil(rows / unit_rows)], unit columns included; else NULL. */
    const int *unit_conversions;
    long signs;          /* kept beside the cells, one for each unit and filter (polarized) */
    int columns_used;    /* physical columns with a programmed cell, unit column included */
    long cells_nonzero;  /* programmed cells, unit column included */
    int64_t level_sum;   /* sum of all cells' levels, unit column included */
    int flipped_columns; /* columns stored inverted */
    int64_t largest_sum; /* S_max: largest column sum of cells * (2^v - 1) */
};

/* What sets a layer's lossless bits. */
struct lossless_bits {
    int exact;                /* over the programmed cells */
    int structural;           /* from the most non-zeros of a column per block */
    int worst;                /* from the rows */
    int64_t largest_sum;      /* S_max that sets `exact` */
    int slice, array, column; /* where it is: slice (0 = most significant), array, physical column
                                 of the array (unit column: the last one; slice -1) */
    int rows;                 /* programmed cells that it adds up */
    int bits_by_slice[ENCODING_MAX_COLUMNS]; /* exact bits of each slice, [encoding.slices] */
};

/* Sums over arrays: of what each counts, unit columns included. */
struct array_sums {
    long columns_used, partial_sums;
    long rows_driven, conversions, cells_read, signs; /* for one input digit */
    long cells_nonzero;
    int64_t level_sum;
};

/* Arrays next to each other in a layer's list that have the same word lines of the same pack. */
struct array_run {
    int first, count;
};

struct mapped_layer {
    const struct matrix_layer *layer;
    struct crossbar_options crossbar;
    struct encoding encoding;
    bool flip;
    int dac_bits;
    int cycles;          /* ceil(activation bits / dac bits) */
    int groups_per_pack; /* 1 for plain layers and groups that fill arrays alone */
    int packs;           /* ceil(groups / groups_per_pack); the last may hold fewer groups */
    int pack_rows, pack_filters;   /* of a full pack */
    int row_blocks, column_groups; /* sub-matrices of a full pack, before compaction */
    int filters_per_array;
    int columns_per_array; /* physical columns that hold weights: filters_per_array * columns */
    int unit_rows, unit_filters; /* of an operation unit */
    int reads;                   /* for one position: cycles * most operation units of an array */
    enum compaction compaction;
    struct mapped_array *arrays; /* pack after pack */
    int n_arrays;                /* of one copy */
    int n_arrays_dense;          /* of one copy, without compaction and purification */
    int copies;                  /* of the layer, each for positions of its own: crossbars used =
                                    n_arrays * copies */
    /* Where arrays share rows or filters: the array that holds the weights of each row block and
     * filter, [packs][row_blocks][pack_filters], -1 where all are zero; NULL: each array holds all
     * that its rows and filters cross in. */
    const int *owner;
    int filters_mapped; /* filters of all groups that lie in an array */
    int column_reads;   /* most reads of one filter for one digit, over all arrays */
    int column_rows;    /* most word lines of all arrays of one filter */
    struct lossless_bits lossless;
    int uncompacted_bits;             /* lossless bits without compaction */
    struct weight_statistics weights; /* on crossbar.rows rows */
    struct array_sums sums;           /* over the arrays of one copy */
    struct array_run *runs;           /* all arrays of one copy, in order */
    int n_runs;
    long columns_idle;  /* physical columns over the arrays of one copy */
    double values_read; /* input values that one image's windows take from the buffer: for the rows
                           in use, overlaps again, padding not */
    double utilisation; /* cells within the used rows and columns / cells of the arrays */
};

struct mapping {
    struct mapped_layer *layers; /* one for each network->matrix */
    int n_layers;
    long crossbars, crossbars_dense;
    struct arena arena;
};

/* Maps every matrix layer. The options come from `config` (sections crossbar, mapping, dac), per
 * layer. The network must outlive the mapping. Under REPLICATION_BALANCED each layer has one copy
 * until mapping_balance, which needs to know the chip, is called. */
enum status mapping_create(const struct network *network, const struct config *config,
                           struct mapping *mapping, struct diagnostic *diag);

/* The same with arrays of the given sizes [network->n_matrix] instead of crossbar.rows x columns.
 */
enum status mapping_create_sized(const struct network *network, const struct config *config,
                                 const struct crossbar_size *sizes, struct mapping *mapping,
                                 struct diagnostic *diag);
void mapping_free(struct mapping *mapping);

/* Whether layer `index` can have arrays of such a size: else what mapping_create_sized would say.
 */
enum status mapping_check_size(const struct network *network, int index,
                               const struct config *config, const struct crossbar_size *size,
                               struct diagnostic *diag);

/* What copies of layers are balanced by. */
struct balance {
    const double *position_s; /* [n_layers] time of one position in one copy */
    long arrays;              /* of all copies of all layers at most */
    int arrays_per_macro;     /* a layer takes whole macros of them; 1: any number */
};

/* Gives every layer the fewest copies with which the slowest layer, of ceil(positions / copies)
 * positions one after the other, is as fast as the arrays allow. Exact: the copies are given to the
 * slowest layers, all that are equally slow at once, as long as they fit (docs/mapping.md). Refuses
 * fewer arrays than one copy of each takes. Cost: O(layers * copies). */
enum status mapping_balance(struct mapping *mapping, const struct balance *balance,
                            struct diagnostic *diag);

/* Sets mapping->crossbars and crossbars_dense by the layers' copies. */
void mapping_count_crossbars(struct mapping *mapping);

/* Fills sums and runs of a layer whose arrays are there; the runs lie in `arena`. */
enum status mapping_sum_arrays(struct mapped_layer *layer, struct arena *arena,
                               struct diagnostic *diag);

/* Rows, filters and the weight at (row, filter) of pack `pack`: zero off the block diagonal. */
int mapping_pack_rows(const struct mapped_layer *layer, int pack);
int mapping_pack_filters(const struct mapped_layer *layer, int pack);
int mapping_pack_weight(const struct mapped_layer *layer, int pack, int row, int filter);

/* The rows that drive the columns of filter number `filter` of the array, and how many. */
const int *mapping_array_rows(const struct mapped_layer *layer, const struct mapped_array *array,
                              int filter, int *rows);

/* Weights of one filter of array `index` on those rows: zero where another array holds the weight.
 * Returns how many. */
int mapping_array_column(const struct mapped_layer *layer, int index, int filter, int16_t *weights);

/* Indices that the compacted arrays of one copy store: of the input of each word line, and of the
 * filter of each sum. Lists of neighbouring rows or filters need none, so nor does `none`. */
struct mapping_index {
    int input_bits, output_bits; /* of one index */
    long gathered;               /* word lines with an index, of all sets of rows */
    long scattered;              /* filters of arrays with one */
    long stored_bits;
};
struct mapping_index mapping_index_of(const struct mapped_layer *layer);

/* Word lines that are read together have the same inputs in all arrays of a run, and so the same
 * digits that are zero. Numbered in the order of runs, in a run of row sets, in a set of its units:
 * how many an array has, and a layer. */
int mapping_array_reads(const struct mapped_layer *layer, const struct mapped_array *array);
int mapping_layer_reads(const struct mapped_layer *layer);

/* Of number `read` of an array: the rows that drive its word lines and how many, the first filter
 * that they are for, and how many. */
struct mapped_read {
    const int *row;
    int rows, first_filter, filters;
    int passes; /* operation units on these word lines, read one after the other */
};
struct mapped_read mapping_read_of(const struct mapped_layer *layer,
                                   const struct mapped_array *array, int read);

/* How full the arrays of all copies are: word lines with an input, physical columns with a
 * programmed cell, programmed cells; unit columns included. */
struct mapping_use {
    double arrays;
    double rows, rows_used;
    double columns, columns_used;
    double cells, cells_programmed;
};
struct mapping_use mapping_use_of(const struct mapped_layer *layer);
void mapping_use_add(struct mapping_use *total, const struct mapping_use *use);

/* Whether a column whose cells would sum to `cell_sum` over `rows` rows is stored inverted (offset
 * with flip, DESIGN: where 2 * sum > rows * (2^c - 1)). */
bool mapping_column_is_flipped(const struct mapped_layer *layer, int64_t cell_sum, int rows);

/* How many physical columns with a programmed cell, unit columns included, can give a sum above
 * `code`. One pass over the weights. */
enum status mapping_columns_above(const struct mapped_layer *layer, int64_t code, long *columns,
                                  struct diagnostic *diag);

#endif
