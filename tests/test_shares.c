/* What design points share: the cache itself, and for every field of the configuration that a point
 * evaluated beside others, with all that they left in the cache, is what it is alone. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "sim/run/record.h"
#include "sim/run/share.h"
#include "tests/support/configs.h"
#include "tests/support/onnx_builder.h"
#include "tests/test.h"

/* --- the cache --- */

struct number {
    int value;
};

static atomic_int made, freed;

static void free_number(void *value) {
    (void)value;
    freed++;
}

static size_t number_bytes(const void *value) {
    return (size_t)((const struct number *)value)->value;
}

static const struct run_product numbers = {
    .name = "number", .size = sizeof(struct number), .free = free_number, .bytes = number_bytes};

static enum status make_number(void *context, void *value, struct diagnostic *diag) {
    int number = *(int *)context;
    made++;
    if (number == 13)
        return FAIL(diag, STATUS_USAGE, "13 is not made");
    if (number == 14)
        return FAIL(diag, STATUS_INTERRUPTED, "interrupted");
    ((struct number *)value)->value = number;
    return STATUS_OK;
}

static struct run_share *take(struct run_cache *cache, int number, struct run_share *uses) {
    struct run_key key = {{0, 0}};
    struct run_share *share;
    struct diagnostic diag = {0};
    run_key_number(&key, number);
    if (run_share_take(cache, &numbers, &key, uses, make_number, &number, &share, &diag) !=
        STATUS_OK)
        CU_ASSERT_PTR_NULL(share);
    return share;
}

static void products_are_made_once(void) {
    struct run_cache *cache = run_cache_create(1000000);
    made = freed = 0;
    struct run_share *a = take(cache, 5, NULL), *b = take(cache, 5, NULL);
    struct run_share *c = take(cache, 7, NULL);
    CU_ASSERT_PTR_EQUAL(a, b);
    CU_ASSERT_EQUAL(((const struct number *)run_share_value(b))->value, 5);
    CU_ASSERT_EQUAL(((const struct number *)run_share_value(c))->value, 7);
    CU_ASSERT_EQUAL(made, 2);
    run_share_release(a);
    run_share_release(b);
    run_share_release(c);
    run_share_release(take(cache, 5, NULL));
    CU_ASSERT_EQUAL(made, 2);
    CU_ASSERT_EQUAL(freed, 0);
    CU_ASSERT_EQUAL(run_cache_use(cache).found, 2);
    run_cache_free(cache);
    CU_ASSERT_EQUAL(freed, 2);
}

/* Failures are remembered, but for those that another try may get over. */
static void failures_are_kept(void) {
    struct run_cache *cache = run_cache_create(1000000);
    made = freed = 0;
    CU_ASSERT_PTR_NULL(take(cache, 13, NULL));
    CU_ASSERT_PTR_NULL(take(cache, 13, NULL));
    CU_ASSERT_EQUAL(made, 1);
    CU_ASSERT_PTR_NULL(take(cache, 14, NULL));
    CU_ASSERT_PTR_NULL(take(cache, 14, NULL));
    CU_ASSERT_EQUAL(made, 3);
    run_cache_free(cache);
    CU_ASSERT_EQUAL(freed, 0);
}

/* 10 products of 1000 bytes and a limit of 5000: what is held stays, of the rest the newest. What a
 * held or kept one uses stays with it. */
static void the_oldest_go_first(void) {
    struct run_cache *cache = run_cache_create(5000);
    made = freed = 0;
    struct run_share *held = take(cache, 1000, NULL), *user = take(cache, 1001, held);
    run_share_release(held);
    for (int i = 2; i < 10; i++)
        run_share_release(take(cache, 1000 + i, NULL));
    CU_ASSERT(freed >= 5 && freed <= 7);
    CU_ASSERT(run_cache_use(cache).bytes <= 5000);
    int before = made;
    run_share_release(take(cache, 1009, NULL)); /* the newest is there */
    run_share_release(take(cache, 1000, NULL)); /* and so is what `user` uses */
    CU_ASSERT_EQUAL(made, before);
    run_share_release(take(cache, 1002, NULL));
    CU_ASSERT_EQUAL(made, before + 1);
    run_share_release(user);
    run_cache_free(cache);
    CU_ASSERT_EQUAL(freed, made);
}

static void *take_many(void *context) {
    for (int i = 0; i < 4000; i++) {
        struct run_share *share = take(context, 1000 + i % 17, NULL);
        if (share == NULL ||
            ((const struct number *)run_share_value(share))->value != 1000 + i % 17)
            return context;
        run_share_release(share);
    }
    return NULL;
}

static void threads_share(void) {
    pthread_t threads[4];
    struct run_cache *cache = run_cache_create(8000);
    made = freed = 0;
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, take_many, cache), 0);
    for (int i = 0; i < 4; i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        CU_ASSERT_PTR_NULL(wrong);
    }
    run_cache_free(cache);
    CU_ASSERT_EQUAL(freed, made);
}

/* --- fields --- */

/* What is evaluated, one line a figure; a failure's message where it fails. */
static const char *figures(const struct config *config, struct run_cache *cache,
                           struct arena *arena) {
    struct diagnostic diag = {0};
    struct run_result result;
    struct store_run record;
    const struct run_hooks hooks = {.cache = cache, .threads = 1};
    const struct run_source source = {
        .config_path = LENET_CONFIG, .base = config, .version = "v", .commit = "c"};
    if (run_evaluate(config, &hooks, &result, &diag) != STATUS_OK)
        return arena_strdup(arena, diag.message);
    ASSERT_OK(run_record(&result, &source, arena, &record, &diag), diag);
    char *text = arena_printf(arena, "%s\n", record.point_hash);
    for (int i = 0; i < record.n_metrics; i++)
        if (strncmp(record.metrics[i].name, "time_", 5) != 0)
            text = arena_printf(arena, "%s%s %s %.17g\n", text, record.metrics[i].scope,
                                record.metrics[i].name, record.metrics[i].value);
    for (int i = 0; i < record.n_layers; i++)
        text = arena_printf(arena, "%s%d %.17g %.17g\n", text, record.layers[i].adc_bits,
                            record.layers[i].clipping_rate, record.layers[i].activity);
    for (int i = 0; i < result.accuracy.images * result.accuracy.trials; i++)
        text = arena_printf(arena, "%s%d ", text, result.classes[i]);
    run_result_free(&result);
    return text;
}

/* Other values of a field, to be tried one after the other: `number` 0 on; NULL: no more. */
static const char *other_value(const struct config_section *section,
                               const struct config_field *field, int number, char text[64]) {
    static const struct {
        const char *key, *values[3];
    } special[] = {
        /* Texts, and numbers within narrow limits. */
        {"network.model", {"configs/networks/resnet20_int8.onnx"}},
        {"dataset.images", {"configs/data/fashion-mnist/calibration-1024-images-idx3-ubyte.gz"}},
        {"dataset.labels", {"none"}},
        {"dataset.calibration", {"configs/data/fashion-mnist/test-1000-images-idx3-ubyte.gz"}},
        {"dataset.mean", {"0.3"}},
        {"dataset.std", {"0.7"}},
        {"pruning.scheme", {"filter", "unstructured", "none"}},
        {"pruning.rate", {"2"}},
        {"pruning.masks", {"none.npz"}},
        {"pruning.mixed_thresholds", {"[0.4, 0.6]"}},
        {"device.preset", {"neurram", "isaac"}},
        {"chip.preset", {"puma", "forms-8"}},
        {"chip.technology", {"itrs_lstp"}},
        {"chip.node", {"45 nm"}},
        {"run.baseline", {"dense", "configs/networks/lenet_int8.onnx"}},
        {"crossbar.rows", {"64", "37"}},
        {"crossbar.columns", {"64"}},
        {"mapping.ou_rows", {"8"}},
        {"mapping.ou_columns", {"16"}},
        {"dataset.count", {"5"}},
        {"dataset.offset", {"3"}},
        {"dataset.calibration_count", {"9"}},
        {"pruning.samples", {"90"}},
        {"run.trials", {"3"}},
        {"run.name", {"another"}},
        {"run.predictions", {NULL}}, /* a file, no figure */
    };
    char key[96];
    snprintf(key, sizeof key, "%s.%s", section->name, field->name);
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (strcmp(special[i].key, key) == 0)
            return number < 3 ? special[i].values[number] : NULL;
    switch (field->type) {
    case FIELD_BOOL:
        return number == 0 ? "true" : number == 1 ? "false" : NULL;
    case FIELD_CHOICE:
        return field->words[number];
    case FIELD_INT_WORD:
        if (number == 0)
            return field->words[0];
        snprintf(text, 64, "%d", (int)fmax(field->minimum, 4));
        return number == 1 ? text : NULL;
    case FIELD_INT:
        snprintf(text, 64, "%d", (int)fmax(field->minimum, fmin(3, field->maximum)));
        return number == 0 ? text : NULL;
    case FIELD_UINT64:
        return number == 0 ? "77" : NULL;
    case FIELD_REAL: {
        double low = isfinite(field->minimum) ? field->minimum : 0;
        double high = isfinite(field->maximum) && field->maximum > low ? field->maximum : low + 10;
        snprintf(text, 64, "%.6g",
                 low > 0 && high / low > 100 ? low * 10 : low + 0.3 * (high - low));
        return number == 0 ? text : NULL;
    }
    default:
        return NULL;
    }
}

/* A network that takes a few milliseconds: two convolutions and a product over 28 x 28 pixels. */
static const char *write_network(struct model *model) {
    static float first[6 * 25], second[8 * 54], third[10 * 128];
    for (size_t i = 0; i < 1280; i++) {
        float weight = (float)((i * 2654435761U >> 7U) % 201) / 100 - 1;
        if (i < 150)
            first[i] = weight / 4;
        if (i < 432)
            second[i] = weight / 5;
        third[i] = weight / 8;
    }
    model_open(model, "nx1x28x28");
    model_floats(model, "w1", "6x1x5x5", first);
    model_floats(model, "w2", "8x6x3x3", second);
    model_floats(model, "w3", "10x128", third);
    model_node(model, "Conv", "x w1", "a");
    MODEL_INTS(model, "strides", 4, 4);
    model_node(model, "Relu", "a", "b");
    model_node(model, "Conv", "b w2", "c");
    model_node(model, "Relu", "c", "d");
    model_node(model, "Flatten", "d", "e");
    model_node(model, "Gemm", "e w3", "y");
    model_int(model, "transB", 1);
    return model_write(model, "small.onnx");
}

/* Every field of the first sections in turn, beside all that came before; with `layer` for that one
 * too. */
static void try_fields(const char *const *overrides, size_t sections, const char *layer) {
    struct run_cache *cache = run_cache_create((size_t)256 << 20U);
    struct config *base = config_of(LENET_CONFIG, overrides);
    struct arena kept = ARENA_INIT;
    const char *before = figures(base, cache, &kept);
    int tried = 0, changed = 0;
    for (size_t s = 0; s < sections && s < n_run_sections; s++)
        for (size_t f = 0; f < run_sections[s]->n_fields; f++)
            for (int of_layer = 0; of_layer < 1 + (layer != NULL); of_layer++) {
                const struct config_field *field = &run_sections[s]->fields[f];
                char text[64], assignment[256];
                const char *value;
                if (of_layer == 1 && (field->flags & FIELD_PER_LAYER) == 0)
                    continue;
                for (int i = 0;
                     i < 2 && (value = other_value(run_sections[s], field, i, text)) != NULL; i++) {
                    struct arena arena = ARENA_INIT;
                    struct diagnostic diag = {0};
                    struct config *config;
                    snprintf(assignment, sizeof assignment, "%s%s%s%s.%s=%s",
                             of_layer == 1 ? "layers." : "", of_layer == 1 ? layer : "",
                             of_layer == 1 ? "." : "", run_sections[s]->name, field->name, value);
                    ASSERT_OK(config_copy(base, &config, &diag), diag);
                    if (config_override(config, assignment, &diag) == STATUS_OK) {
                        const char *beside = figures(config, cache, &arena);
                        const char *alone = figures(config, NULL, &arena);
                        if (strcmp(beside, alone) != 0) {
                            fprintf(stderr, "\n%s: beside others\n%salone\n%s", assignment, beside,
                                    alone);
                            CU_FAIL("a stale share");
                        }
                        changed += strcmp(before, alone) != 0;
                        tried++;
                    } else {
                        fprintf(stderr, "\n%s\n", diag.message);
                        CU_FAIL("a value that can be set");
                    }
                    config_free(config);
                    arena_free(&arena);
                }
            }
    CU_ASSERT(tried > (int)sections * 5);
    CU_ASSERT(changed > (int)sections * 3);
    arena_free(&kept);
    config_free(base);
    run_cache_free(cache);
}

#define SMALL "dataset.count=2", "dataset.calibration_count=8", "adc.calibration_images=4"

static void every_field_of_a_quantised_network(void) {
    try_fields((const char *const[]){SMALL, "adc.bits=4", NULL}, 4, NULL);
}

/* The small network with SMALL and more. */
static void try_small(const char *a, const char *b, const char *c, const char *d, const char *e,
                      const char *layer) {
    struct model model;
    char path[128];
    snprintf(path, sizeof path, "network.model=%s", write_network(&model));
    try_fields((const char *const[]){SMALL, path, a, b, c, d, e, NULL}, n_run_sections, layer);
    model_close(&model);
}

static void every_field_of_a_pruned_float_network(void) {
    try_small("adc.bits=4", "pruning.scheme=column_proportional", "pruning.rate=4",
              "pruning.reconstruct=least_squares", "pruning.samples=60", "Conv_2");
}

/* Levels decide what is pruned, too. */
static void every_field_of_weights_rounded_while_fitted(void) {
    try_small("pruning.scheme=unstructured", "pruning.rate=2", "pruning.reconstruct=least_squares",
              "pruning.samples=60", "pruning.round=fitted", "Conv_2");
}

static void every_field_of_noisy_cells(void) {
    try_small("device.preset=neurram_1day", "adc.offset_sigma=0.25", "adc.bits=5",
              "adc.columns_per_adc=8", "run.trials=2", NULL);
}

static void every_field_of_fitted_converters(void) {
    try_small("adc.bits=3", "adc.transfer=nonuniform", "mapping.compaction=rows_columns",
              "run.baseline=dense", NULL, NULL);
}

static const struct test_case cases[] = {
    {"products are made once", products_are_made_once},
    {"failures are kept", failures_are_kept},
    {"the oldest go first", the_oldest_go_first},
    {"threads share", threads_share},
    {"every field of a quantised network", every_field_of_a_quantised_network},
    {"every field of a pruned float network", every_field_of_a_pruned_float_network},
    {"every field of weights rounded while fitted", every_field_of_weights_rounded_while_fitted},
    {"every field of noisy cells", every_field_of_noisy_cells},
    {"every field of fitted converters", every_field_of_fitted_converters},
    {NULL, NULL},
};
const struct test_suite suite_shares = {"shares", cases};
