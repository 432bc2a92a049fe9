#include "sim/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Longer words are no slips of the hand; the bound keeps the distance matrix on the stack. */
enum { WORD_MAX_LENGTH = 63 };

static int lower(char c) {
    return tolower((unsigned char)c);
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours cost 1.
 * Only the last three rows of the matrix are kept. Both words have at most WORD_MAX_LENGTH bytes.
 */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    size_t rows[3][WORD_MAX_LENGTH + 1];
    size_t *before = rows[0], *previous = rows[1], *current = rows[2];
    for (size_t j = 0; j <= b_length; j++)
        current[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *oldest = before;
        before = previous;
        previous = current;
        current = oldest;
        current[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t substituted = previous[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
            current[j] = smaller(substituted, smaller(previous[j], current[j - 1]) + 1);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]))
                current[j] = smaller(current[j], before[j - 2] + 1);
        }
    }
    return current[b_length];
}

const char *text_closest(const char *word, const char *const *candidates, size_t count) {
    size_t length = strlen(word);
    if (length == 0 || length > WORD_MAX_LENGTH)
        return NULL;
    const char *closest = NULL;
    size_t least = 1 + length / 4 + 1;
    for (size_t i = 0; i < count; i++) {
        size_t candidate_length = strlen(candidates[i]);
        if (candidate_length > WORD_MAX_LENGTH)
            continue;
        size_t d = distance(word, length, candidates[i], candidate_length);
        /* A distance of the whole word would suggest "b" for "a". */
        if (d < least && d < length) {
            least = d;
            closest = candidates[i];
        }
    }
    return closest;
}

static size_t count_digits(const char *text) {
    return strspn(text, "0123456789");
}

bool text_to_int(const char *text, long long *value) {
    const char *digits = text + (*text == '-' || *text == '+');
    size_t n = count_digits(digits);
    /* "010" is 10 to some readers of YAML and 8 to others: refused. */
    if (n == 0 || digits[n] != '\0' || (n > 1 && digits[0] == '0'))
        return false;
    errno = 0;
    long long parsed = strtoll(text, NULL, 10);
    if (errno != 0)
        return false;
    *value = parsed;
    return true;
}

/* Whether the whole of `text` is a decimal number; strtod alone also takes "nan", "0x1p3", " 1". */
static bool is_decimal(const char *text, bool *nonzero) {
    text += *text == '-' || *text == '+';
    size_t whole = count_digits(text);
    *nonzero = strspn(text, "0.") < strspn(text, "0123456789.");
    text += whole;
    size_t fraction = 0;
    if (*text == '.') {
        fraction = count_digits(text + 1);
        text += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*text == 'e' || *text == 'E') {
        text += 1 + (text[1] == '-' || text[1] == '+');
        size_t exponent = count_digits(text);
        if (exponent == 0)
            return false;
        text += exponent;
    }
    return *text == '\0';
}

bool text_to_real(const char *text, double *value) {
    bool nonzero;
    if (!is_decimal(text, &nonzero))
        return false;
    double parsed = strtod(text, NULL);
    if (!isfinite(parsed) || (parsed == 0.0 && nonzero))
        return false;
    *value = parsed;
    return true;
}

bool text_matches(const char *pattern, const char *name) {
    /* On a mismatch only the last star is tried again, one byte further: time is bounded by the
     * product of the lengths whatever the pattern. */
    const char *star = NULL, *resume = NULL;
    while (*name != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            resume = name;
        } else if (*pattern == '?' || *pattern == *name) {
            pattern++;
            name++;
        } else if (star != NULL) {
            pattern = star + 1;
            name = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

char *text_quote(const char *text, char buffer[TEXT_QUOTE_LENGTH]) {
    static const char hex[] = "0123456789abcdef";
    enum { TAIL = sizeof "\\x00...\"" }; /* the longest that may follow a byte that was accepted */
    size_t n = 0;
    buffer[n++] = '"';
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        bool continues_character = (c & 0xC0) == 0x80;
        if (n + TAIL + 4 > TEXT_QUOTE_LENGTH && !continues_character) {
            memcpy(buffer + n, "...", 3);
            n += 3;
            break;
        }
        if (n + TAIL > TEXT_QUOTE_LENGTH)
            break; /* only a run of stray continuation bytes gets here */
        if (c == '\n' || c == '\t' || c == '\r') {
            buffer[n++] = '\\';
            buffer[n++] = c == '\n' ? 'n' : c == '\t' ? 't' : 'r';
        } else if (c < 0x20 || c == 0x7F) {
            buffer[n++] = '\\';
            buffer[n++] = 'x';
            buffer[n++] = hex[c >> 4];
            buffer[n++] = hex[c & 15];
        } else {
            buffer[n++] = *text;
        }
    }
    buffer[n++] = '"';
    buffer[n] = '\0';
    return buffer;
}
