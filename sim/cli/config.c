/* mho config: the resolved configuration, annotated. */
#include <stdio.h>

#include "sim/cli/cli.h"

struct config_arguments {
    struct cli_config source;
    struct arena arena;
};

static const struct argp_option option_table[] = {
    {"set", 's', "SECTION.KEY=VALUE", 0, "change one field of CONFIG; may be given many times", 0},
    {0},
};

static const char documentation[] =
    "Prints the complete configuration as `mho run` would use it: every field with its unit, its "
    "range and where its value came from (default, FILE:LINE or --set). What is printed is itself "
    "a "
    "configuration.";

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct config_arguments *arguments = state->input;
    struct diagnostic diag = {0};
    switch (key) {
    case 's':
        if (cli_add_override(&arguments->source, value, &arguments->arena, &diag) != STATUS_OK)
            argp_failure(state, status_exit_code(diag.status), 0, "%s", diag.message);
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->source.path != NULL)
            argp_error(state, "one CONFIG at a time: `%s` is too many", value);
        arguments->source.path = value;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "CONFIG is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {option_table, parse_option, "CONFIG", documentation, 0, 0, 0};

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
    arena_free(&arguments.arena);
    return code;
}
