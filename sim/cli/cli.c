/* What all commands share: errors, output, arguments. */
#include "sim/cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "results/store_read.h"

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

long long cli_number(struct argp_state *state, const char *option, const char *text, long long low,
                     long long high) {
    long long value = 0;
    if (!text_to_int(text, &value) || value < low || value > high)
        argp_error(state, "%s: expected %lld to %lld, got `%s`", option, low, high, text);
    return value;
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

enum status cli_run_id(struct store *store, const char *text, int64_t *run_id,
                       struct diagnostic *diag) {
    long long number;
    if (strcmp(text, "last") == 0)
        return store_last_run(store, run_id, diag);
    if (!text_to_int(text, &number) || number < 1)
        return FAIL(diag, STATUS_USAGE,
                    "run `%s`: expected the number of a run, or last (`mho report` lists them)",
                    text);
    *run_id = number;
    return STATUS_OK;
}
