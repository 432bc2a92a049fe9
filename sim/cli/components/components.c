/* mho components: what the parts of chips cost. */
#include <stdio.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/components/components.h"

const struct command components_commands[] = {
    {"adc", "converters, by every published model: --bits, --rate, --plot", components_adc},
};
const size_t n_components_commands = sizeof components_commands / sizeof *components_commands;

struct components_arguments {
    struct components_request request;
    const char *technology;
    const char **parameters;
    struct arena arena;
};

static const struct argp_option option_table[] = {
    {"param", 'p', "NAME=VALUE", 0, "a parameter of the kind; may be given many times", 0},
    {"node", 'n', "NODE", 0, "technology node (each variant's own; else 32 nm)", 0},
    {"variant", 'v', "NAME", 0, "only this one", 0},
    {"technology", 't', "NAME", 0, "supplies and scaling rule: itrs_hp, itrs_lstp, or a file", 0},
    {0},
};

static const char documentation[] =
    "Without KIND, lists the kinds of components. With one, prints area, energy, leakage, time and "
    "power of each of its variants, with source and range of validity; figures of another node are "
    "scaled by the technology's rule. Chip files use them by `component: KIND`."
    "\vConverters have models and options of their own: mho components adc --help.\n\n"
    "Examples:\n"
    "  mho components\n"
    "  mho components adc --bits 3..10\n"
    "  mho components sram_buffer --param size=128KiB --node 45nm\n"
    "  mho components crossbar --param rows=256 --param conductance=40uS\n";

static error_t add_parameter(struct components_arguments *arguments, const char *value,
                             struct argp_state *state) {
    size_t n = arguments->request.n_parameters;
    const char **longer = ARENA_NEW(&arguments->arena, n + 1, const char *);
    if (longer == NULL)
        argp_failure(state, status_exit_code(STATUS_MEMORY), 0, "out of memory for --param");
    for (size_t i = 0; i < n; i++)
        longer[i] = arguments->parameters[i];
    longer[n] = value;
    arguments->parameters = longer;
    arguments->request.n_parameters = n + 1;
    return 0;
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct components_arguments *arguments = state->input;
    switch (key) {
    case 'p':
        return add_parameter(arguments, value, state);
    case 'n':
        if (!unit_parse(value, UNIT_METRE, &arguments->request.node_m) ||
            arguments->request.node_m <= 0)
            argp_error(state, "--node: expected a length above 0 like 32nm, got \"%s\"", value);
        return 0;
    case 'v':
        arguments->request.variant = value;
        return 0;
    case 't':
        arguments->technology = value;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->request.kind != NULL)
            argp_error(state, "one KIND at a time: `%s` is too many", value);
        arguments->request.kind = value;
        return 0;
    case ARGP_KEY_END:
        if (arguments->request.kind == NULL &&
            (arguments->request.n_parameters > 0 || arguments->request.variant != NULL ||
             arguments->request.node_m > 0))
            argp_error(state, "KIND is missing: the options are about one");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {option_table, parse_option, "[KIND]", documentation, 0, 0, 0};

static enum status show(struct components_arguments *arguments, struct diagnostic *diag) {
    struct screen screen = screen_of(stdout);
    struct technology technology;
    if (arguments->request.kind == NULL)
        return components_list(&screen, diag);
    TRY(technology_load(arguments->technology, &technology, diag));
    arguments->request.parameters = arguments->parameters;
    arguments->request.technology = &technology;
    enum status status = components_kind(&arguments->request, &screen, diag);
    technology_free(&technology);
    return status;
}

int command_components(int argc, char **argv) {
    for (size_t i = 0; argc > 1 && i < n_components_commands; i++)
        if (strcmp(components_commands[i].name, argv[1]) == 0) {
            char name[64];
            snprintf(name, sizeof name, "%s %s", argv[0], argv[1]);
            argv[1] = name;
            return components_commands[i].run(argc - 1, argv + 1);
        }
    struct components_arguments arguments = {.technology = "itrs_hp"};
    struct diagnostic diag = {0};
    cli_parse(&parser, argc, argv, 0, &arguments);
    enum status status = show(&arguments, &diag);
    arena_free(&arguments.arena);
    return status == STATUS_OK ? cli_finish_output() : cli_fail(&diag);
}
