/* Kinds of products and the fields that they depend on. */
#include "sim/run/products.h"

#include <string.h>

#define FIELDS(...)                                                                                \
    .fields = (const char *const[]){__VA_ARGS__},                                                  \
    .n_fields = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)

/* How products of a type are freed, and what they hold in their arena. */
#define OWNER(name, type, release, arena)                                                          \
    static void free_##name(void *value) {                                                         \
        release;                                                                                   \
    }                                                                                              \
    static size_t name##_bytes(const void *value) {                                                \
        return ((const type *)value)->arena.bytes;                                                 \
    }

OWNER(network, struct network, network_free(value), arena)
OWNER(dataset, struct dataset, dataset_free(value), arena)
OWNER(pruned, struct pruned, network_free(&((struct pruned *)value)->network), network.arena)
OWNER(dense, struct dense, arena_free(&((struct dense *)value)->arena), arena)
OWNER(mapping, struct mapping, mapping_free(value), arena)
OWNER(chip, struct chip, chip_free(value), arena)
OWNER(device, struct device, device_free(value), arena)
OWNER(histograms, struct histograms, arena_free(&((struct histograms *)value)->arena), arena)
OWNER(classified, struct classified, arena_free(&((struct classified *)value)->arena), arena)
OWNER(simulated, struct simulated, arena_free(&((struct simulated *)value)->arena), arena)

const struct run_product run_products[PRODUCTS] = {
    [PRODUCT_MODEL] = {.name = "model",
                       FIELDS("network.model", "network.as"),
                       .size = sizeof(struct network),
                       .free = free_network,
                       .bytes = network_bytes},
    [PRODUCT_TEST] = {.name = "test images",
                      FIELDS("dataset.format", "dataset.images", "dataset.labels", "dataset.count",
                             "dataset.offset", "dataset.mean", "dataset.std"),
                      .size = sizeof(struct dataset),
                      .free = free_dataset,
                      .bytes = dataset_bytes},
    [PRODUCT_CALIBRATION] = {.name = "calibration images",
                             FIELDS("dataset.format", "dataset.calibration",
                                    "dataset.calibration_count", "dataset.mean", "dataset.std"),
                             .size = sizeof(struct dataset),
                             .free = free_dataset,
                             .bytes = dataset_bytes},
    [PRODUCT_OVERLAP] = {.name = "overlap of images", .size = 0},
    [PRODUCT_PRUNED] = {.name = "pruned network",
                        FIELDS("pruning.scope", "pruning.reconstruct", "pruning.score",
                               "pruning.round", "pruning.samples", "pruning.masks",
                               "pruning.purify", "run.seed"),
                        .size = sizeof(struct pruned),
                        .free = free_pruned,
                        .bytes = pruned_bytes},
    [PRODUCT_QUANTISED] = {.name = "quantised network",
                           FIELDS("quantization"),
                           .size = sizeof(struct network),
                           .free = free_network,
                           .bytes = network_bytes},
    [PRODUCT_DENSE] = {.name = "dense network",
                       .size = sizeof(struct dense),
                       .free = free_dense,
                       .bytes = dense_bytes},
    [PRODUCT_STORAGE] = {.name = "storage",
                         FIELDS("pruning"),
                         .size = sizeof(struct storage_counts)},
    [PRODUCT_MAPPING] = {.name = "mapping",
                         FIELDS("mapping", "crossbar", "dac.bits"),
                         .size = sizeof(struct mapping),
                         .free = free_mapping,
                         .bytes = mapping_bytes},
    [PRODUCT_CHIP] = {.name = "chip",
                      FIELDS("chip.preset", "chip.technology", "chip.node", "chip.node_scaling"),
                      .size = sizeof(struct chip),
                      .free = free_chip,
                      .bytes = chip_bytes},
    [PRODUCT_DEVICE_FILE] = {.name = "device file",
                             .size = sizeof(struct device),
                             .free = free_device,
                             .bytes = device_bytes},
    [PRODUCT_DEVICE] = {.name = "device",
                        FIELDS("device"),
                        .size = sizeof(struct device),
                        .free = free_device,
                        .bytes = device_bytes},
    [PRODUCT_BASELINE] = {.name = "baseline model",
                          FIELDS("run.baseline", "network.as"),
                          .size = sizeof(struct network),
                          .free = free_network,
                          .bytes = network_bytes},
    [PRODUCT_HISTOGRAMS] = {.name = "histograms",
                            .size = sizeof(struct histograms),
                            .free = free_histograms,
                            .bytes = histograms_bytes},
    [PRODUCT_FLOAT] = {.name = "float accuracy",
                       .size = sizeof(struct classified),
                       .free = free_classified,
                       .bytes = classified_bytes},
    [PRODUCT_IDEAL] = {.name = "ideal accuracy",
                       .size = sizeof(struct classified),
                       .free = free_classified,
                       .bytes = classified_bytes},
    [PRODUCT_SIMULATED] = {.name = "simulated images",
                           FIELDS("device", "adc.offset_sigma", "adc.gain_sigma",
                                  "adc.thermal_noise", "adc.inl", "adc.dnl_sigma"),
                           .size = sizeof(struct simulated),
                           .free = free_simulated,
                           .bytes = simulated_bytes},
};

enum status evaluation_take(struct evaluation *evaluation, enum product product,
                            const struct run_key *key, run_maker *make, void *context,
                            const void **value, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    struct held_share *held = ARENA_NEW(&result->arena, 1, struct held_share);
    if (held == NULL)
        return FAIL_MEMORY(diag, run_products[product].name);
    bool uses = product == PRODUCT_DENSE || product == PRODUCT_MAPPING;
    bool network = product == PRODUCT_MODEL || product == PRODUCT_PRUNED ||
                   product == PRODUCT_QUANTISED || product == PRODUCT_DENSE;
    TRY(run_share_take(evaluation->cache, &run_products[product], key,
                       uses ? evaluation->network_share : NULL, make, context, &held->share, diag));
    held->next = result->held;
    result->held = held;
    if (network)
        evaluation->network_share = held->share;
    *value = run_share_value(held->share);
    return STATUS_OK;
}

/* Whether "section.key" or "section" names the field that `key` ends with. */
static bool is_of(const char *key, const char *name) {
    size_t length = strlen(name);
    for (const char *at = key; at != NULL; at = strchr(at, '.')) {
        at += *at == '.';
        if (strncmp(at, name, length) != 0)
            continue;
        if (at[length] == '\0' || (at[length] == '.' && strchr(name, '.') == NULL))
            return true;
    }
    return false;
}

int run_field_depth(const char *key) {
    for (int product = 0; product < PRODUCTS; product++)
        for (size_t i = 0; i < run_products[product].n_fields; i++)
            if (is_of(key, run_products[product].fields[i]))
                return product;
    return PRODUCTS;
}
