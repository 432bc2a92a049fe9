/* mho config: the resolved configuration, annotated. */
#include <stdio.h>

#include "sim/cli/cli.h"

struct config_arguments {
    struct cli_config source;
    struct arena arena;
};

static const char documentation[] =
    "Prints the complete configuration as `mho run` would use it: every field with its unit, its "
    "range and where its value came from (default, FILE:LINE or --set). What is printed is itself "
    "a configuration."
    "\vExamples:\n"
    "  mho config configs/quickstart.yaml\n"
    "  mho config configs/quickstart.yaml --set adc.bits=lossless > mine.yaml";

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct config_arguments *arguments = state->input;
    (void)value;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    cli_config_input(state, &arguments->source);
    return 0;
}

static const struct argp parser = {NULL, parse_option, "CONFIG", documentation, cli_config_child,
                                   NULL, NULL};

static enum status print_config(struct config_arguments *arguments, struct diagnostic *diag) {
    struct config *config;
    TRY(cli_load_config(&arguments->source, true, &config, diag));
    char *text = config_dump(config, true, &arguments->arena);
    config_free(config);
    if (text == NULL)
        return FAIL_MEMORY(diag, "the configuration's text");
    fputs(text, stdout);
    return STATUS_OK;
}

int command_config(int argc, char **argv) {
    struct config_arguments arguments = {0};
    struct diagnostic diag = {0};
    cli_parse(&parser, argc, argv, 0, &arguments);
    enum status status = print_config(&arguments, &diag);
    int code = status == STATUS_OK ? cli_finish_output() : cli_fail(&diag);
    cli_config_free(&arguments.source);
    arena_free(&arguments.arena);
    return code;
}
