/* A document over another: what the first says wins, mapping by mapping. */
#ifndef MHO_CONFIG_YAML_MERGE_H
#define MHO_CONFIG_YAML_MERGE_H

#include "sim/config/yaml.h"

/* `over` on top of `base`, in `arena`; nodes that neither changes are shared, each with its own
 * file and line. Mappings are merged key by key, in base's order, then those that only `over` has.
 * Of two lists whose items all have a `name`, items of one name are merged, others added at the
 * end; any other list, and a text, replaces base's. A key that is null in `over` takes base's away.
 * NULL on short memory. */
const struct yaml_node *yaml_merge(const struct yaml_node *base, const struct yaml_node *over,
                                   struct arena *arena);

/* yaml_load of a file with all that its key `base` (a path relative to the file) names, merged; the
 * key itself is left out. At most 16 deep, so a file that is its own base is refused. `hash`
 * becomes that of all contents, 32 hexadecimal digits. */
enum status yaml_load_based(const char *path, struct arena *arena, const struct yaml_node **root,
                            char hash[33], struct diagnostic *diag);

#endif
