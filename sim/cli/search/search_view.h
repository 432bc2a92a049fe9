/* What `mho search` shows. */
#ifndef MHO_CLI_SEARCH_SEARCH_VIEW_H
#define MHO_CLI_SEARCH_SEARCH_VIEW_H

#include "sim/screen/screen.h"
#include "sim/search/search.h"

struct search_view {
    const struct sweep *sweep;
    const struct goals *goals;
    const struct search_outcome *outcome;
    const char *database;
    int jobs;
};

/* The space and the goals, before anything is evaluated. */
enum status search_space_print(const struct sweep *sweep, const struct goals *goals,
                               const struct screen *screen, struct diagnostic *diag);

/* Generations with their volumes, the front, and what comes next. */
enum status search_screen(const struct search_view *view, const struct screen *screen,
                          struct diagnostic *diag);

#endif
