/* mho inspect: the layers of a model. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/inspect_view.h"
#include "sim/run/run.h"

enum { OPTION_ROWS = 256, OPTION_CELL_BITS, OPTION_JSON };

struct inspect_arguments {
    const char *model, *rows, *cell_bits;
    bool json;
};

static const struct argp_option option_table[] = {
    {"rows", OPTION_ROWS, "N", 0, "rows of a crossbar (128)", 0},
    {"cell-bits", OPTION_CELL_BITS, "C", 0, "bits of a cell (2)", 0},
    {"json", OPTION_JSON, NULL, 0, "print one JSON object", 0},
    {0},
};

static const char documentation[] =
    "Lists the layers of an ONNX model that would lie on crossbars: shape, work, sparsity, the "
    "column-proportional rate (rows over the most non-zeros of a column in one row block), and the "
    "ADC bits that lose nothing with differential cells and a 1-bit DAC: over the programmed "
    "cells, "
    "over the most non-zeros of a column, and over all rows."
    "\vExamples:\n"
    "  mho inspect configs/networks/resnet20_int8.onnx\n"
    "  mho inspect mynet.onnx --rows 64 --cell-bits 1\n";

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct inspect_arguments *arguments = state->input;
    switch (key) {
    case OPTION_ROWS:
        arguments->rows = value;
        return 0;
    case OPTION_CELL_BITS:
        arguments->cell_bits = value;
        return 0;
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    default:
        return cli_parse_model(key, value, state, &arguments->model);
    }
}

static const struct argp parser = {option_table, parse_option, "MODEL", documentation, 0, 0, 0};

/* `option` is the one that sets the field; NULL: none. */
static enum status set_option(struct config *config, const char *option, const char *key,
                              const char *value, struct diagnostic *diag) {
    char assignment[128];
    snprintf(assignment, sizeof assignment, "%s=%s", key, value);
    if (option != NULL)
        TRY(cli_check_option(option, assignment, diag));
    return config_override(config, assignment, diag);
}

/* Options of the mapping that the table is about: defaults but for what was asked for. */
static enum status configure(const struct inspect_arguments *arguments, struct config **config,
                             struct diagnostic *diag) {
    static const char *const fixed[][2] = {
        {"mapping.encoding", "differential"}, {"dac.bits", "1"}, {"network.model", "inspected"}};
    TRY(config_create(run_sections, n_run_sections, config, diag));
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed && status == STATUS_OK; i++)
        status = set_option(*config, NULL, fixed[i][0], fixed[i][1], diag);
    if (status == STATUS_OK)
        status = set_option(*config, "--rows", "crossbar.rows", arguments->rows, diag);
    if (status == STATUS_OK)
        status =
            set_option(*config, "--cell-bits", "crossbar.cell_bits", arguments->cell_bits, diag);
    if (status == STATUS_OK)
        status = config_finish(*config, diag);
    return status;
}

static enum status inspect(const struct inspect_arguments *arguments, struct diagnostic *diag) {
    struct network model = {0}, quantised = {0};
    struct mapping mapping = {0};
    struct config *config = NULL;
    struct inspect_view view = {.model = &model, .mapping = &mapping};
    enum status status = configure(arguments, &config, diag);
    if (status == STATUS_OK)
        status = network_import(arguments->model, &model, diag);
    if (status == STATUS_OK && !model.quantised)
        status = network_quantise_weights(&model, config_get(config, "quantization"), NULL,
                                          &quantised, diag);
    if (status == STATUS_OK)
        status = mapping_create(model.quantised ? &model : &quantised, config, &mapping, diag);
    if (status == STATUS_OK && arguments->json)
        status = inspect_json(&view, stdout, diag);
    else if (status == STATUS_OK)
        status = inspect_screen(&view, stdout, diag);
    mapping_free(&mapping);
    network_free(&quantised);
    network_free(&model);
    config_free(config);
    return status;
}

int command_inspect(int argc, char **argv) {
    struct inspect_arguments arguments = {.rows = "128", .cell_bits = "2"};
    struct diagnostic diag = {0};
    cli_parse(&parser, argc, argv, 0, &arguments);
    return inspect(&arguments, &diag) == STATUS_OK ? cli_finish_output() : cli_fail(&diag);
}
