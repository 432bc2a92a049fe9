/* Routers: the way between them. */
#include "sim/time/events_internal.h"

static int router_at(const struct mesh *mesh, int chip, struct mesh_place place) {
    int column = place.row % 2 == 0 ? place.column : mesh->width - 1 - place.column;
    return chip * mesh->routers + place.row * mesh->width + column;
}

/* Columns first in full rows: the last row may lack routers, so out of it a way goes up first, and
 * into it down last. */
int mesh_port(const struct mesh *mesh, int router, int to, int *next) {
    struct mesh_place at = mesh_place(mesh, router), end = mesh_place(mesh, to), step = at;
    int chip = router / mesh->routers, port = PORT_OUT;
    bool last_row = (at.row + 1) * mesh->width > mesh->routers;
    if (last_row && at.row > end.row) {
        step.row--;
        port = 0;
    } else if (at.column != end.column) {
        step.column += at.column < end.column ? 1 : -1;
        port = at.column < end.column ? 1 : 3;
    } else if (at.row != end.row) {
        step.row += at.row < end.row ? 1 : -1;
        port = at.row < end.row ? 2 : 0;
    }
    *next = router_at(mesh, chip, step);
    return port;
}
