#include "base/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/require.h"
#include "data/dataset.h"

enum { TRAIN = 1500, TEST = 40, FEATURES = 12, CONSTANT = 7 };

/* Bytes with strong correlations, a constant feature, and a held-out part from elsewhere. */
struct sample {
    uint8_t train[TRAIN][FEATURES], test[TEST][FEATURES];
    uint8_t labels[TRAIN];
};

static void fill(struct sample *sample) {
    const struct random_stream stream = { .seed = 3 };
    memset(sample, 0, sizeof *sample);
    for (uint32_t i = 0; i < TRAIN + TEST; i++) {
        double normal[FEATURES];
        uint8_t *row = i < TRAIN ? sample->train[i] : sample->test[i - TRAIN];
        random_normals(&stream, i, 0, FEATURES, normal);
        for (int j = 0; j < FEATURES; j++) {
            double value = 100 + 4 * j + (3 + j) * normal[j] + 20 * normal[0] + 10 * normal[j / 2];
            value = i < TRAIN ? value : value + 30; // the training mean is not the held-out one
            row[j] = j == CONSTANT && i < TRAIN ? 9 : (uint8_t)fmax(0, fmin(255, value));
        }
    }
}

/* The sample as a data set that owns it in one block, preprocessed. */
static struct dataset preprocess(const struct sample *sample, enum preprocess kind,
                                 int components) {
    struct dataset_settings settings = { .preprocess = kind, .components = components };
    struct sample *copy = malloc(sizeof *copy);
    assert_non_null(copy);
    memcpy(copy, sample, sizeof *copy);
    struct dataset dataset = {
        .shape = { .features = FEATURES, .examples = TRAIN, .test_examples = TEST },
        .byte_scale = 1.0f / 255.0f,
        .train = { .count = TRAIN, .bytes = copy->train[0], .labels = sample->labels },
        .test = { .count = TEST, .bytes = copy->test[0], .labels = sample->labels },
    };
    dataset_own(&dataset, copy);
    char problem[DATASET_PROBLEM] = "";
    if (!preprocess_apply(&dataset, &settings, problem)) {
        fail_msg("%s", problem);
    }
    return dataset;
}

/* All inputs of a part as the network gets them, (count, features), to be freed. */
static float *gather(const struct dataset *dataset, const struct examples *part) {
    size_t count = (size_t)part->count;
    float *inputs = calloc(count * (size_t)dataset->shape.features, sizeof *inputs);
    uint32_t *indices = calloc(count, sizeof *indices);
    uint8_t *labels = calloc(count, 1);
    assert_true(inputs && indices && labels);
    for (uint32_t i = 0; i < count; i++) {
        indices[i] = i;
    }
    dataset_gather(dataset, part, indices, (int)count, inputs, labels);
    free(indices);
    free(labels);
    return inputs;
}

static double mean_of(const float *values, int count, int features, int j) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
        sum += (double)values[i * features + j];
    }
    return sum / count;
}

static double covariance_of(const float *values, int count, int features, int j, int k) {
    double mean_j = mean_of(values, count, features, j);
    double mean_k = mean_of(values, count, features, k), sum = 0;
    for (int i = 0; i < count; i++) {
        sum += ((double)values[i * features + j] - mean_j) *
               ((double)values[i * features + k] - mean_k);
    }
    return sum / count;
}

static void none_and_unit_are_bytes(void **state) {
    const struct sample *sample = *state;
    static const double scales[] = { [PREPROCESS_NONE] = 1.0, [PREPROCESS_UNIT] = 1.0 / 255.0 };
    for (int kind = PREPROCESS_NONE; kind <= PREPROCESS_UNIT; kind++) {
        struct dataset dataset = preprocess(sample, (enum preprocess)kind, 0);
        float *inputs = gather(&dataset, &dataset.test);
        for (int i = 0; i < TEST * FEATURES; i++) {
            double exact = sample->test[i / FEATURES][i % FEATURES] * scales[kind];
            assert_true(fabs((double)inputs[i] - exact) <= 1.2e-7 * exact);
        }
        free(inputs);
        dataset_finish(&dataset);
    }
}

/* Both parts get the mean and sd of the training part. */
static void features_are_centred_and_standardised(void **state) {
    const struct sample *sample = *state;
    struct dataset unit = preprocess(sample, PREPROCESS_UNIT, 0);
    float *before = gather(&unit, &unit.train), *held_out = gather(&unit, &unit.test);
    for (int kind = PREPROCESS_CENTRED; kind <= PREPROCESS_STANDARDISED; kind++) {
        bool scaled = kind == PREPROCESS_STANDARDISED;
        struct dataset dataset = preprocess(sample, (enum preprocess)kind, 0);
        float *train = gather(&dataset, &dataset.train), *test = gather(&dataset, &dataset.test);
        for (int j = 0; j < FEATURES; j++) {
            double variance = covariance_of(before, TRAIN, FEATURES, j, j);
            double sd = scaled ? sqrt(variance) : 1.0, mean = mean_of(before, TRAIN, FEATURES, j);
            assert_true(fabs(mean_of(train, TRAIN, FEATURES, j)) < 1e-6);
            assert_true(j == CONSTANT || fabs(covariance_of(train, TRAIN, FEATURES, j, j) -
                                              variance / (sd * sd)) < 1e-5);
            for (int i = 0; i < TEST; i++) {
                double raw = (double)held_out[i * FEATURES + j];
                double got = (double)test[i * FEATURES + j];
                double wanted = scaled && j == CONSTANT ? 0.0 : (raw - mean) / sd;
                assert_true(fabs(got - wanted) < 1e-5 * (1 + fabs(wanted)));
            }
        }
        free(train);
        free(test);
        dataset_finish(&dataset);
    }
    free(before);
    free(held_out);
    dataset_finish(&unit);
}

/* C v = lambda v, v of length 1, at right angles, falling lambda, the sign's rule. */
static void assert_eigenvectors(double basis[FEATURES][FEATURES], const float *before,
                                const double lambda[FEATURES]) {
    for (int i = 0; i < FEATURES; i++) {
        double largest = 0;
        assert_true(i == 0 || lambda[i] <= lambda[i - 1]);
        for (int j = 0; j < FEATURES; j++) {
            double product = 0, dot = 0;
            for (int k = 0; k < FEATURES; k++) {
                product += covariance_of(before, TRAIN, FEATURES, j, k) * basis[i][k];
                dot += basis[i][k] * basis[j][k];
            }
            assert_true(fabs(product - lambda[i] * basis[i][j]) < 1e-6);
            assert_true(fabs(dot - (i == j)) < 1e-5);
            largest = fabs(basis[i][j]) > fabs(largest) ? basis[i][j] : largest;
        }
        assert_true(largest > 0);
    }
}

/* The basis is what a step along each feature does: held-out examples in pairs. */
static void pca_is_the_eigenvectors_of_the_training_part(void **state) {
    struct sample *steps = malloc(sizeof *steps);
    assert_non_null(steps);
    memcpy(steps, *state, sizeof *steps);
    memset(steps->test, 0, sizeof steps->test);
    for (int j = 0; j < FEATURES; j++) {
        steps->test[1 + j][j] = 255;
    }
    struct dataset unit = preprocess(steps, PREPROCESS_UNIT, 0);
    struct dataset dataset = preprocess(steps, PREPROCESS_PCA, 0);
    assert_int_equal(dataset.shape.features, FEATURES);
    float *before = gather(&unit, &unit.train);
    float *train = gather(&dataset, &dataset.train), *test = gather(&dataset, &dataset.test);
    double basis[FEATURES][FEATURES], lambda[FEATURES];
    for (int i = 0; i < FEATURES; i++) {
        assert_true(fabs(mean_of(train, TRAIN, FEATURES, i)) < 1e-6);
        lambda[i] = covariance_of(train, TRAIN, FEATURES, i, i);
        for (int j = 0; j < FEATURES; j++) {
            basis[i][j] = (double)test[(1 + j) * FEATURES + i] - (double)test[i];
            assert_true(i == j || fabs(covariance_of(train, TRAIN, FEATURES, i, j)) < 1e-7);
        }
    }
    assert_true(lambda[FEATURES - 1] < 1e-12); // the constant feature's
    assert_eigenvectors(basis, before, lambda);
    free(before);
    free(train);
    free(test);
    free(steps);
    dataset_finish(&unit);
    dataset_finish(&dataset);
}

static void whitened_has_the_identity_as_covariance(void **state) {
    struct dataset pca = preprocess(*state, PREPROCESS_PCA, 0);
    struct dataset dataset = preprocess(*state, PREPROCESS_WHITENED, 0);
    float *plain = gather(&pca, &pca.train), *train = gather(&dataset, &dataset.train);
    double largest = covariance_of(plain, TRAIN, FEATURES, 0, 0);
    for (int i = 0; i < FEATURES; i++) {
        double lambda = covariance_of(plain, TRAIN, FEATURES, i, i);
        assert_true(fabs(mean_of(train, TRAIN, FEATURES, i)) < 1e-5);
        for (int j = 0; j <= i; j++) {
            double wanted = i == j ? lambda / (lambda + 1e-6 * largest) : 0.0;
            assert_true(i != j || i >= FEATURES - 2 || wanted > 0.999);
            assert_true(fabs(covariance_of(train, TRAIN, FEATURES, i, j) - wanted) < 1e-5);
        }
    }
    free(plain);
    free(train);
    dataset_finish(&pca);
    dataset_finish(&dataset);
}

static void fewer_components_are_the_first(void **state) {
    for (int kind = PREPROCESS_PCA; kind <= PREPROCESS_WHITENED; kind++) {
        struct dataset all = preprocess(*state, (enum preprocess)kind, FEATURES);
        struct dataset few = preprocess(*state, (enum preprocess)kind, 3);
        assert_int_equal(few.shape.features, 3);
        for (int i = 0; i < TEST; i++) {
            for (int j = 0; j < 3; j++) {
                double a = (double)all.test.values[FEATURES * i + j];
                assert_true(fabs((double)few.test.values[3 * i + j] - a) < 1e-5);
            }
        }
        dataset_finish(&all);
        dataset_finish(&few);
    }
}

/* What is held out changes nothing for the training part. */
static void fitted_on_the_training_part_alone(void **state) {
    struct sample *other = malloc(sizeof *other);
    assert_non_null(other);
    memcpy(other, *state, sizeof *other);
    memset(other->test, 255, sizeof other->test);
    for (int kind = 0; kind < PREPROCESS_COUNT; kind++) {
        struct dataset a = preprocess(*state, (enum preprocess)kind, 5);
        struct dataset b = preprocess(other, (enum preprocess)kind, 5);
        float *left = gather(&a, &a.train), *right = gather(&b, &b.train);
        size_t bytes = (size_t)(TRAIN * a.shape.features) * sizeof *left;
        assert_memory_equal(left, right, bytes);
        free(left);
        free(right);
        dataset_finish(&a);
        dataset_finish(&b);
    }
    free(other);
}

/* Eigenvalues of numpy.linalg.eigvalsh on the covariance of the 60,000 images / 255. */
static void mnist_has_its_known_components(void **state) {
    (void)state;
    static const double known[] = { 5.11679, 3.74133, 3.25265 };
    struct dataset_settings settings = { .kind = DATASET_MNIST,
                                         .preprocess = PREPROCESS_PCA,
                                         .components = 3 };
    struct dataset dataset;
    struct dataset_shape shape;
    char problem[DATASET_PROBLEM] = "";
    assert_true(dataset_describe(&settings, &shape, problem));
    assert_int_equal(shape.features, 3);
    assert_int_equal(shape.image_width, 0);
    if (!dataset_load(&dataset, &settings, problem)) {
        fail_msg("%s", problem);
    }
    assert_int_equal(dataset.shape.features, 3);
    assert_int_equal(dataset.shape.bytes, shape.bytes);
    assert_null(dataset.train.bytes);
    for (int i = 0; i < ARRAY_LEN(known); i++) {
        double variance = covariance_of(dataset.train.values, 60000, 3, i, i);
        assert_true(fabs(variance - known[i]) < 2e-5);
    }
    dataset_finish(&dataset);
}

static void data_that_are_no_bytes(void **state) {
    (void)state;
    struct dataset_settings settings = { .kind = DATASET_MOONS, .noise = 0.1 };
    for (int kind = 0; kind < PREPROCESS_COUNT; kind++) {
        struct dataset dataset;
        char problem[DATASET_PROBLEM] = "";
        settings.preprocess = (enum preprocess)kind;
        assert_true(dataset_load(&dataset, &settings, problem));
        float *train = gather(&dataset, &dataset.train);
        for (int j = 0; j < 2; j++) {
            double mean = mean_of(train, 1000, 2, j), spread = covariance_of(train, 1000, 2, j, j);
            bool raw = kind <= PREPROCESS_UNIT;
            bool scaled = kind == PREPROCESS_STANDARDISED || kind == PREPROCESS_WHITENED;
            assert_true(raw ? mean > 0.2 : fabs(mean) < 1e-6);
            assert_true(scaled ? fabs(spread - 1) < 2e-5 : spread < 0.85);
        }
        free(train);
        dataset_finish(&dataset);
    }
}

static void assert_refused(struct dataset_settings settings, const char *part) {
    struct dataset_shape shape;
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "";
    assert_false(dataset_describe(&settings, &shape, problem));
    assert_contains(problem, part);
    assert_int_equal(shape.features, 0);
    assert_false(dataset_load(&dataset, &settings, problem));
    assert_contains(problem, part);
}

static void what_makes_no_sense_is_refused(void **state) {
    (void)state;
    struct dataset_settings settings = { .kind = DATASET_MOONS,
                                         .preprocess = PREPROCESS_PCA,
                                         .components = 3 };
    assert_refused(settings, "components: 3 are asked for, but moons has 2 features; set "
                             "components to at most that, or to 0 for all");
    settings = (struct dataset_settings){ .kind = DATASET_GAUSSIAN,
                                          .features = 16385,
                                          .preprocess = PREPROCESS_WHITENED };
    assert_refused(settings, "preprocess = whitened takes at most 16384 features, but gaussian "
                             "has 16385; preprocess = standardised has no limit");
    settings.preprocess = PREPROCESS_CENTRED; // components count only where there are some
    settings.components = 99999;
    struct dataset_shape shape;
    char problem[DATASET_PROBLEM] = "";
    assert_true(dataset_describe(&settings, &shape, problem));
}

int main(void) {
    struct sample *sample = malloc(sizeof *sample);
    if (!sample) {
        return 1;
    }
    fill(sample);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(none_and_unit_are_bytes, sample),
        cmocka_unit_test_prestate(features_are_centred_and_standardised, sample),
        cmocka_unit_test_prestate(pca_is_the_eigenvectors_of_the_training_part, sample),
        cmocka_unit_test_prestate(whitened_has_the_identity_as_covariance, sample),
        cmocka_unit_test_prestate(fewer_components_are_the_first, sample),
        cmocka_unit_test_prestate(fitted_on_the_training_part_alone, sample),
        cmocka_unit_test(mnist_has_its_known_components),
        cmocka_unit_test(data_that_are_no_bytes),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(sample);
    return failed;
}
