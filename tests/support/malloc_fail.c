#include "tests/support/malloc_fail.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MHO_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define MHO_ASAN 1
#endif

static _Thread_local long countdown;
static _Thread_local bool failed;

void malloc_fail_at(long n) {
    countdown = n;
    failed = false;
}

bool malloc_fail_end(void) {
    countdown = 0;
    return failed;
}

#if defined(__GLIBC__) && !defined(MHO_ASAN)

/* glibc's own names of what is replaced below. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

bool malloc_fail_works(void) {
    return true;
}

static bool fails_now(void) {
    if (countdown == 0 || --countdown > 0)
        return false;
    failed = true;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size) {
    return fails_now() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    return fails_now() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
    return fails_now() ? NULL : __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return fails_now() ? NULL : __libc_memalign(alignment, size);
}

#else

bool malloc_fail_works(void) {
    return false;
}

#endif
