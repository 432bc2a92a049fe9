/* mho prune: a pruned network as ONNX, and its masks, for use elsewhere. */
#include <math.h>
#include <time.h>

#include "sim/cli/cli.h"
#include "sim/cli/stop.h"
#include "sim/network/export.h"
#include "sim/run/masks.h"
#include "sim/run/prune.h"
#include "sim/screen/names.h"
#include "sim/screen/progress.h"
#include "sim/screen/table.h"

enum { OPTION_MASKS = 256, NAME_WIDTH = 24 };

struct prune_arguments {
    struct cli_config source;
    const char *output, *masks;
    bool quiet;
    struct arena arena;
};

static const struct argp_option option_table[] = {
    {"output", 'o', "OUT.onnx", 0, "file to write the pruned network to", 0},
    {"masks", OPTION_MASKS, "FILE.npz", 0,
     "also write the masks: one array for each pruned layer, named like its weights in OUT.onnx, "
     "1 kept, 0 removed",
     0},
    {"threads", 't', "N", 0, "threads; 0: one for each processor", 0},
    {"quiet", 'q', NULL, 0, "no progress bar", 0},
    {0},
};

static const char documentation[] =
    "Prunes the network of CONFIG as its section `pruning` says, and writes an ONNX file with the "
    "same operators and names. The weights that stay are as they were, unless pruning.reconstruct "
    "(least_squares, admm) fits them to the images of dataset.calibration. The model must be "
    "float, or taken so (network.as=float)."
    "\vExamples:\n"
    "  mho prune mynet.yaml -o pruned.onnx --set pruning.reconstruct=admm \\\n"
    "      --set pruning.scheme=column_proportional --set pruning.rate=8\n"
    "  mho prune mynet.yaml -o pruned.onnx --masks masks.npz\n"
    "  mho prune mynet.yaml -o again.onnx --set pruning.masks=masks.npz\n"
    "  mho inspect pruned.onnx\n";

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct prune_arguments *arguments = state->input;
    switch (key) {
    case 'o':
        arguments->output = value;
        return 0;
    case OPTION_MASKS:
        arguments->masks = value;
        return 0;
    case 't':
        cli_config_set(&arguments->source, arena_printf(&arguments->arena, "run.threads=%s", value),
                       state);
        return 0;
    case 'q':
        arguments->quiet = true;
        return 0;
    case ARGP_KEY_INIT:
        cli_config_input(state, &arguments->source);
        return 0;
    case ARGP_KEY_END:
        if (arguments->output == NULL)
            argp_error(state, "-o OUT.onnx is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {option_table,     parse_option, "CONFIG", documentation,
                                   cli_config_child, NULL,         NULL};

static const struct table_column columns[] = {
    {"Layer", "", TABLE_LEFT, STYLE_PLAIN},
    {"shape", "KxN", TABLE_RIGHT, STYLE_DIM},
    {"weights", "", TABLE_RIGHT, STYLE_PLAIN},
    {"zeros", "%", TABLE_RIGHT, STYLE_PLAIN},
    {"fewer", "weights", TABLE_RIGHT, STYLE_PLAIN},
    {"error %", "one shot", TABLE_RIGHT, STYLE_PLAIN},
    {"", "fitted", TABLE_RIGHT, STYLE_PLAIN},
};
enum { COLUMNS = sizeof columns / sizeof *columns, ERROR_COLUMNS = 2 };

static void error_cell(struct table *table, double error) {
    if (isnan(error))
        table_cell(table, "%s", "");
    else
        table_cell(table, "%.2f", 100 * error);
}

static void counts(struct table *table, long weights, long nonzero) {
    char text[32];
    table_cell(table, "%s", text_count((double)weights, text, sizeof text));
    table_cell(table, "%.1f",
               weights > 0 ? 100.0 * (double)(weights - nonzero) / (double)weights : 0);
    if (nonzero > 0)
        table_cell(table, "%.3gx", (double)weights / (double)nonzero);
    else
        table_cell(table, "%s", "");
}

/* Errors are known where calibration images chose the masks or fitted the weights. */
static enum status show_layers(const struct network *network, const struct layerwise_layer *layers,
                               bool errors, struct diagnostic *diag) {
    const struct screen screen = screen_of(stdout);
    struct arena arena = ARENA_INIT;
    struct table table;
    long weights = 0, nonzero = 0;
    table_begin(&table, columns, errors ? COLUMNS : COLUMNS - ERROR_COLUMNS);
    table.last_row_is_total = true;
    for (int i = 0; i < network->n_linear; i++) {
        const struct matrix_shape *shape = &network->linear[i].shape;
        struct weight_statistics statistics = network_weight_statistics(network, i, 1);
        const char *name = short_layer_name(network->linear[i].name, NAME_WIDTH, &arena);
        table_cell(&table, "%s", name != NULL ? name : "?");
        table_cell(&table, "%dx%d", matrix_rows(shape), shape->out_channels);
        counts(&table, statistics.weights, statistics.nonzero);
        if (errors) {
            error_cell(&table, layers[i].error_before);
            error_cell(&table, layers[i].error_after);
        }
        weights += statistics.weights;
        nonzero += statistics.nonzero;
    }
    table_cell(&table, "%s", "total");
    table_cell(&table, "%s", "");
    counts(&table, weights, nonzero);
    for (int i = 0; errors && i < ERROR_COLUMNS; i++)
        table_cell(&table, "%s", "");
    enum status status = table_print(&table, &screen, diag);
    table_free(&table);
    arena_free(&arena);
    return status;
}

static bool anything_pruned(const struct layerwise_layer *layers, int count) {
    for (int i = 0; i < count; i++)
        if (layers[i].mask != NULL)
            return true;
    return false;
}

static enum status show(const struct config *config, const struct network *network,
                        const struct layerwise_layer *layers, double seconds,
                        const struct prune_arguments *arguments, struct diagnostic *diag) {
    const struct pruning_options *options = config_get(config, "pruning");
    const struct dataset_options *dataset = config_get(config, "dataset");
    bool errors = run_prune_needs_images(config);
    TRY(show_layers(network, layers, errors, diag));
    printf("\n%.1f s of processor time.", seconds);
    if (errors)
        printf(" Error: mean square difference of a layer's outputs to the dense network's,\nof "
               "their variance, on calibration images.");
    putchar('\n');
    if (options->reconstruct == RECONSTRUCT_NONE && anything_pruned(layers, network->n_linear))
        printf(
            "No weights were fitted. To fit those that stay:  --set pruning.reconstruct=admm%s\n",
            dataset->calibration == NULL ? " --set dataset.calibration=IMAGES" : "");
    printf("Written: %s%s%s\n", arguments->output, arguments->masks != NULL ? ", masks " : "",
           arguments->masks != NULL ? arguments->masks : "");
    return STATUS_OK;
}

/* Everything that lives while a network is pruned. */
struct session {
    struct config *config;
    struct network network;
    struct dataset images;
    struct export *file;
    struct arena arena;
};

static void progress_layers(void *context, int done, int total) {
    const struct run_step step = {.stage = RUN_PRUNE, .trials = 1, .done = done, .total = total};
    progress_update(context, &step);
}

static double processor_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static enum status import(struct session *session, struct diagnostic *diag) {
    const struct network_options *model = config_get(session->config, "network");
    TRY(network_import_as(model->model, (enum network_as)model->as, &session->network, diag));
    if (session->network.quantised)
        return FAIL(diag, STATUS_USAGE,
                    "%s is quantised: set network.as=float, or give the float model", model->model);
    TRY(run_check_layers(session->config, &session->network, diag));
    TRY(run_prune_check(session->config, true, diag));
    TRY(export_open(model->model, (enum network_as)model->as, &session->file, diag));
    return run_prune_needs_images(session->config)
               ? run_load_calibration(session->config, &session->network, &session->images, diag)
               : STATUS_OK;
}

static enum status prune(const struct prune_arguments *arguments, struct session *session,
                         struct layerwise_layer *layers, struct diagnostic *diag) {
    struct progress progress;
    struct prune_plan *plans =
        ARENA_NEW(&session->arena, session->network.n_linear, struct prune_plan);
    if (plans == NULL)
        return FAIL_MEMORY(diag, "pruning");
    TRY(run_prune_plans(session->config, &session->network, plans, diag));
    const struct pruning_options *options = config_get(session->config, "pruning");
    if (options->masks == NULL && !options->purify && !run_prune_rounds(session->config) &&
        !run_prune_removes(plans, session->network.n_linear))
        return FAIL(diag, STATUS_USAGE,
                    "nothing to prune: set pruning.scheme and its pruning.rate, pruning.masks or "
                    "pruning.purify");
    progress_begin(&progress, stderr, arguments->quiet);
    const struct run_prune_request request = {
        .config = session->config,
        .plans = plans,
        .images = &session->images,
        .threads = run_threads(session->config),
        .progress = progress_layers,
        .context = &progress,
        .stop = cli_catch_signals(),
    };
    enum status status = run_prune(&request, &session->network, layers, diag);
    progress_end(&progress);
    if (status == STATUS_INTERRUPTED)
        return FAIL(diag, STATUS_INTERRUPTED, "interrupted; nothing was written");
    return status;
}

static enum status work(const struct prune_arguments *arguments, struct session *session,
                        struct diagnostic *diag) {
    double start_s = processor_s();
    TRY(cli_load_config(&arguments->source, true, &session->config, diag));
    TRY(file_check_writable(arguments->output, diag));
    const struct pruning_options *options = config_get(session->config, "pruning");
    if (arguments->masks != NULL && options->purify)
        return FAIL(diag, STATUS_USAGE,
                    "--masks are for the weights as they were, and pruning.purify makes layers "
                    "smaller: ask for one of them");
    if (arguments->masks != NULL)
        TRY(file_check_writable(arguments->masks, diag));
    TRY(import(session, diag));
    struct layerwise_layer *layers =
        ARENA_NEW(&session->arena, session->network.n_linear, struct layerwise_layer);
    if (layers == NULL)
        return FAIL_MEMORY(diag, "pruning");
    TRY(prune(arguments, session, layers, diag));
    double seconds = processor_s() - start_s;
    TRY(export_layers(session->file, &session->network, diag));
    TRY(export_write(session->file, arguments->output, diag));
    if (arguments->masks != NULL)
        TRY(masks_write(arguments->masks, session->file, &session->network, layers, diag));
    return show(session->config, &session->network, layers, seconds, arguments, diag);
}

int command_prune(int argc, char **argv) {
    struct prune_arguments arguments = {0};
    struct session session = {0};
    struct diagnostic diag = {0};
    cli_parse(&parser, argc, argv, 0, &arguments);
    int code =
        work(&arguments, &session, &diag) != STATUS_OK ? cli_fail(&diag) : cli_finish_output();
    export_close(session.file);
    dataset_free(&session.images);
    network_free(&session.network);
    config_free(session.config);
    arena_free(&session.arena);
    cli_config_free(&arguments.source);
    arena_free(&arguments.arena);
    return code;
}
