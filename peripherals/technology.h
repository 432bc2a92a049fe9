/* Technology: supplies, wires and clock by node, and the rule that takes a figure from one node to
 * another. Data of configs/technology; docs/components.md has the format. */
#ifndef MHO_PERIPHERALS_TECHNOLOGY_H
#define MHO_PERIPHERALS_TECHNOLOGY_H

#include <stdbool.h>

#include "sim/base/base.h"

enum { TECHNOLOGY_NODES_MAX = 32 };

/* What the rule scales. */
enum technology_figure {
    TECHNOLOGY_AREA,
    TECHNOLOGY_ENERGY,
    TECHNOLOGY_LEAKAGE,
    TECHNOLOGY_TIME,
    TECHNOLOGY_FIGURES
};

struct technology_node {
    double node_m, supply_v;
};

struct technology {
    const char *name, *source;
    char content_hash[33];   /* XXH3-128 of the file */
    double wire_farad_per_m; /* of any on-chip wire */
    double clock_hz, clock_node_m;
    double node_exponent[TECHNOLOGY_FIGURES], supply_exponent[TECHNOLOGY_FIGURES];
    struct technology_node nodes[TECHNOLOGY_NODES_MAX]; /* rising */
    int n_nodes;                                        /* >= 2 */
    bool scales; /* true when loaded; false: figures stay as they are at their own node */
    struct arena arena;
};

/* Loads configs/technology/NAME.yaml, or a file given by its path. */
enum status technology_load(const char *name, struct technology *technology,
                            struct diagnostic *diag);
void technology_free(struct technology *technology);

/* Refuses nodes outside the technology's; `what` says whose it is ("chip.node"). */
enum status technology_check(const struct technology *technology, double node_m, const char *what,
                             struct diagnostic *diag);

/* Supply voltage of a node within the range, interpolated over log(node). */
double technology_supply(const struct technology *technology, double node_m);

/* Factor of a figure from one node to another, both within the range: 1 when they are equal, and
 * when the technology does not scale. */
double technology_scale(const struct technology *technology, enum technology_figure figure,
                        double from_m, double to_m);

/* Clock of digital parts at a node; that of clock_node when the technology does not scale. */
double technology_clock(const struct technology *technology, double node_m);

#endif
