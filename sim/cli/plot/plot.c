/* mho plot: pictures of stored runs; plot_mapping_command.c: of a mapping. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/plot/plot_mapping.h"
#include "sim/plot/plot.h"
#include "sim/screen/gnuplot.h"

enum {
    OPTION_DB = 256,
    OPTION_WHERE,
    OPTION_TITLE,
    OPTION_X,
    OPTION_Y,
    OPTION_BY,
    OPTION_MINIMIZE,
    OPTION_VALUE,
    OPTION_STAT,
    OPTION_RUN,
    OPTION_LAYER
};

struct plot_arguments {
    const char *what, *database, *runs, *statistic;
    struct plot_request request;
};

static const struct argp_option option_table[] = {
    {"output", 'o', "FILE", 0, "the picture: *.svg, *.png or *.pdf", 0},
    {"db", OPTION_DB, "FILE", 0, "results database (" CLI_DATABASE ")", 0},
    {"where", OPTION_WHERE, "NAME=VALUE", 0,
     "only runs with this value of a parameter or metric; also != >= <= > <; may be "
     "repeated",
     0},
    {"x", OPTION_X, "NAME", 0, "pareto, lines, heatmap: the quantity to the right", 0},
    {"y", OPTION_Y, "NAME", 0, "pareto, lines, heatmap: the quantity upwards", 0},
    {"by", OPTION_BY, "NAME", 0, "lines: a line for each value of this; pareto: a front", 0},
    {"minimize", OPTION_MINIMIZE, NULL, 0, "pareto: a small y is good, not a large one", 0},
    {"value", OPTION_VALUE, "NAME", 0, "heatmap: the figure in the cells (accuracy_mean)", 0},
    {"stat", OPTION_STAT, "NAME", 0,
     "lines, heatmap: mean, min or max where several runs fall onto one place", 0},
    {"run", OPTION_RUN, "IDS", 0,
     "breakdown, layers, histogram: numbers of runs by commas, or last (the default)", 0},
    {"layer", OPTION_LAYER, "NAME", 0,
     "histogram: a layer by its name or a part of it (the first that loses something)", 0},
    {"title", OPTION_TITLE, "TEXT", 0, "instead of the plot's own title", 0},
    {0},
};

static const char documentation[] =
    "Draws stored runs (docs/plots.md):\n"
    "  pareto     accuracy against area (--x: another cost), the front named\n"
    "  lines      a figure (--y) against a parameter (--x), lines by a third (--by)\n"
    "  heatmap    a figure (--value) over two parameters, printed in the cells\n"
    "  breakdown  area and energy of one run or several, by component\n"
    "  layers     energy, time and utilisation of each layer of a run\n"
    "  histogram  partial sums of a layer, and the levels of its converters\n"
    "and without any run (mho plot mapping --help):\n"
    "  mapping    the crossbar arrays of a configuration, and how full each is"
    "\vNames are parameters (crossbar.rows), metrics (latency_s), columns of run_summary "
    "(area_mm2), or arithmetic over such, which may be named.\n\n"
    "Examples:\n"
    "  mho plot pareto --db results/sweep.db -o pareto.svg\n"
    "  mho plot pareto --x energy_per_inference_j -o front.pdf \\\n"
    "      --where 'accuracy_mean>=85'\n"
    "  mho plot pareto --x area_mm2 --minimize --by pruning.scheme -o edp.svg \\\n"
    "      --y 'EDP (J s) = energy_per_inference_j * latency_s'\n"
    "  mho plot lines --x crossbar.rows --y energy_per_inference_j \\\n"
    "      --by adc.bits --where pruning.scheme=none -o rows.svg\n"
    "  mho plot heatmap --x crossbar.rows --y adc.bits --value accuracy_mean \\\n"
    "      --where pruning.scheme=none -o map.png\n"
    "  mho plot breakdown --run 1,5,9 -o parts.svg\n"
    "  mho plot layers --run last -o layers.svg\n"
    "  mho plot histogram --run 3 --layer conv2 -o sums.svg\n"
    "  mho plot mapping configs/quickstart.yaml -o mapping.svg\n";

static void add_where(struct plot_request *request, const char *filter, struct argp_state *state) {
    if (request->n_where == PLOT_WHERE_MOST)
        argp_error(state, "at most %d times --where", PLOT_WHERE_MOST);
    request->where[request->n_where++] = filter;
}

static void find_kind(struct plot_arguments *arguments, struct argp_state *state) {
    const char *names[PLOT_KINDS + 1];
    for (int k = 0; k < PLOT_KINDS; k++) {
        names[k] = plot_kind_names[k];
        if (strcmp(names[k], arguments->what) == 0) {
            arguments->request.kind = (enum plot_kind)k;
            return;
        }
    }
    names[PLOT_KINDS] = "mapping";
    const char *closest = text_closest(arguments->what, names, PLOT_KINDS + 1);
    if (closest != NULL)
        argp_error(state, "no plot `%s` (did you mean `%s`?)", arguments->what, closest);
    else
        argp_error(state,
                   "no plot `%s`: there are pareto, lines, heatmap, breakdown, layers, histogram "
                   "and mapping",
                   arguments->what);
}

/* No option is without an effect. */
static void check_options(struct plot_arguments *arguments, struct argp_state *state) {
    struct plot_request *request = &arguments->request;
    enum plot_kind kind = request->kind;
    bool of_runs = kind >= PLOT_BREAKDOWN, cells = kind == PLOT_LINES || kind == PLOT_HEATMAP;
    const struct {
        const char *option;
        bool given, possible;
    } checks[] = {
        {"--x", request->x != NULL, !of_runs},
        {"--y", request->y != NULL, !of_runs},
        {"--where", request->n_where > 0, !of_runs},
        {"--by", request->by != NULL, kind == PLOT_LINES || kind == PLOT_PARETO},
        {"--minimize", request->minimize, kind == PLOT_PARETO},
        {"--value", request->value != NULL, kind == PLOT_HEATMAP},
        {"--stat", arguments->statistic != NULL, cells},
        {"--run", arguments->runs != NULL, of_runs},
        {"--layer", request->layer != NULL, kind == PLOT_HISTOGRAM},
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (checks[i].given && !checks[i].possible)
            argp_error(state, "%s is nothing for a plot `%s`", checks[i].option, arguments->what);
    for (int s = 1; arguments->statistic != NULL && s < PLOT_STATISTICS; s++)
        if (strcmp(arguments->statistic, plot_statistic_names[s]) == 0)
            request->statistic = (enum plot_statistic)s;
    if (arguments->statistic != NULL && request->statistic == PLOT_ONLY)
        argp_error(state, "--stat %s: there are mean, min and max", arguments->statistic);
    if (request->output == NULL)
        argp_error(state, "-o FILE is missing: *.svg, *.png or *.pdf");
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct plot_arguments *arguments = state->input;
    struct plot_request *request = &arguments->request;
    const struct {
        int key;
        const char **text;
    } texts[] = {
        {'o', &request->output},         {OPTION_DB, &arguments->database},
        {OPTION_TITLE, &request->title}, {OPTION_X, &request->x},
        {OPTION_Y, &request->y},         {OPTION_BY, &request->by},
        {OPTION_VALUE, &request->value}, {OPTION_STAT, &arguments->statistic},
        {OPTION_RUN, &arguments->runs},  {OPTION_LAYER, &request->layer},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].key == key) {
            *texts[i].text = value;
            return 0;
        }
    switch (key) {
    case OPTION_WHERE:
        add_where(request, value, state);
        return 0;
    case OPTION_MINIMIZE:
        request->minimize = true;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->what != NULL)
            argp_error(state, "`%s` is too many: one plot at a time, of --db FILE", value);
        arguments->what = value;
        find_kind(arguments, state);
        return 0;
    case ARGP_KEY_END:
        if (arguments->what == NULL)
            argp_error(state, "what to draw is missing: pareto, lines, heatmap, breakdown, layers, "
                              "histogram or mapping");
        check_options(arguments, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {option_table, parse_option, "KIND", documentation,
                                   NULL,         NULL,         NULL};

/* "1,5,9", or "last". */
static enum status read_runs(struct store *store, const char *list, struct plot_request *request,
                             struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    char *rest = arena_strdup(&arena, list != NULL ? list : "last");
    enum status status = rest != NULL ? STATUS_OK : FAIL_MEMORY(diag, "--run");
    int most = request->kind == PLOT_BREAKDOWN ? PLOT_RUNS_MOST : 1;
    while (status == STATUS_OK && rest != NULL) {
        const char *id = strsep(&rest, ",");
        if (request->n_runs == most)
            status = FAIL(diag, STATUS_USAGE, "--run %s: a plot `%s` shows %d run%s at most", list,
                          plot_kind_names[request->kind], most, most == 1 ? "" : "s");
        else
            status = cli_run_id(store, id, &request->runs[request->n_runs++], diag);
    }
    arena_free(&arena);
    return status;
}

static enum status draw(struct plot_arguments *arguments, struct diagnostic *diag) {
    struct store *store;
    TRY(gnuplot_check(arguments->request.output, diag));
    TRY(store_open_reading(arguments->database, &store, diag));
    enum status status = STATUS_OK;
    if (arguments->request.kind >= PLOT_BREAKDOWN)
        status = read_runs(store, arguments->runs, &arguments->request, diag);
    if (status == STATUS_OK)
        status = plot_draw(store, &arguments->request, diag);
    store_close(store);
    return status;
}

int command_plot(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "mapping") == 0) {
        char name[] = "mho plot mapping";
        argv[1] = name;
        return plot_mapping_command(argc - 1, argv + 1);
    }
    struct plot_arguments arguments = {.database = CLI_DATABASE};
    struct diagnostic diag = {0};
    cli_parse(&parser, argc, argv, 0, &arguments);
    return draw(&arguments, &diag) == STATUS_OK ? cli_finish_output() : cli_fail(&diag);
}
