/* Reads of one lane group: the kernel of crossbar/bitline.h against AND and population count, and
 * against byte products. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "crossbar/drive.h"
#include "crossbar/geometry.h"
#include "tests/bench/kernels.h"

enum { FILTERS = 8 };

static const char *const widths[BITLINE_WIDTHS] = {"8", "16", "32"};

/* Lanes in the order of popcount.h: column by column, 8 filters each. */
static void fill_cells(struct read_task *task, uint64_t *state) {
    const struct encoding encoding = encoding_make(ENCODING_DIFFERENTIAL, 8, 2);
    for (int row = 0; row < READ_ROWS; row++)
        for (int filter = 0; filter < FILTERS; filter++) {
            int weight = (int)(bench_random(state) % 255) - 127;
            for (int column = 0; column < encoding.columns; column++)
                task->cells[row][column * FILTERS + filter] =
                    (uint8_t)encoding_cell(&encoding, weight, column);
        }
    for (int row = 0; row < READ_ROWS; row++)
        for (int lane = 0; lane < BITLINE_LANES; lane++)
            task->tiles.cells[lane / TILES_SIDE][row / TILES_DEPTH][row % TILES_DEPTH / 4]
                             [lane % TILES_SIDE][row % 4] = task->cells[row][lane];
    for (int group = 0; group < POPCOUNT_GROUPS; group++) {
        task->planes.bits[group] = encoding.column[2 * group].bits;
        for (int row = 0; row < READ_ROWS; row++)
            for (int lane = 0; lane < POPCOUNT_LANES; lane++)
                for (int bit = 0; bit < 2; bit++)
                    task->planes.plane[group][bit][row / 32][lane] |=
                        ((uint32_t)task->cells[row][group * POPCOUNT_LANES + lane] >> bit & 1U)
                        << row % 32;
    }
}

static void fill_inputs(struct read_task *task, uint64_t *state) {
    for (int p = 0; p < READ_POSITIONS; p++)
        for (int row = 0; row < READ_ROWS; row++) {
            uint8_t x = (uint8_t)bench_random(state);
            task->x[p][row] = x;
            for (int t = 0; t < READ_CYCLES; t++) {
                task->bits[p][t][row / 32] |= ((uint32_t)x >> t & 1U) << row % 32;
                task->tiles.x[t][p][row] = (uint8_t)(x & 1 << t);
            }
            for (int lane = 0; lane < BITLINE_LANES; lane++)
                task->exact[p * BITLINE_LANES + lane] += x * task->cells[row][lane];
        }
}

/* Drives the inputs and builds the table: neither is timed. */
static enum status make_lookups(struct read_task *task, struct diagnostic *diag) {
    task->lookups = drive_lookups(READ_ROWS, 1, 8);
    size_t sums =
        (size_t)task->lookups.count * (size_t)task->lookups.entries * (size_t)BITLINE_LANES;
    void *driven = arena_alloc(&task->arena, drive_bytes(&task->lookups), 1);
    task->table = arena_alloc(&task->arena, sums, (size_t)1 << task->width);
    if (driven == NULL || task->table == NULL)
        return FAIL_MEMORY(diag, "look-up tables");
    drive_tile(&task->lookups, task->kernels, READ_ROWS, 0, task->x[0], READ_ROWS, READ_POSITIONS,
               driven);
    task->inputs = driven_inputs(&task->lookups, READ_POSITIONS, driven);
    task->kernels->build[task->width](&task->lookups, task->cells[0], task->table);
    return STATUS_OK;
}

enum status read_task_open(struct read_task **out, enum simd_level level, enum bitline_width width,
                           struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct read_task *task = ARENA_NEW(&arena, 1, struct read_task);
    *out = NULL;
    if (task == NULL)
        return FAIL_MEMORY(diag, "a lane group");
    uint64_t state = 2;
    fill_cells(task, &state);
    fill_inputs(task, &state);
    task->arena = arena;
    task->kernels = bitline_kernels(level);
    task->popcount = popcount_of(level);
    task->width = width;
    enum status status = make_lookups(task, diag);
    if (status != STATUS_OK)
        read_task_close(task);
    else
        *out = task;
    return status;
}

void read_task_close(struct read_task *task) {
    if (task == NULL)
        return;
    struct arena arena = task->arena; /* the task lies in it */
    arena_free(&arena);
}

static enum status run_bitline(void *context, struct diagnostic *diag) {
    (void)diag;
    struct read_task *task = context;
    const struct bitline_transfer transfer = {.threshold = 0, .maximum = READ_MAXIMUM};
    task->kernels->clip[task->width](&task->lookups, &task->inputs, task->table, &transfer,
                                     task->out, task->touched);
    return STATUS_OK;
}

/* The kernel gives what clipping takes away; the hash is that of codes. */
static uint64_t hash_bitline(const void *context) {
    const struct read_task *task = context;
    int32_t codes[READ_SUMS];
    for (int i = 0; i < READ_SUMS; i++)
        codes[i] = task->exact[i] - (task->touched[i / BITLINE_LANES] ? task->out[i] : 0);
    return XXH3_64bits(codes, sizeof codes);
}

struct bench_task read_task_bitline(struct read_task *task) {
    return (struct bench_task){.run = run_bitline, .hash = hash_bitline, .context = task};
}

static enum status run_popcount(void *context, struct diagnostic *diag) {
    (void)diag;
    struct read_task *task = context;
    task->popcount(&task->planes, (const uint32_t(*)[READ_CYCLES][POPCOUNT_WORDS])task->bits,
                   READ_POSITIONS, READ_MAXIMUM, task->out);
    return STATUS_OK;
}

static uint64_t hash_codes(const void *context) {
    const struct read_task *task = context;
    return XXH3_64bits(task->out, sizeof task->out);
}

struct bench_task read_task_popcount(struct read_task *task) {
    return (struct bench_task){.run = run_popcount, .hash = hash_codes, .context = task};
}

#if defined(__x86_64__)
static enum status run_tiles(void *context, struct diagnostic *diag) {
    (void)diag;
    struct read_task *task = context;
    tiles_amx(&task->tiles, READ_MAXIMUM, task->out);
    return STATUS_OK;
}

struct bench_task read_task_tiles(struct read_task *task) {
    return (struct bench_task){.run = run_tiles, .hash = hash_codes, .context = task};
}
#else
struct bench_task read_task_tiles(struct read_task *task) {
    return read_task_popcount(task); /* no machine of another kind is at SIMD_AMX */
}
#endif

/* The reads of one level: the reference, all widths, and byte products where there are any. */
enum { POPCOUNT = BITLINE_WIDTHS, TILES, MOST_TASKS };

static void report(struct bench *bench, enum simd_level level, const struct bench_task *tasks,
                   int i, uint64_t *codes) {
    char name[64];
    if (i == POPCOUNT)
        snprintf(name, sizeof name, "AND and population count, %s", simd_names[level]);
    else if (i == TILES)
        snprintf(name, sizeof name, "byte products, %s", simd_names[level]);
    else
        snprintf(name, sizeof name, "bit lines, %s-bit sums, %s", widths[i], simd_names[level]);
    struct bench_row row =
        bench_row_of(name, "Gconv/s", read_task_conversions * 1e-9, &tasks[i].cpu, tasks[i].result);
    row.level = level;
    row.reference = read_task_conversions * 1e-9 / tasks[POPCOUNT].cpu.median_s;
    row.reference_name = "popcount";
    bench_report(&row);
    *codes = *codes == 0 ? tasks[i].result : *codes;
    bench_same(bench, "the codes of two kernels", *codes, tasks[i].result);
}

static enum status bench_level(struct bench *bench, enum simd_level level, uint64_t *codes,
                               struct diagnostic *diag) {
    struct read_task *reads[BITLINE_WIDTHS] = {NULL};
    struct bench_task tasks[MOST_TASKS];
    int n = level == SIMD_AMX ? TILES + 1 : POPCOUNT + 1;
    enum status status = STATUS_OK;
    for (int w = 0; status == STATUS_OK && w < BITLINE_WIDTHS; w++) {
        status = read_task_open(&reads[w], level, (enum bitline_width)w, diag);
        if (status == STATUS_OK)
            tasks[w] = read_task_bitline(reads[w]);
    }
    if (status == STATUS_OK) {
        tasks[POPCOUNT] = read_task_popcount(reads[0]);
        tasks[TILES] = read_task_tiles(reads[0]);
        status = bench_time(bench, tasks, (size_t)n, diag);
    }
    if (status == STATUS_OK && level < SIMD_AMX) { /* with AMX the same kernels once more */
        report(bench, level, tasks, POPCOUNT, codes);
        for (int w = 0; w < BITLINE_WIDTHS; w++)
            report(bench, level, tasks, w, codes);
    } else if (status == STATUS_OK) {
        report(bench, level, tasks, TILES, codes);
    }
    for (int w = 0; w < BITLINE_WIDTHS; w++)
        read_task_close(reads[w]);
    return status;
}

enum status bench_bitline(struct bench *bench, struct diagnostic *diag) {
    uint64_t codes = 0;
    for (int level = 0; level <= (int)simd_choose(); level++)
        TRY(bench_level(bench, (enum simd_level)level, &codes, diag));
    return STATUS_OK;
}
