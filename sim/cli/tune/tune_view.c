/* The table of what was tried, and the same as JSON. */
#include "sim/cli/tune/tune_view.h"

#include <math.h>

#include "sim/screen/json_text.h"
#include "sim/screen/table.h"

static const struct table_column columns[] = {
    {"number", "", TABLE_RIGHT, STYLE_PLAIN},     {"accuracy", "%", TABLE_RIGHT, STYLE_PLAIN},
    {"lost", "points", TABLE_RIGHT, STYLE_PLAIN}, {"fewer", "weights", TABLE_RIGHT, STYLE_PLAIN},
    {"time", "s", TABLE_RIGHT, STYLE_DIM},        {"", "", TABLE_LEFT, STYLE_BOLD},
};

static double fewer(const struct tune_point *point) {
    return point->nonzero > 0 ? (double)point->weights / (double)point->nonzero : NAN;
}

static enum status print_points(const struct tune_result *result, const struct screen *screen,
                                struct diagnostic *diag) {
    struct table table;
    table_begin(&table, columns, (int)(sizeof columns / sizeof *columns));
    for (int i = 0; i < result->n_points; i++) {
        const struct tune_point *point = &result->points[i];
        table_cell(&table, "%.4g", point->number);
        table_cell(&table, "%.2f", point->accuracy);
        table_cell(&table, "%.2f", point->lost);
        if (point->nonzero > 0)
            table_cell(&table, "%.3gx", fewer(point));
        else
            table_cell(&table, "%s", "");
        table_cell(&table, "%.1f", point->wall_s);
        table_cell(&table, "%s", i == result->best ? "chosen" : "");
    }
    enum status status = table_print(&table, screen, diag);
    table_free(&table);
    return status;
}

/* Whether the setting takes numbers below the range: rates do not, below 1. */
static bool can_be_smaller(const struct tune_request *request) {
    struct arena arena = ARENA_INIT;
    struct config *config = NULL;
    const char *override = tune_override(request->vary, request->least / 2, &arena);
    bool can = override != NULL &&
               config_create(run_sections, n_run_sections, &config, NULL) == STATUS_OK &&
               config_override(config, override, NULL) == STATUS_OK;
    config_free(config);
    arena_free(&arena);
    return can;
}

/* What to change where all that was tried loses too much. */
static const char *advice(const struct tune_request *request, const struct tune_result *result) {
    if (result->n_points == request->evaluations &&
        result->points[result->n_points - 1].number > request->least)
        return "give more --evaluations";
    if (can_be_smaller(request))
        return "give a smaller --from";
    const struct pruning_options *pruning = config_get(request->config, "pruning");
    return pruning->reconstruct == RECONSTRUCT_NONE
               ? "let the weights that stay be fitted: --set pruning.reconstruct=admm"
               : "choose another pruning.scheme";
}

enum status tune_screen(const struct tune_request *request, const struct tune_result *result,
                        const struct screen *screen, struct diagnostic *diag) {
    const struct dataset_options *data = config_get(request->config, "dataset");
    struct arena arena = ARENA_INIT;
    TRY(print_points(result, screen, diag));
    fprintf(screen->out, "\nUnpruned, the network has %.2f %% of %d images (%s).\n",
            result->reference, result->images, data->images);
    if (result->best >= 0) {
        const struct tune_point *best = &result->points[result->best];
        const char *set = tune_override(request->vary, best->number, &arena);
        if (set != NULL)
            fprintf(screen->out, "%s loses %.2f points, where %g +- %g were asked for.\n", set,
                    best->lost, request->loss, request->within);
    } else {
        const struct tune_point *last = &result->points[result->n_points - 1];
        char text[256];
        snprintf(text, sizeof text,
                 "Nothing that was tried loses at most %g points: the last, %.4g, loses %.2f. "
                 "Allow more loss, or %s.",
                 request->loss + request->within, last->number, last->lost,
                 advice(request, result));
        screen_wrapped(screen, text, 0);
    }
    arena_free(&arena);
    return STATUS_OK;
}

static json_t *point_json(const struct tune_point *point) {
    json_t *object = json_object();
    object = json_with(object, "number", json_number(point->number));
    object = json_with(object, "accuracy", json_number(point->accuracy));
    object = json_with(object, "lost", json_number(point->lost));
    object = json_with(object, "compression_ratio", json_number(fewer(point)));
    return json_with(object, "wall_s", json_number(point->wall_s));
}

enum status tune_json(const struct tune_request *request, const struct tune_result *result,
                      FILE *out, struct diagnostic *diag) {
    json_t *object = json_object(), *points = json_array();
    for (int i = 0; i < result->n_points; i++)
        points = json_plus(points, point_json(&result->points[i]));
    object = json_with(object, "vary", json_text(request->vary));
    object = json_with(object, "loss", json_number(request->loss));
    object = json_with(object, "within", json_number(request->within));
    object = json_with(object, "images", json_number(result->images));
    object = json_with(object, "reference", json_number(result->reference));
    object = json_with(object, "points", points);
    object = json_with(object, "best",
                       result->best >= 0 ? point_json(&result->points[result->best]) : json_null());
    return json_print(object, out, diag);
}
