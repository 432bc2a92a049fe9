/* Makes the Nth allocation of this thread fail, to prove that every failure is handled.
 *
 * Works by defining malloc and its relatives for the test program over glibc's own. Where that is
 * not possible (another C library, AddressSanitizer) malloc_fail_works() is false. */
#ifndef MHO_TESTS_SUPPORT_MALLOC_FAIL_H
#define MHO_TESTS_SUPPORT_MALLOC_FAIL_H

#include <stdbool.h>

bool malloc_fail_works(void);

/* From here on the `n`th allocation of this thread (from 1) fails, and only that one; 0: none. */
void malloc_fail_at(long n);

/* Whether it has failed yet. Also ends the counting. */
bool malloc_fail_end(void);

#endif
