/* What `mho repro` found: on the screen, as Markdown, as JSON. */
#ifndef MHO_CLI_REPRO_VIEW_H
#define MHO_CLI_REPRO_VIEW_H

#include <jansson.h>

#include "sim/repro/repro.h"
#include "sim/screen/screen.h"

struct repro_view {
    const struct repro_result *results; /* [n], by paper */
    int n;
    const char *database;                /* where they were stored; NULL: nowhere */
    const struct store_written *written; /* [n] where stored */
    bool brief;                          /* totals, and rows outside their band */
};

/* Rows over all papers with a verdict. */
int repro_count(const struct repro_view *view, enum repro_verdict verdict);

/* Figures as text, with as many digits as were published and at least four. Return `buffer`. */
enum { REPRO_FIGURE_LENGTH = 48 };
char *repro_figure(double value, const struct repro_row *row, char buffer[REPRO_FIGURE_LENGTH]);
char *repro_ratio(const struct repro_row *row, char buffer[REPRO_FIGURE_LENGTH]);

/* Comparisons of runs, each with the settings of its runs; part of the three below. */
enum status repro_screen_comparisons(const struct repro_result *result, const struct screen *screen,
                                     struct diagnostic *diag);
void repro_markdown_comparisons(const struct repro_result *result, FILE *out);
json_t *repro_json_comparisons(const struct repro_result *result); /* NULL: short memory */

enum status repro_screen(const struct repro_view *view, const struct screen *screen,
                         struct diagnostic *diag);
enum status repro_markdown(const struct repro_view *view, FILE *out, struct diagnostic *diag);
enum status repro_json(const struct repro_view *view, FILE *out, struct diagnostic *diag);

#endif
