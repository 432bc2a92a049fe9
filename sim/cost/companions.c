/* What a mapping needs beside the chip's own parts. Compaction: memory of indices, gathering of
 * inputs, scattering of sums, by the figures of one memory and one register file of 2 KiB, counted
 * pro rata by bits. Polarized weights: memory of signs. Zero-skip: its logic. */
#include <math.h>

#include "peripherals/component.h"
#include "sim/cost/cost_internal.h"

enum { PART_BYTES = 2048, PART_BITS = 8 * PART_BYTES };

static bool is_compacted(const struct mapping *mapping) {
    for (int i = 0; i < mapping->n_layers; i++)
        if (mapping->layers[i].compaction != COMPACTION_NONE)
            return true;
    return false;
}

static bool has_part_for(const struct chip *chip, enum chip_action action) {
    for (int i = 0; i < chip->n_components; i++)
        if (chip->components[i].action == action)
            return true;
    return false;
}

/* Signs that the chip has no memory for. */
static bool keeps_signs(const struct chip *chip, const struct mapping *mapping) {
    for (int i = 0; i < mapping->n_layers; i++)
        if (mapping->layers[i].sums.signs > 0)
            return !has_part_for(chip, ACTION_SIGN);
    return false;
}

/* Zero-skip for which the chip has no logic. */
static bool skips_zeros(const struct chip *chip, const struct mapping *mapping) {
    for (int i = 0; i < mapping->n_layers; i++)
        if (mapping->layers[i].crossbar.zero_skip != ZERO_SKIP_NONE)
            return !has_part_for(chip, ACTION_SKIP);
    return false;
}

/* The node nearest to the chip's that the variant has figures for. */
static double known_node(const struct chip *chip, const struct component_variant *variant) {
    double node_m = chip->node_m;
    if (variant->node_range.maximum > 0) {
        node_m = fmax(node_m, variant->node_range.minimum);
        node_m = fmin(node_m, variant->node_range.maximum);
    }
    return node_m;
}

/* A variant of a kind of configs/components, at PART_BYTES, if it has a size, and the chip's node:
 * from the nearest one that it knows by the chip's technology. */
static enum status load_part(const struct chip *chip, const char *name, const char *variant_name,
                             struct arena *arena, struct companion_part *part,
                             struct diagnostic *diag) {
    struct component_kind kind;
    struct component_cost cost;
    double values[COMPONENT_PARAMETERS_MAX], complete[COMPONENT_PARAMETERS_MAX];
    TRY(component_load(name, &kind, diag));
    const struct component_variant *variant = component_variant(&kind, variant_name);
    int size = component_parameter(&kind, "size");
    for (int p = 0; p < kind.n_parameters; p++)
        values[p] = p == size ? PART_BYTES : NAN;
    const struct technology *technology = &chip->technology;
    double node_m = known_node(chip, variant), to_m = chip->node_m;
    enum status status =
        component_evaluate(&kind, variant, values, node_m, technology, &cost, diag);
    if (status == STATUS_OK) {
        component_complete(&kind, variant, values, complete);
        double bits = kind.actions_parameter >= 0 ? complete[kind.actions_parameter] : 1;
        *part = (struct companion_part){.model = arena_printf(arena, "%s:%s", name, variant_name),
                                        .source = arena_strdup(arena, variant->source),
                                        .bits = size >= 0 ? PART_BITS : 1,
                                        .area_m2 = cost.area_m2,
                                        .leakage_w = cost.leakage_w,
                                        .energy_j = cost.energy_j / bits};
        part->area_m2 *= technology_scale(technology, TECHNOLOGY_AREA, node_m, to_m);
        part->leakage_w *= technology_scale(technology, TECHNOLOGY_LEAKAGE, node_m, to_m);
        part->energy_j *= technology_scale(technology, TECHNOLOGY_ENERGY, node_m, to_m);
        if (part->model == NULL || part->source == NULL)
            status = FAIL_MEMORY(diag, "the parts of compaction");
    }
    component_free(&kind);
    return status;
}

enum status companions_load(const struct chip *chip, const struct mapping *mapping,
                            struct arena *arena, struct companion_parts *parts,
                            struct diagnostic *diag) {
    *parts = (struct companion_parts){.compacted = is_compacted(mapping),
                                      .keeps_signs = keeps_signs(chip, mapping),
                                      .skips_zeros = skips_zeros(chip, mapping)};
    if (parts->keeps_signs)
        TRY(load_part(chip, "sign_indicator", "forms", arena, &parts->signs, diag));
    if (parts->skips_zeros)
        TRY(load_part(chip, "skip_logic", "forms", arena, &parts->skip_logic, diag));
    if (!parts->compacted)
        return STATUS_OK;
    TRY(load_part(chip, "sram_buffer", "itrs_lstp", arena, &parts->memory, diag));
    return load_part(chip, "register", "isaac", arena, &parts->registers, diag);
}

/* What a part does for one image. */
struct actions {
    double made, all; /* as measured, and with every digit read */
};

/* A part that holds `bits` in all copies together. */
static struct cost_row make_row(const char *name, const struct companion_part *part, double bits,
                                struct actions actions, const struct mapped_layer *mapped,
                                const struct companion_use *use) {
    double count = bits / part->bits, leakage_w = count * part->leakage_w;
    double leaked_j = leakage_w * use->interval_s;
    double position_j =
        actions.made * part->energy_j / (double)matrix_positions(&mapped->layer->shape);
    return (struct cost_row){
        .level = CHIP_MACRO,
        .component = name,
        .model = part->model,
        .source = part->source,
        .count = count,
        .actions = actions.made,
        .area_m2 = count * part->area_m2,
        .energy_j = actions.made * part->energy_j + leaked_j,
        .energy_configured_j = actions.all * part->energy_j + leaked_j, /* whatever the bits are */
        /* each copy takes a new position after its reads */
        .power_peak_w =
            mapped->copies * position_j / (use->timing->reads * use->timing->cycle_s) + leakage_w,
        .leakage_w = leakage_w,
    };
}

int companions_cost(const struct chip *chip, const struct mapped_layer *mapped,
                    const struct companion_parts *parts, const struct companion_use *use,
                    struct cost_row rows[COMPANION_ROWS]) {
    struct mapping_index index = mapping_index_of(mapped);
    double positions = (double)matrix_positions(&mapped->layer->shape), copies = mapped->copies;
    double stored = (double)index.stored_bits, signs = (double)mapped->sums.signs;
    double gathered = (double)index.gathered * mapped->layer->input.bits;
    double scattered = (double)index.scattered * chip->activation_bits;
    double lines = (double)mapped->n_arrays * mapped->unit_rows; /* that are read together */
    bool skips = mapped->crossbar.zero_skip != ZERO_SKIP_NONE;
    int n = 0;
    if (parts->keeps_signs && signs > 0)
        rows[n++] = make_row("sign indicator", &parts->signs, signs * copies,
                             (struct actions){use->made->signs, use->all->signs}, mapped, use);
    if (parts->skips_zeros && skips)
        rows[n++] = make_row("skip logic", &parts->skip_logic, lines * copies,
                             (struct actions){use->made->rows, use->all->rows}, mapped, use);
    if (index.stored_bits > 0)
        rows[n++] = make_row("index memory", &parts->memory, stored * copies,
                             (struct actions){positions * stored, positions * stored}, mapped, use);
    if (index.gathered > 0)
        rows[n++] =
            make_row("input gather", &parts->registers, gathered * copies,
                     (struct actions){positions * gathered, positions * gathered}, mapped, use);
    if (index.scattered > 0)
        rows[n++] =
            make_row("output scatter", &parts->registers, scattered * copies,
                     (struct actions){positions * scattered, positions * scattered}, mapped, use);
    return n;
}
