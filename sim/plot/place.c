/* Texts that do not lie on each other. */
#include <stdlib.h>
#include <string.h>

#include "sim/plot/plot_internal.h"
#include "sim/screen/screen.h"

/* Of 11 points, sans. */
#define CHARACTER 6.6
#define LINE      14.0

double place_width(const char *text) {
    return CHARACTER * text_width(text);
}

bool place_text(struct place *place, double x, double y, const char *text, bool right_end) {
    double width = place_width(text);
    double x0 = right_end ? x - width : x, x1 = x0 + width, y0 = y - LINE / 2, y1 = y + LINE / 2;
    if (x0 < 0 || x1 > place->width || y0 < 0 || y1 > place->height || place->n == PLACE_BOXES)
        return false;
    for (int i = 0; i < place->n; i++)
        if (x0 < place->boxes[i].x1 && x1 > place->boxes[i].x0 && y0 < place->boxes[i].y1 &&
            y1 > place->boxes[i].y0)
            return false;
    place->boxes[place->n].x0 = x0;
    place->boxes[place->n].x1 = x1;
    place->boxes[place->n].y0 = y0;
    place->boxes[place->n].y1 = y1;
    place->n++;
    return true;
}

void place_spread(double *heights, int n, double gap, double height) {
    int order[PLACE_BOXES];
    for (int i = 0; i < n && i < PLACE_BOXES; i++) { /* insertion sort: few */
        int at = i;
        for (; at > 0 && heights[order[at - 1]] > heights[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (int i = 1; i < n; i++)
        if (heights[order[i]] < heights[order[i - 1]] + gap)
            heights[order[i]] = heights[order[i - 1]] + gap;
    double above = height;
    for (int i = n - 1; i >= 0; i--) { /* back below the edge, from the top */
        if (heights[order[i]] > above)
            heights[order[i]] = above;
        above = heights[order[i]] - gap;
    }
}
