/* What comes before the images: import, mapping, programming. */
#include <xxhash.h>

#include "sim/engine/engine.h"
#include "tests/bench/bench.h"
#include "tests/bench/model.h"

struct stages {
    const char *path;
    struct network network; /* of `model`, or imported again */
    struct mapping mapping;
    struct engine *engine;
    char *data;
    size_t bytes;
    struct arena file;
    struct model model;
};

/* The file as bytes: what no import can go below. */
static enum status read_file(void *context, struct diagnostic *diag) {
    struct stages *s = context;
    arena_free(&s->file);
    return file_read(s->path, &s->file, &s->data, &s->bytes, diag);
}

static uint64_t hash_file(const void *context) {
    const struct stages *s = context;
    return XXH3_64bits(s->data, s->bytes);
}

static enum status import(void *context, struct diagnostic *diag) {
    struct stages *s = context;
    network_free(&s->network);
    return network_import(s->path, &s->network, diag);
}

static uint64_t hash_network(const void *context) {
    const struct stages *s = context;
    uint64_t hash = 0;
    for (int i = 0; i < s->network.n_matrix; i++) {
        const struct matrix_layer *layer = &s->network.matrix[i];
        size_t weights = (size_t)layer->shape.out_channels * (size_t)matrix_rows(&layer->shape);
        hash = XXH3_64bits_withSeed(layer->weights, weights * sizeof *layer->weights, hash);
    }
    return hash;
}

static enum status map(void *context, struct diagnostic *diag) {
    struct stages *s = context;
    mapping_free(&s->mapping);
    return mapping_create(&s->model.network, s->model.config, &s->mapping, diag);
}

static uint64_t hash_mapping(const void *context) {
    const struct stages *s = context;
    uint64_t hash = (uint64_t)s->mapping.crossbars;
    for (int i = 0; i < s->mapping.n_layers; i++) {
        const struct mapped_layer *layer = &s->mapping.layers[i];
        const int64_t figures[] = {layer->n_arrays, layer->sums.columns_used,
                                   layer->sums.cells_nonzero, layer->lossless.largest_sum};
        hash = XXH3_64bits_withSeed(figures, sizeof figures, hash);
    }
    return hash;
}

static enum status program(void *context, struct diagnostic *diag) {
    struct stages *s = context;
    engine_free(s->engine);
    s->engine = NULL;
    return engine_create(&s->model.network, &s->model.mapping, s->model.layers, &s->engine, diag);
}

/* Which path each layer takes. */
static uint64_t hash_paths(const void *context) {
    const struct stages *s = context;
    uint64_t hash = 0;
    for (int i = 0; i < s->model.mapping.n_layers; i++)
        hash = XXH3_64bits_withSeed(&s->model.layers[i].path, sizeof s->model.layers[i].path, hash);
    return hash;
}

enum { READ, IMPORT, MAP, PROGRAM, TASKS };

static void report(const struct bench_task tasks[TASKS], bool cifar) {
    static const struct {
        const char *name, *unit;
        double unit_s;
    } shown[TASKS] = {
        [READ] = {"ResNet-18, reading the file", "ms", 1e-3},
        [IMPORT] = {"ResNet-18, import", "ms", 1e-3},
        [MAP] = {"ResNet-18, mapping", "ms", 1e-3},
        [PROGRAM] = {"ResNet-18, programming for 5-bit clip", "ms", 1e-3},
    };
    for (int i = 0; i < TASKS; i++) {
        struct bench_row row = bench_row_of(shown[i].name, shown[i].unit, -shown[i].unit_s,
                                            &tasks[i].cpu, tasks[i].result);
        row.reference = i == READ ? 0 : tasks[READ].cpu.median_s / shown[i].unit_s;
        row.reference_name = "reading";
        row.target_kind = i == IMPORT && cifar ? TARGET_AT_MOST : TARGET_NONE;
        row.target = 100;
        bench_report(&row);
    }
}

enum status bench_stages(struct bench *bench, struct diagnostic *diag) {
    const struct model_spec spec = {
        .network = "resnet18_int8", .settings = {"adc.bits=5"}, .images = 1};
    struct arena arena = ARENA_INIT;
    bool cifar;
    struct stages s = {.path = model_path(spec.network, &arena, &cifar)};
    enum status status = STATUS_OK;
    if (s.path == NULL) {
        bench_skip("stages", "ResNet-18 is in ../shared, which is absent");
    } else if ((status = model_open(&spec, &s.model, diag)) == STATUS_OK) {
        struct bench_task tasks[TASKS] = {
            [READ] = {.run = read_file, .hash = hash_file, .context = &s},
            [IMPORT] = {.run = import, .hash = hash_network, .context = &s},
            [MAP] = {.run = map, .hash = hash_mapping, .context = &s},
            [PROGRAM] = {.run = program, .hash = hash_paths, .context = &s},
        };
        status = bench_time(bench, tasks, TASKS, diag);
        if (status == STATUS_OK)
            report(tasks, cifar);
    }
    engine_free(s.engine);
    mapping_free(&s.mapping);
    network_free(&s.network);
    arena_free(&s.file);
    model_close(&s.model);
    arena_free(&arena);
    return status;
}
