/* The first lines of the screen of `mho run`: what was simulated, on which hardware. */
#include <string.h>

#include "sim/cli/run/run_view.h"
#include "sim/screen/names.h"

enum { TEXT = 64, PHRASE = 3 * TEXT };

/* What a layer has of one property, as text. */
typedef void describe(const struct run_result *result, int layer, char text[TEXT]);

static void describe_crossbar(const struct run_result *result, int layer, char text[TEXT]) {
    const struct crossbar_options *crossbar = &result->mapping.layers[layer].crossbar;
    snprintf(text, TEXT, "%dx%d", crossbar->rows, crossbar->columns);
}

static void describe_cell(const struct run_result *result, int layer, char text[TEXT]) {
    snprintf(text, TEXT, "%d-bit", result->mapping.layers[layer].crossbar.cell_bits);
}

static void describe_weight(const struct run_result *result, int layer, char text[TEXT]) {
    snprintf(text, TEXT, "%d-bit", result->mapping.layers[layer].encoding.weight_bits);
}

static void describe_encoding(const struct run_result *result, int layer, char text[TEXT]) {
    snprintf(text, TEXT, "%s", encoding_names[result->mapping.layers[layer].encoding.kind]);
}

static void describe_compaction(const struct run_result *result, int layer, char text[TEXT]) {
    snprintf(text, TEXT, "%s", compaction_names[result->mapping.layers[layer].compaction]);
}

static void describe_unit(const struct run_result *result, int layer, char text[TEXT]) {
    const struct mapped_layer *mapped = &result->mapping.layers[layer];
    if (mapped->unit_rows == mapped->crossbar.rows &&
        mapped->unit_filters == mapped->filters_per_array)
        snprintf(text, TEXT, "none");
    else
        snprintf(text, TEXT, "%dx%d", mapped->unit_rows,
                 mapped->unit_filters * mapped->encoding.columns);
}

static void describe_dac(const struct run_result *result, int layer, char text[TEXT]) {
    snprintf(text, TEXT, "%d-bit", result->mapping.layers[layer].dac_bits);
}

static void describe_transfer(const struct run_result *result, int layer, char text[TEXT]) {
    snprintf(text, TEXT, "%s", adc_transfer_names[result->layers[layer].choice]);
}

static int count_layers(const struct run_result *result, describe *property, const char *text) {
    int count = 0;
    char other[TEXT];
    for (int i = 0; i < result->mapping.n_layers; i++) {
        property(result, i, other);
        count += strcmp(other, text) == 0;
    }
    return count;
}

/* "differential" where all layers have it, "differential (1 layer offset)" where the others agree,
 * else "differential (3 layers differ)". */
static const char *phrase_of(const struct run_result *result, describe *property,
                             char phrase[PHRASE]) {
    char most[TEXT], text[TEXT], other[TEXT] = "";
    int n = result->mapping.n_layers, largest = 0;
    for (int i = 0; i < n; i++) {
        property(result, i, text);
        int count = count_layers(result, property, text);
        if (count > largest) {
            largest = count;
            memcpy(most, text, sizeof most);
        }
    }
    for (int i = 0; i < n && other[0] == '\0'; i++) {
        property(result, i, text);
        if (strcmp(text, most) != 0)
            memcpy(other, text, sizeof other);
    }
    int rest = n - largest;
    if (rest == 0)
        snprintf(phrase, PHRASE, "%s", most);
    else if (count_layers(result, property, other) == rest)
        snprintf(phrase, PHRASE, "%s (%d layer%s %s)", most, rest, rest == 1 ? "" : "s", other);
    else
        snprintf(phrase, PHRASE, "%s (%d layers differ)", most, rest);
    return phrase;
}

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

void run_screen_headline(const struct run_view *view, const struct screen *screen) {
    const struct run_result *result = view->result;
    const struct dataset_options *dataset = config_get(result->config, "dataset");
    int images = result->accuracy.images;
    char number[TEXT], phrase[PHRASE];
    fprintf(screen->out, "%s%s%s", screen_style(screen, STYLE_BOLD),
            file_name(result->network.path), screen_reset(screen));
    if (images > 0)
        fprintf(screen->out, " on %s image%s of %s", text_thousands(images, number, sizeof number),
                images == 1 ? "" : "s", file_name(dataset->images));
    else
        fputs(", no images simulated", screen->out);
    fprintf(screen->out, "\n%s%s crossbars", screen_style(screen, STYLE_DIM),
            phrase_of(result, describe_crossbar, phrase));
    fprintf(screen->out, " of %s cells", phrase_of(result, describe_cell, phrase));
    fprintf(screen->out, ", %s weights", phrase_of(result, describe_weight, phrase));
    fprintf(screen->out, ", %s", phrase_of(result, describe_encoding, phrase));
    if (strcmp(phrase_of(result, describe_compaction, phrase), "none") != 0)
        fprintf(screen->out, ", compaction %s", phrase);
    if (strcmp(phrase_of(result, describe_unit, phrase), "none") != 0)
        fprintf(screen->out, ", operation units %s", phrase);
    fprintf(screen->out, ", %s DAC", phrase_of(result, describe_dac, phrase));
    bits_range(result, number, sizeof number);
    fprintf(screen->out, ", %s-bit ADC, %s%s\n\n", number,
            phrase_of(result, describe_transfer, phrase), screen_reset(screen));
}
