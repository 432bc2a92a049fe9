/* The result of `mho run` for people (one screen) and for programs (one JSON object). */
#ifndef MHO_CLI_RUN_VIEW_H
#define MHO_CLI_RUN_VIEW_H

#include "results/store.h"
#include "sim/cli/cli.h"
#include "sim/run/run.h"
#include "sim/screen/screen.h"

struct run_view {
    const struct run_result *result;
    const struct store_run *records; /* [n_records], one for each trial, at least one */
    int n_records;
    const struct cli_config *source;
    bool dry_run;                        /* no image was simulated */
    const char *db_option;               /* --db as given; NULL: the default */
    const char *database;                /* NULL: nothing was stored */
    const struct store_written *written; /* [n_records], where stored */
    bool explain; /* a line for each layer on the path that its simulation took */
};

/* All parts, in this order. */
enum status run_screen(const struct run_view *view, const struct screen *screen,
                       struct diagnostic *diag);

enum status run_screen_summary(const struct run_view *view, const struct screen *screen,
                               struct diagnostic *diag);
/* A line for each kind of cells and converters, where some are not ideal. */
enum status run_screen_devices(const struct run_view *view, const struct screen *screen,
                               struct diagnostic *diag);
/* A note for each setting that was written and changes no cost of this run. */
void run_screen_idle(const struct run_view *view, const struct screen *screen);
/* What the chip makes of the mapping beyond laying it out once. */
enum status run_screen_chip(const struct run_view *view, const struct screen *screen,
                            struct diagnostic *diag);
/* Times by events beside the analytic ones, and why they differ; nothing where they were not asked
 * for. */
void run_screen_events(const struct run_view *view, const struct screen *screen);
enum status run_screen_components(const struct run_view *view, const struct screen *screen,
                                  struct diagnostic *diag);
/* What every model of converters would give, for adc.model: all. */
enum status run_screen_models(const struct run_view *view, const struct screen *screen,
                              struct diagnostic *diag);
/* This run beside its baseline. */
enum status run_screen_baseline(const struct run_view *view, const struct screen *screen,
                                struct diagnostic *diag);
enum status run_screen_layers(const struct run_view *view, const struct screen *screen,
                              struct diagnostic *diag);
/* What was simulated on which hardware, and after all the rest one change worth trying. */
void run_screen_headline(const struct run_view *view, const struct screen *screen);
void run_screen_hint(const struct run_view *view, const struct screen *screen);
void run_screen_footer(const struct run_view *view, const struct screen *screen);

/* "NAME: what is not ideal" of a layer, or the name alone. NULL on short memory. */
char *run_device_text(const struct run_device *made, struct arena *arena);

/* One JSON object with the database's names, and a newline. */
enum status run_json(const struct run_view *view, FILE *out, struct diagnostic *diag);

#endif
