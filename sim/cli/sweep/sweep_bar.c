/* Progress of a sweep: points, rate and time left. */
#include <math.h>

#include "sim/cli/sweep/sweep_view.h"

enum { BAR_COLUMNS = 32, LABEL_COLUMNS = 9, TEXT = 128 };

void sweep_bar_begin(struct sweep_bar *bar, FILE *out, bool quiet, const char *what) {
    *bar = (struct sweep_bar){.screen = screen_of(out), .last_drawn_s = -1, .what = what};
    bar->enabled = bar->screen.terminal && !quiet;
}

char *sweep_duration(double seconds, char *text, size_t size) {
    if (seconds < 10)
        snprintf(text, size, "%.2g s", seconds);
    else if (seconds < 100)
        snprintf(text, size, "%.0f s", seconds);
    else if (seconds < 100 * 60)
        snprintf(text, size, "%.0f min", seconds / 60);
    else
        snprintf(text, size, "%.1f h", seconds / 3600);
    return text;
}

void sweep_bar_update(void *context, const struct sweep_progress *progress) {
    struct sweep_bar *bar = context;
    const struct screen *screen = &bar->screen;
    char text[TEXT], time[TEXT / 4];
    long total = progress->total, now = progress->finished - progress->before;
    if (!bar->enabled || total <= 0 || progress->elapsed_s - bar->last_drawn_s < 0.1)
        return;
    bar->last_drawn_s = progress->elapsed_s;
    int used = snprintf(text, sizeof text, " %ld of %ld", progress->finished, total);
    if (now > 0 && progress->elapsed_s > 0)
        used += snprintf(text + used, sizeof text - (size_t)used, ", %.3g/s",
                         (double)now / progress->elapsed_s);
    if (isfinite(progress->left_s)) {
        used += snprintf(text + used, sizeof text - (size_t)used, ", %s left",
                         sweep_duration(progress->left_s, time, sizeof time));
    }
    if (progress->failed > 0)
        snprintf(text + used, sizeof text - (size_t)used, ", %ld failed", progress->failed);
    int columns = screen->width - LABEL_COLUMNS - text_width(text) - 1;
    columns = columns < 0 ? 0 : columns > BAR_COLUMNS ? BAR_COLUMNS : columns;
    long filled = columns * progress->finished / total;
    fprintf(screen->out, "\r\033[K%-8s %s", bar->what, screen_style(screen, STYLE_BAR));
    for (int i = 0; i < columns; i++)
        fputs(i < filled ? (screen->utf8 ? "━" : "#") : (screen->utf8 ? "┈" : "."), screen->out);
    fprintf(screen->out, "%s%s", screen_reset(screen), text);
    fflush(screen->out);
    bar->drawn = true;
}

void sweep_bar_end(struct sweep_bar *bar) {
    if (bar->drawn) {
        fputs("\r\033[K", bar->screen.out);
        fflush(bar->screen.out);
    }
    bar->drawn = false;
}
