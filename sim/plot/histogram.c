/* Partial sums of a layer on calibration images, and the levels of its converters. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "crossbar/geometry.h"
#include "peripherals/adc_fit.h"
#include "sim/plot/plot_internal.h"
#include "sim/run/run.h"
#include "sim/screen/screen.h"

/* --- what is drawn --- */

struct sums {
    const struct store_layer *layer;
    int position;
    struct sum_histogram counts;
    double conversions;
    int64_t largest; /* that was seen */
    enum adc_transfer_choice choice;
    double *levels; /* [n_levels] sums that a code stands for, ascending */
    int n_levels;
    double low, high; /* what the converter resolves */
};

static enum status read_counts(struct store *store, int64_t run_id, struct arena *arena,
                               struct sums *sums, struct diagnostic *diag) {
    struct store_query *query;
    bool row = true;
    const char *sql = arena_printf(arena,
                                   "SELECT sum, count FROM histogram WHERE run_id = %lld AND "
                                   "position = %d ORDER BY sum",
                                   (long long)run_id, sums->position);
    int64_t size = sums->layer->largest_sum + 1;
    sums->counts = (struct sum_histogram){.size = size, .counts = ARENA_NEW(arena, size, uint64_t)};
    if (sql == NULL || sums->counts.counts == NULL)
        return FAIL_MEMORY(diag, "a plot");
    TRY(store_query_open(store, sql, &query, diag));
    enum status status = store_query_next(query, &row, diag);
    while (status == STATUS_OK && row) {
        int64_t sum = store_query_value(query, 0).integer;
        int64_t count = store_query_value(query, 1).integer;
        if (sum >= 0 && sum < size && count > 0) {
            sums->counts.counts[sum] = (uint64_t)count;
            sums->conversions += (double)count;
            sums->largest = sum;
        }
        status = store_query_next(query, &row, diag);
    }
    store_query_close(query);
    return status;
}

static enum status make_fit(const struct adc_options *adc, struct sums *sums, struct arena *arena,
                            struct diagnostic *diag) {
    struct adc_fit fit;
    TRY(adc_fit_make(sums->choice, sums->layer->adc_bits, adc->percentile, sums->layer->largest_sum,
                     &sums->counts, arena, &fit, diag));
    for (int i = 0; i < sums->n_levels; i++)
        sums->levels[i] = ldexp(fit.levels[i], -fit.fraction_bits);
    adc_resolved_range(sums->choice, sums->layer->adc_bits, &fit, &sums->low, &sums->high);
    return STATUS_OK;
}

/* As the run's own configuration has them. */
static enum status make_levels(const struct config *config, struct sums *sums, struct arena *arena,
                               struct diagnostic *diag) {
    struct adc_options adc;
    struct dac_options dac;
    struct crossbar_options crossbar;
    struct mapping_options mapping;
    const char *name = sums->layer->name;
    int bits = sums->layer->adc_bits;
    TRY(config_get_layer(config, "adc", name, &adc, diag));
    TRY(config_get_layer(config, "dac", name, &dac, diag));
    TRY(config_get_layer(config, "crossbar", name, &crossbar, diag));
    TRY(config_get_layer(config, "mapping", name, &mapping, diag));
    sums->choice = (enum adc_transfer_choice)adc.transfer;
    sums->n_levels = 1 << bits;
    sums->levels = ARENA_NEW(arena, sums->n_levels, double);
    if (sums->levels == NULL)
        return FAIL_MEMORY(diag, "a plot");
    if (adc_is_fitted(sums->choice) && sums->layer->largest_sum >= sums->n_levels)
        return make_fit(&adc, sums, arena, diag);
    /* DESIGN, "ADC transfer": one code a unit, or the whole of S_bound = rows (2^c - 1)(2^v - 1).
     */
    double rows = mapping.ou_rows > 0 ? mapping.ou_rows : crossbar.rows;
    double bound = rows * ((1 << crossbar.cell_bits) - 1) * ((1 << dac.bits) - 1);
    double step = 1;
    if (sums->choice == ADC_TRANSFER_FULL_RANGE && bound > sums->n_levels - 1)
        step = bound / (sums->n_levels - 1);
    for (int i = 0; i < sums->n_levels; i++)
        sums->levels[i] = step * i;
    sums->low = 0;
    sums->high = step * (sums->n_levels - 1);
    return STATUS_OK;
}

/* The layer that is asked for: a name, or its end. */
static enum status find_layer(struct store *store, const struct plot_request *request,
                              const struct store_run *run, struct arena *arena, struct sums *sums,
                              struct diagnostic *diag) {
    const char **names = ARENA_NEW(arena, run->n_layers + 1, const char *);
    if (names == NULL)
        return FAIL_MEMORY(diag, "a plot");
    if (run->n_layers == 0)
        return FAIL(diag, STATUS_USAGE, "run %lld has no layers (run.detail: totals)",
                    (long long)request->runs[0]);
    for (int pass = 0; pass < 2 && request->layer != NULL; pass++)
        for (int i = 0; i < run->n_layers; i++) {
            const char *name = names[i] = run->layers[i].name;
            size_t length = strlen(name), own = strlen(request->layer);
            if (strcmp(name, request->layer) == 0 ||
                (pass == 1 && length > own && strstr(name, request->layer) != NULL)) {
                *sums = (struct sums){.layer = &run->layers[i], .position = i};
                return read_counts(store, request->runs[0], arena, sums, diag);
            }
        }
    if (request->layer != NULL) {
        const char *closest = text_closest(request->layer, names, (size_t)run->n_layers);
        return FAIL(diag, STATUS_USAGE, "run %lld has no layer `%s` (%s `%s`%s)",
                    (long long)request->runs[0], request->layer,
                    closest != NULL ? "did you mean" : "the first is",
                    closest != NULL ? closest : names[0], closest != NULL ? "?" : "");
    }
    int first = 0; /* that loses something */
    while (first < run->n_layers - 1 &&
           run->layers[first].adc_bits >= run->layers[first].lossless_bits)
        first++;
    *sums = (struct sums){.layer = &run->layers[first], .position = first};
    return read_counts(store, request->runs[0], arena, sums, diag);
}

static enum status read_sums(struct store *store, const struct plot_request *request,
                             struct store_run *run, struct config *config, struct arena *arena,
                             struct sums *sums, struct diagnostic *diag) {
    const char *yaml;
    TRY(plot_read_run(store, request->runs[0], arena, run, diag));
    TRY(find_layer(store, request, run, arena, sums, diag));
    if (sums->conversions <= 0)
        return FAIL(diag, STATUS_USAGE,
                    "run %lld has no histogram of layer %s: they are taken with run.detail: layers "
                    "and dataset.calibration, of the first trial, where a converter loses "
                    "something",
                    (long long)request->runs[0], sums->layer->name);
    TRY(store_read_config(store, request->runs[0], arena, &yaml, diag));
    TRY(config_load_text(config, yaml, "the stored configuration", diag));
    return make_levels(config, sums, arena, diag);
}

/* --- the picture --- */

static const struct plot_frame frame = {
    .width = 900, .height = 500, .left = 80, .right = 30, .top = 66, .bottom = 60};

/* As a share: impulses would hide in each other where there are thousands. */
static void write_bars(FILE *script, const struct sums *sums) {
    fputs("$sums << EOD\n", script);
    for (int64_t s = 0; s <= sums->largest; s++)
        if (sums->counts.counts[s] > 0)
            fprintf(script, "%lld %.6g\n", (long long)s,
                    (double)sums->counts.counts[s] / sums->conversions);
    fputs("EOD\n", script);
}

static void write_levels(FILE *script, const struct sums *sums, double right) {
    fputs("$levels << EOD\n", script);
    for (int i = 0; i < sums->n_levels && sums->levels[i] <= right; i++)
        fprintf(script, "%.9g\n", sums->levels[i]);
    fputs("EOD\n", script);
}

static void describe(const struct sums *sums, char text[2 * PLOT_LABEL]) {
    double outside = 100 * histogram_outside(&sums->counts, sums->low, sums->high);
    char cut[64], conversions[32];
    if (outside > 0)
        snprintf(cut, sizeof cut, "%.3g %% of the sums lie beyond them", outside);
    else
        snprintf(cut, sizeof cut, "no sum lies beyond them");
    snprintf(text, 2 * PLOT_LABEL,
             "%s conversions on calibration images; orange: the %d levels of %d bits (%s), %.5g "
             "to %.5g; %s",
             text_thousands((long)sums->conversions, conversions, sizeof conversions),
             sums->n_levels, sums->layer->adc_bits, adc_transfer_names[sums->choice],
             sums->levels[0], sums->levels[sums->n_levels - 1], cut);
}

static enum status draw(const struct plot_request *request, const struct sums *sums,
                        struct diagnostic *diag) {
    char *text = NULL, title[2 * PLOT_LABEL], subtitle[2 * PLOT_LABEL];
    size_t size = 0;
    double least = 1, right = 1.04 * (double)sums->largest + 1;
    for (int64_t s = 0; s <= sums->largest; s++)
        if (sums->counts.counts[s] > 0)
            least = fmin(least, (double)sums->counts.counts[s] / sums->conversions);
    FILE *script = open_memstream(&text, &size);
    if (script == NULL)
        return FAIL_MEMORY(diag, "a plot");
    snprintf(title, sizeof title, "Partial sums of layer %.60s, run %lld", sums->layer->name,
             (long long)request->runs[0]);
    describe(sums, subtitle);
    script_begin(script, &frame, request->title != NULL ? request->title : title, subtitle);
    write_bars(script, sums);
    write_levels(script, sums, right);
    fprintf(script,
            "set logscale y\nset format y '10^{%%L}'\nset xrange [-0.02*%g:%g]\nset yrange "
            "[%g:1]\nset xlabel 'Sum of a bit line'\nset ylabel 'Share of conversions'\n"
            "set boxwidth %g\nset style fill solid noborder\n",
            right, right, least / 2, right > 400 ? right / 400 : 0.8);
    if (sums->high < (double)sums->largest)
        fprintf(script,
                "set object 1 rectangle from %.9g,graph 0 to %.9g,graph 1 fc rgb '#fbe9d7' fs "
                "solid noborder behind\nset label 'cut off' at %.9g,graph 0.95 left offset 0.5,0 "
                "textcolor rgb '#a05000' front\n",
                sums->high + 0.5, right, sums->high + 0.5);
    /* Levels as ticks from the ground where they are many. */
    double top = sums->n_levels <= 40 ? 1 : 0.06;
    fprintf(
        script,
        "ground = %g\ntop = ground * (1 / ground) ** %g\n"
        "plot $sums using 1:2 with boxes lc rgb '%s' notitle, $levels using 1:(ground):(0):(top - "
        "ground) with vectors nohead lw 1 lc rgb '%s' notitle\n",
        least / 2, top, plot_colours[0], plot_colours[1]);
    return script_draw(script, &text, &frame, request->output, diag);
}

enum status plot_histogram(struct store *store, const struct plot_request *request,
                           struct arena *arena, struct diagnostic *diag) {
    struct store_run run;
    struct sums sums;
    struct config *config;
    TRY(config_create(run_sections, n_run_sections, &config, diag));
    enum status status = read_sums(store, request, &run, config, arena, &sums, diag);
    if (status == STATUS_OK)
        status = draw(request, &sums, diag);
    config_free(config);
    return status;
}
