/* Reading, atomic writing, and names of files. */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/base.h"
#include "tests/support/sample_config.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

static int count_files(const char *folder) {
    char command[96], line[16] = "";
    snprintf(command, sizeof command, "ls -A %s | wc -l", folder);
    FILE *pipe = popen(command, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(pipe);
    CU_ASSERT_PTR_NOT_NULL(fgets(line, sizeof line, pipe));
    pclose(pipe);
    return atoi(line);
}

static void expect_content(const char *path, const char *expected) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    char *data;
    size_t bytes;
    ASSERT_OK(file_read(path, &arena, &data, &bytes, &diag), diag);
    CU_ASSERT_EQUAL(bytes, strlen(expected));
    CU_ASSERT_STRING_EQUAL(data, expected);
    arena_free(&arena);
}

static void expect_unreadable(struct scratch *scratch, const char *path, const char *message) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    char *data;
    size_t bytes;
    CU_ASSERT_EQUAL(file_read(path, &arena, &data, &bytes, &diag), STATUS_USAGE);
    strip_folder(scratch, diag.message);
    expect_text(diag.message, message);
    arena_free(&arena);
}

static void reading(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    expect_content(scratch_write(&scratch, "a", "37 rows\n", 8), "37 rows\n");
    expect_content(scratch_write(&scratch, "empty", "", 0), "");
    expect_unreadable(&scratch, scratch_path(&scratch, "none"),
                      "cannot read none: No such file or directory");
    expect_unreadable(&scratch, scratch.folder, "cannot read : it is a directory, expected a file");
    scratch_close(&scratch);
}

static void sparse_file(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_write(&scratch, "huge", "", 0);
    if (truncate(path, (off_t)1 << 40) == 0)
        expect_unreadable(&scratch, path, "cannot read huge: it is larger than 4 GiB");
    scratch_close(&scratch);
}

enum { PIPE_BYTES = 300000 }; /* above the first buffer of 64 KiB and above a pipe's own */

static void *feed(void *path) {
    char *data = malloc(PIPE_BYTES);
    int fd = open(path, O_WRONLY);
    for (int i = 0; i < PIPE_BYTES; i++)
        data[i] = (char)('a' + i % 23);
    for (size_t done = 0; done < PIPE_BYTES;) {
        ssize_t n = write(fd, data + done, PIPE_BYTES - done);
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    close(fd);
    free(data);
    return NULL;
}

static void pipes(void) {
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    pthread_t writer;
    char *data, path[64];
    size_t bytes, wrong = 0;
    scratch_open(&scratch);
    snprintf(path, sizeof path, "%s", scratch_path(&scratch, "pipe"));
    CU_ASSERT_EQUAL_FATAL(mkfifo(path, 0600), 0);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&writer, NULL, feed, path), 0);
    ASSERT_OK(file_read(path, &arena, &data, &bytes, &diag), diag);
    pthread_join(writer, NULL);
    CU_ASSERT_EQUAL_FATAL(bytes, PIPE_BYTES);
    for (size_t i = 0; i < bytes; i++)
        wrong += data[i] != (char)('a' + i % 23);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(data[bytes], '\0');
    arena_free(&arena);
    scratch_close(&scratch);
}

static void writing(void) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct stat info;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "out"), *link = scratch_path(&scratch, "link");
    mode_t mask = umask(022);
    ASSERT_OK(file_write(path, "one", 3, &diag), diag);
    umask(mask);
    expect_content(path, "one");
    CU_ASSERT_EQUAL(stat(path, &info), 0);
    CU_ASSERT_EQUAL(info.st_mode & 0777, 0644);
    CU_ASSERT_EQUAL_FATAL(symlink("out", link), 0);
    ASSERT_OK(file_write(link, "three", 5, &diag), diag);
    expect_content(path, "three");
    CU_ASSERT_EQUAL(lstat(link, &info), 0);
    CU_ASSERT(S_ISLNK(info.st_mode));
    ASSERT_OK(file_write(path, NULL, 0, &diag), diag);
    expect_content(path, "");
    CU_ASSERT_EQUAL(count_files(scratch.folder), 2);
    ASSERT_OK(file_write("/dev/null", "gone", 4, &diag), diag);
    CU_ASSERT_EQUAL(stat("/dev/null", &info), 0);
    CU_ASSERT(S_ISCHR(info.st_mode));
    scratch_close(&scratch);
}

static void expect_unwritable(struct scratch *scratch, const char *path, const char *message) {
    struct diagnostic diag = {0};
    static const char data[5000];
    CU_ASSERT_EQUAL(file_write(path, data, sizeof data, &diag), STATUS_IO);
    strip_folder(scratch, diag.message);
    expect_text(diag.message, message);
}

/* What would fail is told before there is anything to write, and nothing is made. */
static void checked_writing(void) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    scratch_open(&scratch);
    ASSERT_OK(file_check_writable(scratch_path(&scratch, "new"), &diag), diag);
    ASSERT_OK(file_check_writable("/dev/null", &diag), diag);
    CU_ASSERT_EQUAL(count_files(scratch.folder), 0);
    const char *old = scratch_write(&scratch, "old", "x", 1);
    ASSERT_OK(file_check_writable(old, &diag), diag);
    CU_ASSERT_EQUAL(file_check_writable(scratch_path(&scratch, "no/file"), &diag), STATUS_IO);
    strip_folder(&scratch, diag.message);
    expect_text(diag.message, "cannot write no/file: No such file or directory");
    CU_ASSERT_EQUAL(file_check_writable(scratch.folder, &diag), STATUS_IO);
    CU_ASSERT_EQUAL(file_check_writable(scratch_path(&scratch, "old/file"), &diag), STATUS_IO);
    strip_folder(&scratch, diag.message);
    expect_text(diag.message, "cannot write old/file: Not a directory");
    scratch_close(&scratch);
}

static void failed_writing(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    expect_unwritable(&scratch, scratch_path(&scratch, "no/such/folder"),
                      "cannot write no/such/folder: No such file or directory");
    expect_unwritable(&scratch, scratch.folder, "cannot write : Is a directory");
    expect_unwritable(&scratch, "/dev/full",
                      "cannot write /dev/full: the disk is full or the quota used up");
    CU_ASSERT_EQUAL(count_files(scratch.folder), 0);
    scratch_close(&scratch);
}

/* A write that stops half-way leaves the old file as it was and nothing beside it. */
static void interrupted_writing(void) {
    struct scratch scratch;
    struct rlimit before, low = {1000, 1000};
    scratch_open(&scratch);
    const char *path = scratch_write(&scratch, "results", "old", 3);
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    low.rlim_max = before.rlim_max;
    struct sigaction ignore = {.sa_handler = SIG_IGN}, previous;
    sigaction(SIGXFSZ, &ignore, &previous);
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &low), 0);
    expect_unwritable(&scratch, path, "cannot write results: File too large");
    setrlimit(RLIMIT_FSIZE, &before);
    sigaction(SIGXFSZ, &previous, NULL);
    expect_content(path, "old");
    CU_ASSERT_EQUAL(count_files(scratch.folder), 1);
    scratch_close(&scratch);
}

static void names(void) {
    struct arena arena = ARENA_INIT;
    char folder[PATH_MAX], expected[PATH_MAX + 16];
    expect_text(file_beside("configs/a.yaml", "b.onnx", &arena), "configs/b.onnx");
    expect_text(file_beside("configs/a.yaml", "../n/b.onnx", &arena), "configs/../n/b.onnx");
    expect_text(file_beside("sim/base/a.yaml", "../n/b.onnx", &arena), "sim/n/b.onnx");
    expect_text(file_beside("sim/base/a.yaml", "../../b.onnx", &arena), "sim/../b.onnx");
    expect_text(file_beside("sim/nothing/a.yaml", "../b.onnx", &arena), "sim/nothing/../b.onnx");
    expect_text(file_beside("sim/../a.yaml", "../b.onnx", &arena), "sim/../../b.onnx");
    expect_text(file_beside("a.yaml", "b.onnx", &arena), "b.onnx");
    expect_text(file_beside("/a.yaml", "b.onnx", &arena), "/b.onnx");
    expect_text(file_beside("configs/a.yaml", "/data/b.onnx", &arena), "/data/b.onnx");
    struct scratch scratch; /* behind a link `..` leads elsewhere */
    scratch_open(&scratch);
    CU_ASSERT_EQUAL(symlink("/usr", scratch_path(&scratch, "link")), 0);
    snprintf(expected, sizeof expected, "%s/link/../b.onnx", scratch.folder);
    expect_text(file_beside(scratch_path(&scratch, "link/a.yaml"), "../b.onnx", &arena), expected);
    scratch_close(&scratch);
    CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(folder, sizeof folder));
    snprintf(expected, sizeof expected, "%s/no/such.onnx", folder);
    expect_text(file_absolute("no/such.onnx", &arena), expected);
    snprintf(expected, sizeof expected, "%s/tests", folder);
    expect_text(file_absolute("sim/../tests", &arena), expected);
    expect_text(file_absolute("/no/such", &arena), "/no/such");
    arena_free(&arena);
}

static void shipped(void) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    char *path = NULL;
    scratch_open(&scratch);
    scratch_write(&scratch, "chip.yaml", "x", 1);
    const char *before = getenv("MHO_CONFIGS");
    char *kept = before == NULL ? NULL : arena_strdup(&scratch.arena, before);
    setenv("MHO_CONFIGS", scratch.folder, 1);
    ASSERT_OK(file_shipped("chip.yaml", &scratch.arena, &path, &diag), diag);
    expect_text(path, scratch_path(&scratch, "chip.yaml"));
    CU_ASSERT_EQUAL(file_shipped("no-such-chip.yaml", &scratch.arena, &path, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NULL(path);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "cannot find \"no-such-chip.yaml\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, scratch.folder));
    unsetenv("MHO_CONFIGS");
    CU_ASSERT_EQUAL(file_shipped("chip.yaml", &scratch.arena, &path, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "MHO_CONFIGS"));
    if (kept != NULL)
        setenv("MHO_CONFIGS", kept, 1);
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"reading", reading},
    {"a sparse file of a terabyte is refused", sparse_file},
    {"pipes are read to their end", pipes},
    {"writing replaces, follows links, keeps devices", writing},
    {"writing is checked beforehand", checked_writing},
    {"failed writing says why", failed_writing},
    {"a write that stops half-way leaves the old file", interrupted_writing},
    {"names beside another file and from the root", names},
    {"shipped files", shipped},
    {NULL, NULL},
};
const struct test_suite suite_files = {"files", cases};
