/* Every compaction strategy on a pruned ResNet-18, at several sizes of arrays and of operation
 * units. */
#include <stdio.h>
#include <xxhash.h>

#include "sim/engine/engine.h"
#include "tests/bench/bench.h"
#include "tests/bench/model.h"

enum { STRATEGIES = COMPACTION_REORDER + 1 };

/* What every strategy is timed with. The first is what the others are compared with. */
static const struct {
    const char *name;
    const char *settings[MODEL_SETTINGS - 1];
} variants[] = {
    {"128x128 arrays", {NULL}},
    {"units of 16x16", {"mapping.ou_rows=16", "mapping.ou_columns=16"}},
    {"units of 8x8", {"mapping.ou_rows=8", "mapping.ou_columns=8"}},
    {"64x64 arrays", {"crossbar.rows=64", "crossbar.columns=64"}},
    {"512x512 arrays", {"crossbar.rows=512", "crossbar.columns=512"}},
    {"offset, 1-bit cells", {"mapping.encoding=offset", "crossbar.cell_bits=1"}},
};
enum { VARIANTS = sizeof variants / sizeof *variants, TASKS = VARIANTS * STRATEGIES };

struct strategy {
    const struct network *network;
    struct config *config;
    struct mapping mapping;
};

static enum status map(void *context, struct diagnostic *diag) {
    struct strategy *s = context;
    mapping_free(&s->mapping);
    return mapping_create(s->network, s->config, &s->mapping, diag);
}

static uint64_t hash(const void *context) {
    const struct strategy *s = context;
    uint64_t result = (uint64_t)s->mapping.crossbars;
    for (int i = 0; i < s->mapping.n_layers; i++) {
        const struct mapped_layer *layer = &s->mapping.layers[i];
        const int64_t figures[] = {layer->n_arrays, layer->sums.conversions,
                                   layer->sums.rows_driven, layer->lossless.largest_sum};
        result = XXH3_64bits_withSeed(figures, sizeof figures, result);
    }
    return result;
}

static enum status configure(const char *path, int variant, int compaction, struct config **config,
                             struct diagnostic *diag) {
    char setting[64];
    const char *settings[MODEL_SETTINGS] = {setting};
    snprintf(setting, sizeof setting, "mapping.compaction=%s", compaction_names[compaction]);
    for (int i = 1; i < MODEL_SETTINGS; i++)
        settings[i] = variants[variant].settings[i - 1];
    return model_configure(path, settings, config, diag);
}

/* Targets are those of one core: 200 ms, 2 s where filters are clustered. */
static void report(const struct bench_task *tasks) {
    for (int i = 0; i < TASKS; i++) {
        int compaction = i % STRATEGIES;
        char name[64];
        snprintf(name, sizeof name, "mapped, %s: %s", variants[i / STRATEGIES].name,
                 compaction_names[compaction]);
        struct bench_row row = bench_row_of(name, "ms", -1e-3, &tasks[i].cpu, tasks[i].result);
        row.reference = tasks[i - compaction].cpu.median_s * 1e3;
        row.reference_name = compaction_names[COMPACTION_NONE];
        row.target_kind = TARGET_AT_MOST;
        row.target = compaction == COMPACTION_REORDER ? 2000 : 200;
        bench_report(&row);
    }
}

enum status bench_mappings(struct bench *bench, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct network network = {0};
    struct strategy strategies[TASKS] = {0};
    struct bench_task tasks[TASKS];
    enum status status = STATUS_OK;
    const char *path = model_path("resnet18_cp16_int8", &arena, NULL);
    if (path == NULL) {
        bench_skip("mappings", "ResNet-18 is in ../shared, which is absent");
        return STATUS_OK;
    }
    status = network_import(path, &network, diag);
    for (int i = 0; status == STATUS_OK && i < TASKS; i++) {
        strategies[i].network = &network;
        tasks[i] = (struct bench_task){.run = map, .hash = hash, .context = &strategies[i]};
        status = configure(path, i / STRATEGIES, i % STRATEGIES, &strategies[i].config, diag);
    }
    if (status == STATUS_OK)
        status = bench_time(bench, tasks, TASKS, diag);
    if (status == STATUS_OK)
        report(tasks);
    for (int i = 0; i < TASKS; i++) {
        mapping_free(&strategies[i].mapping);
        config_free(strategies[i].config);
    }
    network_free(&network);
    arena_free(&arena);
    return status;
}
