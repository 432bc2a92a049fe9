/* The text of a starter configuration, from the tables of fields. */
#ifndef MHO_CLI_STARTER_H
#define MHO_CLI_STARTER_H

#include "sim/network/network.h"

/* Every section and field with its default and meaning; `model` as the file shall name it. The
 * dataset is guessed from the network's input. NULL on short memory. */
char *starter_config(const struct network *network, const char *model, struct arena *arena);

#endif
