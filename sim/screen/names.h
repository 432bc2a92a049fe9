/* Names made short for tables. */
#ifndef MHO_SCREEN_NAMES_H
#define MHO_SCREEN_NAMES_H

#include <stdio.h>

#include "sim/base/base.h"

/* "/body/body.3/sc/sc.0/Conv" -> "body.3/sc.0": without the operator at the end, and without the
 * parts that the next part repeats (as PyTorch's exporter writes them). Longer ones than `width`
 * lose their middle. NULL on short memory. */
char *short_layer_name(const char *name, int width, struct arena *arena);

/* A word of a command to be pasted into a shell, in single quotes where it needs them. */
void print_shell_word(const char *word, FILE *out);

/* Last part of a path. */
const char *file_name(const char *path);

#endif
