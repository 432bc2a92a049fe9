/* One value of a field: from a YAML node, in and out of an options struct, and back to text. */
#ifndef MHO_CONFIG_VALUE_H
#define MHO_CONFIG_VALUE_H

#include "sim/config/config.h"
#include "sim/config/sink.h"
#include "sim/config/yaml.h"

struct field_value {
    bool set; /* false: unset, the rest as value_unset says */
    union {
        bool boolean;              /* FIELD_BOOL */
        int integer;               /* FIELD_INT, FIELD_CHOICE, FIELD_INT_WORD */
        uint64_t seed;             /* FIELD_UINT64 */
        double real;               /* FIELD_REAL */
        const char *text;          /* FIELD_STRING, FIELD_PATH */
        struct config_reals reals; /* FIELD_REALS */
    };
};

/* No value: what an unset member holds (NAN for FIELD_REAL, else zeros). */
struct field_value value_unset(const struct config_field *field);

/* Whether `text` is the path of a file for this field: FIELD_PATH, FIELD_NAME_OR_PATH. */
bool value_is_path(const struct config_field *field, const char *text);

/* Checks and converts `node`. `label` names the field in messages ("crossbar.rows"). Texts and
 * lists are copied to `arena`; a path of a file is made relative to that file. */
enum status value_parse(const char *label, const struct config_field *field,
                        const struct yaml_node *node, struct arena *arena,
                        struct field_value *value, struct diagnostic *diag);

/* Puts the value into the field's member of `options` (the section's struct). */
void value_store(const struct config_field *field, const struct field_value *value, void *options);

/* The field's member of `options`; whether it is set is known only to the caller. */
struct field_value value_load(const struct config_field *field, bool set, const void *options);

/* Writes the value as YAML, numbers in SI units and in the shortest form that reads back the same.
 */
void value_to_sink(const struct config_field *field, const struct field_value *value,
                   const struct text_sink *sink);

/* The same into `arena`; NULL on short memory. */
char *value_text(const struct config_field *field, const struct field_value *value,
                 struct arena *arena);

/* Writes a text as a YAML scalar that reads back as the same text, quoted where it must be. */
void value_write_text(const char *text, const struct text_sink *sink);

/* What the field accepts: "an integer from 1 to 4096". Returns `buffer`. */
enum { VALUE_EXPECTED_LENGTH = 512 };
char *value_expected(const struct config_field *field, char buffer[VALUE_EXPECTED_LENGTH]);

/* The same for a comment: "1 to 4096", "clip | full_range"; "" when anything goes. */
char *value_range(const struct config_field *field, char buffer[VALUE_EXPECTED_LENGTH]);

/* Whether a field has limits, and whether `number` lies within them. */
bool value_has_limits(const struct config_field *field);
bool value_within_limits(const struct config_field *field, double number);

#endif
