/* The two models of time, of every preset and every network at hand: where they differ by more than
 * a tenth, a sentence says why. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/configs.h"
#include "tests/test.h"

/* More tiles send each other so many messages that a test takes minutes: tests/models.sh sets
 * MHO_TEST_TILES to have them too. */
static long most_tiles(void) {
    const char *asked = getenv("MHO_TEST_TILES");
    return asked != NULL ? strtol(asked, NULL, 10) : 500;
}

/* Copies of layers make big networks far larger than a chip; they are tried on the small ones. */
static const struct {
    const char *path;
    bool copies;
} networks[] = {
    {"configs/networks/lenet_int8.onnx", true},
    {"configs/networks/mobilenet_int8.onnx", true},
    {"configs/networks/resnet20_int8.onnx", true},
    {"configs/networks/vgg8_cp16_int8.onnx", true},
    {"../shared/models/cifar10/resnet18_int8.onnx", false},
    {"../shared/models/cifar10/resnet18_cp16_int8.onnx", false},
    {"../shared/models/cifar10/resnet20_int8.onnx", false},
    {"../shared/models/cifar10/resnet20_cp4_int8.onnx", false},
    {"../shared/models/cifar10/vgg16_int8.onnx", false},
    {"../shared/models/fashion-mnist/lenet_cp8_int8.onnx", false},
    {"../shared/models/fashion-mnist/resnet20_cp4_int8.onnx", false},
    {"../shared/models/fashion-mnist/vgg8_int8.onnx", false},
};

/* Both models of one pipeline. Without copies they agree; copies ask more of buffers, buses and
 * routers than the analytic model knows of. */
static void compare(const struct run_result *result, enum chip_pipeline pipeline, const char *path,
                    bool copies) {
    struct diagnostic diag = {0};
    struct event_report events;
    struct cost_report report = result->cost;
    char reason[512];
    report.latency_s = report.latency_by_pipeline_s[pipeline];
    report.throughput_hz = report.throughput_by_pipeline_hz[pipeline];
    ASSERT_OK(pipeline_events(&result->chip, &result->network, &result->mapping, &result->plan,
                              report.timings, pipeline, 3, &events, &diag),
              diag);
    double latency = events.latency_s / report.latency_s;
    double throughput = events.throughput_hz / report.throughput_hz;
    bool agree = fabs(latency - 1) <= 0.1 && fabs(throughput - 1) <= 0.1;
    pipeline_reason(report.latency_s, report.throughput_hz, &events, reason, sizeof reason);
    CU_ASSERT_EQUAL(agree, reason[0] == '\0');
    CU_ASSERT(latency > 0.95);
    /* The first image may be held up for longer than those behind it, and images fill the groups of
     * copies that one leaves short; but all of them take the slowest layer's time for each
     * position. */
    double slowest_s = 0;
    for (int i = 0; i < result->mapping.n_layers; i++) {
        const struct mapped_layer *layer = &result->mapping.layers[i];
        double own_s = (double)matrix_positions(&layer->layer->shape) / layer->copies *
                       layer->reads * report.timings[i].cycle_s;
        slowest_s = own_s > slowest_s ? own_s : slowest_s;
    }
    CU_ASSERT(copies || throughput < 1.05);
    CU_ASSERT(events.latency_s + 2 / events.throughput_hz > 3 * slowest_s);
    if (!copies && !agree) {
        fprintf(stderr, "\n%s on %s: latency %.3f, throughput %.3f of the analytic ones: %s\n",
                path, result->chip.name, latency, throughput, reason);
        CU_FAIL("the models differ");
    }
}

static void compare_all(const char *path, const char *preset, bool copies, const char *more) {
    struct diagnostic diag = {0};
    struct run_result result;
    struct run_hooks hooks = {0};
    struct chip own;
    char model[128], chip[64], units[64];
    ASSERT_OK(chip_load(preset, &own, &diag), diag);
    snprintf(units, sizeof units, "mapping.ou_rows=%d", own.ou_rows); /* FORMS reads fragments */
    chip_free(&own);
    snprintf(model, sizeof model, "network.model=%s", path);
    snprintf(chip, sizeof chip, "chip.preset=%s", preset);
    const char *const settings[] = {model,
                                    chip,
                                    units,
                                    "run.accuracy=false",
                                    copies ? "mapping.replication=isaac"
                                           : "mapping.replication=none",
                                    more,
                                    NULL};
    struct config *config = config_of(NULL, settings);
    ASSERT_OK(config_finish(config, &diag), diag);
    ASSERT_OK(run_evaluate(config, &hooks, &result, &diag), diag);
    if (result.cost.tiles > most_tiles())
        printf("skipped: %s on %ld tiles of %s ", path, result.cost.tiles, preset);
    else
        for (int pipeline = 0; pipeline < PIPELINE_COUNT; pipeline++)
            compare(&result, (enum chip_pipeline)pipeline, path, copies);
    run_result_free(&result);
    config_free(config);
}

static void both_models_of_every_preset_and_network(void) {
    struct arena arena = ARENA_INIT;
    for (size_t n = 0; n < sizeof networks / sizeof *networks; n++) {
        if (access(networks[n].path, F_OK) != 0) {
            printf("skipped: %s is absent ", networks[n].path);
            continue;
        }
        char *presets = file_shipped_names("presets", &arena);
        CU_ASSERT_PTR_NOT_NULL_FATAL(presets);
        for (char *preset = strtok(presets, ", "); preset != NULL; preset = strtok(NULL, ", "))
            for (int copies = 0; copies <= networks[n].copies; copies++)
                compare_all(networks[n].path, preset, copies != 0, NULL);
    }
    arena_free(&arena);
}

/* Arrays of any shape: whatever becomes of what pruning emptied. */
static void both_models_of_compacted_networks(void) {
    char setting[64];
    for (int i = 0; compaction_names[i] != NULL; i++) {
        snprintf(setting, sizeof setting, "mapping.compaction=%s", compaction_names[i]);
        compare_all("configs/networks/vgg8_cp16_int8.onnx", "isaac", false, setting);
    }
    compare_all("configs/networks/lenet_int8.onnx", "isaac", false, "mapping.ou_rows=16");
}

static const struct test_case cases[] = {
    {"both models of every preset and network", both_models_of_every_preset_and_network},
    {"both models of compacted networks", both_models_of_compacted_networks},
    {NULL, NULL},
};
const struct test_suite suite_pipeline_models = {"pipeline_models", cases};
