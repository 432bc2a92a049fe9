/* The picture of a mapping. */
#ifndef MHO_CLI_PLOT_PLOT_MAPPING_H
#define MHO_CLI_PLOT_PLOT_MAPPING_H

#include "mapping/mapping.h"

/* An SVG of the arrays of one copy of every layer, into `text` (to be freed) of `size` bytes.
 * `title`: path of the network. */
enum status plot_mapping(const struct mapping *mapping, const char *title, char **text,
                         size_t *size, struct diagnostic *diag);

/* `mho plot mapping`, as a command of its own. */
int plot_mapping_command(int argc, char **argv);

#endif
