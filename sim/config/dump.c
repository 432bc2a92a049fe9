/* The resolved configuration as YAML that loads to the same configuration. */
#include <stdio.h>
#include <string.h>

#include "sim/config/config_internal.h"

/* Comments start at the longest line, but no further right than this, and go on below where they
 * would pass the width of a terminal. */
enum { MAX_COMMENT_COLUMN = 36, WIDTH = 80, LAYER_INDENT = 2, FIELD_INDENT = 4 };

struct dumper {
    const struct config *config;
    struct arena *arena; /* for paths */
    const struct text_sink *out;
    bool annotate;
    size_t comment_column;
    bool failed; /* short memory */
};

static bool is_text(const struct config_field *field) {
    return field->type == FIELD_PATH || field->type == FIELD_STRING;
}

/* The value as it is dumped: paths from the root. */
static struct field_value dumped(struct dumper *dumper, const struct config_field *field,
                                 struct field_value value) {
    if (value.set && is_text(field) && value_is_path(field, value.text)) {
        value.text = file_absolute(value.text, dumper->arena);
        if (value.text == NULL) {
            dumper->failed = true;
            value.set = false;
        }
    }
    return value;
}

static void write_line(struct dumper *dumper, size_t indent, const char *key,
                       const struct config_field *field, const struct field_value *value,
                       const struct text_sink *sink) {
    for (size_t i = 0; i < indent; i++)
        sink_text(sink, " ");
    sink_text(sink, key);
    sink_text(sink, ": ");
    struct field_value written = dumped(dumper, field, *value);
    value_to_sink(field, &written, sink);
}

/* Columns of a line, WIDTH at most. */
static size_t line_length(struct dumper *dumper, size_t indent, const char *key,
                          const struct config_field *field, const struct field_value *value) {
    char data[WIDTH + 1];
    struct text_window window = {.data = data, .size = sizeof data};
    struct text_sink sink = window_sink(&window);
    write_line(dumper, indent, key, field, value, &sink);
    return window.used;
}

/* Text of a comment; a file name may hold anything, a comment only one line. */
static void write_comment_text(const char *text, const struct text_sink *sink) {
    for (; *text != '\0'; text++) {
        bool control = (unsigned char)*text < 0x20 || *text == 0x7F;
        sink->put(sink->context, control ? "?" : text, 1);
    }
}

/* The number with its unit ("100 ns"), the range, the default where another value stands, and the
 * origin: "100 ns; 1 ns to 1 s; default 5e-08; a.yaml:4". */
static void write_comment(const struct config_field *field, const struct field_value *value,
                          const char *origin, const struct text_sink *out) {
    char text[VALUE_EXPECTED_LENGTH];
    if (field->unit != UNIT_NONE) {
        if (field->type == FIELD_REAL && value->set)
            sink_text(out, unit_format(value->real, field->unit, text, sizeof text));
        else
            sink_text(out, unit_symbol(field->unit));
        sink_text(out, "; ");
    }
    value_range(field, text);
    sink_text(out, text);
    sink_text(out, text[0] == '\0' ? "" : "; ");
    bool is_default = strcmp(origin, "default") == 0;
    if (field->default_text != NULL && !is_default) {
        sink_text(out, "default ");
        write_comment_text(field->default_text, out);
        sink_text(out, "; ");
    }
    bool missing = (field->flags & FIELD_REQUIRED) != 0 && !value->set;
    if (missing)
        sink_text(out, "required, not set");
    else if (is_default && field->default_text == NULL)
        sink_text(out, "not set");
    else
        write_comment_text(origin, out);
}

/* Words of a comment behind a line of `used` columns. */
static void place_comment(const struct dumper *dumper, const char *text, size_t used) {
    const struct text_sink *out = dumper->out;
    const size_t start = dumper->comment_column + 2;
    bool begun = false;
    for (size_t column = used; *text != '\0'; begun = true) {
        size_t length = strcspn(text, " ");
        size_t at = begun ? column + 1 : (column < start ? start : column + 1) + 2;
        bool below = at + length > WIDTH && column > start;
        if (below) {
            sink_text(out, "\n");
            column = 0;
        }
        if (below || !begun) {
            do
                sink_text(out, " ");
            while (++column < start);
            sink_text(out, "#");
            column++;
        }
        sink_text(out, " ");
        out->put(out->context, text, length);
        column += 1 + length;
        text += length;
        text += strspn(text, " ");
    }
}

static void annotate(struct dumper *dumper, const struct config_field *field,
                     const struct field_value *value, const char *origin, size_t used) {
    struct text_buffer buffer = {0};
    struct text_sink sink = buffer_sink(&buffer);
    write_comment(field, value, origin, &sink);
    const char *text = buffer_finish(&buffer, dumper->arena);
    if (text != NULL)
        place_comment(dumper, text, used);
    else
        dumper->failed = true;
}

static void dump_field(struct dumper *dumper, size_t indent, const char *key,
                       const struct config_field *field, const struct field_value *value,
                       const char *origin) {
    write_line(dumper, indent, key, field, value, dumper->out);
    if (dumper->annotate)
        annotate(dumper, field, value, origin, line_length(dumper, indent, key, field, value));
    sink_text(dumper->out, "\n");
}

static void measure_sections(struct dumper *dumper) {
    for (size_t s = 0; s < dumper->config->n_sections; s++) {
        const struct section_state *section = &dumper->config->sections[s];
        for (size_t f = 0; f < section->table->n_fields; f++) {
            const struct config_field *field = &section->table->fields[f];
            struct field_value value = value_load(field, section->fields[f].set, section->options);
            size_t length = line_length(dumper, LAYER_INDENT, field->name, field, &value);
            if (length > dumper->comment_column && length < MAX_COMMENT_COLUMN)
                dumper->comment_column = length;
        }
    }
}

static void dump_section(struct dumper *dumper, const struct section_state *section) {
    const struct text_sink *out = dumper->out;
    if (dumper->annotate && section->table->help != NULL) {
        sink_text(out, "# ");
        write_comment_text(section->table->help, out);
        sink_text(out, "\n");
    }
    sink_text(out, section->table->name);
    sink_text(out, section->table->n_fields == 0 ? ": {}\n" : ":\n");
    for (size_t f = 0; f < section->table->n_fields; f++) {
        const struct config_field *field = &section->table->fields[f];
        struct field_value value = value_load(field, section->fields[f].set, section->options);
        dump_field(dumper, LAYER_INDENT, field->name, field, &value, section->fields[f].origin);
    }
}

static bool continues_pattern(const struct config *config, size_t i) {
    return i > 0 && strcmp(config->overrides[i].pattern, config->overrides[i - 1].pattern) == 0;
}

/* Whether a pattern comes back after another one: a mapping cannot hold it twice. */
static bool pattern_returns(const struct config *config) {
    for (size_t i = 1; i < config->n_overrides; i++) {
        if (continues_pattern(config, i))
            continue;
        for (size_t j = 0; j + 1 < i; j++)
            if (strcmp(config->overrides[i].pattern, config->overrides[j].pattern) == 0)
                return true;
    }
    return false;
}

static void dump_layers(struct dumper *dumper) {
    const struct config *config = dumper->config;
    if (config->n_overrides == 0)
        return;
    bool list = pattern_returns(config);
    size_t indent = list ? FIELD_INDENT + 2 : FIELD_INDENT;
    sink_text(dumper->out, "layers:\n");
    for (size_t i = 0; i < config->n_overrides; i++) {
        const struct layer_override *override = &config->overrides[i];
        char key[128];
        if (!continues_pattern(config, i)) {
            sink_text(dumper->out, list ? "  - " : "  ");
            value_write_text(override->pattern, dumper->out);
            sink_text(dumper->out, ":\n");
        }
        snprintf(key, sizeof key, "%s.%s", override->section->name, override->field->name);
        dump_field(dumper, indent, key, override->field, &override->value, override->origin);
    }
}

char *config_dump(const struct config *config, bool annotate, struct arena *arena) {
    struct text_buffer buffer = {0};
    struct text_sink out = buffer_sink(&buffer);
    struct dumper dumper = {.config = config, .arena = arena, .out = &out, .annotate = annotate};
    if (annotate)
        measure_sections(&dumper);
    for (size_t s = 0; s < config->n_sections; s++)
        dump_section(&dumper, &config->sections[s]);
    dump_layers(&dumper);
    buffer.failed |= dumper.failed;
    return buffer_finish(&buffer, arena);
}
