/* What `mho report` shows, from the stored runs alone. */
#ifndef MHO_CLI_REPORT_VIEW_H
#define MHO_CLI_REPORT_VIEW_H

#include "results/store_read.h"
#include "sim/screen/screen.h"

/* The levels of a chip, outermost first, as the table `component` names them. */
enum { REPORT_LEVELS = 4 };
extern const char *const report_levels[REPORT_LEVELS];

/* Sums of rows of the table `component`. */
struct report_sum {
    double count, actions, area_m2, energy_j, power_peak_w, leakage_w;
};

/* One component over all layers. */
struct report_part {
    int level; /* index into report_levels */
    const char *name, *model, *source;
    struct report_sum sum;
    double weight; /* its shares of area and energy, added: the order in its level */
};

/* Where area and energy of a run go: parts by level, then by weight. */
struct report_tree {
    struct report_part *parts;
    int n_parts;
    struct report_sum level[REPORT_LEVELS]; /* with all that lies inside: level 0 is the total */
};

/* `run` must outlive the tree; of a run without components the tree is empty. */
enum status report_tree_make(const struct store_run *run, struct arena *arena,
                             struct report_tree *tree, struct diagnostic *diag);

/* Figures that say at once what a run is; a run need not have all of them. */
struct report_figure {
    const char *metric, *label;
};
extern const struct report_figure report_figures[];
extern const int n_report_figures;

/* A metric of a scope, or NULL. */
const struct store_metric *report_metric(const struct store_run *run, const char *scope,
                                         const char *name);

/* A run's metric behind one of report_figures; NULL: it has none, simulated no images, or has no
 * trials that could differ from their mean. */
const struct store_metric *report_headline(const struct store_run *run, int figure);

/* "1.18 mm2", "96 %", "139.5 GOPS/W"; returns `buffer`. */
char *report_value(const struct store_metric *metric, char *buffer, size_t size);

/* "2026-11-25 09:40", local time; returns `buffer`. */
char *report_time(double unix_s, char *buffer, size_t size);

struct report_request {
    int64_t run_id;
    const char *database;
    bool layers;
};

/* Which run it is, and with which parameters. */
enum status report_title(const struct store_run *run, const struct report_request *request,
                         const struct screen *screen, struct diagnostic *diag);
enum status report_screen(const struct store_run *run, const struct report_request *request,
                          const struct screen *screen, struct diagnostic *diag);
/* The tree of each layer. */
enum status report_layers(const struct store_run *run, const struct report_tree *tree,
                          const struct screen *screen, struct diagnostic *diag);
/* The band over all models of converters; nothing where none was asked for. */
enum status report_models(const struct store_run *run, const struct screen *screen,
                          struct diagnostic *diag);
enum status report_json(const struct store_run *run, const struct report_request *request,
                        FILE *out, struct diagnostic *diag);

/* What the weights take in each format of storage (pruning/storage.h). */
enum status report_storage_screen(const struct store_run *run, const struct report_request *request,
                                  const struct screen *screen, struct diagnostic *diag);
enum status report_storage_json(const struct store_run *run, const struct report_request *request,
                                FILE *out, struct diagnostic *diag);

/* Two runs side by side: what differs, and ratios of the second over the first. */
struct report_pair {
    int64_t id[2];
    struct store_run run[2];
    bool layers;
};
enum status report_compare_screen(const struct report_pair *pair, const struct screen *screen,
                                  struct diagnostic *diag);
enum status report_compare_json(const struct report_pair *pair, FILE *out, struct diagnostic *diag);

enum status report_list_screen(const struct store_summary *runs, int n, int64_t total,
                               const char *database, const struct screen *screen,
                               struct diagnostic *diag);
enum status report_list_json(const struct store_summary *runs, int n, FILE *out,
                             struct diagnostic *diag);

#endif
