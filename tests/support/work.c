#include "tests/support/work.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "tests/support/random.h"
#include "tests/test.h"

enum { PLACES = 1 << 18, LOOKUPS = 1000000 };

double work_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double work_unit_s(void) {
    struct test_random random = {1};
    uint32_t *table = malloc(PLACES * sizeof *table);
    double least_s = INFINITY;
    CU_ASSERT_PTR_NOT_NULL_FATAL(table);
    for (uint32_t i = 0; i < PLACES; i++)
        table[i] = test_random_below(&random, PLACES);
    for (int repeat = 0; repeat < 3; repeat++) {
        double before_s = work_s();
        uint32_t at = 0;
        for (uint32_t step = 0; step < LOOKUPS; step++)
            at = (table[at] + step) % PLACES;
        table[at] = at; /* read by the next repeat, so it is computed */
        least_s = fmin(least_s, work_s() - before_s);
    }
    free(table);
    return least_s;
}
