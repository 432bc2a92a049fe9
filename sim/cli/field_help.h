/* Help of configuration fields, from the tables that check them. */
#ifndef MHO_CLI_FIELD_HELP_H
#define MHO_CLI_FIELD_HELP_H

#include "sim/base/base.h"
#include "sim/config/config.h"
#include "sim/screen/screen.h"

/* What a field accepts: "1..4096", "idx | npy", "1..16 | lossless", "0..1", "true | false", "file",
 * with its unit. Returns `buffer`. */
char *field_range(const struct config_field *field, char *buffer, size_t size);

/* Every section and field: name, default, what it accepts, help. */
void field_help_print(const struct screen *screen);

#endif
