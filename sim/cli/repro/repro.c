/* mho repro: published figures beside ours, row by row. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/cli/cli.h"
#include "sim/cli/file_kind.h"
#include "sim/cli/repro/repro_view.h"

enum {
    OPTION_DB = 256,
    OPTION_JSON,
    OPTION_MARKDOWN,
    OPTION_LIST,
    OPTION_BRIEF,
    OPTION_LONG,
    OPTION_ONLY
};

struct repro_arguments {
    const char **names; /* papers or paths */
    int n_names;
    const char *database;
    const char *only; /* what titles must contain; NULL: anything */
    bool json, markdown, list, brief, long_runs;
    struct arena arena;
};

static const struct argp_option option_table[] = {
    {"db", OPTION_DB, "FILE", 0, "results database (" CLI_DATABASE ", made where missing)", 0},
    {"brief", OPTION_BRIEF, NULL, 0, "show only rows outside their band, and the totals", 0},
    {"json", OPTION_JSON, NULL, 0, "print one JSON object", 0},
    {"markdown", OPTION_MARKDOWN, NULL, 0, "print Markdown tables, as in docs/repro.md", 0},
    {"long", OPTION_LONG, NULL, 0, "also what takes long: comparisons that prune large networks",
     0},
    {"only", OPTION_ONLY, "TEXT", 0, "only comparisons and tables whose titles contain TEXT", 0},
    {"list", OPTION_LIST, NULL, 0, "list the papers there are", 0},
    {0},
};

static const char documentation[] =
    "Compares published figures with what mho computes: published, ours, their ratio, and whether "
    "ours is within the band that the paper's file states. Without NAME all papers of "
    "configs/papers but those that prune networks first, which takes minutes; a NAME with / or "
    ".yaml is the path of such a file. A row without a band is a "
    "claim, shown beside ours with the reason. Rows are stored (table claim). Exit code 1 when a "
    "row is outside its band."
    "\vExamples:\n"
    "  mho repro                          all papers\n"
    "  mho repro isaac forms              two of them\n"
    "  mho repro --brief                  only what is outside its band\n"
    "  mho repro mypaper.yaml --db /tmp/try.db\n"
    "  mho repro mixed-granularity --long pruned networks side by side\n"
    "  mho repro mixed-granularity --only resnet-20\n"
    "  mho repro neurram --json | jq '.papers[].calibrated'\n";

static void add_name(struct repro_arguments *arguments, const char *name,
                     struct argp_state *state) {
    const char **longer = ARENA_NEW(&arguments->arena, arguments->n_names + 1, const char *);
    if (longer == NULL)
        argp_failure(state, 1, 0, "out of memory for arguments");
    for (int i = 0; i < arguments->n_names; i++)
        longer[i] = arguments->names[i];
    longer[arguments->n_names++] = name;
    arguments->names = longer;
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct repro_arguments *arguments = state->input;
    switch (key) {
    case OPTION_DB:
        arguments->database = value;
        return 0;
    case OPTION_BRIEF:
        arguments->brief = true;
        return 0;
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    case OPTION_MARKDOWN:
        arguments->markdown = true;
        return 0;
    case OPTION_LONG:
        arguments->long_runs = true;
        return 0;
    case OPTION_ONLY:
        arguments->only = value;
        return 0;
    case OPTION_LIST:
        arguments->list = true;
        return 0;
    case ARGP_KEY_ARG:
        add_name(arguments, value, state);
        return 0;
    case ARGP_KEY_END:
        if (arguments->json && arguments->markdown)
            argp_error(state, "--json or --markdown, not both");
        if (arguments->brief && (arguments->json || arguments->markdown))
            argp_error(state, "--brief is of the screen: --json and --markdown have every row");
        if (arguments->list && (arguments->n_names > 0 || arguments->json || arguments->markdown ||
                                arguments->brief || arguments->only != NULL))
            argp_error(state, "--list stands alone");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {option_table, parse_option, "[NAME...]", documentation, 0, 0, 0};

/* Everything that lives while papers are compared. */
struct session {
    const char **known; /* names of the shipped papers */
    int n_known;
    struct paper *papers;         /* [n] */
    struct repro_result *results; /* [n] */
    int n;
    struct store *store;
    struct arena arena;
};

/* The names of the shipped papers, from "forms, isaac, ...". */
static enum status find_known(struct session *session, struct diagnostic *diag) {
    char *names = file_shipped_names("papers", &session->arena);
    if (names == NULL)
        return FAIL_MEMORY(diag, "the names of papers");
    session->known = ARENA_NEW(&session->arena, strlen(names) / 2 + 1, const char *);
    if (session->known == NULL)
        return FAIL_MEMORY(diag, "the names of papers");
    for (char *name = strtok(names, ", "); name != NULL; name = strtok(NULL, ", "))
        session->known[session->n_known++] = name;
    return STATUS_OK;
}

static bool ends_in_yaml(const char *name) {
    size_t length = strlen(name);
    return length > 5 && strcmp(name + length - 5, ".yaml") == 0;
}

static enum status path_of(struct session *session, const char *name, char **path,
                           struct diagnostic *diag) {
    if (strchr(name, '/') != NULL || ends_in_yaml(name)) {
        *path = arena_strdup(&session->arena, name);
        return *path != NULL ? STATUS_OK : FAIL_MEMORY(diag, "a path");
    }
    char *relative = arena_printf(&session->arena, "papers/%s.yaml", name);
    if (relative == NULL)
        return FAIL_MEMORY(diag, "a path");
    for (char *c = relative; *c != '\0'; c++)
        *c = *c == '-' ? '_' : *c;
    if (file_shipped(relative, &session->arena, path, NULL) == STATUS_OK)
        return STATUS_OK;
    const char *closest = text_closest(name, session->known, (size_t)session->n_known);
    if (closest != NULL)
        return FAIL(diag, STATUS_USAGE, "there is no paper \"%s\" (did you mean \"%s\"?)", name,
                    closest);
    return FAIL(diag, STATUS_USAGE,
                "there is no paper \"%s\": `mho repro --list` lists them, and a path ends in .yaml",
                name);
}

/* All files are read before the first is evaluated: a slip in the last costs no wait. */
static enum status load(const struct repro_arguments *arguments, struct session *session,
                        struct diagnostic *diag) {
    const char *const *names = arguments->n_names > 0 ? arguments->names : session->known;
    int n = arguments->n_names > 0 ? arguments->n_names : session->n_known;
    if (n == 0)
        return FAIL(diag, STATUS_USAGE,
                    "configs/papers was not found: set MHO_CONFIGS, or give "
                    "the path of a paper's file");
    session->papers = ARENA_NEW(&session->arena, n, struct paper);
    session->results = ARENA_NEW(&session->arena, n, struct repro_result);
    if (session->papers == NULL || session->results == NULL)
        return FAIL_MEMORY(diag, "papers");
    const char *on_request = NULL;
    for (int i = 0; i < n; i++) {
        char *path = NULL;
        TRY(path_of(session, names[i], &path, diag));
        struct paper *paper = &session->papers[session->n];
        TRY(file_kind_explain(path, FILE_PAPER, paper_load(path, paper, diag), diag));
        int left = arguments->only != NULL ? paper_select(paper, arguments->only) : 1;
        bool unasked = paper->on_request && arguments->n_names == 0;
        if (left > 0 && unasked)
            on_request = names[i];
        if (left == 0 || unasked)
            paper_free(paper);
        else
            session->n++;
    }
    if (session->n == 0 && on_request != NULL)
        return FAIL(
            diag, STATUS_USAGE,
            "titles with \"%s\" are of papers that are evaluated only where they are named: "
            "`mho repro %s --only ...`",
            arguments->only, on_request);
    if (session->n == 0)
        return FAIL(diag, STATUS_USAGE, "no title of a comparison or table contains \"%s\"",
                    arguments->only);
    return STATUS_OK;
}

static enum status keep(const struct repro_arguments *arguments, struct session *session,
                        double started_unix_s, struct repro_view *view, struct diagnostic *diag) {
    struct store_run *records = ARENA_NEW(&session->arena, session->n, struct store_run);
    struct store_written *written = ARENA_NEW(&session->arena, session->n, struct store_written);
    if (records == NULL || written == NULL)
        return FAIL_MEMORY(diag, "the records of papers");
    for (int i = 0; i < session->n; i++)
        TRY(repro_record(&session->results[i], mho_version, mho_commit, started_unix_s,
                         &session->arena, &records[i], diag));
    TRY(store_open(arguments->database, &session->store, diag));
    TRY(store_write_all(session->store, records, session->n, written, diag));
    view->database = arguments->database;
    view->written = written;
    return STATUS_OK;
}

static enum status show(const struct repro_arguments *arguments, const struct repro_view *view,
                        struct diagnostic *diag) {
    if (arguments->json)
        return repro_json(view, stdout, diag);
    if (arguments->markdown)
        return repro_markdown(view, stdout, diag);
    struct screen screen = screen_of(stdout);
    return repro_screen(view, &screen, diag);
}

static void say(void *context, const char *text) {
    const struct screen *screen = context;
    if (screen->terminal)
        fprintf(screen->out, "\r\033[Krunning %s", text);
}

static enum status evaluate(const struct repro_arguments *arguments, struct session *session,
                            struct diagnostic *diag) {
    struct screen screen = screen_of(stderr);
    const struct repro_hooks hooks = {
        .progress = say, .context = &screen, .long_runs = arguments->long_runs};
    enum status status = STATUS_OK;
    for (int i = 0; i < session->n && status == STATUS_OK; i++)
        status = repro_evaluate(&session->papers[i], &hooks, &session->results[i], diag);
    if (screen.terminal)
        fputs("\r\033[K", screen.out);
    return status;
}

static enum status compare(const struct repro_arguments *arguments, struct session *session,
                           int *out, struct diagnostic *diag) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    TRY(find_known(session, diag));
    if (arguments->list) {
        for (int i = 0; i < session->n_known; i++)
            puts(session->known[i]);
        return STATUS_OK;
    }
    TRY(load(arguments, session, diag));
    TRY(store_check(arguments->database, diag));
    TRY(evaluate(arguments, session, diag));
    struct repro_view view = {
        .results = session->results, .n = session->n, .brief = arguments->brief};
    /* What was computed is shown even where it cannot be kept. */
    enum status kept =
        keep(arguments, session, (double)now.tv_sec + 1e-9 * (double)now.tv_nsec, &view, diag);
    struct diagnostic unshown = {0};
    enum status shown = show(arguments, &view, kept == STATUS_OK ? diag : &unshown);
    *out = repro_count(&view, REPRO_OUTSIDE);
    return kept == STATUS_OK ? shown : kept;
}

static void session_free(struct session *session) {
    for (int i = 0; i < session->n; i++) {
        repro_result_free(&session->results[i]);
        paper_free(&session->papers[i]);
    }
    store_close(session->store);
    arena_free(&session->arena);
}

int command_repro(int argc, char **argv) {
    struct repro_arguments arguments = {.database = CLI_DATABASE};
    struct session session = {0};
    struct diagnostic diag = {0};
    int out = 0;
    cli_parse(&parser, argc, argv, 0, &arguments);
    int code = compare(&arguments, &session, &out, &diag) == STATUS_OK ? cli_finish_output()
                                                                       : cli_fail(&diag);
    session_free(&session);
    arena_free(&arguments.arena);
    return code == 0 && out > 0 ? 1 : code;
}
