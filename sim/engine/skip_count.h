/* Zero-skip: how many digits the word lines that are read together need. Private to engine/.
 *
 * Order of calls: skip_count_make once for a layer, then skip_count_image any number of times, from
 * several threads at once with a workspace each. The plan is immutable and lives in its arena. */
#ifndef MHO_ENGINE_SKIP_COUNT_H
#define MHO_ENGINE_SKIP_COUNT_H

#include <stddef.h>
#include <stdint.h>

#include "mapping/mapping.h"
#include "sim/engine/engine.h"

struct skip_count; /* opaque */

enum status skip_count_make(const struct mapped_layer *mapped, struct arena *arena,
                            struct skip_count **plan, struct diagnostic *diag);

/* Bytes of workspace, a multiple of 64. */
size_t skip_count_workspace(const struct skip_count *plan);

/* Adds one image x [in_height][in_width][in_channels] to activity->positions, reads and needed. */
void skip_count_image(const struct skip_count *plan, const uint8_t *x, void *workspace,
                      struct layer_activity *activity);

#endif
