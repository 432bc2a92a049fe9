/* Writing the cells of all layers, once or for every batch of images. */
#include "sim/cost/estimate_internal.h"

/* What writing the cells of a layer takes: as the chip's array states it, else as the device does.
 */
static enum status write_layer(const struct estimate *estimate, int layer,
                               struct cell_writes *writes, struct diagnostic *diag) {
    const struct chip *chip = estimate->chip;
    const struct mapped_layer *mapped = &estimate->mapping->layers[layer];
    struct geometry geometry = layer_geometry(estimate, mapped);
    struct part_conditions conditions = layer_conditions(estimate, layer);
    *writes = (struct cell_writes){.known = false};
    for (int i = 0; i < chip->n_components; i++) {
        const struct chip_component *part = &chip->components[i];
        struct figures figures;
        if (part->action != ACTION_ARRAY_READ || part->kind == NULL)
            continue;
        TRY(part_figures(chip, part, &geometry, &conditions, &figures, diag));
        *writes = cells_write_by_array(mapped, &figures);
        writes->model = part->model;
        writes->source = part->source;
    }
    if (!writes->known && conditions.device != NULL)
        *writes = cells_write(mapped, conditions.device);
    return STATUS_OK;
}

/* Chips are written side by side, passes of one chip one after the other. Unknown in one layer is
 * unknown for the network. */
enum status writes_estimate(struct estimate *estimate, struct diagnostic *diag) {
    struct cost_report *report = estimate->report;
    const struct floorplan *plan = estimate->plan;
    estimate->writes = ARENA_NEW(&report->arena, report->n_layers, struct cell_writes);
    if (estimate->writes == NULL)
        return FAIL_MEMORY(diag, "the writing of cells");
    report->write_known = true;
    for (int i = 0; i < report->n_layers; i++) {
        const struct device *device = estimate->devices != NULL ? estimate->devices[i] : NULL;
        double endurance = device != NULL ? device->endurance : 0;
        TRY(write_layer(estimate, i, &estimate->writes[i], diag));
        report->write_known = report->write_known && estimate->writes[i].known;
        report->write_energy_j += estimate->writes[i].energy_j;
        if (i == 0 || endurance < report->write_endurance)
            report->write_endurance = endurance;
    }
    TRY(reload_make(estimate->chip, estimate->mapping, plan, estimate->writes, estimate->devices,
                    estimate->options, &report->arena, &estimate->reload, diag));
    for (long c = 0; c < plan->chips; c++) {
        double own_s = estimate->reload.write_s[c], so_far_s = report->write_time_s;
        report->write_time_s = plan->reload       ? so_far_s + own_s
                               : own_s > so_far_s ? own_s
                                                  : so_far_s;
    }
    if (plan->reload) /* the same cells in every pass */
        report->write_endurance /= (double)plan->chips;
    return STATUS_OK;
}

void writes_add(struct estimate *estimate, int index) {
    struct cost_report *report = estimate->report;
    if (!estimate->plan->reload)
        return;
    struct cost_row row = reload_row(&estimate->mapping->layers[index], &estimate->writes[index],
                                     estimate->options->batch);
    row.layer = index;
    report->layers[index].energy_j += row.energy_j;
    report->reload_energy_j += row.energy_j;
    report->rows[report->n_rows++] = row;
}
