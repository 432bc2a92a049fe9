/* Between the files that load chips: keys of their files, components, figures at a node. */
#ifndef MHO_CHIP_CHIP_INTERNAL_H
#define MHO_CHIP_CHIP_INTERNAL_H

#include <stddef.h>

#include "sim/chip/parts.h"
#include "sim/config/yaml.h"

enum { COUNT_MAX = 1000000 }; /* of any part in its parent, and of any size */

#define AT     "%s:%d:%d: "
#define POS(n) (n)->file, (n)->line, (n)->column

/* One number or text of a chip file, read into a member of a struct. */
struct key {
    const char *name;
    size_t offset;
    enum { KEY_TEXT, KEY_COUNT, KEY_POSITIVE, KEY_NOT_NEGATIVE } type;
    enum unit unit;
    bool optional;
};

#define KEYS(table) (table), sizeof(table) / sizeof *(table)

/* Reads the keys of `table` from `mapping`; a missing one is an error unless it is optional. */
enum status read_keys(const struct yaml_node *mapping, const struct key *table, size_t count,
                      void *target, struct diagnostic *diag);

/* Refuses what is no mapping, and keys that are neither in `table` nor in `more` (NULL-terminated).
 */
enum status check_mapping(const struct yaml_node *node, const struct key *table, size_t count,
                          const char *const *more, struct diagnostic *diag);

/* Adds the component of a level to the chip, which has room for it; with printed figures, or a
 * component of configs/components. */
enum status chip_part_load(const struct yaml_node *node, enum chip_level level, struct chip *chip,
                           struct diagnostic *diag);

#endif
