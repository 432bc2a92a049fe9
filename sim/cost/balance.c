/* Copies of layers that balance the pipeline: times by the chip, and how many arrays there are. */
#include "sim/chip/floorplan.h"
#include "sim/cost/cost_internal.h"

static enum status balance_in(const struct cost_inputs *inputs, struct mapping *mapping,
                              struct arena *arena, struct diagnostic *diag) {
    const struct mapping_options *options = config_get(inputs->config, "mapping");
    const struct chip *chip = inputs->chip;
    struct converters converters;
    struct layer_timing *timings = ARENA_NEW(arena, mapping->n_layers, struct layer_timing);
    double *position_s = ARENA_NEW(arena, mapping->n_layers, double);
    if (timings == NULL || position_s == NULL)
        return FAIL_MEMORY(diag, "copies of layers");
    TRY(converters_make(converters_model(inputs), chip, mapping, inputs->layers, inputs->config,
                        &converters, diag));
    times_of_layers(chip, &converters, mapping, timings);
    for (int i = 0; i < mapping->n_layers; i++)
        position_s[i] = mapping->layers[i].reads * timings[i].cycle_s;
    /* An asked number of arrays is one; of a chip's, layers take whole macros. */
    struct balance balance = {position_s, options->array_budget, 1};
    if (options->array_budget == 0) {
        long chips = floorplan_chips(chip, floorplan_macros(chip, mapping));
        balance.arrays_per_macro = chip->arrays_per_macro;
        balance.arrays = chips * chip->tiles * chip->macros_per_tile * (long)chip->arrays_per_macro;
    }
    return mapping_balance(mapping, &balance, diag);
}

enum status cost_balance(const struct cost_inputs *inputs, struct mapping *mapping,
                         struct diagnostic *diag) {
    const struct mapping_options *options = config_get(inputs->config, "mapping");
    struct arena arena = ARENA_INIT;
    if (options->replication != REPLICATION_BALANCED)
        return STATUS_OK;
    enum status status = balance_in(inputs, mapping, &arena, diag);
    arena_free(&arena);
    return status;
}
