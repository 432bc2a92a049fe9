/* Tile reads with AMX; see tile.h. */
#include "crossbar/tile.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "crossbar/tile_registers.h"

enum { MOST_JOBS = TILE_DIGITS * TILE_MOST / 2, RESULTS = TILE_SIDE * TILE_SIDE };

/* 16 neighbouring positions, driven: their planes stay in the first-level cache for all tiles. */
struct step {
    int positions;              /* fewer in the last one */
    uint32_t most[TILE_DIGITS]; /* largest digit sum of a position */
    uint8_t *planes;            /* [digits][16][chunks * TILE_ROWS]: masked inputs */
    int32_t *acc;               /* [positions][acc_stride] */
    size_t acc_stride;
};

/* Up to two tiles that are read at one digit of a step. */
struct job {
    const uint8_t *plane;
    const struct column_tile *tile; /* [n] */
    int n, shift;                   /* v t */
};

/* Sums on their way from tile registers to vectors: those of two jobs. */
struct pipeline {
    int32_t sums[2][2][RESULTS] __attribute__((aligned(64)));
};

static size_t plane_bytes(const struct tile_block *b) {
    return (size_t)TILE_SIDE * (size_t)b->chunks * TILE_ROWS;
}

/* Ones in each of the eight bit planes of the block's rows, as 64-bit numbers. A bit matrix product
 * with the data as the matrix transposes the bits of every eight bytes. */
static inline __m512i count_planes(const struct tile_block *b, const uint8_t *x) {
    const __m512i unit = _mm512_set1_epi64((long long)0x8040201008040201ULL);
    const __m512i by_plane = _mm512_set_epi8(
        63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5,
        60, 52, 44, 36, 28, 20, 12, 4, 59, 51, 43, 35, 27, 19, 11, 3, 58, 50, 42, 34, 26, 18, 10, 2,
        57, 49, 41, 33, 25, 17, 9, 1, 56, 48, 40, 32, 24, 16, 8, 0);
    __m512i ones = _mm512_setzero_si512();
    for (int c = 0; c < b->chunks; c++) {
        __m512i bytes = _mm512_loadu_si512(x + (size_t)c * TILE_ROWS);
        __m512i counts = _mm512_popcnt_epi8(_mm512_gf2p8affine_epi64_epi8(unit, bytes, 0));
        ones = _mm512_add_epi64(ones, _mm512_sad_epu8(_mm512_permutexvar_epi8(by_plane, counts),
                                                      _mm512_setzero_si512()));
    }
    return ones;
}

/* Sums of the digits from the ones of their planes. */
static inline __m256i sum_digits(const struct tile_block *b, __m512i ones) {
    __m256i planes = _mm512_cvtepi64_epi32(ones);
    if (b->digit_bits == 1)
        return planes;
    uint32_t plane[TILE_DIGITS], sum[TILE_DIGITS] = {0};
    _mm256_storeu_si256((__m256i *)plane, planes);
    for (int bit = 0; bit < 8; bit++)
        sum[bit / b->digit_bits] += plane[bit] << bit % b->digit_bits;
    return _mm256_loadu_si256((const __m256i *)sum);
}

/* One digit of 16 positions: x AND mask. */
static void write_plane(const struct tile_block *b, const uint8_t *x, size_t stride, int positions,
                        int digit, uint8_t *plane) {
    int shift = digit * b->digit_bits;
    const __m512i mask = _mm512_set1_epi8((char)(((1 << b->digit_bits) - 1) << shift));
    for (int p = 0; p < positions; p++, x += stride)
        for (int c = 0; c < b->chunks; c++, plane += TILE_ROWS)
            _mm512_store_si512(
                plane, _mm512_and_si512(_mm512_loadu_si512(x + (size_t)c * TILE_ROWS), mask));
    if (positions < TILE_SIDE)
        memset(plane, 0, (size_t)(TILE_SIDE - positions) * (size_t)b->chunks * TILE_ROWS);
}

/* What clipping takes away of a column of ones, as a negative number. */
static inline int32_t clip_unit(const struct tile_block *b, __m256i sums) {
    const __m256i digit = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256i shift = _mm256_mullo_epi32(digit, _mm256_set1_epi32(b->digit_bits));
    __m256i limit = _mm256_set1_epi32(b->maximum);
    __m256i excess = _mm256_sub_epi32(limit, _mm256_max_epi32(sums, limit));
    return _mm512_reduce_add_epi32(_mm512_zextsi256_si512(_mm256_sllv_epi32(excess, shift)));
}

/* Its codes, shifted and added. */
static int32_t map_unit(const struct tile_block *b, __m256i sums) {
    uint32_t sum[TILE_DIGITS];
    int32_t total = 0;
    _mm256_storeu_si256((__m256i *)sum, sums);
    for (int t = 0; t < b->digits; t++)
        total += b->table[sum[t]] * (1 << t * b->digit_bits);
    return total;
}

/* Drives the positions of a step: the planes that some tile can need, and the unit column. */
static void drive_step(const struct tile_block *b, const uint8_t *x, size_t stride, int32_t *unit,
                       struct step *step) {
    __m256i largest = _mm256_setzero_si256();
    for (int p = 0; p < step->positions; p++) {
        __m256i sums = sum_digits(b, count_planes(b, x + (size_t)p * stride));
        if (unit != NULL)
            unit[p] = b->table == NULL ? clip_unit(b, sums) : map_unit(b, sums);
        largest = _mm256_max_epu32(largest, sums);
    }
    _mm256_storeu_si256((__m256i *)step->most, largest);
    for (int t = 0; t < b->digits; t++)
        if (step->most[t] >= b->threshold)
            write_plane(b, x, stride, step->positions, t,
                        step->planes + (size_t)t * plane_bytes(b));
}

/* Which of `n_tiles` tiles, most sensitive first, have to be read at which digits. */
static int find_jobs(const struct tile_block *b, const struct step *step,
                     const struct column_tile *tiles, int n_tiles, struct job *jobs) {
    int n = 0;
    for (int t = 0; t < b->digits; t++)
        for (int i = 0; i < n_tiles && tiles[i].threshold <= step->most[t]; i += 2)
            jobs[n++] = (struct job){
                .plane = step->planes + (size_t)t * plane_bytes(b),
                .tile = &tiles[i],
                .n = i + 1 < n_tiles && tiles[i + 1].threshold <= step->most[t] ? 2 : 1,
                .shift = t * b->digit_bits,
            };
    return n;
}

/* The sums of a job into tile registers c0 and c1 (constants, as the instructions hold them). */
#define MULTIPLY(c0, c1, b, job)                                                                   \
    do {                                                                                           \
        const uint8_t *plane = (job)->plane, *cells = (job)->tile[0].cells;                        \
        const long plane_stride = (long)(b)->chunks * TILE_ROWS;                                   \
        _tile_zero(c0);                                                                            \
        _tile_zero(c1);                                                                            \
        for (int chunk = 0; chunk < (b)->chunks; chunk++) {                                        \
            _tile_loadd(4, plane + (size_t)chunk * TILE_ROWS, plane_stride);                       \
            _tile_loadd(6, cells + (size_t)chunk * TILE_BYTES, TILE_ROWS);                         \
            _tile_dpbuud(c0, 4, 6);                                                                \
            if ((job)->n > 1) {                                                                    \
                _tile_loadd(7, (job)->tile[1].cells + (size_t)chunk * TILE_BYTES, TILE_ROWS);      \
                _tile_dpbuud(c1, 4, 7);                                                            \
            }                                                                                      \
        }                                                                                          \
    } while (0)

#define STORE(c0, c1, job, sums)                                                                   \
    do {                                                                                           \
        _tile_stored(c0, (sums)[0], TILE_SIDE * sizeof(int32_t));                                  \
        if ((job)->n > 1)                                                                          \
            _tile_stored(c1, (sums)[1], TILE_SIDE * sizeof(int32_t));                              \
    } while (0)

/* What is added for 16 positions, in two parts. */
struct totals {
    __m512i row[TILE_SIDE];
    __m512i limits; /* to be added to each row; clip only */
};

static inline __attribute__((always_inline)) void
take_excess(const struct column_tile *tile, int shift, const int32_t *sums, struct totals *totals) {
    __m512i limit = _mm512_slli_epi32(_mm512_load_si512(tile->limit), (unsigned)shift);
    if (tile->negative) {
        totals->limits = _mm512_sub_epi32(totals->limits, limit);
#pragma GCC unroll 16
        for (int p = 0; p < TILE_SIDE; p++)
            totals->row[p] = _mm512_add_epi32(
                totals->row[p], _mm512_max_epi32(limit, _mm512_load_si512(sums + p * TILE_SIDE)));
    } else {
        totals->limits = _mm512_add_epi32(totals->limits, limit);
#pragma GCC unroll 16
        for (int p = 0; p < TILE_SIDE; p++)
            totals->row[p] = _mm512_sub_epi32(
                totals->row[p], _mm512_max_epi32(limit, _mm512_load_si512(sums + p * TILE_SIDE)));
    }
}

/* Codes of a table: sums are shifted back, and codes to where the sums were. */
static inline __attribute__((always_inline)) void take_codes(const int32_t *table,
                                                             const struct column_tile *tile,
                                                             int shift, const int32_t *sums,
                                                             struct totals *totals) {
    const __m512i by = _mm512_add_epi32(_mm512_loadu_si512(tile->shift), _mm512_set1_epi32(shift));
    const __m512i zero = _mm512_setzero_si512();
#pragma GCC unroll 16
    for (int p = 0; p < TILE_SIDE; p++) {
        __m512i sum = _mm512_srlv_epi32(_mm512_load_si512(sums + p * TILE_SIDE), by);
        __m512i code = _mm512_mask_i32gather_epi32(zero, tile->lanes, sum, table, sizeof *table);
        code = _mm512_sllv_epi32(code, by);
        if (tile->negative)
            totals->row[p] = _mm512_sub_epi32(totals->row[p], code);
        else
            totals->row[p] = _mm512_add_epi32(totals->row[p], code);
    }
}

static inline __attribute__((always_inline)) void take_job(const int32_t *table,
                                                           const struct job *job,
                                                           int32_t (*sums)[RESULTS],
                                                           struct totals *totals) {
    for (int i = 0; i < job->n; i++)
        if (table == NULL)
            take_excess(&job->tile[i], job->shift, sums[i], totals);
        else
            take_codes(table, &job->tile[i], job->shift, sums[i], totals);
}

/* Totals of all jobs (`table` is a constant NULL for clip): the products of one job run beside the
 * stores of the one before it and the vector operations of the one before that. */
static inline __attribute__((always_inline)) void
run_jobs(const struct tile_block *b, const int32_t *table, const struct job *jobs, int n,
         struct pipeline *pipeline, struct totals *totals) {
    totals->limits = _mm512_setzero_si512();
#pragma GCC unroll 16
    for (int p = 0; p < TILE_SIDE; p++)
        totals->row[p] = _mm512_setzero_si512();
    for (int i = 0; i <= n + 1; i += 2) {
        if (i < n)
            MULTIPLY(0, 1, b, &jobs[i]);
        if (i > 0 && i - 1 < n)
            STORE(2, 3, &jobs[i - 1], pipeline->sums[1]);
        if (i > 1)
            take_job(table, &jobs[i - 2], pipeline->sums[0], totals);
        if (i + 1 < n)
            MULTIPLY(2, 3, b, &jobs[i + 1]);
        if (i < n)
            STORE(0, 1, &jobs[i], pipeline->sums[0]);
        if (i > 0 && i - 1 < n)
            take_job(table, &jobs[i - 1], pipeline->sums[1], totals);
    }
#pragma GCC unroll 16
    for (int p = 0; p < TILE_SIDE; p++)
        totals->row[p] = _mm512_add_epi32(totals->row[p], totals->limits);
}

/* The reads of one panel at one step. */
static void read_panel(const struct tile_block *b, const struct tile_panel *panel,
                       const struct step *step, struct pipeline *pipeline) {
    struct job jobs[MOST_JOBS];
    int n = find_jobs(b, step, panel->tiles, panel->n_tiles, jobs);
    if (n == 0)
        return;
    struct totals totals;
    if (b->table == NULL)
        run_jobs(b, NULL, jobs, n, pipeline, &totals);
    else
        run_jobs(b, b->table, jobs, n, pipeline, &totals);
    const __mmask16 lanes = (__mmask16)((1U << panel->filters) - 1U);
#pragma GCC unroll 16
    for (int p = 0; p < TILE_SIDE; p++)
        if (p < step->positions) {
            int32_t *row = step->acc + (size_t)p * step->acc_stride + panel->first_filter;
            __m512i sum = _mm512_add_epi32(_mm512_maskz_loadu_epi32(lanes, row), totals.row[p]);
            _mm512_mask_storeu_epi32(row, lanes, sum);
        }
}

/* Adds one position's totals, of which few are not zero, to their filters. */
static void add_loose(const struct loose_tile *loose, __m512i totals, int32_t *acc) {
    int32_t total[TILE_SIDE];
    unsigned some = _mm512_test_epi32_mask(totals, totals);
    _mm512_storeu_si512(total, totals);
    for (; some != 0; some &= some - 1U) {
        int lane = __builtin_ctz(some);
        acc[loose->filter[lane]] += loose->sign[lane] * total[lane];
    }
}

/* The reads of one loose tile at one step. */
static void read_loose(const struct tile_block *b, const struct loose_tile *loose,
                       const struct step *step, struct pipeline *pipeline) {
    struct job jobs[MOST_JOBS];
    int n = find_jobs(b, step, &loose->tile, 1, jobs);
    if (n == 0)
        return;
    struct totals totals;
    run_jobs(b, NULL, jobs, n, pipeline, &totals);
#pragma GCC unroll 16
    for (int p = 0; p < TILE_SIDE; p++)
        if (p < step->positions && _mm512_test_epi32_mask(totals.row[p], totals.row[p]) != 0)
            add_loose(loose, totals.row[p], step->acc + (size_t)p * step->acc_stride);
}

void tile_accumulate(const struct tile_block *block, const uint8_t *x, size_t stride, int positions,
                     int32_t *unit, int32_t *acc, size_t acc_stride, void *workspace) {
    struct pipeline pipeline;
    tile_registers_take();
    for (int p = 0; p < positions; p += TILE_SIDE) {
        struct step step = {
            .positions = positions - p < TILE_SIDE ? positions - p : TILE_SIDE,
            .planes = workspace,
            .acc = acc + (size_t)p * acc_stride,
            .acc_stride = acc_stride,
        };
        drive_step(block, x + (size_t)p * stride, stride, unit == NULL ? NULL : unit + p, &step);
        /* Tile loads are invisible to the compiler: the planes must be in memory. */
        __asm__ volatile("" ::: "memory");
        for (int i = 0; i < block->n_panels; i++)
            read_panel(block, &block->panels[i], &step, &pipeline);
        for (int i = 0; i < block->n_loose; i++)
            read_loose(block, &block->loose[i], &step, &pipeline);
    }
    _tile_release();
}
#else
typedef int tile_unused; /* no empty translation unit */
#endif
