/* Arenas, against the promises of arena.h. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/base.h"
#include "tests/support/malloc_fail.h"
#include "tests/test.h"

static void zeroed_and_aligned(void) {
    struct arena arena = ARENA_INIT;
    /* 37-byte steps to above a block of 64 KiB: pieces of every size class, and block changes. */
    for (size_t bytes = 1; bytes < 100000; bytes += bytes < 2000 ? 37 : 7777) {
        unsigned char *piece = arena_alloc(&arena, bytes, 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(piece);
        CU_ASSERT_EQUAL((uintptr_t)piece % 64, 0);
        size_t nonzero = 0;
        for (size_t i = 0; i < bytes; i++)
            nonzero += piece[i] != 0;
        CU_ASSERT_EQUAL(nonzero, 0);
        memset(piece, 0xA5, bytes);
    }
    arena_free(&arena);
    CU_ASSERT_PTR_NULL(arena.last);
    CU_ASSERT_EQUAL(arena.bytes, 0);
}

static void pieces_do_not_overlap(void) {
    enum { PIECES = 300 };
    struct arena arena = ARENA_INIT;
    unsigned char *pieces[PIECES];
    size_t sizes[PIECES];
    for (size_t i = 0; i < PIECES; i++) {
        sizes[i] = (i * 2385) % 30011;
        pieces[i] = arena_alloc(&arena, sizes[i], 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(pieces[i]);
        memset(pieces[i], (int)(i % 251), sizes[i]);
    }
    size_t wrong = 0;
    for (size_t i = 0; i < PIECES; i++)
        for (size_t j = 0; j < sizes[i]; j++)
            wrong += pieces[i][j] != i % 251;
    CU_ASSERT_EQUAL(wrong, 0);
    arena_free(&arena);
}

static void overflow_is_refused(void) {
    struct arena arena = ARENA_INIT;
    CU_ASSERT_PTR_NULL(arena_alloc(&arena, SIZE_MAX, 1));
    CU_ASSERT_PTR_NULL(arena_alloc(&arena, SIZE_MAX / 2, 3));
    CU_ASSERT_PTR_NULL(arena_alloc(&arena, SIZE_MAX / 8 + 1, 8));
    CU_ASSERT_PTR_NOT_NULL(arena_alloc(&arena, 0, 8));
    CU_ASSERT_PTR_NOT_NULL(arena_alloc(&arena, SIZE_MAX, 0));
    arena_free(&arena);
    arena_free(NULL);
}

static void strings(void) {
    struct arena arena = ARENA_INIT;
    char original[] = "bit line";
    char *copy = arena_strdup(&arena, original);
    original[0] = 'h';
    CU_ASSERT_STRING_EQUAL(copy, "bit line");
    CU_ASSERT_STRING_EQUAL(arena_printf(&arena, "%s %d x %d", copy, 37, 11), "bit line 37 x 11");
    CU_ASSERT_EQUAL(strlen(arena_printf(&arena, "%01000d", 7)), 1000);
    arena_free(&arena);
}

static void short_memory(void) {
    if (!malloc_fail_works())
        return;
    struct arena arena = ARENA_INIT;
    malloc_fail_at(1);
    void *none = arena_alloc(&arena, 10, 10);
    CU_ASSERT(malloc_fail_end());
    CU_ASSERT_PTR_NULL(none);
    /* The failure leaves the arena usable. */
    CU_ASSERT_PTR_NOT_NULL(arena_alloc(&arena, 10, 10));
    malloc_fail_at(1);
    none = arena_alloc(&arena, 1, 100000);
    CU_ASSERT(malloc_fail_end());
    CU_ASSERT_PTR_NULL(none);
    arena_free(&arena);
}

static void diagnostics(void) {
    struct diagnostic diag = {0};
    CU_ASSERT_EQUAL(FAIL(&diag, STATUS_IO, "%s: full", "disk"), STATUS_IO);
    CU_ASSERT_STRING_EQUAL(diag.message, "disk: full");
    CU_ASSERT_EQUAL(FAIL(&diag, STATUS_USAGE, "again, %s", diag.message), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(diag.message, "again, disk: full");
    CU_ASSERT_EQUAL(diag.status, STATUS_USAGE);
    CU_ASSERT_EQUAL(FAIL(NULL, STATUS_STORE, "no one listens"), STATUS_STORE);
    CU_ASSERT_EQUAL(FAIL_MEMORY(&diag, "weights"), STATUS_MEMORY);
    CU_ASSERT_STRING_EQUAL(diag.message, "out of memory for weights");
    CU_ASSERT_EQUAL(status_exit_code(STATUS_OK), 0);
    CU_ASSERT_EQUAL(status_exit_code(STATUS_USAGE), 2);
    CU_ASSERT_EQUAL(status_exit_code(STATUS_MEMORY), 1);
    CU_ASSERT_EQUAL(status_exit_code(STATUS_INTERRUPTED), 1);
    CU_ASSERT_STRING_EQUAL(status_name(STATUS_STORE), "store");
}

static const struct test_case cases[] = {
    {"pieces are zeroed and aligned to 64 bytes", zeroed_and_aligned},
    {"pieces do not overlap", pieces_do_not_overlap},
    {"sizes that overflow are refused", overflow_is_refused},
    {"strings", strings},
    {"short memory", short_memory},
    {"diagnostics and status codes", diagnostics},
    {NULL, NULL},
};
const struct test_suite suite_arena = {"arena", cases};
