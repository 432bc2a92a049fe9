/* A stored point once more. */
#include "sim/cli/run/run_again.h"

#include <math.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/stop.h"
#include "sim/repro/repro.h"
#include "sim/run/record.h"
#include "sim/screen/json_text.h"
#include "sim/screen/progress.h"
#include "sim/screen/table.h"

enum { SHOWN = 40, VERSION = 96 };

/* Everything that lives while a point is run again. */
struct again {
    const struct again_request *request;
    int64_t run_id;
    struct store_run stored, now;
    const char *config_path; /* names the experiment, as it was */
    struct config *config;
    struct run_result result;
    bool evaluated;
    const char *note; /* NULL, or what is known to be another file */
    struct again_difference *differences;
    int n_differences, n_compared;
    struct arena arena;
};

/* What was stored, and its configuration as today's sections. */
static enum status read_stored(struct again *again, struct diagnostic *diag) {
    const struct again_request *request = again->request;
    struct store *store;
    const char *yaml = NULL;
    TRY(store_open_reading(request->database, &store, diag));
    enum status status = cli_run_id(store, request->id, &again->run_id, diag);
    if (status == STATUS_OK)
        status = store_read(store, again->run_id, &again->arena, &again->stored, diag);
    if (status == STATUS_OK)
        status = store_read_config(store, again->run_id, &again->arena, &yaml, diag);
    store_close(store);
    if (status != STATUS_OK)
        return status;
    const char *experiment = again->stored.experiment;
    if (strcmp(again->stored.status, "failed") == 0)
        return FAIL(diag, STATUS_STORE, "run %lld failed, so there are no figures to compare: %s",
                    (long long)again->run_id,
                    again->stored.error != NULL ? again->stored.error : "no reason was kept");
    if (again->stored.n_claims > 0)
        return FAIL(diag, STATUS_USAGE, "run %lld is a paper's: `mho repro %s` runs it again",
                    (long long)again->run_id, repro_paper_of(experiment));
    const char *name =
        arena_printf(&again->arena, "configuration of run %lld (mho %s, %s)",
                     (long long)again->run_id, again->stored.version, again->stored.commit);
    again->config_path = arena_printf(&again->arena, "%s.yaml", experiment);
    if (name == NULL || again->config_path == NULL)
        return FAIL_MEMORY(diag, "a run");
    TRY(config_create(run_sections, n_run_sections, &again->config, diag));
    TRY(config_load_text(again->config, yaml, name, diag));
    TRY(config_override(again->config, "run.predictions=~", diag)); /* not over those of then */
    if (request->threads != NULL)
        TRY(config_override(again->config, request->threads, diag));
    return config_finish(again->config, diag);
}

static enum status fail_changed(const struct again *again, const char *what, const char *path,
                                const char *stored, const char *now, struct diagnostic *diag) {
    return FAIL(diag, STATUS_USAGE,
                "%s %s holds something else than when run %lld was stored (XXH3 %.12s.. then, "
                "%.12s.. now): put the old file back, or run the configuration anew",
                what, path, (long long)again->run_id, stored, now[0] != '\0' ? now : "none");
}

/* Model and images are known by their own hashes; the other files by that of the point alone. */
static enum status check_files(struct again *again, struct diagnostic *diag) {
    const struct network_options *network = config_get(again->config, "network");
    const struct dataset_options *dataset = config_get(again->config, "dataset");
    const struct run_hooks hooks = {.stop = cli_catch_signals()};
    struct run_contents contents;
    const struct store_run *stored = &again->stored;
    TRY(run_read_contents(again->config, &hooks, &contents, diag));
    if (strcmp(stored->model_hash, contents.model) != 0)
        return fail_changed(again, "the model", network->model, stored->model_hash, contents.model,
                            diag);
    if (stored->data_hash != NULL && strcmp(stored->data_hash, contents.data) != 0)
        return fail_changed(again, "the test images", dataset->images, stored->data_hash,
                            contents.data, diag);
    const char *point = run_point_hash(again->config, &contents, stored->experiment, &again->arena);
    if (point == NULL)
        return FAIL_MEMORY(diag, "a run");
    if (strcmp(point, stored->point_hash) != 0)
        again->note = "The model and the test images are the same, but the point's hash is not: "
                      "calibration images, a chip, device or baseline file, or the configuration's "
                      "defaults changed.";
    return STATUS_OK;
}

static enum status evaluate(struct again *again, struct diagnostic *diag) {
    struct progress progress;
    progress_begin(&progress, stderr, again->request->quiet);
    const struct run_hooks hooks = {
        .progress = progress_update, .context = &progress, .stop = cli_catch_signals()};
    enum status status = run_evaluate(again->config, &hooks, &again->result, diag);
    progress_end(&progress);
    if (status == STATUS_INTERRUPTED)
        return FAIL(diag, STATUS_INTERRUPTED, "interrupted; nothing was compared");
    again->evaluated = status == STATUS_OK;
    return status;
}

/* The record of the trial that the stored row is of. */
static enum status make_record(struct again *again, struct diagnostic *diag) {
    const struct run_source source = {
        .config_path = again->config_path,
        .base = again->config,
        .version = mho_version,
        .commit = mho_commit,
    };
    struct store_run *first = ARENA_NEW(&again->arena, 1, struct store_run);
    if (first == NULL)
        return FAIL_MEMORY(diag, "a run");
    TRY(run_record(&again->result, &source, &again->arena, first, diag));
    again->now = *first;
    if (again->stored.trial == 0)
        return STATUS_OK;
    if (again->stored.trial >= again->result.accuracy.trials)
        return FAIL(diag, STATUS_STORE, "run %lld is trial %d, but its configuration asks for %d",
                    (long long)again->run_id, again->stored.trial, again->result.accuracy.trials);
    return run_record_trial(&again->result, again->stored.trial, first, &again->arena, &again->now,
                            diag);
}

static void version_text(const char *version, const char *commit, char text[VERSION]) {
    snprintf(text, VERSION, "%s (%s)", version, commit);
}

static bool other_version(const struct again *again) {
    return strcmp(again->stored.version, mho_version) != 0 ||
           strcmp(again->stored.commit, mho_commit) != 0;
}

static void figure_cell(struct table *table, double value) {
    if (isnan(value))
        table_cell(table, "-");
    else
        table_cell(table, "%.10g", value);
}

static enum status list_differences(const struct again *again, const struct screen *screen,
                                    struct diagnostic *diag) {
    static const struct table_column columns[] = {
        {"of", NULL, TABLE_LEFT, STYLE_PLAIN},      {"figure", NULL, TABLE_LEFT, STYLE_BOLD},
        {"stored", NULL, TABLE_RIGHT, STYLE_PLAIN}, {"now", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"ratio", NULL, TABLE_RIGHT, STYLE_PLAIN},
    };
    struct table table;
    table_begin(&table, columns, sizeof columns / sizeof *columns);
    for (int i = 0; i < again->n_differences && i < SHOWN; i++) {
        const struct again_difference *own = &again->differences[i];
        table_cell(&table, "%s", own->of);
        table_cell(&table, "%s", own->name);
        figure_cell(&table, own->stored);
        figure_cell(&table, own->now);
        figure_cell(&table, own->stored != 0 ? own->now / own->stored : NAN);
    }
    enum status status = table_print(&table, screen, diag);
    table_free(&table);
    if (again->n_differences > SHOWN)
        fprintf(screen->out, "and %d more: --json lists all\n", again->n_differences - SHOWN);
    return status;
}

static enum status show(const struct again *again, const struct screen *screen,
                        struct diagnostic *diag) {
    char then[VERSION], now[VERSION];
    version_text(again->stored.version, again->stored.commit, then);
    version_text(mho_version, mho_commit, now);
    fprintf(screen->out, "Run %lld of experiment `%s`, stored by mho %s, run again by %s.\n",
            (long long)again->run_id, again->stored.experiment, then,
            other_version(again) ? now : "the same");
    /* Another version may hash points otherwise: that alone is no news. */
    if (again->note != NULL && (again->n_differences > 0 || !other_version(again)))
        screen_wrapped(screen, again->note, 0);
    if (again->n_differences == 0) {
        fprintf(screen->out, "%sAll %d figures are the same.%s Nothing was stored.\n",
                screen_style(screen, STYLE_GOOD), again->n_compared, screen_reset(screen));
        return STATUS_OK;
    }
    fprintf(screen->out, "%s%d of %d figures differ.%s Nothing was stored.\n\n",
            screen_style(screen, STYLE_BAD), again->n_differences, again->n_compared,
            screen_reset(screen));
    return list_differences(again, screen, diag);
}

static enum status show_json(const struct again *again, struct diagnostic *diag) {
    json_t *differences = json_array(), *object = json_object();
    for (int i = 0; i < again->n_differences; i++) {
        const struct again_difference *own = &again->differences[i];
        json_t *one = json_with(json_object(), "of", json_text(own->of));
        one = json_with(one, "name", json_text(own->name));
        one = json_with(one, "stored", json_number(own->stored));
        differences = json_plus(differences, json_with(one, "now", json_number(own->now)));
    }
    object = json_with(object, "run_id", json_integer(again->run_id));
    object = json_with(object, "experiment", json_text(again->stored.experiment));
    object = json_with(object, "version", json_text(again->stored.version));
    object = json_with(object, "commit", json_text(again->stored.commit));
    object = json_with(object, "version_now", json_text(mho_version));
    object = json_with(object, "commit_now", json_text(mho_commit));
    object = json_with(object, "same", json_boolean(again->n_differences == 0));
    object = json_with(object, "compared", json_integer(again->n_compared));
    object = json_with(object, "note", json_text(again->note));
    return json_print(json_with(object, "differences", differences), stdout, diag);
}

static enum status run_and_show(struct again *again, struct diagnostic *diag) {
    TRY(read_stored(again, diag));
    TRY(check_files(again, diag));
    TRY(evaluate(again, diag));
    TRY(make_record(again, diag));
    TRY(again_compare(&again->stored, &again->now, &again->arena, &again->differences,
                      &again->n_differences, &again->n_compared, diag));
    const struct screen screen = screen_of(stdout);
    return again->request->json ? show_json(again, diag) : show(again, &screen, diag);
}

enum status run_again(const struct again_request *request, bool *same, struct diagnostic *diag) {
    struct again again = {.request = request};
    enum status status = run_and_show(&again, diag);
    *same = status == STATUS_OK && again.n_differences == 0;
    if (again.evaluated)
        run_result_free(&again.result);
    config_free(again.config);
    arena_free(&again.arena);
    return status;
}
