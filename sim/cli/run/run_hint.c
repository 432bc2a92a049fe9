/* The last line of the screen of `mho run`: one change worth trying, as a command. */
#include <string.h>

#include "sim/cli/run/run_view.h"
#include "sim/run/record.h"
#include "sim/screen/names.h"

enum { TEXT = 64 };

struct hint {
    const char *why;
    char change[TEXT]; /* "section.key=value" */
};

/* What this run showed, as far as hints ask for it. */
struct findings {
    bool accuracy, ideal, all_clip;
    bool lost;        /* more than one image in a hundred, to converters alone */
    bool lossless;    /* adc.bits=lossless would be accepted */
    int bits, needed; /* of the converters; to lose nothing under clip */
};

static struct findings look_at(const struct run_view *view) {
    const struct run_result *result = view->result;
    const struct run_accuracy *accuracy = &result->accuracy;
    struct findings found = {
        .accuracy = accuracy->images > 0, .ideal = true, .all_clip = true, .lossless = true};
    for (int i = 0; i < result->mapping.n_layers; i++) {
        const struct engine_layer *layer = &result->layers[i];
        int exact = result->mapping.layers[i].lossless.exact;
        bool full_range = layer->choice == ADC_TRANSFER_FULL_RANGE;
        int needed = full_range ? adc_bits_for_sum(layer->bound) : exact;
        found.ideal = found.ideal && layer->analog == NULL;
        found.all_clip = found.all_clip && layer->choice == ADC_TRANSFER_CLIP;
        found.lossless = found.lossless && needed <= ADC_BITS_MAX;
        found.needed = exact > found.needed ? exact : found.needed;
    }
    found.bits = (int)run_record_metric(view->records, "adc_bits_max");
    found.lost = found.accuracy &&
                 accuracy->correct_ideal - accuracy->trial->correct > accuracy->images / 100;
    return found;
}

/* `layers:` sets the field for some layers, so that changing it for all may change nothing. */
static bool set_by_layer(const struct config *config, const char *section, const char *key) {
    for (size_t i = 0; i < config_layer_overrides(config); i++) {
        const char *pattern, *of, *name, *value;
        config_layer_override(config, i, &pattern, &of, &name, &value);
        if (strcmp(of, section) == 0 && strcmp(name, key) == 0)
            return true;
    }
    return false;
}

/* False where no change of adc.bits is worth trying. */
static bool hint_bits(const struct run_view *view, const struct findings *found,
                      struct hint *hint) {
    if (set_by_layer(view->result->config, "adc", "bits"))
        return false;
    if (found->ideal && found->lost && found->lossless) {
        *hint = (struct hint){"No accuracy lost", "adc.bits=lossless"};
        return true;
    }
    if (found->ideal && found->all_clip && found->bits > found->needed) {
        hint->why = "Fewer bits, nothing lost";
        snprintf(hint->change, TEXT, "adc.bits=%d", found->needed);
        return true;
    }
    if (found->accuracy && found->bits > 1 && view->result->ideal_classes == NULL) {
        hint->why = "One bit less";
        snprintf(hint->change, TEXT, "adc.bits=%d", found->bits - 1);
        return true;
    }
    return false;
}

static bool choose(const struct run_view *view, struct hint *hint) {
    const struct run_result *result = view->result;
    const struct findings found = look_at(view);
    if (found.accuracy && result->random && result->accuracy.trials == 1) {
        *hint = (struct hint){"How much it varies", "run.trials=5"};
        return true;
    }
    if (hint_bits(view, &found, hint))
        return true;
    const struct crossbar_options *crossbar = config_get(result->config, "crossbar");
    if (crossbar->choose != CROSSBAR_CHOOSE_NONE ||
        set_by_layer(result->config, "crossbar", "rows"))
        return false;
    int rows = result->mapping.layers[0].crossbar.rows;
    hint->why = rows > 1 ? "Smaller crossbars" : "Larger crossbars";
    snprintf(hint->change, TEXT, "crossbar.rows=%d", rows > 1 ? rows / 2 : 2);
    return true;
}

/* The key of "section.key=value", without the blanks around it. */
static size_t key_of(const char *assignment, const char **key) {
    *key = assignment + strspn(assignment, " \t");
    size_t length = strcspn(*key, "=");
    while (length > 0 && strchr(" \t", (*key)[length - 1]) != NULL)
        length--;
    return length;
}

static bool same_key(const char *a, const char *b) {
    const char *key_a, *key_b;
    size_t length = key_of(a, &key_a);
    return length == key_of(b, &key_b) && strncmp(key_a, key_b, length) == 0;
}

/* The overrides of this run, each key once (the last one counts), but for what `change` replaces
 * and what changes no result; then the change. */
static void print_overrides(const struct cli_config *source, const char *change, FILE *out) {
    for (size_t i = 0; i < source->n_overrides; i++) {
        const char *assignment = source->overrides[i];
        bool skip = same_key(assignment, change) || same_key(assignment, "run.threads");
        for (size_t j = i + 1; j < source->n_overrides && !skip; j++)
            skip = same_key(assignment, source->overrides[j]);
        if (skip)
            continue;
        fputs(" --set ", out);
        print_shell_word(assignment, out);
    }
    fprintf(out, " --set %s", change);
}

void run_screen_hint(const struct run_view *view, const struct screen *screen) {
    struct hint hint;
    if (!choose(view, &hint))
        return;
    fprintf(screen->out, "%s%s:  mho run ", screen_style(screen, STYLE_DIM), hint.why);
    print_shell_word(view->source->path, screen->out);
    print_overrides(view->source, hint.change, screen->out);
    if (view->db_option != NULL) {
        fputs(" --db ", screen->out);
        print_shell_word(view->db_option, screen->out);
    }
    fprintf(screen->out, "%s\n", screen_reset(screen));
}
