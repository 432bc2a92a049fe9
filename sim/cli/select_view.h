/* What `mho select` chose, for people. */
#ifndef MHO_CLI_SELECT_VIEW_H
#define MHO_CLI_SELECT_VIEW_H

#include "sim/screen/screen.h"
#include "sim/select/select.h"

struct select_view {
    struct select_problem problem;
    enum select_objective objective;
    const int *choice; /* [problem.n_layers] */
};

enum status select_screen(const struct select_view *view, const struct screen *screen,
                          struct diagnostic *diag);

#endif
