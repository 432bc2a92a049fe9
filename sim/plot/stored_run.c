/* The run that a picture of one shows. */
#include "sim/plot/plot_internal.h"

#include <string.h>

enum status plot_read_run(struct store *store, int64_t run_id, struct arena *arena,
                          struct store_run *run, struct diagnostic *diag) {
    TRY(store_read(store, run_id, arena, run, diag));
    if (strcmp(run->status, "failed") == 0)
        return FAIL(diag, STATUS_USAGE, "run %lld failed, so there is nothing to draw: %s",
                    (long long)run_id, run->error != NULL ? run->error : "no reason was kept");
    if (run->n_claims > 0)
        return FAIL(diag, STATUS_USAGE,
                    "run %lld holds published figures beside ours (%s), no design point: give "
                    "another by --run (`mho report` lists them)",
                    (long long)run_id, run->experiment);
    return STATUS_OK;
}
