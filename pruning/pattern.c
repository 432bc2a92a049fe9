/* Pattern pruning (PatDNN, ASPLOS 2020; scheme mapping, arXiv 2111.11581): every 3 x 3 kernel keeps
 * the entries of one of a small set of patterns of four, the centre among them. The set is the
 * layer's own: each kernel votes for its best pattern, and the most voted ones are the set (of
 * equal votes those with the larger kept score). Then each kernel takes the pattern of the set that
 * keeps the largest score. Kernels of other sizes are left as they are. */
#include <string.h>

#include "pruning/pruning_internal.h"

enum { POSITIONS = 9, CENTRE = 4, ENTRIES = 4, BIT_SETS = 1 << POSITIONS };

static bool is_pattern(unsigned bits) {
    return (bits >> CENTRE & 1) != 0 && __builtin_popcount(bits) == ENTRIES;
}

static bool applies(const struct prune_matrix *matrix) {
    return matrix->kernel[0] == 3 && matrix->kernel[1] == 3;
}

static double kept_by(unsigned bits, const double *scores, const uint8_t *mask) {
    double kept = 0;
    for (int i = 0; i < POSITIONS; i++)
        kept += bits >> i & 1 && mask[i] ? scores[i] : 0;
    return kept;
}

/* Centre and the three best others. */
static unsigned favourite(const double *scores, const uint8_t *mask) {
    double score[POSITIONS];
    int items[POSITIONS - 1], n = 0;
    for (int i = 0; i < POSITIONS; i++) {
        score[i] = mask[i] ? scores[i] : 0;
        if (i != CENTRE)
            items[n++] = i;
    }
    prune_select(score, items, n, ENTRIES - 1);
    unsigned bits = 1U << CENTRE;
    for (int i = 0; i < ENTRIES - 1; i++)
        bits |= 1U << items[i];
    return bits;
}

struct votes {
    long count[BIT_SETS];
    double score[BIT_SETS];
};

/* The `patterns` most voted; returns how many there are. */
static int choose_set(struct votes *votes, int patterns, unsigned *set) {
    int n = 0;
    for (; n < patterns; n++) {
        int best = 0;
        for (int bits = 1; bits < BIT_SETS; bits++)
            if (votes->count[bits] > votes->count[best] ||
                (votes->count[bits] == votes->count[best] &&
                 votes->score[bits] > votes->score[best]))
                best = bits;
        if (votes->count[best] == 0)
            break;
        set[n] = (unsigned)best;
        votes->count[best] = 0;
        votes->score[best] = 0;
    }
    return n;
}

static enum status project(const struct prune_matrix *matrix, const double *scores,
                           const struct prune_settings *settings, uint8_t *mask,
                           struct diagnostic *diag) {
    (void)diag;
    if (!applies(matrix))
        return STATUS_OK;
    struct votes votes;
    unsigned set[BIT_SETS];
    memset(&votes, 0, sizeof votes);
    for (size_t k = 0; k < prune_size(matrix); k += POSITIONS) {
        if (memchr(mask + k, 1, POSITIONS) == NULL)
            continue; /* gone already: no vote */
        unsigned bits = favourite(scores + k, mask + k);
        votes.count[bits]++;
        votes.score[bits] += kept_by(bits, scores + k, mask + k);
    }
    int n = choose_set(&votes, settings->patterns, set);
    for (size_t k = 0; k < prune_size(matrix) && n > 0; k += POSITIONS) {
        unsigned best = set[0];
        for (int i = 1; i < n; i++)
            if (kept_by(set[i], scores + k, mask + k) > kept_by(best, scores + k, mask + k))
                best = set[i];
        for (int i = 0; i < POSITIONS; i++)
            if ((best >> i & 1U) == 0)
                mask[k + (size_t)i] = 0;
    }
    return STATUS_OK;
}

/* How many patterns cover all kernels: those that fill one count themselves, then the one that
 * covers most of the rest, and so on. */
static int count_patterns(const bool *used) {
    bool left[BIT_SETS];
    int n = 0;
    memcpy(left, used, sizeof left);
    for (unsigned round = 0; round <= BIT_SETS; round++) {
        unsigned best = 0;
        int most = 0;
        for (unsigned pattern = 0; pattern < BIT_SETS; pattern++) {
            int covers = 0;
            if (!is_pattern(pattern))
                continue;
            for (unsigned bits = 1; bits < BIT_SETS; bits++)
                covers += left[bits] && (bits & ~pattern) == 0;
            covers += left[pattern] ? BIT_SETS : 0; /* must be there anyway */
            if (covers > most) {
                most = covers;
                best = pattern;
            }
        }
        if (most == 0)
            break;
        n++;
        for (unsigned bits = 1; bits < BIT_SETS; bits++)
            left[bits] &= (bits & ~best) != 0;
    }
    return n;
}

static enum status check(const struct prune_matrix *matrix, const struct prune_settings *settings,
                         struct diagnostic *diag) {
    bool used[BIT_SETS] = {false};
    if (!applies(matrix))
        return STATUS_OK;
    for (size_t k = 0; k < prune_size(matrix); k += POSITIONS) {
        unsigned bits = 0;
        for (int i = 0; i < POSITIONS; i++)
            bits |= (unsigned)(matrix->weights[k + (size_t)i] != 0) << i;
        if (__builtin_popcount(bits | 1U << CENTRE) > ENTRIES)
            return FAIL(diag, STATUS_USAGE,
                        "the kernel in rows %zu to %zu of column %zu holds %d non-zero weights, "
                        "which no pattern of the centre and three others covers",
                        k % (size_t)matrix->rows, k % (size_t)matrix->rows + POSITIONS - 1,
                        k / (size_t)matrix->rows, __builtin_popcount(bits));
        used[bits] = true;
    }
    int n = count_patterns(used);
    if (n > settings->patterns)
        return FAIL(diag, STATUS_USAGE, "its kernels have %d patterns, %d are allowed", n,
                    settings->patterns);
    return STATUS_OK;
}

const struct prune_scheme prune_pattern = {
    .name = "pattern",
    .help = "four entries of each 3 x 3 kernel, in one of a few patterns (PatDNN, scheme mapping); "
            "other kernels are left",
    .options = "patterns",
    .project = project,
    .check = check,
};
