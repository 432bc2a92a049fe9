/* Progress on a terminal. */
#include "sim/cli/progress.h"

#include <time.h>

enum { BAR_COLUMNS = 32 };

static const char *const stage_labels[RUN_STAGES] = {
    [RUN_IMPORT] = "reading",
    [RUN_CALIBRATE] = "calibrating",
    [RUN_MAP] = "mapping",
    [RUN_FIT] = "ADC ranges",
    [RUN_FLOAT] = "float accuracy",
    [RUN_IDEAL] = "ideal accuracy",
    [RUN_SIMULATE] = "crossbars",
    [RUN_COST] = "cost",
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

static void draw(struct progress *progress, int done, int total, double elapsed_s) {
    const struct screen *screen = &progress->screen;
    int filled = (int)((long)BAR_COLUMNS * done / total);
    fprintf(screen->out, "\r\033[K%-14s %s", stage_labels[progress->stage],
            screen_style(screen, STYLE_BAR));
    for (int i = 0; i < BAR_COLUMNS; i++)
        fputs(i < filled ? (screen->utf8 ? "━" : "#") : (screen->utf8 ? "┈" : "."), screen->out);
    fprintf(screen->out, "%s %d of %d images, %.1f s", screen_reset(screen), done, total,
            elapsed_s);
    if (done > 0 && done < total)
        fprintf(screen->out, ", %.0f s left", elapsed_s * (total - done) / done);
    fflush(screen->out);
    progress->drawn = true;
}

void progress_update(void *context, enum run_stage stage, int done, int total) {
    struct progress *progress = context;
    if (!progress->enabled || total <= 0)
        return;
    double now = now_s();
    if (stage != progress->stage) {
        progress->stage = stage;
        progress->stage_start_s = now;
        progress->last_drawn_s = 0;
    }
    if (now - progress->last_drawn_s < 0.1)
        return;
    progress->last_drawn_s = now;
    draw(progress, done, total, now - progress->stage_start_s);
}

void progress_end(struct progress *progress) {
    if (progress->drawn) {
        fputs("\r\033[K", progress->screen.out);
        fflush(progress->screen.out);
    }
    progress->drawn = false;
}
