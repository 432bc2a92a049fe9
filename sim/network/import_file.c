#include <string.h>

#include "sim/network/dequantise.h"
#include "sim/network/import.h"
#include "sim/network/onnx_file.h"

/* Version of the default operator set; other domains are refused where a node uses them. */
static enum status read_opset(struct importer *importer, const Onnx__ModelProto *model) {
    enum { OPSET_MIN = 7, OPSET_MAX = 21 };
    for (size_t i = 0; i < model->n_opset_import; i++) {
        const char *domain = model->opset_import[i]->domain;
        if (domain[0] == '\0' || strcmp(domain, "ai.onnx") == 0)
            importer->opset = model->opset_import[i]->version;
    }
    if (importer->opset < OPSET_MIN || importer->opset > OPSET_MAX)
        return IMPORT_FAIL(importer,
                           "ONNX operator set %lld is not one of %d..%d: export with opset 17",
                           (long long)importer->opset, OPSET_MIN, OPSET_MAX);
    return STATUS_OK;
}

enum status import_read(struct importer *importer) {
    struct onnx_file file;
    TRY(onnx_read(importer->path, &importer->scratch, &file, importer->diag));
    memcpy(importer->network->content_hash, file.content_hash, sizeof file.content_hash);
    importer->file_bytes = file.bytes;
    importer->memory_limit = ((size_t)128 << 20) + 16 * file.bytes;
    if (importer->as == NETWORK_AS_FLOAT)
        TRY(onnx_dequantise(file.model->graph, &importer->scratch, importer->diag));
    importer->proto = file.model->graph;
    return read_opset(importer, file.model);
}
