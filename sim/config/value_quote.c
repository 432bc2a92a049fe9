/* Texts as YAML scalars. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sim/config/value.h"

/* Whether a reader of YAML takes the bare text for this text and for nothing else (a number, a
 * truth value, nothing). */
static bool is_bare(const char *text) {
    static const char *const taken[] = {"null", "true", "false", "yes", "no",
                                        "on",   "off",  "y",     "n"};
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    static const char others[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+-";
    if (text[0] == '\0' || (strchr(letters, text[0]) == NULL && text[0] != '/' && text[0] != '_'))
        return false;
    if (text[strspn(text, others)] != '\0')
        return false;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcasecmp(text, taken[i]) == 0)
            return false;
    return true;
}

/* Length of the UTF-8 character at `text` and its code point; a stray byte counts as Latin-1. */
static size_t decode(const char *text, uint32_t *code) {
    static const struct {
        unsigned char mask, lead;
        size_t length;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 1, 0},
                 {0xE0, 0xC0, 2, 0x80},
                 {0xF0, 0xE0, 3, 0x800},
                 {0xF8, 0xF0, 4, 0x10000}};
    unsigned char first = (unsigned char)text[0];
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        if ((first & forms[f].mask) != forms[f].lead)
            continue;
        *code = first & (unsigned char)~forms[f].mask;
        size_t n = 1;
        for (; n < forms[f].length && ((unsigned char)text[n] & 0xC0) == 0x80; n++)
            *code = *code << 6 | ((unsigned char)text[n] & 0x3F);
        if (n == forms[f].length && *code >= forms[f].least)
            return n;
    }
    *code = first;
    return 1;
}

/* Characters that YAML readers take as they are: printable, no line break, no byte order mark. */
static bool is_printable(uint32_t code, size_t length) {
    if (code < 0x80)
        return code >= 0x20 && code != 0x7F;
    return length > 1 && code >= 0xA0 && code != 0x2028 && code != 0x2029 && code != 0xFEFF &&
           (code < 0xD800 || code > 0xDFFF) && code != 0xFFFE && code != 0xFFFF && code <= 0x10FFFF;
}

void value_write_text(const char *text, const struct text_sink *sink) {
    if (is_bare(text)) {
        sink_text(sink, text);
        return;
    }
    sink_text(sink, "\"");
    while (*text != '\0') {
        uint32_t code;
        char escape[16];
        size_t length = decode(text, &code);
        if (code == '"' || code == '\\') {
            snprintf(escape, sizeof escape, "\\%c", (int)code);
            sink_text(sink, escape);
        } else if (is_printable(code, length)) {
            sink->put(sink->context, text, length);
        } else {
            const char *format = code < 0x100 ? "\\x%02X" : code < 0x10000 ? "\\u%04X" : "\\U%08X";
            snprintf(escape, sizeof escape, format, (unsigned)code);
            sink_text(sink, escape);
        }
        text += length;
    }
    sink_text(sink, "\"");
}
