/* The screen of `mho run`: which cells and converters are not ideal, and how. */
#include <string.h>

#include "sim/cli/run/run_view.h"

enum { INDENT = 11, WIDTH = 100, NUMBER = 32, KINDS_SHOWN = 3 };

/* A text that grows by parts: "NAME: part, part". Clears *complete when memory is short. */
struct text {
    const char *text;
    int parts;
    bool complete;
    struct arena *arena;
};

static void add(struct text *text, const char *part) {
    const char *longer =
        text->complete && part != NULL
            ? arena_printf(text->arena, "%s%s %s", text->text, text->parts > 0 ? "," : ":", part)
            : NULL;
    text->complete = longer != NULL;
    text->text = longer != NULL ? longer : text->text;
    text->parts++;
}

/* "`before` NUMBER `after`", where the number is not zero. */
static void add_figure(struct text *text, const char *before, double figure, const char *after) {
    if (figure != 0)
        add(text, arena_printf(text->arena, "%s%.4g%s", before, figure, after));
}

static void add_programming(struct text *text, const struct device *device) {
    static const char *const formats[] = {
        [PROGRAMMING_NORMAL] = "programming error %.4g of g_max",
        [PROGRAMMING_PROPORTIONAL] = "programming error %.4g of g",
        [PROGRAMMING_LOGNORMAL] = "lognormal programming error %.4g",
        [PROGRAMMING_POLYNOMIAL] = "measured programming error times %.4g",
    };
    if (device->programming_model == PROGRAMMING_POLYNOMIAL && device->programming_sigma == 1)
        add(text, "measured programming error");
    else if (device->programming_model != PROGRAMMING_NONE && device->programming_sigma > 0)
        add(text, arena_printf(text->arena, formats[device->programming_model],
                               device->programming_sigma));
}

static void add_drift(struct text *text, const struct device *device) {
    char time[NUMBER];
    if (device->drift_time_s <= device->drift_t0_s ||
        (device->drift_nu == 0 && device->drift_nu_sigma == 0))
        return;
    unit_format(device->drift_time_s, UNIT_SECOND, time, sizeof time);
    add(text, arena_printf(text->arena, "drift %.4g +- %.4g for %s", device->drift_nu,
                           device->drift_nu_sigma, time));
}

char *run_device_text(const struct run_device *made, struct arena *arena) {
    const struct device *device = &made->device;
    const struct adc_error_options *errors = &made->errors;
    struct text text = {.text = device->name, .complete = true, .arena = arena};
    add_programming(&text, device);
    add_figure(&text, "", 100 * device->stuck_on, " % stuck on");
    add_figure(&text, "", 100 * device->stuck_off, " % stuck off");
    add_drift(&text, device);
    if (!device->reference_column)
        add_figure(&text, "no reference column for off cells of ",
                   device->g_min_siemens / device->g_max_siemens, " g_max");
    add_figure(&text, "read noise ", device->read_noise, " of g_max");
    add_figure(&text, "read noise ", device->read_noise_slope, " of g");
    add_figure(&text, "ADC offset ", errors->offset_sigma, " LSB");
    add_figure(&text, "ADC gain ", 100 * errors->gain_sigma, " %");
    add_figure(&text, "ADC noise ", errors->thermal_noise, " LSB");
    add_figure(&text, "ADC INL ", errors->inl, " LSB");
    add_figure(&text, "ADC DNL ", errors->dnl_sigma, " LSB");
    return text.complete ? arena_strdup(arena, text.text) : NULL;
}

/* Breaks lines behind commas; the first line has begun. */
static void print_wrapped(const struct screen *screen, const char *text) {
    int column = INDENT;
    while (*text != '\0') {
        const char *comma = strchr(text, ',');
        int length = comma != NULL ? (int)(comma - text) + 1 : (int)strlen(text);
        if (column > INDENT && column + length > WIDTH) {
            fprintf(screen->out, "\n%*s", INDENT, "");
            column = INDENT;
            text++; /* the blank behind the comma */
            length--;
        }
        fprintf(screen->out, "%.*s", length, text);
        column += length;
        text += length;
    }
    fputc('\n', screen->out);
}

/* Layers with the same text, in order of the first. */
struct kind {
    const char *text;
    int layers;
};

static int gather(const struct run_result *result, struct kind *kinds, struct arena *arena) {
    int n = 0;
    for (int i = 0; i < result->mapping.n_layers; i++) {
        const char *text = run_device_text(&result->devices[i], arena);
        int k = 0;
        if (text == NULL)
            return -1;
        while (k < n && strcmp(kinds[k].text, text) != 0)
            k++;
        if (k == n)
            kinds[n++] = (struct kind){.text = text};
        kinds[k].layers++;
    }
    return n;
}

static void print_kinds(const struct screen *screen, const struct kind *kinds, int n,
                        struct arena *arena) {
    for (int k = 0; k < n && k < KINDS_SHOWN; k++) {
        const char *text = n == 1
                               ? kinds[k].text
                               : arena_printf(arena, "%s (%d %s)", kinds[k].text, kinds[k].layers,
                                              kinds[k].layers == 1 ? "layer" : "layers");
        screen_label(screen, k == 0 ? "Devices" : "");
        print_wrapped(screen, text != NULL ? text : kinds[k].text);
    }
    if (n > KINDS_SHOWN) {
        screen_label(screen, "");
        fprintf(screen->out, "and %d more kinds: --explain has every layer\n", n - KINDS_SHOWN);
    }
}

enum status run_screen_devices(const struct run_view *view, const struct screen *screen,
                               struct diagnostic *diag) {
    const struct run_result *result = view->result;
    int layers = result->mapping.n_layers, imperfect = 0;
    struct arena arena = ARENA_INIT;
    for (int i = 0; i < layers; i++)
        imperfect += result->layers[i].analog != NULL;
    if (imperfect == 0)
        return STATUS_OK;
    struct kind *kinds = ARENA_NEW(&arena, layers, struct kind);
    int n = kinds != NULL ? gather(result, kinds, &arena) : -1;
    if (n > 0)
        print_kinds(screen, kinds, n, &arena);
    arena_free(&arena);
    return n > 0 ? STATUS_OK : FAIL_MEMORY(diag, "devices");
}
