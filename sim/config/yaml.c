/* From text to nodes: libyaml composes the document, this file checks it and copies it out. */
#include "sim/config/yaml.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* Limits of hostile files. */
enum { MAX_BYTES = 4 << 20, MAX_DEPTH = 64, MAX_ANCHORS = 256, MAX_NODES = 250000 };

/* How far a node of the document has been copied. */
enum progress { UNSEEN, OPEN, DONE };

struct copied {
    enum progress progress;
    size_t expanded; /* nodes below and including it, shared ones counted each time */
    struct yaml_node *node;
};

struct reader {
    const char *name;
    bool positions; /* false: a value of the command line */
    struct arena *arena;
    struct diagnostic *diag;
    yaml_document_t *document;
    struct copied *copied; /* [index of the document's node - 1] */
};

static enum status copy_node(struct reader *reader, int index, int depth,
                             const struct yaml_node **out);

static int position(size_t from_zero) {
    return from_zero < INT_MAX ? (int)from_zero + 1 : INT_MAX;
}

/* A node that only says where: for messages before or without a real one. */
static struct yaml_node place(const struct reader *reader, yaml_mark_t mark) {
    return (struct yaml_node){.file = reader->name,
                              .line = reader->positions ? position(mark.line) : 0,
                              .column = reader->positions ? position(mark.column) : 0};
}

static enum status check_tag(const struct reader *reader, const yaml_node_t *source,
                             const struct yaml_node *at) {
    static const char *const allowed[] = {
        [YAML_SCALAR_NODE] = YAML_DEFAULT_SCALAR_TAG,
        [YAML_SEQUENCE_NODE] = YAML_DEFAULT_SEQUENCE_TAG,
        [YAML_MAPPING_NODE] = YAML_DEFAULT_MAPPING_TAG,
    };
    const char *tag = (const char *)source->tag;
    if (tag == NULL || strcmp(tag, allowed[source->type]) == 0)
        return STATUS_OK;
    char quoted[TEXT_QUOTE_LENGTH];
    return YAML_FAIL(reader->diag, at, "the tag %s is not understood; remove it",
                     text_quote(tag, quoted));
}

static enum status copy_scalar(struct reader *reader, const yaml_node_t *source,
                               struct yaml_node *node) {
    size_t length = source->data.scalar.length;
    if (memchr(source->data.scalar.value, '\0', length) != NULL)
        return YAML_FAIL(reader->diag, node, "a text with a zero byte in it");
    char *text = arena_alloc(reader->arena, length + 1, 1);
    if (text == NULL)
        return FAIL_MEMORY(reader->diag, reader->name);
    memcpy(text, source->data.scalar.value, length);
    node->kind = YAML_SCALAR;
    node->text = text;
    node->quoted = source->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return STATUS_OK;
}

static enum status alloc_values(struct reader *reader, struct yaml_node *node, size_t count) {
    node->count = count;
    node->values = ARENA_NEW(reader->arena, count, const struct yaml_node *);
    if (node->values == NULL)
        return FAIL_MEMORY(reader->diag, reader->name);
    return STATUS_OK;
}

static enum status copy_sequence(struct reader *reader, const yaml_node_t *source, int depth,
                                 struct yaml_node *node) {
    const yaml_node_item_t *items = source->data.sequence.items.start;
    node->kind = YAML_SEQUENCE;
    TRY(alloc_values(reader, node, (size_t)(source->data.sequence.items.top - items)));
    for (size_t i = 0; i < node->count; i++)
        TRY(copy_node(reader, items[i], depth + 1, &node->values[i]));
    return STATUS_OK;
}

static int compare_keys(const void *a, const void *b) {
    const struct yaml_node *first = *(const struct yaml_node *const *)a;
    const struct yaml_node *second = *(const struct yaml_node *const *)b;
    int order = strcmp(first->text, second->text);
    if (order != 0)
        return order;
    if (first->line != second->line)
        return first->line < second->line ? -1 : 1;
    return (first->column > second->column) - (first->column < second->column);
}

static enum status check_duplicates(struct reader *reader, const struct yaml_node *mapping) {
    const struct yaml_node **sorted =
        ARENA_NEW(reader->arena, mapping->count, const struct yaml_node *);
    if (sorted == NULL)
        return FAIL_MEMORY(reader->diag, reader->name);
    if (mapping->count > 0)
        memcpy(sorted, mapping->keyed, mapping->count * sizeof *sorted);
    qsort(sorted, mapping->count, sizeof *sorted, compare_keys);
    for (size_t i = 1; i < mapping->count; i++) {
        const struct yaml_node *first = sorted[i - 1], *second = sorted[i];
        if (strcmp(first->text, second->text) != 0)
            continue;
        char quoted[TEXT_QUOTE_LENGTH];
        text_quote(second->text, quoted);
        if (!reader->positions)
            return YAML_FAIL(reader->diag, second, "key %s is given twice", quoted);
        return YAML_FAIL(reader->diag, second, "key %s is given twice, first at %s:%d:%d", quoted,
                         reader->name, first->line, first->column);
    }
    return STATUS_OK;
}

static enum status copy_mapping(struct reader *reader, const yaml_node_t *source, int depth,
                                struct yaml_node *node) {
    const yaml_node_pair_t *pairs = source->data.mapping.pairs.start;
    node->kind = YAML_MAPPING;
    TRY(alloc_values(reader, node, (size_t)(source->data.mapping.pairs.top - pairs)));
    node->keys = ARENA_NEW(reader->arena, node->count, const char *);
    node->keyed = ARENA_NEW(reader->arena, node->count, const struct yaml_node *);
    if (node->keys == NULL || node->keyed == NULL)
        return FAIL_MEMORY(reader->diag, reader->name);
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *key;
        TRY(copy_node(reader, pairs[i].key, depth + 1, &key));
        if (key->kind != YAML_SCALAR || yaml_is_null(key)) {
            char found[YAML_DESCRIPTION_LENGTH];
            return YAML_FAIL(reader->diag, key, "expected a name before the colon, got %s",
                             yaml_describe(key, found));
        }
        node->keyed[i] = key;
        node->keys[i] = key->text;
        TRY(copy_node(reader, pairs[i].value, depth + 1, &node->values[i]));
    }
    return check_duplicates(reader, node);
}

/* Nodes a complete walk over `node` visits; the children are already copied. */
static size_t count_expanded(const struct reader *reader, const yaml_node_t *source) {
    size_t count = 1;
    if (source->type == YAML_SEQUENCE_NODE)
        for (const yaml_node_item_t *item = source->data.sequence.items.start;
             item < source->data.sequence.items.top && count <= MAX_NODES; item++)
            count += reader->copied[*item - 1].expanded;
    if (source->type == YAML_MAPPING_NODE)
        for (const yaml_node_pair_t *pair = source->data.mapping.pairs.start;
             pair < source->data.mapping.pairs.top && count <= MAX_NODES; pair++)
            count += reader->copied[pair->value - 1].expanded;
    return count;
}

static enum status copy_content(struct reader *reader, const yaml_node_t *source, int depth,
                                struct yaml_node *node) {
    switch (source->type) {
    case YAML_SCALAR_NODE:
        return copy_scalar(reader, source, node);
    case YAML_SEQUENCE_NODE:
        return copy_sequence(reader, source, depth, node);
    case YAML_MAPPING_NODE:
        return copy_mapping(reader, source, depth, node);
    case YAML_NO_NODE:
        break;
    }
    return YAML_FAIL(reader->diag, node, "an empty node");
}

/* Copies the document's node `index` (from 1), once however many aliases lead to it. */
static enum status copy_node(struct reader *reader, int index, int depth,
                             const struct yaml_node **out) {
    const yaml_node_t *source = yaml_document_get_node(reader->document, index);
    struct copied *copied = &reader->copied[index - 1];
    struct yaml_node at = place(reader, source->start_mark);
    if (copied->progress == OPEN)
        return YAML_FAIL(reader->diag, &at, "an alias (*name) inside the value it stands for");
    if (depth > MAX_DEPTH) /* through aliases; nesting as written is checked before */
        return YAML_FAIL(reader->diag, &at, "nested more than %d levels deep", MAX_DEPTH);
    if (copied->progress == UNSEEN) {
        struct yaml_node *node = ARENA_NEW(reader->arena, 1, struct yaml_node);
        if (node == NULL)
            return FAIL_MEMORY(reader->diag, reader->name);
        *node = at;
        copied->node = node;
        copied->progress = OPEN;
        TRY(check_tag(reader, source, node));
        TRY(copy_content(reader, source, depth, node));
        copied->expanded = count_expanded(reader, source);
        if (copied->expanded > MAX_NODES)
            return YAML_FAIL(reader->diag, node, "more than %d values once aliases are replaced",
                             MAX_NODES);
        copied->progress = DONE;
    }
    *out = copied->node;
    return STATUS_OK;
}

/* libyaml names a problem for every error but this one, whose code it does not always set. */
static bool is_short_memory(const yaml_parser_t *parser) {
    return parser->error == YAML_MEMORY_ERROR || parser->problem == NULL;
}

static enum status fail_parser(const struct reader *reader, const yaml_parser_t *parser) {
    if (is_short_memory(parser))
        return FAIL_MEMORY(reader->diag, reader->name);
    const char *problem = parser->problem;
    if (parser->error == YAML_READER_ERROR)
        return FAIL(reader->diag, STATUS_USAGE, "%s: %s at byte %zu", reader->name, problem,
                    parser->problem_offset);
    struct yaml_node at = place(reader, parser->problem_mark);
    if (strstr(problem, "cannot start any token") != NULL && parser->buffer.pointer[0] == '\t')
        return YAML_FAIL(reader->diag, &at, "a tab cannot indent; use spaces");
    const char *context = parser->context == NULL ? "" : parser->context;
    return YAML_FAIL(reader->diag, &at, "%s%s%s", problem, *context == '\0' ? "" : " ", context);
}

static enum status copy_document(struct reader *reader, const struct yaml_node **root) {
    const yaml_node_t *top = yaml_document_get_root_node(reader->document);
    if (top == NULL) {
        struct yaml_node *empty = ARENA_NEW(reader->arena, 1, struct yaml_node);
        if (empty == NULL)
            return FAIL_MEMORY(reader->diag, reader->name);
        *empty = place(reader, (yaml_mark_t){0});
        empty->kind = reader->positions ? YAML_MAPPING : YAML_SCALAR;
        empty->text = reader->positions ? NULL : "";
        *root = empty;
        return STATUS_OK;
    }
    size_t count = (size_t)(reader->document->nodes.top - reader->document->nodes.start);
    reader->copied = calloc(count, sizeof *reader->copied);
    if (reader->copied == NULL)
        return FAIL_MEMORY(reader->diag, reader->name);
    enum status status = copy_node(reader, 1, 1, root);
    free(reader->copied);
    reader->copied = NULL;
    return status;
}

/* After the first document there must be only the end of the stream. */
static enum status check_end(const struct reader *reader, yaml_parser_t *parser) {
    yaml_document_t next;
    if (!yaml_parser_load(parser, &next))
        return fail_parser(reader, parser);
    bool more = yaml_document_get_root_node(&next) != NULL;
    struct yaml_node at = place(reader, next.start_mark);
    yaml_document_delete(&next);
    if (more)
        return YAML_FAIL(reader->diag, &at, "a second document starts here; one is allowed");
    return STATUS_OK;
}

/* Counts of the pass before composition. */
struct census {
    int depth;
    size_t nodes, anchors;
};

static void count_event(struct census *census, const yaml_event_t *event) {
    const yaml_char_t *anchor = NULL;
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        census->nodes++;
        anchor = event->data.scalar.anchor;
        break;
    case YAML_SEQUENCE_START_EVENT:
        census->nodes++;
        census->depth++;
        anchor = event->data.sequence_start.anchor;
        break;
    case YAML_MAPPING_START_EVENT:
        census->nodes++;
        census->depth++;
        anchor = event->data.mapping_start.anchor;
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        census->depth--;
        break;
    default:
        break;
    }
    census->anchors += anchor != NULL;
}

static enum status check_census(const struct reader *reader, const struct census *census,
                                const struct yaml_node *at) {
    if (census->depth > MAX_DEPTH)
        return YAML_FAIL(reader->diag, at, "nested more than %d levels deep", MAX_DEPTH);
    if (census->anchors > MAX_ANCHORS)
        return YAML_FAIL(reader->diag, at, "more than %d anchors (&name)", MAX_ANCHORS);
    if (census->nodes > MAX_NODES)
        return YAML_FAIL(reader->diag, at, "more than %d values", MAX_NODES);
    return STATUS_OK;
}

/* A pass over the events alone: libyaml composes deeply nested documents in time quadratic in the
 * depth, and looks an alias up among all anchors, so both are bounded before. Errors of syntax are
 * left to the composition. */
static enum status check_limits(const struct reader *reader, const char *text, size_t length) {
    yaml_parser_t parser;
    struct census census = {0};
    enum status status = STATUS_OK;
    if (length > MAX_BYTES)
        return FAIL(reader->diag, STATUS_USAGE, "%s: larger than %d MiB, the most that is read",
                    reader->name, MAX_BYTES >> 20);
    if (!yaml_parser_initialize(&parser))
        return FAIL_MEMORY(reader->diag, reader->name);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    for (bool more = true; more && status == STATUS_OK;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            if (is_short_memory(&parser))
                status = FAIL_MEMORY(reader->diag, reader->name);
            break;
        }
        count_event(&census, &event);
        struct yaml_node at = place(reader, event.start_mark);
        status = check_census(reader, &census, &at);
        more = event.type != YAML_STREAM_END_EVENT && event.type != YAML_NO_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return status;
}

static enum status read_text(struct reader *reader, const char *text, size_t length,
                             const struct yaml_node **root) {
    TRY(check_limits(reader, text, length));
    yaml_parser_t parser;
    yaml_document_t document;
    if (!yaml_parser_initialize(&parser))
        return FAIL_MEMORY(reader->diag, reader->name);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    enum status status;
    if (!yaml_parser_load(&parser, &document)) {
        status = fail_parser(reader, &parser);
    } else {
        reader->document = &document;
        bool empty = yaml_document_get_root_node(&document) == NULL;
        status = copy_document(reader, root);
        yaml_document_delete(&document);
        if (status == STATUS_OK && !empty)
            status = check_end(reader, &parser);
    }
    yaml_parser_delete(&parser);
    return status;
}

enum status yaml_parse(const char *text, size_t length, const char *name, struct arena *arena,
                       const struct yaml_node **root, struct diagnostic *diag) {
    struct reader reader = {.positions = true, .arena = arena, .diag = diag};
    reader.name = arena_strdup(arena, name);
    if (reader.name == NULL)
        return FAIL_MEMORY(diag, name);
    return read_text(&reader, text, length, root);
}

enum status yaml_parse_value(const char *text, const char *name, struct arena *arena,
                             const struct yaml_node **root, struct diagnostic *diag) {
    struct reader reader = {.positions = false, .arena = arena, .diag = diag};
    reader.name = arena_strdup(arena, name);
    if (reader.name == NULL)
        return FAIL_MEMORY(diag, name);
    return read_text(&reader, text, strlen(text), root);
}

enum status yaml_load(const char *path, struct arena *arena, const struct yaml_node **root,
                      struct diagnostic *diag) {
    char *text;
    size_t length;
    TRY(file_read(path, arena, &text, &length, diag));
    return yaml_parse(text, length, path, arena, root, diag);
}
