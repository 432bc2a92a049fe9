/* mho query: what the database holds, asked in SQL. */
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/query/query_view.h"

enum { OPTION_DB = 256, OPTION_VIEW, OPTION_CSV, OPTION_JSON, OPTION_MARKDOWN, OPTION_SCHEMA };

struct query_arguments {
    const char *sql, *view, *database;
    int format; /* OPTION_CSV, OPTION_JSON, OPTION_MARKDOWN; 0: a table */
    bool schema;
};

static const struct argp_option option_table[] = {
    {"view", OPTION_VIEW, "NAME", 0, "all of a view or table, such as pareto", 0},
    {"csv", OPTION_CSV, NULL, 0, "print comma-separated values, in full", 0},
    {"json", OPTION_JSON, NULL, 0, "print a JSON array with an object for each row", 0},
    {"markdown", OPTION_MARKDOWN, NULL, 0, "print a Markdown table", 0},
    {"schema", OPTION_SCHEMA, NULL, 0, "what there is to ask: tables, views, columns, units", 0},
    {"db", OPTION_DB, "FILE", 0, "results database (" CLI_DATABASE ")", 0},
    {0},
};

static const char documentation[] =
    "Asks the results database in SQL, and changes nothing in it: one SELECT of SQLite's dialect. "
    "Tables hold SI units; views convert where a column's name says so (docs/database.md)."
    "\vExamples:\n"
    "  mho query \"SELECT params, accuracy_top1, area_mm2 FROM run_summary\"\n"
    "  mho query --view pareto --markdown\n"
    "  mho query --view best_per --csv > best.csv\n"
    "  mho query \"SELECT p.value AS adc_bits, avg(s.area_mm2) AS area_mm2\n"
    "      FROM run_summary AS s JOIN param AS p USING (run_id)\n"
    "      WHERE p.key = 'adc.bits' GROUP BY p.value\" --db results/sweep.db\n"
    "  mho query --schema\n";

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct query_arguments *arguments = state->input;
    switch (key) {
    case OPTION_VIEW:
        arguments->view = value;
        return 0;
    case OPTION_DB:
        arguments->database = value;
        return 0;
    case OPTION_SCHEMA:
        arguments->schema = true;
        return 0;
    case OPTION_CSV:
    case OPTION_JSON:
    case OPTION_MARKDOWN:
        if (arguments->format != 0 && arguments->format != key)
            argp_error(state, "one of --csv, --json and --markdown at a time");
        arguments->format = key;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->sql != NULL)
            argp_error(state, "one query at a time: put it in quotes (`%s` is too many)", value);
        arguments->sql = value;
        return 0;
    case ARGP_KEY_END:
        if (arguments->schema + (arguments->sql != NULL) + (arguments->view != NULL) != 1)
            argp_error(state, "give one of \"SELECT ...\", --view NAME and --schema");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    option_table, parse_option, "[\"SELECT ...\"]", documentation, NULL, NULL, NULL};

static enum status show(struct store_query *query, int format, struct diagnostic *diag) {
    const struct screen screen = screen_of(stdout);
    int64_t rows;
    switch (format) {
    case OPTION_CSV:
        return store_query_csv(query, stdout, &rows, diag);
    case OPTION_JSON:
        return query_json(query, stdout, diag);
    case OPTION_MARKDOWN:
        return query_markdown(query, stdout, diag);
    default:
        return query_table(query, &screen, stderr, diag);
    }
}

static enum status ask(const struct query_arguments *arguments, struct store *store,
                       struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct store_query *query = NULL;
    const char *sql = arguments->sql;
    enum status status = STATUS_OK;
    if (sql == NULL)
        status = store_view_sql(store, arguments->view, &arena, &sql, diag);
    if (status == STATUS_OK)
        status = store_query_open(store, sql, &query, diag);
    if (status == STATUS_OK)
        status = show(query, arguments->format, diag);
    store_query_close(query);
    arena_free(&arena);
    return status;
}

int command_query(int argc, char **argv) {
    struct query_arguments arguments = {.database = CLI_DATABASE};
    struct diagnostic diag = {0};
    struct store *store = NULL;
    cli_parse(&parser, argc, argv, 0, &arguments);
    enum status status;
    if (arguments.schema) {
        const struct screen screen = screen_of(stdout);
        status = query_schema(&screen, &diag);
    } else {
        status = store_open_reading(arguments.database, &store, &diag);
        if (status == STATUS_OK)
            status = ask(&arguments, store, &diag);
        store_close(store);
    }
    return status == STATUS_OK ? cli_finish_output() : cli_fail(&diag);
}
