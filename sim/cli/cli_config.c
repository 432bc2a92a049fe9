/* CONFIG and --set, as commands take them, and the configuration that they give. */
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/file_kind.h"
#include "sim/run/run.h"
#include "sim/sweep/sweep.h"

void cli_config_set(struct cli_config *config, const char *assignment, struct argp_state *state) {
    const char **longer = ARENA_NEW(&config->arena, config->n_overrides + 1, const char *);
    if (longer == NULL || assignment == NULL) {
        argp_failure(state, status_exit_code(STATUS_MEMORY), 0, "out of memory for arguments");
        return;
    }
    for (size_t i = 0; i < config->n_overrides; i++)
        longer[i] = config->overrides[i];
    longer[config->n_overrides++] = assignment;
    config->overrides = longer;
}

void cli_config_free(struct cli_config *config) {
    arena_free(&config->arena);
}

void cli_config_input(struct argp_state *state, struct cli_config *config) {
    state->child_inputs[0] = config;
}

static const char *name_of(const struct cli_config *config) {
    return config->is_sweep ? "SWEEP" : "CONFIG";
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct cli_config *config = state->input;
    switch (key) {
    case 's':
        cli_config_set(config, value, state);
        return 0;
    case ARGP_KEY_ARG:
        if (config->path != NULL)
            argp_error(state, "one %s at a time: `%s` is too many", name_of(config), value);
        config->path = value;
        return 0;
    case ARGP_KEY_NO_ARGS:
        if (!config->optional)
            argp_error(state, "%s is missing", name_of(config));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_table[] = {
    {"set", 's', "SECTION.KEY=VALUE", 0, "change one field of CONFIG; may be given many times", 0},
    {0},
};
static const struct argp_option sweep_option_table[] = {
    {"set", 's', "SECTION.KEY=VALUE", 0, "change one field of the base; may be given many times",
     0},
    {0},
};
static const struct argp parser = {.options = option_table, .parser = parse_option};
const struct argp cli_sweep_parser = {.options = sweep_option_table, .parser = parse_option};
const struct argp_child cli_config_child[] = {{&parser, 0, NULL, 0}, {0}};

enum status cli_check_option(const char *option, const char *assignment, struct diagnostic *diag) {
    struct config *config;
    struct diagnostic reason = {0};
    TRY(config_create(run_sections, n_run_sections, &config, diag));
    enum status status = config_override(config, assignment, &reason);
    config_free(config);
    if (status == STATUS_OK)
        return STATUS_OK;
    const char *expected = strstr(reason.message, "expected ");
    return FAIL(diag, status, "%s: %s", option, expected != NULL ? expected : reason.message);
}

enum status cli_load_config(const struct cli_config *source, bool overridden,
                            struct config **config, struct diagnostic *diag) {
    TRY(config_create(run_sections, n_run_sections, config, diag));
    enum status status = config_load(*config, source->path, diag);
    status = file_kind_explain(source->path, FILE_CONFIGURATION, status, diag);
    for (size_t i = 0; overridden && status == STATUS_OK && i < source->n_overrides; i++)
        status = config_override(*config, source->overrides[i], diag);
    if (overridden && status == STATUS_OK)
        status = config_finish(*config, diag);
    if (status != STATUS_OK) {
        config_free(*config);
        *config = NULL;
    }
    return status;
}

enum status cli_load_sweep(const struct cli_config *source, struct sweep **sweep,
                           struct diagnostic *diag) {
    enum status status =
        sweep_load(source->path, source->overrides, source->n_overrides, sweep, diag);
    return file_kind_explain(source->path, FILE_SWEEP, status, diag);
}
