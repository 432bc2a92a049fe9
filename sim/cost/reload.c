/* Writing cells: once, or anew for every batch of images where one chip makes several passes. */
#include <stdlib.h>

#include "sim/chip/floorplan.h"
#include "sim/cost/cost_internal.h"

static long divide_up(long value, long by) {
    return (value + by - 1) / by;
}

/* What writing an array of a layer takes. */
struct array_time {
    double time_s;
    int layer;
};

static int slowest_first(const void *a, const void *b) {
    const struct array_time *x = a, *y = b;
    return (y->time_s > x->time_s) - (y->time_s < x->time_s);
}

/* Cells of one chip or pass: its arrays in rounds of as many as are written at the same time (0:
 * all), the slowest first, and a round takes the time of its slowest, the first. */
static double write_s(const struct floorplan *plan, const struct mapping *mapping,
                      const struct array_time *order, int at_once, long chip) {
    double time_s = 0;
    long written = 0;
    for (int i = 0; i < mapping->n_layers; i++) {
        int layer = order[i].layer;
        long arrays = floorplan_arrays_in(plan, &mapping->layers[layer], layer, chip);
        long rounds = at_once > 0
                          ? divide_up(written + arrays, at_once) - divide_up(written, at_once)
                          : written == 0 && arrays > 0; /* that begin with one of these */
        time_s += (double)rounds * order[i].time_s;
        written += arrays;
    }
    return time_s;
}

/* What the arrays of a layer in one pass hold, in bits: weights, the indices of compacted arrays,
 * and where weights are polarized their magnitudes and the signs of fragments. One copy's, for
 * copies come from the same transfer. */
static double load_bits(const struct floorplan *plan, const struct mapped_layer *mapped, int layer,
                        long pass) {
    long all = (long)mapped->n_arrays * mapped->copies;
    double cells = mapped->utilisation * mapped->n_arrays * mapped->crossbar.rows *
                   (double)mapped->crossbar.columns;
    int bits = mapped->layer->weight_bits - (mapped->encoding.fragment_sign ? 1 : 0);
    double copy = cells / mapped->encoding.columns * bits + (double)mapped->sums.signs +
                  (double)mapping_index_of(mapped).stored_bits;
    double share =
        all > 0 ? (double)floorplan_arrays_in(plan, mapped, layer, pass) / (double)all : 0;
    return share * copy;
}

static enum status check_known(const struct chip *chip, const struct mapping *mapping,
                               const struct cell_writes *writes,
                               const struct device *const *devices, struct diagnostic *diag) {
    for (int i = 0; i < mapping->n_layers; i++)
        if (!writes[i].known)
            return FAIL(diag, STATUS_USAGE,
                        "chip.overflow=reload writes the cells of layer %s for every batch of "
                        "images, and neither the device %s nor chip %s states what that takes: "
                        "choose a device.preset that states its set pulse (docs/devices.md), or "
                        "chip.overflow=chips",
                        mapping->layers[i].layer->name, devices != NULL ? devices[i]->name : "",
                        chip->name);
    return STATUS_OK;
}

enum status reload_make(const struct chip *chip, const struct mapping *mapping,
                        const struct floorplan *plan, const struct cell_writes *writes,
                        const struct device *const *devices, const struct chip_options *options,
                        struct arena *arena, struct reload *reload, struct diagnostic *diag) {
    double link_hz = chip->timing.link_width * chip->timing.link_clock_hz; /* bits a second */
    *reload = (struct reload){.write_s = ARENA_NEW(arena, plan->chips, double),
                              .load_s = ARENA_NEW(arena, plan->chips, double)};
    struct array_time *order = ARENA_NEW(arena, mapping->n_layers, struct array_time);
    if (reload->write_s == NULL || reload->load_s == NULL || order == NULL)
        return FAIL_MEMORY(diag, "the times of writes");
    for (int i = 0; i < mapping->n_layers; i++)
        order[i] = (struct array_time){writes[i].time_s, i};
    qsort(order, (size_t)mapping->n_layers, sizeof *order, slowest_first);
    if (plan->reload)
        TRY(check_known(chip, mapping, writes, devices, diag));
    for (long pass = 0; pass < plan->chips; pass++) {
        double bits = 0;
        reload->write_s[pass] = write_s(plan, mapping, order, options->write_arrays, pass);
        for (int i = 0; i < mapping->n_layers && plan->reload; i++)
            bits += load_bits(plan, &mapping->layers[i], i, pass);
        reload->load_bits += bits;
        reload->load_s[pass] = reload->write_s[pass];
        if (link_hz > 0 && bits / link_hz > reload->load_s[pass])
            reload->load_s[pass] = bits / link_hz;
    }
    return STATUS_OK;
}

struct cost_row reload_row(const struct mapped_layer *mapped, const struct cell_writes *writes,
                           int batch) {
    return (struct cost_row){.level = CHIP_ARRAY,
                             .component = "cell writes",
                             .model = writes->model,
                             .source = writes->source,
                             .actions = (double)mapped->sums.cells_read * mapped->copies / batch,
                             .energy_j = writes->energy_j / batch,
                             .energy_configured_j = writes->energy_j / batch};
}
