/* What the tests of dataset readers share: small files, and refusals. */
#ifndef MHO_TESTS_SUPPORT_DATASETS_H
#define MHO_TESTS_SUPPORT_DATASETS_H

#include "sim/network/dataset.h"
#include "tests/support/scratch.h"

/* An IDX file of `rank` sizes with the bytes (i * step + i / 256) mod 256, modulo `below` (256 for
 * pixels), into `buffer`; returns its length. */
size_t make_idx(unsigned char *buffer, int rank, const int *sizes, int step, int below);

/* An NPY file: version, Python's dictionary as given, data. Returns its length. */
size_t make_npy(unsigned char *buffer, int version, const char *dictionary, const void *data,
                size_t bytes);

/* Loads, and expects a refusal whose message holds `text`, with nothing left in the dataset. */
void expect_refused(const struct dataset_options *options, enum dataset_part part,
                    const int shape[3], const char *text);

#endif
