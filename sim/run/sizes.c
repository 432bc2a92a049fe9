#include "sim/run/sizes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = ADC_BITS_MAX + 1 };

/* Figures that differ by less are equal: sums of many rows are rounded. */
static const double EQUAL = 1e-12;

static enum status read_layer(const struct config *config, const char *name, struct size_list *list,
                              bool *any, struct diagnostic *diag) {
    struct crossbar_options crossbar;
    struct diagnostic why = {0};
    TRY(config_get_layer(config, "crossbar", name, &crossbar, diag));
    if (crossbar.sizes == NULL) {
        list->n = 1;
        list->size[0] = (struct crossbar_size){crossbar.rows, crossbar.columns};
        return STATUS_OK;
    }
    *any = true;
    enum status status = crossbar_sizes_read(crossbar.sizes, list->size, &list->n, &why);
    return status == STATUS_OK
               ? status
               : FAIL(diag, status, "crossbar.sizes of layer %s: %s", name, why.message);
}

enum status sizes_read(const struct config *config, const struct network *network,
                       struct size_list *lists, struct diagnostic *diag) {
    const struct crossbar_options *options = config_get(config, "crossbar");
    bool any = false;
    for (int i = 0; i < network->n_matrix; i++) {
        lists[i] = (struct size_list){0};
        TRY(read_layer(config, network->matrix[i].name, &lists[i], &any, diag));
    }
    if (any && options->choose == CROSSBAR_CHOOSE_NONE)
        return FAIL(diag, STATUS_USAGE,
                    "crossbar.sizes is for a choice, and crossbar.choose is none: set it to area "
                    "or energy");
    if (!any && options->choose != CROSSBAR_CHOOSE_NONE)
        return FAIL(diag, STATUS_USAGE,
                    "crossbar.choose has nothing to choose from: set crossbar.sizes, as \"64x64, "
                    "128x128\"");
    return STATUS_OK;
}

enum status sizes_leave_out(const struct config *config, const struct network *network,
                            struct size_list *lists, struct run_sizes_left_out *left_out,
                            struct arena *arena, struct diagnostic *diag) {
    *left_out = (struct run_sizes_left_out){0};
    for (int i = 0; i < network->n_matrix; i++) {
        struct size_list *list = &lists[i];
        struct diagnostic why = {0};
        int kept = 0;
        for (int k = 0; k < list->n && list->n > 1; k++) {
            enum status status = mapping_check_size(network, i, config, &list->size[k], &why);
            if (status == STATUS_OK)
                list->size[kept++] = list->size[k];
            else if (status != STATUS_USAGE)
                return FAIL(diag, status, "%s", why.message);
            else if (left_out->count++ == 0)
                left_out->first = arena_printf(arena, "%s", why.message);
            if (left_out->count > 0 && left_out->first == NULL)
                return FAIL_MEMORY(diag, "the sizes of arrays");
        }
        if (list->n > 1 && kept == 0)
            return FAIL(diag, STATUS_USAGE, "no size of crossbar.sizes will do: %s", why.message);
        list->n = list->n > 1 ? kept : list->n;
    }
    return STATUS_OK;
}

/* One layer's sizes, as the choice knows them. */
struct options {
    bool word; /* adc.bits is a word: under uniform allocation it takes the bits of others */
    int bits[CROSSBAR_SIZES_MAX];   /* that it needs by itself; 0: the size cannot be had */
    double own[CROSSBAR_SIZES_MAX]; /* what the layer takes with converters of some bits */
};

struct chooser {
    const struct cost_inputs *inputs;
    const struct size_list *lists;
    struct options *options;     /* [n] */
    int *tried;                  /* [n] an assignment */
    int n;                       /* layers */
    bool energy;                 /* else area */
    bool uniform;                /* adc.allocation */
    struct mapping view;         /* of some assignment */
    struct engine_layer *layers; /* [n] its converters */
    struct diagnostic why;       /* of the estimate that failed last */
};

static void chooser_free(struct chooser *c) {
    free(c->options);
    free(c->tried);
    free(c->view.layers);
    free(c->layers);
}

/* Bits of every layer with each of its sizes; a size whose converters do not exist is left out. */
static enum status find_bits(struct chooser *c, struct diagnostic *diag) {
    const struct adc_model *model = converters_model(c->inputs);
    for (int i = 0; i < c->n; i++)
        for (int k = 0; k < c->lists[i].n; k++) {
            struct options *own = &c->options[i];
            struct engine_layer layer = {0};
            enum status status = run_resolve_layer(c->inputs->config, c->lists[i].mapped[k], &layer,
                                                   &own->word, &c->why);
            if (status != STATUS_OK && status != STATUS_USAGE)
                return FAIL(diag, status, "%s", c->why.message);
            if (status == STATUS_OK && layer.adc_bits >= model->minimum_bits &&
                layer.adc_bits <= model->maximum_bits)
                own->bits[k] = layer.adc_bits;
        }
    return STATUS_OK;
}

static enum status chooser_make(struct chooser *c, struct diagnostic *diag) {
    size_t n = (size_t)c->n;
    c->options = calloc(n, sizeof *c->options);
    c->layers = calloc(n, sizeof *c->layers);
    c->tried = calloc(n, sizeof *c->tried);
    c->view = (struct mapping){.layers = calloc(n, sizeof *c->view.layers), .n_layers = c->n};
    if (c->options == NULL || c->tried == NULL || c->layers == NULL || c->view.layers == NULL)
        return FAIL_MEMORY(diag, "the sizes of arrays");
    return find_bits(c, diag);
}

/* The view becomes the assignment `pick`. */
static void assign(struct chooser *c, const int *pick) {
    for (int i = 0; i < c->n; i++) {
        int copies = c->inputs->mapping->layers[i].copies;
        c->view.layers[i] = *c->lists[i].mapped[pick[i]];
        c->view.layers[i].copies = copies;
    }
    mapping_count_crossbars(&c->view);
}

static enum status estimate(struct chooser *c, struct cost_report *report) {
    struct cost_inputs inputs = *c->inputs;
    inputs.mapping = &c->view;
    inputs.layers = c->layers;
    inputs.activity = NULL;
    inputs.images = 0;
    return cost_estimate(&inputs, report, &c->why);
}

/* What the network takes under an assignment, with the converters that it gives; INFINITY: it
 * cannot be (chooser.why). */
static enum status measure(struct chooser *c, const int *pick, double *figure,
                           struct diagnostic *diag) {
    struct cost_report report;
    *figure = INFINITY;
    assign(c, pick);
    enum status status = run_resolve_converters(c->inputs->config, &c->view, c->layers, &c->why);
    if (status == STATUS_OK)
        status = estimate(c, &report);
    if (status == STATUS_USAGE)
        return STATUS_OK;
    if (status != STATUS_OK)
        return FAIL(diag, status, "%s", c->why.message);
    *figure = c->energy ? report.energy_j : report.area_used_m2;
    cost_report_free(&report);
    return STATUS_OK;
}

/* Every layer's own figure with its size number k (the last one where it has fewer), with
 * converters of `bits` where they are joined. */
static enum status measure_layers(struct chooser *c, int k, int bits, int *pick,
                                  struct diagnostic *diag) {
    struct cost_report report;
    for (int i = 0; i < c->n; i++)
        pick[i] = k < c->lists[i].n ? k : c->lists[i].n - 1;
    assign(c, pick);
    for (int i = 0; i < c->n; i++) {
        const struct options *own = &c->options[i];
        bool joined = c->uniform && own->word;
        struct engine_layer *layer = &c->layers[i];
        bool word; /* what fails here is left out by find_bits */
        if (run_resolve_layer(c->inputs->config, &c->view.layers[i], layer, &word, &c->why) ==
            STATUS_MEMORY)
            return FAIL_MEMORY(diag, "the sizes of arrays");
        c->layers[i].adc_bits = joined || own->bits[pick[i]] == 0 ? bits : own->bits[pick[i]];
    }
    enum status status = estimate(c, &report);
    if (status != STATUS_OK && status != STATUS_USAGE)
        return FAIL(diag, status, "%s", c->why.message);
    for (int i = 0; i < c->n; i++)
        c->options[i].own[pick[i]] = status != STATUS_OK ? INFINITY
                                     : c->energy         ? report.layers[i].energy_j
                                                         : report.layers[i].area_m2;
    if (status == STATUS_OK)
        cost_report_free(&report);
    return STATUS_OK;
}

/* The assignment of the least sum where no layer needs more than `bits`; false: some layer does
 * with all of its sizes. */
static enum status pick_within(struct chooser *c, int bits, int *pick, bool *possible,
                               struct diagnostic *diag) {
    for (int k = 0; k < CROSSBAR_SIZES_MAX; k++) {
        bool any = k == 0;
        for (int i = 0; i < c->n; i++)
            any = any || k < c->lists[i].n;
        if (any)
            TRY(measure_layers(c, k, bits, pick, diag));
    }
    *possible = true;
    for (int i = 0; i < c->n; i++) {
        const struct options *own = &c->options[i];
        bool joined = c->uniform && own->word;
        pick[i] = -1;
        for (int k = 0; k < c->lists[i].n; k++)
            if (own->bits[k] > 0 && (!joined || own->bits[k] <= bits) &&
                (pick[i] < 0 || own->own[k] < own->own[pick[i]] * (1 - EQUAL)))
                pick[i] = k;
        *possible = *possible && pick[i] >= 0;
    }
    return STATUS_OK;
}

/* Step 1: the best assignment over all resolutions that layers need; best INFINITY: none can be. */
static enum status start(struct chooser *c, int *pick, double *best, struct diagnostic *diag) {
    bool needed[BITS] = {false};
    for (int i = 0; i < c->n; i++)
        for (int k = 0; k < c->lists[i].n; k++)
            needed[c->options[i].bits[k]] = true;
    *best = INFINITY;
    for (int bits = 1; bits < BITS; bits++) {
        bool possible = false;
        double figure = INFINITY;
        if (!needed[bits])
            continue;
        TRY(pick_within(c, bits, c->tried, &possible, diag));
        if (possible)
            TRY(measure(c, c->tried, &figure, diag));
        if (figure < *best * (1 - EQUAL)) {
            *best = figure;
            memcpy(pick, c->tried, (size_t)c->n * sizeof *pick);
        }
        if (!c->uniform)
            break; /* the others would be the same */
    }
    return STATUS_OK;
}

/* Step 2. */
static enum status improve(struct chooser *c, int *pick, double *best, struct diagnostic *diag) {
    for (bool better = true; better;) {
        better = false;
        for (int i = 0; i < c->n; i++) {
            int had = pick[i];
            for (int k = 0; k < c->lists[i].n; k++) {
                double figure = INFINITY;
                int kept = pick[i];
                if (k == had || c->options[i].bits[k] == 0)
                    continue;
                pick[i] = k;
                TRY(measure(c, pick, &figure, diag));
                if (figure < *best * (1 - EQUAL)) {
                    *best = figure;
                    better = true;
                } else
                    pick[i] = kept;
            }
        }
    }
    return STATUS_OK;
}

static enum status choose(struct chooser *c, int *pick, struct diagnostic *diag) {
    double best = INFINITY;
    TRY(chooser_make(c, diag));
    TRY(start(c, pick, &best, diag));
    if (isinf(best))
        return FAIL(diag, STATUS_USAGE, "no size of crossbar.sizes will do: %s", c->why.message);
    return improve(c, pick, &best, diag);
}

enum status sizes_choose(const struct cost_inputs *inputs, const struct size_list *lists, int *pick,
                         struct diagnostic *diag) {
    const struct crossbar_options *crossbar = config_get(inputs->config, "crossbar");
    const struct adc_options *adc = config_get(inputs->config, "adc");
    struct chooser chooser = {.inputs = inputs,
                              .lists = lists,
                              .n = inputs->mapping->n_layers,
                              .energy = crossbar->choose == CROSSBAR_CHOOSE_ENERGY,
                              .uniform = adc->allocation == ADC_UNIFORM};
    enum status status = choose(&chooser, pick, diag);
    chooser_free(&chooser);
    return status;
}
