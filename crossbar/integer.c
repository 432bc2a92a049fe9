#include "crossbar/integer.h"

#include "crossbar/integer_kernels.h"

enum status integer_pack(const int16_t *weights, size_t stride, int columns, int depth,
                         enum simd_level level, struct arena *arena, struct integer_matrix *matrix,
                         struct diagnostic *diag) {
    int interleave = level == SIMD_AVX512 ? 4 : 2;
    size_t bytes = level == SIMD_AVX512 ? sizeof(int8_t) : sizeof(int16_t);
    *matrix = (struct integer_matrix){
        .depth = (depth + INTEGER_DEPTH_ALIGN - 1) / INTEGER_DEPTH_ALIGN * INTEGER_DEPTH_ALIGN,
        .columns = (columns + INTEGER_PANEL - 1) / INTEGER_PANEL * INTEGER_PANEL,
        .level = level,
    };
    void *packed = arena_alloc(arena, (size_t)matrix->depth * (size_t)matrix->columns, bytes);
    if (packed == NULL)
        return FAIL_MEMORY(diag, "packed weights");
    for (int c = 0; c < columns; c++)
        for (int k = 0; k < depth; k++) {
            size_t group = (size_t)(c / INTEGER_PANEL) * (size_t)(matrix->depth / interleave) +
                           (size_t)(k / interleave);
            size_t at = (group * INTEGER_PANEL + (size_t)(c % INTEGER_PANEL)) * (size_t)interleave +
                        (size_t)(k % interleave);
            int16_t weight = weights[(size_t)c * stride + (size_t)k];
            if (level == SIMD_AVX512)
                ((int8_t *)packed)[at] = (int8_t)weight;
            else
                ((int16_t *)packed)[at] = weight;
        }
    matrix->packed = packed;
    return STATUS_OK;
}

void integer_multiply(const struct integer_matrix *matrix, const uint8_t *x, size_t x_stride,
                      int positions, int32_t *acc, size_t acc_stride) {
    integer_kernel *kernel = integer_multiply_plain;
#if defined(__x86_64__)
    if (matrix->level == SIMD_AVX512)
        kernel = integer_multiply_avx512;
    else if (matrix->level == SIMD_AVX2)
        kernel = integer_multiply_avx2;
#endif
    kernel(matrix, x, x_stride, positions, acc, acc_stride);
}
