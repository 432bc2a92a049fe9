/* What `mho tune` found, for people and for programs. */
#ifndef MHO_CLI_TUNE_TUNE_VIEW_H
#define MHO_CLI_TUNE_TUNE_VIEW_H

#include "sim/screen/screen.h"
#include "sim/tune/tune.h"

/* A row for each number, the best one marked, and what is to be written for it. */
enum status tune_screen(const struct tune_request *request, const struct tune_result *result,
                        const struct screen *screen, struct diagnostic *diag);

enum status tune_json(const struct tune_request *request, const struct tune_result *result,
                      FILE *out, struct diagnostic *diag);

#endif
