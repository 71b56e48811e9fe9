#include "base/check.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/require.h"
#include "data/dataset.h"

static struct dataset load(struct dataset_settings settings) {
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "";
    if (!dataset_load(&dataset, &settings, problem)) {
        fail_msg("%s", problem);
    }
    return dataset;
}

static struct dataset_shape describe(struct dataset_settings settings) {
    struct dataset_shape shape;
    char problem[DATASET_PROBLEM] = "";
    if (!dataset_describe(&settings, &shape, problem)) {
        fail_msg("%s", problem);
    }
    return shape;
}

static void the_table_holds_what_loading_gives(void **state) {
    (void)state;
    for (int kind = 0; kind < DATASET_COUNT; kind++) {
        struct dataset_settings settings = { .kind = (enum dataset_kind)kind };
        const struct dataset_row *row = &datasets[kind];
        if (row->by_path) {
            continue;
        }
        struct dataset_shape shape = describe(settings);
        struct dataset dataset = load(settings);
        assert_int_equal(dataset.test.count, shape.test_examples);
        assert_int_equal(shape.classes, row->classes);
        assert_true(strlen(row->name) > 0 && strlen(row->label) > 0);
        assert_true(strlen(row->about) > 0 && strlen(row->loss) > 0);
        assert_int_equal(dataset.kind, kind);
        assert_int_equal(dataset.shape.classes, shape.classes);
        assert_int_equal(dataset.shape.features, shape.features);
        assert_int_equal(dataset.train.count, shape.examples);
        assert_true(!dataset.train.bytes != !dataset.train.values);
        for (int64_t i = 0; i < dataset.train.count; i++) {
            assert_true(dataset.train.labels[i] < row->classes);
        }
        dataset_finish(&dataset);
        assert_null(dataset.owned[0]);
        dataset_finish(&dataset);
    }
}

static void sizes_are_known_before_loading(void **state) {
    (void)state;
    static const struct {
        struct dataset_settings settings;
        int64_t examples;
        int features;
    } rows[] = {
        { { .kind = DATASET_MNIST }, 60000, 784 },
        { { .kind = DATASET_MNIST, .examples = 1, .features = 3 }, 1, 784 },
        { { .kind = DATASET_MNIST, .examples = 60001 }, 60000, 784 },
        { { .kind = DATASET_MNIST, .examples = INT64_MAX }, 60000, 784 },
        { { .kind = DATASET_MNIST, .examples = -1, .features = -1 }, 60000, 784 },
        { { .kind = DATASET_XOR }, 4, 2 },
        { { .kind = DATASET_XOR, .examples = 3 }, 3, 2 },
        { { .kind = DATASET_XOR, .examples = 1000 }, 4, 2 },
        { { .kind = DATASET_GAUSSIAN }, 1000, 500 },
        { { .kind = DATASET_GAUSSIAN, .examples = 70000, .features = 7 }, 70000, 7 },
        { { .kind = DATASET_GAUSSIAN, .examples = -5, .features = -5 }, 1000, 500 },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        struct dataset_shape shape = describe(rows[i].settings);
        assert_int_equal(shape.examples, rows[i].examples);
        assert_int_equal(shape.features, rows[i].features);
    }
}

/* Known facts of the original files. */
static void mnist_is_mnist(void **state) {
    (void)state;
    struct dataset mnist = load((struct dataset_settings){ .kind = DATASET_MNIST });
    assert_int_equal(mnist.train.count, 60000);
    assert_int_equal(mnist.test.count, 10000);
    assert_int_equal(mnist.shape.image_width, 28);
    assert_int_equal(mnist.shape.image_height, 28);
    static const uint8_t first_train[] = { 5, 0, 4, 1, 9, 2, 1, 3, 1, 4 };
    static const uint8_t first_test[] = { 7, 2, 1, 0, 4, 1, 4, 9, 5, 9 };
    assert_memory_equal(mnist.train.labels, first_train, 10);
    assert_memory_equal(mnist.test.labels, first_test, 10);

    uint64_t sum = 0, squares = 0;
    size_t pixels = 60000u * 784u;
    for (size_t i = 0; i < pixels; i++) {
        unsigned byte = mnist.train.bytes[i];
        sum += byte;
        squares += byte * byte;
    }
    double mean = (double)sum / (double)pixels / 255.0;
    double variance = (double)squares / (double)pixels / (255.0 * 255.0) - mean * mean;
    assert_true(fabs(mean - 0.13066) < 5e-6);
    assert_true(fabs(sqrt(variance) - 0.30811) < 5e-6);

    static const int per_class[] = { 5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949 };
    int counts[10] = { 0 };
    for (int i = 0; i < 60000; i++) {
        counts[mnist.train.labels[i]]++;
    }
    assert_memory_equal(counts, per_class, sizeof counts);
    dataset_finish(&mnist);
}

static void fewer_examples_are_the_first_ones(void **state) {
    (void)state;
    struct dataset mnist = load((struct dataset_settings){ .kind = DATASET_MNIST, .examples = 3 });
    assert_int_equal(mnist.train.count, 3);
    assert_int_equal(mnist.test.count, 10000);
    assert_int_equal(mnist.train.labels[2], 4);
    int lit = 0;
    for (int i = 0; i < 3 * 784; i++) {
        lit += mnist.train.bytes[i] > 0;
    }
    assert_true(lit > 300 && lit < 700);
    dataset_finish(&mnist);
}

static void gather_scales_bytes(void **state) {
    (void)state;
    enum { FEATURES = 256, COUNT = 5 };
    static uint8_t bytes[3][FEATURES];
    static const uint8_t labels[3] = { 7, 8, 9 };
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < FEATURES; j++) {
            bytes[i][j] = (uint8_t)((j + i) % 256);
        }
    }
    struct dataset dataset = { .shape.features = FEATURES, .byte_scale = 1.0f / 255.0f };
    struct examples part = { .count = 3, .bytes = bytes[0], .labels = labels };
    static const uint32_t indices[COUNT] = { 2, 0, 1, 1, 2 };
    float inputs[COUNT][FEATURES];
    uint8_t gathered[COUNT];
    dataset_gather(&dataset, &part, indices, COUNT, inputs[0], gathered);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(gathered[i], labels[indices[i]]);
        for (int j = 0; j < FEATURES; j++) {
            double exact = bytes[indices[i]][j] / 255.0;
            assert_true(fabs((double)inputs[i][j] - exact) <= 1.2e-7 * exact);
            assert_true(inputs[i][j] >= 0.0f && inputs[i][j] <= 1.0f);
        }
    }
    assert_true(inputs[1][255] == 1.0f);
}

/* What every example shows when it is gathered; the settings promise 0..1 only where that holds. */
static void the_range_is_what_is_gathered(void **state) {
    (void)state;
    for (int kind = 0; kind < DATASET_COUNT; kind++) {
        for (int preprocess = 0; preprocess < PREPROCESS_COUNT; preprocess++) {
            struct dataset_settings settings = { .kind = (enum dataset_kind)kind,
                                                 .examples = 200,
                                                 .features = 8,
                                                 .noise = -1.0,
                                                 .preprocess = (enum preprocess)preprocess };
            bool slow = kind == DATASET_MNIST && preprocesses[preprocess].projects;
            if (datasets[kind].by_path || slow) {
                continue;
            }
            struct dataset dataset = load(settings);
            double low, high, least = (double)INFINITY, most = -(double)INFINITY;
            dataset_range(&dataset, &low, &high);
            for (uint32_t i = 0; i < dataset.train.count; i++) {
                float input[784];
                uint8_t label;
                dataset_gather(&dataset, &dataset.train, &i, 1, input, &label);
                for (int j = 0; j < dataset.shape.features; j++) {
                    least = fmin(least, (double)input[j]);
                    most = fmax(most, (double)input[j]);
                }
            }
            assert_true(low == least && high == most);
            bool bytes_as_they_are = kind == DATASET_MNIST && preprocess == PREPROCESS_NONE;
            assert_int_equal(dataset_leaves_unit(&settings) || bytes_as_they_are,
                             low < 0.0 || high > 1.0);
            dataset_finish(&dataset);
        }
    }
    assert_false(dataset_leaves_unit(&(struct dataset_settings){ .kind = DATASET_NOISY_XOR }));
}

static void xor_is_exclusive_or(void **state) {
    (void)state;
    struct dataset dataset = load((struct dataset_settings){ .kind = DATASET_XOR });
    assert_int_equal(dataset.train.count, 4);
    assert_int_equal(dataset.test.count, 0);
    static const uint32_t indices[4] = { 3, 0, 2, 1 };
    float inputs[4][2];
    uint8_t labels[4];
    dataset_gather(&dataset, &dataset.train, indices, 4, inputs[0], labels);
    int seen = 0;
    for (int i = 0; i < 4; i++) {
        int a = inputs[i][0] == 1.0f, b = inputs[i][1] == 1.0f;
        assert_true(inputs[i][0] == (float)a && inputs[i][1] == (float)b);
        assert_int_equal(labels[i], a ^ b);
        seen |= 1 << (2 * a + b);
    }
    assert_int_equal(seen, 15);
    dataset_finish(&dataset);
}

static void gaussian_is_standard_normal(void **state) {
    (void)state;
    struct dataset_settings settings = { .kind = DATASET_GAUSSIAN, .seed = 12 };
    struct dataset dataset = load(settings);
    assert_int_equal(dataset.test.count, 0);
    double n = 1000.0 * 500.0, sum = 0, squares = 0, fourth = 0;
    for (int i = 0; i < 1000 * 500; i++) {
        double x = (double)dataset.train.values[i];
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
    }
    assert_true(fabs(sum / n) < 4 / sqrt(n));
    assert_true(fabs(squares / n - 1) < 4 * sqrt(2 / n));
    assert_true(fabs(fourth / n - 3) < 4 * sqrt(96 / n));
    dataset_finish(&dataset);
}

static void gaussian_labels_are_uniform(void **state) {
    (void)state;
    struct dataset_settings settings = {
        .kind = DATASET_GAUSSIAN, .examples = 100000, .features = 1, .seed = 3
    };
    struct dataset dataset = load(settings);
    double expected = 100000.0 / DATASET_GAUSSIAN_CLASSES, chi_squared = 0;
    int counts[DATASET_GAUSSIAN_CLASSES] = { 0 };
    for (int i = 0; i < 100000; i++) {
        counts[dataset.train.labels[i]]++;
    }
    for (int i = 0; i < DATASET_GAUSSIAN_CLASSES; i++) {
        chi_squared += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    assert_true(chi_squared < 27.9); // exceeded with probability 0.001 at 9 degrees of freedom
    dataset_finish(&dataset);
}

static void gaussian_depends_on_the_seed_alone(void **state) {
    (void)state;
    struct dataset_settings settings = { .kind = DATASET_GAUSSIAN, .seed = 5 };
    struct dataset whole = load(settings), again = load(settings);
    settings.examples = 20;
    settings.features = 300;
    struct dataset smaller = load(settings);
    settings.seed = 6;
    struct dataset other = load(settings);
    assert_memory_equal(whole.train.values, again.train.values, 1000 * 500 * sizeof(float));
    assert_memory_equal(whole.train.labels, again.train.labels, 1000);
    for (int i = 0; i < 20; i++) {
        assert_memory_equal(smaller.train.values + i * 300, whole.train.values + i * 500,
                            300 * sizeof(float));
    }
    assert_memory_equal(smaller.train.labels, whole.train.labels, 20);
    assert_memory_not_equal(smaller.train.values, other.train.values, 300 * sizeof(float));
    assert_memory_not_equal(smaller.train.labels, other.train.labels, 20);
    for (int shift = 1; shift < 500; shift++) { // no input repeats another
        assert_true(whole.train.values[0] != whole.train.values[shift]);
    }
    dataset_finish(&whole);
    dataset_finish(&again);
    dataset_finish(&smaller);
    dataset_finish(&other);
}

static void assert_problem(struct dataset_settings settings, const char *part) {
    struct dataset dataset, zeroed;
    char problem[DATASET_PROBLEM] = "";
    memset(&zeroed, 0, sizeof zeroed);
    memset(&dataset, 0xAA, sizeof dataset);
    assert_false(dataset_load(&dataset, &settings, problem));
    assert_contains(problem, part);
    assert_int_equal(dataset.train.count, 0);
    assert_null(dataset.train.bytes);
    assert_null(dataset.owned[0]);
    dataset_finish(&dataset);
}

static void more_than_fits_is_refused(void **state) {
    (void)state;
    static const struct {
        int64_t examples;
        int features;
        const char *part;
    } rows[] = {
        { 4000000000, INT32_MAX, "4,000,000,000 examples of 2147483647 features need 29.8 EiB" },
        { 4000000000, 500, "need 7.3 TiB, more memory than is free" },
        { 4294967296, 1, "examples is 4294967296, the most that can be numbered is 4294967295" },
        { INT64_MAX, INT32_MAX, "the most that can be numbered" },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        struct dataset_settings settings = {
            .kind = DATASET_GAUSSIAN,
            .examples = rows[i].examples,
            .features = rows[i].features,
        };
        assert_problem(settings, rows[i].part);
    }
}

static const char *const mnist_files[] = { "train-images-idx3-ubyte.gz",
                                           "train-labels-idx1-ubyte.gz",
                                           "t10k-images-idx3-ubyte.gz",
                                           "t10k-labels-idx1-ubyte.gz" };

/* Shipped files as they are, but the one called name replaced by bytes, or absent if NULL. */
static void replace_file(struct folder *folder, const char *name, const void *bytes, size_t size) {
    char problem[FILE_PROBLEM_MAX], original[FILE_PATH_MAX];
    assert_true(file_make_folder(folder_file(folder, "assets/mnist"), problem));
    for (int i = 0; i < ARRAY_LEN(mnist_files); i++) {
        char path[FOLDER_PATH];
        snprintf(path, sizeof path, "assets/mnist/%s", mnist_files[i]);
        snprintf(original, sizeof original, "%s/%s", getenv("SOURCE_ROOT"), path);
        unlink(folder_file(folder, path));
        if (strcmp(name, mnist_files[i]) != 0) {
            assert_int_equal(symlink(original, folder_file(folder, path)), 0);
        } else if (bytes) {
            assert_int_equal(write_file(folder_file(folder, path), bytes, size), 0);
        }
    }
    setenv("LAYERSCOPE_DATADIR", folder->path, 1);
}

static void assert_mnist_problem(const char *name, const char *reason) {
    struct dataset_settings settings = { .kind = DATASET_MNIST };
    assert_problem(settings, name);
    assert_problem(settings, reason);
}

static void a_missing_file_is_named(void **state) {
    replace_file(*state, "train-images-idx3-ubyte.gz", NULL, 0);
    assert_mnist_problem("cannot read /", "assets/mnist/train-images-idx3-ubyte.gz: No such file");
}

static void a_label_out_of_range_is_named(void **state) {
    static uint8_t labels[8 + 60000] = { 0, 0, 8, 1, 0, 0, 0xEA, 0x60 };
    labels[8 + 12345] = 10;
    replace_file(*state, "train-labels-idx1-ubyte.gz", labels, sizeof labels);
    assert_mnist_problem("train-labels-idx1-ubyte.gz: ",
                         "byte 12353 is the label 10, expected 0 to 9");
}

static void labels_must_pair_with_images(void **state) {
    static uint8_t labels[8 + 59999] = { 0, 0, 8, 1, 0, 0, 0xEA, 0x5F };
    replace_file(*state, "train-labels-idx1-ubyte.gz", labels, sizeof labels);
    assert_mnist_problem("train-labels-idx1-ubyte.gz: ",
                         "bytes 4 to 7 announce 59999 labels, expected one for each of the 60000");
}

static void images_must_be_mnist_images(void **state) {
    static const uint8_t one_image[16 + 4] = { 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2 };
    replace_file(*state, "train-images-idx3-ubyte.gz", one_image, sizeof one_image);
    assert_mnist_problem("train-images-idx3-ubyte.gz: ",
                         "bytes 4 to 15 announce 1 x 2 x 2, expected 60000 x 28 x 28");
}

static void the_held_out_part_is_checked_too(void **state) {
    replace_file(*state, "t10k-labels-idx1-ubyte.gz", "oops", 4);
    struct dataset_settings settings = { .kind = DATASET_MNIST };
    assert_problem(settings, "t10k-labels-idx1-ubyte.gz: begins with the bytes 6f 6f 70 73, "
                             "expected 00 00 08 01 (IDX, unsigned bytes, 1 dimension)");
}

static void gather_outside(void *index) {
    static const uint8_t label = 0;
    static const float value = 0;
    struct dataset dataset = { .shape.features = 1 };
    struct examples part = { .count = 1, .values = &value, .labels = &label };
    float input;
    uint8_t gathered;
    dataset_gather(&dataset, &part, index, 1, &input, &gathered);
}

static void gathering_outside_aborts(void **state) {
    (void)state;
    struct child child;
    assert_true(child_run(&child, gather_outside, &(uint32_t){ 1 }));
    assert_true(child_aborted(&child));
    assert_true(child_run(&child, gather_outside, &(uint32_t){ 0 }));
    assert_true(child_succeeded(&child));
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_holds_what_loading_gives),
        cmocka_unit_test(sizes_are_known_before_loading),
        cmocka_unit_test(mnist_is_mnist),
        cmocka_unit_test(fewer_examples_are_the_first_ones),
        cmocka_unit_test(gather_scales_bytes),
        cmocka_unit_test(the_range_is_what_is_gathered),
        cmocka_unit_test(xor_is_exclusive_or),
        cmocka_unit_test(gaussian_is_standard_normal),
        cmocka_unit_test(gaussian_labels_are_uniform),
        cmocka_unit_test(gaussian_depends_on_the_seed_alone),
        cmocka_unit_test(more_than_fits_is_refused),
        cmocka_unit_test(gathering_outside_aborts),
        FOLDER_TEST(a_missing_file_is_named),
        FOLDER_TEST(a_label_out_of_range_is_named),
        FOLDER_TEST(labels_must_pair_with_images),
        FOLDER_TEST(images_must_be_mnist_images),
        FOLDER_TEST(the_held_out_part_is_checked_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
