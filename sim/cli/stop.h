/* Stopping long work on signals. */
#ifndef MHO_CLI_STOP_H
#define MHO_CLI_STOP_H

#include <stdatomic.h>

/* The flag that the first SIGINT or SIGTERM sets from now on, for the work to stop at the next
 * image; the second does what signals do by default, which kills. */
const atomic_bool *cli_catch_signals(void);

#endif
