/* Where area and energy of runs go: a column a run, stacked by component. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/plot/plot_internal.h"

enum { PARTS = 7, ALL = PARTS + 1, PANELS = 2 }; /* the largest, and the others together */

/* --- what is drawn --- */

struct part {
    const char *name;
    double weight; /* shares of area and energy, added over runs */
};

struct column {
    const char *label;
    double figures[PANELS][ALL]; /* area_m2, energy_j of each part */
    double totals[PANELS];
};

struct breakdown {
    struct part parts[ALL];
    int n_parts; /* with the others, where there are any */
    struct column columns[PLOT_RUNS_MOST];
    int n_columns;
    double largest[PANELS];
};

static double figure(const struct store_component *component, int panel) {
    return panel == 0 ? component->area_m2 : component->energy_j;
}

static double total(const struct store_run *run, int panel) {
    double sum = 0;
    for (int i = 0; i < run->n_components; i++)
        sum += figure(&run->components[i], panel);
    return sum;
}

static int by_weight(const void *a, const void *b) {
    const struct part *first = a, *second = b;
    if (first->weight != second->weight)
        return first->weight > second->weight ? -1 : 1;
    return strcmp(first->name, second->name);
}

/* Every name in any run, the heaviest first. */
static enum status rank_parts(const struct store_run *runs, int n, struct arena *arena,
                              struct breakdown *breakdown, struct diagnostic *diag) {
    int most = 0, found = 0;
    for (int r = 0; r < n; r++)
        most += runs[r].n_components;
    struct part *parts = ARENA_NEW(arena, most, struct part);
    if (parts == NULL)
        return FAIL_MEMORY(diag, "a plot");
    for (int r = 0; r < n; r++)
        for (int i = 0; i < runs[r].n_components; i++) {
            const struct store_component *own = &runs[r].components[i];
            int p = 0;
            while (p < found && strcmp(parts[p].name, own->component) != 0)
                p++;
            if (p == found)
                parts[found++] = (struct part){.name = own->component};
            for (int panel = 0; panel < PANELS; panel++)
                if (total(&runs[r], panel) > 0)
                    parts[p].weight += figure(own, panel) / total(&runs[r], panel);
        }
    qsort(parts, (size_t)found, sizeof *parts, by_weight);
    breakdown->n_parts = found > ALL ? ALL : found;
    memcpy(breakdown->parts, parts, (size_t)breakdown->n_parts * sizeof *parts);
    if (found > ALL)
        breakdown->parts[PARTS].name = "others";
    return STATUS_OK;
}

static void fill_column(const struct store_run *run, const struct breakdown *breakdown,
                        struct column *column) {
    for (int i = 0; i < run->n_components; i++) {
        int p = 0;
        while (p < breakdown->n_parts - 1 &&
               strcmp(breakdown->parts[p].name, run->components[i].component) != 0)
            p++;
        for (int panel = 0; panel < PANELS; panel++) {
            column->figures[panel][p] += figure(&run->components[i], panel);
            column->totals[panel] += figure(&run->components[i], panel);
        }
    }
}

static enum status read_breakdown(struct store *store, const struct plot_request *request,
                                  struct arena *arena, struct breakdown *breakdown,
                                  struct diagnostic *diag) {
    struct store_run runs[PLOT_RUNS_MOST];
    struct plot_keys keys;
    TRY(labels_differing(store, request->runs, request->n_runs, arena, &keys, diag));
    for (int r = 0; r < request->n_runs; r++) {
        TRY(plot_read_run(store, request->runs[r], arena, &runs[r], diag));
        if (runs[r].n_components == 0)
            return FAIL(diag, STATUS_USAGE,
                        "run %lld has no components (run.detail: totals, or run.cost: false)",
                        (long long)request->runs[r]);
    }
    TRY(rank_parts(runs, request->n_runs, arena, breakdown, diag));
    breakdown->n_columns = request->n_runs;
    for (int r = 0; r < request->n_runs; r++) {
        struct column *column = &breakdown->columns[r];
        TRY(labels_of_run(store, &keys, request->runs[r], arena, &column->label, diag));
        fill_column(&runs[r], breakdown, column);
        for (int panel = 0; panel < PANELS; panel++)
            breakdown->largest[panel] = fmax(breakdown->largest[panel], column->totals[panel]);
    }
    return STATUS_OK;
}

/* --- the picture --- */

/* The columns of a panel from the ground up: the heaviest part lies lowest. */
static void write_columns(FILE *script, const struct breakdown *breakdown, int panel,
                          const struct plot_scale *scale) {
    fprintf(script, "$panel%d << EOD\n", panel);
    for (int r = 0; r < breakdown->n_columns; r++) {
        const struct column *column = &breakdown->columns[r];
        double ground = 0;
        for (int p = 0; p < breakdown->n_parts; p++) {
            double own = column->figures[panel][p] * scale->factor;
            fprintf(script, "%d %.9g %.9g %s\n", r, ground, ground + own,
                    plot_colours[p] + 1); /* without # */
            ground += own;
        }
    }
    fputs("EOD\n", script);
}

/* Shares in the parts that are high enough for them, and the total on top. */
static void write_shares(FILE *script, const struct breakdown *breakdown, int panel,
                         const struct plot_scale *scale) {
    for (int r = 0; r < breakdown->n_columns; r++) {
        const struct column *column = &breakdown->columns[r];
        double ground = 0;
        for (int p = 0; p < breakdown->n_parts; p++) {
            double own = column->figures[panel][p];
            if (own > 0.045 * breakdown->largest[panel])
                fprintf(script,
                        "set label '%.0f %%' at %d,%.9g center front font ',10' textcolor rgb "
                        "'%s'\n",
                        100 * own / column->totals[panel], r, (ground + own / 2) * scale->factor,
                        p == 1 || p == 4 ? "#111111" : "#ffffff");
            ground += own;
        }
        fprintf(script, "set label '%.3g' at %d,%.9g center offset 0,0.7 front font ',11'\n",
                ground * scale->factor, r, ground * scale->factor);
    }
}

static void write_panel(FILE *script, const struct breakdown *breakdown, int panel,
                        const struct plot_frame *frame, double left, double right) {
    static const char *const titles[PANELS] = {"Area", "Energy of an inference"};
    static const char *const units[PANELS] = {"m2", "J"};
    const struct plot_scale scale = scale_for(units[panel], breakdown->largest[panel]);
    write_columns(script, breakdown, panel, &scale);
    fprintf(script,
            "set lmargin at screen %g\nset rmargin at screen %g\nset ylabel '%s (%s)'\nset yrange "
            "[0:%.9g]\nset xrange [-0.6:%g]\nset xtics scale 0 (",
            left / frame->width, right / frame->width, titles[panel], scale.unit,
            1.1 * breakdown->largest[panel] * scale.factor, breakdown->n_columns - 0.4);
    for (int r = 0; r < breakdown->n_columns; r++) {
        fputs(r > 0 ? ", " : "", script);
        script_text(script, breakdown->columns[r].label);
        fprintf(script, " %d", r);
    }
    fprintf(script, ") noenhanced font ',11'%s\n",
            breakdown->n_columns > 1 ? " rotate by 35 right" : "");
    write_shares(script, breakdown, panel, &scale);
    fprintf(script,
            "plot $panel%d using 1:2:($1-0.38):($1+0.38):2:3:(int(hex(strcol(4)))) with "
            "boxxyerror fs solid border rgb '#ffffff' lc rgb variable notitle\n"
            "unset label\n",
            panel);
}

/* Colours and names, as they lie on each other. */
static void write_names(FILE *script, const struct breakdown *breakdown,
                        const struct plot_frame *frame, double left) {
    for (int p = 0; p < breakdown->n_parts; p++) {
        double y = frame->bottom + 24.0 * p + 10;
        fprintf(script,
                "set object %d rectangle from screen %g,%g to screen %g,%g fc rgb '%s' fs solid "
                "noborder\nset label ",
                p + 1, left / frame->width, y / frame->height, (left + 14) / frame->width,
                (y + 14) / frame->height, plot_colours[p]);
        script_text(script, breakdown->parts[p].name);
        fprintf(script, " at screen %g,%g left noenhanced font ',12'\n", (left + 22) / frame->width,
                (y + 7) / frame->height);
    }
}

enum status plot_breakdown(struct store *store, const struct plot_request *request,
                           struct arena *arena, struct diagnostic *diag) {
    struct breakdown breakdown = {0};
    char *text = NULL, subtitle[PLOT_LABEL];
    size_t size = 0;
    TRY(read_breakdown(store, request, arena, &breakdown, diag));
    int panel = 120 + 74 * (breakdown.n_columns > 2 ? breakdown.n_columns : 2);
    const struct plot_frame frame = {.width = 2 * panel + 220,
                                     .height = breakdown.n_columns > 1 ? 570 : 510,
                                     .left = 70,
                                     .right = 0,
                                     .top = 66,
                                     .bottom = breakdown.n_columns > 1 ? 110 : 50};
    FILE *script = open_memstream(&text, &size);
    if (script == NULL)
        return FAIL_MEMORY(diag, "a plot");
    if (request->n_runs == 1)
        snprintf(subtitle, sizeof subtitle, "run %lld", (long long)request->runs[0]);
    else
        snprintf(subtitle, sizeof subtitle, "%d runs; figures above columns are totals",
                 request->n_runs);
    script_begin(script, &frame,
                 request->title != NULL ? request->title : "Where area and energy go", subtitle);
    fputs("set grid noxtics\nhex(text) = int(('0x'.text) + 0)\n", script);
    write_names(script, &breakdown, &frame, 2 * panel + 20);
    fputs("set multiplot\n", script);
    write_panel(script, &breakdown, 0, &frame, 76, panel - 10);
    fputs("unset object\n", script);
    write_panel(script, &breakdown, 1, &frame, panel + 76, 2 * panel - 10);
    fputs("unset multiplot\n", script);
    return script_draw(script, &text, &frame, request->output, diag);
}
