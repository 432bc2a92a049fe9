/* One run as a record: identity, hashes and the configuration. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <xxhash.h>

#include "sim/run/record_internal.h"

/* XXH3-128 as 32 hexadecimal digits, most significant first (xxHash's canonical form). */
static char *hash_hex(const char *text, struct arena *arena) {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(text, strlen(text)));
    char *hex = ARENA_NEW(arena, 33, char);
    if (hex == NULL)
        return NULL;
    for (size_t i = 0; i < sizeof canonical.digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", canonical.digest[i]);
    return hex;
}

char *run_point_hash(const struct config *config, const struct run_contents *contents,
                     const char *experiment, struct arena *arena) {
    const struct run_options *options = config_get(config, "run");
    char hash[33];
    config_hash(config, hash);
    const char *text = arena_printf(
        arena,
        "config %s model %s data %s calibration %s devices %s chip %s baseline %s detail %d "
        "experiment %s",
        hash, contents->model, contents->data, contents->calibration, contents->devices,
        contents->chip, contents->baseline, options->detail, experiment);
    return text != NULL ? hash_hex(text, arena) : NULL;
}

/* The configuration file's name without folder and ending. */
static char *file_stem(const char *path, struct arena *arena) {
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    size_t length = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    return arena_printf(arena, "%.*s", (int)length, name);
}

static char *host_name(struct arena *arena) {
    struct utsname name;
    if (uname(&name) != 0)
        return arena_strdup(arena, "unknown");
    return arena_printf(arena, "%s %s", name.nodename, name.machine);
}

static enum status record_identity(const struct run_result *result, const struct run_source *source,
                                   struct arena *arena, struct store_run *record,
                                   struct diagnostic *diag) {
    const struct run_options *options = config_get(result->config, "run");
    char *base_hash = ARENA_NEW(arena, 33, char);
    if (base_hash == NULL)
        return FAIL_MEMORY(diag, "the record of a run");
    config_hash(source->base, base_hash);
    record->experiment = source->experiment != NULL ? source->experiment
                         : options->name != NULL    ? options->name
                                                    : file_stem(source->config_path, arena);
    record->base_yaml = config_dump(source->base, false, arena);
    record->base_hash = base_hash;
    record->config_yaml = config_dump(result->config, false, arena);
    if (record->experiment != NULL)
        record->point_hash =
            run_point_hash(result->config, &result->contents, record->experiment, arena);
    record->seed = options->seed;
    record->version = source->version;
    record->commit = source->commit;
    record->host = host_name(arena);
    record->libraries = run_libraries_json(arena);
    record->model_hash = result->contents.model;
    record->data_hash = result->contents.data[0] != '\0' ? result->contents.data : NULL;
    record->status = "done";
    record->started_unix_s = source->started_unix_s;
    record->wall_s = result->wall_s;
    if (record->experiment == NULL || record->base_yaml == NULL || record->config_yaml == NULL ||
        record->point_hash == NULL || record->host == NULL || record->libraries == NULL)
        return FAIL_MEMORY(diag, "the record of a run");
    return STATUS_OK;
}

enum status run_record(const struct run_result *result, const struct run_source *source,
                       struct arena *arena, struct store_run *record, struct diagnostic *diag) {
    const struct run_options *options = config_get(result->config, "run");
    memset(record, 0, sizeof *record);
    TRY(record_identity(result, source, arena, record, diag));
    TRY(record_parameters(result->config, source->base, arena, record, diag));
    TRY(record_metrics(result, 0, arena, record, diag));
    if (options->detail == RUN_TOTALS)
        return STATUS_OK;
    TRY(record_layers(result, arena, record, diag));
    return record_components(result, arena, record, diag);
}

enum status run_record_failure(const struct config *config, const struct run_contents *contents,
                               const struct run_source *source, const char *error,
                               struct arena *arena, struct store_run *record,
                               struct diagnostic *diag) {
    struct run_result *nothing = ARENA_NEW(arena, 1, struct run_result);
    if (nothing == NULL)
        return FAIL_MEMORY(diag, "the record of a run");
    nothing->config = config;
    nothing->contents = *contents;
    memset(record, 0, sizeof *record);
    TRY(record_identity(nothing, source, arena, record, diag));
    record->status = "failed";
    record->error = error;
    return record_parameters(config, source->base, arena, record, diag);
}

enum status run_record_trial(const struct run_result *result, int trial,
                             const struct store_run *first, struct arena *arena,
                             struct store_run *record, struct diagnostic *diag) {
    *record = *first;
    record->trial = trial;
    record->histogram = NULL;
    record->n_histogram = 0;
    return record_metrics(result, trial, arena, record, diag);
}

double run_record_metric(const struct store_run *record, const char *name) {
    for (int i = 0; i < record->n_metrics; i++)
        if (strcmp(record->metrics[i].name, name) == 0 &&
            strcmp(record->metrics[i].scope, "run") == 0)
            return record->metrics[i].value;
    return NAN;
}
