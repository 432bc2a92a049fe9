/* Networks on one thread, each beside the bare kernels that do most of its work. */
#include <stdio.h>

#include "tests/bench/kernels.h"
#include "tests/bench/model.h"

struct point {
    const char *name;
    struct model_spec spec;
    double target; /* images/s, issue's figure for CIFAR-10 on AVX-512; 0: none */
};

static bool absent(const struct point *point) {
    struct arena arena = ARENA_INIT;
    bool missing = model_path(point->spec.network, &arena, NULL) == NULL;
    arena_free(&arena);
    if (missing)
        bench_skip(point->name, "its network is in ../shared, which is absent");
    return missing;
}

/* Targets are for the networks of ../shared. */
static bool has_targets(const struct point *point) {
    struct arena arena = ARENA_INIT;
    bool cifar;
    model_path(point->spec.network, &arena, &cifar);
    arena_free(&arena);
    return cifar;
}

static struct bench_row image_row(const struct point *point, const struct model *model,
                                  const struct bench_task *task) {
    struct bench_row row =
        bench_row_of(point->name, "images/s", model->n_images, &task->cpu, task->result);
    if (point->target > 0 && has_targets(point)) {
        row.target_kind = TARGET_AT_LEAST;
        row.target = point->target;
    }
    return row;
}

/* `work` per image, in units of the reference, which does `reference` in each call. */
static void report_share(const struct model *model, const struct bench_task *task, const char *name,
                         const char *unit, double work, const struct bench_task *bare,
                         double reference, double target) {
    struct bench_row row =
        bench_row_of(name, unit, work * model->n_images, &task->cpu, task->result);
    row.reference = reference / bare->cpu.median_s;
    row.reference_name = "bare kernel";
    row.target_kind = target > 0 ? TARGET_RATIO : TARGET_NONE;
    row.target = target;
    bench_report(&row);
}

enum status bench_lossless(struct bench *bench, struct diagnostic *diag) {
    static const struct point point = {
        "ResNet-18, nothing lost",
        {.network = "resnet18_int8", .settings = {"adc.bits=lossless"}, .images = 16},
        150};
    if (absent(&point))
        return STATUS_OK;
    struct model model;
    struct integer_task bare = {0};
    TRY(model_open(&point.spec, &model, diag));
    enum status status = integer_task_open(&bare, simd_choose(), diag);
    if (status == STATUS_OK) {
        struct bench_task tasks[] = {model_task(&model), integer_task(&bare)};
        status = bench_time(bench, tasks, 2, diag);
        if (status == STATUS_OK) {
            struct bench_row row = image_row(&point, &model, &tasks[0]);
            bench_report(&row);
            report_share(&model, &tasks[0], "  of the integer product", "GMAC/s", model.macs * 1e-9,
                         &tasks[1], integer_task_macs * 1e-9, 0.3);
        }
    }
    integer_task_close(&bare);
    model_close(&model);
    return status;
}

/* Images, and conversions beside those of the bare kernels. */
static enum status time_clip(struct bench *bench, const struct point *point, struct read_task *bare,
                             struct diagnostic *diag) {
    bool tiles = simd_choose() == SIMD_AMX;
    struct model model;
    TRY(model_open(&point->spec, &model, diag));
    struct bench_task tasks[] = {model_task(&model), read_task_popcount(bare),
                                 tiles ? read_task_tiles(bare) : read_task_bitline(bare)};
    enum status status = bench_time(bench, tasks, 3, diag);
    if (status == STATUS_OK) {
        struct bench_row row = image_row(point, &model, &tasks[0]);
        bench_report(&row);
        double conversions = model.conversions * 1e-9, each = read_task_conversions * 1e-9;
        report_share(&model, &tasks[0], "  of AND and population count", "Gconv/s", conversions,
                     &tasks[1], each, 0.6);
        report_share(&model, &tasks[0], tiles ? "  of byte products" : "  of bit lines, 8-bit sums",
                     "Gconv/s", conversions, &tasks[2], each, tiles ? 0.6 : 0);
    }
    model_close(&model);
    return status;
}

enum status bench_clip(struct bench *bench, struct diagnostic *diag) {
    static const struct point points[] = {
        {"ResNet-18, 5-bit clip, differential",
         {.network = "resnet18_int8", .settings = {"adc.bits=5"}, .images = 16},
         28},
        {"ResNet-18, 5-bit clip, offset",
         {.network = "resnet18_int8",
          .settings = {"adc.bits=5", "mapping.encoding=offset"},
          .images = 16},
         40},
        {"ResNet-20, 5-bit clip, differential",
         {.network = "resnet20_int8", .settings = {"adc.bits=5"}, .images = 64},
         350},
        {"ResNet-20, 5-bit clip, offset",
         {.network = "resnet20_int8",
          .settings = {"adc.bits=5", "mapping.encoding=offset"},
          .images = 64},
         500},
    };
    struct read_task *bare;
    TRY(read_task_open(&bare, simd_choose(), BITLINE_U8, diag));
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < sizeof points / sizeof *points; i++)
        if (!absent(&points[i]))
            status = time_clip(bench, &points[i], bare, diag);
    read_task_close(bare);
    return status;
}

static enum status time_analog(struct bench *bench, const struct point *point,
                               struct read_task *reads, struct normals_task *normals,
                               struct diagnostic *diag) {
    struct model model;
    TRY(model_open(&point->spec, &model, diag));
    struct bench_task tasks[] = {model_task(&model), read_task_bitline(reads),
                                 normals_task(normals)};
    enum status status = bench_time(bench, tasks, 3, diag);
    if (status == STATUS_OK) {
        struct bench_row row = image_row(point, &model, &tasks[0]);
        bench_report(&row);
        double conversions = model.conversions * 1e-9;
        report_share(&model, &tasks[0], "  of bit lines, 32-bit sums", "Gconv/s", conversions,
                     &tasks[1], read_task_conversions * 1e-9, 0);
        if (point->spec.read_noise > 0)
            report_share(&model, &tasks[0], "  of normal numbers", "Gconv/s", conversions,
                         &tasks[2], NORMALS * 1e-9, 0);
    }
    model_close(&model);
    return status;
}

enum status bench_analog(struct bench *bench, struct diagnostic *diag) {
    static const struct point points[] = {
        {"ResNet-20, 6 bits, programming error",
         {.network = "resnet20_int8",
          .settings = {"adc.bits=6"},
          .images = 4,
          .programming_sigma = 0.05},
         15},
        {"ResNet-20, 6 bits, and read noise",
         {.network = "resnet20_int8",
          .settings = {"adc.bits=6"},
          .images = 2,
          .programming_sigma = 0.05,
          .read_noise = 0.01},
         2},
    };
    struct read_task *reads = NULL;
    struct normals_task normals;
    TRY(read_task_open(&reads, simd_choose(), BITLINE_U32, diag));
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < sizeof points / sizeof *points; i++)
        if (!absent(&points[i]))
            status = time_analog(bench, &points[i], reads, &normals, diag);
    read_task_close(reads);
    return status;
}

/* A second point, in turns with a first one, called `name` beside it; `same`: logits are. */
static enum status time_pair(struct bench *bench, const struct point points[2], const char *name,
                             bool same, struct diagnostic *diag) {
    struct model first, second;
    TRY(model_open(&points[0].spec, &first, diag));
    enum status status = model_open(&points[1].spec, &second, diag);
    if (status == STATUS_OK) {
        struct bench_task tasks[] = {model_task(&first), model_task(&second)};
        status = bench_time(bench, tasks, 2, diag);
        if (status == STATUS_OK) {
            struct bench_row row = image_row(&points[1], &second, &tasks[1]);
            row.reference = first.n_images / tasks[0].cpu.median_s;
            row.reference_name = name;
            bench_report(&row);
            if (same)
                bench_same(bench, points[1].name, tasks[0].result, tasks[1].result);
        }
        model_close(&second);
    }
    model_close(&first);
    return status;
}

enum status bench_pruned(struct bench *bench, struct diagnostic *diag) {
    static const struct point pairs[][2] = {
        {{"ResNet-18, 5-bit clip",
          {.network = "resnet18_int8", .settings = {"adc.bits=5"}, .images = 16},
          0},
         {"ResNet-18 pruned 16 times, 5-bit clip",
          {.network = "resnet18_cp16_int8", .settings = {"adc.bits=5"}, .images = 16},
          0}},
        {{"ResNet-20, 5-bit clip",
          {.network = "resnet20_int8", .settings = {"adc.bits=5"}, .images = 64},
          0},
         {"ResNet-20 pruned 4 times, 5-bit clip",
          {.network = "resnet20_cp4_int8", .settings = {"adc.bits=5"}, .images = 64},
          0}},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (!absent(&pairs[i][1]))
            TRY(time_pair(bench, pairs[i], "dense", false, diag));
    return STATUS_OK;
}

enum status bench_skip_count(struct bench *bench, struct diagnostic *diag) {
    static const struct point pairs[][2] = {
        {{"ResNet-18, nothing lost",
          {.network = "resnet18_int8", .settings = {"adc.bits=lossless"}, .images = 16},
          0},
         {"ResNet-18, digits of whole arrays counted",
          {.network = "resnet18_int8",
           .settings = {"adc.bits=lossless", "crossbar.zero_skip=leading"},
           .images = 16,
           .activity = true},
          0}},
        {{"ResNet-18, nothing lost",
          {.network = "resnet18_int8", .settings = {"adc.bits=lossless"}, .images = 16},
          0},
         {"ResNet-18, digits of 8 rows counted",
          {.network = "resnet18_int8",
           .settings = {"adc.bits=lossless", "crossbar.zero_skip=leading", "mapping.ou_rows=8"},
           .images = 16,
           .activity = true},
          0}},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (!absent(&pairs[i][1]))
            TRY(time_pair(bench, pairs[i], "uncounted", true, diag));
    return STATUS_OK;
}
