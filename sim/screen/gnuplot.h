/* Plots, drawn by the program gnuplot. */
#ifndef MHO_SCREEN_GNUPLOT_H
#define MHO_SCREEN_GNUPLOT_H

#include "sim/base/base.h"

/* What a plot can be written as: refuses a file that ends in neither .svg, .png nor .pdf. */
enum status gnuplot_check(const char *path, struct diagnostic *diag);

/* Draws `script`, which sets neither terminal nor output, into `path`: as a whole or not at all.
 * `width` and `height` in points. STATUS_IO when gnuplot is missing or fails. */
enum status gnuplot_draw(const char *script, int width, int height, const char *path,
                         struct diagnostic *diag);

/* Colours that the colour-blind tell apart (Okabe and Ito 2008), by line style 1 to 9 with a point
 * type each: first line of a script. */
extern const char gnuplot_styles[];

#endif
