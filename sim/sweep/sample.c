/* Samples: points within ranges, drawn at random, stratified, or of a low-discrepancy sequence. */
#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "sim/base/random.h"
#include "sim/sweep/sweep_internal.h"

enum { SAMPLE_POINTS_MAX = 100000000, NUMBER_LENGTH = 32 };

/* First parts of the keys of this file's random streams. */
enum { STREAM_UNIFORM = 0x90, STREAM_PERMUTATION };

static const char *const method_names[] = {"random", "latin_hypercube", "sobol"};

/* --- ranges in the file --- */

static enum status read_limit(struct loading *loading, const char *key, const char *limit,
                              const struct yaml_node *at, const struct yaml_node *node,
                              double *value) {
    const struct config_field *field = sweep_field(loading->sweep, key);
    const struct yaml_node *number = yaml_get(node, limit);
    struct sweep_setting setting;
    if (number == NULL)
        return YAML_FAIL(loading->diag, node, "%s: \"%s\" is missing here", key, limit);
    /* The field's own check of type and range comes with it. */
    TRY(sweep_read_setting(loading, key, at, number, &setting));
    return yaml_quantity(number, key, field->unit, value, loading->diag);
}

static enum status read_bounds(struct loading *loading, const struct yaml_node *node,
                               struct sweep_range *range) {
    static const char *const keys[] = {"from", "to", "scale"};
    static const char *const scales[] = {"linear", "log"};
    const struct config_field *field = sweep_field(loading->sweep, range->key);
    const struct yaml_node *scale = yaml_get(node, "scale");
    const char *word = scales[0];
    TRY(yaml_check_keys(node, keys, sizeof keys / sizeof *keys, loading->diag));
    bool numeric = field != NULL && (field->type == FIELD_INT || field->type == FIELD_INT_WORD ||
                                     field->type == FIELD_REAL || field->type == FIELD_REALS);
    if (!numeric)
        return YAML_FAIL(loading->diag, node, "%s is no number: give a list of its values",
                         range->key);
    TRY(read_limit(loading, range->key, "from", range->at, node, &range->low));
    TRY(read_limit(loading, range->key, "to", range->at, node, &range->high));
    if (scale != NULL)
        TRY(yaml_string(scale, "scale", &word, loading->diag));
    range->logarithmic = strcmp(word, scales[1]) == 0;
    range->integer = field->type == FIELD_INT || field->type == FIELD_INT_WORD;
    if (!range->logarithmic && strcmp(word, scales[0]) != 0)
        return YAML_FAIL(loading->diag, scale, "scale: expected linear or log, got \"%s\"", word);
    if (range->high <= range->low)
        return YAML_FAIL(loading->diag, node, "%s: \"to\" (%g) must be above \"from\" (%g)",
                         range->key, range->high, range->low);
    if (range->logarithmic && range->low <= 0)
        return YAML_FAIL(loading->diag, node, "%s: a logarithmic scale begins above 0", range->key);
    return STATUS_OK;
}

static enum status read_ranges(struct loading *loading, const struct yaml_node *node,
                               struct sweep_sample *sample) {
    const struct yaml_node *list = yaml_get(node, "ranges");
    if (list == NULL)
        return YAML_FAIL(loading->diag, node, "sample: \"ranges\" is missing here");
    TRY(sweep_check_mapping(list, "ranges", loading->diag));
    if (list->count == 0)
        return YAML_FAIL(loading->diag, list, "ranges: nothing to vary");
    struct sweep_range *ranges = ARENA_NEW(&loading->sweep->arena, list->count, struct sweep_range);
    if (ranges == NULL)
        return FAIL_MEMORY(loading->diag, "a sweep");
    for (size_t i = 0; i < list->count; i++) {
        struct sweep_range *range = &ranges[i];
        range->key = list->keys[i];
        range->at = list->keyed[i];
        if (list->values[i]->kind == YAML_SEQUENCE)
            TRY(sweep_read_list(loading, range->key, range->at, list->values[i], &range->values,
                                &range->n_values));
        else
            TRY(sweep_check_mapping(list->values[i], range->key, loading->diag));
        if (range->n_values == 0)
            TRY(read_bounds(loading, list->values[i], range));
    }
    sample->ranges = ranges;
    sample->n_ranges = (int)list->count;
    return STATUS_OK;
}

static enum status read_method(struct loading *loading, const struct yaml_node *node,
                               struct sweep_sample *sample) {
    const struct yaml_node *method = yaml_get(node, "method");
    const char *word = method_names[SAMPLE_SOBOL];
    if (method != NULL)
        TRY(yaml_string(method, "method", &word, loading->diag));
    for (int m = 0; m < SAMPLE_METHODS; m++)
        if (strcmp(word, method_names[m]) == 0) {
            sample->method = (enum sample_method)m;
            return STATUS_OK;
        }
    const char *closest = text_closest(word, method_names, SAMPLE_METHODS);
    if (closest != NULL)
        return YAML_FAIL(loading->diag, method, "method: \"%s\" is unknown (did you mean \"%s\"?)",
                         word, closest);
    return YAML_FAIL(loading->diag, method,
                     "method: expected random, latin_hypercube or sobol, got \"%s\"", word);
}

/* --- coordinates --- */

static enum status shuffle_strata(struct loading *loading, struct sweep_sample *sample) {
    struct arena *arena = &loading->sweep->arena;
    uint32_t **strata = ARENA_NEW(arena, sample->n_ranges, uint32_t *);
    for (int r = 0; strata != NULL && r < sample->n_ranges; r++) {
        struct random_stream stream;
        gsl_rng *rng =
            random_open(&stream, RANDOM_KEY(sample->seed, STREAM_PERMUTATION, (uint64_t)r));
        strata[r] = ARENA_NEW(arena, sample->points, uint32_t);
        if (strata[r] == NULL)
            return FAIL_MEMORY(loading->diag, "a sample");
        for (long i = 0; i < sample->points; i++)
            strata[r][i] = (uint32_t)i;
        gsl_ran_shuffle(rng, strata[r], (size_t)sample->points, sizeof *strata[r]);
    }
    sample->strata = (const uint32_t *const *)strata;
    return strata != NULL ? STATUS_OK : FAIL_MEMORY(loading->diag, "a sample");
}

void sweep_sample_coordinates(const struct sweep_sample *sample, long index, gsl_qrng *sequence,
                              double *u) {
    if (sample->method == SAMPLE_SOBOL) {
        gsl_qrng_get(sequence, u);
        return;
    }
    struct random_stream stream;
    gsl_rng *rng = random_open(&stream, RANDOM_KEY(sample->seed, STREAM_UNIFORM, (uint64_t)index));
    for (int r = 0; r < sample->n_ranges; r++) {
        u[r] = gsl_rng_uniform(rng);
        if (sample->method == SAMPLE_LATIN_HYPERCUBE)
            u[r] = (sample->strata[r][index] + u[r]) / (double)sample->points;
    }
}

/* The integer k of low..high whose share of the scale u falls in: of equal ones, or of [k, k + 1)
 * on a logarithmic one. */
static double integer_at(const struct sweep_range *range, double u) {
    double k = range->logarithmic
                   ? exp(log(range->low) + u * (log(range->high + 1) - log(range->low)))
                   : range->low + u * (range->high - range->low + 1);
    return fmin(floor(k), range->high);
}

static double real_at(const struct sweep_range *range, double u) {
    return range->logarithmic ? range->low * pow(range->high / range->low, u)
                              : range->low + u * (range->high - range->low);
}

enum status sweep_range_setting(const struct sweep_range *range, double u, struct arena *arena,
                                struct sweep_setting *setting, struct diagnostic *diag) {
    if (range->n_values > 0) {
        long at = (long)(u * (double)range->n_values);
        *setting = range->values[at < range->n_values ? at : range->n_values - 1].settings[0];
        return STATUS_OK;
    }
    struct yaml_node *node = ARENA_NEW(arena, 1, struct yaml_node);
    /* Six digits: what is run is what tables and files show. */
    const char *text = range->integer ? arena_printf(arena, "%.0f", integer_at(range, u))
                                      : arena_printf(arena, "%.6g", real_at(range, u));
    if (node == NULL || text == NULL)
        return FAIL_MEMORY(diag, "a design point");
    *node = (struct yaml_node){.kind = YAML_SCALAR,
                               .file = range->at->file,
                               .line = range->at->line,
                               .column = range->at->column,
                               .text = text};
    *setting = (struct sweep_setting){range->key, range->at, node};
    return STATUS_OK;
}

/* --- the whole --- */

static enum status read_seed(struct loading *loading, const struct yaml_node *node,
                             struct sweep_sample *sample) {
    const struct yaml_node *seed = yaml_get(node, "seed");
    int number = 1;
    if (seed != NULL && sample->method == SAMPLE_SOBOL)
        return YAML_FAIL(loading->diag, seed,
                         "seed: a Sobol sequence has none; leave it out, or choose the method "
                         "random or latin_hypercube");
    if (seed != NULL)
        TRY(yaml_int(seed, "seed", &number, loading->diag));
    if (number < 0)
        return YAML_FAIL(loading->diag, seed, "seed: expected 0 or more, got %d", number);
    sample->seed = (uint64_t)number;
    return STATUS_OK;
}

enum status sweep_read_sample(struct loading *loading, const struct yaml_node *node,
                              const struct sweep_sample **sample) {
    static const char *const keys[] = {"method", "points", "seed", "ranges"};
    struct sweep_sample *read = ARENA_NEW(&loading->sweep->arena, 1, struct sweep_sample);
    int points;
    if (read == NULL)
        return FAIL_MEMORY(loading->diag, "a sweep");
    TRY(sweep_check_mapping(node, "sample", loading->diag));
    TRY(yaml_check_keys(node, keys, sizeof keys / sizeof *keys, loading->diag));
    TRY(read_method(loading, node, read));
    TRY(read_seed(loading, node, read));
    if (yaml_get(node, "points") == NULL)
        return YAML_FAIL(loading->diag, node, "sample: \"points\" is missing here");
    TRY(yaml_int(yaml_get(node, "points"), "points", &points, loading->diag));
    if (points < 1 || points > SAMPLE_POINTS_MAX)
        return YAML_FAIL(loading->diag, yaml_get(node, "points"),
                         "points: expected 1 to %d, got %d", SAMPLE_POINTS_MAX, points);
    read->points = points;
    TRY(read_ranges(loading, node, read));
    if (read->method == SAMPLE_SOBOL && read->n_ranges > SAMPLE_SOBOL_MAX)
        return YAML_FAIL(loading->diag, node, "a Sobol sequence has at most %d ranges, here are %d",
                         SAMPLE_SOBOL_MAX, read->n_ranges);
    *sample = read;
    return read->method == SAMPLE_LATIN_HYPERCUBE ? shuffle_strata(loading, read) : STATUS_OK;
}
