/* Storage: what a pruned matrix takes in a memory, indices included (the question of ADMM-NN-S,
 * arXiv 1907.02124: what is left of a compression ratio once they are counted).
 *
 * A format is a row of storage_formats: a pure function of where the non-zero weights are. Every
 * format holds every matrix that it says is possible, with zeros in between where its structure
 * asks for them; how small it gets depends on how well the matrix was pruned for it. */
#ifndef MHO_PRUNING_STORAGE_H
#define MHO_PRUNING_STORAGE_H

#include "pruning/pruning.h"

struct storage {
    bool possible;      /* false: this format cannot hold the matrix; all else is 0 */
    long values;        /* weights stored, zeros among them included */
    long padding;       /* of those: zeros that only bridge long gaps, and are not multiplied */
    int index_width;    /* bits of one index, where the format has one width; else 0 */
    double weight_bits; /* of all values; of 2-bit weights without a zero among them 1 bit each */
    double index_bits;  /* everything that says where they are: indices, lists, masks, ids, signs */
};

enum storage_format {
    STORAGE_DENSE,     /* all weights */
    STORAGE_MASK,      /* non-zeros, and one bit a weight */
    STORAGE_RELATIVE,  /* non-zeros, each with the distance from the one before */
    STORAGE_CSR,       /* non-zeros with their row; a pointer for each filter */
    STORAGE_OFFSETS,   /* the same number of weights for each column of a block, with offsets */
    STORAGE_LISTS,     /* a list of rows and one of columns for each group */
    STORAGE_CHANNELS,  /* a list of channels and one of columns for each group */
    STORAGE_BLOCKS,    /* a list of rows and one of columns for each sub-matrix */
    STORAGE_KERNELS,   /* whole kernels, and one bit for each */
    STORAGE_POSITIONS, /* block_punched: a mask of kernel positions for each block */
    STORAGE_PATTERNS,  /* four weights a kernel, a pattern id, and one bit for each kernel */
    STORAGE_SIGNS,     /* polarization: magnitudes, and one sign for each fragment */
    STORAGE_CLASSES,   /* mixed_granularity: a class for each column of a sub-matrix */
    STORAGE_FORMATS
};

struct storage_format_info {
    const char *name;
    const char *help; /* one line: what is stored */
    /* `weight_bits` b of a weight, sign included. Settings as those of a plan: rows and columns of
     * a sub-matrix, block_filters, block_channels, patterns, fragment_rows, column_budget. */
    enum status (*count)(const struct prune_matrix *matrix, const struct prune_settings *settings,
                         int weight_bits, struct storage *storage, struct diagnostic *diag);
};
extern const struct storage_format_info storage_formats[STORAGE_FORMATS];

/* The matrix in every format, by the settings of the plan; what is not counted is not possible:
 * classes of columns, which take long to find, where mixed_granularity is not of the plan. */
enum status storage_count(const struct prune_plan *plan, const struct prune_matrix *matrix,
                          int weight_bits, struct storage formats[STORAGE_FORMATS],
                          struct diagnostic *diag);

/* The possible format of the fewest bits, indices counted; of equal ones the first. */
enum storage_format storage_smallest(const struct storage formats[STORAGE_FORMATS]);

/* Bits of a number 0..count-1; 0 for one. */
int storage_width(long count);

#endif
