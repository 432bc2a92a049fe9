/* What a stream can show, and text made for it. */
#include "sim/screen/screen.h"

#include <langinfo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int terminal_width(int descriptor) {
    const char *columns = getenv("COLUMNS");
    if (columns != NULL && atoi(columns) >= 40)
        return atoi(columns);
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
        return size.ws_col;
    return 100;
}

struct screen screen_of(FILE *out) {
    const char *no_color = getenv("NO_COLOR"); /* https://no-color.org: set and not empty */
    const char *term = getenv("TERM");
    bool terminal = isatty(fileno(out)) != 0;
    bool dumb = term == NULL || strcmp(term, "dumb") == 0;
    return (struct screen){
        .out = out,
        .terminal = terminal,
        .colour = terminal && !dumb && (no_color == NULL || no_color[0] == '\0'),
        .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
        .width = terminal_width(fileno(out)),
    };
}

const char *screen_style(const struct screen *screen, enum style style) {
    static const char *const sequences[] = {
        [STYLE_PLAIN] = "",          [STYLE_BOLD] = "\033[1m",   [STYLE_DIM] = "\033[2m",
        [STYLE_GOOD] = "\033[1;32m", [STYLE_BAD] = "\033[1;31m", [STYLE_BAR] = "\033[36m",
    };
    return screen->colour ? sequences[style] : "";
}

const char *screen_reset(const struct screen *screen) {
    return screen->colour ? "\033[0m" : "";
}

void screen_label(const struct screen *screen, const char *name) {
    fprintf(screen->out, "%s%-*s%s", screen_style(screen, STYLE_DIM), SCREEN_LABEL_WIDTH, name,
            screen_reset(screen));
}

/* Lines begin with blanks that end in `mark` at the indentation. */
static void wrap(const struct screen *screen, int printed, const char *text, int indent,
                 const char *mark) {
    int column = printed > indent ? printed - indent : 0; /* beyond the indentation */
    for (const char *word = text; *word != '\0';) {
        int length = (int)strcspn(word, " ");
        if (column > 0 && indent + column + 1 + length > screen->width) {
            fputc('\n', screen->out);
            column = printed = 0;
        }
        if (column > 0)
            fputc(' ', screen->out);
        else
            fprintf(screen->out, "%*s", indent > printed ? indent - printed : 0, mark);
        fprintf(screen->out, "%.*s", length, word);
        column += length + (column > 0);
        word += length;
        word += strspn(word, " ");
    }
    fputc('\n', screen->out);
}

void screen_wrapped(const struct screen *screen, const char *text, int indent) {
    wrap(screen, 0, text, indent, "");
}

void screen_wrapped_after(const struct screen *screen, int printed, const char *text, int indent) {
    wrap(screen, printed, text, indent, "");
}

void screen_marked(const struct screen *screen, const char *text, int indent, const char *mark) {
    wrap(screen, 0, text, indent, mark);
}

/* Columns of the first bytes of a text, for which escape sequences (ESC ... m) do not count. */
static int visible_width(const char *text, size_t bytes) {
    int width = 0;
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == '\033')
            i += strcspn(text + i, "m");
        else
            width += ((unsigned char)text[i] & 0xc0) != 0x80;
    }
    return width;
}

void screen_folded(const struct screen *screen, const char *text, int indent) {
    for (int column = 0; *text != '\0';) {
        if (*text == '\n') {
            fputc(*text++, screen->out);
            column = 0;
            continue;
        }
        int blanks = (int)strspn(text, " ");
        size_t length = strcspn(text + blanks, " \n");
        int width = visible_width(text + blanks, length);
        if (column > indent && column + blanks + width > screen->width) {
            fprintf(screen->out, "\n%*s", indent, "");
            column = indent;
        } else {
            fprintf(screen->out, "%*s", blanks, "");
            column += blanks;
        }
        fprintf(screen->out, "%.*s", (int)length, text + blanks);
        column += width;
        text += (size_t)blanks + length;
    }
}

int text_width(const char *text) {
    int width = 0;
    for (const char *c = text; *c != '\0'; c++)
        width += ((unsigned char)*c & 0xc0) != 0x80; /* every byte that begins a character */
    return width;
}

char *screen_bar(const struct screen *screen, double share, char bar[SCREEN_BAR_BYTES]) {
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int parts = screen->utf8 ? 8 : 1;
    int length = 0;
    if (share > 0) /* NAN shows nothing */
        length = (int)fmax(1, round(fmin(share, 1) * SCREEN_BAR_WIDTH * parts));
    bar[0] = '\0';
    for (int i = 0; i < length / parts; i++)
        strcat(bar, screen->utf8 ? "█" : "#");
    if (screen->utf8)
        strcat(bar, eighths[length % parts]);
    return bar;
}

char *text_thousands(long number, char *buffer, size_t size) {
    char digits[32];
    snprintf(digits, sizeof digits, "%ld", number);
    size_t length = strlen(digits), n = 0;
    for (size_t i = 0; i < length && n + 2 < size; i++) {
        buffer[n++] = digits[i];
        size_t left = length - i - 1;
        if (left > 0 && left % 3 == 0 && digits[i] != '-')
            buffer[n++] = ',';
    }
    buffer[n] = '\0';
    return buffer;
}

char *text_figure(double number, char *buffer, size_t size) {
    if (fabs(number) >= 999.95 && fabs(number) < 1e15)
        return text_thousands(lround(number), buffer, size);
    snprintf(buffer, size, "%.4g", number);
    return buffer;
}

char *text_count(double number, char *buffer, size_t size) {
    static const char *const prefixes[] = {"", " k", " M", " G", " T"};
    size_t p = 0;
    while (fabs(number) >= 999.5 && p + 1 < sizeof prefixes / sizeof *prefixes) {
        number /= 1000;
        p++;
    }
    if (p == 0)
        snprintf(buffer, size, "%.0f", number);
    else
        snprintf(buffer, size, "%.*f%s",
                 number < 9.995   ? 2
                 : number < 99.95 ? 1
                                  : 0,
                 number, prefixes[p]);
    return buffer;
}
