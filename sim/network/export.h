/* Export: an ONNX file again, with the weights and biases of a changed network in the place of its
 * own, and everything else as it was.
 *
 * Order of calls: export_open (the file that the network was imported from, taken the same way),
 * export_layers, then reads and export_write, export_close. Operators keep their kinds and names,
 * tensors their names. A bias or normalisation after a layer that the import folded in becomes an
 * Identity (after a MatMul: the addition of the bias); a Gemm's alpha and beta become 1. Weights
 * and biases that were shared, computed or absent get initializers of their own, named after the
 * tensor that the layer read ("NAME_bias" for an absent bias). What nothing reads any more goes. */
#ifndef MHO_NETWORK_EXPORT_H
#define MHO_NETWORK_EXPORT_H

#include "sim/network/network.h"

struct export; /* opaque */

enum status export_open(const char *path, enum network_as as, struct export **file,
                        struct diagnostic *diag);
void export_close(struct export *file);

/* Puts in the weights and biases of all linear layers of a float network. */
enum status export_layers(struct export *file, const struct network *network,
                          struct diagnostic *diag);

/* What a layer's weights are called in the file (as long as it is open), their shape, and whether
 * they are [rows][out_channels] instead of [out_channels][rows]. After export_layers: the
 * initializer that holds them. */
struct export_weights {
    const char *name;
    int rank;
    size_t shape[NETWORK_MAX_RANK];
    bool transposed;
};
struct export_weights export_weights_of(const struct export *file, const struct network *network,
                                        int layer);

/* Writes the model, atomically. */
enum status export_write(const struct export *file, const char *path, struct diagnostic *diag);

#endif
