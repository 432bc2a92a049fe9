/* Names made short for tables. */
#include "sim/screen/names.h"

#include <string.h>

const char *file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* The part at `part` ("body") is what the next one, "body.3", begins with. */
static bool repeated_by_next(const char *part, size_t length) {
    const char *next = part + length;
    return *next == '/' && strncmp(next + 1, part, length) == 0 && next[1 + length] == '.';
}

/* "Conv", "Gemm_3", "MatMul": an operator, not a name. */
static bool is_operator(const char *part) {
    static const char *const operators[] = {"Conv", "Gemm", "MatMul"};
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t length = strlen(operators[i]);
        if (strncmp(part, operators[i], length) == 0 &&
            (part[length] == '\0' || part[length] == '_'))
            return true;
    }
    return false;
}

static void cut_middle(char *text, size_t width) {
    size_t length = strlen(text);
    if (length <= width || width < 5)
        return;
    size_t tail = (width - 2) * 2 / 3, head = width - 2 - tail; /* the end tells layers apart */
    memcpy(text + head, "..", 2);
    memmove(text + head + 2, text + length - tail, tail + 1);
}

char *short_layer_name(const char *name, int width, struct arena *arena) {
    char *text = ARENA_NEW(arena, strlen(name) + 1, char);
    if (text == NULL)
        return NULL;
    size_t n = 0;
    for (const char *part = name; *part != '\0';) {
        size_t length = strcspn(part, "/");
        bool last = part[length] == '\0';
        if (length > 0 && !repeated_by_next(part, length) &&
            !(last && n > 0 && is_operator(part))) {
            if (n > 0)
                text[n++] = '/';
            memcpy(text + n, part, length);
            n += length;
        }
        part += length + !last;
    }
    text[n] = '\0';
    cut_middle(text, (size_t)width);
    return text;
}

void print_shell_word(const char *word, FILE *out) {
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_-+=./,:@%";
    if (word[0] != '\0' && strspn(word, safe) == strlen(word)) {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (const char *c = word; *c != '\0'; c++)
        fprintf(out, *c == '\'' ? "'\\''" : "%c", *c);
    fputc('\'', out);
}
