/* Shares of a sweep's points. */
#include "sim/sweep/execute.h"

/* floor(n * i / shards) without overflow. */
static long part(long n, int i, int shards) {
    return n / shards * i + n % shards * i / shards;
}

enum status sweep_shard_begin(const struct sweep *sweep, int shard, int shards,
                              struct sweep_shard *share, struct diagnostic *diag) {
    long count;
    *share = (struct sweep_shard){0};
    TRY(sweep_count(sweep, &count, diag));
    share->skip = part(count, shard - 1, shards);
    share->left = part(count, shard, shards) - share->skip;
    return sweep_walk_begin(sweep, &share->walk, diag);
}

enum status sweep_shard_next(void *context, struct sweep_point *point, bool *found,
                             struct diagnostic *diag) {
    struct sweep_shard *share = context;
    *found = false;
    for (; share->skip > 0; share->skip--) {
        TRY(sweep_walk_next(share->walk, point, found, diag));
        if (!*found)
            return STATUS_OK;
        sweep_point_free(point);
    }
    *found = false;
    if (share->left == 0)
        return STATUS_OK;
    share->left--;
    return sweep_walk_next(share->walk, point, found, diag);
}

void sweep_shard_end(struct sweep_shard *share) {
    sweep_walk_end(share->walk);
    *share = (struct sweep_shard){0};
}
