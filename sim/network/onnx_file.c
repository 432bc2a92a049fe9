#include "sim/network/onnx_file.h"

#include <stdint.h>
#include <xxhash.h>

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

enum status onnx_read(const char *path, struct arena *arena, struct onnx_file *file,
                      struct diagnostic *diag) {
    char *data;
    TRY(file_read(path, arena, &data, &file->bytes, diag));
    if (file->bytes == 0)
        return FAIL(diag, STATUS_USAGE, "%s: the file is empty: give an ONNX model", path);
    if (file->bytes > INT32_MAX)
        return FAIL(diag, STATUS_USAGE, "%s: the file is larger than protobuf's limit of 2 GiB",
                    path);
    hash_content(data, file->bytes, file->content_hash);
    struct budget budget = {.arena = arena, .left = ((size_t)64 << 20) + 4 * file->bytes};
    ProtobufCAllocator allocator = {budget_alloc, budget_free, &budget};
    file->model = onnx__model_proto__unpack(&allocator, file->bytes, (const uint8_t *)data);
    if (file->model == NULL)
        return FAIL(diag, STATUS_USAGE,
                    "%s: not an ONNX model, or a truncated or damaged one: copy or export it again",
                    path);
    if (file->model->graph == NULL || file->model->graph->n_node == 0)
        return FAIL(diag, STATUS_USAGE,
                    "%s: the model holds no graph: it is no ONNX model, or a truncated one; copy "
                    "or export it again",
                    path);
    return STATUS_OK;
}
