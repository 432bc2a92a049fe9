/* Between the files of `mho components`. */
#ifndef MHO_CLI_COMPONENTS_H
#define MHO_CLI_COMPONENTS_H

#include "peripherals/component.h"
#include "sim/cli/cli.h"
#include "sim/screen/screen.h"

/* Words after `mho components` that have options of their own; any other is a kind. argv[0] is
 * "mho components NAME". */
extern const struct command components_commands[];
extern const size_t n_components_commands;

/* What is asked of one kind. */
struct components_request {
    const char *kind;
    const char *variant;           /* NULL: all */
    const char *const *parameters; /* "name=value" */
    size_t n_parameters;
    double node_m; /* 0: each variant's own, where it has one */
    const struct technology *technology;
};

/* Prints every kind with what it is. */
enum status components_list(const struct screen *screen, struct diagnostic *diag);

/* Prints what the variants of one kind cost. */
enum status components_kind(const struct components_request *request, const struct screen *screen,
                            struct diagnostic *diag);

#endif
