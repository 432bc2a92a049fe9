#include "sim/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, BLOCK_BYTES = 64 * 1024 };

struct arena_block {
    struct arena_block *previous;
    size_t capacity; /* bytes after the header */
    size_t used;
};

static char *block_data(struct arena_block *block) {
    return (char *)block + ALIGNMENT;
}

static struct arena_block *block_new(size_t capacity) {
    if (capacity > SIZE_MAX - 2 * ALIGNMENT)
        return NULL;
    struct arena_block *block = aligned_alloc(ALIGNMENT, capacity + ALIGNMENT);
    if (block == NULL)
        return NULL;
    block->capacity = capacity;
    block->used = 0;
    block->previous = NULL;
    return block;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size) {
    if (size != 0 && count > (SIZE_MAX - 4 * ALIGNMENT) / size)
        return NULL;
    size_t bytes = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct arena_block *block = arena->last;
    if (block == NULL || block->capacity - block->used < bytes) {
        struct arena_block *fresh = block_new(bytes > BLOCK_BYTES / 4 ? bytes : BLOCK_BYTES);
        if (fresh == NULL)
            return NULL;
        if (block != NULL && bytes > BLOCK_BYTES / 4) {
            /* A large piece gets its own block behind the current one, which stays in use. */
            fresh->previous = block->previous;
            block->previous = fresh;
        } else {
            fresh->previous = block;
            arena->last = fresh;
        }
        block = fresh;
    }
    void *data = block_data(block) + block->used;
    block->used += bytes;
    arena->bytes += bytes;
    return memset(data, 0, bytes);
}

char *arena_strdup(struct arena *arena, const char *text) {
    size_t length = strlen(text) + 1;
    char *copy = arena_alloc(arena, length, 1);
    return copy == NULL ? NULL : memcpy(copy, text, length);
}

char *arena_printf(struct arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = length < 0 ? NULL : arena_alloc(arena, (size_t)length + 1, 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

void arena_free(struct arena *arena) {
    if (arena == NULL)
        return;
    for (struct arena_block *block = arena->last; block != NULL;) {
        struct arena_block *previous = block->previous;
        free(block);
        block = previous;
    }
    *arena = (struct arena)ARENA_INIT;
}
