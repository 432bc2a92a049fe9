/* Copies of layers that balance the pipeline: times by the chip, and how many arrays there are. */
#include "sim/chip/floorplan.h"
#include "sim/cost/cost_internal.h"

/* Layers first to end - 1 on one chip; those in more than one pass keep one copy. */
static enum status balance_pass(const struct chip *chip, struct mapping *mapping, int first,
                                int end, const double *position_s, long macros,
                                struct diagnostic *diag) {
    struct mapping part = {.layers = mapping->layers + first, .n_layers = end - first};
    const struct balance balance = {position_s + first, macros * chip->arrays_per_macro,
                                    chip->arrays_per_macro};
    return mapping_balance(&part, &balance, diag);
}

/* Each pass by itself, for passes take turns: with one copy of each layer they are as they will be,
 * since what did not fit behind a layer does not fit behind more of it. */
static enum status balance_passes(const struct chip *chip, struct mapping *mapping,
                                  const double *position_s, struct arena *arena,
                                  struct diagnostic *diag) {
    struct floorplan plan;
    long of_chip = (long)chip->tiles * chip->macros_per_tile;
    TRY(floorplan_make(chip, mapping, OVERFLOW_RELOAD, arena, &plan, diag));
    for (int first = 0, end; first < mapping->n_layers; first = end) {
        long pass = floorplan_last_chip(&plan, first);
        bool alone = floorplan_first_chip(&plan, first) < pass; /* in more than one */
        for (end = first + 1; end < mapping->n_layers && !alone; end++)
            if (floorplan_last_chip(&plan, end) != pass)
                break;
        /* What begins here and ends in a later pass has all that is left. */
        bool full = end < mapping->n_layers && floorplan_first_chip(&plan, end) == pass;
        long left = (full ? plan.macro[end] : (pass + 1) * of_chip) - plan.macro[first];
        if (!alone)
            TRY(balance_pass(chip, mapping, first, end, position_s, left, diag));
    }
    mapping_count_crossbars(mapping);
    return STATUS_OK;
}

/* As many arrays as were asked for, or those of whole macros of the chips. */
static enum status balance_all(const struct cost_inputs *inputs, struct mapping *mapping,
                               const double *position_s, struct arena *arena,
                               struct diagnostic *diag) {
    const struct mapping_options *options = config_get(inputs->config, "mapping");
    const struct chip_options *chip_options = config_get(inputs->config, "chip");
    const struct chip *chip = inputs->chip;
    if (chip_options->overflow == OVERFLOW_ERROR)
        TRY(floorplan_check_fits(chip, mapping, diag));
    if (options->array_budget > 0) {
        const struct balance balance = {position_s, options->array_budget, 1};
        return mapping_balance(mapping, &balance, diag);
    }
    if (chip_options->overflow == OVERFLOW_RELOAD)
        return balance_passes(chip, mapping, position_s, arena, diag);
    long chips = floorplan_chips(chip, floorplan_macros(chip, mapping));
    long macros = chips * chip->tiles * chip->macros_per_tile;
    const struct balance balance = {position_s, macros * chip->arrays_per_macro,
                                    chip->arrays_per_macro};
    return mapping_balance(mapping, &balance, diag);
}

static enum status balance_in(const struct cost_inputs *inputs, struct mapping *mapping,
                              struct arena *arena, struct diagnostic *diag) {
    struct converters converters;
    struct layer_timing *timings = ARENA_NEW(arena, mapping->n_layers, struct layer_timing);
    double *position_s = ARENA_NEW(arena, mapping->n_layers, double);
    if (timings == NULL || position_s == NULL)
        return FAIL_MEMORY(diag, "copies of layers");
    TRY(converters_make(converters_model(inputs), inputs->chip, mapping, inputs->layers,
                        inputs->config, &converters, diag));
    times_of_layers(inputs->chip, &converters, mapping, timings);
    for (int i = 0; i < mapping->n_layers; i++) {
        const struct layer_activity *measured =
            inputs->images > 0 && inputs->activity != NULL ? &inputs->activity[i] : NULL;
        position_s[i] = reads_of(&mapping->layers[i], measured).position * timings[i].cycle_s;
    }
    return balance_all(inputs, mapping, position_s, arena, diag);
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
