/* mho run: evaluates one design point, stores it and shows it. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "results/store.h"
#include "sim/cli/cli.h"
#include "sim/cli/field_help.h"
#include "sim/cli/run/run_again.h"
#include "sim/cli/run/run_view.h"
#include "sim/cli/stop.h"
#include "sim/run/record.h"
#include "sim/screen/progress.h"

enum { OPTION_DB = 256, OPTION_JSON, OPTION_DRY_RUN, OPTION_EXPLAIN, OPTION_BASELINE, OPTION_FROM };

struct run_arguments {
    struct cli_config source;
    const char *database, *threads; /* threads: as an override; NULL where not given */
    const char *from;               /* a stored run, instead of a configuration */
    bool database_given, json, dry_run, quiet, explain, baseline, help;
    struct arena arena;
};

static const struct argp_option option_table[] = {
    {"db", OPTION_DB, "FILE", 0, "results database (" CLI_DATABASE ", made where missing)", 0},
    {"json", OPTION_JSON, NULL, 0, "print one JSON object with the database's names", 0},
    {"threads", 't', "N", 0, "threads that simulate images; 0: one for each processor", 0},
    {"dry-run", OPTION_DRY_RUN, NULL, 0,
     "check everything and estimate costs, but simulate no images and store nothing", 0},
    {"explain", OPTION_EXPLAIN, NULL, 0, "say for each layer how it is simulated, and why", 0},
    {"baseline", OPTION_BASELINE, NULL, 0,
     "also the dense network on the same chip, and the ratios (run.baseline=dense)", 0},
    {"from", OPTION_FROM, "ID", 0,
     "instead of CONFIG: a stored run once more (`last`: the newest), and whether its figures are "
     "the same (else exit code 1); stores nothing",
     0},
    {"quiet", 'q', NULL, 0, "no progress bar", 0},
    {"help", 'h', NULL, 0, "this help, with every configuration field", -1},
    {0},
};

static const char documentation[] =
    "Evaluates one design point: imports the network, quantises it where needed, maps it onto "
    "crossbars, simulates the test images and estimates area, power, energy and time. Prints one "
    "screen and stores one row."
    "\vExamples:\n"
    "  mho run configs/quickstart.yaml\n"
    "  mho run configs/quickstart.yaml --set crossbar.rows=64 --set adc.bits=5\n"
    "  mho run configs/quickstart.yaml --set adc.bits=lossless --explain\n"
    "  mho run configs/examples/vgg8_cp16.yaml --baseline\n"
    "  mho run mynet.yaml --json --db /tmp/try.db | jq .accuracy_top1\n"
    "  mho run --from 3 --db results/sweep.db\n";

static void set_threads(struct run_arguments *arguments, const char *count,
                        struct argp_state *state) {
    const char *assignment = arena_printf(&arguments->arena, "run.threads=%s", count);
    arguments->threads = assignment;
    cli_config_set(&arguments->source, assignment, state);
}

/* A stored run is run as it was. */
static void check_from(const struct run_arguments *arguments, struct argp_state *state) {
    if (arguments->from == NULL)
        return;
    size_t own = arguments->threads != NULL ? 1 : 0;
    if (arguments->source.path != NULL || arguments->source.n_overrides > own ||
        arguments->dry_run || arguments->explain || arguments->baseline)
        argp_error(state, "--from runs what was stored: only --db, --json, --threads and --quiet "
                          "go with it");
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct run_arguments *arguments = state->input;
    switch (key) {
    case 't':
        set_threads(arguments, value, state);
        return 0;
    case OPTION_DB:
        arguments->database = value;
        arguments->database_given = true;
        return 0;
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    case OPTION_DRY_RUN:
        arguments->dry_run = true;
        return 0;
    case OPTION_EXPLAIN:
        arguments->explain = true;
        return 0;
    case OPTION_BASELINE:
        arguments->baseline = true;
        return 0;
    case 'q':
        arguments->quiet = true;
        return 0;
    case 'h':
        arguments->help = arguments->source.optional = true;
        return 0;
    case OPTION_FROM:
        arguments->from = value;
        arguments->source.optional = true;
        return 0;
    case ARGP_KEY_INIT:
        cli_config_input(state, &arguments->source);
        return 0;
    case ARGP_KEY_END:
        check_from(arguments, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {option_table,     parse_option, "CONFIG", documentation,
                                   cli_config_child, NULL,         NULL};

static double unix_time_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static enum status show(const struct run_arguments *arguments, const struct run_view *view,
                        struct diagnostic *diag) {
    if (arguments->json)
        return run_json(view, stdout, diag);
    struct screen screen = screen_of(stdout);
    return run_screen(view, &screen, diag);
}

/* Everything that lives while a point is evaluated. */
struct session {
    struct config *config, *base;
    struct store *store;
    struct run_result result;
    struct arena arena;
};

static enum status simulate(const struct run_arguments *arguments, struct session *session,
                            struct diagnostic *diag) {
    struct progress progress;
    progress_begin(&progress, stderr, arguments->quiet);
    const struct run_hooks hooks = {
        .progress = progress_update,
        .context = &progress,
        .stop = cli_catch_signals(),
        .check_only = arguments->dry_run,
    };
    enum status status = run_evaluate(session->config, &hooks, &session->result, diag);
    progress_end(&progress);
    if (status == STATUS_INTERRUPTED)
        return FAIL(diag, STATUS_INTERRUPTED, "interrupted; nothing was stored");
    return status;
}

/* Records of all trials. */
static enum status make_records(struct session *session, const struct run_source *source,
                                struct run_view *view, struct diagnostic *diag) {
    int trials = session->result.accuracy.trials, n = trials > 0 ? trials : 1;
    struct store_run *records = ARENA_NEW(&session->arena, n, struct store_run);
    if (records == NULL)
        return FAIL_MEMORY(diag, "the records of a run");
    TRY(run_record(&session->result, source, &session->arena, &records[0], diag));
    for (int i = 1; i < n; i++)
        TRY(run_record_trial(&session->result, i, &records[0], &session->arena, &records[i], diag));
    view->records = records;
    view->n_records = n;
    return STATUS_OK;
}

/* Stores the records together, so that a point is there as a whole or not at all. */
static enum status keep(const char *database, struct session *session, struct run_view *view,
                        struct diagnostic *diag) {
    struct store_written *written =
        ARENA_NEW(&session->arena, view->n_records, struct store_written);
    if (written == NULL)
        return FAIL_MEMORY(diag, "the records of a run");
    TRY(store_open(database, &session->store, diag));
    TRY(store_write_all(session->store, view->records, view->n_records, written, diag));
    view->database = database;
    view->written = written;
    return STATUS_OK;
}

/* --baseline: the one that the configuration names, or else the dense network. */
static enum status ask_for_baseline(const struct run_arguments *arguments, struct config *config,
                                    struct diagnostic *diag) {
    const struct run_options *options = config_get(config, "run");
    bool named = options->baseline != NULL && strcmp(options->baseline, "none") != 0;
    if (!arguments->baseline || named)
        return STATUS_OK;
    return config_override(config, "run.baseline=dense", diag);
}

static enum status evaluate(const struct run_arguments *arguments, struct session *session,
                            struct diagnostic *diag) {
    if (arguments->threads != NULL)
        TRY(cli_check_option("--threads", arguments->threads, diag));
    TRY(cli_load_config(&arguments->source, true, &session->config, diag));
    TRY(cli_load_config(&arguments->source, false, &session->base, diag));
    TRY(ask_for_baseline(arguments, session->config, diag));
    if (!arguments->dry_run) /* before the simulation, not after an hour of it */
        TRY(store_check(arguments->database, diag));
    const struct run_source source = {
        .config_path = arguments->source.path,
        .base = session->base,
        .version = mho_version,
        .commit = mho_commit,
        .started_unix_s = unix_time_s(),
    };
    TRY(simulate(arguments, session, diag));
    struct run_view view = {
        .result = &session->result,
        .source = &arguments->source,
        .dry_run = arguments->dry_run,
        .db_option = arguments->database_given ? arguments->database : NULL,
        .explain = arguments->explain,
    };
    TRY(make_records(session, &source, &view, diag));
    /* What was computed is shown even where it cannot be kept. */
    enum status kept = STATUS_OK;
    if (!arguments->dry_run)
        kept = keep(arguments->database, session, &view, diag);
    struct diagnostic unshown = {0};
    enum status shown = show(arguments, &view, kept == STATUS_OK ? diag : &unshown);
    return kept == STATUS_OK ? shown : kept;
}

static void session_free(struct session *session) {
    run_result_free(&session->result);
    store_close(session->store);
    config_free(session->base);
    config_free(session->config);
    arena_free(&session->arena);
}

static int print_help(void) {
    const struct screen screen = screen_of(stdout);
    char name[] = "mho run";
    argp_help(&parser, stdout, ARGP_HELP_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC, name);
    fputc('\n', stdout);
    field_help_print(&screen);
    return cli_finish_output();
}

/* Exit code 1 where figures differ. */
static int from(const struct run_arguments *arguments, struct diagnostic *diag) {
    const struct again_request request = {
        .id = arguments->from,
        .database = arguments->database,
        .threads = arguments->threads,
        .json = arguments->json,
        .quiet = arguments->quiet,
    };
    bool same;
    if (run_again(&request, &same, diag) != STATUS_OK)
        return cli_fail(diag);
    int code = cli_finish_output();
    return code == 0 && !same ? 1 : code;
}

int command_run(int argc, char **argv) {
    struct run_arguments arguments = {.database = CLI_DATABASE};
    struct session session = {0};
    struct diagnostic diag = {0};
    cli_parse(&parser, argc, argv, ARGP_NO_HELP, &arguments);
    int code;
    if (arguments.help)
        code = print_help();
    else if (arguments.from != NULL)
        code = from(&arguments, &diag);
    else if (evaluate(&arguments, &session, &diag) != STATUS_OK)
        code = cli_fail(&diag);
    else
        code = cli_finish_output();
    session_free(&session);
    cli_config_free(&arguments.source);
    arena_free(&arguments.arena);
    return code;
}
