#include "sim/cli/stop.h"

#include <signal.h>
#include <stdbool.h>

/* The one variable that a signal handler can reach. */
static atomic_bool stop_requested;
_Static_assert(ATOMIC_BOOL_LOCK_FREE == 2, "signal handlers may write lock-free atomics only");

static void request_stop(int number) {
    (void)number;
    atomic_store(&stop_requested, true);
}

const atomic_bool *cli_catch_signals(void) {
    struct sigaction action = {.sa_handler = request_stop, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return &stop_requested;
}
