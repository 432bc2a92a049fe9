/* What the results store refuses, and that nothing half-written stays behind. */
#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "results/store_internal.h"
#include "tests/support/runs.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

enum { SHORT_MS = 40 };

static void check_message(const struct diagnostic *diag, const char *text) {
    CU_ASSERT(diag->status == STATUS_STORE || diag->status == STATUS_USAGE);
    if (strstr(diag->message, text) == NULL) {
        fprintf(stderr, "\nexpected \"%s\" in \"%s\"\n", text, diag->message);
        CU_FAIL("message");
    }
    CU_ASSERT_PTR_NULL(strchr(diag->message, '\n'));
}

static void expect_refused(const char *path, enum status status, const char *text) {
    struct store *store = NULL;
    struct diagnostic diag = {0};
    CU_ASSERT_EQUAL(store_open_waiting(path, SHORT_MS, &store, &diag), status);
    CU_ASSERT_PTR_NULL(store);
    check_message(&diag, text);
    store_close(store);
}

static void expect_closed(const char *path, const char *text) {
    expect_refused(path, STATUS_STORE, text);
}

static struct store *open_store(const char *path) {
    struct store *store = NULL;
    struct diagnostic diag = {0};
    ASSERT_OK(store_open_waiting(path, SHORT_MS, &store, &diag), diag);
    return store;
}

static void expect_not_written(struct store *store, const struct store_run *run, const char *text) {
    struct diagnostic diag = {0};
    int64_t id = -1;
    CU_ASSERT_EQUAL(store_write(store, run, &id, &diag), STATUS_STORE);
    CU_ASSERT_EQUAL(id, -1);
    check_message(&diag, text);
    CU_ASSERT_NOT_EQUAL(sqlite3_get_autocommit(store->db), 0);
}

static void expect_written(struct store *store, const struct store_run *run) {
    struct diagnostic diag = {0};
    ASSERT_OK(store_write(store, run, NULL, &diag), diag);
}

static void test_identity(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "newer.db");
    store_close(open_store(path));
    execute(path, "PRAGMA user_version = 7");
    expect_closed(path, "newer.db was written by a newer mho (schema 7, this one knows 5): use "
                        "that version, or another file with --db");
    execute(path, "PRAGMA user_version = 0");
    expect_closed(path,
                  "newer.db was written by an older mho (schema 0, this one reads 3 to 5): "
                  "give another file with --db; that version and sqlite3 still read the old one");

    path = scratch_path(&scratch, "other.db");
    execute(path, "CREATE TABLE t (x)");
    expect_closed(path, "other.db is another program's database");
    char journal[16];
    query_text(path, "PRAGMA journal_mode", journal, sizeof journal);
    CU_ASSERT_STRING_EQUAL(journal, "delete"); /* left as it was */

    path = scratch_write(&scratch, "text.db", "no database, but a text of some length\n", 39);
    expect_closed(path, "text.db is not an SQLite database");
    CU_ASSERT_EQUAL(scratch_size(path), 39);
    scratch_close(&scratch);
}

static void test_damaged(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "damaged.db");
    store_close(open_store(path));
    scratch_cut(path, 4096 + 100);
    expect_closed(path, "damaged.db is damaged");
    scratch_close(&scratch);
}

static void test_paths(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    expect_closed("", "--db needs the name of a file");
    expect_closed(scratch.folder, "cannot be written: Is a directory");
    expect_refused("/proc/none/mho.db", STATUS_USAGE, "there is no folder /proc/none: make it");
    scratch_write(&scratch, "file", "x", 1);
    expect_closed(scratch_path(&scratch, "file/mho.db"),
                  "file/mho.db cannot be written: Not a dir");
    expect_closed(scratch_path(&scratch, "file/sub/mho.db"), "cannot be written: Not a dir");
    scratch_close(&scratch);
}

/* The folder of the commands' default database is made, at the first need; no other. */
static void test_own_folder(void) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    char before[4096];
    scratch_open(&scratch);
    CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(before, sizeof before));
    CU_ASSERT_EQUAL_FATAL(chdir(scratch.folder), 0);
    ASSERT_OK(store_check("results/mine.db", &diag), diag);
    CU_ASSERT_NOT_EQUAL(access("results", F_OK), 0);
    store_close(open_store("results/mine.db"));
    CU_ASSERT_EQUAL(access("results/mine.db", F_OK), 0);
    CU_ASSERT_EQUAL(unlink("results/mine.db"), 0);
    CU_ASSERT_EQUAL(rmdir("results"), 0);
    ASSERT_OK(store_check(".//./results/mine.db", &diag), diag);
    store_close(open_store(".//./results/mine.db"));
    CU_ASSERT_EQUAL(access("results/mine.db", F_OK), 0);
    ASSERT_OK(store_check("./mine.db", &diag), diag);
    expect_refused("./resutls/mine.db", STATUS_USAGE,
                   "database ./resutls/mine.db: there is no folder resutls");
    expect_refused("../results/mine.db", STATUS_USAGE, "there is no folder ../results");
    expect_refused("resutls/mine.db", STATUS_USAGE,
                   "database resutls/mine.db: there is no folder resutls");
    expect_refused("results/sub/mine.db", STATUS_USAGE, "there is no folder results/sub");
    CU_ASSERT_EQUAL(store_check("resutls/mine.db", &diag), STATUS_USAGE);
    check_message(&diag, "there is no folder resutls");
    diag = (struct diagnostic){0};
    CU_ASSERT_EQUAL(store_check("resutls/", &diag), STATUS_USAGE);
    check_message(&diag, "database resutls/: that is a folder: name a file in it");
    CU_ASSERT_EQUAL(chdir(before), 0);
    scratch_close(&scratch);
}

static void expect_check(const char *path, const char *text) {
    struct diagnostic diag = {0};
    CU_ASSERT_EQUAL(store_check(path, &diag), STATUS_STORE);
    check_message(&diag, text);
}

/* Before a simulation: what would go wrong, and nothing made. */
static void test_check(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    struct diagnostic diag = {0};
    const char *empty = scratch_write(&scratch, "empty.db", "", 0);
    ASSERT_OK(store_check(empty, &diag), diag);
    CU_ASSERT_EQUAL(scratch_size(empty), 0);
    const char *path = scratch_path(&scratch, "mho.db");
    store_close(open_store(path));
    ASSERT_OK(store_check(path, &diag), diag);
    execute(path, "PRAGMA user_version = 7");
    expect_check(path, "mho.db was written by a newer mho");
    expect_check("", "--db needs the name of a file");
    expect_check(scratch.folder, "cannot be written: Is a directory");
    scratch_write(&scratch, "file", "x", 1);
    expect_check(scratch_path(&scratch, "file/mho.db"), "file: Not a directory");
    expect_check(scratch_path(&scratch, "file/sub/mho.db"), "file/sub: Not a directory");
    scratch_close(&scratch);
}

/* Where the working directory is the one that cannot be written, it is named. */
static void expect_unwritable_working_folder(const char *folder) {
    static const char *const paths[] = {"results/new.db", "./results/new.db", "new.db"};
    char before[4096], expected[4096];
    CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(before, sizeof before));
    CU_ASSERT_EQUAL_FATAL(chdir(folder), 0);
    for (int i = 0; i < 3; i++) {
        struct diagnostic diag = {0};
        snprintf(expected, sizeof expected,
                 "database %s cannot be written: %s: Permission denied; make the folder writable",
                 paths[i], folder);
        CU_ASSERT_EQUAL(store_check(paths[i], &diag), STATUS_STORE);
        check_message(&diag, expected);
    }
    CU_ASSERT_EQUAL(chdir(before), 0);
}

/* Permissions do not bind root, so root asks as somebody else. */
static void test_permissions(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    store_close(open_store(path));
    CU_ASSERT_EQUAL(chmod(path, 0444), 0);
    CU_ASSERT_EQUAL(chmod(scratch.folder, 0555), 0);
    bool root = geteuid() == 0;
    if (root && seteuid(65534) != 0) {
        printf("skipped: root cannot become another user ");
    } else {
        expect_closed(path, "mho.db is read-only; make it writable or use --db OTHER");
        expect_closed(scratch_path(&scratch, "new.db"), "new.db cannot be written: Permission");
        expect_refused(scratch_path(&scratch, "sub/new.db"), STATUS_USAGE, "there is no folder");
        expect_unwritable_working_folder(scratch.folder);
        CU_ASSERT(!root || seteuid(0) == 0);
    }
    chmod(scratch.folder, 0755);
    scratch_close(&scratch);
}

/* Another program holds the database: refused after the time, written once it is free. */
static void test_locked(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    struct store *store = open_store(path);
    struct store_run run = sample_run();
    sqlite3 *other = NULL;
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &other), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    expect_not_written(store, &run,
                       "mho.db is locked by another program; wait for it or use --db OTHER");
    sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
    expect_written(store, &run);
    store_close(store);

    /* Without a write-ahead log not even reading is possible. */
    CU_ASSERT_EQUAL(
        sqlite3_exec(other, "PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE", NULL, NULL, NULL),
        SQLITE_OK);
    expect_closed(path, "mho.db is locked by another program");
    sqlite3_close(other);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM run"), 1);
    CU_ASSERT_EQUAL(STORE_BUSY_MS, 5000);
    scratch_close(&scratch);
}

/* Every value must be finite; the run before stays as it was. */
static void test_not_finite(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    struct store *store = open_store(path);
    struct store_run run = sample_run(), bad = run;
    expect_written(store, &run);
    struct store_metric metrics[] = {{"run", "gops", "GOPS", 1}, {"run", "latency_s", "s", NAN}};
    bad.metrics = metrics;
    bad.n_metrics = 2;
    expect_not_written(store, &bad, "metric latency_s: value is nan, not a finite number");
    metrics[1].value = -INFINITY;
    expect_not_written(store, &bad, "metric latency_s: value is -inf");
    bad = run;
    struct store_layer layer = run.layers[0];
    layer.energy_j = INFINITY;
    bad.layers = &layer;
    bad.n_layers = 1;
    expect_not_written(store, &bad, "layer conv1: energy_j is inf");
    bad = run;
    struct store_component component = run.components[0];
    component.area_m2 = NAN;
    bad.components = &component;
    bad.n_components = 1;
    expect_not_written(store, &bad, "component adc: area_m2 is nan");
    bad = run;
    bad.wall_s = NAN;
    expect_not_written(store, &bad, "run 0123456789abcdef0123456789abcdef: wall_s is nan");
    store_close(store);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM run"), 1);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM metric"), run.n_metrics);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM component"), run.n_components);
    scratch_close(&scratch);
}

static void test_wrong_records(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    struct store *store = open_store(path);
    struct store_run bad = sample_run();
    bad.seed = (uint64_t)INT64_MAX + 1;
    expect_not_written(store, &bad, "seed 9223372036854775808 is beyond 2^63-1");
    bad = sample_run();
    bad.status = "perhaps";
    expect_not_written(store, &bad, "CHECK constraint failed");
    bad = sample_run();
    bad.host = NULL;
    expect_not_written(store, &bad, "NOT NULL constraint failed: run.host");
    bad = sample_run();
    bad.n_layers = 1; /* a component names the second */
    expect_not_written(store, &bad, "FOREIGN KEY constraint failed");
    bad = sample_run();
    const struct store_parameter wrong[] = {{"crossbar.rows", "128x", PARAMETER_INTEGER, false}};
    bad.parameters = wrong;
    bad.n_parameters = 1;
    expect_not_written(store, &bad, "parameter crossbar.rows: '128x' is not a number of its type");
    const struct store_parameter real[] = {{"adc.f_s", "fast", PARAMETER_REAL, false}};
    bad.parameters = real;
    expect_not_written(store, &bad, "parameter adc.f_s: 'fast' is not a number of its type");
    const struct store_parameter twice[] = {{"a.b", "1", PARAMETER_TEXT, true},
                                            {"a.b", "2", PARAMETER_TEXT, true}};
    bad.parameters = twice;
    bad.n_parameters = 2;
    expect_not_written(store, &bad, "UNIQUE constraint failed: parameter");
    store_close(store);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM run"), 0);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM experiment"), 0);
    scratch_close(&scratch);
}

/* A run whose configuration does not fit. */
static struct store_run large_run(char *yaml, size_t size) {
    memset(yaml, '#', size - 1);
    yaml[size - 1] = '\0';
    struct store_run run = sample_run();
    run.config_yaml = yaml;
    run.trial = 99;
    return run;
}

static void test_full_by_page_count(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    struct store *store = open_store(path);
    struct store_run run = sample_run();
    static char yaml[300000];
    struct store_run large = large_run(yaml, sizeof yaml);
    expect_written(store, &run);
    sqlite3_exec(store->db, "PRAGMA max_page_count = 40", NULL, NULL, NULL);
    expect_not_written(store, &large, "mho.db: the disk is full, nothing was stored");
    sqlite3_exec(store->db, "PRAGMA max_page_count = 1000", NULL, NULL, NULL);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM run"), 1);
    expect_written(store, &large);
    store_close(store);
    scratch_close(&scratch);
}

/* The system refuses to let the file grow: an error of input and output. */
static void test_file_size_limit(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    struct store *store = open_store(path);
    struct store_run run = sample_run();
    static char yaml[1200000];
    struct store_run large = large_run(yaml, sizeof yaml);
    expect_written(store, &run);
    struct rlimit before, low;
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    low = before;
    low.rlim_cur = 800000;
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &low), 0);
    expect_not_written(store, &large,
                       "mho.db: the disk failed, nothing was stored (disk I/O error)");
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    expect_written(store, &large);
    store_close(store);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM run"), 2);
    scratch_close(&scratch);
}

/* A file system of 512 KiB, where the user may mount one. */
static void test_full_disk(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    if (mount("tmpfs", scratch.folder, "tmpfs", 0, "size=512k") != 0) {
        printf("skipped: may not mount a tmpfs ");
        scratch_close(&scratch);
        return;
    }
    const char *path = scratch_path(&scratch, "mho.db");
    struct store *store = open_store(path);
    struct store_run run = sample_run();
    static char yaml[300000];
    struct store_run large = large_run(yaml, sizeof yaml);
    expect_written(store, &run);
    expect_not_written(store, &large, "mho.db: the disk is full, nothing was stored");
    store_close(store);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM run"), 1);
    static char filler[250000];
    FILE *file = fopen(scratch_path(&scratch, "filler"), "wb");
    if (file != NULL) {
        setbuf(file, NULL);
        fwrite(filler, 1, sizeof filler, file);
        fclose(file);
    }
    expect_closed(scratch_path(&scratch, "new.db"), "new.db");
    CU_ASSERT_EQUAL(umount(scratch.folder), 0);
    scratch_close(&scratch);
}

/* A process killed in the middle of a transaction leaves the runs before it. */
static void test_killed(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    struct store_run run = sample_run();
    struct store *store = open_store(path);
    expect_written(store, &run);
    store_close(store);
    pid_t child = fork();
    CU_ASSERT_FATAL(child >= 0);
    if (child == 0) {
        struct store *own = NULL;
        if (store_open(path, &own, NULL) == STATUS_OK)
            sqlite3_exec(own->db, "PRAGMA cache_size = 1; BEGIN IMMEDIATE; DELETE FROM run", NULL,
                         NULL, NULL);
        kill(getpid(), SIGKILL);
    }
    int how = 0;
    CU_ASSERT_EQUAL(waitpid(child, &how, 0), child);
    CU_ASSERT(WIFSIGNALED(how));
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM run"), 1);
    store = open_store(path);
    run.trial = 3;
    expect_written(store, &run);
    store_close(store);
    scratch_close(&scratch);
}

static void test_network_file_systems(void) {
    CU_ASSERT_FALSE(store_filesystem_is_local(0x6969));     /* NFS */
    CU_ASSERT_FALSE(store_filesystem_is_local(0xff534d42)); /* CIFS */
    CU_ASSERT_TRUE(store_filesystem_is_local(0xef53));      /* ext4 */
    CU_ASSERT_TRUE(store_filesystem_is_local(0x01021994));  /* tmpfs */
    CU_ASSERT_FALSE(store_is_local("/proc/none/none"));     /* unknown: not taken for local */
}

static const struct test_case cases[] = {
    {"refuses newer and foreign databases", test_identity},
    {"refuses a damaged database", test_damaged},
    {"refuses impossible paths", test_paths},
    {"makes the folder results, no other", test_own_folder},
    {"a check makes nothing", test_check},
    {"refuses what may not be written", test_permissions},
    {"refuses a locked database", test_locked},
    {"refuses values that are not finite", test_not_finite},
    {"refuses wrong records", test_wrong_records},
    {"full: page count", test_full_by_page_count},
    {"full: file size limit", test_file_size_limit},
    {"full: a small disk", test_full_disk},
    {"killed in a transaction", test_killed},
    {"tells network file systems", test_network_file_systems},
    {NULL, NULL},
};
const struct test_suite suite_store_errors = {"store_errors", cases};
