/* Formats of storage, in files by kind. Private to pruning/. */
#ifndef MHO_PRUNING_STORAGE_INTERNAL_H
#define MHO_PRUNING_STORAGE_INTERNAL_H

#include "pruning/pruning_internal.h"
#include "pruning/storage.h"

#define STORAGE_COUNT(name)                                                                        \
    enum status name(const struct prune_matrix *matrix, const struct prune_settings *settings,     \
                     int weight_bits, struct storage *storage, struct diagnostic *diag)

/* storage_sparse.c: single weights. */
STORAGE_COUNT(storage_dense);
STORAGE_COUNT(storage_mask);
STORAGE_COUNT(storage_relative);
STORAGE_COUNT(storage_csr);
STORAGE_COUNT(storage_offsets);

/* storage_structured.c: whole units. */
STORAGE_COUNT(storage_whole_lists);
STORAGE_COUNT(storage_channels);
STORAGE_COUNT(storage_blocks);
STORAGE_COUNT(storage_kernels);
STORAGE_COUNT(storage_positions);
STORAGE_COUNT(storage_patterns);
STORAGE_COUNT(storage_signs);
STORAGE_COUNT(storage_classes);

/* Bits of a weight where zeros are among those stored, or not: of 2 bits weights are -1, 0 and 1,
 * so that the sign is all. */
int storage_value_bits(int weight_bits, bool zeros);

long storage_nonzero(const struct prune_matrix *matrix);

#endif
