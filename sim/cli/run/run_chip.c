/* The screen of `mho run`: what the chip makes of the mapping, where it is more than laying it out
 * once: copies of layers, tiles that have changed places. */
#include "sim/cli/run/run_view.h"
#include "sim/screen/names.h"

enum { TEXT = 64, NAME_WIDTH = 24 };

/* The layer that sets the throughput, of those that are equally slow the first. */
static int slowest_layer(const struct cost_report *cost) {
    int slowest = 0;
    for (int i = 1; i < cost->n_layers; i++)
        if (cost->layers[i].time_s > cost->layers[slowest].time_s)
            slowest = i;
    return slowest;
}

static enum status print_copies(const struct run_view *view, const struct screen *screen,
                                struct diagnostic *diag) {
    const struct run_result *result = view->result;
    const struct mapping *mapping = &result->mapping;
    const struct mapping_options *options = config_get(result->config, "mapping");
    struct arena arena = ARENA_INIT;
    char time[TEXT];
    int copied = 0, most = 1;
    if (options->replication == REPLICATION_NONE || result->cost.n_rows == 0)
        return STATUS_OK;
    for (int i = 0; i < mapping->n_layers; i++) {
        copied += mapping->layers[i].copies > 1;
        most = mapping->layers[i].copies > most ? mapping->layers[i].copies : most;
    }
    int slowest = slowest_layer(&result->cost);
    const struct mapped_layer *layer = &mapping->layers[slowest];
    const char *name = short_layer_name(layer->layer->name, NAME_WIDTH, &arena);
    if (name == NULL) {
        arena_free(&arena);
        return FAIL_MEMORY(diag, "copies of layers");
    }
    screen_label(screen, "Copies");
    fprintf(screen->out, "%d of %d layers have up to %d; slowest is %s: %ld positions in %d, %s\n",
            copied, mapping->n_layers, most, name, matrix_positions(&layer->layer->shape),
            layer->copies,
            unit_format(result->cost.layers[slowest].time_s, UNIT_SECOND, time, sizeof time));
    arena_free(&arena);
    return STATUS_OK;
}

static void print_placing(const struct run_view *view, const struct screen *screen) {
    const struct cost_placing *placing = &view->result->placing;
    char bits[TEXT];
    if (placing->router_bits_in_order == 0)
        return;
    screen_label(screen, "Places");
    fprintf(screen->out, "%s bits through a router, %.1f %% fewer than with tiles in order\n",
            text_count(placing->router_bits, bits, sizeof bits),
            100 * (1 - placing->router_bits / placing->router_bits_in_order));
}

static void print_reload(const struct run_view *view, const struct screen *screen) {
    const struct cost_report *cost = &view->result->cost;
    const struct chip_options *options = config_get(view->result->config, "chip");
    char time[TEXT], energy[TEXT];
    if (cost->passes == 1 || cost->n_rows == 0)
        return;
    screen_label(screen, "Reload");
    fprintf(screen->out,
            "%ld passes for %s%d image%s: reloading takes %s, %.0f %% of the time, "
            "and with links %s, %.0f %% of the energy\n",
            cost->passes, options->batch == 1 ? "" : "a batch of ", options->batch,
            options->batch == 1 ? "" : "s",
            unit_format(cost->reload_s, UNIT_SECOND, time, sizeof time),
            100 * cost->reload_s / cost->latency_s,
            unit_format(cost->reload_energy_j, UNIT_JOULE, energy, sizeof energy),
            100 * cost->reload_energy_j / cost->energy_j);
}

/* Whether links, not layers, set the throughput of a pipeline. */
static void print_links(const struct run_view *view, const struct screen *screen) {
    const struct cost_report *cost = &view->result->cost;
    char bits[TEXT];
    if (cost->chips < 2 || cost->n_rows == 0)
        return;
    double slowest_s = cost->layers[slowest_layer(cost)].time_s;
    bool links = 1 / cost->throughput_by_pipeline_hz[PIPELINE_IMAGES] > 1.001 * slowest_s;
    screen_label(screen, "Links");
    fprintf(screen->out, "%s bits of an image between %ld chips%s\n",
            text_count(cost->link_bits, bits, sizeof bits), cost->chips,
            links ? "; they set the throughput" : "");
}

enum status run_screen_chip(const struct run_view *view, const struct screen *screen,
                            struct diagnostic *diag) {
    print_placing(view, screen);
    print_links(view, screen);
    print_reload(view, screen);
    return print_copies(view, screen, diag);
}
