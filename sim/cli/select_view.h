/* What `mho select` chose, for people. */
#ifndef MHO_CLI_SELECT_VIEW_H
#define MHO_CLI_SELECT_VIEW_H

#include "sim/screen/screen.h"
#include "sim/select/select.h"

struct select_view {
    struct select_problem problem;
    enum select_objective objective;
    bool by_rule;
    const int *choice; /* [problem.n_layers] */
};

/* Where every layer stays as it is: why, and what would change it, in `arena`; "" else, NULL on
 * short memory. */
const char *select_why_none(const struct select_view *view, const struct config *config,
                            struct arena *arena);

enum status select_screen(const struct select_view *view, const struct screen *screen,
                          struct diagnostic *diag);

#endif
