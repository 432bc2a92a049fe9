#include "sim/base/status.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

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

/* Bytes of the UTF-8 character at `text`; 0 where none begins, or a control character does. */
static size_t character_bytes(const unsigned char *text) {
    if (text[0] < 0x80)
        return text[0] >= 0x20 && text[0] != 0x7f;
    size_t bytes = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
    if (text[0] < 0xc2 || text[0] > 0xf4 || (text[0] == 0xc2 && text[1] < 0xa0))
        return 0; /* continuation, overlong, beyond Unicode; C1 controls */
    for (size_t i = 1; i < bytes; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    return bytes;
}

/* Names come from files that may be damaged or hostile: a terminal gets only what it can show, on
 * one line. Everything else becomes \xNN; what no longer fits is cut. */
static void copy_printable(const char *from, char *to, size_t size) {
    static const char hex[] = "0123456789abcdef";
    const unsigned char *text = (const unsigned char *)from;
    size_t n = 0;
    while (*text != '\0') {
        size_t bytes = character_bytes(text), needed = bytes > 0 ? bytes : 4;
        if (n + needed >= size)
            break;
        if (bytes > 0) {
            memcpy(to + n, text, bytes);
        } else {
            const char escape[] = {'\\', 'x', hex[*text >> 4], hex[*text & 15]};
            memcpy(to + n, escape, sizeof escape);
            bytes = 1;
        }
        n += needed;
        text += bytes;
    }
    to[n] = '\0';
}

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
    copy_printable(message, diag->message, sizeof diag->message);
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
