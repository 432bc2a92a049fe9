/* mho plot mapping: the arrays of a design point. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/plot/plot_mapping.h"
#include "sim/run/run.h"

struct plot_arguments {
    const char *output;
    struct cli_config source;
};

static const struct argp_option option_table[] = {
    {"output", 'o', "FILE", 0, "the picture, *.svg", 0},
    {0},
};

static const char documentation[] =
    "Draws every crossbar array of a design point as a tile, layer by layer, filled by the word "
    "lines and bit lines in use, darker the more of their cells are programmed."
    "\vExamples:\n"
    "  mho plot mapping configs/quickstart.yaml -o mapping.svg\n"
    "  mho plot mapping configs/examples/vgg8_cp16.yaml -o blocks.svg \\\n"
    "      --set mapping.compaction=blocks\n";

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct plot_arguments *arguments = state->input;
    switch (key) {
    case 'o':
        arguments->output = value;
        return 0;
    case ARGP_KEY_INIT:
        cli_config_input(state, &arguments->source);
        return 0;
    case ARGP_KEY_END:
        if (arguments->output == NULL)
            argp_error(state, "-o FILE.svg is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {option_table,     parse_option, "CONFIG", documentation,
                                   cli_config_child, NULL,         NULL};

static enum status check_ending(const char *path, struct diagnostic *diag) {
    static const char *const others[] = {".png", ".pdf"};
    size_t length = strlen(path);
    const char *ending = length > 4 ? path + length - 4 : "";
    if (strcmp(ending, ".svg") == 0)
        return file_check_writable(path, diag);
    for (int i = 0; i < 2; i++)
        if (strcmp(ending, others[i]) == 0)
            return FAIL(diag, STATUS_USAGE,
                        "%s: this picture is drawn as SVG alone: give -o %.*s.svg, of which "
                        "`rsvg-convert -f %s` (Debian: librsvg2-bin) makes a %s",
                        path, (int)length - 4, path, others[i] + 1, others[i] + 1);
    return FAIL(diag, STATUS_USAGE, "%s: the picture is an SVG: give it the ending .svg", path);
}

static enum status draw(struct plot_arguments *arguments, struct diagnostic *diag) {
    const struct run_hooks hooks = {.check_only = true};
    struct config *config;
    struct run_result result;
    TRY(check_ending(arguments->output, diag));
    TRY(cli_load_config(&arguments->source, true, &config, diag));
    enum status status = run_evaluate(config, &hooks, &result, diag);
    if (status == STATUS_OK) {
        char *text = NULL;
        size_t size = 0;
        status = plot_mapping(&result.mapping, result.network.path, &text, &size, diag);
        if (status == STATUS_OK)
            status = file_write(arguments->output, text, size, diag);
        free(text);
        run_result_free(&result);
    }
    config_free(config);
    return status;
}

int plot_mapping_command(int argc, char **argv) {
    struct plot_arguments arguments = {0};
    struct diagnostic diag = {0};
    cli_parse(&parser, argc, argv, 0, &arguments);
    enum status status = draw(&arguments, &diag);
    int code = status == STATUS_OK ? cli_finish_output() : cli_fail(&diag);
    cli_config_free(&arguments.source);
    return code;
}
