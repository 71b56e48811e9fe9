#include "base/check.h"

#include <stdlib.h>

#include "base/require.h"
#include "engine/crew.h"
#include "engine/product.h"
#include "tools.h"

/* The three products against plain loops in double, small shapes with every instruction set. */

static const struct kernels *sets[SETS_MOST];
static int set_count;

// (batch, in, out); the first rows take the plain loops, the last ones the library.
static const int shapes[][3] = {
    { 1, 1, 1 },     { 1, 2, 3 },     { 4, 2, 5 },        { 4, 5, 5 },      { 4, 5, 1 },
    { 7, 3, 19 },    { 1, 1, 1024 },  { 8, 8, 16 },       { 8, 8, 17 },     { 3, 17, 33 },
    { 5, 1, 300 },   { 300, 5, 1 },   { 1, 300, 5 },      { 64, 100, 10 },  { 128, 784, 100 },
    { 1, 513, 257 }, { 33, 65, 129 }, { 16, 1024, 1024 }, { 13, 500, 500 }, { 150, 400, 97 },
};

struct operands {
    int batch, in, out;
    float *h;     // (batch, in)
    float *W;     // (in, out)
    float *delta; // (batch, out)
    float *bias;  // (out)
    float *result, *other;
    size_t size;  // of each of them
    double worst; // error in units of what float sums may lose
};

/* Of so many rows and columns. */
static size_t entries(int rows, int columns) {
    return (size_t)rows * (size_t)columns;
}

static float *drawn(size_t n, uint32_t row, double sd) {
    float *values = malloc(n * sizeof *values);
    assert_non_null(values);
    fill_normals(values, n, row, 0.1 * sd, sd);
    return values;
}

static void operands_init(struct operands *o, const int shape[3]) {
    size_t batch = (size_t)shape[0], in = (size_t)shape[1], out = (size_t)shape[2];
    *o = (struct operands){
        .batch = shape[0],
        .in = shape[1],
        .out = shape[2],
        .h = drawn(batch * in, 1, 1.0),
        .W = drawn(in * out, 2, 0.3),
        .delta = drawn(batch * out, 3, 1e-4),
        .bias = drawn(out, 4, 1.0),
        .size = batch * in + in * out + batch * out + 1,
    };
    o->result = malloc(o->size * sizeof *o->result);
    o->other = malloc(o->size * sizeof *o->other);
    assert_non_null(o->result);
    assert_non_null(o->other);
}

static void operands_finish(struct operands *o) {
    free(o->h);
    free(o->W);
    free(o->delta);
    free(o->bias);
    free(o->result);
    free(o->other);
}

/* What was in the result before must not matter, and what lies behind it must stay. */
static void prepare(struct operands *o) {
    for (size_t i = 0; i < o->size; i++) {
        o->result[i] = NAN;
    }
}

/* One entry: the sum over k of a[k step_a] b[k step_b], times scale, plus more. */
static void check_entry(struct operands *o, float got, const float *a, int step_a, const float *b,
                        int step_b, int terms, double scale, double more) {
    double want = more, sizes = fabs(more);
    for (int k = 0; k < terms; k++) {
        double term = (double)a[(size_t)k * (size_t)step_a] * (double)b[(size_t)k * (size_t)step_b];
        want += scale * term;
        sizes += fabs(scale * term);
    }
    double lost = fabs((double)got - want) / (sizes * (double)FLT_EPSILON);
    o->worst = fmax(o->worst, lost / (terms + 2));
    assert_true(lost <= terms + 2);
}

static struct product_shape shape_of(const struct operands *o, struct crew *crew) {
    return (struct product_shape){ o->batch, o->in, o->out, crew };
}

static void check_products(struct operands *o) {
    int batch = o->batch, in = o->in, out = o->out;
    struct product_shape shape = shape_of(o, NULL);
    for (int biased = 0; biased < 2; biased++) {
        const float *bias = biased ? o->bias : NULL;
        prepare(o);
        product_forward(&shape, o->h, o->W, bias, o->result);
        for (int b = 0; b < batch; b++) {
            for (int j = 0; j < out; j++) {
                check_entry(o, o->result[b * out + j], o->h + entries(b, in), 1, o->W + j, out, in,
                            1.0, bias ? (double)bias[j] : 0.0);
            }
        }
        assert_true(isnan(o->result[entries(batch, out)]));
    }
    prepare(o);
    product_backward(&shape, o->delta, o->W, o->result);
    for (int b = 0; b < batch; b++) {
        for (int i = 0; i < in; i++) {
            check_entry(o, o->result[b * in + i], o->delta + entries(b, out), 1,
                        o->W + entries(i, out), 1, out, 1.0, 0.0);
        }
    }
    assert_true(isnan(o->result[entries(batch, in)]));
    prepare(o);
    float scale = 1.0f / (float)batch;
    product_gradient(&shape, o->h, o->delta, scale, o->result);
    for (int i = 0; i < in; i++) {
        for (int j = 0; j < out; j++) {
            check_entry(o, o->result[i * out + j], o->h + i, in, o->delta + j, out, batch,
                        (double)scale, 0.0);
        }
    }
    assert_true(isnan(o->result[entries(in, out)]));
}

static void products_equal_plain_loops(void **state) {
    (void)state;
    for (int s = 0; s < set_count; s++) {
        kernels = sets[s];
        double worst = 0.0;
        for (int i = 0; i < ARRAY_LEN(shapes); i++) {
            struct operands o;
            operands_init(&o, shapes[i]);
            check_products(&o);
            worst = fmax(worst, o.worst);
            operands_finish(&o);
        }
        print_message("%s: worst error %.3f of what sums in float may lose\n", sets[s]->name,
                      worst);
    }
}

/* A NaN or an infinity in one example stays in that example's row. */
static void what_is_not_finite_stays_in_its_row(void **state) {
    (void)state;
    for (int i = 0; i < ARRAY_LEN(shapes); i++) {
        struct operands o;
        operands_init(&o, shapes[i]);
        o.h[entries(o.in, o.batch - 1)] = NAN;
        o.delta[entries(o.out, o.batch - 1)] = INFINITY;
        struct product_shape shape = shape_of(&o, NULL);
        product_forward(&shape, o.h, o.W, NULL, o.result);
        for (int k = 0; k < o.batch * o.out; k++) {
            assert_true(isfinite(o.result[k]) == (k < o.out * (o.batch - 1)));
        }
        product_backward(&shape, o.delta, o.W, o.result);
        for (int k = 0; k < o.batch * o.in; k++) {
            assert_true(isfinite(o.result[k]) == (k < o.in * (o.batch - 1)));
        }
        operands_finish(&o);
    }
}

static void the_same_call_gives_the_same_bits(void **state) {
    (void)state;
    for (int i = 0; i < ARRAY_LEN(shapes); i++) {
        struct operands o;
        operands_init(&o, shapes[i]);
        size_t n = (size_t)o.batch * (size_t)o.out;
        float *again = malloc(n * sizeof *again);
        assert_non_null(again);
        struct product_shape shape = shape_of(&o, NULL);
        product_forward(&shape, o.h, o.W, NULL, o.result);
        product_forward(&shape, o.h, o.W, NULL, again);
        assert_memory_equal(o.result, again, n * sizeof *again);
        free(again);
        operands_finish(&o);
    }
}

static void assert_same(const struct operands *o, int rows, int columns) {
    assert_memory_equal(o->result, o->other, entries(rows, columns) * sizeof(float));
}

/* However many threads share a product, and whichever instruction set computes it. */
static void every_crew_gives_the_same_bits(void **state) {
    (void)state;
    static const int crews[] = { 2, 5 };
    for (int c = 0; c < ARRAY_LEN(crews); c++) {
        struct crew *crew = crew_create(crews[c]);
        for (int k = 0; k < set_count * ARRAY_LEN(shapes); k++) {
            kernels = sets[k % set_count];
            struct operands o;
            operands_init(&o, shapes[k / set_count]);
            struct product_shape shape = shape_of(&o, crew), one = shape_of(&o, NULL);
            product_forward(&shape, o.h, o.W, o.bias, o.result);
            product_forward(&one, o.h, o.W, o.bias, o.other);
            assert_same(&o, o.batch, o.out);
            product_backward(&shape, o.delta, o.W, o.result);
            product_backward(&one, o.delta, o.W, o.other);
            assert_same(&o, o.batch, o.in);
            operands_finish(&o);
        }
        crew_destroy(crew);
    }
}

/* Every third row of dW, which is in o->other. */
static void check_spaced_rows(const struct product_shape *shape, const struct operands *o) {
    int count = (o->in + 1) / 3;
    product_gradient_rows(shape, o->h, o->delta, 0.1f, (struct gradient_rows){ 1, count, 3 },
                          o->result);
    for (int i = 0; i < count; i++) {
        assert_memory_equal(o->result + entries(i, o->out), o->other + entries(1 + 3 * i, o->out),
                            entries(1, o->out) * sizeof(real));
    }
}

/* Where tiles compute, an entry does not depend on what else is asked for. */
static void parts_equal_the_whole(void **state) {
    (void)state;
    for (int k = 0; k < set_count * ARRAY_LEN(shapes); k++) {
        kernels = sets[k % set_count];
        struct operands o;
        operands_init(&o, shapes[k / set_count]);
        struct product_shape all = shape_of(&o, NULL), one = { 1, o.in, o.out, NULL };
        if (kernels->tiles && o.in * o.out > 1024) {
            product_forward(&all, o.h, o.W, o.bias, o.other);
            for (int at = 0; at < o.batch; at++) { // examples are independent of each other
                product_forward(&one, o.h + entries(at, o.in), o.W, o.bias,
                                o.result + entries(at, o.out));
            }
            assert_same(&o, o.batch, o.out);
            product_backward(&all, o.delta, o.W, o.other);
            for (int at = 0; at < o.batch; at++) {
                product_backward(&one, o.delta + entries(at, o.out), o.W,
                                 o.result + entries(at, o.in));
            }
            assert_same(&o, o.batch, o.in);
            product_gradient(&all, o.h, o.delta, 0.1f, o.other);
            for (int at = 0; at < o.in; at += 7) {
                int count = at + 7 < o.in ? 7 : o.in - at;
                product_gradient_rows(&all, o.h, o.delta, 0.1f,
                                      (struct gradient_rows){ at, count, 1 },
                                      o.result + entries(at, o.out));
            }
            assert_same(&o, o.in, o.out);
            check_spaced_rows(&all, &o);
        }
        operands_finish(&o);
    }
}

int main(void) {
    engine_start();
    set_count = kernel_sets(sets);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_equal_plain_loops),
        cmocka_unit_test(what_is_not_finite_stays_in_its_row),
        cmocka_unit_test(every_crew_gives_the_same_bits),
        cmocka_unit_test(parts_equal_the_whole),
        cmocka_unit_test(the_same_call_gives_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
