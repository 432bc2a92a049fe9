/* Small matrices to prune, and the best that any mask of one can reach. */
#ifndef MHO_TESTS_PRUNE_BRUTE_H
#define MHO_TESTS_PRUNE_BRUTE_H

#include "pruning/pruning.h"

enum { PRUNE_TEST_SIZE = 8192 };

/* A matrix with room for its weights, scores and mask. */
struct prune_sample {
    struct prune_matrix matrix;
    float weights[PRUNE_TEST_SIZE];
    double scores[PRUNE_TEST_SIZE];
    uint8_t mask[PRUNE_TEST_SIZE];
};

/* channels (a group) * kernel * kernel rows; weights are whole numbers -levels..levels without 0,
 * so few levels make ties. Scores are the weights squared. */
void prune_sample_make(struct prune_sample *sample, int channels, int kernel, int columns,
                       int groups, int levels, uint64_t seed);

/* A plan from settings "scheme=...", "rate=...", ... of section pruning (NULL-terminated), on
 * arrays of `rows` rows and 16 filters. The configuration must be accepted. */
struct prune_plan prune_test_plan(const char *const *settings, int rows);
/* The message of a plan that is refused. */
const char *prune_test_refusal(const char *const *settings, int rows);

/* Projects, asserts that the result satisfies the plan's check and that projecting it again changes
 * nothing; sample->weights are masked. Returns the kept score. */
double prune_sample_project(struct prune_sample *sample, const struct prune_plan *plan);

/* The largest kept score of all masks that satisfy the plan's check; at most 20 entries. */
double prune_brute_force(const struct prune_sample *sample, const struct prune_plan *plan);

/* Entries of the mask that are kept. */
long prune_sample_kept(const struct prune_sample *sample);

#endif
