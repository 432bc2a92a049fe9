/* Help of configuration fields. */
#include "sim/cli/field_help.h"

#include <string.h>

#include "sim/run/run.h"

static void append_words(const char *const *words, char *buffer, size_t size) {
    for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
        size_t used = strlen(buffer);
        snprintf(buffer + used, size - used, "%s%s", used > 0 ? " | " : "", words[i]);
    }
}

char *field_range(const struct config_field *field, char *buffer, size_t size) {
    const char *unit = unit_symbol(field->unit);
    const char *blank = unit[0] != '\0' ? " " : "";
    buffer[0] = '\0';
    switch (field->type) {
    case FIELD_BOOL:
        snprintf(buffer, size, "true | false");
        break;
    case FIELD_INT:
    case FIELD_INT_WORD:
    case FIELD_REAL:
    case FIELD_REALS:
        snprintf(buffer, size, "%.6g..%.6g%s%s%s", field->minimum, field->maximum, blank, unit,
                 field->type == FIELD_REALS ? ", or a list" : "");
        append_words(field->words, buffer, size);
        break;
    case FIELD_UINT64:
        snprintf(buffer, size, "0..2^63-1");
        break;
    case FIELD_CHOICE:
        append_words(field->words, buffer, size);
        break;
    case FIELD_STRING:
        snprintf(buffer, size, "text");
        break;
    case FIELD_PATH:
        snprintf(buffer, size, "file");
        break;
    }
    return buffer;
}

static const char *default_of(const struct config_field *field) {
    if (field->default_text != NULL)
        return field->default_text;
    return field->flags & FIELD_REQUIRED ? "(required)" : "-";
}

static void print_field(const struct screen *screen, const struct config_section *section,
                        const struct config_field *field) {
    char range[512], heading[640];
    int printed = 2 + (int)strlen(section->name) + 1 + (int)strlen(field->name);
    snprintf(heading, sizeof heading, "= %s   [%s]%s", default_of(field),
             field_range(field, range, sizeof range),
             field->flags & FIELD_PER_LAYER ? ", also per layer" : "");
    fprintf(screen->out, "  %s%s.%s%s", screen_style(screen, STYLE_BOLD), section->name,
            field->name, screen_reset(screen));
    if (printed + 1 + (int)strlen(heading) <= screen->width)
        fprintf(screen->out, " %s\n", heading);
    else
        screen_wrapped_after(screen, printed, heading, 6);
    screen_wrapped(screen, field->help, 6);
}

void field_help_print(const struct screen *screen) {
    fputs("Configuration (a YAML file of sections; name = default, [what it accepts]):\n",
          screen->out);
    for (size_t s = 0; s < n_run_sections; s++) {
        const struct config_section *section = run_sections[s];
        fprintf(screen->out, "\n%s: %s\n", section->name, section->help);
        for (size_t f = 0; f < section->n_fields; f++)
            print_field(screen, section, &section->fields[f]);
    }
    fputc('\n', screen->out);
    screen_wrapped(screen,
                   "base: FILE takes everything from another file first. Fields marked `per layer` "
                   "may stand under layers: {NAME: {section.key: value}}, where NAME may hold * "
                   "and ?.",
                   0);
}
