/* What all commands share: errors, output, argument and configuration loading. */
#include "sim/cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/run/run.h"

int cli_fail(const struct diagnostic *diag) {
    fflush(stdout);
    fprintf(stderr, "mho: %s\n", diag->message);
    return status_exit_code(diag->status);
}

int cli_finish_output(void) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    fprintf(stderr, "mho: the output could not be written: %s\n", strerror(errno));
    return 1;
}

void cli_parse(const struct argp *argp, int argc, char **argv, unsigned flags, void *input) {
    argp_err_exit_status = status_exit_code(STATUS_USAGE);
    argp_parse(argp, argc, argv, flags, NULL, input);
}

error_t cli_parse_model(int key, char *value, struct argp_state *state, const char **model) {
    switch (key) {
    case ARGP_KEY_ARG:
        if (*model != NULL)
            argp_error(state, "one MODEL at a time: `%s` is too many", value);
        *model = value;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "MODEL is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

enum status cli_add_override(struct cli_config *config, const char *assignment, struct arena *arena,
                             struct diagnostic *diag) {
    const char **longer = ARENA_NEW(arena, config->n_overrides + 1, const char *);
    if (longer == NULL)
        return FAIL_MEMORY(diag, "--set");
    for (size_t i = 0; i < config->n_overrides; i++)
        longer[i] = config->overrides[i];
    longer[config->n_overrides++] = assignment;
    config->overrides = longer;
    return STATUS_OK;
}

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
