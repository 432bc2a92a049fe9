/* Progress on a terminal. */
#include "sim/screen/progress.h"

#include <time.h>

/* The bar takes what the terminal leaves beside LABEL_COLUMNS of text, up to BAR_COLUMNS. */
enum { BAR_COLUMNS = 32, LABEL_COLUMNS = 15, TEXT = 64 };

static const char *const stage_labels[RUN_STAGES] = {
    [RUN_IMPORT] = "reading",       [RUN_PRUNE] = "pruning",      [RUN_CALIBRATE] = "calibrating",
    [RUN_MAP] = "mapping",          [RUN_FIT] = "ADC ranges",     [RUN_FLOAT] = "float accuracy",
    [RUN_IDEAL] = "ideal accuracy", [RUN_SIMULATE] = "crossbars", [RUN_COST] = "cost",
};

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void progress_begin(struct progress *progress, FILE *out, bool quiet) {
    *progress = (struct progress){.screen = screen_of(out), .stage = RUN_STAGES};
    progress->enabled = progress->screen.terminal && !quiet;
}

static void draw(struct progress *progress, const struct run_step *step, double elapsed_s) {
    const struct screen *screen = &progress->screen;
    int done = step->done, total = step->total;
    char label[TEXT], text[TEXT];
    const char *what = step->stage == RUN_PRUNE ? "layers" : "images";
    int used = snprintf(text, sizeof text, " %d of %d %s, %.1f s", done, total, what, elapsed_s);
    if (done > 0 && done < total)
        snprintf(text + used, sizeof text - (size_t)used, ", %.0f s left",
                 elapsed_s * (total - done) / done);
    int columns = screen->width - LABEL_COLUMNS - text_width(text) - 1;
    columns = columns < 0 ? 0 : columns > BAR_COLUMNS ? BAR_COLUMNS : columns;
    int filled = (int)((long)columns * done / total);
    snprintf(label, sizeof label, "%s", stage_labels[step->stage]);
    if (step->trials > 1)
        snprintf(label, sizeof label, "trial %d of %d", step->trial + 1, step->trials);
    fprintf(screen->out, "\r\033[K%-14s %s", label, screen_style(screen, STYLE_BAR));
    for (int i = 0; i < columns; i++)
        fputs(i < filled ? (screen->utf8 ? "━" : "#") : (screen->utf8 ? "┈" : "."), screen->out);
    fprintf(screen->out, "%s%s", screen_reset(screen), text);
    fflush(screen->out);
    progress->drawn = true;
}

void progress_update(void *context, const struct run_step *step) {
    struct progress *progress = context;
    if (!progress->enabled || step->total <= 0)
        return;
    double now = now_s();
    if (step->stage != progress->stage) {
        progress->stage = step->stage;
        progress->stage_start_s = now;
        progress->last_drawn_s = 0;
    }
    if (now - progress->last_drawn_s < 0.1)
        return;
    progress->last_drawn_s = now;
    draw(progress, step, now - progress->stage_start_s);
}

void progress_end(struct progress *progress) {
    if (progress->drawn) {
        fputs("\r\033[K", progress->screen.out);
        fflush(progress->screen.out);
    }
    progress->drawn = false;
}
