/* Integer products on every machine: SSE2 where x86-64 guarantees it, else portable C; see
 * integer_pairs.h. */
#if defined(__SSE2__)
#include <emmintrin.h>

#define VECTOR                   __m128i
#define LANES                    4
#define LOAD(p)                  _mm_load_si128((const __m128i *)(p))
#define ZERO()                   _mm_setzero_si128()
#define PAIR(i)                  _mm_set1_epi32(i)
#define MADD(sum, pair, weights) _mm_add_epi32(sum, _mm_madd_epi16(pair, weights))
#define STORE(p, v)              _mm_storeu_si128((__m128i *)(p), v)
#else
#include <stdint.h>
#include <string.h>

struct lanes {
    int32_t lane[4];
};

static inline struct lanes load(const void *p) {
    struct lanes v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline struct lanes pair_of(int32_t i) {
    return (struct lanes){{i, i, i, i}};
}

static inline struct lanes madd(struct lanes sum, struct lanes pair, struct lanes weights) {
    for (int i = 0; i < 4; i++) {
        int16_t w[2];
        memcpy(w, &weights.lane[i], sizeof w);
        sum.lane[i] += (pair.lane[i] & 0xFFFF) * w[0] + (pair.lane[i] >> 16) * w[1];
    }
    return sum;
}

#define VECTOR                   struct lanes
#define LANES                    4
#define LOAD(p)                  load(p)
#define ZERO()                   pair_of(0)
#define PAIR(i)                  pair_of(i)
#define MADD(sum, pair, weights) madd(sum, pair, weights)
#define STORE(p, v)              memcpy(p, &(v), sizeof(VECTOR))
#endif

#define KERNEL integer_multiply_plain
#include "crossbar/integer_pairs.h"
