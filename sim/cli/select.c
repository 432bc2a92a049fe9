/* mho select: a pruning scheme for each layer, by rule or search, as a configuration. */
#include <stdio.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/select_view.h"
#include "sim/screen/names.h"

enum {
    OPTION_SCHEMES = 256,
    OPTION_RATES,
    OPTION_ROWS,
    OPTION_FOR,
    OPTION_LOSS,
    OPTION_METHOD,
    OPTION_SEED,
    MOST = 32
};

struct select_arguments {
    struct cli_config source;
    const char *output, *schemes, *rates, *rows, *objective, *loss, *method, *seed;
    struct arena arena;
};

static const struct argp_option option_table[] = {
    {"output", 'o', "FILE", 0, "the configuration to write; -: to standard output", 0},
    {"schemes", OPTION_SCHEMES, "LIST", 0,
     "schemes to choose from, by commas (column_proportional,crossbar_row,bcr)", 0},
    {"rates", OPTION_RATES, "LIST", 0, "rates to choose from (2,4,8)", 0},
    {"rows", OPTION_ROWS, "LIST", 0, "heights of blocks to choose from (crossbar)", 0},
    {"for", OPTION_FOR, "WHAT", 0, "what shall be small: energy (default), area or time", 0},
    {"max-loss", OPTION_LOSS, "SHARE", 0,
     "share of the squared weights that may go: root mean square over layers, or by rule of "
     "each layer (0.05)",
     0},
    {"method", OPTION_METHOD, "NAME", 0, "rule, or search: simulated annealing (default)", 0},
    {"seed", OPTION_SEED, "N", 0, "seed of the search (run.seed)", 0},
    {0},
};

static const char documentation[] =
    "Chooses a pruning scheme, a rate and a block height for each layer, so that the chip's cost "
    "model says least and the weights lose little (docs/pruning.md), and writes a complete "
    "configuration with them, which `mho run` evaluates."
    "\vExamples:\n"
    "  mho select configs/quickstart.yaml -o chosen.yaml --set adc.bits=lossless \\\n"
    "      --set adc.allocation=layer\n"
    "  mho select mynet.yaml -o chosen.yaml --method rule --rates 2,3,4,8 \\\n"
    "      --schemes column_proportional,pattern+kernel --max-loss 0.05\n";

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct select_arguments *arguments = state->input;
    const char **const texts[] = {&arguments->schemes,   &arguments->rates, &arguments->rows,
                                  &arguments->objective, &arguments->loss,  &arguments->method,
                                  &arguments->seed};
    if (key >= OPTION_SCHEMES && key <= OPTION_SEED) {
        *texts[key - OPTION_SCHEMES] = value;
        return 0;
    }
    switch (key) {
    case 'o':
        arguments->output = value;
        return 0;
    case ARGP_KEY_INIT:
        cli_config_input(state, &arguments->source);
        return 0;
    case ARGP_KEY_END:
        if (arguments->output == NULL)
            argp_error(state, "where to? Give -o FILE, or -o -");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {option_table,     parse_option, "CONFIG", documentation,
                                   cli_config_child, NULL,         NULL};

/* Numbers separated by commas, in least..; `word` (or NULL) stands for PRUNE_CROSSBAR. */
static enum status read_list(const char *option, const char *text, double least, const char *word,
                             struct arena *arena, double values[MOST], int *n,
                             struct diagnostic *diag) {
    char *rest = arena_strdup(arena, text);
    if (rest == NULL)
        return FAIL_MEMORY(diag, "a list");
    *n = 0;
    for (char *item = strsep(&rest, ","); item != NULL; item = strsep(&rest, ",")) {
        bool is_word = word != NULL && strcmp(item, word) == 0;
        double value = PRUNE_CROSSBAR;
        if (*n == MOST)
            return FAIL(diag, STATUS_USAGE, "%s: at most %d values", option, MOST);
        if (!is_word && (!text_to_real(item, &value) || value < least || value > 1e9))
            return FAIL(diag, STATUS_USAGE, "%s %s: `%s` is no number of %g or more%s%s", option,
                        text, item, least, word != NULL ? ", nor " : "", word != NULL ? word : "");
        values[(*n)++] = value;
    }
    return STATUS_OK;
}

static enum status make_candidates(struct select_arguments *arguments,
                                   struct select_candidate **candidates, int *n,
                                   struct diagnostic *diag) {
    double rates[MOST], heights[MOST];
    int rows[MOST], n_rates, n_rows;
    TRY(read_list("--rates", arguments->rates, 1, NULL, &arguments->arena, rates, &n_rates, diag));
    TRY(read_list("--rows", arguments->rows, 1, "crossbar", &arguments->arena, heights, &n_rows,
                  diag));
    for (int i = 0; i < n_rows; i++)
        rows[i] = (int)heights[i];
    return select_candidates(arguments->schemes, rates, n_rates, rows, n_rows, &arguments->arena,
                             candidates, n, diag);
}

static enum status read_word(const char *option, const char *text, const char *const *words,
                             int *index, struct diagnostic *diag) {
    for (*index = 0; words[*index] != NULL; (*index)++)
        if (strcmp(text, words[*index]) == 0)
            return STATUS_OK;
    return FAIL(diag, STATUS_USAGE, "%s %s: expected %s, %s%s%s", option, text, words[0], words[1],
                words[2] != NULL ? " or " : "", words[2] != NULL ? words[2] : "");
}

static enum status choose(struct select_arguments *arguments, const struct config *config,
                          struct select_view *view, struct diagnostic *diag) {
    static const char *const methods[] = {"rule", "search", NULL};
    const struct run_options *run = config_get(config, "run");
    struct select_candidate *candidates;
    int n, objective, method;
    long long seed = (long long)run->seed;
    double loss;
    TRY(read_word("--for", arguments->objective, select_objective_names, &objective, diag));
    TRY(read_word("--method", arguments->method, methods, &method, diag));
    if (!text_to_real(arguments->loss, &loss) || loss < 0 || loss > 1)
        return FAIL(diag, STATUS_USAGE, "--max-loss %s: expected a share from 0 to 1",
                    arguments->loss);
    if (arguments->seed != NULL && (!text_to_int(arguments->seed, &seed) || seed < 0))
        return FAIL(diag, STATUS_USAGE, "--seed %s: expected a number of 0 or more",
                    arguments->seed);
    TRY(make_candidates(arguments, &candidates, &n, diag));
    TRY(select_measure(config, candidates, n, (enum select_objective)objective, loss, NULL,
                       &arguments->arena, &view->problem, diag));
    int *choice = ARENA_NEW(&arguments->arena, view->problem.n_layers, int);
    if (choice == NULL)
        return FAIL_MEMORY(diag, "the choice of schemes");
    view->objective = (enum select_objective)objective;
    view->choice = choice;
    view->by_rule = method == 0;
    if (method == 1)
        return select_by_search(&view->problem, (uint64_t)seed, choice, diag);
    select_by_rule(&view->problem, choice);
    return STATUS_OK;
}

/* The chosen configuration, whole, to the output. */
static enum status write_config(struct select_arguments *arguments, struct config *config,
                                const struct select_view *view, struct diagnostic *diag) {
    TRY(select_apply(&view->problem, view->choice, config, diag));
    char *text = config_dump(config, false, &arguments->arena);
    const char *why = select_why_none(view, config, &arguments->arena);
    if (text == NULL || why == NULL)
        return FAIL_MEMORY(diag, "the configuration's text");
    if (strcmp(arguments->output, "-") == 0) {
        fputs(text, stdout);
        if (why[0] != '\0')
            fprintf(stderr, "mho: %s\n", why);
        return STATUS_OK;
    }
    TRY(file_write(arguments->output, text, strlen(text), diag));
    const struct screen screen = screen_of(stdout);
    TRY(select_screen(view, &screen, diag));
    if (why[0] != '\0') {
        putchar('\n');
        screen_wrapped(&screen, why, 0);
    }
    printf("\nWrote %s:  mho run ", arguments->output);
    print_shell_word(arguments->output, stdout);
    putchar('\n');
    return STATUS_OK;
}

static enum status select_and_write(struct select_arguments *arguments, struct diagnostic *diag) {
    struct config *config;
    struct select_view view = {0};
    if (strcmp(arguments->output, "-") != 0)
        TRY(file_check_writable(arguments->output, diag));
    TRY(cli_load_config(&arguments->source, true, &config, diag));
    enum status status = choose(arguments, config, &view, diag);
    if (status == STATUS_OK)
        status = write_config(arguments, config, &view, diag);
    config_free(config);
    return status;
}

int command_select(int argc, char **argv) {
    struct select_arguments arguments = {
        .schemes = "column_proportional,crossbar_row,bcr",
        .rates = "2,4,8",
        .rows = "crossbar",
        .objective = "energy",
        .loss = "0.05",
        .method = "search",
    };
    struct diagnostic diag = {0};
    cli_parse(&parser, argc, argv, 0, &arguments);
    enum status status = select_and_write(&arguments, &diag);
    int code = status == STATUS_OK ? cli_finish_output() : cli_fail(&diag);
    cli_config_free(&arguments.source);
    arena_free(&arguments.arena);
    return code;
}
