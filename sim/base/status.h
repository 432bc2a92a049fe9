/* Status codes and diagnostics: how every function of mho reports a failure.
 *
 * A function that can fail returns `enum status` and takes a `struct diagnostic *` as its last
 * parameter. On failure it fills the diagnostic once, where the reason is known, with one line
 * that says where and what to do; callers only pass the status up (TRY). Only sim/cli prints. */
#ifndef MHO_BASE_STATUS_H
#define MHO_BASE_STATUS_H

enum status {
    STATUS_OK = 0,
    STATUS_USAGE,       /* command line, configuration, model or data is missing or wrong */
    STATUS_MEMORY,      /* an allocation failed */
    STATUS_IO,          /* a file that should be written could not be */
    STATUS_STORE,       /* the results database refused */
    STATUS_INTERRUPTED, /* the user asked to stop */
    STATUS_INTERNAL     /* a bug of mho */
};

enum { DIAGNOSTIC_LENGTH = 1024 };

struct diagnostic {
    enum status status;
    char message[DIAGNOSTIC_LENGTH]; /* one line, no newline at its end */
    const char *file;                /* source file and line that raised it */
    int line;
};

/* Fills `diag` (may be NULL) printf-like and returns `status`. A diagnostic that is already set is
 * replaced. Use through FAIL. */
enum status diagnostic_set(struct diagnostic *diag, enum status status, const char *file, int line,
                           const char *format, ...) __attribute__((format(printf, 5, 6)));

/* FAIL(diag, STATUS_USAGE, "...", ...) fills the diagnostic and is the status to return. */
#define FAIL(diag, status, ...) diagnostic_set((diag), (status), __FILE__, __LINE__, __VA_ARGS__)

/* FAIL_MEMORY(diag, "what was being allocated") */
#define FAIL_MEMORY(diag, what) FAIL((diag), STATUS_MEMORY, "out of memory for %s", (what))

/* TRY(call) returns from the caller with the call's status unless it is STATUS_OK. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum status try_status_ = (call);                                                          \
        if (try_status_ != STATUS_OK)                                                              \
            return try_status_;                                                                    \
    } while (0)

/* Short name of a status ("memory"), for tests and the database. */
const char *status_name(enum status status);

/* Process exit code of a status: 0 done, 2 wrong input, 1 everything else. */
int status_exit_code(enum status status);

#endif
