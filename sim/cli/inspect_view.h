/* What `mho inspect` found, for people and for programs. */
#ifndef MHO_CLI_INSPECT_VIEW_H
#define MHO_CLI_INSPECT_VIEW_H

#include <stdio.h>

#include "mapping/mapping.h"

struct inspect_view {
    const struct network *model;   /* as imported */
    const struct mapping *mapping; /* of it, or of its quantised form; layers in the same order */
};

enum status inspect_screen(const struct inspect_view *view, FILE *out, struct diagnostic *diag);
enum status inspect_json(const struct inspect_view *view, FILE *out, struct diagnostic *diag);

#endif
