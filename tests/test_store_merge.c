/* Merging of databases: what is in the one afterwards, compared by other SQL than the merge's own;
 * the rules for runs that both have; and nothing changed by a merge that fails or is killed. */
#include "results/store_merge.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "results/store_internal.h"
#include "tests/support/random.h"
#include "tests/support/runs.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

/* Runs of every kind of record; `hash` tells points apart. */
static struct store_run make_run(const char *hash, int trial) {
    static const struct store_sum sums[] = {{"conv1", 0, 3, 77}, {"conv1", 0, 61, UINT32_MAX}};
    static const struct store_claim claims[] = {
        {"Table 6", "ISAAC", "tile", "W", 65.8, 65.9, 60, NAN, "ok", NULL},
        {"Table 6", "ISAAC", "chip", "mm2", 85.4, NAN, NAN, NAN, "skipped", "no model"}};
    struct store_run run = sample_run();
    run.point_hash = hash;
    run.trial = trial;
    run.histogram = sums;
    run.n_histogram = 2;
    run.claims = claims;
    run.n_claims = 2;
    return run;
}

static void write_run(const char *path, const struct store_run *run) {
    struct store *store;
    struct diagnostic diag = {0};
    ASSERT_OK(store_open(path, &store, &diag), diag);
    ASSERT_OK(store_write(store, run, NULL, &diag), diag);
    store_close(store);
}

/* The last conflict. */
struct seen {
    int n;
    int64_t run_id, from_id;
    char where[512];
};

static void see(void *context, const struct store_conflict *conflict) {
    struct seen *seen = context;
    seen->n++;
    seen->run_id = conflict->run_id;
    seen->from_id = conflict->from_id;
    snprintf(seen->where, sizeof seen->where, "%s", conflict->where);
    CU_ASSERT_STRING_EQUAL(conflict->experiment, "quickstart");
    CU_ASSERT_EQUAL(conflict->trial, 0);
}

static enum status merge(const char *into, const char *from, struct store_merged *merged,
                         struct seen *seen, struct diagnostic *diag) {
    struct store *a = NULL, *b = NULL;
    *diag = (struct diagnostic){0};
    ASSERT_OK(store_open(into, &a, diag), *diag);
    ASSERT_OK(store_open_reading(from, &b, diag), *diag);
    enum status status = store_merge(a, b, see, seen, merged, diag);
    store_close(a);
    store_close(b);
    return status;
}

static void expect_merge(const char *into, const char *from, struct store_merged expected) {
    struct diagnostic diag;
    struct store_merged merged;
    struct seen seen = {0};
    ASSERT_OK(merge(into, from, &merged, &seen, &diag), diag);
    expected.holds = query_integer(into, "SELECT count(*) FROM run");
    CU_ASSERT_EQUAL(memcmp(&merged, &expected, sizeof merged), 0);
    CU_ASSERT_EQUAL(seen.n, (int)expected.conflicts);
}

/* Rows of a table of `schema`, known by their run's point and experiment. */
static char *rows_of(const char *schema, const char *table, const char *columns) {
    return sqlite3_mprintf(
        "SELECT r.point_hash, r.version, r.trial, e.name, e.hash, e.config, %s FROM "
        "%s.run AS r JOIN %s.experiment AS e ON e.id = r.experiment_id JOIN %s.%s "
        "AS t ON t.%s = r.id",
        columns, schema, schema, schema, table, strcmp(table, "run") == 0 ? "id" : "run_id");
}

/* How many rows of a table of `path` `other` has not. */
static int64_t rows_missing(const char *path, const char *other, const char *table) {
    char columns[1024], sql[4096], attach[256];
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    snprintf(sql, sizeof sql,
             "SELECT group_concat('t.\"' || name || '\"') FROM pragma_table_info('%s') WHERE name "
             "NOT IN ('run_id', 'id', 'experiment_id')",
             table);
    query_text(path, sql, columns, sizeof columns);
    char *here = rows_of("main", table, columns), *there = rows_of("other", table, columns);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM (%s EXCEPT %s)", here, there);
    snprintf(attach, sizeof attach, "ATTACH '%s' AS other", other);
    sqlite3_free(here);
    sqlite3_free(there);
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &db), SQLITE_OK);
    CU_ASSERT_EQUAL_FATAL(sqlite3_exec(db, attach, NULL, NULL, NULL), SQLITE_OK);
    CU_ASSERT_EQUAL_FATAL(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    CU_ASSERT_EQUAL_FATAL(sqlite3_step(statement), SQLITE_ROW);
    int64_t missing = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return missing;
}

static const char *const tables[] = {"run",   "run_config", "param",     "metric",
                                     "layer", "histogram",  "component", "claim"};
enum { TABLES = sizeof tables / sizeof *tables };

/* Everything of `part` is in `whole`; `param` is a view of `parameter` and `base_parameter`. */
static void expect_within(const char *part, const char *whole) {
    for (int i = 0; i < TABLES; i++) {
        char sql[64];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", tables[i]);
        CU_ASSERT(query_integer(part, sql) > 0);
        CU_ASSERT_EQUAL(rows_missing(part, whole, tables[i]), 0);
    }
}

/* Two databases with a point in common, under other ids; merged in both orders, and again. */
static void all_tables(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *a = scratch_path(&scratch, "a.db"), *b = scratch_path(&scratch, "b.db");
    const char *ab = scratch_path(&scratch, "ab.db"), *ba = scratch_path(&scratch, "ba.db");
    struct store_run one = make_run("one", 0), two = make_run("two", 0), again = make_run("two", 1);
    write_run(a, &one);
    write_run(a, &two);
    write_run(b, &again);
    two.wall_s = 99; /* measured elsewhere */
    two.host = "another";
    write_run(b, &two);
    struct store_run newer = make_run("one", 0);
    newer.version = "0.2.0"; /* another version is another row */
    newer.base_hash = "ff";  /* of a changed experiment */
    newer.base_yaml = "crossbar: {rows: 64}\n";
    write_run(b, &newer);
    expect_merge(ab, a, (struct store_merged){.runs = 2, .added = 2});
    expect_merge(ab, b, (struct store_merged){.runs = 3, .added = 2, .same = 1});
    expect_merge(ba, b, (struct store_merged){.runs = 3, .added = 3});
    expect_merge(ba, a, (struct store_merged){.runs = 2, .added = 1, .same = 1});
    expect_within(a, ab);
    for (int i = 1; i < TABLES; i++) { /* of `run` the host differs */
        CU_ASSERT_EQUAL(rows_missing(b, ab, tables[i]), 0);
        CU_ASSERT_EQUAL(rows_missing(ab, ba, tables[i]), 0);
        CU_ASSERT_EQUAL(rows_missing(ba, ab, tables[i]), 0);
    }
    CU_ASSERT_EQUAL(rows_missing(b, ab, "run"), 1);
    CU_ASSERT_EQUAL(rows_missing(b, ba, "run"), 0);
    CU_ASSERT_EQUAL(query_integer(ab, "SELECT count(*) FROM run"), 4);
    CU_ASSERT_EQUAL(query_integer(ab, "SELECT count(*) FROM experiment"), 2);
    CU_ASSERT_EQUAL(query_integer(ab, "SELECT count(*) FROM run_summary WHERE gops = 1012.75"), 4);

    /* Idempotent: nothing moves, not even ids. */
    char before[64], after[64];
    static const char ids[] = "SELECT group_concat(id || point_hash || trial) FROM run";
    query_text(ab, ids, before, sizeof before);
    expect_merge(ab, a, (struct store_merged){.runs = 2, .same = 2});
    expect_merge(ab, b, (struct store_merged){.runs = 3, .same = 3});
    expect_merge(ab, ba, (struct store_merged){.runs = 4, .same = 4});
    CU_ASSERT_STRING_EQUAL(query_text(ab, ids, after, sizeof after), before);
    scratch_close(&scratch);
}

/* A table that nobody thought of in the merge would be lost. */
static void no_table_forgotten(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "a.db");
    struct store_run run = make_run("one", 0);
    write_run(path, &run);
    CU_ASSERT_EQUAL(
        query_integer(path, "SELECT count(*) FROM sqlite_schema AS s WHERE type = 'table' AND name "
                            "NOT IN ('run', 'experiment', 'base_parameter') AND NOT "
                            "EXISTS (SELECT 1 FROM "
                            "pragma_table_info(s.name) WHERE name = 'run_id')"),
        0);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"),
                    TABLES + 2);
    /* One of tomorrow. */
    const char *into = scratch_path(&scratch, "b.db");
    struct store_run other = make_run("two", 0);
    write_run(into, &other);
    static const char table[] = "CREATE TABLE tomorrow (run_id INTEGER REFERENCES run, \"a b\" "
                                "BLOB, PRIMARY KEY (run_id, \"a b\"))";
    execute(path, table);
    execute(into, table);
    execute(path, "INSERT INTO tomorrow VALUES (1, x'00ff'), (1, 2.5), (1, 'text')");
    expect_merge(into, path, (struct store_merged){.runs = 1, .added = 1});
    CU_ASSERT_EQUAL(rows_missing(path, into, "tomorrow"), 0);
    CU_ASSERT_EQUAL(query_integer(into, "SELECT count(*) FROM tomorrow WHERE run_id = 2"), 3);
    scratch_close(&scratch);
}

/* What runs have of their base is stored with the experiment, of which both have one; where values
 * differ that no hash takes in (threads), each run keeps its own. */
static void bases(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *a = scratch_path(&scratch, "a.db"), *b = scratch_path(&scratch, "b.db");
    const char *all = scratch_path(&scratch, "all.db");
    struct store_parameter mine[] = {{"run.threads", "1", PARAMETER_INTEGER, false},
                                     {"adc.bits", "5", PARAMETER_INTEGER, true}};
    struct store_parameter theirs[] = {{"run.threads", "8", PARAMETER_INTEGER, false},
                                       {"adc.bits", "6", PARAMETER_INTEGER, true},
                                       {"dac.bits", "2", PARAMETER_INTEGER, false}};
    struct store_run one = make_run("one", 0), two = make_run("two", 0);
    one.parameters = mine;
    one.n_parameters = 2;
    two.parameters = theirs;
    two.n_parameters = 3;
    write_run(a, &one);
    write_run(b, &two);
    two.point_hash = "three";
    write_run(b, &two);
    expect_merge(all, a, (struct store_merged){.runs = 1, .added = 1});
    expect_merge(all, b, (struct store_merged){.runs = 2, .added = 2});
    CU_ASSERT_EQUAL(rows_missing(a, all, "param"), 0);
    CU_ASSERT_EQUAL(rows_missing(b, all, "param"), 0);
    CU_ASSERT_EQUAL(query_integer(all, "SELECT count(*) FROM base_parameter"), 2);
    CU_ASSERT_EQUAL(query_integer(all, "SELECT sum(value) FROM param WHERE key = 'run.threads'"),
                    17);
    expect_merge(all, b, (struct store_merged){.runs = 2, .same = 2});
    scratch_close(&scratch);
}

static void done_beats_failed(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *done = scratch_path(&scratch, "done.db"), *into = scratch_path(&scratch, "a.db");
    const char *failed = scratch_path(&scratch, "failed.db");
    struct store_run run = make_run("one", 0), bad = {0}, last = make_run("two", 0);
    write_run(done, &run);
    bad = run;
    bad.status = "failed";
    bad.error = "the disk was full";
    bad.n_layers = bad.n_metrics = bad.n_components = bad.n_histogram = bad.n_claims = 0;
    bad.base_hash = "of a base that nobody else has";
    write_run(failed, &bad);
    expect_merge(into, failed, (struct store_merged){.runs = 1, .added = 1});
    write_run(into, &last);
    expect_merge(into, failed, (struct store_merged){.runs = 1, .kept = 1});
    expect_merge(into, done, (struct store_merged){.runs = 1, .replaced = 1});
    expect_within(done, into);
    CU_ASSERT_EQUAL(query_integer(into, "SELECT id FROM run WHERE point_hash = 'one'"), 1);
    CU_ASSERT_EQUAL(query_integer(into, "SELECT count(*) FROM experiment"), 1);
    expect_merge(into, failed, (struct store_merged){.runs = 1, .kept = 1});
    expect_within(done, into);
    scratch_close(&scratch);
}

/* Changes `change` (SQL) in a copy and merges it: a conflict that `where` describes, or none. */
static void expect_conflict(const char *change, const char *where) {
    struct scratch scratch;
    struct store_merged merged;
    struct seen seen = {0};
    struct diagnostic diag;
    scratch_open(&scratch);
    const char *into = scratch_path(&scratch, "a.db"), *from = scratch_path(&scratch, "b.db");
    struct store_run first = make_run("zero", 0), run = make_run("one", 0);
    write_run(into, &run);
    write_run(from, &first);
    write_run(from, &run);
    execute(from, change);
    ASSERT_OK(merge(into, from, &merged, &seen, &diag), diag);
    CU_ASSERT_EQUAL(merged.added, 1); /* the others are merged all the same */
    CU_ASSERT_EQUAL(merged.conflicts, where != NULL);
    CU_ASSERT_EQUAL(merged.same, where == NULL);
    CU_ASSERT_STRING_EQUAL(seen.where, where != NULL ? where : "");
    if (where != NULL && strcmp(seen.where, where) != 0)
        fprintf(stderr, "\n%s\n", seen.where);
    CU_ASSERT(where == NULL || (seen.run_id == 1 && seen.from_id == 2));
    CU_ASSERT_EQUAL(query_integer(into, "SELECT count(*) FROM metric WHERE run_id = 1"), 22);
    CU_ASSERT_EQUAL(query_real(into, "SELECT value FROM metric WHERE run_id = 1 AND name = 'gops'"),
                    1012.75);
    scratch_close(&scratch);
}

static void conflicts(void) {
    expect_conflict("UPDATE metric SET value = 0.5 WHERE run_id = 2 AND name = 'gops'",
                    "metric run gops: value 1012.75 here, 0.5 there");
    expect_conflict("UPDATE metric SET value = value * (1 + 1e-15) WHERE run_id = 2 AND "
                    "name = 'power_peak_w'",
                    "metric run power_peak_w: value 65.8 here, 65.8000000000001 there");
    expect_conflict(
        "UPDATE layer SET sqnr_db = NULL, adc_bits = 8 WHERE run_id = 2 AND name = 'fc'",
        "layer 1: adc_bits 0 here, 8 there");
    expect_conflict("UPDATE component SET model = NULL WHERE run_id = 2 AND position = 0",
                    "component 0: model isaac here, nothing there");
    expect_conflict("UPDATE histogram SET count = 76 WHERE run_id = 2 AND sum = 3",
                    "histogram 0 3: count 77 here, 76 there");
    expect_conflict("UPDATE claim SET ours = 85 WHERE run_id = 2 AND position = 1",
                    "claim 1: ours nothing here, 85.0 there");
    expect_conflict("DELETE FROM claim WHERE run_id = 2 AND position = 1", "claim: more rows here");
    expect_conflict("DELETE FROM metric WHERE run_id = 2 AND name = 'accuracy_ideal'",
                    "metric run accuracy_ideal: name accuracy_ideal here, accuracy_top1 there");
    /* Times and settings that no result depends on. */
    expect_conflict("INSERT INTO metric VALUES (2, 'run', 'time_map_s', 0.125, 's'); "
                    "UPDATE run SET wall_s = 1, started_unix_s = 2, host = 'h' WHERE id = 2; "
                    "UPDATE parameter SET value = 7 WHERE run_id = 2 AND key = 'adc.bits'; "
                    "UPDATE run_config SET yaml = '{}' WHERE run_id = 2",
                    NULL);
}

static void expect_nothing(const char *into, const char *from, enum status status,
                           const char *message) {
    struct store_merged merged;
    struct seen seen = {0};
    struct diagnostic diag;
    int64_t runs = query_integer(into, "SELECT count(*) FROM run");
    int64_t metrics = query_integer(into, "SELECT count(*) FROM metric");
    CU_ASSERT_EQUAL(merge(into, from, &merged, &seen, &diag), status);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, message));
    if (strstr(diag.message, message) == NULL)
        fprintf(stderr, "\n%s\n", diag.message);
    CU_ASSERT_EQUAL(query_integer(into, "SELECT count(*) FROM run"), runs);
    CU_ASSERT_EQUAL(query_integer(into, "SELECT count(*) FROM metric"), metrics);
    CU_ASSERT_EQUAL(query_integer(into, "SELECT count(*) FROM experiment"), 1);
}

/* A merge that goes wrong half-way changes nothing and says which database it was. */
static void failures(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *into = scratch_path(&scratch, "a.db"), *from = scratch_path(&scratch, "b.db");
    struct store_run one = make_run("one", 0), two = make_run("two", 0),
                     three = make_run("three", 0);
    write_run(into, &one);
    two.experiment = "another";
    write_run(from, &two);
    write_run(from, &three);
    /* Rows that vanish on their way are counted. */
    execute(into, "CREATE TRIGGER loses BEFORE INSERT ON metric WHEN new.name = 'tiles' BEGIN "
                  "SELECT RAISE(IGNORE); END");
    expect_nothing(into, from, STATUS_INTERNAL,
                   "table metric would have 64 rows instead of 66; nothing was merged");
    execute(into, "DROP TRIGGER loses");
    execute(into,
            "CREATE TRIGGER adds AFTER INSERT ON base_parameter WHEN new.key = 'dac.bits' BEGIN "
            "INSERT INTO base_parameter VALUES (new.experiment_id, 'x', 1); END");
    expect_nothing(into, from, STATUS_INTERNAL, "table base_parameter would have");
    execute(into, "DROP TRIGGER adds");
    execute(into, "CREATE TRIGGER refuses BEFORE INSERT ON claim WHEN new.run_id = 3 BEGIN "
                  "SELECT RAISE(ABORT, 'no more'); END");
    expect_nothing(into, from, STATUS_STORE, "a.db: no more");
    execute(into, "DROP TRIGGER refuses");
    execute(into, "PRAGMA journal_mode = DELETE");
    /* A page of the other database is damaged. */
    execute(from, "PRAGMA journal_mode = DELETE; PRAGMA wal_checkpoint");
    FILE *file = fopen(from, "r+b");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    int64_t page = query_integer(from, "SELECT rootpage FROM sqlite_schema WHERE name = 'claim'");
    CU_ASSERT_EQUAL(fseek(file, (page - 1) * query_integer(from, "PRAGMA page_size"), SEEK_SET), 0);
    CU_ASSERT_EQUAL(fwrite("nonsense", 1, 8, file), 8);
    fclose(file);
    expect_nothing(into, from, STATUS_STORE, "b.db is damaged");
    scratch_close(&scratch);
}

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void sleep_s(double seconds) {
    const struct timespec time = {(time_t)seconds, (long)(fmod(seconds, 1) * 1e9)};
    nanosleep(&time, NULL);
}

/* A process that merges and ends. */
static pid_t begin_merge(const char *into, const char *from) {
    pid_t child = fork();
    if (child == 0) {
        struct store *a, *b;
        struct store_merged merged;
        if (store_open(into, &a, NULL) == STATUS_OK &&
            store_open_reading(from, &b, NULL) == STATUS_OK)
            store_merge(a, b, NULL, NULL, &merged, NULL);
        _exit(0);
    }
    return child;
}

/* Killed at 20 moments of the time that it takes here: as before, or merged as a whole; the next
 * merge completes it. */
static void killed(void) {
    enum { RUNS = 300 };
    struct scratch scratch;
    struct test_random random = {17};
    scratch_open(&scratch);
    const char *from = scratch_path(&scratch, "b.db");
    struct store *store;
    struct diagnostic diag = {0};
    ASSERT_OK(store_open(from, &store, &diag), diag);
    for (int i = 0; i < RUNS; i++) {
        struct store_run run = make_run("point", i);
        ASSERT_OK(store_write(store, &run, NULL, &diag), diag);
    }
    store_close(store);
    int whole = 0;
    double whole_s = 0;
    for (int i = -1; i < 20; i++) { /* -1: to its end */
        char name[16];
        snprintf(name, sizeof name, "a%d.db", i);
        const char *into = scratch_path(&scratch, name);
        struct store_run run = make_run("known", 0);
        write_run(into, &run);
        double before_s = now_s();
        pid_t child = begin_merge(into, from);
        if (i >= 0) {
            sleep_s(whole_s * test_random_below(&random, 1000) / 1000);
            kill(child, SIGKILL);
        }
        waitpid(child, NULL, 0);
        whole_s = i < 0 ? now_s() - before_s : whole_s;
        int64_t runs = query_integer(into, "SELECT count(*) FROM run");
        char check[16];
        CU_ASSERT(runs == 1 || runs == RUNS + 1);
        CU_ASSERT_STRING_EQUAL(query_text(into, "PRAGMA integrity_check", check, sizeof check),
                               "ok");
        whole += runs > 1;
        if (i % 5 == 0)
            expect_merge(into, from,
                         runs > 1 ? (struct store_merged){.runs = RUNS, .same = RUNS}
                                  : (struct store_merged){.runs = RUNS, .added = RUNS});
    }
    CU_ASSERT(whole >= 1 && whole < 21);
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"all tables", all_tables}, {"no table forgotten", no_table_forgotten},
    {"bases", bases},           {"done beats failed", done_beats_failed},
    {"conflicts", conflicts},   {"failures", failures},
    {"killed", killed},         {NULL, NULL},
};

const struct test_suite suite_store_merge = {"store_merge", cases};
