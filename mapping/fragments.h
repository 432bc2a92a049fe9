/* Fragments of the encoding `polarized`: word lines whose weights have one sign in every column.
 * They start anew with each row block, and each is an operation unit. Private to mapping/. */
#ifndef MHO_MAPPING_FRAGMENTS_H
#define MHO_MAPPING_FRAGMENTS_H

#include "mapping/mapping.h"

/* Takes mapping.fragment_rows as the rows of operation units. Refuses what breaks fragments: other
 * operation units, fragments longer than an array, or, with a compaction, row blocks that end
 * within one. */
enum status fragments_lay_out(const struct mapping_options *options, struct mapped_layer *layer,
                              struct diagnostic *diag);

/* Refuses weights of both signs in one fragment of a column; the message names the first. */
enum status fragments_check(const struct mapped_layer *layer, struct diagnostic *diag);

/* Fragments go or stay whole: marks all rows of each that has a marked one. `used` [rows] of a
 * pack.
 */
void fragments_widen(const struct mapped_layer *layer, uint8_t *used, int rows);

#endif
