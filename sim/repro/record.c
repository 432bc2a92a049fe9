/* A paper's result as a run of the database. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <xxhash.h>

#include "sim/repro/repro.h"
#include "sim/run/record.h"

enum { HASH_LENGTH = 33 };

static void hash_hex(const char *text, char hex[HASH_LENGTH]) {
    XXH128_hash_t hash = XXH3_128bits(text, strlen(text));
    snprintf(hex, HASH_LENGTH, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
}

static const char prefix[] = "repro-";

const char *repro_paper_of(const char *experiment) {
    size_t length = strlen(prefix);
    return strncmp(experiment, prefix, length) == 0 ? experiment + length : experiment;
}

static void fill_claims(const struct repro_result *result, struct store_claim *claims) {
    for (int i = 0; i < result->n_rows; i++) {
        const struct repro_row *row = &result->rows[i];
        const struct paper_table *table = &result->paper->tables[row->table];
        claims[i] = (struct store_claim){
            .published_in = table->title,
            .source = table->source,
            .what = row->what,
            .unit = row->unit->text,
            .published = row->published,
            .ours = row->ours,
            .low = row->low,
            .high = row->high,
            .verdict = repro_verdict_names[row->verdict],
            .note = row->note,
        };
    }
}

static void fill_metrics(const struct repro_result *result, struct store_metric *metrics) {
    static const char *const names[] = {[REPRO_WITHIN] = "rows_ok",
                                        [REPRO_OUTSIDE] = "rows_out",
                                        [REPRO_CLAIM] = "rows_claim",
                                        [REPRO_SKIPPED] = "rows_skipped"};
    for (int i = 0; i < REPRO_VERDICTS; i++)
        metrics[i] = (struct store_metric){
            .scope = "run", .name = names[i], .unit = "", .value = result->count[i]};
    for (int i = 0; i < result->n_parameters; i++)
        metrics[REPRO_VERDICTS + i] =
            (struct store_metric){.scope = result->parameters[i].fit,
                                  .name = result->parameters[i].name,
                                  .unit = result->parameters[i].unit->text,
                                  .value = result->parameters[i].value};
}

/* Figures of comparisons behind the `*n` metrics there are, in the scope "TITLE: RUN". */
static enum status add_comparisons(const struct repro_result *result, struct store_metric *metrics,
                                   int *n, struct arena *arena, struct diagnostic *diag) {
    for (int i = 0; i < result->n_comparisons; i++) {
        const struct paper_comparison *of = &result->paper->comparisons[i];
        for (int e = 0; e < of->n_entries; e++) {
            const char *scope = arena_printf(arena, "%s: %s", of->title,
                                             result->paper->runs[of->entries[e].run].name);
            const double *values = result->comparisons[i].values + e * of->n_columns;
            if (scope == NULL)
                return FAIL_MEMORY(diag, "the record of a paper");
            for (int c = 0; c < of->n_columns; c++)
                if (!isnan(values[c]))
                    metrics[(*n)++] = (struct store_metric){.scope = scope,
                                                            .name = of->columns[c].name,
                                                            .unit = of->columns[c].unit->text,
                                                            .value = values[c]};
        }
    }
    return STATUS_OK;
}

enum status repro_record(const struct repro_result *result, const char *version, const char *commit,
                         double started_unix_s, struct arena *arena, struct store_run *record,
                         struct diagnostic *diag) {
    const struct paper *paper = result->paper;
    struct utsname host;
    struct store_claim *claims = ARENA_NEW(arena, result->n_rows, struct store_claim);
    int n_metrics = REPRO_VERDICTS + result->n_parameters;
    for (int i = 0; i < result->n_comparisons; i++)
        n_metrics += paper->comparisons[i].n_entries * paper->comparisons[i].n_columns;
    struct store_metric *metrics = ARENA_NEW(arena, n_metrics, struct store_metric);
    char *hash = ARENA_NEW(arena, HASH_LENGTH, char);
    char *point = ARENA_NEW(arena, HASH_LENGTH, char);
    const char *experiment = arena_printf(arena, "%s%s", prefix, paper->name);
    const char *libraries = run_libraries_json(arena);
    const char *name =
        uname(&host) == 0 ? arena_printf(arena, "%s %s", host.nodename, host.machine) : "unknown";
    const char *identity =
        experiment != NULL
            ? arena_printf(arena, "%s %s%s%s%s", experiment, paper->text,
                           result->long_runs ? " long" : "", paper->only != NULL ? " only " : "",
                           paper->only != NULL ? paper->only : "")
            : NULL;
    if (claims == NULL || metrics == NULL || hash == NULL || point == NULL || identity == NULL ||
        libraries == NULL || name == NULL)
        return FAIL_MEMORY(diag, "the record of a paper");
    hash_hex(paper->text, hash);
    hash_hex(identity, point);
    fill_claims(result, claims);
    fill_metrics(result, metrics);
    n_metrics = REPRO_VERDICTS + result->n_parameters;
    TRY(add_comparisons(result, metrics, &n_metrics, arena, diag));
    *record = (struct store_run){
        .experiment = experiment,
        .base_yaml = paper->text,
        .base_hash = hash,
        .config_yaml = paper->text,
        .point_hash = point,
        .version = version,
        .commit = commit,
        .host = name,
        .libraries = libraries,
        .model_hash = "",
        .status = "done",
        .started_unix_s = started_unix_s,
        .wall_s = result->wall_s,
        .metrics = metrics,
        .n_metrics = n_metrics,
        .claims = claims,
        .n_claims = result->n_rows,
    };
    return STATUS_OK;
}
