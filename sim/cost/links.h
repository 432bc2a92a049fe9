/* Links: what leaves and enters chips, or the passes that one chip makes of a network. Private to
 * sim/cost. */
#ifndef MHO_COST_LINKS_H
#define MHO_COST_LINKS_H

#include "sim/cost/moves.h"

/* Of one image. Between chips a map is sent to every tile that reads it, out of one link and into
 * another. Between passes it is stored in memory off the chip once and loaded once by each pass
 * that reads it; what a layer that is larger than a chip has summed up in one pass is stored, and
 * loaded by the next. */
struct links {
    double *out_bits, *in_bits; /* [plan->chips] of each chip or pass, image and result included */
    double map_bits;            /* of maps, once for each link that they pass */
    double *crossing_bits; /* [moves->n] of one position, the most that one link of its way takes: 0
                              where it stays in its chip; passes: those of one position */
    bool *crosses;         /* [moves->n] whether the map leaves its chip or pass */
};

/* `image_bits` and `result_bits` come into and leave the chip; sums of columns have `sum_bits`.
 * Lists in `arena`. */
enum status links_count(const struct moves *moves, const struct mapping *mapping,
                        const struct floorplan *plan, double image_bits, double result_bits,
                        int sum_bits, struct arena *arena, struct links *links,
                        struct diagnostic *diag);

#endif
