/* Arena: many allocations with one lifetime, freed together.
 *
 * Order of calls: start from a zeroed `struct arena` (ARENA_INIT), allocate, arena_free once at the
 * end (a zeroed or freed arena is a valid empty one). Every allocation is zeroed and aligned to 64
 * bytes (a cache line, a ZMM register). Allocation is O(1) but for the zeroing; single allocations
 * are never returned. Not thread-safe: one arena per owner. */
#ifndef MHO_BASE_ARENA_H
#define MHO_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *last; /* newest block, linked to the older ones; NULL when empty */
    size_t bytes;             /* sum of the bytes handed out */
};

#define ARENA_INIT                                                                                 \
    { 0 }

/* `count` * `size` zeroed bytes, or NULL when memory is short or the product overflows.
 * A count of 0 gives a valid pointer to no bytes. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* Typed form: ARENA_NEW(arena, 10, float) is a float * to 10 zeroed floats. */
#define ARENA_NEW(arena, count, type) ((type *)arena_alloc((arena), (size_t)(count), sizeof(type)))

/* Copies of strings; NULL when memory is short. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Frees everything and leaves an empty arena. NULL is accepted. */
void arena_free(struct arena *arena);

#endif
