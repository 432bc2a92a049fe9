#include "sim/config/sink.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void sink_text(const struct text_sink *sink, const char *text) {
    sink->put(sink->context, text, strlen(text));
}

static void put_buffer(void *context, const char *text, size_t length) {
    struct text_buffer *buffer = context;
    if (buffer->failed)
        return;
    if (length > buffer->capacity - buffer->used) {
        size_t capacity = 2 * (buffer->used + length) + 256;
        char *data = length > SIZE_MAX / 4 - buffer->used ? NULL : realloc(buffer->data, capacity);
        if (data == NULL) {
            buffer->failed = true;
            return;
        }
        buffer->data = data;
        buffer->capacity = capacity;
    }
    if (length > 0)
        memcpy(buffer->data + buffer->used, text, length);
    buffer->used += length;
}

struct text_sink buffer_sink(struct text_buffer *buffer) {
    return (struct text_sink){put_buffer, buffer};
}

char *buffer_finish(struct text_buffer *buffer, struct arena *arena) {
    char *text = buffer->failed ? NULL : arena_alloc(arena, buffer->used + 1, 1);
    if (text != NULL && buffer->used > 0)
        memcpy(text, buffer->data, buffer->used);
    free(buffer->data);
    *buffer = (struct text_buffer){0};
    return text;
}

static void put_window(void *context, const char *text, size_t length) {
    struct text_window *window = context;
    size_t room = window->size - 1 - window->used;
    size_t fits = length < room ? length : room;
    memcpy(window->data + window->used, text, fits);
    window->used += fits;
    window->data[window->used] = '\0';
}

struct text_sink window_sink(struct text_window *window) {
    window->data[0] = '\0';
    return (struct text_sink){put_window, window};
}
