/* NPY: magic, version, length of the header, the header (a Python dictionary), the values.
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#include "sim/network/npy.h"

#include <string.h>

/* Values are read into memory as they lie in the file. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "NPY reading needs a little-endian CPU");

enum { HEADER_LIMIT = 64 * 1024 };

/* A place in the header's text. */
struct cursor {
    const char *at;
    const char *file;
    struct diagnostic *diag;
};

static enum status malformed(const struct cursor *cursor) {
    return FAIL(cursor->diag, STATUS_USAGE, "%s: malformed NPY header", cursor->file);
}

static void skip_spaces(struct cursor *cursor) {
    cursor->at += strspn(cursor->at, " \n\t");
}

static bool accept(struct cursor *cursor, const char *token) {
    skip_spaces(cursor);
    size_t length = strlen(token);
    if (strncmp(cursor->at, token, length) != 0)
        return false;
    cursor->at += length;
    return true;
}

/* 'text' or "text", without escapes, into `text`. */
static enum status parse_string(struct cursor *cursor, char *text, size_t size) {
    skip_spaces(cursor);
    char quote = *cursor->at;
    if (quote != '\'' && quote != '"')
        return malformed(cursor);
    const char *start = cursor->at + 1, *end = strchr(start, quote);
    if (end == NULL || (size_t)(end - start) >= size)
        return malformed(cursor);
    memcpy(text, start, (size_t)(end - start));
    text[end - start] = '\0';
    cursor->at = end + 1;
    return STATUS_OK;
}

static enum status parse_size(struct cursor *cursor, uint64_t *size) {
    skip_spaces(cursor);
    if (*cursor->at < '0' || *cursor->at > '9')
        return malformed(cursor);
    *size = 0;
    for (; *cursor->at >= '0' && *cursor->at <= '9'; cursor->at++)
        if (__builtin_mul_overflow(*size, 10, size) ||
            __builtin_add_overflow(*size, (uint64_t)(*cursor->at - '0'), size))
            return malformed(cursor);
    return STATUS_OK;
}

static enum status parse_descr(struct cursor *cursor, struct array *array) {
    static const struct {
        const char *descr;
        enum element element;
    } types[] = {{"|u1", ELEMENT_U8},  {"|b1", ELEMENT_U8},  {"<i4", ELEMENT_I32},
                 {"<i8", ELEMENT_I64}, {"<f4", ELEMENT_F32}, {"<f8", ELEMENT_F64}};
    skip_spaces(cursor);
    if (*cursor->at == '[')
        return FAIL(cursor->diag, STATUS_USAGE,
                    "%s: a structured array; save a plain one of numbers", cursor->file);
    char descr[32];
    TRY(parse_string(cursor, descr, sizeof descr));
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(descr, types[i].descr) == 0) {
            array->element = types[i].element;
            return STATUS_OK;
        }
    return FAIL(cursor->diag, STATUS_USAGE,
                "%s: NPY values of type '%s'; little-endian uint8, int32, int64, float32 and "
                "float64 are read",
                cursor->file, descr);
}

static enum status parse_order(struct cursor *cursor, struct array *array) {
    (void)array;
    if (accept(cursor, "True"))
        return FAIL(cursor->diag, STATUS_USAGE,
                    "%s: the array is in Fortran order; save numpy.ascontiguousarray(x)",
                    cursor->file);
    return accept(cursor, "False") ? STATUS_OK : malformed(cursor);
}

static enum status parse_shape(struct cursor *cursor, struct array *array) {
    if (!accept(cursor, "("))
        return malformed(cursor);
    for (array->rank = 0; !accept(cursor, ")"); array->rank++) {
        if (array->rank == ARRAY_MAX_RANK)
            return FAIL(cursor->diag, STATUS_USAGE, "%s: more than %d dimensions", cursor->file,
                        ARRAY_MAX_RANK);
        TRY(parse_size(cursor, &array->shape[array->rank]));
        if (accept(cursor, ","))
            continue;
        array->rank++;
        return accept(cursor, ")") ? STATUS_OK : malformed(cursor);
    }
    return STATUS_OK;
}

/* {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } with each key once. */
static enum status parse_dictionary(struct cursor *cursor, struct array *array) {
    static const struct {
        const char *key;
        enum status (*parse)(struct cursor *cursor, struct array *array);
    } keys[] = {{"descr", parse_descr}, {"fortran_order", parse_order}, {"shape", parse_shape}};
    enum { KEYS = sizeof keys / sizeof *keys };
    bool seen[KEYS] = {false};
    if (!accept(cursor, "{"))
        return malformed(cursor);
    while (!accept(cursor, "}")) {
        char key[32];
        TRY(parse_string(cursor, key, sizeof key));
        size_t i = 0;
        while (i < KEYS && strcmp(key, keys[i].key) != 0)
            i++;
        if (i == KEYS || seen[i] || !accept(cursor, ":"))
            return malformed(cursor);
        seen[i] = true;
        TRY(keys[i].parse(cursor, array));
        if (!accept(cursor, ",") && *cursor->at != '}')
            return malformed(cursor);
    }
    skip_spaces(cursor);
    return *cursor->at == '\0' && seen[0] && seen[1] && seen[2] ? STATUS_OK : malformed(cursor);
}

static enum status read_length(struct stream *stream, size_t *length, struct diagnostic *diag) {
    unsigned char magic[8];
    if (stream->bytes < sizeof magic)
        return FAIL(diag, STATUS_USAGE, "%s: not an NPY file; check dataset.format", stream->name);
    TRY(stream_read(stream, magic, sizeof magic, diag));
    if (memcmp(magic, "\x93NUMPY", 6) != 0)
        return FAIL(diag, STATUS_USAGE, "%s: not an NPY file; check dataset.format", stream->name);
    if (magic[6] != 1 && magic[6] != 2)
        return FAIL(diag, STATUS_USAGE, "%s: NPY version %d.%d; 1.0 and 2.0 are read", stream->name,
                    magic[6], magic[7]);
    unsigned char bytes[4] = {0};
    TRY(stream_read(stream, bytes, magic[6] == 1 ? 2 : 4, diag));
    *length =
        (size_t)bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16 | (size_t)bytes[3] << 24;
    if (*length > HEADER_LIMIT)
        return FAIL(diag, STATUS_USAGE, "%s: NPY header of %zu bytes; at most %d are read",
                    stream->name, *length, HEADER_LIMIT);
    return STATUS_OK;
}

enum status npy_read_header(struct array *array, struct arena *arena, struct diagnostic *diag) {
    size_t length = 0;
    TRY(read_length(&array->stream, &length, diag));
    char *header = ARENA_NEW(arena, length + 1, char);
    if (header == NULL)
        return FAIL_MEMORY(diag, "an NPY header");
    TRY(stream_read(&array->stream, header, length, diag));
    struct cursor cursor = {header, array->stream.name, diag};
    if (memchr(header, '\0', length) != NULL)
        return malformed(&cursor);
    TRY(parse_dictionary(&cursor, array));
    return array_check_length(array, diag);
}

enum status npy_open(const char *path, enum array_role role, struct arena *arena,
                     struct array *array, struct diagnostic *diag) {
    (void)role;
    *array = (struct array){0};
    TRY(stream_open(path, &array->stream, diag));
    enum status status = npy_read_header(array, arena, diag);
    if (status != STATUS_OK)
        stream_close(&array->stream);
    return status;
}
