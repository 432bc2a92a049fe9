/* One picture of each kind. */
#include "sim/plot/plot_internal.h"
#include "sim/screen/gnuplot.h"

const char *const plot_kind_names[PLOT_KINDS] = {"pareto",    "lines",  "heatmap",
                                                 "breakdown", "layers", "histogram"};
const char *const plot_statistic_names[PLOT_STATISTICS] = {NULL, "mean", "min", "max"};

enum status plot_draw(struct store *store, const struct plot_request *request,
                      struct diagnostic *diag) {
    static plot_kind_draw *const kinds[PLOT_KINDS] = {plot_pareto,    plot_lines,  plot_heatmap,
                                                      plot_breakdown, plot_layers, plot_histogram};
    struct arena arena = ARENA_INIT;
    TRY(gnuplot_check(request->output, diag));
    enum status status = kinds[request->kind](store, request, &arena, diag);
    arena_free(&arena);
    return status;
}
