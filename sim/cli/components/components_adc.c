/* mho components adc: what converters cost by each model. */
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/components/components_adc.h"
#include "sim/run/run.h"
#include "sim/screen/gnuplot.h"

enum {
    OPTION_BITS = 256,
    OPTION_RATE,
    OPTION_NODE,
    OPTION_ROWS,
    OPTION_SUPPLY,
    OPTION_TEMPERATURE,
    OPTION_COLUMN,
    OPTION_READ,
    OPTION_PLOT,
    OPTION_JSON
};

struct adc_arguments {
    const char *bits, *model, *rate, *node, *plot;
    const char *fields[OPTION_READ - OPTION_ROWS + 1]; /* by option, from OPTION_ROWS */
    bool json;
};

/* Options that stand for fields of the configuration, in the order of `fields`. */
static const struct {
    const char *option, *field;
} field_options[] = {
    {"--rows", "crossbar.rows"},
    {"--supply", "adc.supply"},
    {"--temperature", "adc.temperature"},
    {"--column-resistance", "adc.column_resistance"},
    {"--read-voltage", "adc.read_voltage"},
};

static const struct argp_option option_table[] = {
    {"bits", OPTION_BITS, "A..B", 0, "resolutions, or one (3..10)", 0},
    {"model", 'm', "NAME", 0, "one model, or all of them (all)", 0},
    {"rate", OPTION_RATE, "F", 0, "conversions a second asked of one converter (1.2 GHz)", 0},
    {"node", OPTION_NODE, "L", 0, "process, for models that follow it (32 nm)", 0},
    {"rows", OPTION_ROWS, "N", 0, "word lines of the array, for zigzag (128)", 0},
    {"supply", OPTION_SUPPLY, "V", 0, "supply voltage, for zigzag (0.9 V)", 0},
    {"temperature", OPTION_TEMPERATURE, "T", 0, "for neurosim-sar (300 K)", 0},
    {"column-resistance", OPTION_COLUMN, "R", 0, "of a bit line, for neurosim-sar (10 kohm)", 0},
    {"read-voltage", OPTION_READ, "V", 0, "on the bit line, for neurosim-sar (0.5 V)", 0},
    {"plot", OPTION_PLOT, "FILE", 0, "draw it, too: FILE.svg, .png or .pdf, by gnuplot", 0},
    {"json", OPTION_JSON, NULL, 0, "print one JSON object, in SI units", 0},
    {0},
};

static const char documentation[] =
    "Area, energy and time of one analog-to-digital converter by every published model, side by "
    "side: they disagree by orders of magnitude, so a conclusion about ADC bits depends on the "
    "model chosen (adc.model in a configuration). n/a: outside what the model holds for, or not "
    "given by its source."
    "\vExamples:\n"
    "  mho components adc --bits 3..10 --plot spread.svg\n"
    "  mho components adc --model murmann --rate 100MHz --node 65nm\n"
    "  mho components adc --bits 8 --json | jq '.models[].costs[0].area_m2'\n";

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct adc_arguments *arguments = state->input;
    switch (key) {
    case OPTION_BITS:
        arguments->bits = value;
        return 0;
    case 'm':
        arguments->model = value;
        return 0;
    case OPTION_RATE:
        arguments->rate = value;
        return 0;
    case OPTION_NODE:
        arguments->node = value;
        return 0;
    case OPTION_PLOT:
        arguments->plot = value;
        return 0;
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "`%s` is too many: this command takes options only", value);
        return 0;
    default:
        if (key < OPTION_ROWS || key > OPTION_READ)
            return ARGP_ERR_UNKNOWN;
        arguments->fields[key - OPTION_ROWS] = value;
        return 0;
    }
}

static const struct argp parser = {option_table, parse_option, NULL, documentation, 0, 0, 0};

/* "3..10", or "8". */
static enum status read_bits(const char *text, struct adc_spread *spread, struct diagnostic *diag) {
    char first[16];
    long long from, to;
    const char *dots = strstr(text, "..");
    size_t length = dots != NULL ? (size_t)(dots - text) : strlen(text);
    snprintf(first, sizeof first, "%.*s", (int)length, text);
    if (length >= sizeof first || !text_to_int(first, &from) ||
        !text_to_int(dots != NULL ? dots + 2 : first, &to) || from < 1 || from > to ||
        to > ADC_BITS_MAX)
        return FAIL(diag, STATUS_USAGE,
                    "--bits %s: expected a resolution or a range of them, such as 3..10, within "
                    "1..%d",
                    text, ADC_BITS_MAX);
    spread->first_bits = (int)from;
    spread->last_bits = (int)to;
    return STATUS_OK;
}

static enum status read_models(const char *name, struct adc_spread *spread,
                               struct diagnostic *diag) {
    if (strcmp(name, "all") == 0) {
        for (int i = 0; i < n_adc_models && i < SPREAD_MODELS_MAX; i++)
            spread->models[spread->n_models++] = &adc_models[i];
        return STATUS_OK;
    }
    const struct adc_model *model = adc_model_find(name);
    if (model != NULL) {
        spread->models[spread->n_models++] = model;
        return STATUS_OK;
    }
    size_t n = ADC_MODEL_FIRST + (size_t)n_adc_models;
    const char *closest = text_closest(name, adc_model_words, n);
    char list[256] = "all";
    for (int i = 0; i < n_adc_models; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), ", %s", adc_models[i].name);
    if (closest != NULL && strcmp(closest, "chip") != 0)
        return FAIL(diag, STATUS_USAGE, "--model %s: there is no such model (did you mean %s?)",
                    name, closest);
    return FAIL(diag, STATUS_USAGE, "--model %s: there is no such model (there is: %s)", name,
                list);
}

static enum status read_quantity(const char *option, const char *text, enum unit unit,
                                 double minimum, double maximum, const char *expected, double *si,
                                 struct diagnostic *diag) {
    if (text == NULL || (unit_parse(text, unit, si) && *si >= minimum && *si <= maximum))
        return STATUS_OK;
    return FAIL(diag, STATUS_USAGE, "%s %s: expected %s", option, text, expected);
}

/* Conditions from the fields' own defaults and checks. */
static enum status read_fields(const struct adc_arguments *arguments, struct config *config,
                               struct adc_spread *spread, struct diagnostic *diag) {
    for (size_t i = 0; i < sizeof field_options / sizeof *field_options; i++) {
        char assignment[128];
        if (arguments->fields[i] == NULL)
            continue;
        snprintf(assignment, sizeof assignment, "%s=%s", field_options[i].field,
                 arguments->fields[i]);
        TRY(cli_check_option(field_options[i].option, assignment, diag));
        TRY(config_override(config, assignment, diag));
    }
    const struct crossbar_options *crossbar = config_get(config, "crossbar");
    double rate_hz = adc_conditions_default.rate_hz, node_m = adc_conditions_default.node_m;
    TRY(read_quantity("--rate", arguments->rate, UNIT_HERTZ, 1, 1e12,
                      "1 Hz to 1 THz, such as 1.2GHz", &rate_hz, diag));
    TRY(read_quantity("--node", arguments->node, UNIT_METRE, 1e-9, 1e-6,
                      "1 nm to 1 um with its unit, such as 32nm", &node_m, diag));
    spread->conditions =
        adc_conditions_of(config_get(config, "adc"), rate_hz, node_m, crossbar->rows);
    return STATUS_OK;
}

/* Where one model is asked for, why it holds for none of it is an error. */
static enum status evaluate(struct adc_spread *spread, struct diagnostic *diag) {
    for (int i = 0; i < spread->n_models; i++) {
        bool any = false;
        struct diagnostic reason = {0};
        for (int bits = spread->first_bits; bits <= spread->last_bits; bits++)
            any |= adc_model_cost(spread->models[i], bits, &spread->conditions,
                                  &spread->cost[i][bits], &reason) == STATUS_OK;
        if (!any && spread->n_models == 1)
            return FAIL(diag, STATUS_USAGE, "%s", reason.message);
    }
    return STATUS_OK;
}

static enum status show(const struct adc_arguments *arguments, struct adc_spread *spread,
                        struct diagnostic *diag) {
    struct config *config = NULL;
    TRY(read_bits(arguments->bits, spread, diag));
    TRY(read_models(arguments->model, spread, diag));
    if (arguments->plot != NULL)
        TRY(gnuplot_check(arguments->plot, diag));
    TRY(config_create(run_sections, n_run_sections, &config, diag));
    enum status status = read_fields(arguments, config, spread, diag);
    config_free(config);
    if (status == STATUS_OK)
        status = evaluate(spread, diag);
    if (status == STATUS_OK && arguments->plot != NULL)
        status = adc_spread_plot(spread, arguments->plot, diag);
    if (status != STATUS_OK)
        return status;
    if (arguments->json)
        return adc_spread_json(spread, stdout, diag);
    const struct screen screen = screen_of(stdout);
    TRY(adc_spread_screen(spread, &screen, diag));
    if (arguments->plot != NULL)
        printf("\nDrawn in %s.\n", arguments->plot);
    return STATUS_OK;
}

int components_adc(int argc, char **argv) {
    struct adc_arguments arguments = {.bits = "3..10", .model = "all"};
    struct diagnostic diag = {0};
    struct adc_spread spread = {0};
    cli_parse(&parser, argc, argv, 0, &arguments);
    return show(&arguments, &spread, &diag) == STATUS_OK ? cli_finish_output() : cli_fail(&diag);
}
