#include "sim/base/status.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

static const struct {
    const char *name;
    int exit_code;
} statuses[] = {
    [STATUS_OK] = {"ok", 0},
    [STATUS_USAGE] = {"usage", 2},
    [STATUS_MEMORY] = {"memory", 1},
    [STATUS_IO] = {"io", 1},
    [STATUS_STORE] = {"store", 1},
    [STATUS_INTERRUPTED] = {"interrupted", 1},
    [STATUS_INTERNAL] = {"internal", 1},
};

enum status diagnostic_set(struct diagnostic *diag, enum status status, const char *file, int line,
                           const char *format, ...) {
    if (diag == NULL)
        return status;
    /* The arguments may point into diag->message, so format beside it first. */
    char message[DIAGNOSTIC_LENGTH];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    snprintf(diag->message, sizeof diag->message, "%s", message);
    diag->status = status;
    diag->file = file;
    diag->line = line;
    return status;
}

const char *status_name(enum status status) {
    return statuses[status].name;
}

int status_exit_code(enum status status) {
    return statuses[status].exit_code;
}
