#include "base/check.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/require.h"
#include "data/dataset.h"
#include "data/gzip.h"

enum { TRAIN = 6, TEST = 3, WIDTH = 3, HEIGHT = 2, PIXELS = WIDTH * HEIGHT };

static void put(struct folder *folder, const char *name, const void *bytes, size_t size) {
    static unsigned char packed[1024];
    size_t length = strlen(name);
    bool gz = length > 3 && strcmp(name + length - 3, ".gz") == 0;
    size = gz ? gzip(bytes, size, packed, sizeof packed) : size;
    assert_int_equal(write_file(folder_file(folder, name), gz ? packed : bytes, size), 0);
}

/* Images of so many bytes counting up from `first`. */
static void put_images(struct folder *folder, const char *name, unsigned char count,
                       unsigned char height, unsigned char width, unsigned char first) {
    unsigned char bytes[16 + 256] = { 0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, height, 0, 0, 0, width };
    int size = count * height * width;
    assert_true(size <= 256);
    for (int i = 0; i < size; i++) {
        bytes[16 + i] = (unsigned char)(first + i);
    }
    put(folder, name, bytes, 16 + (size_t)size);
}

static void put_labels(struct folder *folder, const char *name, const char *labels) {
    unsigned char bytes[8 + 64] = { 0, 0, 8, 1 };
    size_t count = strlen(labels);
    bytes[7] = (unsigned char)count;
    for (size_t i = 0; i < count; i++) {
        bytes[8 + i] = (unsigned char)(labels[i] - '0');
    }
    put(folder, name, bytes, 8 + count);
}

static void put_all(struct folder *folder, const char *const names[4]) {
    put_images(folder, names[0], TRAIN, HEIGHT, WIDTH, 0);
    put_labels(folder, names[1], "012301");
    put_images(folder, names[2], TEST, HEIGHT, WIDTH, 100);
    put_labels(folder, names[3], "104");
}

static const char *const usual[4] = { "train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                      "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte" };

static struct dataset_settings settings_of(enum dataset_kind kind, const char *path) {
    struct dataset_settings settings = { .kind = kind };
    assert_true(strlen(path) < sizeof settings.path);
    strcpy(settings.path, path);
    return settings;
}

static void assert_pair(const char *path, int64_t held_out) {
    struct dataset_settings settings = settings_of(DATASET_IDX, path);
    struct dataset dataset;
    struct dataset_shape shape;
    char problem[DATASET_PROBLEM] = "";
    if (!dataset_describe(&settings, &shape, problem) ||
        !dataset_load(&dataset, &settings, problem)) {
        fail_msg("%s", problem);
    }
    assert_int_equal(shape.features, PIXELS);
    assert_int_equal(shape.image_width, WIDTH);
    assert_int_equal(shape.image_height, HEIGHT);
    assert_int_equal(shape.image_channels, 1);
    assert_int_equal(shape.examples, TRAIN);
    assert_int_equal(shape.test_examples, held_out);
    assert_int_equal(shape.classes, held_out ? 5 : 4); // the largest label of either part
    assert_int_equal(dataset.shape.classes, shape.classes);
    assert_int_equal(dataset.train.count, TRAIN);
    assert_int_equal(dataset.test.count, held_out);
    for (int i = 0; i < TRAIN * PIXELS; i++) {
        assert_int_equal(dataset.train.bytes[i], i);
    }
    assert_memory_equal(dataset.train.labels, ((uint8_t[]){ 0, 1, 2, 3, 0, 1 }), TRAIN);
    if (held_out) {
        assert_int_equal(dataset.test.bytes[TEST * PIXELS - 1], 100 + TEST * PIXELS - 1);
        assert_int_equal(dataset.test.labels[2], 4);
    }
    dataset_finish(&dataset);
}

static void refuse(enum dataset_kind kind, const char *path, const char *part) {
    struct dataset_settings settings = settings_of(kind, path);
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "";
    memset(&dataset, 0xAA, sizeof dataset);
    assert_false(dataset_load(&dataset, &settings, problem));
    assert_contains(problem, part);
    assert_null(dataset.train.bytes);
    assert_null(dataset.owned[0]);
}

static void every_spelling_is_found(void **state) {
    static const char *const spellings[][4] = {
        { "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
          "t10k-labels-idx1-ubyte.gz" },
        { "train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte",
          "t10k-labels.idx1-ubyte" },
        { "train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz", "test-images-idx3-ubyte.gz",
          "test-labels-idx1-ubyte" },
    };
    struct folder *folder = *state;
    for (int i = 0; i < ARRAY_LEN(spellings); i++) {
        put_all(folder, spellings[i]);
        assert_pair(folder->path, TEST);
        assert_pair(folder_file(folder, spellings[i][0]), TEST);
        for (int name = 0; name < 4; name++) {
            assert_int_equal(remove(folder_file(folder, spellings[i][name])), 0);
        }
    }
}

static void the_images_file_names_the_others(void **state) {
    struct folder *folder = *state;
    put_all(folder, (const char *const[]){ "emnist-letters-train-images-idx3-ubyte.gz",
                                           "emnist-letters-train-labels-idx1-ubyte.gz",
                                           "emnist-letters-test-images-idx3-ubyte.gz",
                                           "emnist-letters-test-labels-idx1-ubyte.gz" });
    assert_pair(folder_file(folder, "emnist-letters-train-images-idx3-ubyte.gz"), TEST);
    put_all(folder, (const char *const[]){ "my-images", "my-labels", "x", "y" });
    assert_pair(folder_file(folder, "my-images"), 0);
}

static void fewer_are_the_first(void **state) {
    struct folder *folder = *state;
    put_all(folder, usual);
    struct dataset_settings settings = settings_of(DATASET_IDX, folder->path);
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "";
    settings.examples = 2;
    assert_true(dataset_load(&dataset, &settings, problem));
    assert_int_equal(dataset.train.count, 2);
    assert_int_equal(dataset.shape.examples, 2);
    assert_int_equal(dataset.test.count, TEST);
    assert_int_equal(dataset.shape.classes, 5);
    dataset_finish(&dataset);
}

static void what_is_missing_is_said(void **state) {
    struct folder *folder = *state;
    refuse(DATASET_IDX, "", "data_path is empty; set it to the file of the images or to");
    refuse(DATASET_IDX, folder->path, "holds no train-images-idx3-ubyte, plain or with .gz");
    refuse(DATASET_IDX, folder_file(folder, "none-images"), "cannot read /");
    refuse(DATASET_FASHION_MNIST, folder->path, "holds no train-images-idx3-ubyte");
    put_all(folder, usual);
    assert_int_equal(remove(folder_file(folder, usual[3])), 0);
    refuse(DATASET_IDX, folder->path, "t10k-labels-idx1-ubyte: No such file");
    assert_int_equal(remove(folder_file(folder, usual[2])), 0);
    put_labels(folder, usual[1], "012301");
    assert_pair(folder->path, 0);
    assert_int_equal(remove(folder_file(folder, usual[1])), 0);
    refuse(DATASET_IDX, folder->path, "train-labels-idx1-ubyte: No such file");
    put_images(folder, "pictures", TRAIN, HEIGHT, WIDTH, 0);
    refuse(DATASET_IDX, folder_file(folder, "pictures"),
           "pictures: the file of the labels cannot be told from this name");
}

static void what_does_not_pair_is_refused(void **state) {
    struct folder *folder = *state;
    put_all(folder, usual);
    put_labels(folder, usual[1], "01230");
    refuse(DATASET_IDX, folder->path,
           "train-labels-idx1-ubyte: bytes 4 to 7 announce 5 labels, expected one for each of the "
           "6 images");
    put_all(folder, usual);
    put_images(folder, usual[2], TEST, WIDTH, HEIGHT, 0);
    refuse(DATASET_IDX, folder->path,
           "t10k-images-idx3-ubyte: bytes 8 to 15 announce images of 3 x 2, expected 2 x 3");
    put_images(folder, usual[2], TEST, HEIGHT, WIDTH, 0);
    put_labels(folder, usual[1], "000000");
    put_labels(folder, usual[3], "000");
    refuse(DATASET_IDX, folder->path, "every label is 0, expected at least two classes");
    put_all(folder, usual);
    refuse(DATASET_FASHION_MNIST, folder->path,
           "bytes 4 to 15 announce 6 x 2 x 3, expected 60000 x 28 x 28");
}

static void damaged_files_are_refused(void **state) {
    struct folder *folder = *state;
    for (int name = 0; name < 4; name++) {
        put_all(folder, usual);
        char path[2 * FOLDER_PATH];
        strcpy(path, folder_file(folder, usual[name]));
        struct stat info;
        assert_int_equal(stat(path, &info), 0);
        for (off_t size = info.st_size - 1; size >= 0; size--) {
            assert_int_equal(truncate(path, size), 0);
            refuse(DATASET_IDX, folder->path, usual[name]);
        }
    }
    put_all(folder, usual);
    unsigned char huge[20] = { 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0x7F, 0xFF, 0, 0, 0x7F, 0xFF };
    put(folder, usual[0], huge, sizeof huge);
    refuse(DATASET_IDX, folder->path, "announce 1 x 32767 x 32767 bytes, but a file of 20 bytes");
}

static void larger_images_than_a_network_takes_are_refused(void **state) {
    struct folder *folder = *state;
    enum { SIZE = 16 + 1025 * 1024 };
    unsigned char *bytes = calloc(1, SIZE);
    assert_non_null(bytes);
    memcpy(bytes, ((unsigned char[]){ 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 4, 1, 0, 0, 4, 0 }), 16);
    assert_int_equal(write_file(folder_file(folder, usual[0]), bytes, SIZE), 0);
    put_labels(folder, usual[1], "1");
    refuse(DATASET_IDX, folder->path, "images of 1025 x 1024, expected at most 1048576 pixels");
    free(bytes);
}

#define TEST_CASE(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST_CASE(every_spelling_is_found),
        TEST_CASE(the_images_file_names_the_others),
        TEST_CASE(fewer_are_the_first),
        TEST_CASE(what_is_missing_is_said),
        TEST_CASE(what_does_not_pair_is_refused),
        TEST_CASE(damaged_files_are_refused),
        TEST_CASE(larger_images_than_a_network_takes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
