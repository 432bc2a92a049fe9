#include "sim/chip/mesh.h"

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

int mesh_router(const struct mesh *mesh, long tile) {
    return (int)(tile / mesh->tiles * mesh->routers + tile % mesh->tiles / mesh->tiles_per_router);
}

struct mesh_place mesh_place(const struct mesh *mesh, int router) {
    int own = router % mesh->routers, row = own / mesh->width, column = own % mesh->width;
    return (struct mesh_place){row, row % 2 == 0 ? column : mesh->width - 1 - column};
}
