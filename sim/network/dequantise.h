/* Dequantise: a QDQ model's graph as that of a float model, before it is imported.
 *
 * QuantizeLinear and DequantizeLinear of activations go; what read their results reads what they
 * read. Quantisers whose lowest code stands for 0 also do the work of a Relu that quantisation
 * tools fold into them: where the values may be negative, a Relu takes their place. (A Clip folded
 * the same way cannot be told from a range: its upper bound goes.) Weights stay behind their
 * DequantizeLinear, which the importer evaluates. */
#ifndef MHO_NETWORK_DEQUANTISE_H
#define MHO_NETWORK_DEQUANTISE_H

#include "onnx.pb-c.h"
#include "sim/base/base.h"

/* Changes the graph in place; what it adds lies in `arena`. The graph may be damaged: what does not
 * look like a quantiser of activations stays as it is. */
enum status onnx_dequantise(Onnx__GraphProto *graph, struct arena *arena, struct diagnostic *diag);

/* Drops the types and shapes that a file may state of tensors between nodes: they are optional, and
 * wrong once the graph was changed. */
void onnx_forget_types(Onnx__GraphProto *graph);

#endif
