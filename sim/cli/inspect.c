/* mho inspect: the layers of a model. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/file_kind.h"
#include "sim/cli/inspect_check.h"
#include "sim/cli/inspect_view.h"
#include "sim/run/run.h"

enum { OPTION_ROWS = 256, OPTION_CELL_BITS, OPTION_JSON };

struct inspect_arguments {
    struct cli_config source; /* path NULL: what the table is about without one */
    const char *model;
    const char *rows, *cell_bits; /* NULL: as configured */
    bool json;
};

static const struct argp_option option_table[] = {
    {"config", 'c', "CONFIG", 0,
     "take arrays, cells and encoding from CONFIG, and say of each layer whether it satisfies "
     "CONFIG's pruning.scheme; exit code 1 if one does not",
     0},
    {"set", 's', "SECTION.KEY=VALUE", 0,
     "change one field of CONFIG, or of the defaults; may be given many times", 0},
    {"rows", OPTION_ROWS, "N", 0, "rows of a crossbar (128)", 0},
    {"cell-bits", OPTION_CELL_BITS, "C", 0, "bits of a cell (2)", 0},
    {"json", OPTION_JSON, NULL, 0, "print one JSON object", 0},
    {0},
};

static const char documentation[] =
    "Lists the layers of an ONNX model that would lie on crossbars: shape, work, sparsity, the "
    "column-proportional rate (rows over the most non-zeros of a column in one row block), and the "
    "ADC bits that lose nothing (without a configuration: with differential cells and a 1-bit "
    "DAC): over the programmed cells, over the most non-zeros of a column, and over all rows."
    "\vExamples:\n"
    "  mho inspect configs/networks/resnet20_int8.onnx\n"
    "  mho inspect mynet.onnx --rows 64 --cell-bits 1\n"
    "  mho inspect pruned.onnx --config mynet.yaml --set pruning.rate=8 \\\n"
    "      --set pruning.scheme=column_proportional\n";

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct inspect_arguments *arguments = state->input;
    switch (key) {
    case 'c':
        arguments->source.path = value;
        return 0;
    case 's':
        cli_config_set(&arguments->source, value, state);
        return 0;
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

/* An option that stands for a field; `value` NULL: not given. */
static enum status set_option(struct config *config, const char *option, const char *key,
                              const char *value, struct diagnostic *diag) {
    char assignment[128];
    if (value == NULL)
        return STATUS_OK;
    snprintf(assignment, sizeof assignment, "%s=%s", key, value);
    TRY(cli_check_option(option, assignment, diag));
    return config_override(config, assignment, diag);
}

static enum status fill_config(const struct inspect_arguments *arguments, struct config *config,
                               struct diagnostic *diag) {
    static const char *const fixed[] = {"mapping.encoding=differential", "dac.bits=1",
                                        "crossbar.rows=128", "crossbar.cell_bits=2"};
    const struct cli_config *source = &arguments->source;
    if (source->path != NULL)
        TRY(file_kind_explain(source->path, FILE_CONFIGURATION,
                              config_load(config, source->path, diag), diag));
    for (size_t i = 0; source->path == NULL && i < sizeof fixed / sizeof *fixed; i++)
        TRY(config_override(config, fixed[i], diag));
    for (size_t i = 0; i < source->n_overrides; i++)
        TRY(config_override(config, source->overrides[i], diag));
    TRY(set_option(config, "--rows", "crossbar.rows", arguments->rows, diag));
    TRY(set_option(config, "--cell-bits", "crossbar.cell_bits", arguments->cell_bits, diag));
    TRY(config_override(config, "network.model=inspected", diag));
    return config_finish(config, diag);
}

/* Everything that lives while a model is inspected. */
struct inspection {
    struct config *config;
    struct network model, quantised;
    struct mapping mapping;
    int broken; /* layers that do not satisfy their scheme */
    struct arena arena;
};

static enum status quantise(struct inspection *all, struct diagnostic *diag) {
    struct weight_format *formats =
        ARENA_NEW(&all->arena, all->model.n_linear, struct weight_format);
    if (formats == NULL)
        return FAIL_MEMORY(diag, "formats of weights");
    TRY(run_weight_formats(all->config, &all->model, formats, diag));
    return network_quantise_weights(&all->model, config_get(all->config, "quantization"), formats,
                                    &all->quantised, diag);
}

static enum status inspect(const struct inspect_arguments *arguments, struct inspection *all,
                           struct diagnostic *diag) {
    struct inspect_view view = {.model = &all->model, .mapping = &all->mapping};
    TRY(config_create(run_sections, n_run_sections, &all->config, diag));
    TRY(fill_config(arguments, all->config, diag));
    TRY(file_kind_explain(arguments->model, FILE_MODEL,
                          network_import(arguments->model, &all->model, diag), diag));
    if (!all->model.quantised)
        TRY(quantise(all, diag));
    TRY(mapping_create(all->model.quantised ? &all->model : &all->quantised, all->config,
                       &all->mapping, diag));
    TRY(inspect_check_model(all->config, &all->model, &all->arena, &view.checks, diag));
    for (int i = 0; i < all->mapping.n_layers; i++) {
        view.any_scheme = view.any_scheme || view.checks[i].verdict != INSPECT_DENSE;
        all->broken += view.checks[i].verdict == INSPECT_BROKEN;
    }
    return arguments->json ? inspect_json(&view, stdout, diag)
                           : inspect_screen(&view, stdout, diag);
}

int command_inspect(int argc, char **argv) {
    struct inspect_arguments arguments = {0};
    struct inspection all = {0};
    struct diagnostic diag = {0};
    cli_parse(&parser, argc, argv, 0, &arguments);
    int code =
        inspect(&arguments, &all, &diag) == STATUS_OK ? cli_finish_output() : cli_fail(&diag);
    mapping_free(&all.mapping);
    network_free(&all.quantised);
    network_free(&all.model);
    config_free(all.config);
    arena_free(&all.arena);
    cli_config_free(&arguments.source);
    return code == 0 && all.broken > 0 ? 1 : code;
}
