/* One run, or several, in one transaction. */
#include "results/store_internal.h"

/* Prepares `sql` and binds texts to its first parameters. */
static enum status prepare_texts(struct store *store, const char *sql, const char *const *texts,
                                 int n, sqlite3_stmt **statement, struct diagnostic *diag) {
    TRY(store_prepare(store, sql, statement, diag));
    for (int i = 0; i < n; i++)
        sqlite3_bind_text(*statement, i + 1, texts[i], -1, SQLITE_STATIC);
    return STATUS_OK;
}

/* An experiment is its name and the hash of its base configuration. */
static enum status find_experiment(struct store *store, const struct store_run *run, int64_t *id,
                                   struct diagnostic *diag) {
    const char *const texts[] = {run->experiment, run->base_hash, run->base_yaml};
    sqlite3_stmt *statement = NULL;
    TRY(prepare_texts(store,
                      "INSERT INTO experiment (name, hash, config) VALUES (?, ?, ?) "
                      "ON CONFLICT (name, hash) DO NOTHING",
                      texts, 3, &statement, diag));
    TRY(store_finish(store, statement, NULL, diag));
    TRY(prepare_texts(store, "SELECT id FROM experiment WHERE name = ? AND hash = ?", texts, 2,
                      &statement, diag));
    return store_finish(store, statement, id, diag);
}

/* Removes the run that this one replaces, with all that belongs to it; the new one takes its id. */
static enum status replace_run(struct store *store, const struct store_run *run,
                               struct store_written *written, struct diagnostic *diag) {
    const char *const texts[] = {run->point_hash, run->version};
    sqlite3_stmt *statement = NULL;
    TRY(prepare_texts(store,
                      "SELECT coalesce((SELECT id FROM run WHERE point_hash = ? AND version = ? "
                      "AND trial = ?), (SELECT coalesce(max(id), 0) + 1 FROM run))",
                      texts, 2, &statement, diag));
    sqlite3_bind_int(statement, 3, run->trial);
    TRY(store_finish(store, statement, &written->run_id, diag));
    TRY(store_prepare(store, "DELETE FROM run WHERE id = ?", &statement, diag));
    sqlite3_bind_int64(statement, 1, written->run_id);
    TRY(store_finish(store, statement, NULL, diag));
    written->replaced = sqlite3_changes(store->db) > 0;
    return STATUS_OK;
}

static enum status insert_config(struct store *store, const struct store_run *run, int64_t id,
                                 struct diagnostic *diag) {
    sqlite3_stmt *statement = NULL;
    TRY(prepare_texts(store, "INSERT INTO run_config (yaml, run_id) VALUES (?, ?)",
                      &run->config_yaml, 1, &statement, diag));
    sqlite3_bind_int64(statement, 2, id);
    return store_finish(store, statement, NULL, diag);
}

static enum status set_params(struct store *store, int64_t id, struct diagnostic *diag) {
    sqlite3_stmt *statement = NULL;
    TRY(store_prepare(store,
                      "UPDATE run SET params = (SELECT json_group_object(key, value) FROM "
                      "(SELECT key, value FROM parameter WHERE run_id = ?1 "
                      "ORDER BY key)) WHERE id = ?1",
                      &statement, diag));
    sqlite3_bind_int64(statement, 1, id);
    return store_finish(store, statement, NULL, diag);
}

static enum status write_rows(struct store *store, const struct store_run *run,
                              struct store_written *written, struct diagnostic *diag) {
    int64_t experiment = 0;
    TRY(find_experiment(store, run, &experiment, diag));
    TRY(replace_run(store, run, written, diag));
    int64_t id = written->run_id;
    TRY(store_insert(store, &store_run_table, id, experiment, run, 1, diag));
    TRY(insert_config(store, run, id, diag));
    TRY(store_insert_parameters(store, id, experiment, run, diag));
    TRY(set_params(store, id, diag));
    TRY(store_insert(store, &store_metric_table, id, 0, run->metrics, run->n_metrics, diag));
    TRY(store_insert(store, &store_layer_table, id, 0, run->layers, run->n_layers, diag));
    TRY(store_insert(store, &store_sum_table, id, 0, run->histogram, run->n_histogram, diag));
    TRY(store_insert(store, &store_component_table, id, 0, run->components, run->n_components,
                     diag));
    TRY(store_insert(store, &store_claim_table, id, 0, run->claims, run->n_claims, diag));
    if (!written->replaced)
        return STATUS_OK;
    /* That run may have been the last of an earlier base of its experiment. */
    return store_exec(store,
                      "DELETE FROM experiment WHERE NOT EXISTS "
                      "(SELECT 1 FROM run WHERE experiment_id = experiment.id)",
                      diag);
}

enum status store_write_all(struct store *store, const struct store_run *runs, int n,
                            struct store_written *written, struct diagnostic *diag) {
    enum status status = STATUS_OK;
    TRY(store_begin(store, diag));
    for (int i = 0; i < n && status == STATUS_OK; i++)
        status = write_rows(store, &runs[i], &written[i], diag);
    return store_end(store, status, diag);
}

enum status store_write(struct store *store, const struct store_run *run, int64_t *run_id,
                        struct diagnostic *diag) {
    struct store_written written = {0};
    TRY(store_write_all(store, run, 1, &written, diag));
    if (run_id != NULL)
        *run_id = written.run_id;
    return STATUS_OK;
}
