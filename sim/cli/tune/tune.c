/* mho tune: the strongest pruning that loses as much accuracy as is allowed. */
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/stop.h"
#include "sim/cli/tune/tune_view.h"
#include "sim/screen/names.h"
#include "sim/screen/progress.h"

enum {
    OPTION_LOSS = 256,
    OPTION_WITHIN,
    OPTION_FROM,
    OPTION_TO,
    OPTION_EVALUATIONS,
    OPTION_VARY,
    OPTION_JSON
};

struct tune_arguments {
    struct cli_config source;
    const char *loss, *within, *from, *to, *evaluations, *vary, *output;
    bool json, quiet;
    struct arena arena;
};

static const struct argp_option option_table[] = {
    {"loss", OPTION_LOSS, "POINTS", 0, "accuracy to lose, in points (1)", 0},
    {"within", OPTION_WITHIN, "POINTS", 0, "how far from it is near enough (0.1)", 0},
    {"from", OPTION_FROM, "NUMBER", 0, "smallest number to try, above 0 (1)", 0},
    {"to", OPTION_TO, "NUMBER", 0, "largest number to try (32)", 0},
    {"evaluations", OPTION_EVALUATIONS, "N", 0, "runs at most, besides the unpruned one (12)", 0},
    {"vary", OPTION_VARY, "KEY=TEXT", 0,
     "the setting to find: every % stands for the number, and a larger number must prune more "
     "(pruning.rate=%)",
     0},
    {"output", 'o', "FILE", 0, "also write the configuration with what was found", 0},
    {"threads", 't', "N", 0, "threads; 0: one for each processor", 0},
    {"json", OPTION_JSON, NULL, 0, "print one JSON object", 0},
    {"quiet", 'q', NULL, 0, "no progress bar", 0},
    {0},
};

static const char documentation[] =
    "Finds by bisection the strongest pruning of CONFIG's network that loses about as much "
    "accuracy as is allowed, against the same network unpruned. Every step is a whole run "
    "without costs. The images of CONFIG decide: let them be others than those that the result "
    "is reported on."
    "\vExamples:\n"
    "  mho tune mynet.yaml --loss 1 --set pruning.scheme=filter -o tuned.yaml\n"
    "  mho tune mynet.yaml --loss 0.5 --within 0.2 --from 2 --to 16 \\\n"
    "      --set pruning.scheme=column_proportional --set pruning.reconstruct=admm\n"
    "  mho tune mynet.yaml --set pruning.scheme=filter+column_proportional \\\n"
    "      --vary 'pruning.rate=[1.5, %]'\n";

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct tune_arguments *arguments = state->input;
    const char **const texts[] = {&arguments->loss, &arguments->within,      &arguments->from,
                                  &arguments->to,   &arguments->evaluations, &arguments->vary};
    if (key >= OPTION_LOSS && key <= OPTION_VARY) {
        *texts[key - OPTION_LOSS] = value;
        return 0;
    }
    switch (key) {
    case 'o':
        arguments->output = value;
        return 0;
    case 't':
        cli_config_set(&arguments->source, arena_printf(&arguments->arena, "run.threads=%s", value),
                       state);
        return 0;
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    case 'q':
        arguments->quiet = true;
        return 0;
    case ARGP_KEY_INIT:
        cli_config_input(state, &arguments->source);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {option_table,     parse_option, "CONFIG", documentation,
                                   cli_config_child, NULL,         NULL};

static enum status read_number(const char *option, const char *text, double least, double most,
                               double *value, struct diagnostic *diag) {
    if (text_to_real(text, value) && *value >= least && *value <= most)
        return STATUS_OK;
    return FAIL(diag, STATUS_USAGE, "%s %s: expected a number from %g to %g", option, text, least,
                most);
}

static enum status make_request(const struct tune_arguments *arguments,
                                struct tune_request *request, struct diagnostic *diag) {
    long long evaluations;
    TRY(read_number("--loss", arguments->loss, 0, 100, &request->loss, diag));
    TRY(read_number("--within", arguments->within, 0, 100, &request->within, diag));
    TRY(read_number("--from", arguments->from, 1e-9, 1e9, &request->least, diag));
    TRY(read_number("--to", arguments->to, 1e-9, 1e9, &request->most, diag));
    if (!text_to_int(arguments->evaluations, &evaluations) || evaluations < 1 ||
        evaluations > TUNE_EVALUATIONS_MAX)
        return FAIL(diag, STATUS_USAGE, "--evaluations %s: expected a number from 1 to %d",
                    arguments->evaluations, TUNE_EVALUATIONS_MAX);
    request->evaluations = (int)evaluations;
    request->vary = arguments->vary;
    return STATUS_OK;
}

static enum status write_config(const struct tune_arguments *arguments,
                                const struct tune_request *request,
                                const struct tune_result *result, struct config *config,
                                struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    const char *set = tune_override(request->vary, result->points[result->best].number, &arena);
    enum status status =
        set != NULL ? config_override(config, set, diag) : FAIL_MEMORY(diag, "an override");
    char *text = status == STATUS_OK ? config_dump(config, false, &arena) : NULL;
    if (status == STATUS_OK && text == NULL)
        status = FAIL_MEMORY(diag, "the configuration's text");
    if (status == STATUS_OK)
        status = file_write(arguments->output, text, strlen(text), diag);
    arena_free(&arena);
    if (status == STATUS_OK && !arguments->json) {
        printf("Wrote %s:  mho run ", arguments->output);
        print_shell_word(arguments->output, stdout);
        putchar('\n');
    }
    return status;
}

static enum status show(const struct tune_arguments *arguments, const struct tune_request *request,
                        const struct tune_result *result, struct config *config,
                        struct diagnostic *diag) {
    const struct screen screen = screen_of(stdout);
    if (arguments->json)
        TRY(tune_json(request, result, stdout, diag));
    else
        TRY(tune_screen(request, result, &screen, diag));
    return result->best >= 0 && arguments->output != NULL
               ? write_config(arguments, request, result, config, diag)
               : STATUS_OK;
}

static enum status tune(const struct tune_arguments *arguments, struct config *config,
                        struct tune_result *result, struct diagnostic *diag) {
    struct progress progress;
    struct tune_request request = {.config = config};
    TRY(make_request(arguments, &request, diag));
    if (arguments->output != NULL)
        TRY(file_check_writable(arguments->output, diag));
    progress_begin(&progress, stderr, arguments->quiet);
    const struct run_hooks hooks = {
        .progress = progress_update, .context = &progress, .stop = cli_catch_signals()};
    request.hooks = &hooks;
    enum status status = tune_search(&request, result, diag);
    progress_end(&progress);
    return status == STATUS_OK ? show(arguments, &request, result, config, diag) : status;
}

int command_tune(int argc, char **argv) {
    struct tune_arguments arguments = {.loss = "1",
                                       .within = "0.1",
                                       .from = "1",
                                       .to = "32",
                                       .evaluations = "12",
                                       .vary = "pruning.rate=%"};
    struct config *config = NULL;
    struct tune_result result;
    struct diagnostic diag = {0};
    cli_parse(&parser, argc, argv, 0, &arguments);
    enum status status = cli_load_config(&arguments.source, true, &config, &diag);
    if (status == STATUS_OK)
        status = tune(&arguments, config, &result, &diag);
    int code = status == STATUS_OK ? cli_finish_output() : cli_fail(&diag);
    config_free(config);
    cli_config_free(&arguments.source);
    arena_free(&arguments.arena);
    return code == 0 && result.best < 0 ? 1 : code;
}
