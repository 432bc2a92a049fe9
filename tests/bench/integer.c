/* Integer products (crossbar/integer.h) on a shape that stays in the first-level cache. */
#include "tests/bench/kernels.h"

#include <stdio.h>
#include <xxhash.h>

static const char *const names[SIMD_LEVELS] = {
    [SIMD_PLAIN] = "integer product, plain",
    [SIMD_AVX2] = "integer product, AVX2",
    [SIMD_AVX512] = "integer product, AVX-512 VNNI",
    [SIMD_AMX] = "integer product, AMX",
};

enum status integer_task_open(struct integer_task *task, enum simd_level level,
                              struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    uint64_t state = 1;
    int16_t *weights = ARENA_NEW(&arena, INTEGER_COLUMNS * INTEGER_DEPTH, int16_t);
    *task = (struct integer_task){0};
    task->x = ARENA_NEW(&task->arena, INTEGER_POSITIONS * INTEGER_DEPTH, uint8_t);
    task->acc = ARENA_NEW(&task->arena, INTEGER_POSITIONS * INTEGER_COLUMNS, int32_t);
    enum status status = STATUS_OK;
    if (weights == NULL || task->x == NULL || task->acc == NULL) {
        status = FAIL_MEMORY(diag, "an integer product");
    } else {
        for (int i = 0; i < INTEGER_COLUMNS * INTEGER_DEPTH; i++)
            weights[i] = (int16_t)((int)(bench_random(&state) % 255) - 127);
        for (int i = 0; i < INTEGER_POSITIONS * INTEGER_DEPTH; i++)
            task->x[i] = (uint8_t)bench_random(&state);
        status = integer_pack(weights, INTEGER_DEPTH, INTEGER_COLUMNS, INTEGER_DEPTH, level,
                              &task->arena, &task->matrix, diag);
    }
    arena_free(&arena);
    if (status != STATUS_OK)
        integer_task_close(task);
    return status;
}

void integer_task_close(struct integer_task *task) {
    arena_free(&task->arena);
}

static enum status run(void *context, struct diagnostic *diag) {
    (void)diag;
    struct integer_task *task = context;
    integer_multiply(&task->matrix, task->x, INTEGER_DEPTH, INTEGER_POSITIONS, task->acc,
                     INTEGER_COLUMNS);
    return STATUS_OK;
}

static uint64_t hash(const void *context) {
    const struct integer_task *task = context;
    return XXH3_64bits(task->acc, INTEGER_POSITIONS * INTEGER_COLUMNS * sizeof *task->acc);
}

struct bench_task integer_task(struct integer_task *task) {
    return (struct bench_task){.run = run, .hash = hash, .context = task};
}

enum status bench_integer(struct bench *bench, struct diagnostic *diag) {
    struct integer_task products[SIMD_LEVELS] = {0};
    struct bench_task tasks[SIMD_LEVELS];
    size_t n = (size_t)simd_choose() + 1;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < n; i++) {
        status = integer_task_open(&products[i], (enum simd_level)i, diag);
        tasks[i] = integer_task(&products[i]);
    }
    if (status == STATUS_OK)
        status = bench_time(bench, tasks, n, diag);
    for (size_t i = 0; i < n; i++) {
        if (status == STATUS_OK) {
            struct bench_row row = bench_row_of(names[i], "GMAC/s", integer_task_macs * 1e-9,
                                                &tasks[i].cpu, tasks[i].result);
            row.level = (enum simd_level)i;
            row.reference = integer_task_macs * 1e-9 / tasks[0].cpu.median_s;
            row.reference_name = "plain";
            bench_report(&row);
            bench_same(bench, "the integer products of two SIMD levels", tasks[0].result,
                       tasks[i].result);
        }
        integer_task_close(&products[i]);
    }
    return status;
}
