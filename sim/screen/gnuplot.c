/* gnuplot as a child process: script in, picture out, both through temporary files. */
#include "sim/screen/gnuplot.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

const char gnuplot_styles[] = "set style line 1 lc rgb '#000000' pt 7 ps 0.6 lw 2\n"
                              "set style line 2 lc rgb '#E69F00' pt 5 ps 0.6 lw 2\n"
                              "set style line 3 lc rgb '#56B4E9' pt 9 ps 0.7 lw 2\n"
                              "set style line 4 lc rgb '#009E73' pt 11 ps 0.7 lw 2\n"
                              "set style line 5 lc rgb '#CC79A7' pt 13 ps 0.7 lw 2\n"
                              "set style line 6 lc rgb '#0072B2' pt 4 ps 0.6 lw 2 dt 2\n"
                              "set style line 7 lc rgb '#D55E00' pt 6 ps 0.6 lw 2 dt 2\n"
                              "set style line 8 lc rgb '#999999' pt 8 ps 0.7 lw 2 dt 2\n"
                              "set style line 9 lc rgb '#8A6D00' pt 10 ps 0.7 lw 2 dt 2\n";

/* Terminals by the file's ending; sizes are in points, in pixels or in inches. The same picture in
 * each: cairo's pixels are of 96 to the inch, SVG's fonts are in pixels. */
static const struct {
    const char *ending, *terminal;
    double scale;
} terminals[] = {
    {".svg", "svg size %g,%g dynamic background rgb 'white' font 'sans,12'", 1},
    {".png", "pngcairo size %g,%g font 'sans,12' fontscale 1.125 linewidth 1.5 pointscale 1.5",
     1.5},
    {".pdf", "pdfcairo size %g,%g font 'sans,12' fontscale 0.72 linewidth 0.8 pointscale 0.72",
     1 / 100.0},
};

static int find_terminal(const char *path) {
    size_t length = strlen(path);
    for (int i = 0; i < (int)(sizeof terminals / sizeof *terminals); i++)
        if (length > 4 && strcmp(path + length - 4, terminals[i].ending) == 0)
            return i;
    return -1;
}

enum status gnuplot_check(const char *path, struct diagnostic *diag) {
    if (find_terminal(path) < 0)
        return FAIL(diag, STATUS_USAGE, "%s: a plot is written as .svg, .png or .pdf", path);
    return file_check_writable(path, diag);
}

/* The child's three files. */
struct streams {
    FILE *in, *out, *err;
};

static void close_streams(struct streams *streams) {
    FILE *files[] = {streams->in, streams->out, streams->err};
    for (int i = 0; i < 3; i++)
        if (files[i] != NULL)
            fclose(files[i]);
}

static enum status spawn(struct streams *streams, struct diagnostic *diag) {
    char *arguments[] = {(char[]){"gnuplot"}, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int ended = 0;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return FAIL_MEMORY(diag, "gnuplot");
    posix_spawn_file_actions_adddup2(&actions, fileno(streams->in), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(streams->out), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(streams->err), STDERR_FILENO);
    int error = posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error == ENOENT)
        return FAIL(diag, STATUS_IO,
                    "plots need the program gnuplot, which is not installed (on Debian: apt-get "
                    "install gnuplot-nox)");
    if (error != 0)
        return FAIL(diag, STATUS_IO, "gnuplot cannot be started: %s", strerror(error));
    while (waitpid(child, &ended, 0) < 0)
        if (errno != EINTR)
            return FAIL(diag, STATUS_IO, "gnuplot was lost: %s", strerror(errno));
    if (ended == 0)
        return STATUS_OK;
    char line[200] = "";
    rewind(streams->err);
    while (fgets(line, sizeof line, streams->err) != NULL &&
           strspn(line, " \t\r\n^") == strlen(line))
        ;
    line[strcspn(line, "\n")] = '\0';
    return FAIL(diag, STATUS_IO, "gnuplot failed: %s", line);
}

static enum status collect(FILE *from, const char *path, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    long size = fseek(from, 0, SEEK_END) == 0 ? ftell(from) : -1;
    char *data = size > 0 ? ARENA_NEW(&arena, size, char) : NULL;
    rewind(from);
    enum status status = STATUS_OK;
    if (data == NULL || fread(data, 1, (size_t)size, from) != (size_t)size)
        status = FAIL(diag, STATUS_IO, "gnuplot drew nothing for %s", path);
    if (status == STATUS_OK)
        status = file_write(path, data, (size_t)size, diag);
    arena_free(&arena);
    return status;
}

enum status gnuplot_draw(const char *script, int width, int height, const char *path,
                         struct diagnostic *diag) {
    int t = find_terminal(path);
    if (t < 0)
        return gnuplot_check(path, diag);
    char terminal[160];
    double scale = terminals[t].scale;
    snprintf(terminal, sizeof terminal, terminals[t].terminal, width * scale, height * scale);
    struct streams streams = {tmpfile(), tmpfile(), tmpfile()};
    enum status status = STATUS_OK;
    if (streams.in == NULL || streams.out == NULL || streams.err == NULL)
        status = FAIL(diag, STATUS_IO, "no temporary file for gnuplot: %s", strerror(errno));
    if (status == STATUS_OK) {
        fprintf(streams.in, "set terminal %s\n%s", terminal, script);
        rewind(streams.in);
        status = spawn(&streams, diag);
    }
    if (status == STATUS_OK)
        status = collect(streams.out, path, diag);
    close_streams(&streams);
    return status;
}
