/* What the lowest floor offers: status and diagnostics, arenas, files, units, text. */
#ifndef MHO_BASE_BASE_H
#define MHO_BASE_BASE_H

#include "sim/base/arena.h"
#include "sim/base/files.h"
#include "sim/base/status.h"
#include "sim/base/text.h"
#include "sim/base/units.h"

#endif
