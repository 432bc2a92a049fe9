/* Progress: one line on a terminal's stderr that is redrawn and removed. */
#ifndef MHO_SCREEN_PROGRESS_H
#define MHO_SCREEN_PROGRESS_H

#include "sim/run/run.h"
#include "sim/screen/screen.h"

struct progress {
    struct screen screen;
    bool enabled; /* a terminal, and not asked to be quiet */
    bool drawn;   /* a line is on the screen */
    enum run_stage stage;
    double stage_start_s, last_drawn_s;
};

void progress_begin(struct progress *progress, FILE *out, bool quiet);

/* Fits run_progress with the struct as context; draws at most ten times a second. */
void progress_update(void *progress, const struct run_step *step);

/* Removes the line. */
void progress_end(struct progress *progress);

#endif
