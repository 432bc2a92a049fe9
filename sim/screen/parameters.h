/* What runs differ in, as it is written after --set. */
#ifndef MHO_SCREEN_PARAMETERS_H
#define MHO_SCREEN_PARAMETERS_H

#include <stddef.h>

/* {"adc.bits":5} (column `params` of run_summary) as adc.bits=5, of paths the last part, cut to
 * `width` columns where that is more than 5. Returns `buffer`. */
char *parameters_text(const char *params, int width, char *buffer, size_t size);

#endif
