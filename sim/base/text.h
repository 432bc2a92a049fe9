/* Text: closest names for "did you mean", and safe number parsing. */
#ifndef MHO_BASE_TEXT_H
#define MHO_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* The candidate nearest to `word` (Damerau-Levenshtein, upper and lower case alike), or NULL when
 * none is near enough to be a slip of the hand (distance at most 1 + length/4). Ties go to the
 * first. */
const char *text_closest(const char *word, const char *const *candidates, size_t count);

/* The whole of `text` as a decimal integer or a finite real; false for anything else ("128x", "",
 * "nan", "0x10", an integer with a leading zero, a real too small for a double). */
bool text_to_int(const char *text, long long *value);
bool text_to_real(const char *text, double *value);

/* Shell-style match with * and ?; used for layer name patterns. */
bool text_matches(const char *pattern, const char *name);

/* `text` in double quotes for a message of one line: control characters escaped, long text cut with
 * "...". Returns `buffer`. */
enum { TEXT_QUOTE_LENGTH = 80 };
char *text_quote(const char *text, char buffer[TEXT_QUOTE_LENGTH]);

#endif
