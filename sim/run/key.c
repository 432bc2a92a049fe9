/* Keys of shares: hashes that grow. */
#include <string.h>
#define XXH_STATIC_LINKING_ONLY /* for a state on the stack: hashing cannot fail */
#include <xxhash.h>

#include "sim/run/share.h"

struct run_key run_key_of(const struct run_product *product, const struct config *config) {
    struct run_key key = {0};
    run_key_text(&key, product->name);
    run_key_fields(&key, config, product->fields, product->n_fields);
    return key;
}

void run_key_bytes(struct run_key *key, const void *bytes, size_t n) {
    XXH3_state_t state;
    uint64_t length = n;
    XXH3_INITSTATE(&state);
    (void)XXH3_128bits_reset(&state);
    (void)XXH3_128bits_update(&state, key, sizeof *key);
    (void)XXH3_128bits_update(&state, &length, sizeof length);
    if (n > 0)
        (void)XXH3_128bits_update(&state, bytes, n);
    XXH128_hash_t hash = XXH3_128bits_digest(&state);
    key->part[0] = hash.high64;
    key->part[1] = hash.low64;
}

void run_key_text(struct run_key *key, const char *text) {
    if (text == NULL)
        run_key_bytes(key, NULL, 0);
    else
        run_key_bytes(key, text, strlen(text) + 1);
}

void run_key_number(struct run_key *key, int64_t number) {
    run_key_bytes(key, &number, sizeof number);
}

void run_key_real(struct run_key *key, double number) {
    run_key_bytes(key, &number, sizeof number);
}

void run_key_add(struct run_key *key, const struct run_key *other) {
    run_key_bytes(key, other, sizeof *other);
}

void run_key_fields(struct run_key *key, const struct config *config, const char *const *names,
                    size_t n) {
    uint64_t hash[2];
    config_hash_fields(config, names, n, hash);
    run_key_bytes(key, hash, sizeof hash);
}
