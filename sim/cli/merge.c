/* mho merge: databases of other machines and shards into one. */
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "results/store_merge.h"
#include "sim/cli/cli.h"
#include "sim/screen/json_text.h"
#include "sim/screen/table.h"

enum { OPTION_JSON = 256, CONFLICTS_SHOWN = 20 };

/* One IN of the command. */
struct input {
    const char *path;
    struct store_merged merged;
    bool done;
};

struct merge_arguments {
    const char *out;
    struct input *inputs; /* [n_inputs] */
    size_t n_inputs;
    bool json;
    struct arena arena;
};

static const struct argp_option option_table[] = {
    {"json", OPTION_JSON, NULL, 0, "print one JSON object", 0},
    {0},
};

static const char documentation[] =
    "Merges the runs of the databases IN into OUT, which is made if it is not there. A run is "
    "known "
    "by its point hash, version and trial, so merging again changes nothing. A run that is done "
    "takes the place of one that failed; where both are done with other figures, OUT's stays, the "
    "difference is named, and the exit code is 1. Each IN is merged as a whole or not at all, and "
    "only read."
    "\vExamples:\n"
    "  mho merge results/all.db shard-*.db\n"
    "  mho merge results/mho.db colleague.db\n";

static error_t add_input(struct merge_arguments *arguments, const char *path,
                         struct argp_state *state) {
    struct input *longer = ARENA_NEW(&arguments->arena, arguments->n_inputs + 1, struct input);
    if (longer == NULL) {
        argp_failure(state, status_exit_code(STATUS_MEMORY), 0, "out of memory for arguments");
        return 0;
    }
    for (size_t i = 0; i < arguments->n_inputs; i++)
        longer[i] = arguments->inputs[i];
    longer[arguments->n_inputs++].path = path;
    arguments->inputs = longer;
    return 0;
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct merge_arguments *arguments = state->input;
    switch (key) {
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->out != NULL)
            return add_input(arguments, value, state);
        arguments->out = value;
        return 0;
    case ARGP_KEY_END:
        if (arguments->n_inputs == 0)
            argp_error(state, "give the database to merge into, and at least one other");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {option_table, parse_option, "OUT IN...", documentation,
                                   NULL,         NULL,         NULL};

/* Conflicts, for after the table. */
struct conflicts {
    const char *input; /* being merged */
    const char *out;
    const char *texts[CONFLICTS_SHOWN];
    int64_t n;
    struct arena arena;
};

static void note_conflict(void *context, const struct store_conflict *conflict) {
    struct conflicts *conflicts = context;
    if (conflicts->n++ < CONFLICTS_SHOWN)
        conflicts->texts[conflicts->n - 1] = arena_printf(
            &conflicts->arena,
            "run %" PRId64 " of %s stays as it is: run %" PRId64
            " of %s is the same point (experiment `%s`, trial %d) with other figures: %s",
            conflict->run_id, conflicts->out, conflict->from_id, conflicts->input,
            conflict->experiment, conflict->trial, conflict->where);
}

/* Whether two names are of one file. */
static bool same_file(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Before anything is made or written. */
static enum status check_inputs(const struct merge_arguments *arguments, struct diagnostic *diag) {
    for (size_t i = 0; i < arguments->n_inputs; i++) {
        struct store *store;
        const char *path = arguments->inputs[i].path;
        if (same_file(path, arguments->out))
            return FAIL(diag, STATUS_USAGE,
                        "%s is OUT and IN at once: name the database to merge into first, then "
                        "others",
                        path);
        TRY(store_open_reading(path, &store, diag));
        store_close(store);
    }
    return STATUS_OK;
}

static enum status merge_one(struct store *out, struct input *input, struct conflicts *conflicts,
                             struct diagnostic *diag) {
    struct store *from;
    conflicts->input = input->path;
    TRY(store_open_reading(input->path, &from, diag));
    enum status status = store_merge(out, from, note_conflict, conflicts, &input->merged, diag);
    store_close(from);
    input->done = status == STATUS_OK;
    return status;
}

static void add_up(const struct store_merged *one, struct store_merged *all) {
    all->runs += one->runs;
    all->added += one->added;
    all->same += one->same;
    all->replaced += one->replaced;
    all->kept += one->kept;
    all->conflicts += one->conflicts;
    all->holds = one->holds;
}

static void cells(struct table *table, const char *name, const struct store_merged *merged) {
    const int64_t numbers[] = {merged->runs,     merged->added, merged->same,
                               merged->replaced, merged->kept,  merged->conflicts};
    table_cell(table, "%s", name);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        table_cell(table, "%" PRId64, numbers[i]);
}

/* A line for each input that was merged. */
static enum status show(const struct merge_arguments *arguments, const struct conflicts *conflicts,
                        struct diagnostic *diag) {
    static const struct table_column columns[] = {
        {"Database", "", TABLE_LEFT, STYLE_PLAIN},      {"runs", "", TABLE_RIGHT, STYLE_PLAIN},
        {"added", "", TABLE_RIGHT, STYLE_BOLD},         {"same", "", TABLE_RIGHT, STYLE_PLAIN},
        {"failed", "here", TABLE_RIGHT, STYLE_PLAIN},   {"", "there", TABLE_RIGHT, STYLE_PLAIN},
        {"other", "figures", TABLE_RIGHT, STYLE_PLAIN},
    };
    const struct screen screen = screen_of(stdout);
    struct store_merged all = {0};
    struct table table;
    table_begin(&table, columns, (int)(sizeof columns / sizeof *columns));
    table.last_row_is_total = true;
    for (size_t i = 0; i < arguments->n_inputs; i++)
        if (arguments->inputs[i].done) {
            cells(&table, arguments->inputs[i].path, &arguments->inputs[i].merged);
            add_up(&arguments->inputs[i].merged, &all);
        }
    cells(&table, "total", &all);
    enum status status = table_print(&table, &screen, diag);
    table_free(&table);
    if (status == STATUS_OK)
        printf("\n%s holds %" PRId64 " runs.\n", arguments->out, all.holds);
    for (int64_t i = 0; status == STATUS_OK && i < conflicts->n && i < CONFLICTS_SHOWN; i++)
        puts(conflicts->texts[i] != NULL ? conflicts->texts[i] : "out of memory");
    if (status == STATUS_OK && conflicts->n > CONFLICTS_SHOWN)
        printf("and %" PRId64 " more\n", conflicts->n - CONFLICTS_SHOWN);
    return status;
}

static enum status print_json(const struct merge_arguments *arguments,
                              const struct conflicts *conflicts, struct diagnostic *diag) {
    json_t *inputs = json_array(), *texts = json_array();
    int64_t holds = 0;
    for (size_t i = 0; i < arguments->n_inputs; i++) {
        const struct store_merged *merged = &arguments->inputs[i].merged;
        holds = merged->holds;
        json_t *input =
            json_pack("{ss sI sI sI sI sI sI}", "db", arguments->inputs[i].path, "runs",
                      (json_int_t)merged->runs, "added", (json_int_t)merged->added, "same",
                      (json_int_t)merged->same, "replaced", (json_int_t)merged->replaced, "kept",
                      (json_int_t)merged->kept, "conflicts", (json_int_t)merged->conflicts);
        inputs = json_plus(inputs, input);
    }
    for (int64_t i = 0; i < conflicts->n && i < CONFLICTS_SHOWN; i++)
        texts =
            json_plus(texts, conflicts->texts[i] != NULL ? json_string(conflicts->texts[i]) : NULL);
    json_t *object = json_pack("{ss sI}", "db", arguments->out, "holds", (json_int_t)holds);
    object = json_with(object, "inputs", inputs);
    return json_print(json_with(object, "conflicts", texts), stdout, diag);
}

static enum status merge(struct merge_arguments *arguments, struct conflicts *conflicts,
                         struct diagnostic *diag) {
    struct store *out;
    TRY(check_inputs(arguments, diag));
    TRY(store_open(arguments->out, &out, diag));
    enum status status = STATUS_OK;
    conflicts->out = arguments->out;
    for (size_t i = 0; i < arguments->n_inputs && status == STATUS_OK; i++)
        status = merge_one(out, &arguments->inputs[i], conflicts, diag);
    store_close(out);
    if (status == STATUS_OK && arguments->json)
        return print_json(arguments, conflicts, diag);
    /* What was merged before a failure is told, too. */
    struct diagnostic unshown = {0};
    if (status != STATUS_OK && !arguments->inputs[0].done)
        return status;
    enum status shown = show(arguments, conflicts, status == STATUS_OK ? diag : &unshown);
    return status == STATUS_OK ? shown : status;
}

int command_merge(int argc, char **argv) {
    struct merge_arguments arguments = {0};
    struct conflicts conflicts = {0};
    struct diagnostic diag = {0};
    cli_parse(&parser, argc, argv, 0, &arguments);
    int code =
        merge(&arguments, &conflicts, &diag) == STATUS_OK ? cli_finish_output() : cli_fail(&diag);
    arena_free(&arguments.arena);
    arena_free(&conflicts.arena);
    return code == 0 && conflicts.n > 0 ? 1 : code;
}
