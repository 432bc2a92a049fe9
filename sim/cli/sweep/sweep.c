/* mho sweep: many design points from one file. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/stop.h"
#include "sim/cli/sweep/sweep_slurm.h"
#include "sim/cli/sweep/sweep_view.h"
#include "sim/run/run.h"
#include "sim/screen/names.h"

enum { OPTION_DB = 256, OPTION_SHARD, OPTION_DRY_RUN, OPTION_ALL, OPTION_UNCHECKED };
enum { SHARDS_MAX = 1000000, POINTS_SHOWN = 20 };

struct sweep_arguments {
    struct cli_config source;
    const char *database;
    int jobs, shard, shards;
    bool database_given, dry_run, all, unchecked, quiet;
    struct slurm_options slurm;
};

static const struct argp_option option_table[] = {
    {"db", OPTION_DB, "FILE", 0, "results database (" CLI_DATABASE ", made where missing)", 0},
    {"jobs", 'j', "N", 0, "points evaluated at the same time (as many as there are processors)", 0},
    {"shard", OPTION_SHARD, "I/N", 0, "only share I of N of the points, 1 <= I <= N", 0},
    {"dry-run", OPTION_DRY_RUN, NULL, 0,
     "check every point, time a few, and show what would be done; store nothing", 0},
    {"all", OPTION_ALL, NULL, 0, "with --dry-run: every point, not only the first", 0},
    {"unchecked", OPTION_UNCHECKED, NULL, 0,
     "do not check the points first: what cannot be is stored as failed", 0},
    {"quiet", 'q', NULL, 0, "no progress bar", 0},
    {0},
};

static const char documentation[] =
    "Evaluates all design points of a sweep file (docs/sweep.md) in parallel and stores each as a "
    "row of the database. Points that are done already, by this version of mho, are skipped: the "
    "same command again continues where it stopped, and tries again what failed."
    "\vExamples:\n"
    "  mho sweep configs/sweeps/crossbar_vs_adc.yaml --dry-run\n"
    "  mho sweep configs/sweeps/crossbar_vs_adc.yaml --db /tmp/try.db\n"
    "  mho sweep mysweep.yaml --set dataset.count=100 --jobs 4\n"
    "  mho sweep mysweep.yaml --shard 2/8 --db shard2.db\n"
    "  mho sweep mysweep.yaml --slurm --tasks 64 --jobs 4 --sbatch=--time=1:00:00\n";

/* "2/8". */
static void parse_shard(struct sweep_arguments *arguments, const char *text,
                        struct argp_state *state) {
    char first[16] = "";
    const char *slash = strchr(text, '/');
    long long shard = 0, shards = 0;
    if (slash != NULL && (size_t)(slash - text) < sizeof first)
        memcpy(first, text, (size_t)(slash - text));
    if (slash == NULL || !text_to_int(first, &shard) || !text_to_int(slash + 1, &shards) ||
        shards < 1 || shards > SHARDS_MAX || shard < 1 || shard > shards)
        argp_error(state, "--shard: expected I/N with 1 <= I <= N <= %d, got `%s`", SHARDS_MAX,
                   text);
    arguments->shard = (int)shard;
    arguments->shards = (int)shards;
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct sweep_arguments *arguments = state->input;
    switch (key) {
    case 'j':
        arguments->jobs = (int)cli_number(state, "--jobs", value, 1, CLI_JOBS_MAX);
        return 0;
    case 'q':
        arguments->quiet = true;
        return 0;
    case OPTION_DB:
        arguments->database = value;
        arguments->database_given = true;
        return 0;
    case OPTION_SHARD:
        parse_shard(arguments, value, state);
        return 0;
    case OPTION_DRY_RUN:
        arguments->dry_run = true;
        return 0;
    case OPTION_ALL:
        arguments->all = true;
        return 0;
    case OPTION_UNCHECKED:
        arguments->unchecked = true;
        return 0;
    case ARGP_KEY_INIT:
        cli_config_input(state, &arguments->source);
        state->child_inputs[1] = &arguments->slurm;
        return 0;
    case ARGP_KEY_END:
        if (arguments->all && !arguments->dry_run)
            argp_error(state, "--all goes with --dry-run");
        if (arguments->slurm.wanted && (arguments->dry_run || arguments->shards > 1))
            argp_error(state, "--slurm makes shares itself, and goes without --shard; to look at "
                              "its scripts use --no-submit instead of --dry-run");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    {&cli_sweep_parser, 0, NULL, 0}, {&slurm_options_parser, 0, NULL, 0}, {0}};
static const struct argp parser = {option_table, parse_option, "SWEEP", documentation,
                                   children,     NULL,         NULL};

/* The same command, for the shell; without `option` where that has a value of its own. */
static char *command_text(const struct sweep_arguments *arguments, struct arena *arena) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    fputs("mho sweep ", out);
    print_shell_word(arguments->source.path, out);
    for (size_t i = 0; i < arguments->source.n_overrides; i++) {
        fputs(" --set ", out);
        print_shell_word(arguments->source.overrides[i], out);
    }
    if (arguments->shards > 1)
        fprintf(out, " --shard %d/%d", arguments->shard, arguments->shards);
    if (arguments->database_given) {
        fputs(" --db ", out);
        print_shell_word(arguments->database, out);
    }
    char *copy = fclose(out) == 0 ? arena_strdup(arena, text) : NULL;
    free(text);
    return copy;
}

struct session {
    const struct sweep_arguments *arguments;
    struct sweep *sweep;
    struct store *store;
    const atomic_bool *stop;
    long points;
    int jobs;
    struct sweep_outcome outcome;
    struct arena arena;
};

static struct sweep_request request_of(const struct session *session, struct sweep_bar *bar) {
    return (struct sweep_request){
        .sweep = session->sweep,
        .version = mho_version,
        .commit = mho_commit,
        .jobs = session->jobs,
        .progress = sweep_bar_update,
        .progress_context = bar,
        .stop = session->stop,
    };
}

/* All points of the share: checked alone, or evaluated and stored. */
static enum status execute(struct session *session, bool check_only, struct diagnostic *diag) {
    const struct sweep_arguments *arguments = session->arguments;
    struct sweep_shard share;
    struct sweep_bar bar;
    TRY(sweep_shard_begin(session->sweep, arguments->shard, arguments->shards, &share, diag));
    sweep_bar_begin(&bar, stderr, arguments->quiet, check_only ? "checked" : "points");
    session->points = share.left;
    struct sweep_request request = request_of(session, &bar);
    request.source = sweep_shard_next;
    request.source_context = &share;
    request.total = share.left;
    request.store = session->store;
    request.check_only = check_only;
    enum status status = sweep_execute(&request, &session->outcome, diag);
    sweep_bar_end(&bar);
    sweep_shard_end(&share);
    return status;
}

/* Every point is imported, mapped and estimated, so that nothing is found out after an hour. */
static enum status check_points(struct session *session, struct diagnostic *diag) {
    TRY(execute(session, true, diag));
    const struct sweep_outcome *outcome = &session->outcome;
    enum status status = STATUS_OK;
    if (outcome->interrupted)
        status = FAIL(diag, STATUS_INTERRUPTED, "interrupted; nothing was stored");
    else if (outcome->n_failures > 0)
        status = FAIL(diag, STATUS_USAGE,
                      "%ld of %ld points cannot be evaluated; %s: %s. Leave them out by a rule "
                      "under where, or store them as failed with --unchecked",
                      outcome->failed, session->points, outcome->failures[0].example,
                      outcome->failures[0].message);
    sweep_outcome_free(&session->outcome);
    return status;
}

static enum status make_view(struct session *session, struct sweep_view *view,
                             struct diagnostic *diag) {
    const struct sweep_arguments *arguments = session->arguments;
    *view = (struct sweep_view){
        .sweep = session->sweep,
        .outcome = &session->outcome,
        .database = arguments->database,
        .command = command_text(arguments, &session->arena),
        .shard = arguments->shard,
        .shards = arguments->shards,
        .jobs = session->jobs,
        .points = session->points,
    };
    return view->command != NULL ? STATUS_OK : FAIL_MEMORY(diag, "the screen");
}

static enum status show_points(struct session *session, struct diagnostic *diag) {
    const struct sweep_arguments *arguments = session->arguments;
    const struct screen screen = screen_of(stdout);
    struct sweep_estimate estimate;
    struct sweep_shard share;
    struct sweep_bar bar;
    struct sweep_view view;
    TRY(sweep_shard_begin(session->sweep, arguments->shard, arguments->shards, &share, diag));
    session->points = share.left;
    sweep_shard_end(&share);
    sweep_bar_begin(&bar, stderr, arguments->quiet, "timed");
    const struct sweep_request request = request_of(session, &bar);
    enum status status =
        sweep_estimate(&request, arguments->shard, arguments->shards, &estimate, diag);
    sweep_bar_end(&bar);
    TRY(status);
    TRY(make_view(session, &view, diag));
    return sweep_points_print(&view, &estimate, arguments->all ? 0 : POINTS_SHOWN, &screen, diag);
}

/* The sweep as jobs of a cluster; one processor a task unless --jobs says more. */
static enum status submit(struct session *session, const struct screen *screen,
                          struct diagnostic *diag) {
    const struct sweep_arguments *arguments = session->arguments;
    struct slurm_sweep sweep = {
        .name = sweep_name(session->sweep),
        .path = arguments->source.path,
        .overrides = arguments->source.overrides,
        .n_overrides = arguments->source.n_overrides,
        .database = arguments->database,
        .jobs = arguments->jobs > 0 ? arguments->jobs : 1,
    };
    TRY(sweep_count(session->sweep, &sweep.points, diag));
    return slurm_sweep(&arguments->slurm, &sweep, screen, diag);
}

/* A share may be empty, the whole sweep not: that is a rule which says another thing than meant. */
static enum status check_not_empty(const struct session *session, struct diagnostic *diag) {
    long points;
    TRY(sweep_count(session->sweep, &points, diag));
    if (points == 0)
        return FAIL(diag, STATUS_USAGE, "%s: no point of %ld satisfies the rules under where",
                    session->arguments->source.path, sweep_size(session->sweep));
    return STATUS_OK;
}

static enum status run(struct session *session, struct diagnostic *diag) {
    const struct sweep_arguments *arguments = session->arguments;
    const struct screen screen = screen_of(stdout);
    struct sweep_view view;
    TRY(cli_load_sweep(&arguments->source, &session->sweep, diag));
    TRY(check_not_empty(session, diag));
    session->jobs = arguments->jobs > 0 ? arguments->jobs : run_threads(sweep_base(session->sweep));
    session->stop = cli_catch_signals();
    if (!arguments->dry_run)
        TRY(store_check(arguments->database, diag));
    if (!arguments->unchecked)
        TRY(check_points(session, diag));
    if (arguments->dry_run)
        return show_points(session, diag);
    if (arguments->slurm.wanted)
        return submit(session, &screen, diag);
    TRY(store_open(arguments->database, &session->store, diag));
    TRY(execute(session, false, diag));
    TRY(make_view(session, &view, diag));
    TRY(sweep_screen(&view, session->store, &screen, diag));
    if (session->outcome.interrupted)
        return FAIL(diag, STATUS_INTERRUPTED,
                    "interrupted; what is done is stored, and the same command continues");
    return STATUS_OK;
}

int command_sweep(int argc, char **argv) {
    struct sweep_arguments arguments = {
        .source = {.is_sweep = true}, .database = CLI_DATABASE, .shard = 1, .shards = 1};
    struct session session = {.arguments = &arguments};
    struct diagnostic diag = {0};
    cli_parse(&parser, argc, argv, 0, &arguments);
    int code;
    if (run(&session, &diag) != STATUS_OK) {
        fflush(stdout);
        code = cli_fail(&diag);
    } else {
        code = cli_finish_output();
        if (session.outcome.failed > 0)
            code = 1;
    }
    sweep_outcome_free(&session.outcome);
    store_close(session.store);
    sweep_free(session.sweep);
    arena_free(&session.arena);
    slurm_options_free(&arguments.slurm);
    cli_config_free(&arguments.source);
    return code;
}
