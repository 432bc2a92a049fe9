/* Matrix layers: quantised convolutions and products, in ideal integers or on crossbars.
 *
 * Order of calls: matrix_executor_create once for a layer, then matrix_executor_run any number of
 * times, from several threads at once with a workspace each. The executor is immutable after
 * creation and lives in the arena given. */
#ifndef MHO_ENGINE_MATRIX_H
#define MHO_ENGINE_MATRIX_H

#include <stddef.h>
#include <stdint.h>

#include "crossbar/simd.h"
#include "mapping/mapping.h"
#include "sim/base/base.h"
#include "sim/engine/engine.h"
#include "sim/network/network.h"

struct matrix_executor; /* opaque */

/* `mapped` NULL: ideal integers. `how` says how the layer is computed on crossbars, and its `path`
 * is filled in; NULL: ideal. `level`: of all kernels. The layer and its mapping must outlive the
 * executor. */
enum status matrix_executor_create(const struct matrix_layer *layer,
                                   const struct mapped_layer *mapped, struct engine_layer *how,
                                   enum simd_level level, struct arena *arena,
                                   struct matrix_executor **out, struct diagnostic *diag);

/* Bytes of workspace, aligned to 64, that a run over `images` images needs. */
size_t matrix_executor_workspace(const struct matrix_executor *executor, int images);

/* x (readable for 16 bytes more): [images][in_height][in_width][in_channels]; a fully connected
 * layer: [images][in_width] [in_channels]. y: [images][out_height][out_width][out_channels],
 * uint8_t where the layer's output is quantised, else float. `first_image`: number of the first
 * image, by which the noise of reads is drawn. `activity` NULL: not measured; else added to. */
void matrix_executor_run(const struct matrix_executor *executor, uint64_t first_image, int images,
                         const uint8_t *x, void *y, void *workspace,
                         struct layer_activity *activity);

#endif
