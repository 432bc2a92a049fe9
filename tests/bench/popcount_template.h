/* The classic bit-plane kernel for one instruction set. Before inclusion: KERNEL names it; `vector`
 * is a vector of LANES 32-bit numbers; count(v) gives the number of ones of each lane, in any form
 * that can be added up to 12 times and that total(v) turns into a number; minimum(a, b). TARGET:
 * the attribute of functions. */

TARGET static inline __attribute__((always_inline)) vector
sum_of(const vector plane[POPCOUNT_WORDS], const uint32_t x[POPCOUNT_WORDS]) {
    return count(plane[0] & x[0]) + count(plane[1] & x[1]) + count(plane[2] & x[2]) +
           count(plane[3] & x[3]);
}

TARGET static inline __attribute__((always_inline)) void
read_lanes(int bits, const vector low[POPCOUNT_WORDS], const vector high[POPCOUNT_WORDS],
           const uint32_t (*x)[POPCOUNT_CYCLES][POPCOUNT_WORDS], int positions, uint32_t maximum,
           int32_t *out) {
    const vector most = (vector){0} + maximum;
    for (int p = 0; p < positions; p++, out += POPCOUNT_GROUPS * POPCOUNT_LANES) {
        vector result = {0};
#pragma GCC unroll 8
        for (int t = POPCOUNT_CYCLES - 1; t >= 0; t--) {
            vector sum = sum_of(low, x[p][t]);
            if (bits == 2) {
                vector upper = sum_of(high, x[p][t]);
                sum += upper + upper;
            }
            result += result + minimum(total(sum), most);
        }
        memcpy(out, &result, sizeof result);
    }
}

TARGET void KERNEL(const struct popcount_planes *planes,
                   const uint32_t (*x)[POPCOUNT_CYCLES][POPCOUNT_WORDS], int positions,
                   uint32_t maximum, int32_t *out) {
    for (int group = 0; group < POPCOUNT_GROUPS; group++)
        for (int lane = 0; lane < POPCOUNT_LANES; lane += LANES) {
            vector low[POPCOUNT_WORDS], high[POPCOUNT_WORDS];
            for (int word = 0; word < POPCOUNT_WORDS; word++) {
                memcpy(&low[word], &planes->plane[group][0][word][lane], sizeof(vector));
                memcpy(&high[word], &planes->plane[group][1][word][lane], sizeof(vector));
            }
            int32_t *target = out + group * POPCOUNT_LANES + lane;
            if (planes->bits[group] == 1)
                read_lanes(1, low, high, x, positions, maximum, target);
            else
                read_lanes(2, low, high, x, positions, maximum, target);
        }
}
