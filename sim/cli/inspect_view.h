/* What `mho inspect` found, for people and for programs. */
#ifndef MHO_CLI_INSPECT_VIEW_H
#define MHO_CLI_INSPECT_VIEW_H

#include <stdio.h>

#include "mapping/mapping.h"
#include "sim/cli/inspect_check.h"

struct inspect_view {
    const struct network *model;   /* as imported */
    const struct mapping *mapping; /* of it, or of its quantised form; layers in the same order */
    struct inspect_check *checks;  /* of the model's layers */
    bool any_scheme;               /* one of them is to be pruned */
};

enum status inspect_screen(const struct inspect_view *view, FILE *out, struct diagnostic *diag);
enum status inspect_json(const struct inspect_view *view, FILE *out, struct diagnostic *diag);

#endif
