#include "pruning/choose.h"

#include <stdlib.h>
#include <string.h>

#include "pruning/follow.h"
#include "pruning/pruning_internal.h"

static bool is_filter(const struct prune_step *step) {
    return strcmp(step->scheme->name, "filter") == 0;
}

/* Moves the filter steps of layer `index` to its only reader, or drops them. */
static void move_filter_steps(const int *reader, int index, struct prune_choice *choices) {
    struct prune_plan *plan = &choices[index].plan;
    int kept = 0;
    for (int i = 0; i < plan->n_steps; i++) {
        struct prune_step step = plan->steps[i];
        if (!is_filter(&step)) {
            plan->steps[kept++] = step;
            continue;
        }
        if (reader[index] < 0)
            continue;
        struct prune_choice *at = &choices[reader[index]];
        at->producer = index;
        at->filters = choices[index].matrix.columns;
        at->filters_kept = step.settings.keep > 0 ? step.settings.keep
                                                  : prune_kept(at->filters, step.settings.rate);
    }
    plan->n_steps = kept;
}

enum status prune_keep_unfollowed(const struct network *network, struct prune_plan *plans,
                                  struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    int *reader = ARENA_NEW(&arena, network->n_linear, int);
    enum status status = reader != NULL ? follow_readers(network, reader, diag)
                                        : FAIL_MEMORY(diag, "the readers of layers");
    for (int i = 0; status == STATUS_OK && i < network->n_linear; i++) {
        int kept = 0;
        for (int s = 0; s < plans[i].n_steps; s++)
            if (reader[i] >= 0 || !is_filter(&plans[i].steps[s]))
                plans[i].steps[kept++] = plans[i].steps[s];
        plans[i].n_steps = kept;
    }
    arena_free(&arena);
    return status;
}

enum status prune_choices_make(const struct network *network, const struct prune_plan *plans,
                               const uint8_t *const *given, bool on_readers,
                               struct prune_choice *choices, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    int *reader = ARENA_NEW(&arena, network->n_linear, int);
    enum status status = reader != NULL ? follow_readers(network, reader, diag)
                                        : FAIL_MEMORY(diag, "the readers of layers");
    for (int i = 0; status == STATUS_OK && i < network->n_linear; i++) {
        const struct linear_layer *layer = &network->linear[i];
        choices[i] = (struct prune_choice){
            .matrix = prune_matrix_of(layer->name, &layer->shape, layer->weights),
            .given = given != NULL ? given[i] : NULL,
            .producer = -1,
        };
        if (given == NULL)
            choices[i].plan = plans[i];
    }
    for (int i = 0; status == STATUS_OK && given == NULL && on_readers && i < network->n_linear;
         i++)
        move_filter_steps(reader, i, choices);
    arena_free(&arena);
    return status;
}

bool prune_choice_removes(const struct prune_choice *choice) {
    return choice->plan.n_steps > 0 || choice->given != NULL || choice->producer >= 0;
}

int prune_exchange_height(const struct prune_choice *choice) {
    int height = 0;
    if (choice->given != NULL)
        return 0;
    for (int i = 0; i < choice->plan.n_steps; i++) {
        const struct prune_step *step = &choice->plan.steps[i];
        if (step->scheme->exchange == PRUNE_EXCHANGE_LINES)
            continue;
        if (step->scheme->exchange == PRUNE_EXCHANGE_NONE || height > 0)
            return 0;
        height = step->scheme->exchange == PRUNE_EXCHANGE_BLOCK ? step->settings.rows
                                                                : choice->matrix.rows;
    }
    return height;
}

struct channel_score {
    double score;
    int channel;
};

static int larger_first(const void *a, const void *b) {
    const struct channel_score *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return x->channel - y->channel;
}

/* Clears the rows of all filters but those whose rows have the largest scores over all columns. */
static enum status keep_filters(const struct prune_choice *choice, const double *scores,
                                uint8_t *mask, struct diagnostic *diag) {
    size_t rows = (size_t)choice->matrix.rows, n = (size_t)choice->filters, each = rows / n;
    struct channel_score *sums = calloc(n, sizeof *sums);
    if (sums == NULL)
        return FAIL_MEMORY(diag, "the scores of filters");
    for (size_t j = 0; j < (size_t)choice->matrix.columns; j++)
        for (size_t r = 0; r < n * each; r++)
            sums[r / each].score += scores[j * rows + r];
    for (size_t i = 0; i < n; i++)
        sums[i].channel = (int)i;
    qsort(sums, n, sizeof *sums, larger_first);
    for (size_t i = (size_t)choice->filters_kept; i < n; i++)
        for (size_t j = 0; j < (size_t)choice->matrix.columns; j++)
            memset(mask + j * rows + (size_t)sums[i].channel * each, 0, each);
    free(sums);
    return STATUS_OK;
}

enum status prune_choose(const void *context, const float *weights, const double *scores,
                         uint8_t *mask, struct diagnostic *diag) {
    const struct prune_choice *choice = context;
    struct prune_matrix matrix = choice->matrix;
    matrix.weights = weights;
    if (choice->given != NULL) {
        memcpy(mask, choice->given, prune_size(&matrix));
        return STATUS_OK;
    }
    memset(mask, 1, prune_size(&matrix));
    if (choice->producer >= 0)
        TRY(keep_filters(choice, scores, mask, diag));
    return prune_narrow(&choice->plan, &matrix, scores, mask, diag);
}

bool prune_emptied_filter(const struct prune_choice *choice, const uint8_t *mask, int filter) {
    size_t rows = (size_t)choice->matrix.rows, each = rows / (size_t)choice->filters;
    for (size_t j = 0; j < (size_t)choice->matrix.columns; j++)
        for (size_t r = 0; r < each; r++)
            if (mask[j * rows + (size_t)filter * each + r])
                return false;
    return true;
}
