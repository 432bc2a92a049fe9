/* mho export: the database as files for other programs. */
#include <inttypes.h>

#include "results/store_export.h"
#include "sim/cli/cli.h"

enum { OPTION_DB = 256, OPTION_CSV };

struct export_arguments {
    const char *folder, *database;
};

static const struct argp_option option_table[] = {
    {"csv", OPTION_CSV, "DIR", 0, "write comma-separated values into this folder", 0},
    {"db", OPTION_DB, "FILE", 0, "results database (" CLI_DATABASE ")", 0},
    {0},
};

static const char documentation[] =
    "Writes all runs of the results database as comma-separated values: runs.csv (a line a run, "
    "with every parameter and metric in a column of its own), metrics.csv (a line for each run and "
    "metric), layers.csv and components.csv. They replace those of an earlier export together."
    "\vExamples:\n"
    "  mho export --csv results/csv\n"
    "  mho export --csv sweep --db results/sweep.db\n";

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct export_arguments *arguments = state->input;
    switch (key) {
    case OPTION_CSV:
        arguments->folder = value;
        return 0;
    case OPTION_DB:
        arguments->database = value;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "`%s` is too many: the folder is given as --csv DIR", value);
        return 0;
    case ARGP_KEY_END:
        if (arguments->folder == NULL || arguments->folder[0] == '\0')
            argp_error(state, "where to? Give a folder with --csv DIR");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {option_table, parse_option, NULL, documentation,
                                   NULL,         NULL,         NULL};

int command_export(int argc, char **argv) {
    struct export_arguments arguments = {.database = CLI_DATABASE};
    struct store_exported files[STORE_EXPORTED];
    struct diagnostic diag = {0};
    struct store *store;
    cli_parse(&parser, argc, argv, 0, &arguments);
    if (store_open_reading(arguments.database, &store, &diag) != STATUS_OK)
        return cli_fail(&diag);
    enum status status = store_export(store, arguments.folder, files, &diag);
    store_close(store);
    if (status != STATUS_OK)
        return cli_fail(&diag);
    for (int i = 0; i < STORE_EXPORTED; i++)
        printf("%s/%-15s %" PRId64 " rows\n", arguments.folder, files[i].name, files[i].rows);
    return cli_finish_output();
}
