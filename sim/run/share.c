/* Shares: a hash table of products under one lock; making happens outside it. */
#include "sim/run/share.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096 };

enum share_state { SHARE_MAKING, SHARE_READY, SHARE_FAILED };

struct run_share {
    const struct run_product *product;
    struct run_key key;
    struct run_cache *cache;
    struct run_share *uses; /* what the value points into; NULL: nothing */
    enum share_state state;
    int references;
    size_t bytes;
    bool passing;                    /* SHARE_FAILED: another try may succeed */
    struct diagnostic *why;          /* SHARE_FAILED; NULL on short memory */
    struct run_share *chain;         /* next of the bucket */
    struct run_share *newer, *older; /* of those that nobody holds */
    _Alignas(max_align_t) char value[];
};

struct run_cache {
    pthread_mutex_t lock;
    pthread_cond_t made; /* some share has left SHARE_MAKING */
    struct run_share *buckets[BUCKETS];
    struct run_share *newest, *oldest; /* that nobody holds */
    size_t limit_bytes;
    struct run_cache_use use;
};

struct run_cache *run_cache_create(size_t limit_bytes) {
    struct run_cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL)
        return NULL;
    pthread_mutex_init(&cache->lock, NULL);
    pthread_cond_init(&cache->made, NULL);
    cache->limit_bytes = limit_bytes;
    return cache;
}

static void destroy(struct run_share *share) {
    if (share->state == SHARE_READY && share->product->free != NULL)
        share->product->free(share->value);
    run_share_release(share->uses);
    free(share->why);
    free(share);
}

void run_cache_free(struct run_cache *cache) {
    if (cache == NULL)
        return;
    for (int i = 0; i < BUCKETS; i++)
        while (cache->buckets[i] != NULL) {
            struct run_share *share = cache->buckets[i];
            cache->buckets[i] = share->chain;
            share->uses = NULL; /* which goes in its own turn */
            destroy(share);
        }
    pthread_mutex_destroy(&cache->lock);
    pthread_cond_destroy(&cache->made);
    free(cache);
}

static struct run_share **bucket_of(struct run_cache *cache, const struct run_key *key) {
    return &cache->buckets[key->part[0] % BUCKETS];
}

static struct run_share *find(struct run_cache *cache, const struct run_product *product,
                              const struct run_key *key) {
    for (struct run_share *share = *bucket_of(cache, key); share != NULL; share = share->chain)
        if (share->product == product && memcmp(&share->key, key, sizeof *key) == 0)
            return share;
    return NULL;
}

/* --- those that nobody holds, by age --- */

static void unlist(struct run_cache *cache, struct run_share *share) {
    *(share->newer != NULL ? &share->newer->older : &cache->newest) = share->older;
    *(share->older != NULL ? &share->older->newer : &cache->oldest) = share->newer;
    share->newer = share->older = NULL;
}

static void enlist(struct run_cache *cache, struct run_share *share) {
    share->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = share;
    cache->newest = share;
}

static void remove_from_bucket(struct run_cache *cache, struct run_share *share) {
    struct run_share **at = bucket_of(cache, &share->key);
    while (*at != share)
        at = &(*at)->chain;
    *at = share->chain;
    cache->use.bytes -= share->bytes;
}

/* Takes what is over the limit out of the table; the chain that comes back is to be destroyed
 * without the lock. */
static struct run_share *evict(struct run_cache *cache) {
    struct run_share *dropped = NULL;
    while (cache->use.bytes > cache->limit_bytes && cache->oldest != NULL) {
        struct run_share *share = cache->oldest;
        unlist(cache, share);
        remove_from_bucket(cache, share);
        share->chain = dropped;
        dropped = share;
    }
    return dropped;
}

static void destroy_chain(struct run_share *share) {
    while (share != NULL) {
        struct run_share *next = share->chain;
        destroy(share);
        share = next;
    }
}

/* --- taking and releasing --- */

/* The lock is held. */
static struct run_share *new_share(struct run_cache *cache, const struct run_product *product,
                                   const struct run_key *key, struct run_share *uses) {
    struct run_share *share = calloc(1, sizeof *share + product->size);
    if (share == NULL)
        return NULL;
    share->product = product;
    share->key = *key;
    share->cache = cache;
    share->references = 1;
    share->uses = uses;
    if (uses != NULL)
        uses->references++;
    return share;
}

/* Runs the maker; the share is ready, or has failed with `diag` as the reason. */
static enum status make_value(struct run_share *share, run_maker *make, void *context,
                              struct diagnostic *diag) {
    enum status status = make(context, share->value, diag);
    if (status == STATUS_OK)
        share->bytes = sizeof *share + share->product->size +
                       (share->product->bytes != NULL ? share->product->bytes(share->value) : 0);
    return status;
}

/* The lock is held before and after, but not while the value is made. */
static enum status make_share(struct run_cache *cache, struct run_share *share, run_maker *make,
                              void *context, struct diagnostic *diag) {
    struct run_share **bucket = bucket_of(cache, &share->key);
    struct diagnostic why = {0};
    share->chain = *bucket;
    *bucket = share;
    cache->use.made++;
    pthread_mutex_unlock(&cache->lock);
    enum status status = make_value(share, make, context, &why);
    if (status != STATUS_OK) {
        *diag = why;
        share->bytes = sizeof *share + sizeof why;
        share->passing = status == STATUS_INTERRUPTED || status == STATUS_MEMORY;
        share->why = malloc(sizeof why);
        if (share->why != NULL)
            *share->why = why;
    }
    pthread_mutex_lock(&cache->lock);
    cache->use.bytes += share->bytes;
    share->state = status == STATUS_OK ? SHARE_READY : SHARE_FAILED;
    pthread_cond_broadcast(&cache->made);
    return status;
}

/* Lets go of a share with the lock held; what is to be destroyed without it comes back. */
static struct run_share *let_go(struct run_cache *cache, struct run_share *share) {
    if (--share->references > 0)
        return NULL;
    if (share->state == SHARE_FAILED && (share->passing || share->why == NULL)) {
        remove_from_bucket(cache, share);
        share->chain = NULL;
        return share;
    }
    enlist(cache, share);
    return evict(cache);
}

enum status run_share_take(struct run_cache *cache, const struct run_product *product,
                           const struct run_key *key, struct run_share *uses, run_maker *make,
                           void *context, struct run_share **out, struct diagnostic *diag) {
    enum status status = STATUS_OK;
    pthread_mutex_lock(&cache->lock);
    struct run_share *share = find(cache, product, key), *dropped = NULL;
    if (share == NULL) {
        share = new_share(cache, product, key, uses);
        status = share != NULL ? make_share(cache, share, make, context, diag)
                               : FAIL_MEMORY(diag, product->name);
    } else {
        cache->use.found++;
        if (share->references++ == 0)
            unlist(cache, share);
        while (share->state == SHARE_MAKING)
            pthread_cond_wait(&cache->made, &cache->lock);
        if (share->state == SHARE_FAILED && share->why != NULL) {
            *diag = *share->why;
            status = diag->status;
        } else if (share->state == SHARE_FAILED) {
            status = FAIL_MEMORY(diag, product->name);
        }
    }
    if (status != STATUS_OK && share != NULL) {
        dropped = let_go(cache, share);
        share = NULL;
    }
    pthread_mutex_unlock(&cache->lock);
    destroy_chain(dropped);
    *out = share;
    return status;
}

const void *run_share_value(const struct run_share *share) {
    return share->value;
}

void run_share_release(struct run_share *share) {
    if (share == NULL)
        return;
    struct run_cache *cache = share->cache;
    pthread_mutex_lock(&cache->lock);
    struct run_share *dropped = let_go(cache, share);
    pthread_mutex_unlock(&cache->lock);
    destroy_chain(dropped);
}

struct run_cache_use run_cache_use(struct run_cache *cache) {
    pthread_mutex_lock(&cache->lock);
    struct run_cache_use use = cache->use;
    pthread_mutex_unlock(&cache->lock);
    return use;
}
