/* Parts of gnuplot scripts. */
#include "sim/screen/gnuplot.h"

#include <math.h>
#include <stdlib.h>

#include "sim/plot/plot_internal.h"

/* Okabe and Ito (2008), without black and with a yellow that is seen on white. */
const char *const plot_colours[PLOT_COLOURS] = {"#0072B2", "#E69F00", "#009E73", "#CC79A7",
                                                "#56B4E9", "#D55E00", "#8A6D00", "#777777"};
const int plot_marks[PLOT_COLOURS] = {7, 5, 9, 11, 13, 4, 6, 8};

void script_text(FILE *script, const char *text) {
    fputc('\'', script);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputc('\'', script);
        fputc((unsigned char)*text < ' ' ? ' ' : *text, script);
    }
    fputc('\'', script);
}

void script_begin(FILE *script, const struct plot_frame *frame, const char *title,
                  const char *subtitle) {
    fputs("set encoding utf8\n", script);
    fprintf(script,
            "set lmargin at screen %g\nset rmargin at screen %g\nset tmargin at screen %g\n"
            "set bmargin at screen %g\n",
            (double)frame->left / frame->width, 1 - (double)frame->right / frame->width,
            1 - (double)frame->top / frame->height, (double)frame->bottom / frame->height);
    fputs("unset key\nset border 3 lc rgb '#444444'\nset xtics nomirror\nset ytics nomirror\n"
          "set tics textcolor rgb '#222222'\nset grid lt 1 lc rgb '#e2e2e2' lw 0.7\n",
          script);
    fprintf(script, "set label 1001 ");
    script_text(script, title);
    fprintf(script, " at screen 0.02,%g left noenhanced font ',15' front\n",
            1 - 22.0 / frame->height);
    if (subtitle == NULL || subtitle[0] == '\0')
        return;
    fprintf(script, "set label 1002 ");
    script_text(script, subtitle);
    fprintf(script, " at screen 0.02,%g left noenhanced font ',11' textcolor rgb '#666666' front\n",
            1 - 42.0 / frame->height);
}

struct plot_axis axis_for(const double *values, int n, double room, double decades_from,
                          bool from_zero) {
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < n; i++) {
        if (!isfinite(values[i]))
            continue;
        low = fmin(low, values[i]);
        high = fmax(high, values[i]);
    }
    if (low > high)
        return (struct plot_axis){.low = 0, .high = 1};
    if (low > 0 && high > decades_from * low) {
        double factor = pow(high / low, room);
        return (struct plot_axis){.low = low / factor, .high = high * factor, .log = true};
    }
    double margin = high > low ? room * (high - low) : fmax(fabs(high), 1) * 0.1;
    double ground = from_zero && low >= 0 && low < 0.5 * high ? 0 : low - margin;
    return (struct plot_axis){.low = ground, .high = high + margin};
}

double axis_place(const struct plot_axis *axis, double value) {
    if (axis->log)
        return log(value / axis->low) / log(axis->high / axis->low);
    return (value - axis->low) / (axis->high - axis->low);
}

void script_axis(FILE *script, char name, const struct plot_axis *axis, const char *label) {
    fprintf(script, "set %clabel ", name);
    script_text(script, label);
    fprintf(script, " noenhanced\nset %crange [%.9g:%.9g]\n", name, axis->low, axis->high);
    if (axis->log)
        fprintf(script, "set logscale %c\n", name);
    /* Decades alone are few marks for one or two of them. */
    if (axis->log && axis->high < 1000 * axis->low)
        fprintf(script, "set %ctics add (", name);
    else
        return;
    const char *separator = "";
    for (double decade = pow(10, floor(log10(axis->low))); decade <= axis->high; decade *= 10)
        for (int digit = 1; digit <= 5; digit += digit == 2 ? 3 : 1) {
            double value = digit * decade;
            if (value < axis->low || value > axis->high)
                continue;
            fprintf(script, "%s'%g' %.9g", separator, value, value);
            separator = ", ";
        }
    fputs(")\n", script);
}

enum status places_make(const struct plot_value *values, int n, struct arena *arena,
                        struct plot_places *places, struct diagnostic *diag) {
    bool words = false;
    *places = (struct plot_places){.values = values, .n = n, .at = ARENA_NEW(arena, n, double)};
    if (places->at == NULL)
        return FAIL_MEMORY(diag, "a plot");
    for (int i = 0; i < n; i++)
        words = words || values[i].word != NULL;
    for (int i = 0; i < n; i++)
        places->at[i] = words ? i : values[i].number;
    places->axis = axis_for(places->at, n, 0.04, INFINITY, false);
    if (words)
        places->axis = (struct plot_axis){.low = -0.3, .high = n - 0.7};
    else if (n > 2 && places->at[0] > 0 && places->at[n - 1] >= 4 * places->at[0] &&
             places->at[n - 1] / places->at[n - 2] > 1.6) {
        double factor = pow(places->at[n - 1] / places->at[0], 0.04);
        places->axis = (struct plot_axis){
            .low = places->at[0] / factor, .high = places->at[n - 1] * factor, .log = true};
    }
    return STATUS_OK;
}

void script_places(FILE *script, char name, const struct plot_places *places) {
    enum { MARKS = 16 };
    if (places->n > MARKS && places->values[places->n - 1].word == NULL)
        return; /* gnuplot's own */
    fprintf(script, "set %ctics (", name);
    for (int i = 0; i < places->n; i++) {
        char text[64];
        fputs(i > 0 ? ", " : "", script);
        script_text(script, plot_value_text(&places->values[i], text, sizeof text));
        fprintf(script, " %.9g", places->at[i]);
    }
    fputs(") noenhanced\n", script);
}

char *script_note(const struct plot_request *request, const char *what, char text[PLOT_SUBTITLE]) {
    int used = snprintf(text, PLOT_SUBTITLE, "%s", what);
    for (int i = 0; i < request->n_where && used < PLOT_SUBTITLE; i++)
        used += snprintf(text + used, (size_t)(PLOT_SUBTITLE - used), "%s%s",
                         i > 0         ? ", "
                         : what[0] > 0 ? "; "
                                       : "",
                         request->where[i]);
    return text;
}

enum status script_draw(FILE *script, char **text, const struct plot_frame *frame, const char *path,
                        struct diagnostic *diag) {
    enum status status = fclose(script) == 0 ? STATUS_OK : FAIL_MEMORY(diag, "a plot");
    if (status == STATUS_OK)
        status = gnuplot_draw(*text, frame->width, frame->height, path, diag);
    free(*text);
    *text = NULL;
    return status;
}
