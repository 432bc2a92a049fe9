/* Images that two datasets have in common. */
#include <stdlib.h>
#include <xxhash.h>

#include "sim/network/dataset.h"

static XXH64_hash_t image_hash(const struct dataset *dataset, int index) {
    size_t values = (size_t)dataset->channels * (size_t)dataset->height * (size_t)dataset->width;
    size_t start = (size_t)index * values;
    return dataset->pixels != NULL
               ? XXH3_64bits(dataset->pixels + start, values)
               : XXH3_64bits(dataset->floats + start, values * sizeof *dataset->floats);
}

static int by_value(const void *a, const void *b) {
    XXH64_hash_t left = *(const XXH64_hash_t *)a, right = *(const XXH64_hash_t *)b;
    return (left > right) - (left < right);
}

/* 64-bit hashes: of a million images two differ in them but for one chance in ten million. */
enum status dataset_overlap(const struct dataset *among, const struct dataset *images, int *shared,
                            struct diagnostic *diag) {
    size_t count = (size_t)among->count;
    *shared = 0;
    if (count == 0)
        return STATUS_OK;
    XXH64_hash_t *hashes = calloc(count, sizeof *hashes);
    if (hashes == NULL)
        return FAIL_MEMORY(diag, "comparing images");
    for (int i = 0; i < among->count; i++)
        hashes[i] = image_hash(among, i);
    qsort(hashes, count, sizeof *hashes, by_value);
    for (int i = 0; i < images->count; i++) {
        XXH64_hash_t hash = image_hash(images, i);
        *shared += bsearch(&hash, hashes, count, sizeof *hashes, by_value) != NULL;
    }
    free(hashes);
    return STATUS_OK;
}
