/* mho report: stored runs, listed, one in detail, or two compared. */
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/report/report_view.h"

enum {
    OPTION_RUN = 256,
    OPTION_DB,
    OPTION_COMPARE,
    OPTION_LAYERS,
    OPTION_STORAGE,
    OPTION_LIMIT,
    OPTION_JSON
};

struct report_arguments {
    const char *run, *other, *database, *limit; /* other: the second of two compared */
    bool compare, layers, storage, json;
};

static const struct argp_option option_table[] = {
    {"run", OPTION_RUN, "ID", 0, "where area and energy of one run go; `last`: the newest", 0},
    {"compare", OPTION_COMPARE, "A B", 0, "two runs side by side: what differs, and ratios B/A", 0},
    {"layers", OPTION_LAYERS, NULL, 0, "with --run: the components of each layer, too", 0},
    {"storage", OPTION_STORAGE, NULL, 0,
     "with --run: what the weights take in memory, indices counted, by format", 0},
    {"limit", OPTION_LIMIT, "N", 0, "of the list: only the last N runs (20); 0: all", 0},
    {"db", OPTION_DB, "FILE", 0, "results database (" CLI_DATABASE ")", 0},
    {"json", OPTION_JSON, NULL, 0, "print JSON with the database's names, in SI units", 0},
    {0},
};

static const char documentation[] =
    "Shows what `mho run` stored. Without --run or --compare: the list of runs."
    "\vExamples:\n"
    "  mho report\n"
    "  mho report --run 3 --layers\n"
    "  mho report --run last --storage\n"
    "  mho report --run last --json | jq .tree.area_m2\n"
    "  mho report --compare 3 4 --db results/other.db\n";

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct report_arguments *arguments = state->input;
    switch (key) {
    case OPTION_RUN:
    case OPTION_COMPARE:
        if (arguments->run != NULL)
            argp_error(state, "one --run or --compare at a time");
        arguments->run = value;
        arguments->compare = key == OPTION_COMPARE;
        return 0;
    case OPTION_DB:
        arguments->database = value;
        return 0;
    case OPTION_LAYERS:
        arguments->layers = true;
        return 0;
    case OPTION_STORAGE:
        arguments->storage = true;
        return 0;
    case OPTION_LIMIT:
        arguments->limit = value;
        return 0;
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (!arguments->compare || arguments->other != NULL)
            argp_error(state, "`%s` is too many: give a run as --run %s", value, value);
        arguments->other = value;
        return 0;
    case ARGP_KEY_END:
        if (arguments->compare && arguments->other == NULL)
            argp_error(state, "--compare needs two runs, such as --compare 1 2");
        if (arguments->layers && (arguments->run == NULL || arguments->compare))
            argp_error(state, "--layers needs --run");
        if (arguments->storage && (arguments->run == NULL || arguments->compare))
            argp_error(state, "--storage needs --run");
        if (arguments->storage && arguments->layers)
            argp_error(state, "one of --layers and --storage at a time");
        if (arguments->limit != NULL && arguments->run != NULL)
            argp_error(state, "--limit is for the list of runs alone");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {option_table, parse_option, NULL, documentation, 0, 0, 0};

static enum status read_run(struct store *store, const char *text, struct arena *arena,
                            int64_t *run_id, struct store_run *run, struct diagnostic *diag) {
    TRY(cli_run_id(store, text, run_id, diag));
    TRY(store_read(store, *run_id, arena, run, diag));
    if (strcmp(run->status, "failed") == 0)
        return FAIL(diag, STATUS_STORE, "run %lld failed, so there is nothing to report: %s",
                    (long long)*run_id, run->error != NULL ? run->error : "no reason was kept");
    return STATUS_OK;
}

static enum status show_list(const struct report_arguments *arguments, struct store *store,
                             struct arena *arena, struct diagnostic *diag) {
    const struct store_summary *runs;
    long long limit = 20;
    int n = 0;
    int64_t total;
    if (arguments->limit != NULL &&
        (!text_to_int(arguments->limit, &limit) || limit < 0 || limit > 1000000000))
        return FAIL(diag, STATUS_USAGE, "--limit %s: expected how many runs, or 0 for all",
                    arguments->limit);
    TRY(store_list(store, (int)limit, arena, &runs, &n, &total, diag));
    if (arguments->json)
        return report_list_json(runs, n, stdout, diag);
    const struct screen screen = screen_of(stdout);
    return report_list_screen(runs, n, total, arguments->database, &screen, diag);
}

static enum status show_run(const struct report_arguments *arguments, struct store *store,
                            struct arena *arena, struct diagnostic *diag) {
    struct store_run run;
    struct report_request request = {.database = arguments->database, .layers = arguments->layers};
    TRY(read_run(store, arguments->run, arena, &request.run_id, &run, diag));
    if (arguments->json)
        return arguments->storage ? report_storage_json(&run, &request, stdout, diag)
                                  : report_json(&run, &request, stdout, diag);
    const struct screen screen = screen_of(stdout);
    if (arguments->storage)
        return report_storage_screen(&run, &request, &screen, diag);
    return report_screen(&run, &request, &screen, diag);
}

static enum status show_pair(const struct report_arguments *arguments, struct store *store,
                             struct arena *arena, struct diagnostic *diag) {
    struct report_pair pair = {0};
    TRY(read_run(store, arguments->run, arena, &pair.id[0], &pair.run[0], diag));
    TRY(read_run(store, arguments->other, arena, &pair.id[1], &pair.run[1], diag));
    if (arguments->json)
        return report_compare_json(&pair, stdout, diag);
    const struct screen screen = screen_of(stdout);
    return report_compare_screen(&pair, &screen, diag);
}

static enum status show(const struct report_arguments *arguments, struct diagnostic *diag) {
    struct store *store;
    struct arena arena = ARENA_INIT;
    TRY(store_open_reading(arguments->database, &store, diag));
    enum status status = arguments->compare       ? show_pair(arguments, store, &arena, diag)
                         : arguments->run != NULL ? show_run(arguments, store, &arena, diag)
                                                  : show_list(arguments, store, &arena, diag);
    store_close(store);
    arena_free(&arena);
    return status;
}

int command_report(int argc, char **argv) {
    struct report_arguments arguments = {.database = CLI_DATABASE};
    struct diagnostic diag = {0};
    cli_parse(&parser, argc, argv, 0, &arguments);
    return show(&arguments, &diag) == STATUS_OK ? cli_finish_output() : cli_fail(&diag);
}
