/* Runs of the engine: same results for any threads and batches, outputs, progress, stops, refusals.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/layer_builder.h"
#include "tests/support/malloc_fail.h"
#include "tests/support/nets.h"
#include "tests/test.h"

enum { IMAGES = 13, CLASSES = 5 };

/* A small network with a float convolution, a pool and a product, of which sums are not exact. */
static void open_network(struct net *net) {
    struct matrix_shape conv = {.in_channels = 2,
                                .in_height = 9,
                                .in_width = 7,
                                .out_channels = 11,
                                .out_height = 9,
                                .out_width = 7,
                                .groups = 1,
                                .window = {.kernel = {3, 3},
                                           .stride = {1, 1},
                                           .dilation = {1, 1},
                                           .pad_begin = {1, 1},
                                           .pad_end = {1, 1}}};
    struct matrix_shape product = dense_shape(11, CLASSES);
    net_open(net, "1x2x9x7");
    int bent = net_float(net, "1x2x9x7"), y = net_float(net, "1x11x9x7");
    int pooled = net_float(net, "1x11x1x1"), flat = net_float(net, "1x11");
    net_node(net, OP_TANH, 0, -1, bent);
    net_node(net, OP_CONV, bent, -1, y)->matrix = net_linear(net, &conv);
    net_node(net, OP_GLOBAL_AVERAGE_POOL, y, -1, pooled);
    net_node(net, OP_RESHAPE, pooled, -1, flat);
    net_node(net, OP_GEMM, flat, -1, net_float(net, "1x5"))->matrix = net_linear(net, &product);
}

static void any_threads_and_batches(void) {
    static const struct net_way ways[] = {{1, 13}, {1, 1}, {2, 0}, {2, 3}, {3, 1}, {3, 5}, {9, 4}};
    struct net net;
    open_network(&net);
    const float *first = net_run(&net, IMAGES, (struct net_way){1, 0});
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        const float *again = net_run(&net, IMAGES, ways[w]);
        CU_ASSERT_EQUAL(memcmp(first, again, IMAGES * CLASSES * sizeof *first), 0);
    }
    net_close(&net);
}

/* One engine per test of requests. */
struct fixture {
    struct net net;
    struct engine *engine;
    struct engine_request request;
    struct diagnostic diag;
};

static void fixture_open(struct fixture *f) {
    f->diag = (struct diagnostic){0};
    open_network(&f->net);
    f->request = net_request(&f->net, IMAGES);
    ASSERT_OK(engine_create(&f->net.network, NULL, NULL, &f->engine, &f->diag), f->diag);
}

static void fixture_close(struct fixture *f) {
    engine_free(f->engine);
    net_close(&f->net);
}

/* Images first .. first+count-1 of the dataset, and the class as the first of the largest logits.
 */
static void parts_and_classes(void) {
    struct fixture f;
    fixture_open(&f);
    float all[IMAGES * CLASSES], part[4 * CLASSES];
    int32_t classes[IMAGES];
    struct engine_result result = {.logits = all, .classes = classes};
    ASSERT_OK(engine_run(f.engine, &f.request, &result, &f.diag), f.diag);
    for (int i = 0; i < IMAGES; i++)
        for (int k = 0; k < CLASSES; k++)
            CU_ASSERT(all[i * CLASSES + k] <= all[i * CLASSES + classes[i]]);
    f.request.first = 6;
    f.request.count = 4;
    ASSERT_OK(engine_run(f.engine, &f.request, &(struct engine_result){.logits = part}, &f.diag),
              f.diag);
    CU_ASSERT_EQUAL(memcmp(part, all + 6 * CLASSES, sizeof part), 0);
    f.request.count = 0;
    ASSERT_OK(engine_run(f.engine, &f.request, &result, &f.diag), f.diag);
    fixture_close(&f);
}

static void lowest_of_equal_classes(void) {
    struct net net;
    struct diagnostic diag = {0};
    struct engine *engine;
    int32_t classes[2];
    static const float equal[] = {-1.0F, 2.0F, 0.0F, 2.0F};
    static const float zero = 0.0F;
    net_open(&net, "1x4");
    int zeros = net_float(&net, "1x4");
    net_node(&net, OP_MUL, 0, net_constant(&net, "1", &zero), zeros);
    net_node(&net, OP_ADD, zeros, net_constant(&net, "4", equal), net_float(&net, "1x4"));
    struct engine_request request = net_request(&net, 2);
    ASSERT_OK(engine_create(&net.network, NULL, NULL, &engine, &diag), diag);
    ASSERT_OK(engine_run(engine, &request, &(struct engine_result){.classes = classes}, &diag),
              diag);
    CU_ASSERT_EQUAL(classes[0], 1);
    CU_ASSERT_EQUAL(classes[1], 1);
    engine_free(engine);
    net_close(&net);
}

struct watcher {
    int calls, last, total;
    bool rising;
    atomic_bool stop;
    int stop_at;
};

static void watch(void *context, int done, int total) {
    struct watcher *w = context;
    w->rising = w->rising && done > w->last;
    w->last = done;
    w->total = total;
    w->calls++;
    if (done >= w->stop_at)
        atomic_store(&w->stop, true);
}

static void progress(void) {
    struct fixture f;
    fixture_open(&f);
    struct watcher w = {.rising = true, .stop_at = IMAGES + 1};
    f.request.threads = 3;
    f.request.batch = 2;
    f.request.progress = watch;
    f.request.progress_context = &w;
    ASSERT_OK(engine_run(f.engine, &f.request, &(struct engine_result){0}, &f.diag), f.diag);
    CU_ASSERT_EQUAL(w.calls, 7);
    CU_ASSERT_EQUAL(w.last, IMAGES);
    CU_ASSERT_EQUAL(w.total, IMAGES);
    CU_ASSERT(w.rising);
    fixture_close(&f);
}

static void stop(void) {
    struct fixture f;
    fixture_open(&f);
    struct watcher w = {.rising = true, .stop_at = 4};
    f.request.batch = 2;
    f.request.progress = watch;
    f.request.progress_context = &w;
    f.request.stop = &w.stop;
    CU_ASSERT_EQUAL(engine_run(f.engine, &f.request, &(struct engine_result){0}, &f.diag),
                    STATUS_INTERRUPTED);
    CU_ASSERT_STRING_EQUAL(f.diag.message, "interrupted after 4 of 13 images");
    fixture_close(&f);
}

static void expect_request_refused(struct fixture *f, const char *message) {
    CU_ASSERT_EQUAL(engine_run(f->engine, &f->request, &(struct engine_result){0}, &f->diag),
                    STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(f->diag.message, message);
    fixture_close(f);
}

static void refused_requests(void) {
    struct fixture f;
    fixture_open(&f);
    f.net.dataset.width = 125;
    expect_request_refused(&f, "by hand: its input 'tensor 0' has 126 values, an image of the "
                               "dataset has 1x1x125");
    fixture_open(&f);
    f.request.first = 10;
    f.request.count = 4;
    expect_request_refused(&f, "images 10 to 13 are asked for, the dataset has 13");
    fixture_open(&f);
    f.request.threads = 0;
    expect_request_refused(&f, "0 threads: at least 1 is needed");
}

static void refused_calibrations(void) {
    struct fixture f;
    struct activation_range ranges[NET_MAX];
    fixture_open(&f);
    f.request.count = 0;
    CU_ASSERT_EQUAL(engine_calibrate(f.engine, &f.request, 100.0, ranges, &f.diag), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(f.diag.message, "calibration needs at least one image");
    fixture_close(&f);
    fixture_open(&f);
    f.net.network.quantised = true;
    CU_ASSERT_EQUAL(engine_calibrate(f.engine, &f.request, 100.0, ranges, &f.diag), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(f.diag.message, "by hand: a quantised network needs no calibration");
    fixture_close(&f);
    fixture_open(&f);
    float infinite[126] = {INFINITY};
    f.net.dataset.floats = infinite;
    f.request.count = 1;
    CU_ASSERT_EQUAL(engine_calibrate(f.engine, &f.request, 100.0, ranges, &f.diag), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(f.diag.message,
                           "by hand: tensor 'tensor 0' takes values that are not finite: check the "
                           "model and the normalisation of its input");
    fixture_close(&f);
}

static void expect_network_refused(struct net *net, const char *message) {
    struct diagnostic diag = {0};
    struct engine *engine;
    CU_ASSERT_NOT_EQUAL(engine_create(&net->network, NULL, NULL, &engine, &diag), STATUS_OK);
    CU_ASSERT_STRING_EQUAL(diag.message, message);
    CU_ASSERT_PTR_NULL(engine);
    engine_free(engine);
    net_close(net);
}

static void refused_networks(void) {
    struct net net;
    net_open(&net, "1x5");
    int q = net_bytes(&net, "1x5", 1.0F, 0);
    net_node(&net, OP_QUANTIZE, 0, -1, q);
    net_node(&net, OP_MUL, q, q, net_bytes(&net, "1x5", 1.0F, 0));
    expect_network_refused(&net, "by hand: node 'node 1': a product of quantised tensors");

    net_open(&net, "1x5");
    q = net_bytes(&net, "1x5", 1.0F, 0);
    net_node(&net, OP_QUANTIZE, 0, -1, q);
    net_node(&net, OP_ADD, q, 0, net_float(&net, "1x5"));
    expect_network_refused(&net,
                           "by hand: node 'node 1': a mixture of quantised and float tensors");

    net_open(&net, "1x5");
    int missing = net_float(&net, "1x5");
    net_node(&net, OP_RELU, missing, -1, net_float(&net, "1x5"));
    expect_network_refused(&net, "by hand: tensor 'tensor 1' is read before it is computed");

    net_open(&net, "1x3x2x2x2");
    net_node(&net, OP_MAX_POOL, 0, -1, net_float(&net, "1x3x2x2x2"));
    expect_network_refused(&net, "by hand: node 'node 0': a pool of this rank or type");

    net_open(&net, "1x20000x20000");
    net_node(&net, OP_RELU, 0, -1, net_float(&net, "1x20000x20000"));
    expect_network_refused(&net, "by hand: tensor 'tensor 0' has 400000000 values, more than the "
                                 "268435456 that mho can hold");
}

/* Every allocation of engine_create fails once; nothing leaks (which the sanitizer checks). */
static void short_memory(void) {
    if (!malloc_fail_works()) {
        printf("skipped: allocations cannot be made to fail here ");
        return;
    }
    struct net net;
    open_network(&net);
    bool failed = true;
    for (long n = 1; failed; n++) {
        struct diagnostic diag = {0};
        struct engine *engine;
        malloc_fail_at(n);
        enum status status = engine_create(&net.network, NULL, NULL, &engine, &diag);
        failed = malloc_fail_end();
        CU_ASSERT_EQUAL(status, failed ? STATUS_MEMORY : STATUS_OK);
        CU_ASSERT_EQUAL(engine == NULL, failed);
        CU_ASSERT(!failed || strncmp(diag.message, "out of memory for ", 18) == 0);
        engine_free(engine);
    }
    net_close(&net);
}

/* The first allocations of a run and of a calibration, before threads start. */
static void short_memory_of_runs(void) {
    if (!malloc_fail_works()) {
        printf("skipped: allocations cannot be made to fail here ");
        return;
    }
    struct fixture f;
    struct activation_range ranges[NET_MAX];
    fixture_open(&f);
    for (long n = 1; n <= 2; n++) {
        malloc_fail_at(n);
        enum status status = engine_run(f.engine, &f.request, &(struct engine_result){0}, &f.diag);
        CU_ASSERT(malloc_fail_end());
        CU_ASSERT_EQUAL(status, STATUS_MEMORY);
        malloc_fail_at(n);
        status = engine_calibrate(f.engine, &f.request, 99.0, ranges, &f.diag);
        CU_ASSERT(malloc_fail_end());
        CU_ASSERT_EQUAL(status, STATUS_MEMORY);
    }
    fixture_close(&f);
}

static const struct test_case cases[] = {
    {"any number of threads and batches", any_threads_and_batches},
    {"parts and classes", parts_and_classes},
    {"lowest of equal classes", lowest_of_equal_classes},
    {"progress", progress},
    {"stop", stop},
    {"refused requests", refused_requests},
    {"refused calibrations", refused_calibrations},
    {"refused networks", refused_networks},
    {"short memory", short_memory},
    {"short memory of runs", short_memory_of_runs},
    {NULL, NULL},
};

const struct test_suite suite_engine_run = {"engine_run", cases};
