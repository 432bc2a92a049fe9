/* Screen: what a stream can show (colours, UTF-8, width), and text made for it. */
#ifndef MHO_SCREEN_SCREEN_H
#define MHO_SCREEN_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

struct screen {
    FILE *out;
    bool terminal; /* a terminal, not a file or pipe */
    bool colour;   /* a terminal, and NO_COLOR is not set */
    bool utf8;     /* the locale's characters; set it by setlocale(LC_CTYPE, "") before */
    int width;     /* columns; 100 where unknown */
};

struct screen screen_of(FILE *out);

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_BAD, STYLE_BAR };

/* Escape sequences that begin a style and end it: "" without colours. */
const char *screen_style(const struct screen *screen, enum style style);
const char *screen_reset(const struct screen *screen);

/* Begins a line with a name in a column of its own. */
enum { SCREEN_LABEL_WIDTH = 11 };
void screen_label(const struct screen *screen, const char *name);

/* Words of `text` in lines that end before the screen's edge, each after `indent` blanks. */
void screen_wrapped(const struct screen *screen, const char *text, int indent);
/* The same on a line of which `printed` columns are taken already: the text begins at the
 * indentation, or after a blank where that is passed. */
void screen_wrapped_after(const struct screen *screen, int printed, const char *text, int indent);

/* As screen_wrapped, with `mark` at the end of each line's blanks: "  # " is "# " at 4. */
void screen_marked(const struct screen *screen, const char *text, int indent, const char *mark);

/* Lines of `text`, each broken at blanks where it passes the screen's edge, and continued after
 * `indent` blanks. Escape sequences take no columns. */
void screen_folded(const struct screen *screen, const char *text, int indent);

/* Columns that UTF-8 text takes, one for each character. */
int text_width(const char *text);

/* Bytes of `bar` that screen_bar writes at most for a width of SCREEN_BAR_WIDTH. */
enum { SCREEN_BAR_WIDTH = 8, SCREEN_BAR_BYTES = 4 * SCREEN_BAR_WIDTH + 1 };

/* A bar of `share` (0..1) of SCREEN_BAR_WIDTH columns, in eighths of a column with UTF-8, without
 * trailing blanks. Any share above 0 shows something. Returns `bar`. */
char *screen_bar(const struct screen *screen, double share, char bar[SCREEN_BAR_BYTES]);

/* "1,234,567" into `buffer`; returns it. */
char *text_thousands(long number, char *buffer, size_t size);

/* Four significant digits, "1,356" from a thousand on: never an exponent. Returns `buffer`. */
char *text_figure(double number, char *buffer, size_t size);

/* "12.4 M" with the prefix that keeps the number between 1 and 1000; returns `buffer`. */
char *text_count(double number, char *buffer, size_t size);

#endif
