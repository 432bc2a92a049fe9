/* Shape arithmetic: windows against a window slid by hand, broadcasting and reshaping. */
#include "sim/network/shape.h"
#include "tests/test.h"

/* Counts the places where a window of `extent` may start, one by one: floor mode needs it whole
 * inside the padded input, ceil mode its first element inside the input or the padding before it.
 */
static int slide(int in, int begin, int end, int extent, int stride, bool ceil_mode) {
    int places = 0;
    for (int at = -begin;; at += stride, places++) {
        if (at + extent <= in + end)
            continue;
        /* ONNX: ceil((in + begin + end - extent) / stride) + 1, less a start in the end padding */
        bool overhangs = at - stride + extent < in + end;
        if (ceil_mode && overhangs && at < in)
            continue;
        return places;
    }
}

static void windows(void) {
    for (int in = 1; in <= 12; in++)
        for (int extent = 1; extent <= 4; extent++)
            for (int stride = 1; stride <= 3; stride++)
                for (int pads = 0; pads < 9; pads++)
                    for (int ceil_mode = 0; ceil_mode < 2; ceil_mode++) {
                        int begin = pads / 3, end = pads % 3;
                        if (ceil_mode && (begin >= extent || end >= extent))
                            continue; /* no pool has such pads */
                        struct window_spec spec = {.kernel = {1, extent},
                                                   .stride = {1, stride},
                                                   .dilation = {1, 1},
                                                   .pad_begin = {0, begin},
                                                   .pad_end = {0, end},
                                                   .ceil_mode = ceil_mode != 0};
                        struct window window = {0};
                        int out[2];
                        const char *problem =
                            window_resolve(&spec, (const int[]){1, in}, &window, out);
                        if (in + begin + end < extent) {
                            CU_ASSERT_PTR_NOT_NULL(problem);
                            continue;
                        }
                        CU_ASSERT_PTR_NULL(problem);
                        CU_ASSERT_EQUAL(out[0], 1);
                        CU_ASSERT_EQUAL(out[1],
                                        slide(in, begin, end, extent, stride, ceil_mode != 0));
                        /* the last window ends within the resolved padding */
                        CU_ASSERT((out[1] - 1) * stride - begin + extent <= in + window.pad_end[1]);
                    }
}

/* SAME: ceil(in / stride) outputs; the odd pad goes to the end, or to the beginning. */
static void same_padding(void) {
    struct window_spec spec = {.kernel = {4, 3},
                               .stride = {1, 2},
                               .dilation = {1, 3},
                               .pad_begin = {9, 9},
                               .auto_pad = AUTO_PAD_SAME_UPPER};
    struct window window = {0};
    int out[2];
    const int in[2] = {5, 8};
    CU_ASSERT_PTR_NULL(window_resolve(&spec, in, &window, out));
    CU_ASSERT(out[0] == 5 && out[1] == 4);
    CU_ASSERT(window.pad_begin[0] == 1 && window.pad_end[0] == 2);
    CU_ASSERT(window.pad_begin[1] == 2 && window.pad_end[1] == 3); /* (4-1)*2 + 7 - 8 = 5 */
    spec.auto_pad = AUTO_PAD_SAME_LOWER;
    CU_ASSERT_PTR_NULL(window_resolve(&spec, in, &window, out));
    CU_ASSERT(window.pad_begin[0] == 2 && window.pad_end[0] == 1);
    spec.auto_pad = AUTO_PAD_VALID;
    CU_ASSERT_PTR_NULL(window_resolve(&spec, in, &window, out));
    CU_ASSERT(out[0] == 2 && out[1] == 1 && window.pad_begin[0] == 0);
}

static void broadcasting(void) {
    const struct shape a = {.rank = 3, .dims = {1, 5, 7}}, b = {.rank = 2, .dims = {5, 1}};
    const struct shape c = {.rank = 1, .dims = {5}}, scalar = {0};
    struct shape out;
    CU_ASSERT_PTR_NULL(shape_broadcast(&b, &a, &out));
    CU_ASSERT(shape_equal(&out, &a));
    CU_ASSERT_PTR_NULL(shape_broadcast(&scalar, &b, &out));
    CU_ASSERT(shape_equal(&out, &b));
    CU_ASSERT_PTR_NOT_NULL(shape_broadcast(&a, &c, &out));
    CU_ASSERT_FALSE(shape_equal(&a, &b));
    CU_ASSERT_EQUAL(shape_count(&scalar), 1);
}

static void reshaping(void) {
    const struct shape in = {.rank = 3, .dims = {1, 6, 35}};
    static const struct {
        size_t n;
        int64_t target[7];
        bool valid;
    } rows[] = {
        {2, {0, 210}, true},
        {3, {-1, 7, 30}, true},
        {1, {-1}, true},
        {2, {-1, 4}, false},
        {2, {-1, -1}, false},
        {2, {0, 211}, false},
        {4, {1, 6, 35, 0}, false},
        {2, {-2, 105}, false},
        {2, {INT64_MAX, 2}, false},
        {2, {1 << 28, 16}, false},
        {7, {1, 1, 1, 1, 1, 1, 210}, false},
        {2, {1 << 14, -1}, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct shape out = {0};
        const char *problem = shape_reshape(&in, rows[i].target, rows[i].n, &out);
        CU_ASSERT_EQUAL(problem == NULL, rows[i].valid);
        if (problem == NULL)
            CU_ASSERT_EQUAL(shape_count(&out), 210);
    }
}

static void counts_and_axes(void) {
    const struct shape large = {.rank = 2, .dims = {1 << 14, 1 << 14}};
    const struct shape larger = {.rank = 2, .dims = {1 << 14, (1 << 14) + 1}};
    const struct shape huge = {.rank = 3, .dims = {2147483647, 2147483647, 2147483647}};
    const struct shape empty = {.rank = 2, .dims = {3, 0}};
    CU_ASSERT_EQUAL(shape_count(&large), SHAPE_MAX_COUNT);
    CU_ASSERT_EQUAL(shape_count(&larger), 0);
    CU_ASSERT_EQUAL(shape_count(&huge), 0);
    CU_ASSERT_EQUAL(shape_count(&empty), 0);
    CU_ASSERT_EQUAL(shape_axis(-3, 3), 0);
    CU_ASSERT_EQUAL(shape_axis(2, 3), 2);
    CU_ASSERT_EQUAL(shape_axis(3, 3), -1);
    CU_ASSERT_EQUAL(shape_axis(INT64_MIN, 3), -1);
}

static const struct test_case cases[] = {
    {"windows, slid one by one", windows}, {"SAME and VALID", same_padding},
    {"broadcasting", broadcasting},        {"reshaping", reshaping},
    {"counts and axes", counts_and_axes},  {NULL, NULL},
};

const struct test_suite suite_shape = {"shape", cases};
