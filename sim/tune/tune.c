/* A number of the configuration, enclosed from both sides. */
#include "sim/tune/tune.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers nearer to each other than this prune alike. */
static const double SAME = 1.01;

/* As it is written: four significant digits. */
static double written(double number) {
    char text[32];
    snprintf(text, sizeof text, "%.4g", number);
    return strtod(text, NULL);
}

char *tune_override(const char *vary, double number, struct arena *arena) {
    const char *rest = vary;
    char *done = arena_strdup(arena, "");
    for (const char *at; done != NULL && (at = strchr(rest, '%')) != NULL; rest = at + 1)
        done = arena_printf(arena, "%s%.*s%.4g", done, (int)(at - rest), rest, number);
    return done != NULL ? arena_printf(arena, "%s%s", done, rest) : NULL;
}

/* The request's configuration with what concerns accuracy alone, and an override. */
static enum status make_config(const struct tune_request *request, const char *override,
                               struct config **config, struct diagnostic *diag) {
    static const char *const fixed[] = {"run.accuracy=true", "run.float_accuracy=false",
                                        "run.cost=false", "run.baseline=none", "run.predictions=~"};
    TRY(config_copy(request->config, config, diag));
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed && status == STATUS_OK; i++)
        status = config_override(*config, fixed[i], diag);
    if (status == STATUS_OK)
        status = config_override(*config, override, diag);
    if (status != STATUS_OK)
        config_free(*config);
    return status;
}

static void measure(const struct run_result *run, struct tune_point *point) {
    point->accuracy = 100 * run->accuracy.mean;
    point->wall_s = run->wall_s;
    for (int i = 0; i < run->mapping.n_layers; i++) {
        point->weights += run->mapping.layers[i].weights.weights;
        point->nonzero += run->mapping.layers[i].weights.nonzero;
    }
}

/* One run with the number of `point`, or of the unpruned network. */
static enum status evaluate_set(const struct tune_request *request, const char *override,
                                bool unpruned, struct tune_point *point, int *images,
                                struct diagnostic *diag) {
    struct run_hooks hooks = request->hooks != NULL ? *request->hooks : (struct run_hooks){0};
    struct config *config;
    struct run_result run;
    hooks.unpruned = unpruned;
    TRY(make_config(request, override, &config, diag));
    enum status status = run_evaluate(config, &hooks, &run, diag);
    if (status == STATUS_OK) {
        measure(&run, point);
        *images = run.accuracy.images;
        run_result_free(&run);
    }
    config_free(config);
    return status;
}

static enum status evaluate(const struct tune_request *request, bool unpruned,
                            struct tune_point *point, int *images, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    const char *override = tune_override(request->vary, point->number, &arena);
    enum status status = override != NULL
                             ? evaluate_set(request, override, unpruned, point, images, diag)
                             : FAIL_MEMORY(diag, "an override");
    arena_free(&arena);
    return status;
}

/* Evaluates a number as the next point. */
static enum status try_number(const struct tune_request *request, double number,
                              struct tune_result *result, struct diagnostic *diag) {
    struct tune_point *point = &result->points[result->n_points];
    *point = (struct tune_point){.number = number};
    TRY(evaluate(request, false, point, &result->images, diag));
    point->lost = result->reference - point->accuracy;
    result->n_points++;
    if (request->progress != NULL)
        request->progress(request->context, result->n_points, point);
    return STATUS_OK;
}

/* The rounding of accuracies must not decide. */
static bool is_allowed(const struct tune_request *request, const struct tune_point *point) {
    return point->lost <= request->loss + request->within + 1e-9;
}

static bool is_near(const struct tune_request *request, const struct tune_point *point) {
    return fabs(point->lost - request->loss) <= request->within + 1e-9;
}

/* An end of the range that holds the number; `lost` NAN: it was not evaluated. */
struct end {
    double number, lost;
};

/* The next number, on logarithmic scales: in the middle, or where a line through both ends loses
 * what is asked, but not so near to one of them that the other would hardly move. */
static double between(const struct end *low, const struct end *high, double loss) {
    double share = 0.5;
    if (low->lost > 0 && high->lost > low->lost && loss > 0)
        share = fmin(fmax(log(loss / low->lost) / log(high->lost / low->lost), 0.15), 0.85);
    return written(low->number * pow(high->number / low->number, share));
}

static enum status narrow(const struct tune_request *request, struct tune_result *result,
                          struct diagnostic *diag) {
    struct end low = {request->least, NAN}, high = {request->most, NAN};
    while (result->n_points < request->evaluations) {
        if (high.number / low.number <= SAME) {
            /* All lost too little, or all too much: what the end does was not tried. */
            if (isnan(high.lost))
                return try_number(request, request->most, result, diag);
            if (isnan(low.lost))
                return try_number(request, request->least, result, diag);
            return STATUS_OK;
        }
        TRY(try_number(request, between(&low, &high, request->loss), result, diag));
        const struct tune_point *point = &result->points[result->n_points - 1];
        if (is_near(request, point))
            return STATUS_OK;
        struct end *end = is_allowed(request, point) ? &low : &high;
        *end = (struct end){point->number, point->lost};
    }
    return STATUS_OK;
}

static enum status check(const struct tune_request *request, struct diagnostic *diag) {
    if (strchr(request->vary, '%') == NULL)
        return FAIL(diag, STATUS_USAGE, "%s has no %% to put a number in: write pruning.rate=%%",
                    request->vary);
    if (!(request->least > 0 && request->least < request->most))
        return FAIL(diag, STATUS_USAGE, "numbers from %g to %g: expected 0 < from < to",
                    request->least, request->most);
    return STATUS_OK;
}

enum status tune_search(const struct tune_request *request, struct tune_result *result,
                        struct diagnostic *diag) {
    /* Its number is not used, but schemes want one. */
    struct tune_point reference = {.number = request->most};
    *result = (struct tune_result){.best = -1};
    TRY(check(request, diag));
    TRY(evaluate(request, true, &reference, &result->images, diag));
    result->reference = reference.accuracy;
    if (request->progress != NULL)
        request->progress(request->context, 0, NULL);
    TRY(narrow(request, result, diag));
    for (int i = 0; i < result->n_points; i++)
        if (is_allowed(request, &result->points[i]) &&
            (result->best < 0 || result->points[i].number > result->points[result->best].number))
            result->best = i;
    return STATUS_OK;
}
