/* The screen of `mho run`: summary and footer. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/run/run_view.h"
#include "sim/run/record.h"
#include "sim/screen/names.h"

enum { TEXT = 64 };

static void print_accuracy(const struct run_view *view, const struct screen *screen) {
    const struct run_accuracy *accuracy = &view->result->accuracy;
    if (accuracy->images == 0)
        return;
    double percent = 100.0 / accuracy->images, ideal = percent * accuracy->correct_ideal;
    bool bad = ideal - 100 * accuracy->mean > 1;
    screen_label(screen, "Accuracy");
    fprintf(screen->out, "%s%.2f %%%s", screen_style(screen, bad ? STYLE_BAD : STYLE_GOOD),
            100 * accuracy->mean, screen_reset(screen));
    double low = accuracy->trials_low, high = accuracy->trials_high;
    if (accuracy->trials == 1) /* chance in images, where there is none in devices */
        run_wilson_interval(accuracy->trial->correct, accuracy->images, &low, &high);
    if (accuracy->trials > 1)
        fprintf(screen->out, " %s %.2f over %d trials", screen->utf8 ? "±" : "+-",
                100 * accuracy->deviation, accuracy->trials);
    fprintf(screen->out, " (95 %% interval %.1f to %.1f); ideal %.2f %%", 100 * low, 100 * high,
            ideal);
    if (view->result->ideal_classes == NULL)
        fputs(" as well: no converter loses anything", screen->out);
    else if (accuracy->trials == 1)
        fprintf(screen->out, ", %d %s", accuracy->trial->differing,
                accuracy->trial->differing == 1 ? "image differs" : "images differ");
    if (accuracy->correct_float >= 0)
        fprintf(screen->out, "; float %.2f %%", percent * accuracy->correct_float);
    fputc('\n', screen->out);
}

static void print_mapping(const struct run_view *view, const struct screen *screen) {
    const struct run_result *result = view->result;
    const struct cost_report *cost = &result->cost;
    char number[TEXT], dense[TEXT];
    screen_label(screen, "Crossbars");
    fprintf(screen->out, "%s%s%s", screen_style(screen, STYLE_BOLD),
            text_thousands(result->mapping.crossbars, number, sizeof number), screen_reset(screen));
    if (result->mapping.crossbars != result->mapping.crossbars_dense)
        fprintf(screen->out, " (%s if dense)",
                text_thousands(result->mapping.crossbars_dense, dense, sizeof dense));
    if (cost->passes > 1)
        fprintf(screen->out, ", %ld passes through", cost->passes);
    else if (cost->n_rows > 0)
        fputs(" in", screen->out);
    if (cost->n_rows > 0)
        fprintf(screen->out, " %ld macro%s, ", cost->macros, cost->macros == 1 ? "" : "s");
    if (cost->n_rows > 0 && cost->tiles > result->chip.tiles)
        fprintf(screen->out, "%ld tiles, %ld chips", cost->tiles, cost->chips);
    else if (cost->n_rows > 0)
        fprintf(screen->out, "%ld of the chip's %d tiles", cost->tiles, result->chip.tiles);
    double ratio = run_record_metric(view->records, "compression_ratio");
    if (ratio >= 1.05)
        fprintf(screen->out, "; %.1fx fewer weights", ratio);
    fputc('\n', screen->out);
}

static void print_writes(const struct cost_report *cost, const struct screen *screen) {
    char a[TEXT], b[TEXT];
    if (!cost->write_known)
        return;
    screen_label(screen, "Writing");
    fprintf(screen->out, "%s and %s for the cells of all layers",
            unit_format(cost->write_energy_j, UNIT_JOULE, a, sizeof a),
            unit_format(cost->write_time_s, UNIT_SECOND, b, sizeof b));
    if (cost->write_endurance > 0)
        fprintf(screen->out, ", which last %s times",
                text_count(cost->write_endurance, a, sizeof a));
    fputc('\n', screen->out);
}

static void print_use(const struct run_view *view, const struct screen *screen) {
    const struct store_run *record = view->records;
    char wasted[TEXT];
    screen_label(screen, "Filled");
    fprintf(screen->out, "%.0f %% of word lines, %.0f %% of bit lines; %.0f %% of cells programmed",
            100 * run_record_metric(record, "rows_used_share"),
            100 * run_record_metric(record, "columns_used_share"),
            100 * run_record_metric(record, "cells_programmed_share"));
    if (view->result->cost.n_rows > 0)
        fprintf(screen->out, "; %s stand idle",
                unit_format(run_record_metric(record, "area_wasted_m2"), UNIT_SQUARE_METRE, wasted,
                            sizeof wasted));
    fputc('\n', screen->out);
}

/* Sizes of crossbar.sizes that layers cannot have. */
static void print_sizes_left_out(const struct run_result *result, const struct screen *screen) {
    const struct run_sizes_left_out *sizes = &result->sizes_left_out;
    if (sizes->count == 0)
        return;
    screen_label(screen, "Note");
    int printed = fprintf(screen->out, "%d size%s of layers left out:", sizes->count,
                          sizes->count == 1 ? "" : "s");
    screen_wrapped_after(screen, SCREEN_LABEL_WIDTH + printed, sizes->first, SCREEN_LABEL_WIDTH);
}

/* Layers with zero-skip whose converters may take a sum of 0 for another one: by errors of their
 * own (cells that err give 0 for digits of 0), or as the range that was fitted begins above it. */
static int count_uncertain(const struct run_result *result) {
    int count = 0;
    for (int i = 0; i < result->mapping.n_layers; i++) {
        bool errs = !adc_errors_are_none(&result->devices[i].errors);
        bool fitted =
            result->layers[i].fit != NULL && result->layers[i].choice == ADC_TRANSFER_CALIBRATED;
        count += result->cost.layers[i].skip.used && (errs || fitted);
    }
    return count;
}

/* What was not read of the inputs. */
static void print_skip(const struct run_view *view, const struct screen *screen) {
    const struct run_result *result = view->result;
    const struct store_run *record = view->records;
    const struct crossbar_options *crossbar = config_get(result->config, "crossbar");
    double cycles = run_record_metric(record, "cycles_effective");
    int most = 0, layer = 0;
    if (!(cycles >= 0)) /* NAN: not used */
        return;
    for (int i = 0; i < result->mapping.n_layers; i++)
        if (result->cost.layers[i].skip.used && result->mapping.layers[i].cycles > most) {
            layer = i;
            most = result->mapping.layers[i].cycles;
        }
    screen_label(screen, "Zero-skip");
    if (run_record_metric(record, "skip_measured") > 0)
        fprintf(screen->out,
                "%.2f of %d digits read on average (%s), as measured; %.0f %% of conversions left "
                "out\n",
                cycles, most, zero_skip_names[result->mapping.layers[layer].crossbar.zero_skip],
                100 * run_record_metric(record, "conversions_skipped_share"));
    else
        fputs("no images simulated, so every digit counts as read\n", screen->out);
    if (crossbar->choose == CROSSBAR_CHOOSE_ENERGY) {
        screen_label(screen, "Note");
        fputs("sizes of arrays were chosen as if every digit were read\n", screen->out);
    }
    int uncertain = count_uncertain(result);
    if (uncertain > 0 && result->accuracy.images > 0) {
        screen_label(screen, "Note");
        fprintf(
            screen->out,
            "converters of %d layer%s may read 0 as something else: accuracy is that of reading "
            "every digit\n",
            uncertain, uncertain == 1 ? "" : "s");
    }
}

static void print_chip(const struct run_view *view, const struct screen *screen) {
    static const char *const overlap[] = {[PIPELINE_LAYERS] = "layer by layer",
                                          [PIPELINE_IMAGES] = "pipelined",
                                          [PIPELINE_ROWS] = "pipelined by rows"};
    const struct chip_options *options = config_get(view->result->config, "chip");
    const struct cost_report *cost = &view->result->cost;
    char a[TEXT], b[TEXT];
    if (cost->n_rows == 0)
        return;
    const char *bold = screen_style(screen, STYLE_BOLD), *plain = screen_reset(screen);
    screen_label(screen, "Area");
    fprintf(screen->out, "%s%s%s used, %s in whole tiles and links of chip %s\n", bold,
            unit_format(cost->area_used_m2, UNIT_SQUARE_METRE, a, sizeof a), plain,
            unit_format(cost->area_chip_m2, UNIT_SQUARE_METRE, b, sizeof b),
            view->result->chip.name);
    screen_label(screen, "Power");
    fprintf(screen->out, "%s%s%s peak, ", bold,
            unit_format(cost->power_peak_w, UNIT_WATT, a, sizeof a), plain);
    fprintf(screen->out, "%s average\n",
            unit_format(cost->power_average_w, UNIT_WATT, a, sizeof a));
    screen_label(screen, "Energy");
    const struct dac_options *dac = config_get(view->result->config, "dac");
    fprintf(screen->out, "%s%s%s per inference", bold,
            unit_format(cost->energy_j, UNIT_JOULE, a, sizeof a), plain);
    if (cost->activity_measured)
        fprintf(screen->out, " (%s with dac.activity %g instead of the images' own)\n",
                unit_format(cost->energy_configured_j, UNIT_JOULE, b, sizeof b), dac->activity);
    else
        fprintf(screen->out, " (activity assumed: dac.activity %g)\n", dac->activity);
    print_writes(cost, screen);
    screen_label(screen, "Time");
    fprintf(screen->out, "%s%s%s latency%s, %s inferences/s %s\n", bold,
            unit_format(cost->latency_s, UNIT_SECOND, a, sizeof a), plain,
            cost->passes > 1 && options->batch > 1 ? " of a batch" : "",
            text_figure(cost->throughput_hz, b, sizeof b), overlap[options->pipeline]);
    run_screen_events(view, screen);
    screen_label(screen, "Efficiency");
    fprintf(screen->out, "%s%s GOPS%s, ", bold, text_figure(cost->gops, a, sizeof a), plain);
    fprintf(screen->out, "%s%s GOPS/W%s of peak power, %s GOPS/mm2 used\n", bold,
            text_figure(cost->gops_per_w, a, sizeof a), plain,
            text_figure(cost->gops_per_mm2, b, sizeof b));
}

/* Whether the chip's file prints the figures of who does this: components follow the layer. */
static bool prints(const struct chip *chip, enum chip_action action) {
    for (int i = 0; i < chip->n_components; i++)
        if (chip->components[i].action == action && chip->components[i].kind == NULL)
            return true;
    return false;
}

/* Printed figures are not scaled to other DACs and cells, so whoever asks for them has to know. */
static void print_foreign_parts(const struct run_view *view, const struct screen *screen) {
    const struct run_result *result = view->result;
    const struct chip *chip = &result->chip;
    bool dac = false, cell = false;
    for (int i = 0; i < result->mapping.n_layers; i++) {
        dac = dac || result->mapping.layers[i].dac_bits != chip->dac_bits;
        cell = cell || result->mapping.layers[i].crossbar.cell_bits != chip->cell_bits;
    }
    dac = dac && prints(chip, ACTION_ROW_DRIVE);
    cell = cell && prints(chip, ACTION_ARRAY_READ);
    if (result->cost.n_rows == 0 || (!dac && !cell))
        return;
    screen_label(screen, "Note");
    fprintf(screen->out, "chip %s's ", chip->name);
    if (dac && cell)
        fprintf(screen->out,
                "DAC and cell figures and cycle are those of %d-bit DACs and %d-bit cells",
                chip->dac_bits, chip->cell_bits);
    else if (dac)
        fprintf(screen->out, "DAC figures and cycle are those of %d-bit DACs", chip->dac_bits);
    else
        fprintf(screen->out, "cell figures are those of %d-bit cells", chip->cell_bits);
    fputc('\n', screen->out);
}

/* A converter of another process is not scaled to the chip's. */
static void print_foreign_converter(const struct run_view *view, const struct screen *screen) {
    const struct adc_model *model = view->result->cost.adc_model;
    double node_m = view->result->chip.node_m;
    if (view->result->cost.n_rows == 0 || model->scales || fabs(model->node_m - node_m) < 1e-11)
        return;
    char of[TEXT] = "parts of several processes";
    if (model->node_m > 0)
        snprintf(of, sizeof of, "%g nm", model->node_m * 1e9);
    screen_label(screen, "Note");
    fprintf(screen->out, "ADC figures are those of %s (model %s), in a chip of %g nm\n", of,
            model->name, node_m * 1e9);
}

/* A chip with few bits is only that where the network needs no more: tinyadc, else, is isaac. */
static void print_finer_converters(const struct run_view *view, const struct screen *screen) {
    const struct chip *chip = &view->result->chip;
    int built = run_bits_built_max(view->result);
    if (view->result->cost.n_rows == 0 || built <= chip->adc_bits)
        return;
    screen_label(screen, "Note");
    fprintf(screen->out, "chip %s is printed with %d-bit ADCs; adc.bits builds up to %d here\n",
            chip->name, chip->adc_bits, built);
}

static void print_trials(const struct run_view *view, const struct screen *screen) {
    const struct run_options *options = config_get(view->result->config, "run");
    if (options->trials == 1 || view->result->random || view->result->accuracy.images == 0)
        return;
    screen_label(screen, "Trials");
    fprintf(screen->out, "one stands for all %d of run.trials, for nothing is random here\n",
            options->trials);
}

static enum status print_summary(const struct run_view *view, const struct screen *screen,
                                 struct diagnostic *diag) {
    run_screen_headline(view, screen);
    print_accuracy(view, screen);
    print_trials(view, screen);
    TRY(run_screen_devices(view, screen, diag));
    print_mapping(view, screen);
    TRY(run_screen_chip(view, screen, diag));
    print_use(view, screen);
    print_sizes_left_out(view->result, screen);
    print_skip(view, screen);
    print_chip(view, screen);
    print_foreign_parts(view, screen);
    print_foreign_converter(view, screen);
    print_finer_converters(view, screen);
    run_screen_idle(view, screen);
    return STATUS_OK;
}

/* Lines that are too long for the screen go on below their text, beside the labels. */
enum status run_screen_summary(const struct run_view *view, const struct screen *screen,
                               struct diagnostic *diag) {
    char *text = NULL;
    size_t length;
    struct screen memory = *screen;
    memory.out = open_memstream(&text, &length);
    if (memory.out == NULL)
        return FAIL_MEMORY(diag, "the screen");
    enum status status = print_summary(view, &memory, diag);
    if (fclose(memory.out) != 0 && status == STATUS_OK)
        status = FAIL_MEMORY(diag, "the screen");
    if (status == STATUS_OK)
        screen_folded(screen, text, SCREEN_LABEL_WIDTH);
    free(text);
    return status;
}

/* Of several records all are replaced or none, for they are stored together. */
static void print_stored(const struct run_view *view, const struct screen *screen) {
    long long first = view->written[0].run_id, last = view->written[view->n_records - 1].run_id;
    fprintf(screen->out, "%s run%s %lld", view->written->replaced ? "Replaced" : "Stored as",
            first == last ? "" : "s", first);
    if (first != last)
        fprintf(screen->out, " to %lld", last);
    fprintf(screen->out, " of experiment `%s` in %s, after %.1f s.\n", view->records->experiment,
            view->database, view->result->wall_s);
}

/* The first layer is seldom pruned, and its dense rows set everybody's converters. */
static enum status print_first_layer(const struct run_view *view, const struct screen *screen,
                                     struct diagnostic *diag) {
    const struct run_result *result = view->result;
    const struct mapping *mapping = &result->mapping;
    int bits;
    TRY(run_bits_without_first_layer(result->config, mapping, &bits, diag));
    if (bits == 0)
        return STATUS_OK;
    const char *name = mapping->layers[0].layer->name;
    char text[160];
    snprintf(text, sizeof text,
             "The first layer alone sets the %d bits of the ADCs; the others need %d. In a "
             "configuration:",
             result->layers[0].adc_bits, bits);
    screen_wrapped(screen, text, 0);
    fprintf(screen->out, "  layers: {\"%s\": {adc.bits: %d}}", name, bits);
    if (result->histograms != NULL && result->layers[0].choice == ADC_TRANSFER_CLIP) {
        double high = ldexp(1, bits) - 1;
        fprintf(screen->out, " would clip %.2g %% of its sums",
                100 * histogram_outside(&result->histograms[0], 0, high));
    }
    fputs("\n\n", screen->out);
    return STATUS_OK;
}

void run_screen_footer(const struct run_view *view, const struct screen *screen) {
    if (view->dry_run)
        screen_wrapped(screen,
                       "Dry run: configuration, model, data, mapping and costs are fine; nothing "
                       "was simulated or stored.",
                       0);
    else if (view->database == NULL)
        fprintf(screen->out, "Not stored, after %.1f s.\n", view->result->wall_s);
    else
        print_stored(view, screen);
    run_screen_hint(view, screen);
}

enum status run_screen(const struct run_view *view, const struct screen *screen,
                       struct diagnostic *diag) {
    TRY(run_screen_summary(view, screen, diag));
    fputc('\n', screen->out);
    if (view->result->baseline != NULL) {
        TRY(run_screen_baseline(view, screen, diag));
        fputc('\n', screen->out);
    }
    if (view->result->cost.n_rows > 0) {
        TRY(run_screen_components(view, screen, diag));
        fputc('\n', screen->out);
    }
    if (view->result->band != NULL) {
        TRY(run_screen_models(view, screen, diag));
        fputc('\n', screen->out);
    }
    TRY(run_screen_layers(view, screen, diag));
    fputc('\n', screen->out);
    TRY(print_first_layer(view, screen, diag));
    run_screen_footer(view, screen);
    return STATUS_OK;
}
