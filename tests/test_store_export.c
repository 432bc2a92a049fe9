/* Comma-separated values: fields, files that are whole or not there, and a database in four files.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/store_export.h"
#include "sim/base/csv.h"
#include "sim/base/file_stream.h"
#include "tests/support/runs.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

static void check_field(const char *text, const char *expected) {
    char *written = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&written, &size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    csv_field(out, text);
    fclose(out);
    CU_ASSERT_STRING_EQUAL(written, expected);
    free(written);
}

static void test_fields(void) {
    check_field("plain text", "plain text");
    check_field("2.385", "2.385");
    check_field("a,b", "\"a,b\"");
    check_field("say \"so\"", "\"say \"\"so\"\"\"");
    check_field("two\nlines", "\"two\nlines\"");
    check_field("", "\"\"");
    check_field(NULL, "");
}

static void check_content(const char *path, const char *expected) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    char *text = NULL;
    size_t bytes;
    ASSERT_OK(file_read(path, &arena, &text, &bytes, &diag), diag);
    if (strcmp(text, expected) != 0)
        fprintf(stderr, "\n%s: %s\n", path, text);
    CU_ASSERT_STRING_EQUAL(text, expected);
    arena_free(&arena);
}

static void test_streams(void) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct file_stream stream;
    scratch_open(&scratch);
    const char *path = scratch_write(&scratch, "old", "old", 3);
    const char *link = scratch_path(&scratch, "link");
    CU_ASSERT_EQUAL(symlink("old", link), 0);
    ASSERT_OK(file_stream_open(path, &stream, &diag), diag);
    fputs("half", stream.out);
    fflush(stream.out);
    check_content(path, "old");
    CU_ASSERT_EQUAL(access(stream.temporary, F_OK), 0);
    file_stream_abandon(&stream);
    CU_ASSERT_NOT_EQUAL(access(stream.temporary, F_OK), 0);
    check_content(path, "old");
    ASSERT_OK(file_stream_open(link, &stream, &diag), diag);
    fputs("whole", stream.out);
    ASSERT_OK(file_stream_commit(&stream, &diag), diag);
    file_stream_abandon(&stream);
    CU_ASSERT_NOT_EQUAL(access(stream.temporary, F_OK), 0);
    check_content(path, "whole");
    char target[8];
    CU_ASSERT_EQUAL(readlink(link, target, sizeof target), 3); /* still a link */
    CU_ASSERT_EQUAL(file_stream_open(scratch_path(&scratch, "no/x"), &stream, &diag), STATUS_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "no/x: No such file"));
    CU_ASSERT_EQUAL(file_stream_open(scratch.folder, &stream, &diag), STATUS_IO);
    if (access("/dev/full", W_OK) == 0) { /* what cannot be flushed is no file */
        ASSERT_OK(file_stream_open(path, &stream, &diag), diag);
        CU_ASSERT_PTR_NOT_NULL(freopen("/dev/full", "w", stream.out));
        fputs("lost", stream.out);
        CU_ASSERT_EQUAL(file_stream_commit(&stream, &diag), STATUS_IO);
        CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "the disk is full"));
        check_content(path, "whole");
    }
    scratch_close(&scratch);
}

static void write_runs(const char *path) {
    static const struct store_parameter first[] = {
        {"adc.bits", "5", PARAMETER_INTEGER, true},
        {"network.model", "a, \"b\"\nc.onnx", PARAMETER_TEXT, true},
    };
    static const struct store_parameter second[] = {
        {"adc.bits", "lossless", PARAMETER_TEXT, true},
        {"adc.f_s", "1.28e9", PARAMETER_REAL, true},
    };
    static const struct store_metric some[] = {
        {"run", "area_m2", "m2", 0.1},
        {"run", "crossbars", "", 37},
        {"layer=c1", "rows_used", "", 27},
    };
    static const struct store_metric others[] = {{"run", "crossbars", "", 12}};
    struct store *store = NULL;
    struct diagnostic diag = {0};
    struct store_run run = sample_run();
    ASSERT_OK(store_open(path, &store, &diag), diag);
    run.n_layers = run.n_components = 0;
    run.trial = 0;
    run.parameters = first;
    run.n_parameters = 2;
    run.metrics = some;
    run.n_metrics = 3;
    ASSERT_OK(store_write(store, &run, NULL, &diag), diag);
    run.trial = 1;
    run.parameters = second;
    run.metrics = others;
    run.n_metrics = 1;
    ASSERT_OK(store_write(store, &run, NULL, &diag), diag);
    run = sample_run();
    run.status = "failed";
    run.error = "no memory";
    run.n_parameters = run.n_metrics = 0;
    ASSERT_OK(store_write(store, &run, NULL, &diag), diag);
    store_close(store);
}

#define RUN_HASH ",0.1.0+abc-dirty,0123456789abcdef0123456789abcdef"

static void test_export(void) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct store *store = NULL;
    struct store_exported files[STORE_EXPORTED];
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db"), *folder = scratch_path(&scratch, "a/csv");
    write_runs(path);
    ASSERT_OK(store_open_reading(path, &store, &diag), diag);
    ASSERT_OK(store_export(store, folder, files, &diag), diag);
    check_content(scratch_path(&scratch, "a/csv/runs.csv"),
                  "run_id,experiment,status,error,trial,version,point_hash,adc.bits,adc.f_s,"
                  "network.model,area_m2,crossbars\n"
                  "1,quickstart,done,,0" RUN_HASH ",5,,\"a, \"\"b\"\"\nc.onnx\",0.1,37.0\n"
                  "2,quickstart,done,,1" RUN_HASH ",lossless,1280000000.0,,,12.0\n"
                  "3,quickstart,failed,no memory,2" RUN_HASH ",,,,,\n");
    check_content(scratch_path(&scratch, "a/csv/metrics.csv"),
                  "run_id,experiment,scope,metric,value,unit\n"
                  "1,quickstart,layer=c1,rows_used,27.0,\"\"\n"
                  "1,quickstart,run,area_m2,0.1,m2\n"
                  "1,quickstart,run,crossbars,37.0,\"\"\n"
                  "2,quickstart,run,crossbars,12.0,\"\"\n");
    CU_ASSERT_STRING_EQUAL(files[0].name, "runs.csv");
    CU_ASSERT_EQUAL(files[0].rows, 3);
    CU_ASSERT_EQUAL(files[1].rows, 4);
    CU_ASSERT_EQUAL(files[2].rows, 2);
    CU_ASSERT_EQUAL(files[3].rows, 3);
    /* A file that cannot be made leaves the others as they were. */
    CU_ASSERT_EQUAL(mkdir(scratch_path(&scratch, "b"), 0755), 0);
    CU_ASSERT_EQUAL(mkdir(scratch_path(&scratch, "b/layers.csv"), 0755), 0);
    const char *runs = scratch_write(&scratch, "b/runs.csv", "old", 3);
    CU_ASSERT_EQUAL(store_export(store, scratch_path(&scratch, "b"), files, &diag), STATUS_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "layers.csv: Is a directory"));
    check_content(runs, "old");
    CU_ASSERT_NOT_EQUAL(access(scratch_path(&scratch, "b/metrics.csv"), F_OK), 0);
    store_close(store);
    execute(path, "DELETE FROM run");
    ASSERT_OK(store_open_reading(path, &store, &diag), diag);
    CU_ASSERT_EQUAL(store_export(store, scratch_path(&scratch, "c"), files, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "has no runs yet"));
    CU_ASSERT_NOT_EQUAL(access(scratch_path(&scratch, "c"), F_OK), 0);
    store_close(store);
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"fields as in RFC 4180", test_fields},
    {"streamed files are whole or as they were", test_streams},
    {"a database in four files", test_export},
    {NULL, NULL},
};
const struct test_suite suite_store_export = {"store_export", cases};
