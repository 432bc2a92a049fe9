/* Standard normal numbers, of which every noisy read takes one. */
#include <xxhash.h>

#include "crossbar/counter_normal.h"
#include "tests/bench/kernels.h"

static enum status run(void *context, struct diagnostic *diag) {
    (void)diag;
    struct normals_task *task = context;
    counter_normals(task->level)(1, 0, task->out, NORMALS);
    return STATUS_OK;
}

static uint64_t hash(const void *context) {
    const struct normals_task *task = context;
    return XXH3_64bits(task->out, sizeof task->out);
}

struct bench_task normals_task(struct normals_task *task) {
    task->level = simd_choose();
    return (struct bench_task){.run = run, .hash = hash, .context = task};
}
