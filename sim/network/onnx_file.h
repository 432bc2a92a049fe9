/* ONNX files as protobuf messages. */
#ifndef MHO_NETWORK_ONNX_FILE_H
#define MHO_NETWORK_ONNX_FILE_H

#include "onnx.pb-c.h"
#include "sim/base/base.h"

struct onnx_file {
    Onnx__ModelProto *model; /* with a graph of at least one node */
    size_t bytes;
    char content_hash[33]; /* XXH3-128 */
};

/* Reads and unpacks a model into `arena`. What mho's subset of the schema does not know is kept as
 * protobuf-c keeps unknown fields, so that packing the message again loses nothing. */
enum status onnx_read(const char *path, struct arena *arena, struct onnx_file *file,
                      struct diagnostic *diag);

#endif
