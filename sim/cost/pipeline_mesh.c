/* Routers: where tiles are, and the way between them. */
#include "sim/cost/pipeline_internal.h"

/* A router that tiles share has a count below one in its tile (ISAAC: 0.25); a chip without routers
 * is taken to have one a tile. */
struct mesh mesh_make(const struct chip *chip) {
    struct mesh mesh = {.tiles = chip->tiles, .tiles_per_router = 1};
    for (int i = 0; i < chip->n_components; i++) {
        const struct chip_component *part = &chip->components[i];
        if (part->action == ACTION_ROUTER_BIT && part->level == CHIP_TILE && part->count < 1)
            mesh.tiles_per_router = (int)(1 / part->count + 0.5);
    }
    mesh.routers = (mesh.tiles + mesh.tiles_per_router - 1) / mesh.tiles_per_router;
    mesh.width = 1;
    while (mesh.width * mesh.width < mesh.routers)
        mesh.width++;
    return mesh;
}

int mesh_router(const struct mesh *mesh, int tile) {
    return tile / mesh->tiles * mesh->routers + tile % mesh->tiles / mesh->tiles_per_router;
}

struct place {
    int row, column;
};

/* Rows run back and forth, so that routers with neighbouring numbers are neighbours. */
static struct place place_of(const struct mesh *mesh, int router) {
    int own = router % mesh->routers, row = own / mesh->width, column = own % mesh->width;
    return (struct place){row, row % 2 == 0 ? column : mesh->width - 1 - column};
}

static int router_at(const struct mesh *mesh, int chip, struct place place) {
    int column = place.row % 2 == 0 ? place.column : mesh->width - 1 - place.column;
    return chip * mesh->routers + place.row * mesh->width + column;
}

/* Columns first in full rows: the last row may lack routers, so out of it a way goes up first, and
 * into it down last. */
int mesh_port(const struct mesh *mesh, int router, int to, int *next) {
    struct place at = place_of(mesh, router), end = place_of(mesh, to), step = at;
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
