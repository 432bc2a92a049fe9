#include "sim/run/layerwise.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "pruning/choose.h"
#include "pruning/follow.h"
#include "sim/base/random.h"
#include "sim/engine/frontier.h"

enum { CHUNK = 1024 };            /* samples that are summed in single precision */
enum { STREAM_POSITIONS = 0x70 }; /* first part of the keys of this file's random streams */

struct pass {
    const struct layerwise_request *request;
    struct layerwise_layer *layers;
    struct network pruned;          /* the request's, with the weights so far */
    struct engine *dense;           /* of the request's network */
    struct engine *current;         /* of `pruned` */
    struct frontier *ahead;         /* dense, at the output of the current layer */
    struct frontier *behind;        /* pruned, at its input */
    int *summand;                   /* [n_linear] see pruning/follow.h */
    float *low, *high;              /* [n_linear] bounds on outputs, see pruning/follow.h */
    struct prune_choice *choices;   /* [n_linear] */
    struct reconstruction *results; /* [n_linear]; NULL members: the layer is as it was */
    struct arena *arena;
};

/* --- samples --- */

/* Where one layer is sampled: `per_image` output positions of each image. */
struct sampling {
    int images, per_image;
    long *positions; /* [images][per_image] */
};

static enum status choose_positions(const struct pass *pass, int layer, struct sampling *sampling,
                                    struct arena *arena, struct diagnostic *diag) {
    const struct layerwise_request *request = pass->request;
    long all = matrix_positions(&request->network->linear[layer].shape);
    int images = request->images->count;
    long wanted = (request->samples + images - 1) / images;
    long per_image = wanted < all ? wanted : all;
    long *numbers = ARENA_NEW(arena, all, long);
    *sampling = (struct sampling){.images = images, .per_image = (int)per_image};
    sampling->positions = ARENA_NEW(arena, (size_t)images * (size_t)per_image, long);
    if (numbers == NULL || sampling->positions == NULL)
        return FAIL_MEMORY(diag, "the positions of samples");
    for (long p = 0; p < all; p++)
        numbers[p] = p;
    for (int i = 0; i < images; i++) {
        struct random_stream stream;
        gsl_rng *rng = random_open(
            &stream, RANDOM_KEY(request->seed, STREAM_POSITIONS, (uint64_t)layer, (uint64_t)i));
        gsl_ran_choose(rng, sampling->positions + (size_t)i * (size_t)per_image, (size_t)per_image,
                       numbers, (size_t)all, sizeof *numbers);
    }
    return STATUS_OK;
}

/* One chunk of a group's samples. */
struct chunk {
    float *x;              /* [CHUNK][rows] */
    float *y;              /* [CHUNK][filters] */
    float *low, *high;     /* [CHUNK][filters] beyond which outputs make no difference */
    float *given;          /* [CHUNK][filters] */
    float *dense, *summed; /* [threads][out_channels] */
};

/* One of them. */
struct sample {
    float *y, *low, *high; /* [filters] */
    float *dense, *summed; /* [out_channels] scratch */
};

/* What the layer should give at a position: the dense network's pre-activation, and what is missing
 * in the tensor that it is added to; and between which bounds it makes a difference. */
static void want(const struct pass *pass, int layer, int group, int image, long position,
                 const struct sample *sample) {
    const struct network *network = pass->request->network;
    const struct linear_layer *linear = &network->linear[layer];
    int filters = matrix_columns(&linear->shape), summand = pass->summand[layer];
    const float *dense = sample->dense + (size_t)group * (size_t)filters;
    const float *summed = sample->summed + (size_t)group * (size_t)filters;
    bool known = summand >= 0 && frontier_holds(pass->ahead, summand) &&
                 frontier_holds(pass->behind, summand);
    frontier_channels(pass->ahead, network->nodes[linear->node].output, image, position,
                      sample->dense);
    for (int j = 0; j < filters; j++) {
        sample->y[j] = dense[j];
        sample->low[j] = summand >= 0 && !known ? -INFINITY : pass->low[layer];
        sample->high[j] = summand >= 0 && !known ? INFINITY : pass->high[layer];
    }
    if (!known)
        return;
    frontier_channels(pass->ahead, summand, image, position, sample->dense);
    frontier_channels(pass->behind, summand, image, position, sample->summed);
    for (int j = 0; j < filters; j++) {
        sample->y[j] += dense[j] - summed[j];
        sample->low[j] -= summed[j];
        sample->high[j] -= summed[j];
    }
}

static void gather(const struct pass *pass, int layer, int group, const struct sampling *sampling,
                   long first, int n, const struct chunk *chunk) {
    const struct matrix_shape *shape = &pass->request->network->linear[layer].shape;
    size_t rows = (size_t)matrix_rows(shape), filters = (size_t)matrix_columns(shape);
    int threads = pass->request->threads;
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int thread = 0; thread < threads; thread++)
        for (int i = thread * n / threads; i < (thread + 1) * n / threads; i++) {
            size_t at = (size_t)thread * (size_t)shape->out_channels;
            int image = (int)((first + i) / sampling->per_image);
            long position = sampling->positions[first + i];
            frontier_row(pass->behind, group, image, position, chunk->x + (size_t)i * rows);
            want(pass, layer, group, image, position,
                 &(struct sample){.y = chunk->y + (size_t)i * filters,
                                  .low = chunk->low + (size_t)i * filters,
                                  .high = chunk->high + (size_t)i * filters,
                                  .dense = chunk->dense + at,
                                  .summed = chunk->summed + at});
        }
}

static bool chunk_make(const struct matrix_shape *shape, size_t threads, struct chunk *chunk,
                       struct arena *arena) {
    size_t filters = (size_t)matrix_columns(shape), out = (size_t)shape->out_channels;
    *chunk = (struct chunk){
        .x = arena_alloc(arena, CHUNK, (size_t)matrix_rows(shape) * sizeof(float)),
        .y = arena_alloc(arena, CHUNK, filters * sizeof(float)),
        .low = arena_alloc(arena, CHUNK, filters * sizeof(float)),
        .high = arena_alloc(arena, CHUNK, filters * sizeof(float)),
        .given = arena_alloc(arena, CHUNK, filters * sizeof(float)),
        .dense = arena_alloc(arena, threads, out * sizeof(float)),
        .summed = arena_alloc(arena, threads, out * sizeof(float)),
    };
    return chunk->x != NULL && chunk->y != NULL && chunk->low != NULL && chunk->high != NULL &&
           chunk->given != NULL && chunk->dense != NULL && chunk->summed != NULL;
}

/* The weights and biases at hand, to which targets are fitted; NULL weights: none. */
struct fitted {
    const float *weights, *bias;
};

static void add_chunk(const struct matrix_shape *shape, int group, int n, const struct chunk *chunk,
                      const struct fitted *fitted, struct moments *moments) {
    int rows = matrix_rows(shape), filters = matrix_columns(shape);
    size_t first = (size_t)group * (size_t)filters;
    if (fitted->weights == NULL) {
        moments_add(moments, group, chunk->x, chunk->y, n);
        return;
    }
    const struct bounded_samples samples = {.n = n,
                                            .rows = rows,
                                            .filters = filters,
                                            .x = chunk->x,
                                            .low = chunk->low,
                                            .high = chunk->high,
                                            .y = chunk->y,
                                            .work = chunk->given};
    moments_bound_targets(&samples, fitted->weights + first * (size_t)rows, fitted->bias + first);
    moments_add_targets(moments, group, chunk->x, chunk->y, n);
}

static enum status sample(const struct pass *pass, int layer, const struct fitted *fitted,
                          struct moments *moments, struct diagnostic *diag) {
    const struct matrix_shape *shape = &pass->request->network->linear[layer].shape;
    struct arena arena = ARENA_INIT;
    struct sampling sampling = {0};
    struct chunk chunk;
    enum status status = chunk_make(shape, (size_t)pass->request->threads, &chunk, &arena)
                             ? choose_positions(pass, layer, &sampling, &arena, diag)
                             : FAIL_MEMORY(diag, "the samples of a layer");
    long all = (long)sampling.images * sampling.per_image;
    for (int group = 0; status == STATUS_OK && group < shape->groups; group++)
        for (long first = 0; first < all; first += CHUNK) {
            int n = all - first < CHUNK ? (int)(all - first) : CHUNK;
            gather(pass, layer, group, &sampling, first, n, &chunk);
            add_chunk(shape, group, n, &chunk, fitted, moments);
        }
    arena_free(&arena);
    return status;
}

/* --- layers --- */

static enum status allocate(struct pass *pass, int layer, struct reconstruction *result,
                            struct diagnostic *diag) {
    const struct prune_matrix *matrix = &pass->choices[layer].matrix;
    size_t n = prune_size(matrix);
    *result = (struct reconstruction){
        .mask = ARENA_NEW(pass->arena, n, uint8_t),
        .weights = ARENA_NEW(pass->arena, n, float),
        .bias = ARENA_NEW(pass->arena, matrix->columns, float),
    };
    return result->mask != NULL && result->weights != NULL && result->bias != NULL
               ? STATUS_OK
               : FAIL_MEMORY(diag, "the pruned weights of a layer");
}

struct layer_of {
    const struct pass *pass;
    int layer;
};

static enum status retarget(void *context, const float *weights, const float *bias,
                            struct moments *moments, struct diagnostic *diag) {
    const struct layer_of *at = context;
    moments_clear_targets(moments);
    return sample(at->pass, at->layer, &(struct fitted){weights, bias}, moments, diag);
}

/* The layer's moments on the inputs it has now, and what they lead to. */
static enum status fit(struct pass *pass, int layer, struct reconstruction *result,
                       struct diagnostic *diag) {
    const struct layerwise_request *request = pass->request;
    struct moments moments = {0};
    struct layer_of at = {pass, layer};
    bool bounded = isfinite(pass->low[layer]) || isfinite(pass->high[layer]);
    const struct reconstruct_request reconstruct = {
        .moments = &moments,
        .matrix = &pass->choices[layer].matrix,
        .bias = request->network->linear[layer].bias,
        .method = request->method,
        .score = request->score,
        .project = prune_choose,
        .context = &pass->choices[layer],
        .exchange_height = prune_exchange_height(&pass->choices[layer]),
        .round = request->round != NULL ? &request->round[layer] : NULL,
        .retarget = bounded ? retarget : NULL,
        .retarget_context = &at,
    };
    TRY(frontier_advance(pass->ahead, pass->dense, layer, FRONTIER_OUTPUT, diag));
    TRY(frontier_advance(pass->behind, pass->current, layer, FRONTIER_INPUT, diag));
    TRY(moments_create(reconstruct.matrix, &moments, diag));
    enum status status = sample(pass, layer, &(struct fitted){0}, &moments, diag);
    if (status == STATUS_OK)
        status = reconstruct_layer(&reconstruct, result, diag);
    moments_free(&moments);
    return status;
}

/* Filters that nothing reads any more go from the layer that computes them. */
static void clear_filters(struct pass *pass, int layer, const uint8_t *mask,
                          struct reconstruction *results) {
    const struct prune_choice *choice = &pass->choices[layer];
    struct reconstruction *producer = &results[choice->producer];
    size_t rows = (size_t)pass->choices[choice->producer].matrix.rows;
    for (int f = 0; f < choice->filters; f++)
        if (prune_emptied_filter(choice, mask, f)) {
            memset(producer->mask + (size_t)f * rows, 0, rows);
            memset(producer->weights + (size_t)f * rows, 0, rows * sizeof(float));
            producer->bias[f] = 0;
        }
}

/* A result of its own for a layer that has none: the dense weights, all kept. */
static enum status own_result(struct pass *pass, int layer, struct diagnostic *diag) {
    struct reconstruction *result = &pass->results[layer];
    const struct linear_layer *linear = &pass->request->network->linear[layer];
    size_t n = prune_size(&pass->choices[layer].matrix);
    if (result->mask != NULL)
        return STATUS_OK;
    TRY(allocate(pass, layer, result, diag));
    memset(result->mask, 1, n);
    memcpy(result->weights, linear->weights, n * sizeof *result->weights);
    memcpy(result->bias, linear->bias, (size_t)linear->shape.out_channels * sizeof *result->bias);
    result->error_before = result->error_after = NAN;
    return STATUS_OK;
}

/* A mask by magnitude alone needs no image. */
static enum status cut(struct pass *pass, int layer, struct diagnostic *diag) {
    struct prune_choice *choice = &pass->choices[layer];
    size_t n = prune_size(&choice->matrix);
    struct arena arena = ARENA_INIT;
    double *scores = ARENA_NEW(&arena, n, double);
    enum status status =
        scores != NULL ? own_result(pass, layer, diag) : FAIL_MEMORY(diag, "the scores of a layer");
    struct reconstruction *result = &pass->results[layer];
    if (status == STATUS_OK) {
        prune_magnitude_scores(&choice->matrix, scores);
        status = prune_choose(choice, choice->matrix.weights, scores, result->mask, diag);
    }
    for (size_t i = 0; status == STATUS_OK && i < n; i++)
        result->weights[i] = result->mask[i] ? result->weights[i] : 0;
    arena_free(&arena);
    return status;
}

static bool needs_images(const struct layerwise_request *request) {
    return request->method != RECONSTRUCT_NONE || request->score == PRUNE_SCORE_GRAM ||
           request->score == PRUNE_SCORE_OBS;
}

/* Prunes one layer and puts it into the network so far. */
static enum status prune_one(struct pass *pass, int layer, struct diagnostic *diag) {
    struct reconstruction *result = &pass->results[layer];
    if (!needs_images(pass->request)) {
        TRY(cut(pass, layer, diag));
    } else {
        TRY(allocate(pass, layer, result, diag));
        TRY(fit(pass, layer, result, diag));
    }
    if (pass->choices[layer].producer >= 0) {
        TRY(own_result(pass, pass->choices[layer].producer, diag));
        clear_filters(pass, layer, result->mask, pass->results);
    }
    pass->pruned.linear[layer].weights = result->weights;
    pass->pruned.linear[layer].bias = result->bias;
    if (!needs_images(pass->request))
        return STATUS_OK;
    engine_free(pass->current); /* `behind` reads nothing before it advances with the next one */
    pass->current = NULL;
    return engine_create(&pass->pruned, NULL, NULL, &pass->current, diag);
}

static enum status prune_all(struct pass *pass, struct diagnostic *diag) {
    const struct layerwise_request *request = pass->request;
    int n = request->network->n_linear;
    bool changed = request->round != NULL;
    for (int i = 0; i < n; i++) {
        if (request->progress != NULL)
            request->progress(request->progress_context, i, n);
        bool refit = changed && request->method != RECONSTRUCT_NONE;
        if (!refit && !prune_choice_removes(&pass->choices[i]))
            continue;
        TRY(prune_one(pass, i, diag));
        changed = true;
    }
    if (request->progress != NULL)
        request->progress(request->progress_context, n, n);
    return STATUS_OK;
}

static enum status start(struct pass *pass, struct diagnostic *diag) {
    const struct layerwise_request *request = pass->request;
    const struct engine_request images = {.dataset = request->images,
                                          .count = request->images->count,
                                          .threads = request->threads,
                                          .stop = request->stop};
    if (images.count < 1)
        return FAIL(diag, STATUS_USAGE, "reconstruction needs at least one calibration image");
    TRY(engine_create(request->network, NULL, NULL, &pass->dense, diag));
    TRY(engine_create(&pass->pruned, NULL, NULL, &pass->current, diag));
    TRY(frontier_create(pass->dense, &images, &pass->ahead, diag));
    return frontier_create(pass->current, &images, &pass->behind, diag);
}

static enum status prepare(struct pass *pass, struct diagnostic *diag) {
    const struct layerwise_request *request = pass->request;
    const struct network *network = request->network;
    int n = network->n_linear;
    pass->pruned = *network;
    pass->pruned.linear = ARENA_NEW(pass->arena, n, struct linear_layer);
    pass->summand = ARENA_NEW(pass->arena, n, int);
    pass->low = ARENA_NEW(pass->arena, n, float);
    pass->high = ARENA_NEW(pass->arena, n, float);
    pass->choices = ARENA_NEW(pass->arena, n, struct prune_choice);
    pass->results = ARENA_NEW(pass->arena, n, struct reconstruction);
    if (pass->pruned.linear == NULL || pass->summand == NULL || pass->low == NULL ||
        pass->high == NULL || pass->choices == NULL || pass->results == NULL)
        return FAIL_MEMORY(diag, "layer-wise pruning");
    memcpy(pass->pruned.linear, network->linear, (size_t)n * sizeof *network->linear);
    TRY(follow_summands(network, pass->summand, diag));
    TRY(follow_bounds(network, pass->summand, pass->low, pass->high, diag));
    TRY(prune_choices_make(network, request->plans, request->masks, needs_images(request),
                           pass->choices, diag));
    return needs_images(request) ? start(pass, diag) : STATUS_OK;
}

enum status layerwise_prune(const struct layerwise_request *request, struct layerwise_layer *layers,
                            struct arena *arena, struct diagnostic *diag) {
    struct pass pass = {.request = request, .arena = arena};
    enum status status = prepare(&pass, diag);
    if (status == STATUS_OK)
        status = prune_all(&pass, diag);
    for (int i = 0; status == STATUS_OK && i < request->network->n_linear; i++) {
        const struct reconstruction *result = &pass.results[i];
        const struct linear_layer *dense = &request->network->linear[i];
        bool own = result->mask != NULL;
        layers[i] = (struct layerwise_layer){
            .mask = result->mask,
            .weights = own ? result->weights : dense->weights,
            .bias = own ? result->bias : dense->bias,
            .error_before = own ? result->error_before : NAN,
            .error_after = own ? result->error_after : NAN,
        };
    }
    frontier_free(pass.behind);
    frontier_free(pass.ahead);
    engine_free(pass.current);
    engine_free(pass.dense);
    return status;
}
