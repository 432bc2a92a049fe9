#include "tests/support/cost_fixture.h"

#include <stdio.h>
#include <string.h>

#include "tests/test.h"

static const struct config_section *const sections[] = {&adc_section, &dac_section, &chip_section};

void fixture_begin(struct cost_fixture *fixture, const char *const *assignments) {
    struct diagnostic diag = {0};
    *fixture = (struct cost_fixture){0};
    ASSERT_OK(chip_load("configs/presets/isaac.yaml", &fixture->chip, &diag), diag);
    ASSERT_OK(config_create(sections, 3, &fixture->config, &diag), diag);
    for (; assignments != NULL && *assignments != NULL; assignments++)
        ASSERT_OK(config_override(fixture->config, *assignments, &diag), diag);
    fixture->network.matrix = fixture->matrix;
    fixture->network.tensors = fixture->tensors;
    fixture->network.nodes = fixture->nodes;
    fixture->mapping.layers = fixture->mapped;
    fixture->network.n_tensors = FIXTURE_TENSORS + FIXTURE_LAYERS;
}

/* A vector layer with one position for each place of its width. */
static void describe(struct matrix_layer *matrix, const struct fixture_layer *layer, int index) {
    static const char *const names[FIXTURE_LAYERS] = {"first", "second"};
    *matrix = (struct matrix_layer){
        .name = names[index],
        .shape = {.fully_connected = true,
                  .in_channels = layer->rows,
                  .in_height = 1,
                  .in_width = layer->positions,
                  .out_channels = layer->columns,
                  .out_height = 1,
                  .out_width = layer->positions,
                  .groups = 1,
                  .window = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}}},
        .weight_bits = layer->weight_columns + 1,
        .input = {.scale = 1, .bits = layer->activation_bits},
        .quantised_output = true,
        .output = {.scale = 1, .bits = layer->activation_bits},
    };
}

/* The graph: a product of what the layer before gives. */
static void connect(struct cost_fixture *fixture, const struct fixture_layer *layer, int index) {
    int output = FIXTURE_TENSORS + index;
    fixture->inputs[index] = index > 0 ? output - 1 : 0;
    fixture->tensors[output] =
        (struct tensor){.type = TENSOR_FLOAT,
                        .rank = 3,
                        .shape = {1, layer->positions, layer->columns},
                        .count = (size_t)layer->positions * (size_t)layer->columns};
    fixture->nodes[fixture->network.n_nodes++] = (struct node){
        .op = OP_MATRIX,
        .n_inputs = 1,
        .inputs = &fixture->inputs[index],
        .output = output,
        .matrix = index,
    };
    fixture->network.output = output;
}

static int smaller(int a, int b) {
    return a < b ? a : b;
}

void fixture_add(struct cost_fixture *fixture, const struct fixture_layer *layer) {
    int index = fixture->mapping.n_layers++;
    CU_ASSERT_FATAL(index < FIXTURE_LAYERS);
    fixture->network.n_matrix++;
    describe(&fixture->matrix[index], layer, index);
    connect(fixture, layer, index);
    int filters = layer->crossbar_columns / layer->weight_columns;
    struct mapped_layer *mapped = &fixture->mapped[index];
    *mapped = (struct mapped_layer){
        .layer = &fixture->matrix[index],
        .crossbar = {.rows = layer->crossbar_rows,
                     .columns = layer->crossbar_columns,
                     .cell_bits = 2},
        .encoding = {.cell_bits = 2, .columns = layer->weight_columns, .slices = 1},
        .dac_bits = layer->dac_bits,
        .copies = 1,
        .cycles = (layer->activation_bits + layer->dac_bits - 1) / layer->dac_bits,
        .filters_per_array = filters,
        .filters_mapped = layer->columns,
        .packs = 1,
        .groups_per_pack = 1,
        .pack_rows = layer->rows,
        .unit_rows = layer->crossbar_rows,
        .unit_filters = filters,
        .reads = (layer->activation_bits + layer->dac_bits - 1) / layer->dac_bits,
        .arrays = ARENA_NEW(&fixture->arena, FIXTURE_ARRAYS, struct mapped_array),
        .weights = {.weights = (long)layer->rows * layer->columns,
                    .nonzero = (long)layer->rows * layer->columns},
    };
    int *row_list = ARENA_NEW(&fixture->arena, layer->rows, int);
    CU_ASSERT_FATAL(mapped->arrays != NULL && row_list != NULL);
    for (int row = 0; row < layer->rows; row++)
        row_list[row] = row;
    for (int row = 0; row < layer->rows; row += layer->crossbar_rows)
        for (int filter = 0; filter < layer->columns; filter += filters) {
            CU_ASSERT_FATAL(mapped->n_arrays < FIXTURE_ARRAYS);
            int used = smaller(filters, layer->columns - filter);
            int columns = used * layer->weight_columns;
            int rows = smaller(layer->crossbar_rows, layer->rows - row);
            mapped->arrays[mapped->n_arrays++] = (struct mapped_array){
                .rows = rows,
                .filters = used,
                .row = row_list + row,
                .row_sets = 1,
                .sums = used,
                .units = 1,
                .rows_driven = rows,
                .conversions = columns,
                .cells_read = (long)rows * columns,
                .columns_used = columns,
            };
        }
    fixture->mapping.crossbars += mapped->n_arrays;
    fixture->layers[index].adc_bits = layer->adc_bits;
}

struct cost_inputs fixture_inputs(struct cost_fixture *fixture) {
    struct diagnostic diag = {0};
    for (int i = 0; i < fixture->mapping.n_layers; i++) {
        struct mapped_layer *mapped = &fixture->mapped[i];
        ASSERT_OK(mapping_sum_arrays(mapped, &fixture->arena, &diag), diag);
        mapped->values_read = (double)matrix_rows(&mapped->layer->shape) *
                              (double)matrix_positions(&mapped->layer->shape);
    }
    return (struct cost_inputs){.chip = &fixture->chip,
                                .network = &fixture->network,
                                .mapping = &fixture->mapping,
                                .layers = fixture->layers,
                                .config = fixture->config};
}

void fixture_estimate(struct cost_fixture *fixture, struct cost_report *report) {
    struct diagnostic diag = {0};
    const struct cost_inputs inputs = fixture_inputs(fixture);
    ASSERT_OK(cost_estimate(&inputs, report, &diag), diag);
}

void fixture_free(struct cost_fixture *fixture) {
    chip_free(&fixture->chip);
    config_free(fixture->config);
    arena_free(&fixture->arena);
    *fixture = (struct cost_fixture){0};
}

const struct cost_row *fixture_row(const struct cost_report *report, int layer,
                                   const char *component) {
    const struct cost_row *found = NULL;
    for (int i = 0; i < report->n_rows; i++)
        if (report->rows[i].layer == layer && strcmp(report->rows[i].component, component) == 0) {
            CU_ASSERT_PTR_NULL(found);
            found = &report->rows[i];
        }
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    return found;
}
