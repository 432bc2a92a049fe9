/* ONNX import of the reference networks: layers, operations and sparsity, known from how the
 * networks were built and pruned; contents of two layers, read with another ONNX reader. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/network/network.h"
#include "tests/test.h"

#define MODELS "../shared/models/"

struct expected {
    const char *name;
    bool quantised;
    int layers, nodes;
    long macs, weights; /* of one image */
    int nonzero;        /* most in 128 rows of a layer behind the first; 128: dense */
};

/* MACs and weights by formula from the layers' shapes, with python3-onnx. */
static const struct expected models[] = {
    {"fashion-mnist/lenet", false, 4, 10, 2293000, 430500, 128},
    {"fashion-mnist/lenet_cp8", false, 4, 10, 2293000, 430500, 16},
    {"fashion-mnist/lenet_int8", true, 4, 15, 2293000, 430500, 128},
    {"fashion-mnist/lenet_cp8_int8", true, 4, 15, 2293000, 430500, 16},
    {"fashion-mnist/mobilenet", false, 12, 25, 12201600, 133248, 128},
    {"fashion-mnist/mobilenet_int8", true, 12, 20, 12201600, 133248, 128},
    {"fashion-mnist/resnet20_int8", true, 22, 66, 31021952, 270608, 128},
    {"fashion-mnist/resnet20_cp4_int8", true, 22, 66, 31021952, 270608, 32},
    {"fashion-mnist/vgg8_int8", true, 8, 25, 126679040, 2328128, 128},
    {"fashion-mnist/vgg8_cp16_int8", true, 8, 25, 126679040, 2328128, 8},
    {"cifar10/resnet20", false, 22, 52, 40813184, 270896, 128},
    {"cifar10/resnet20_cp4", false, 22, 52, 40813184, 270896, 32},
    {"cifar10/resnet20_int8", true, 22, 66, 40813184, 270896, 128},
    {"cifar10/resnet20_cp4_int8", true, 22, 66, 40813184, 270896, 32},
    {"cifar10/resnet18_int8", true, 21, 61, 555422720, 11164352, 128},
    {"cifar10/resnet18_cp16_int8", true, 21, 61, 555422720, 11164352, 8},
    {"cifar10/vgg16_int8", true, 14, 34, 313201664, 14715584, 128},
};

static bool absent(void) {
    if (access(MODELS, R_OK) == 0)
        return false;
    printf("skipped: no " MODELS " ");
    return true;
}

static void import_model(const char *name, struct network *network) {
    char path[128];
    struct diagnostic diag = {0};
    snprintf(path, sizeof path, MODELS "%s.onnx", name);
    ASSERT_OK(network_import(path, network, &diag), diag);
}

static int layers_of(const struct network *network) {
    return network->quantised ? network->n_matrix : network->n_linear;
}

/* Most non-zeros of a column per 128 rows in any layer but the first, and all weights. */
static int most_nonzero(const struct network *network, long *weights) {
    int most = 0;
    *weights = 0;
    for (int i = 0; i < layers_of(network); i++) {
        struct weight_statistics s = network_weight_statistics(network, i, 128);
        *weights += s.weights;
        if (i > 0 && s.max_block_nonzero > most)
            most = s.max_block_nonzero;
        CU_ASSERT(s.nonzero <= s.weights && s.column_rate >= 1);
    }
    return most;
}

static void all_models(void) {
    if (absent())
        return;
    for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
        struct network network;
        import_model(models[m].name, &network);
        long weights;
        double macs = 0;
        for (int i = 0; i < layers_of(&network); i++)
            macs += matrix_macs(network.quantised ? &network.matrix[i].shape
                                                  : &network.linear[i].shape);
        CU_ASSERT_EQUAL(network.quantised, models[m].quantised);
        CU_ASSERT_EQUAL(layers_of(&network), models[m].layers);
        CU_ASSERT_EQUAL(network.n_nodes, models[m].nodes);
        CU_ASSERT_EQUAL(macs, (double)models[m].macs);
        CU_ASSERT_EQUAL(most_nonzero(&network, &weights), models[m].nonzero);
        CU_ASSERT_EQUAL(weights, models[m].weights);
        CU_ASSERT_EQUAL(network.tensors[network.output].count, 10);
        CU_ASSERT_EQUAL(strlen(network.content_hash), 32);
        network_free(&network);
    }
}

/* One layer's integers, read from the file with python3-onnx. */
static void one_layer(void) {
    static const int first[] = {15, 12, 16, 26, 40, 34}, later[] = {62, 52, 42, 38, 81, 16};
    if (absent())
        return;
    struct network network;
    import_model("cifar10/resnet20_int8", &network);
    const struct matrix_layer *layer = NULL;
    for (int i = 0; i < network.n_matrix; i++)
        if (strcmp(network.matrix[i].name, "/body/body.3/c1/Conv") == 0)
            layer = &network.matrix[i];
    CU_ASSERT_PTR_NOT_NULL_FATAL(layer);
    CU_ASSERT(layer->shape.out_channels == 32 && matrix_rows(&layer->shape) == 144);
    CU_ASSERT(layer->shape.window.stride[0] == 2 && layer->shape.out_height == 16);
    for (int i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(layer->weights[i], first[i]);
        CU_ASSERT_EQUAL(layer->weights[17 * 144 + 100 + i], later[i]);
    }
    CU_ASSERT_EQUAL(layer->weight_scale[17], 0.000789448502F);
    CU_ASSERT_EQUAL(layer->bias[17], -9879);
    CU_ASSERT_EQUAL(layer->input.scale, 0.025124507F);
    CU_ASSERT_EQUAL(layer->output.scale, 0.00790766999F);
    CU_ASSERT(layer->input.zero_point == 0 && layer->output.zero_point == 0);
    network_free(&network);
}

static void recurrent(void) {
    if (absent())
        return;
    struct network network;
    struct diagnostic diag = {0};
    CU_ASSERT_EQUAL(network_import(MODELS "fashion-mnist/lstm.onnx", &network, &diag),
                    STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "lstm.onnx: node '/rnn/Shape' (Shape): mho does "
                                                "not know this operator: export the network "
                                                "without it"));
}

static const struct test_case cases[] = {
    {"layers, operations, sparsity", all_models},
    {"one layer's integers", one_layer},
    {"a recurrent network is refused", recurrent},
    {NULL, NULL},
};

const struct test_suite suite_onnx_models = {"onnx_models", cases};
