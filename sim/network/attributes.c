#include <stdio.h>
#include <string.h>

#include "sim/network/import.h"

/* AttributeProto.AttributeType; 0 in files that leave it out. */
enum attribute_type {
    ATTRIBUTE_NONE = 0,
    ATTRIBUTE_FLOAT = 1,
    ATTRIBUTE_INT = 2,
    ATTRIBUTE_STRING = 3,
    ATTRIBUTE_INTS = 7
};

const Onnx__AttributeProto *attribute_find(const struct importer *importer, const char *name) {
    const Onnx__NodeProto *proto = importer->current->proto;
    for (size_t i = 0; i < proto->n_attribute; i++)
        if (strcmp(proto->attribute[i]->name, name) == 0)
            return proto->attribute[i];
    return NULL;
}

/* The attribute, or NULL in `found` when the node has none of that name. */
static enum status find_typed(const struct importer *importer, const char *name,
                              enum attribute_type type, const Onnx__AttributeProto **found) {
    *found = attribute_find(importer, name);
    if (*found != NULL && (*found)->type != ATTRIBUTE_NONE && (*found)->type != (int32_t)type)
        return IMPORT_FAIL(importer, "attribute '%s' has the wrong type: export the model again",
                           name);
    return STATUS_OK;
}

enum status attribute_int(const struct importer *importer, const char *name, int64_t fallback,
                          int64_t *value) {
    const Onnx__AttributeProto *found;
    TRY(find_typed(importer, name, ATTRIBUTE_INT, &found));
    *value = found == NULL ? fallback : found->i;
    return STATUS_OK;
}

enum status attribute_float(const struct importer *importer, const char *name, float fallback,
                            float *value) {
    const Onnx__AttributeProto *found;
    TRY(find_typed(importer, name, ATTRIBUTE_FLOAT, &found));
    *value = found == NULL ? fallback : found->f;
    return STATUS_OK;
}

enum status attribute_string(const struct importer *importer, const char *name, char buffer[32]) {
    const Onnx__AttributeProto *found;
    TRY(find_typed(importer, name, ATTRIBUTE_STRING, &found));
    size_t length = found == NULL ? 0 : found->s.len;
    if (length > 31)
        length = 31;
    if (length > 0)
        memcpy(buffer, found->s.data, length);
    buffer[length] = '\0';
    for (char *c = buffer; *c != '\0'; c++)
        if ((unsigned char)*c < ' ')
            *c = '?';
    return STATUS_OK;
}

enum status attribute_ints(const struct importer *importer, const char *name,
                           const int64_t **values, size_t *n) {
    const Onnx__AttributeProto *found;
    TRY(find_typed(importer, name, ATTRIBUTE_INTS, &found));
    *values = found == NULL ? NULL : found->ints;
    *n = found == NULL ? 0 : found->n_ints;
    return STATUS_OK;
}

enum status attribute_or_input(struct importer *importer, const char *name, int index,
                               const int64_t **values, size_t *n) {
    if (!input_present(importer, index))
        return attribute_ints(importer, name, values, n);
    struct constant *constant;
    TRY(input_constant(importer, index, &constant));
    if (constant->element != ELEMENT_INT64 || constant->shape.rank > 1)
        return IMPORT_FAIL(importer, "input %d (%s) is not a list of int64: export the model again",
                           index, name);
    *values = constant->data;
    *n = constant->count;
    return STATUS_OK;
}
