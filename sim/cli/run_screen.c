/* The screen of `mho run`: summary and footer. */
#include <math.h>
#include <string.h>

#include "sim/cli/names.h"
#include "sim/cli/run_view.h"
#include "sim/run/record.h"

enum { TEXT = 64 };

static void bits_range(const struct run_result *result, char *text, size_t size) {
    int low = result->layers[0].adc_bits, high = low;
    for (int i = 1; i < result->mapping.n_layers; i++) {
        int bits = result->layers[i].adc_bits;
        low = bits < low ? bits : low;
        high = bits > high ? bits : high;
    }
    if (low == high)
        snprintf(text, size, "%d", high);
    else
        snprintf(text, size, "%d- to %d", low, high);
}

static void print_header(const struct run_view *view, const struct screen *screen) {
    const struct run_result *result = view->result;
    const struct dataset_options *dataset = config_get(result->config, "dataset");
    const struct mapped_layer *first = &result->mapping.layers[0];
    char images[TEXT], bits[TEXT];
    fprintf(screen->out, "%s%s%s", screen_style(screen, STYLE_BOLD),
            file_name(result->network.path), screen_reset(screen));
    if (result->accuracy.images > 0)
        fprintf(screen->out, " on %s images of %s",
                text_thousands(result->accuracy.images, images, sizeof images),
                file_name(dataset->images));
    else
        fputs(", no images simulated", screen->out);
    bits_range(result, bits, sizeof bits);
    fprintf(screen->out,
            "\n%s%dx%d crossbars of %d-bit cells, %d-bit weights, %s, %d-bit DAC, %s-bit ADC "
            "(%s)%s\n\n",
            screen_style(screen, STYLE_DIM), first->crossbar.rows, first->crossbar.columns,
            first->crossbar.cell_bits, first->encoding.weight_bits,
            encoding_names[first->encoding.kind], first->dac_bits, bits,
            adc_transfer_names[result->layers[0].choice], screen_reset(screen));
}

static void print_accuracy(const struct run_view *view, const struct screen *screen) {
    const struct run_accuracy *accuracy = &view->result->accuracy;
    if (accuracy->images == 0)
        return;
    double percent = 100.0 / accuracy->images, ideal = percent * accuracy->correct_ideal;
    bool bad = ideal - 100 * accuracy->mean > 1;
    screen_label(screen, "Accuracy");
    fprintf(screen->out, "%s%.2f %%%s", screen_style(screen, bad ? STYLE_BAD : STYLE_GOOD),
            100 * accuracy->mean, screen_reset(screen));
    if (accuracy->trials > 1)
        fprintf(screen->out, " %s %.2f over %d trials", screen->utf8 ? "±" : "+-",
                100 * accuracy->deviation, accuracy->trials);
    fprintf(screen->out, " (95 %% interval %.1f to %.1f); ideal %.2f %%", 100 * accuracy->low,
            100 * accuracy->high, ideal);
    if (view->result->ideal_classes == NULL)
        fputs(", for no converter loses anything", screen->out);
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
    if (cost->n_rows > 0)
        fprintf(screen->out, " in %ld macros, %ld of the chip's %d tiles", cost->macros,
                cost->tiles, result->chip.tiles);
    double ratio = run_record_metric(view->records, "compression_ratio");
    if (ratio >= 1.05)
        fprintf(screen->out, "; %.1fx fewer weights", ratio);
    fputc('\n', screen->out);
}

static void print_chip(const struct run_view *view, const struct screen *screen) {
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
    fprintf(screen->out, "%s%s%s per inference%s\n", bold,
            unit_format(cost->energy_j, UNIT_JOULE, a, sizeof a), plain,
            cost->activity_measured ? "" : " (activity assumed: dac.activity)");
    screen_label(screen, "Time");
    fprintf(screen->out, "%s%s%s latency, %s inferences/s pipelined\n", bold,
            unit_format(cost->latency_s, UNIT_SECOND, a, sizeof a), plain,
            text_figure(cost->throughput_hz, b, sizeof b));
    screen_label(screen, "Efficiency");
    fprintf(screen->out, "%s%s GOPS%s, ", bold, text_figure(cost->gops, a, sizeof a), plain);
    fprintf(screen->out, "%s%s GOPS/W%s of peak power, %s GOPS/mm2 used\n", bold,
            text_figure(cost->gops_per_w, a, sizeof a), plain,
            text_figure(cost->gops_per_mm2, b, sizeof b));
}

static void print_trials(const struct run_view *view, const struct screen *screen) {
    const struct run_options *options = config_get(view->result->config, "run");
    if (options->trials == 1 || view->result->random || view->result->accuracy.images == 0)
        return;
    screen_label(screen, "Trials");
    fprintf(screen->out, "one stands for all %d of run.trials, for nothing is random here\n",
            options->trials);
}

enum status run_screen_summary(const struct run_view *view, const struct screen *screen,
                               struct diagnostic *diag) {
    print_header(view, screen);
    print_accuracy(view, screen);
    print_trials(view, screen);
    TRY(run_screen_devices(view, screen, diag));
    print_mapping(view, screen);
    print_chip(view, screen);
    return STATUS_OK;
}

/* The layer that needs the most bits to lose nothing. */
static const struct mapped_layer *most_demanding(const struct mapping *mapping) {
    const struct mapped_layer *most = &mapping->layers[0];
    for (int i = 1; i < mapping->n_layers; i++)
        if (mapping->layers[i].lossless.exact > most->lossless.exact)
            most = &mapping->layers[i];
    return most;
}

/* The overrides of this run, but for what `change` replaces, then the change. */
static void print_overrides(const struct cli_config *source, const char *change, FILE *out) {
    size_t key = strcspn(change, "=") + 1;
    for (size_t i = 0; i < source->n_overrides; i++)
        if (strncmp(source->overrides[i], change, key) != 0 &&
            strncmp(source->overrides[i], "run.threads=", strlen("run.threads=")) != 0)
            fprintf(out, " --set %s", source->overrides[i]);
    fprintf(out, " --set %s", change);
}

/* One change worth trying, from what this run showed. */
static void print_hint(const struct run_view *view, const struct screen *screen) {
    const struct run_result *result = view->result;
    const struct run_accuracy *accuracy = &result->accuracy;
    int exact = most_demanding(&result->mapping)->lossless.exact;
    int bits = (int)run_record_metric(view->records, "adc_bits_max");
    bool full_range = result->layers[0].choice == ADC_TRANSFER_FULL_RANGE;
    char change[TEXT];
    const char *why;
    bool ideal_devices = true;
    for (int i = 0; i < result->mapping.n_layers; i++)
        ideal_devices = ideal_devices && result->layers[i].analog == NULL;
    if (accuracy->images > 0 && result->random && accuracy->trials == 1) {
        snprintf(change, sizeof change, "run.trials=5");
        why = "How much it varies";
    } else if (ideal_devices && accuracy->images > 0 &&
               accuracy->correct_ideal - accuracy->trial->correct > accuracy->images / 100) {
        snprintf(change, sizeof change, "adc.bits=lossless");
        why = "No accuracy lost";
    } else if (ideal_devices && !full_range && bits > exact) {
        snprintf(change, sizeof change, "adc.bits=%d", exact);
        why = "Fewer bits, nothing lost";
    } else if (accuracy->images > 0 && bits > 1 && result->ideal_classes == NULL) {
        snprintf(change, sizeof change, "adc.bits=%d", bits - 1);
        why = "One bit less";
    } else {
        int rows = result->mapping.layers[0].crossbar.rows;
        snprintf(change, sizeof change, "crossbar.rows=%d", rows > 1 ? rows / 2 : 2);
        why = rows > 1 ? "Smaller crossbars" : "Larger crossbars";
    }
    fprintf(screen->out, "%s%s:  mho run %s", screen_style(screen, STYLE_DIM), why,
            view->source->path);
    print_overrides(view->source, change, screen->out);
    fprintf(screen->out, "%s\n", screen_reset(screen));
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
    fprintf(screen->out,
            "The first layer alone sets the %d bits of the ADCs; the others need %d. In a "
            "configuration:\n  layers: {\"%s\": {adc.bits: %d}}",
            result->layers[0].adc_bits, bits, name, bits);
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
        fprintf(screen->out,
                "Dry run: configuration, model, data, mapping and costs are fine; nothing was "
                "simulated or stored.\n");
    else if (view->database == NULL)
        fprintf(screen->out, "Not stored, after %.1f s.\n", view->result->wall_s);
    else
        print_stored(view, screen);
    print_hint(view, screen);
}

enum status run_screen(const struct run_view *view, const struct screen *screen,
                       struct diagnostic *diag) {
    TRY(run_screen_summary(view, screen, diag));
    fputc('\n', screen->out);
    if (view->result->cost.n_rows > 0) {
        TRY(run_screen_components(view, screen, diag));
        fputc('\n', screen->out);
    }
    TRY(run_screen_layers(view, screen, diag));
    fputc('\n', screen->out);
    TRY(print_first_layer(view, screen, diag));
    run_screen_footer(view, screen);
    return STATUS_OK;
}
