#include "sim/network/names.h"

#include <stdint.h>
#include <string.h>
#include <xxhash.h>

bool names_init(struct names *names, size_t count, struct arena *arena) {
    if (count > SIZE_MAX / 8)
        return false;
    names->capacity = 64;
    while (names->capacity < 2 * count)
        names->capacity *= 2;
    names->slots = ARENA_NEW(arena, names->capacity, struct name_slot);
    return names->slots != NULL;
}

/* The slot that holds `name`, or the free one where it belongs. */
static struct name_slot *slot_of(const struct names *names, const char *name) {
    size_t mask = names->capacity - 1;
    size_t i = (size_t)XXH3_64bits(name, strlen(name)) & mask;
    while (names->slots[i].name != NULL && strcmp(names->slots[i].name, name) != 0)
        i = (i + 1) & mask;
    return &names->slots[i];
}

int names_find(const struct names *names, const char *name) {
    const struct name_slot *slot = slot_of(names, name);
    return slot->name == NULL ? -1 : slot->number;
}

bool names_add(struct names *names, const char *name, int number) {
    struct name_slot *slot = slot_of(names, name);
    if (slot->name != NULL)
        return false;
    *slot = (struct name_slot){.name = name, .number = number};
    return true;
}
