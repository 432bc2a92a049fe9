/* mho search: the best points of a space, by several objectives. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/search/search_view.h"
#include "sim/cli/stop.h"
#include "sim/cli/sweep/sweep_view.h"
#include "sim/run/run.h"

enum { OPTION_DB = 256, OPTION_POPULATION, OPTION_GENERATIONS, OPTION_SEED, OPTION_DRY_RUN };

struct search_arguments {
    struct cli_config source;
    const char *database;
    int jobs, population, generations; /* 0, 0, -1: not given */
    long long seed;                    /* -1: not given */
    bool dry_run, quiet;
};

static const struct argp_option option_table[] = {
    {"db", OPTION_DB, "FILE", 0, "results database (" CLI_DATABASE ", made where missing)", 0},
    {"jobs", 'j', "N", 0, "points evaluated at the same time (as many as there are processors)", 0},
    {"population", OPTION_POPULATION, "N", 0, "points of a generation (search.population)", 0},
    {"generations", OPTION_GENERATIONS, "N", 0, "after the first (search.generations)", 0},
    {"seed", OPTION_SEED, "N", 0, "of the search's draws (search.seed)", 0},
    {"dry-run", OPTION_DRY_RUN, NULL, 0, "show the space and the goals; evaluate nothing", 0},
    {"quiet", 'q', NULL, 0, "no progress bar", 0},
    {0},
};

static const char documentation[] =
    "Searches the space of a sweep file (docs/sweep.md) for the points that are not beaten, by the "
    "objectives and limits of its key `search` (docs/search.md). Every point that is evaluated is "
    "stored as `mho sweep` stores it; what is stored already is not evaluated again, so the same "
    "command continues a search that was stopped. The same file and seed give the same result."
    "\vExamples:\n"
    "  mho search configs/sweeps/search_lenet.yaml --dry-run\n"
    "  mho search configs/sweeps/search_lenet.yaml --db /tmp/try.db\n"
    "  mho search mysearch.yaml --population 40 --generations 50 --seed 2\n"
    "  mho query --view pareto --db /tmp/try.db\n";

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct search_arguments *arguments = state->input;
    switch (key) {
    case 'j':
        arguments->jobs = (int)cli_number(state, "--jobs", value, 1, CLI_JOBS_MAX);
        return 0;
    case 'q':
        arguments->quiet = true;
        return 0;
    case OPTION_DB:
        arguments->database = value;
        return 0;
    case OPTION_POPULATION:
        arguments->population =
            (int)cli_number(state, "--population", value, 4, GOALS_POPULATION_MAX);
        if (arguments->population % 2 != 0)
            argp_error(state, "--population: expected an even number, got `%s`", value);
        return 0;
    case OPTION_GENERATIONS:
        arguments->generations =
            (int)cli_number(state, "--generations", value, 0, GOALS_GENERATIONS_MAX);
        return 0;
    case OPTION_SEED:
        arguments->seed = cli_number(state, "--seed", value, 0, INT_MAX);
        return 0;
    case OPTION_DRY_RUN:
        arguments->dry_run = true;
        return 0;
    case ARGP_KEY_INIT:
        cli_config_input(state, &arguments->source);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&cli_sweep_parser, 0, NULL, 0}, {0}};
static const struct argp parser = {option_table, parse_option, "SWEEP", documentation,
                                   children,     NULL,         NULL};

struct session {
    const struct search_arguments *arguments;
    struct sweep *sweep;
    struct goals goals;
    struct store *store;
    struct search_outcome outcome;
    struct arena arena;
};

static enum status load(struct session *session, struct diagnostic *diag) {
    const struct search_arguments *arguments = session->arguments;
    struct goals *goals = &session->goals;
    TRY(cli_load_sweep(&arguments->source, &session->sweep, diag));
    TRY(goals_read(sweep_search(session->sweep), arguments->source.path, &session->arena, goals,
                   diag));
    if (arguments->population > 0)
        goals->population = arguments->population;
    if (arguments->generations >= 0)
        goals->generations = arguments->generations;
    if (arguments->seed >= 0)
        goals->seed = (uint64_t)arguments->seed;
    return STATUS_OK;
}

static enum status search(struct session *session, int jobs, struct diagnostic *diag) {
    const struct search_arguments *arguments = session->arguments;
    struct sweep_bar bar;
    sweep_bar_begin(&bar, stderr, arguments->quiet, "points");
    const struct search_request request = {
        .sweep = session->sweep,
        .goals = &session->goals,
        .store = session->store,
        .version = mho_version,
        .commit = mho_commit,
        .jobs = jobs,
        .progress = sweep_bar_update,
        .progress_context = &bar,
        .stop = cli_catch_signals(),
    };
    enum status status = search_run(&request, &session->outcome, diag);
    sweep_bar_end(&bar);
    if (status == STATUS_INTERRUPTED)
        return FAIL(diag, STATUS_INTERRUPTED,
                    "interrupted; what is done is stored, and the same command continues");
    return status;
}

static enum status run(struct session *session, struct diagnostic *diag) {
    const struct search_arguments *arguments = session->arguments;
    const struct screen screen = screen_of(stdout);
    TRY(load(session, diag));
    if (arguments->dry_run)
        return search_space_print(session->sweep, &session->goals, &screen, diag);
    int jobs = arguments->jobs > 0 ? arguments->jobs : run_threads(sweep_base(session->sweep));
    TRY(store_open(arguments->database, &session->store, diag));
    TRY(search(session, jobs, diag));
    const struct search_view view = {session->sweep, &session->goals, &session->outcome,
                                     arguments->database, jobs};
    return search_screen(&view, &screen, diag);
}

int command_search(int argc, char **argv) {
    struct search_arguments arguments = {
        .source = {.is_sweep = true}, .database = CLI_DATABASE, .generations = -1, .seed = -1};
    struct session session = {.arguments = &arguments};
    struct diagnostic diag = {0};
    cli_parse(&parser, argc, argv, 0, &arguments);
    int code = run(&session, &diag) == STATUS_OK ? cli_finish_output() : cli_fail(&diag);
    search_outcome_free(&session.outcome);
    store_close(session.store);
    sweep_free(session.sweep);
    arena_free(&session.arena);
    cli_config_free(&arguments.source);
    return code;
}
