/* What a file is that a command was given in place of another kind: a message that says so is worth
 * more than the first key that is unknown there. */
#ifndef MHO_CLI_FILE_KIND_H
#define MHO_CLI_FILE_KIND_H

#include "sim/base/base.h"

enum file_kind { FILE_CONFIGURATION, FILE_SWEEP, FILE_PAPER, FILE_CHIP, FILE_MODEL, FILE_KINDS };

/* For a file that was refused as `wanted` with `status` and `diag`: where it is another kind, the
 * message becomes what it is and which command takes it. Returns `status`. */
enum status file_kind_explain(const char *path, enum file_kind wanted, enum status status,
                              struct diagnostic *diag);

#endif
