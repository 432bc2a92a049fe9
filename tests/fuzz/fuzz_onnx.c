/* Fuzzing of the ONNX import: any bytes give a network or one line, in bounded memory.
 *
 * Build with clang -fsanitize=fuzzer,address,undefined from this file, all of sim/base and
 * sim/network and build/gen/onnx.pb-c.c (-lprotobuf-c -lxxhash -lzip -lz -lm), then run with
 * -max_len=6000 over a folder of small models. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/network/network.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* What the reader of a network relies on. */
static void check(const struct network *network) {
    for (int i = 0; i < network->n_nodes; i++) {
        const struct node *node = &network->nodes[i];
        for (int k = 0; k < node->n_inputs; k++)
            if (node->inputs[k] < 0 || node->inputs[k] >= network->n_tensors)
                abort();
        if (network->tensors[node->output].count == 0 || network->tensors[node->output].rank < 1)
            abort();
    }
    int layers = network->quantised ? network->n_matrix : network->n_linear;
    for (int i = 0; i < layers; i++)
        if (network_weight_statistics(network, i, 37).weights <= 0)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    int file = memfd_create("model", 0);
    if (file < 0 || write(file, data, bytes) != (ssize_t)bytes)
        abort();
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    struct network network;
    struct diagnostic diag = {0};
    if (network_import(path, &network, &diag) == STATUS_OK)
        check(&network);
    else if (diag.message[0] == '\0' || strchr(diag.message, '\n') != NULL)
        abort();
    network_free(&network);
    close(file);
    return 0;
}
