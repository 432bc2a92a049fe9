/* The mapping of a run: as configured, or with sizes of arrays chosen for each layer. */
#include <string.h>

#include "sim/run/products.h"
#include "sim/run/sizes.h"

struct sized {
    const struct evaluation *evaluation;
    const struct crossbar_size *sizes; /* [n_matrix]; NULL: as configured */
};

static enum status make_mapping(void *context, void *value, struct diagnostic *diag) {
    const struct sized *sized = context;
    return mapping_create_sized(&sized->evaluation->result->network, sized->evaluation->config,
                                sized->sizes, value, diag);
}

static enum status take_sized(struct evaluation *evaluation, const struct crossbar_size *sizes,
                              const struct mapping **mapping, struct diagnostic *diag) {
    struct sized context = {evaluation, sizes};
    struct run_key key = run_key_of(&run_products[PRODUCT_MAPPING], evaluation->config);
    const void *value;
    run_key_add(&key, &evaluation->network_key);
    for (int i = 0; sizes != NULL && i < evaluation->result->network.n_matrix; i++) {
        run_key_number(&key, sizes[i].rows);
        run_key_number(&key, sizes[i].columns);
    }
    TRY(evaluation_take(evaluation, PRODUCT_MAPPING, &key, make_mapping, &context, &value, diag));
    evaluation->mapping_key = key;
    *mapping = value;
    return STATUS_OK;
}

/* Copies of layers may still be balanced, so the result has the list of layers to itself. */
static enum status keep_mapping(struct run_result *result, const struct mapping *mapping,
                                struct diagnostic *diag) {
    result->mapping = *mapping;
    result->mapping.layers = ARENA_NEW(&result->arena, mapping->n_layers, struct mapped_layer);
    if (result->mapping.layers == NULL)
        return FAIL_MEMORY(diag, "a mapping");
    memcpy(result->mapping.layers, mapping->layers,
           (size_t)mapping->n_layers * sizeof *mapping->layers);
    return STATUS_OK;
}

static int find_size(const struct size_list *list, struct crossbar_size size) {
    for (int k = 0; k < list->n; k++)
        if (list->size[k].rows == size.rows && list->size[k].columns == size.columns)
            return k;
    return -1;
}

/* A mapping in which every layer that may have the size has it, and the others their first. */
static enum status take_size(struct evaluation *evaluation, struct crossbar_size size,
                             struct size_list *lists, struct crossbar_size *sizes,
                             struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    const struct mapping *mapping;
    for (int i = 0; i < result->network.n_matrix; i++)
        sizes[i] = lists[i].size[find_size(&lists[i], size) >= 0 ? find_size(&lists[i], size) : 0];
    TRY(take_sized(evaluation, sizes, &mapping, diag));
    if (result->mapping.layers == NULL)
        TRY(keep_mapping(result, mapping, diag));
    for (int i = 0; i < mapping->n_layers; i++) {
        int k = find_size(&lists[i], sizes[i]);
        lists[i].mapped[k] = &mapping->layers[i];
    }
    return STATUS_OK;
}

/* The layers at all of their sizes. */
static enum status take_sizes(struct evaluation *evaluation, struct size_list *lists,
                              struct diagnostic *diag) {
    int n = evaluation->result->network.n_matrix;
    struct crossbar_size *sizes = ARENA_NEW(&evaluation->result->arena, n, struct crossbar_size);
    if (sizes == NULL)
        return FAIL_MEMORY(diag, "the sizes of arrays");
    for (int i = 0; i < n; i++)
        for (int k = 0; k < lists[i].n; k++)
            if (lists[i].mapped[k] == NULL)
                TRY(take_size(evaluation, lists[i].size[k], lists, sizes, diag));
    return STATUS_OK;
}

enum status take_mapping(struct evaluation *evaluation, struct diagnostic *diag) {
    const struct crossbar_options *crossbar = config_get(evaluation->config, "crossbar");
    struct run_result *result = evaluation->result;
    const struct mapping *mapping;
    int n = result->network.n_matrix;
    struct size_list *lists = ARENA_NEW(&result->arena, n, struct size_list);
    if (lists == NULL)
        return FAIL_MEMORY(diag, "the sizes of arrays");
    TRY(sizes_read(evaluation->config, &result->network, lists, diag));
    if (crossbar->choose != CROSSBAR_CHOOSE_NONE) {
        evaluation->sizes = lists;
        TRY(sizes_leave_out(evaluation->config, &result->network, lists, &result->sizes_left_out,
                            &result->arena, diag));
        return take_sizes(evaluation, lists, diag);
    }
    TRY(take_sized(evaluation, NULL, &mapping, diag));
    return keep_mapping(result, mapping, diag);
}

enum status choose_sizes(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    const struct size_list *lists = evaluation->sizes;
    int n = result->mapping.n_layers, *pick = ARENA_NEW(&result->arena, n, int);
    struct cost_inputs inputs;
    if (pick == NULL)
        return FAIL_MEMORY(diag, "the sizes of arrays");
    TRY(run_cost_inputs(result, &inputs, &result->arena, diag));
    TRY(sizes_choose(&inputs, lists, pick, diag));
    for (int i = 0; i < n; i++) {
        int copies = result->mapping.layers[i].copies;
        result->mapping.layers[i] = *lists[i].mapped[pick[i]];
        result->mapping.layers[i].copies = copies;
        run_key_number(&evaluation->mapping_key, lists[i].size[pick[i]].rows);
        run_key_number(&evaluation->mapping_key, lists[i].size[pick[i]].columns);
    }
    mapping_count_crossbars(&result->mapping);
    return STATUS_OK;
}
