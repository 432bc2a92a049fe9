/* Layer-wise pruning of a small residual network: what each layer is fitted to, filters chosen on
 * their reader, and the same results from any number of threads. */
#include "sim/run/layerwise.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pruning/choose.h"
#include "pruning/follow.h"
#include "tests/support/residual_net.h"
#include "tests/test.h"

static const struct prune_scheme *scheme(const char *name) {
    for (size_t i = 0; i < n_prune_schemes; i++)
        if (strcmp(prune_schemes[i]->name, name) == 0)
            return prune_schemes[i];
    CU_FAIL_FATAL("no such scheme");
    return NULL;
}

static struct prune_plan plan_of(const char *name, double rate) {
    return (struct prune_plan){
        .n_steps = 1,
        .steps = {{.scheme = scheme(name), .settings = {.rate = rate, .rows = 18, .columns = 4}}}};
}

static bool same(const struct layerwise_layer *a, const struct layerwise_layer *b, size_t weights,
                 size_t filters) {
    return memcmp(a->weights, b->weights, weights * sizeof(float)) == 0 &&
           memcmp(a->bias, b->bias, filters * sizeof(float)) == 0;
}

static void who_reads(void) {
    struct net net;
    struct diagnostic diag = {0};
    int reader[LAYERS], summand[LAYERS];
    residual_open(&net);
    ASSERT_OK(follow_readers(&net.network, reader, &diag), diag);
    ASSERT_OK(follow_summands(&net.network, summand, &diag), diag);
    CU_ASSERT(reader[0] == -1 && reader[1] == 2 && reader[2] == -1 && reader[3] == -1);
    CU_ASSERT(summand[0] == -1 && summand[1] == -1 && summand[2] == 2 && summand[3] == -1);
    /* Without the addition the last convolution is read through Relu and flattening. */
    net.nodes[5] = net.nodes[6];
    net.inputs[5][0] = 5;
    net.nodes[5].inputs = net.inputs[5];
    net.nodes[6].op = OP_RELU;
    ASSERT_OK(follow_readers(&net.network, reader, &diag), diag);
    CU_ASSERT_EQUAL(reader[2], 3);
    net_close(&net);
}

/* The sum's Relu bounds what conv2 and the other branch are added to, each layer's own Relu its
 * outputs; a Clip in its place bounds both sides, and nothing bounds scores. */
static void bounds(void) {
    struct net net;
    struct diagnostic diag = {0};
    int summand[LAYERS];
    float low[LAYERS], high[LAYERS];
    residual_open(&net);
    ASSERT_OK(follow_summands(&net.network, summand, &diag), diag);
    net.nodes[3].op = OP_CLIP;
    net.nodes[3].low = -0.5F;
    net.nodes[3].high = 6;
    ASSERT_OK(follow_bounds(&net.network, summand, low, high, &diag), diag);
    CU_ASSERT(low[0] == 0 && isinf(high[0]) && high[0] > 0);
    CU_ASSERT(low[1] == -0.5F && high[1] == 6);
    CU_ASSERT(low[2] == 0 && isinf(high[2]));
    CU_ASSERT(isinf(low[3]) && low[3] < 0 && isinf(high[3]));
    summand[2] = -1; /* the sum is not known: what it is added to may be anything */
    ASSERT_OK(follow_bounds(&net.network, summand, low, high, &diag), diag);
    CU_ASSERT(isinf(low[2]) && isinf(high[2]));
    net_close(&net);
}

/* Threads change nothing, the seed does; every mask satisfies its scheme; later layers that nothing
 * is removed from are fitted too. */
static void threads_and_seeds(void) {
    struct net net;
    struct layerwise_layer one[LAYERS], other[LAYERS];
    struct diagnostic diag = {0};
    struct prune_plan plans[LAYERS] = {{.n_steps = 0},
                                       plan_of("column_proportional", 3),
                                       plan_of("crossbar_row", 2),
                                       {.n_steps = 0}};
    residual_open(&net);
    struct layerwise_request request = {
        .plans = plans, .method = RECONSTRUCT_ADMM, .seed = 7, .samples = 300};
    residual_prune(&net, &request, one);
    CU_ASSERT_PTR_NULL(one[0].mask);
    CU_ASSERT_PTR_EQUAL(one[0].weights, net.linear[0].weights);
    CU_ASSERT(isnan(one[0].error_after));
    for (int i = 1; i < 3; i++) {
        struct prune_matrix matrix = prune_matrix_of("layer", &net.linear[i].shape, one[i].weights);
        ASSERT_OK(prune_check(&plans[i], &matrix, &diag), diag);
        CU_ASSERT(one[i].error_after < 0.8 * one[i].error_before);
    }
    CU_ASSERT(one[3].error_after < one[3].error_before);
    for (request.threads = 2; request.threads < 5; request.threads++) {
        residual_prune(&net, &request, other);
        for (int i = 1; i < LAYERS; i++)
            CU_ASSERT_TRUE(
                same(&one[i], &other[i], (size_t)matrix_rows(&net.linear[i].shape), CLASSES));
    }
    request.seed = 8;
    residual_prune(&net, &request, other);
    CU_ASSERT_FALSE(same(&one[1], &other[1], 54, CLASSES));
    request.seed = 7;
    request.samples = 301; /* six positions an image, not five */
    residual_prune(&net, &request, other);
    CU_ASSERT_FALSE(same(&one[1], &other[1], 54, CLASSES));
    net_close(&net);
}

/* Class scores of the images that the layers were fitted on. */
static float *scores_of(struct net *net) {
    struct engine *engine;
    struct diagnostic diag = {0};
    struct engine_request request = residual_images(net);
    struct engine_result result = {.logits = ARENA_NEW(&net->arena, IMAGES * CLASSES, float)};
    CU_ASSERT_PTR_NOT_NULL_FATAL(result.logits);
    ASSERT_OK(engine_create(&net->network, NULL, NULL, &engine, &diag), diag);
    ASSERT_OK(engine_run(engine, &request, &result, &diag), diag);
    engine_free(engine);
    return result.logits;
}

static double difference(const float *a, const float *b) {
    double sum = 0;
    for (int i = 0; i < IMAGES * CLASSES; i++)
        sum += pow((double)a[i] - (double)b[i], 2);
    return sum;
}

/* Filter 0 of the first layer is filter 1 again, and goes. What the sum lost is still in channel 1,
 * which conv1 passes on: conv2, fitted to what is missing in the sum, restores the dense network's
 * scores, whose targets of its own could not. conv1 reads nothing of channel 0, which is a constant
 * now, but at padded borders: it would have to take over from there, against the ridge. */
static void summands(void) {
    struct net net;
    struct layerwise_layer fitted[LAYERS];
    uint8_t mask[FILTERS * 18];
    const uint8_t *masks[LAYERS] = {mask, NULL, NULL, NULL};
    float first[FILTERS * 18], second[FILTERS * 54], bias[2][FILTERS];
    residual_open(&net);
    for (int i = 0; i < 2; i++)
        memcpy(bias[i], net.linear[i].bias, sizeof bias[i]);
    memcpy(first, net.linear[0].weights, sizeof first);
    memcpy(first, first + 18, 18 * sizeof *first);
    bias[0][0] = bias[0][1];
    memcpy(second, net.linear[1].weights, sizeof second);
    for (int f = 0; f < FILTERS; f++)
        memset(second + f * 54, 0, 9 * sizeof *second); /* channel 0 is read by the sum alone */
    memset(second + 54, 0, 54 * sizeof *second);
    second[54 + 9 + 4] = 1; /* the centre of channel 1 */
    bias[1][1] = 0;
    net.linear[0].weights = first;
    net.linear[1].weights = second;
    for (int i = 0; i < 2; i++)
        net.linear[i].bias = bias[i];
    for (int i = 0; i < FILTERS * 18; i++)
        mask[i] = i >= 18;
    const float *wanted = scores_of(&net);
    struct layerwise_request request = {
        .masks = masks, .method = RECONSTRUCT_LEAST_SQUARES, .seed = 7, .samples = 1200};
    residual_prune(&net, &request, fitted);
    struct linear_layer dense = net.linear[2];
    for (int i = 0; i < LAYERS - 1; i++) {
        net.linear[i].weights = fitted[i].weights;
        net.linear[i].bias = fitted[i].bias;
    }
    double with = difference(scores_of(&net), wanted);
    net.linear[2] = dense;
    double without = difference(scores_of(&net), wanted);
    CU_ASSERT(with < 1e-3 * without);
    net_close(&net);
}

/* Half of conv1's filters go where conv2 reads them: rows there, columns and biases here. */
static void filters(void) {
    struct net net;
    struct layerwise_layer layers[LAYERS];
    struct prune_plan plans[LAYERS] = {
        {.n_steps = 0}, plan_of("filter", 2), {.n_steps = 0}, plan_of("filter", 2)};
    residual_open(&net);
    for (int method = RECONSTRUCT_NONE; method <= RECONSTRUCT_ADMM; method++) {
        struct layerwise_request request = {
            .plans = plans, .method = (enum reconstruct_method)method, .seed = 7};
        if (method == RECONSTRUCT_NONE) /* by magnitude each layer would stand for itself */
            request.score = PRUNE_SCORE_GRAM;
        residual_prune(&net, &request, layers);
        int gone = 0;
        for (int f = 0; f < FILTERS; f++) {
            bool empty = true, unread = true;
            for (int r = 0; r < 54; r++)
                empty = empty && layers[1].weights[f * 54 + r] == 0;
            for (int j = 0; j < FILTERS; j++)
                for (int r = 0; r < 9; r++)
                    unread = unread && layers[2].weights[j * 54 + f * 9 + r] == 0;
            CU_ASSERT_EQUAL(empty, unread);
            CU_ASSERT(!empty || layers[1].bias[f] == 0);
            gone += empty;
        }
        CU_ASSERT_EQUAL(gone, FILTERS / 2);
        for (int i = 0; i < CLASSES * FILTERS * PIXELS; i++) /* the last layer loses none */
            CU_ASSERT(layers[3].weights[i] != 0);
    }
    net_close(&net);
}

/* Without images each layer's filters are chosen by their own weights, as prune_network does. */
static void filters_by_magnitude(void) {
    struct net net;
    struct layerwise_layer layers[LAYERS];
    struct prune_plan plans[LAYERS] = {
        {.n_steps = 0}, plan_of("filter", 2), {.n_steps = 0}, plan_of("filter", 1.5)};
    struct diagnostic diag = {0};
    residual_open(&net);
    const struct layerwise_request request = {
        .network = &net.network, .plans = plans, .method = RECONSTRUCT_NONE};
    ASSERT_OK(layerwise_prune(&request, layers, &net.arena, &diag), diag);
    CU_ASSERT_PTR_NULL(layers[2].mask);
    for (int i = 1; i < LAYERS; i += 2) {
        struct prune_matrix matrix =
            prune_matrix_of(net.linear[i].name, &net.linear[i].shape, net.linear[i].weights);
        double scores[CLASSES * FILTERS * PIXELS];
        uint8_t mask[CLASSES * FILTERS * PIXELS];
        prune_magnitude_scores(&matrix, scores);
        ASSERT_OK(prune_project(&plans[i], &matrix, scores, mask, &diag), diag);
        CU_ASSERT_EQUAL(memcmp(mask, layers[i].mask, prune_size(&matrix)), 0);
    }
    net_close(&net);
}

/* Given masks are kept to; scores by magnitude need no images. */
static void given_masks(void) {
    struct net net;
    struct layerwise_layer layers[LAYERS];
    uint8_t mask[FILTERS * 54];
    const uint8_t *masks[LAYERS] = {NULL, mask, NULL, NULL};
    residual_open(&net);
    for (int i = 0; i < FILTERS * 54; i++)
        mask[i] = i % 5 < 2;
    struct layerwise_request request = {.masks = masks, .method = RECONSTRUCT_ADMM, .seed = 7};
    residual_prune(&net, &request, layers);
    for (int i = 0; i < FILTERS * 54; i++)
        CU_ASSERT_EQUAL(layers[1].weights[i] != 0, mask[i]);
    request.method = RECONSTRUCT_NONE;
    request.images = NULL;
    struct diagnostic diag = {0};
    ASSERT_OK(layerwise_prune(&request, layers, &net.arena, &diag), diag);
    for (int i = 0; i < FILTERS * 54; i++)
        CU_ASSERT_EQUAL(layers[1].weights[i], mask[i] ? net.linear[1].weights[i] : 0);
    net_close(&net);
}

static void refusals(void) {
    struct net net;
    struct layerwise_layer layers[LAYERS];
    struct prune_plan plans[LAYERS] = {plan_of("unstructured", 3)};
    struct diagnostic diag = {0};
    atomic_bool stop = true;
    residual_open(&net);
    struct engine_request images = residual_images(&net);
    net.dataset.count = 0;
    struct layerwise_request request = {.network = &net.network,
                                        .plans = plans,
                                        .method = RECONSTRUCT_ADMM,
                                        .images = images.dataset,
                                        .samples = 100,
                                        .threads = 1};
    CU_ASSERT_EQUAL(layerwise_prune(&request, layers, &net.arena, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "at least one calibration image"));
    net.dataset.count = IMAGES;
    request.stop = &stop;
    CU_ASSERT_EQUAL(layerwise_prune(&request, layers, &net.arena, &diag), STATUS_INTERRUPTED);
    net_close(&net);
}

static const struct test_case cases[] = {
    {"readers and summands", who_reads},
    {"bounds", bounds},
    {"threads and seeds", threads_and_seeds},
    {"summands", summands},
    {"filters", filters},
    {"filters by magnitude", filters_by_magnitude},
    {"given masks", given_masks},
    {"refusals", refusals},
    {NULL, NULL},
};

const struct test_suite suite_layerwise = {"layerwise", cases};
