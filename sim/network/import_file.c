#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "sim/network/dequantise.h"
#include "sim/network/import.h"

/* Memory of one unpacking: the arena, and how much more the file may take. */
struct budget {
    struct arena *arena;
    size_t left;
};

/* protobuf-c's allocator over the arena. The budget stops a small file of countless empty messages
 * from filling the memory. */
static void *budget_alloc(void *context, size_t size) {
    struct budget *budget = context;
    if (size > budget->left)
        return NULL;
    budget->left -= size;
    return arena_alloc(budget->arena, 1, size);
}

static void budget_free(void *context, void *pointer) {
    (void)context;
    (void)pointer;
}

static void hash_content(const char *data, size_t bytes, char hex[33]) {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(data, bytes));
    for (size_t i = 0; i < sizeof canonical.digest; i++) {
        hex[2 * i] = "0123456789abcdef"[canonical.digest[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[canonical.digest[i] & 15];
    }
    hex[32] = '\0';
}

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
    char *data;
    size_t bytes;
    TRY(file_read(importer->path, &importer->scratch, &data, &bytes, importer->diag));
    if (bytes == 0)
        return IMPORT_FAIL(importer, "the file is empty: give an ONNX model");
    if (bytes > INT32_MAX)
        return IMPORT_FAIL(importer, "the file is larger than protobuf's limit of 2 GiB");
    hash_content(data, bytes, importer->network->content_hash);
    importer->file_bytes = bytes;
    importer->memory_limit = ((size_t)128 << 20) + 16 * bytes;
    struct budget budget = {.arena = &importer->scratch, .left = ((size_t)64 << 20) + 4 * bytes};
    ProtobufCAllocator allocator = {budget_alloc, budget_free, &budget};
    const Onnx__ModelProto *model =
        onnx__model_proto__unpack(&allocator, bytes, (const uint8_t *)data);
    if (model == NULL)
        return IMPORT_FAIL(importer, "not an ONNX model, or a truncated or damaged one: copy or "
                                     "export it again");
    if (model->graph == NULL || model->graph->n_node == 0)
        return IMPORT_FAIL(importer, "the model holds no graph: it is no ONNX model, or a "
                                     "truncated one; copy or export it again");
    if (importer->as == NETWORK_AS_FLOAT)
        TRY(onnx_dequantise(model->graph, &importer->scratch, importer->diag));
    importer->proto = model->graph;
    return read_opset(importer, model);
}
