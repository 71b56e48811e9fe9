#include "base/check.h"

#include <stdlib.h>

#include "base/require.h"
#include "engine/denormals.h"
#include "measure/participation.h"
#include "measured.h"

/* (sum lambda)^2 / sum lambda^2 from the covariance of the units, in double. */
static double reference(const float *h, int batch, int units) {
    double *mean = calloc((size_t)units, sizeof *mean), trace = 0.0, squares = 0.0;
    assert_non_null(mean);
    for (int i = 0; i < batch * units; i++) {
        mean[i % units] += (double)h[i] / batch;
    }
    for (int a = 0; a < units; a++) {
        for (int b = 0; b < units; b++) {
            double sum = 0.0;
            for (int i = 0; i < batch; i++) {
                sum += ((double)h[i * units + a] - mean[a]) * ((double)h[i * units + b] - mean[b]);
            }
            trace += a == b ? sum : 0.0;
            squares += sum * sum;
        }
    }
    free(mean);
    return trace * trace / squares;
}

static double sd_of(const float *h, size_t n) {
    struct moments moments;
    capture_moments(&moments, h, n);
    return moments.sd;
}

static double ratio_of(const float *h, int batch, int units) {
    real *scratch = malloc(participation_scratch(batch, units) * sizeof *scratch + 1);
    assert_non_null(scratch);
    double ratio = participation_ratio(h, batch, units, sd_of(h, (size_t)(batch * units)), scratch);
    free(scratch);
    return ratio;
}

enum { MOST = 300 * 300 };

static float h[MOST];

/* More units than examples or fewer, a mean far from zero, and numbers of any size. */
static void it_is_the_ratio_of_the_covariance(void **state) {
    (void)state;
    static const int shapes[][2] = {
        { 2, 1 },   { 2, 9 },     { 9, 2 },     { 64, 64 },  { 65, 63 },
        { 63, 65 }, { 128, 100 }, { 100, 130 }, { 300, 20 }, { 20, 300 },
    };
    static const double sizes[] = { 1e-30, 1e-3, 1.0, 1e15 }, means[] = { 0.0, 0.5, 30.0 };
    double worst = 0.0;
    for (int k = 0; k < ARRAY_LEN(shapes); k++) {
        int batch = shapes[k][0], units = shapes[k][1];
        for (int s = 0; s < ARRAY_LEN(sizes); s++) {
            for (int m = 0; m < ARRAY_LEN(means); m++) {
                fill_normals(h, (size_t)(batch * units), 3, means[m] * sizes[s], sizes[s]);
                for (int i = 0; i < batch * units; i += 3) { // not all directions alike
                    h[i] *= 0.3f;
                }
                double got = ratio_of(h, batch, units), want = reference(h, batch, units);
                worst = fmax(worst, relative_error(got, want));
                assert_true(relative_error(got, want) < 1e-5);
                assert_true(got > 1.0 - 1e-6 && got < fmin(batch - 1, units) * (1.0 + 1e-6));
            }
        }
    }
    print_message("worst relative error %.2g\n", worst);
}

static void simple_cases_are_exact(void **state) {
    (void)state;
    enum { BATCH = 40, UNITS = 10 };
    for (int i = 0; i < BATCH * UNITS; i++) { // one direction
        h[i] = (float)(i / UNITS) * (float)(i % UNITS + 1);
    }
    assert_true(fabs(ratio_of(h, BATCH, UNITS) - 1.0) < 1e-5);
    for (int i = 0; i < BATCH * UNITS; i++) { // k directions of the same size: +-1 by turns
        int example = i / UNITS, unit = i % UNITS;
        h[i] = example % UNITS != unit ? 0.0f : example / UNITS % 2 ? 1.0f : -1.0f;
    }
    assert_true(fabs(ratio_of(h, BATCH, UNITS) - UNITS) < 1e-5);
    for (int i = 0; i < BATCH * UNITS; i++) { // a mean alone is no direction
        h[i] = (float)(i % UNITS);
    }
    assert_true(isnan(ratio_of(h, BATCH, UNITS)));
    memset(h, 0, sizeof h);
    assert_true(isnan(ratio_of(h, BATCH, UNITS)));
    assert_true(isnan(ratio_of(h, 1, UNITS)));
}

static void what_is_too_large_is_left_out(void **state) {
    (void)state;
    enum { LARGE = PARTICIPATION_MOST + 1 };
    assert_int_equal(participation_scratch(LARGE, LARGE), 0);
    assert_true(participation_scratch(LARGE, LARGE - 1) > 0);
    assert_true(isnan(participation_ratio(h, LARGE, LARGE, 1.0, NULL)));
}

/* In a snapshot: NaN until asked for, and where a layer is not finite. */
static void captures_have_it_on_request(void **state) {
    (void)state;
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        struct network_config config = measured_config(activation, INITIALISER_HE, 5);
        struct measured *m = measured_create(&config);
        measured_pass(m, 1);
        for (int l = 0; l < 5; l++) {
            assert_true(isnan(m->run.layer[l].participation));
        }
        capture_participation(&m->net.network, m->scratch, &m->run);
        for (int l = 0; l < 5; l++) {
            const float *values = m->net.network.layer[l].h;
            double want = reference(values, MEASURED_BATCH, 11);
            assert_true(relative_error(m->run.layer[l].participation, want) < 1e-4);
        }
        assert_true(isnan(m->run.output.participation));
        m->net.network.layer[2].bias.value[0] = INFINITY;
        measured_pass(m, 2);
        capture_participation(&m->net.network, m->scratch, &m->run);
        assert_true(isfinite(m->run.layer[1].participation));
        assert_true(activations[activation].bounded || isnan(m->run.layer[2].participation));
        measured_finish(m);
    }
}

int main(void) {
    denormals_flush();
    engine_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_ratio_of_the_covariance),
        cmocka_unit_test(simple_cases_are_exact),
        cmocka_unit_test(what_is_too_large_is_left_out),
        cmocka_unit_test(captures_have_it_on_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
