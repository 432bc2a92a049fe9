/* Where generated text goes: a buffer of fixed size, a growing one, or a hash. */
#ifndef MHO_CONFIG_SINK_H
#define MHO_CONFIG_SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/base.h"

struct text_sink {
    void (*put)(void *context, const char *text, size_t length);
    void *context;
};

void sink_text(const struct text_sink *sink, const char *text);

/* Growing buffer, zeroed at first. On short memory `failed` is set and what follows is dropped. */
struct text_buffer {
    char *data;
    size_t used, capacity;
    bool failed;
};

struct text_sink buffer_sink(struct text_buffer *buffer);
/* Copies the text into `arena` and frees the buffer; NULL on short memory, also an earlier one. */
char *buffer_finish(struct text_buffer *buffer, struct arena *arena);

/* Buffer of fixed size: what does not fit is cut; always ends in a zero byte. size >= 1. */
struct text_window {
    char *data;
    size_t used, size;
};

struct text_sink window_sink(struct text_window *window);

#endif
