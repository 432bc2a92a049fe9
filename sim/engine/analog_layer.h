/* Imperfect cells and converters of one layer, as its arrays need them. Private to engine/.
 *
 * Order of calls: analog_layer_make once, then analog_layer_equip for every row block that is
 * programmed. */
#ifndef MHO_ENGINE_ANALOG_LAYER_H
#define MHO_ENGINE_ANALOG_LAYER_H

#include "crossbar/analog.h"
#include "sim/engine/engine.h"

struct analog_layer {
    const struct engine_analog *analog;
    const struct mapped_layer *mapped;
    int bits;
    double lsb, low;         /* of the ideal converter, in units of S: code 0 stands for low */
    const double *midpoints; /* [2^bits - 1] between uneven levels, in S; NULL: even */
    struct analog_codes codes;
    struct adc_transfer transfer; /* its scale: what the summed codes are multiplied by */
};

/* How the layer's converters turn sums into codes, from `how`. */
enum status analog_layer_make(const struct mapped_layer *mapped, const struct engine_layer *how,
                              struct arena *arena, struct analog_layer *layer,
                              struct diagnostic *diag);

/* Fills what belongs to devices, converters and streams in `spec`, whose first array has number
 * `first_array` in the mapping's order. `part`: number of the block among those of its arrays,
 * which share their converters and have cells of their own. */
enum status analog_layer_equip(const struct analog_layer *layer, int first_array, int part,
                               struct arena *arena, struct analog_spec *spec,
                               struct diagnostic *diag);

#endif
