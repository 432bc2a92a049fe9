/* Zero-skip on real networks: the slow reference counts every layer's own input as it runs. */
#include "sim/engine/drive.h"
#include "sim/run/run.h"
#include "tests/support/configs.h"
#include "tests/support/slow_reads.h"
#include "tests/test.h"

enum { IMAGES = 2 };

struct watch {
    const struct program *program;
    const struct mapping *mapping;
    struct slow_counts counts[32];
};

static void watch_step(void *context, const struct frame *frame, int number) {
    struct watch *watch = context;
    if (number < 0 || watch->program->steps[number].matrix == NULL)
        return;
    const struct step *step = &watch->program->steps[number];
    const struct mapped_layer *m = &watch->mapping->layers[step->node->matrix];
    const struct matrix_shape *s = &m->layer->shape;
    const uint8_t *x = frame_data(frame, step->inputs[0]);
    for (int i = 0; i < frame->images; i++)
        slow_count_reads(
            m, x + (size_t)i * (size_t)s->in_height * (size_t)s->in_width * (size_t)s->in_channels,
            &watch->counts[step->node->matrix]);
}

static void check_network(const char *path, const char *compaction) {
    static struct watch watch;
    const struct run_hooks hooks = {.check_only = true};
    struct diagnostic diag = {0};
    struct config *config =
        config_of(path, (const char *const[]){"crossbar.zero_skip=leading", "mapping.ou_rows=8",
                                              compaction, "adc.bits=lossless", NULL});
    struct run_result result;
    struct dataset images;
    struct engine *engine;
    struct arena arena = ARENA_INIT;
    ASSERT_OK(run_evaluate(config, &hooks, &result, &diag), diag);
    ASSERT_OK(dataset_load(config_get(config, "dataset"), DATASET_TEST, (const int[]){1, 28, 28},
                           10, &images, &diag),
              diag);
    ASSERT_OK(engine_create(&result.network, &result.mapping, result.layers, &engine, &diag), diag);
    struct layer_activity *activity = engine_activity(&result.mapping, &arena);
    watch = (struct watch){.program = &engine->program, .mapping = &result.mapping};
    void *contexts[] = {&watch};
    const struct engine_request request = {.dataset = &images, .count = IMAGES, .threads = 1};
    const struct drive drive = {
        .request = &request, .observe = watch_step, .contexts = contexts, .activity = activity};
    ASSERT_OK(drive_images(engine, &drive, &diag), diag);
    for (int i = 0; i < result.mapping.n_layers; i++) {
        const struct mapped_layer *m = &result.mapping.layers[i];
        const uint64_t *needed = activity[i].needed;
        double digits = 0, conversions = 0;
        for (int r = 0; r < m->n_runs; r++)
            for (int k = 0; k < mapping_array_reads(m, &m->arrays[m->runs[r].first]); k++, needed++)
                for (int a = m->runs[r].first; a < m->runs[r].first + m->runs[r].count; a++) {
                    digits += (double)*needed * mapping_read_of(m, &m->arrays[a], k).passes;
                    conversions += (double)*needed * m->arrays[a].unit_conversions[k];
                }
        CU_ASSERT_EQUAL((double)activity[i].reads, watch.counts[i].reads);
        CU_ASSERT_EQUAL(digits, watch.counts[i].digits);
        CU_ASSERT_EQUAL(conversions, watch.counts[i].conversions);
        CU_ASSERT(digits > 0);
    }
    engine_free(engine);
    dataset_free(&images);
    run_result_free(&result);
    config_free(config);
    arena_free(&arena);
}

static void real_networks(void) {
    check_network(LENET_CONFIG, "mapping.compaction=none");
    check_network("configs/quickstart.yaml", "mapping.compaction=none");
    check_network("configs/examples/mobilenet.yaml", "mapping.compaction=none");
}

static const struct test_case cases[] = {
    {"counts are those of a slow reference", real_networks},
    {NULL, NULL},
};
const struct test_suite suite_zero_skip_networks = {"zero_skip_networks", cases};
