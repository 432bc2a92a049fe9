/* Every compaction strategy on a pruned ResNet-18. */
#include <stdio.h>
#include <xxhash.h>

#include "sim/engine/engine.h"
#include "tests/bench/bench.h"
#include "tests/bench/model.h"

enum { STRATEGIES = 16 };

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

static enum status configure(const char *path, int compaction, struct config **config,
                             struct diagnostic *diag) {
    char setting[64];
    snprintf(setting, sizeof setting, "mapping.compaction=%s", compaction_names[compaction]);
    const char *settings[MODEL_SETTINGS] = {setting};
    return model_configure(path, settings, config, diag);
}

/* Targets are those of one core: 200 ms, 2 s where filters are clustered. */
static void report(const struct bench_task *tasks, int n) {
    for (int i = 0; i < n; i++) {
        char name[64];
        snprintf(name, sizeof name, "ResNet-18 CP 16x, mapped: %s", compaction_names[i]);
        struct bench_row row = bench_row_of(name, "ms", -1e-3, &tasks[i].cpu, tasks[i].result);
        row.reference = tasks[COMPACTION_NONE].cpu.median_s * 1e3;
        row.reference_name = "none";
        row.target_kind = TARGET_AT_MOST;
        row.target = i == COMPACTION_REORDER ? 2000 : 200;
        bench_report(&row);
    }
}

enum status bench_mappings(struct bench *bench, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct network network = {0};
    struct strategy strategies[STRATEGIES] = {0};
    struct bench_task tasks[STRATEGIES];
    enum status status = STATUS_OK;
    const char *path = model_path("resnet18_cp16_int8", &arena, NULL);
    int n = 0;
    if (path == NULL)
        bench_skip("mappings", "ResNet-18 is in ../shared, which is absent");
    else
        status = network_import(path, &network, diag);
    for (; path != NULL && status == STATUS_OK && n < STRATEGIES && compaction_names[n] != NULL;
         n++) {
        strategies[n].network = &network;
        tasks[n] = (struct bench_task){.run = map, .hash = hash, .context = &strategies[n]};
        status = configure(path, n, &strategies[n].config, diag);
    }
    if (n > 0 && status == STATUS_OK)
        status = bench_time(bench, tasks, (size_t)n, diag);
    if (n > 0 && status == STATUS_OK)
        report(tasks, n);
    for (int i = 0; i < n; i++) {
        mapping_free(&strategies[i].mapping);
        config_free(strategies[i].config);
    }
    network_free(&network);
    arena_free(&arena);
    return status;
}
