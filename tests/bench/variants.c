/* The same images on more threads, and at every instruction set: other speeds, the same bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/bench.h"
#include "tests/bench/model.h"

static const char *const network = "resnet20_int8";

enum status bench_threads(struct bench *bench, struct diagnostic *diag) {
    const struct model_spec spec = {
        .network = network, .settings = {"adc.bits=5"}, .images = 512, .threads = 1};
    struct model model;
    TRY(model_open(&spec, &model, diag));
    struct model pair = model; /* shares everything but its number of threads */
    pair.threads = 2;
    struct bench_task tasks[] = {model_task(&model), model_task(&pair)};
    enum status status = bench_time(bench, tasks, 2, diag);
    if (status == STATUS_OK) {
        bench_same(bench, "one thread and two", tasks[0].result, tasks[1].result);
        struct bench_row row = bench_row_of("ResNet-20, 5-bit clip, two threads", "images/s",
                                            model.n_images, &tasks[1].wall, tasks[1].result);
        row.reference = model.n_images / tasks[0].wall.median_s;
        row.reference_name = "one thread";
        row.target_kind = TARGET_RATIO;
        row.target = 1.85;
        bench_report(&row);
        row = bench_row_of("  by processor time of both", "images/s", 2 * model.n_images,
                           &tasks[1].process, tasks[1].result);
        row.reference = model.n_images / tasks[0].process.median_s;
        row.reference_name = "one thread";
        bench_report(&row);
    }
    model_close(&model);
    return status;
}

static enum status time_level(struct bench *bench, const char *name, const struct model_spec *spec,
                              enum simd_level level, struct bench_task *task,
                              struct diagnostic *diag) {
    struct model model;
    if (setenv("MHO_SIMD", simd_names[level], 1) != 0)
        return FAIL_MEMORY(diag, "the environment");
    TRY(model_open(spec, &model, diag));
    *task = model_task(&model);
    enum status status = bench_time(bench, task, 1, diag);
    if (status == STATUS_OK) {
        char title[64];
        snprintf(title, sizeof title, "%s, %s", name, simd_names[level]);
        struct bench_row row =
            bench_row_of(title, "images/s", model.n_images, &task->cpu, task->result);
        bench_report(&row);
    }
    model_close(&model);
    return status;
}

static enum status time_levels(struct bench *bench, const char *name, const struct model_spec *spec,
                               enum simd_level highest, struct diagnostic *diag) {
    struct bench_task tasks[SIMD_LEVELS];
    for (int level = 0; level <= (int)highest; level++) {
        TRY(time_level(bench, name, spec, (enum simd_level)level, &tasks[level], diag));
        bench_same(bench, "two SIMD levels", tasks[0].result, tasks[level].result);
    }
    return STATUS_OK;
}

enum status bench_levels(struct bench *bench, struct diagnostic *diag) {
    static const struct {
        const char *name;
        struct model_spec spec;
    } points[] = {
        {"ResNet-20, nothing lost",
         {.network = "resnet20_int8", .settings = {"adc.bits=lossless"}, .images = 32}},
        {"ResNet-20, 5-bit clip",
         {.network = "resnet20_int8", .settings = {"adc.bits=5"}, .images = 16}},
        {"ResNet-20, 6 bits over the full range",
         {.network = "resnet20_int8",
          .settings = {"adc.bits=6", "adc.transfer=full_range"},
          .images = 8}},
        {"ResNet-20, 6 bits, read noise",
         {.network = "resnet20_int8",
          .settings = {"adc.bits=6"},
          .images = 1,
          .programming_sigma = 0.05,
          .read_noise = 0.01}},
    };
    const char *asked = getenv("MHO_SIMD");
    char *kept = asked == NULL ? NULL : strdup(asked);
    enum simd_level highest = simd_choose();
    enum status status = STATUS_OK;
    if (asked != NULL && kept == NULL)
        status = FAIL_MEMORY(diag, "the environment");
    for (size_t i = 0; status == STATUS_OK && i < sizeof points / sizeof *points; i++)
        status = time_levels(bench, points[i].name, &points[i].spec, highest, diag);
    if (kept == NULL)
        unsetenv("MHO_SIMD");
    else
        setenv("MHO_SIMD", kept, 1);
    free(kept);
    return status;
}
