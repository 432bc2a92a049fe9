/* Energy, time and utilisation of each layer of a run. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/plot/plot_internal.h"
#include "sim/screen/names.h"

enum { PANELS = 3, NAME = 22, PANEL_HEIGHT = 150, PANEL_GAP = 26, FLAT = 8 };

static const struct {
    const char *title, *unit;
    size_t offset; /* of a double in struct store_layer */
    double factor;
} panels[PANELS] = {
    {"Energy", "J", offsetof(struct store_layer, energy_j), 1},
    {"Time", "s", offsetof(struct store_layer, time_s), 1},
    {"Cells in use", "%", offsetof(struct store_layer, utilisation), 100},
};

static double layer_value(const struct store_layer *layer, int panel) {
    return *(const double *)((const char *)layer + panels[panel].offset) * panels[panel].factor;
}

/* Bars, and the figure above each where there is room. */
static void write_panel(FILE *script, const struct store_run *run, int panel,
                        const struct plot_frame *frame, const char *const *names) {
    double largest = 0;
    for (int i = 0; i < run->n_layers; i++)
        largest = fmax(largest, layer_value(&run->layers[i], panel));
    const struct plot_scale scale = scale_for(panels[panel].unit, largest);
    double bottom = frame->bottom + (PANELS - 1 - panel) * (PANEL_HEIGHT + PANEL_GAP);
    fprintf(script, "$layers%d << EOD\n", panel);
    for (int i = 0; i < run->n_layers; i++)
        fprintf(script, "%d %.9g\n", i, layer_value(&run->layers[i], panel) * scale.factor);
    fprintf(script,
            "EOD\nset bmargin at screen %g\nset tmargin at screen %g\nset ylabel '%s (%s)'\n"
            "set yrange [0:%.9g]\nset xtics scale 0 (",
            bottom / frame->height, (bottom + PANEL_HEIGHT) / frame->height, panels[panel].title,
            scale.unit,
            panel == PANELS - 1 ? 118
            : largest > 0       ? 1.18 * largest * scale.factor
                                : 1);
    for (int i = 0; i < run->n_layers; i++) {
        fputs(i > 0 ? ", " : "", script);
        script_text(script, panel == PANELS - 1 ? names[i] : "");
        fprintf(script, " %d", i);
    }
    fprintf(script, ") noenhanced font ',11'%s\n",
            run->n_layers > FLAT ? " rotate by 50 right" : " norotate center");
    fputs(panel == PANELS - 1 ? "set ytics 25\n" : "set ytics autofreq\n", script);
    fprintf(script, "plot $layers%d using 1:2 with boxes fs solid noborder lc rgb '%s' notitle",
            panel, plot_colours[panel]);
    if (run->n_layers <= 24)
        fprintf(script,
                ", $layers%d using 1:2:(sprintf('%%.3g',$2)) with labels offset 0,0.6 font ',9' "
                "textcolor rgb '#444444' notitle",
                panel);
    fputs("\nunset label\n", script);
}

enum status plot_layers(struct store *store, const struct plot_request *request,
                        struct arena *arena, struct diagnostic *diag) {
    struct store_run run;
    char *text = NULL, subtitle[PLOT_LABEL];
    size_t size = 0;
    TRY(plot_read_run(store, request->runs[0], arena, &run, diag));
    if (run.n_layers == 0)
        return FAIL(diag, STATUS_USAGE, "run %lld has no layers (run.detail: totals)",
                    (long long)request->runs[0]);
    const char **names = ARENA_NEW(arena, run.n_layers, const char *);
    for (int i = 0; names != NULL && i < run.n_layers; i++) {
        names[i] = short_layer_name(run.layers[i].name, NAME, arena);
        if (names[i] == NULL)
            names = NULL;
    }
    FILE *script = names != NULL ? open_memstream(&text, &size) : NULL;
    if (script == NULL)
        return FAIL_MEMORY(diag, "a plot");
    int bottom = run.n_layers > FLAT ? 120 : 40;
    const struct plot_frame frame = {.width = run.n_layers > 12 ? 200 + 40 * run.n_layers : 700,
                                     .height = PANELS * (PANEL_HEIGHT + PANEL_GAP) + 50 + bottom,
                                     .left = 90,
                                     .right = 30,
                                     .top = 66,
                                     .bottom = bottom};
    snprintf(subtitle, sizeof subtitle, "run %lld of experiment %.60s; of one inference",
             (long long)request->runs[0], run.experiment);
    script_begin(script, &frame, request->title != NULL ? request->title : "Layer by layer",
                 subtitle);
    fprintf(script, "set grid noxtics\nset boxwidth 0.72\nset xrange [-0.6:%g]\nset multiplot\n",
            run.n_layers - 0.4);
    for (int panel = 0; panel < PANELS; panel++)
        write_panel(script, &run, panel, &frame, names);
    fputs("unset multiplot\n", script);
    return script_draw(script, &text, &frame, request->output, diag);
}
