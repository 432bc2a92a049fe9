/* Reading stored runs: what was written comes back; lists; what is refused. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "results/store_read.h"
#include "tests/support/malloc_fail.h"
#include "tests/support/points.h"
#include "tests/support/runs.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

static void write_run(const char *path, const struct store_run *run, int64_t *id) {
    struct store *store = NULL;
    struct diagnostic diag = {0};
    ASSERT_OK(store_open(path, &store, &diag), diag);
    ASSERT_OK(store_write(store, run, id, &diag), diag);
    store_close(store);
}

static struct store *open_reading(const char *path) {
    struct store *store = NULL;
    struct diagnostic diag = {0};
    ASSERT_OK(store_open_reading(path, &store, &diag), diag);
    return store;
}

static void same_text(const char *a, const char *b) {
    CU_ASSERT_STRING_EQUAL(a != NULL ? a : "NULL", b != NULL ? b : "NULL");
}

static const struct store_metric *metric(const struct store_run *run, const char *scope,
                                         const char *name) {
    for (int i = 0; i < run->n_metrics; i++)
        if (strcmp(run->metrics[i].scope, scope) == 0 && strcmp(run->metrics[i].name, name) == 0)
            return &run->metrics[i];
    CU_FAIL_FATAL("no such metric");
    return NULL;
}

static void what_was_written_comes_back(void) {
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "r.db");
    struct store_run written = sample_run(), run;
    int64_t id;
    write_run(path, &written, &id);
    struct store *store = open_reading(path);
    ASSERT_OK(store_read(store, id, &arena, &run, &diag), diag);
    same_text(run.experiment, written.experiment);
    same_text(run.point_hash, written.point_hash);
    same_text(run.commit, written.commit);
    same_text(run.data_hash, NULL);
    CU_ASSERT_EQUAL(run.seed, written.seed);
    CU_ASSERT_EQUAL(run.trial, 2);
    CU_ASSERT_EQUAL(run.wall_s, 6.27);
    CU_ASSERT_EQUAL_FATAL(run.n_metrics, written.n_metrics);
    for (int i = 0; i < written.n_metrics; i++) {
        const struct store_metric *own = &written.metrics[i];
        CU_ASSERT_EQUAL(metric(&run, own->scope, own->name)->value, own->value);
        same_text(metric(&run, own->scope, own->name)->unit, own->unit);
    }
    CU_ASSERT_EQUAL_FATAL(run.n_layers, 2);
    same_text(run.layers[0].name, "conv1");
    CU_ASSERT_EQUAL(run.layers[0].nonzero_weights, 108);
    CU_ASSERT_EQUAL(run.layers[0].largest_sum, 61);
    CU_ASSERT_EQUAL(run.layers[0].energy_j, 1.5e-6);
    same_text(run.layers[1].bits_set_by, NULL);
    CU_ASSERT_EQUAL_FATAL(run.n_components, 3);
    for (int i = 0; i < 3; i++) {
        same_text(run.components[i].layer, written.components[i].layer);
        same_text(run.components[i].level, written.components[i].level);
        same_text(run.components[i].source, written.components[i].source);
        CU_ASSERT_EQUAL(run.components[i].area_m2, written.components[i].area_m2);
        CU_ASSERT_EQUAL(run.components[i].leakage_w, written.components[i].leakage_w);
    }
    CU_ASSERT_EQUAL_FATAL(run.n_parameters, 4); /* in the order of keys */
    same_text(run.parameters[0].key, "adc.bits");
    same_text(run.parameters[0].text, "lossless");
    same_text(run.parameters[2].key, "crossbar.rows");
    same_text(run.parameters[2].text, "37");
    CU_ASSERT_EQUAL((int)run.parameters[2].type, PARAMETER_INTEGER);
    CU_ASSERT(run.parameters[2].differs && !run.parameters[3].differs);
    store_close(store);
    arena_free(&arena);
    scratch_close(&scratch);
}

/* A read that says that it went well is whole, whichever allocation failed. */
static void short_memory(void) {
    struct scratch scratch;
    struct store_run written = sample_run();
    int64_t id;
    bool failed = true;
    if (!malloc_fail_works()) {
        fprintf(stderr, " skipped: allocations cannot be made to fail");
        return;
    }
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "r.db");
    write_run(path, &written, &id);
    struct store *store = open_reading(path);
    for (long n = 1; failed && n < 10000; n++) {
        struct arena arena = ARENA_INIT;
        struct diagnostic diag = {0};
        struct store_run run;
        malloc_fail_at(n);
        enum status status = store_read(store, id, &arena, &run, &diag);
        failed = malloc_fail_end();
        CU_ASSERT(failed || status == STATUS_OK);
        if (status == STATUS_OK) {
            CU_ASSERT_EQUAL(run.n_metrics, written.n_metrics);
            CU_ASSERT_EQUAL(run.n_parameters, written.n_parameters);
            CU_ASSERT_EQUAL(run.n_layers, written.n_layers);
            CU_ASSERT_EQUAL(run.n_components, written.n_components);
        } else {
            CU_ASSERT_EQUAL(status, STATUS_MEMORY);
        }
        arena_free(&arena);
    }
    CU_ASSERT(!failed);
    store_close(store);
    scratch_close(&scratch);
}

static void lists_are_the_last_runs(void) {
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    const struct store_summary *runs;
    int64_t id, total, last;
    int n = 0;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "r.db");
    struct store_run run = sample_run();
    for (int i = 0; i < 5; i++) {
        run.trial = i;
        run.started_unix_s = i == 1 ? 2e9 : 1e9;
        run.n_metrics = i < 4 ? run.n_metrics : 0;
        write_run(path, &run, &id);
    }
    struct store *store = open_reading(path);
    ASSERT_OK(store_list(store, 2, &arena, &runs, &n, &total, &diag), diag);
    CU_ASSERT_EQUAL(total, 5);
    CU_ASSERT_EQUAL_FATAL(n, 2);
    CU_ASSERT_EQUAL(runs[0].run_id, 4);
    CU_ASSERT_EQUAL(runs[1].run_id, 5);
    CU_ASSERT_EQUAL(runs[1].trial, 4);
    CU_ASSERT_STRING_EQUAL(runs[0].experiment, "quickstart");
    CU_ASSERT_PTR_NOT_NULL(strstr(runs[0].params, "\"crossbar.rows\":37"));
    CU_ASSERT_EQUAL(runs[0].accuracy_top1, 90.25);
    CU_ASSERT_DOUBLE_EQUAL(runs[0].area_m2, 0.372e-6, 1e-15);
    CU_ASSERT_EQUAL(runs[0].energy_per_inference_j, 1.67e-6);
    CU_ASSERT(isnan(runs[1].accuracy_top1) && isnan(runs[1].area_m2));
    ASSERT_OK(store_list(store, 0, &arena, &runs, &n, &total, &diag), diag);
    CU_ASSERT_EQUAL(n, 5);
    CU_ASSERT_EQUAL(runs[0].run_id, 1);
    ASSERT_OK(store_last_run(store, &last, &diag), diag);
    CU_ASSERT_EQUAL(last, 2);
    store_close(store);
    arena_free(&arena);
    scratch_close(&scratch);
}

/* Published figures beside ours are read with their run, marked in lists, and are the last run only
 * where there is no other. */
static void claims_are_no_design_points(void) {
    static const struct store_claim claims[] = {
        {"Table 3", "a paper", "tiles", "", 168, 167.5, 160, NAN, "ok", NULL},
        {"Table 3", "a paper", "power", "W", 65.8, NAN, NAN, NAN, "claim", "not modelled"},
    };
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    const struct store_summary *runs;
    int64_t id, total, last;
    int n = 0;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "r.db");
    struct store_run paper = sample_run(), run = sample_run();
    paper.trial = 7;
    paper.claims = claims;
    paper.n_claims = 2;
    paper.started_unix_s = 3e9;
    write_run(path, &paper, &id);
    struct store *store = open_reading(path);
    ASSERT_OK(store_last_run(store, &last, &diag), diag);
    CU_ASSERT_EQUAL(last, id);
    struct store_run read;
    ASSERT_OK(store_read(store, id, &arena, &read, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(read.n_claims, 2);
    same_text(read.claims[1].note, "not modelled");
    CU_ASSERT(read.claims[0].ours == 167.5 && isnan(read.claims[0].high));
    store_close(store);
    run.started_unix_s = 1e9;
    write_run(path, &run, &id);
    store = open_reading(path);
    ASSERT_OK(store_last_run(store, &last, &diag), diag);
    CU_ASSERT_EQUAL(last, id);
    ASSERT_OK(store_list(store, 0, &arena, &runs, &n, &total, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(n, 2);
    CU_ASSERT(runs[0].has_claims && !runs[1].has_claims);
    ASSERT_OK(store_read(store, id, &arena, &read, &diag), diag);
    CU_ASSERT_EQUAL(read.n_claims, 0);
    store_close(store);
    arena_free(&arena);
    scratch_close(&scratch);
}

static void expect_refused(const char *path, enum status status, const char *message) {
    struct store *store = NULL;
    struct diagnostic diag = {0};
    CU_ASSERT_EQUAL(store_open_reading(path, &store, &diag), status);
    CU_ASSERT_PTR_NULL(store);
    if (strstr(diag.message, message) == NULL) {
        fprintf(stderr, "\nexpected \"%s\" in \"%s\"", message, diag.message);
        CU_FAIL("message");
    }
}

static void unknown_runs_are_told_which_there_are(void) {
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    struct store_run run = sample_run(), read;
    int64_t id;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "r.db");
    for (int i = 0; i < 7; i++) {
        run.trial = i;
        write_run(path, &run, &id);
    }
    execute(path, "DELETE FROM run WHERE id IN (4, 6)");
    struct store *store = open_reading(path);
    CU_ASSERT_EQUAL(store_read(store, 6, &arena, &read, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "has no run 6 (it has 1 to 3, 5, 7)"));
    store_close(store);
    execute(path, "DELETE FROM run");
    store = open_reading(path);
    CU_ASSERT_EQUAL(store_last_run(store, &id, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "has no runs yet"));
    store_close(store);
    arena_free(&arena);
    scratch_close(&scratch);
}

static void databases_that_cannot_be_read_are_refused(void) {
    struct scratch scratch;
    struct store_run run = sample_run();
    int64_t id;
    struct stat info;
    scratch_open(&scratch);
    const char *none = scratch_path(&scratch, "none.db");
    expect_refused(none, STATUS_USAGE, "there is no database");
    CU_ASSERT_NOT_EQUAL(stat(none, &info), 0);
    expect_refused(scratch_path(&scratch, "none/r.db"), STATUS_USAGE, "there is no database");
    expect_refused(scratch_path(&scratch, "."), STATUS_STORE, "is a folder");
    const char *text = scratch_path(&scratch, "text.db");
    FILE *file = fopen(text, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs("a text that is long enough to be taken for the header of a database, and is none of it, "
          "as every look at it must show at once",
          file);
    fclose(file);
    expect_refused(text, STATUS_STORE, "is not an SQLite database");
    const char *empty = scratch_path(&scratch, "empty.db");
    fclose(fopen(empty, "w"));
    expect_refused(empty, STATUS_USAGE, "is empty: `mho run --db");
    const char *other = scratch_path(&scratch, "other.db");
    execute(other, "CREATE TABLE t (x)");
    expect_refused(other, STATUS_STORE, "is another program's database");
    const char *old = scratch_path(&scratch, "old.db");
    write_run(old, &run, &id);
    execute(old, "PRAGMA user_version = 2");
    expect_refused(old, STATUS_STORE, "was written by an older mho (schema 2");
    scratch_close(&scratch);
}

/* Of four runs, one of them failed: the id of the best, 0 for none. */
static int64_t best_of(struct store *store, const char *experiment, const char *column,
                       bool largest, double lost) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    struct store_summary best;
    bool found = false;
    ASSERT_OK(store_best(store, experiment, column, largest, lost, &arena, &best, &found, &diag),
              diag);
    arena_free(&arena);
    return found ? best.run_id : 0;
}

static void the_best_run_is_found(void) {
    static const struct point points[] = {
        {"sweep", 64, "6", 90, 2e-6, 3e-6, NULL, 0},
        {"sweep", 64, "5", 89.5, 1e-6, 4e-6, NULL, 0},
        {"sweep", 64, "2", 50, 1e-7, 1e-7, NULL, 0},
        {"sweep", 64, "7", 99, 1e-9, 1e-9, "failed", 0},
    };
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct store *store;
    scratch_open(&scratch);
    ASSERT_OK(store_open(scratch_path(&scratch, "b.db"), &store, &diag), diag);
    for (int i = 0; i < 4; i++) {
        struct point_rows rows;
        struct store_run run = point_run(&points[i], i, false, &rows);
        ASSERT_OK(store_write(store, &run, NULL, &diag), diag);
    }
    CU_ASSERT_EQUAL(best_of(store, "sweep", "accuracy_mean", true, NAN), 1);
    CU_ASSERT_EQUAL(best_of(store, "sweep", "area_mm2", false, NAN), 3);
    CU_ASSERT_EQUAL(best_of(store, "sweep", "area_mm2", false, 1), 2);
    CU_ASSERT_EQUAL(best_of(store, "sweep", "energy_per_inference_j", false, 0.5), 1);
    CU_ASSERT_EQUAL(best_of(store, "sweep", "area_mm2", false, 0.4), 1);
    CU_ASSERT_EQUAL(best_of(store, "another", "area_mm2", false, NAN), 0);
    bool done = false;
    char hash[33];
    query_text(scratch_path(&scratch, "b.db"), "SELECT point_hash FROM run WHERE id = 1", hash, 33);
    char *version =
        query_text(scratch_path(&scratch, "b.db"), "SELECT version FROM run", (char[64]){0}, 64);
    ASSERT_OK(store_find_done(store, hash, version, &done, &diag), diag);
    CU_ASSERT(done);
    ASSERT_OK(store_find_done(store, hash, "another version", &done, &diag), diag);
    CU_ASSERT_FALSE(done);
    query_text(scratch_path(&scratch, "b.db"), "SELECT point_hash FROM run WHERE id = 4", hash, 33);
    ASSERT_OK(store_find_done(store, hash, version, &done, &diag), diag);
    CU_ASSERT_FALSE(done); /* failed ones are tried again */
    store_close(store);
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"what was written comes back", what_was_written_comes_back},
    {"short memory", short_memory},
    {"the best run is found", the_best_run_is_found},
    {"lists are the last runs", lists_are_the_last_runs},
    {"claims are no design points", claims_are_no_design_points},
    {"unknown runs are told which there are", unknown_runs_are_told_which_there_are},
    {"databases that cannot be read are refused", databases_that_cannot_be_read_are_refused},
    {NULL, NULL},
};
const struct test_suite suite_store_read = {"store_read", cases};
