/* Bare kernels as tasks: what the machine gives when nothing but the kernel runs. */
#ifndef MHO_TESTS_BENCH_KERNELS_H
#define MHO_TESTS_BENCH_KERNELS_H

#include "crossbar/bitline.h"
#include "crossbar/integer.h"
#include "tests/bench/bench.h"
#include "tests/bench/popcount.h"
#include "tests/bench/tiles.h"

/* splitmix64 (Steele, Lea, Flood, OOPSLA 2014): the same inputs on every machine. */
static inline uint64_t bench_random(uint64_t *state) {
    uint64_t z = *state += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

/* An integer product of 64 columns. */
enum { INTEGER_DEPTH = 192, INTEGER_COLUMNS = 64, INTEGER_POSITIONS = 48 };
static const double integer_task_macs = (double)INTEGER_DEPTH * INTEGER_COLUMNS * INTEGER_POSITIONS;

struct integer_task {
    struct integer_matrix matrix;
    uint8_t *x;
    int32_t *acc;
    struct arena arena;
};
enum status integer_task_open(struct integer_task *task, enum simd_level level,
                              struct diagnostic *diag);
void integer_task_close(struct integer_task *task);
struct bench_task integer_task(struct integer_task *task);

/* Reads of 64 columns, differential 8-bit weights of 8 filters in 2-bit cells, 128 rows, 1-bit
 * digits, a 5-bit converter that clips, nothing skipped. Three ways: the kernel of
 * crossbar/bitline.h, AND with population count (tests/bench/popcount.h), and byte products
 * (tests/bench/tiles.h). */
enum {
    READ_ROWS = 128,
    READ_POSITIONS = 64,
    READ_CYCLES = 8,
    READ_MAXIMUM = 31, /* largest code */
    READ_SUMS = READ_POSITIONS * BITLINE_LANES
};
static const double read_task_conversions = (double)READ_SUMS * READ_CYCLES;
/* Each weight takes 8 columns, each of which is converted in 8 cycles. */
static const double read_task_macs = (double)READ_SUMS / 8 * READ_ROWS;

struct read_task {
    uint8_t cells[READ_ROWS][BITLINE_LANES];
    uint8_t x[READ_POSITIONS][READ_ROWS];
    int32_t exact[READ_SUMS]; /* what a converter that loses nothing gives */
    /* The kernel of crossbar/bitline.h. */
    const struct bitline_kernels *kernels;
    enum bitline_width width;
    struct bitline_lookups lookups;
    struct bitline_inputs inputs;
    void *table;
    /* Population count. */
    popcount_kernel *popcount;
    struct popcount_planes planes;
    uint32_t bits[READ_POSITIONS][READ_CYCLES][POPCOUNT_WORDS];
    /* Byte products. */
    struct tiles_operands tiles;
    /* Results of all cycles, shifted and added: what clipping takes away (first way), codes (the
     * others); `touched`: see bitline.h. */
    int32_t out[READ_SUMS];
    uint8_t touched[READ_POSITIONS];
    struct arena arena;
};
enum status read_task_open(struct read_task **task, enum simd_level level, enum bitline_width width,
                           struct diagnostic *diag);
void read_task_close(struct read_task *task);
struct bench_task read_task_bitline(struct read_task *task);
/* Of the same level, or the next lower that the machine has: see popcount_best. */
struct bench_task read_task_popcount(struct read_task *task);
/* Only at SIMD_AMX. */
struct bench_task read_task_tiles(struct read_task *task);

/* Standard normal numbers of crossbar/counter_normal.h. */
enum { NORMALS = 4096 };

struct normals_task {
    enum simd_level level;
    float out[NORMALS];
};
struct bench_task normals_task(struct normals_task *task);

#endif
