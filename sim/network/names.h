/* Names to numbers: an open-addressing hash table over strings that it does not own. */
#ifndef MHO_NETWORK_NAMES_H
#define MHO_NETWORK_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/base.h"

struct name_slot {
    const char *name; /* NULL: free */
    int number;
};

struct names {
    struct name_slot *slots;
    size_t capacity; /* a power of two */
};

/* Room for `count` names; false on short memory. */
bool names_init(struct names *names, size_t count, struct arena *arena);

/* Number of `name`, or -1. */
int names_find(const struct names *names, const char *name);

/* Adds a name; false when it is there already. No more than `count` names in all. */
bool names_add(struct names *names, const char *name, int number);

#endif
