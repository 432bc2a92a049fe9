/* Shares: products of stages that design points have in common, computed once and counted.
 *
 * A product (an imported network, a mapping, the images' classes) is known by its kind and a key: a
 * hash over everything that it depends on. run_share_take gives the product of that key, made by
 * the caller's function unless the cache has it or another thread is making it, in which case it
 * waits. Everyone who took a share releases it; it is read only. Failures are kept too, but for
 * interrupts and short memory.
 *
 * Order of calls: run_cache_create; run_share_take and run_share_release, from any thread;
 * run_cache_free when all shares are released. */
#ifndef MHO_RUN_SHARE_H
#define MHO_RUN_SHARE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/base/base.h"
#include "sim/config/config.h"

struct run_key {
    uint64_t part[2]; /* XXH3-128 of what went in so far */
};

struct run_product;

/* A key that begins with the product's name and the present values of its fields; then what else it
 * depends on, in a fixed order. */
struct run_key run_key_of(const struct run_product *product, const struct config *config);
void run_key_bytes(struct run_key *key, const void *bytes, size_t n);
void run_key_text(struct run_key *key, const char *text); /* NULL is not "" */
void run_key_number(struct run_key *key, int64_t number);
void run_key_real(struct run_key *key, double number);
void run_key_add(struct run_key *key, const struct run_key *other);
/* The present values of fields, layer overrides included: config_hash_fields. */
void run_key_fields(struct run_key *key, const struct config *config, const char *const *names,
                    size_t n);

/* A kind of product. */
struct run_product {
    const char *name;
    const char *const *fields; /* [n_fields] "section.key" or "section" of what it depends on */
    size_t n_fields;
    size_t size;                        /* of its struct, which make gets zeroed */
    void (*free)(void *value);          /* may be NULL */
    size_t (*bytes)(const void *value); /* that it holds beside its struct; NULL: none */
};

struct run_cache; /* opaque */
struct run_share; /* opaque */

/* Fills `value`; on failure nothing is left to free. */
typedef enum status run_maker(void *context, void *value, struct diagnostic *diag);

/* A cache that drops what nobody holds, longest unused first, once products take more than
 * `limit_bytes`. NULL on short memory. */
struct run_cache *run_cache_create(size_t limit_bytes);
void run_cache_free(struct run_cache *cache);

/* The product; `share` must be released. A product that points into another keeps it alive: `uses`
 * is that one's share, or NULL. On failure `share` is NULL. */
enum status run_share_take(struct run_cache *cache, const struct run_product *product,
                           const struct run_key *key, struct run_share *uses, run_maker *make,
                           void *context, struct run_share **share, struct diagnostic *diag);
const void *run_share_value(const struct run_share *share);
void run_share_release(struct run_share *share); /* NULL is accepted */

/* How late a field comes into play: the first product, in the order of the stages, that depends on
 * "section.key" (also "layers.PATTERN.section.key"); larger than all for fields of no product. */
int run_field_depth(const char *key);

/* How often products were made and found, and what they take now. */
struct run_cache_use {
    long made, found;
    size_t bytes;
};
struct run_cache_use run_cache_use(struct run_cache *cache);

#endif
