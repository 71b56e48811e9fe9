#include "base/check.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/require.h"
#include "data/dataset.h"

enum { RECORD = 3073, RECORDS = 10000, PIXELS = 3072 };

static const char *const names[] = { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                     "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin" };

/* Write bytes into a file at an offset. */
static void poke(struct folder *folder, const char *name, long offset, const void *bytes,
                 size_t size) {
    FILE *file = fopen(folder_file(folder, name), "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Six files of the right size, all zeros, which the file system need not store. */
static void put_all(struct folder *folder) {
    for (int i = 0; i < ARRAY_LEN(names); i++) {
        const char *path = folder_file(folder, names[i]);
        assert_int_equal(write_file(path, "", 0), 0);
        assert_int_equal(truncate(path, (off_t)RECORD * RECORDS), 0);
    }
}

static struct dataset_settings settings_of(const char *path, int64_t examples) {
    struct dataset_settings settings = { .kind = DATASET_CIFAR10, .examples = examples };
    assert_true(strlen(path) < sizeof settings.path);
    strcpy(settings.path, path);
    return settings;
}

static struct dataset load(struct folder *folder, int64_t examples) {
    struct dataset_settings settings = settings_of(folder->path, examples);
    struct dataset_shape shape;
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "";
    if (!dataset_describe(&settings, &shape, problem) ||
        !dataset_load(&dataset, &settings, problem)) {
        fail_msg("%s", problem);
    }
    assert_int_equal(shape.features, PIXELS);
    assert_int_equal(shape.classes, 10);
    assert_int_equal(shape.image_width, 32);
    assert_int_equal(shape.image_height, 32);
    assert_int_equal(shape.image_channels, 3);
    assert_int_equal(shape.examples, dataset.train.count);
    assert_int_equal(shape.test_examples, RECORDS);
    assert_int_equal(dataset.test.count, RECORDS);
    return dataset;
}

static void refuse(struct folder *folder, const char *part) {
    struct dataset_settings settings = settings_of(folder->path, 0);
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "";
    assert_false(dataset_load(&dataset, &settings, problem));
    assert_contains(problem, part);
    assert_null(dataset.owned[0]);
}

static void records_are_taken_apart(void **state) {
    struct folder *folder = *state;
    static const unsigned char first[4] = { 7, 1, 2, 3 }, last[3] = { 4, 5, 6 }, label = 9;
    put_all(folder);
    for (int i = 0; i < ARRAY_LEN(names); i++) {
        poke(folder, names[i], 0, first, 4);
        poke(folder, names[i], (long)RECORD * RECORDS - 3, last, 3);
        poke(folder, names[i], (long)RECORD * (i + 1), &label, 1);
    }
    struct dataset dataset = load(folder, 0);
    assert_int_equal(dataset.train.count, 5 * RECORDS);
    for (int i = 0; i < ARRAY_LEN(names); i++) {
        const struct examples *part = i < 5 ? &dataset.train : &dataset.test;
        size_t begin = i < 5 ? (size_t)i * RECORDS : 0;
        const uint8_t *images = part->bytes + begin * PIXELS;
        assert_memory_equal(images, first + 1, 3);
        assert_memory_equal(images + (size_t)RECORDS * PIXELS - 3, last, 3);
        assert_int_equal(part->labels[begin], 7);
        for (int record = 1; record < 10; record++) {
            assert_int_equal(part->labels[begin + (size_t)record], record == i + 1 ? 9 : 0);
        }
    }
    dataset_finish(&dataset);
}

static void fewer_are_the_first(void **state) {
    struct folder *folder = *state;
    static const unsigned char label = 3;
    put_all(folder);
    poke(folder, names[1], RECORD, &label, 1);
    poke(folder, names[5], RECORD, &label, 1);
    struct dataset dataset = load(folder, RECORDS + 2);
    assert_int_equal(dataset.train.count, RECORDS + 2);
    assert_int_equal(dataset.train.labels[RECORDS + 1], 3);
    assert_int_equal(dataset.test.labels[1], 3);
    dataset_finish(&dataset);
}

/* As many as a file has room for. */
static void shorter_files_hold_fewer(void **state) {
    struct folder *folder = *state;
    static const unsigned char labels[] = { 1, 2, 3, 4, 5, 6 };
    struct dataset_settings settings = settings_of(folder->path, 0);
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "";
    put_all(folder);
    for (int i = 0; i < ARRAY_LEN(names); i++) {
        assert_int_equal(truncate(folder_file(folder, names[i]), (off_t)RECORD * (i + 1)), 0);
        poke(folder, names[i], (long)RECORD * i, &labels[i], 1); // of the last record
    }
    assert_true(dataset_load(&dataset, &settings, problem));
    assert_int_equal(dataset.shape.examples, 1 + 2 + 3 + 4 + 5);
    assert_int_equal(dataset.train.count, 15);
    assert_int_equal(dataset.test.count, 6);
    for (int i = 0, last = 0; i < 5; i++, last += i + 1) {
        assert_int_equal(dataset.train.labels[last], labels[i]);
    }
    assert_int_equal(dataset.test.labels[5], labels[5]);
    dataset_finish(&dataset);
}

static void check_names(struct folder *folder, const char *first, const char *last) {
    struct dataset dataset = load(folder, 1);
    assert_string_equal(dataset.class_names[0], first);
    assert_string_equal(dataset.class_names[9], last);
    assert_null(dataset.feature_names);
    dataset_finish(&dataset);
}

static void classes_have_names(void **state) {
    struct folder *folder = *state;
    const char *path = folder_file(folder, "batches.meta.txt");
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", path);
    put_all(folder);
    check_names(folder, "airplane", "truck");
    static const char ours[] = "Flugzeug\r\nAuto\n\nc\nd\ne\nf\ng\nh\ni\nLast\twagen\n\n";
    assert_int_equal(write_file(copy, ours, sizeof ours - 1), 0);
    check_names(folder, "Flugzeug", "Last wagen");
    assert_int_equal(write_file(copy, ours, sizeof ours - 20), 0); // only nine
    check_names(folder, "airplane", "truck");
    assert_int_equal(write_file(copy, "", 0), 0);
    check_names(folder, "airplane", "truck");
}

static void the_folder_of_the_archive_is_found(void **state) {
    struct folder *folder = *state, inner = { 0 };
    snprintf(inner.path, sizeof inner.path, "%.400s/cifar-10-batches-bin", folder->path);
    assert_int_equal(mkdir(inner.path, 0700), 0);
    put_all(&inner);
    struct dataset dataset = load(folder, 1);
    dataset_finish(&dataset);
}

/* One of the files stands for its folder, also without a path before its name. */
static void a_file_may_be_given(void **state) {
    struct folder *folder = *state;
    struct dataset_shape shape;
    char problem[DATASET_PROBLEM] = "", before[4096];
    put_all(folder);
    struct dataset_settings settings = settings_of(folder_file(folder, names[3]), 0);
    assert_true(dataset_describe(&settings, &shape, problem));
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder->path), 0);
    settings = settings_of(names[5], 0);
    assert_true(dataset_describe(&settings, &shape, problem));
    assert_int_equal(chdir(before), 0);
}

static void damaged_files_are_refused(void **state) {
    struct folder *folder = *state;
    static const unsigned char bad = 10;
    struct dataset_settings nowhere = settings_of("", 0);
    struct dataset_shape shape;
    char problem[DATASET_PROBLEM] = "", part[128];
    assert_false(dataset_describe(&nowhere, &shape, problem));
    assert_contains(problem,
                    "data_path is empty; set it to the folder that holds data_batch_1.bin");
    put_all(folder);
    for (int i = 0; i < ARRAY_LEN(names); i++) {
        const char *path = folder_file(folder, names[i]);
        assert_int_equal(truncate(path, (off_t)RECORD * RECORDS - 1), 0);
        snprintf(part, sizeof part,
                 "%s: ends at byte 30729999, expected whole records of 3073 bytes: 30730000 for "
                 "all 10,000",
                 names[i]);
        refuse(folder, part);
        assert_int_equal(truncate(path, 0), 0);
        snprintf(part, sizeof part, "%s: ends at byte 0, expected", names[i]);
        refuse(folder, part);
        assert_int_equal(truncate(path, (off_t)RECORD * RECORDS), 0);
    }
    poke(folder, names[5], 2L * RECORD, &bad, 1);
    refuse(folder, "test_batch.bin: byte 6146 is the label 10, expected 0 to 9");
    assert_int_equal(remove(folder_file(folder, names[3])), 0);
    refuse(folder, "data_batch_4.bin: cannot be read: No such file");
    assert_int_equal(mkdir(folder_file(folder, names[3]), 0700), 0);
    refuse(folder, "data_batch_4.bin: not a file that can be read");
}

#define TEST_CASE(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST_CASE(records_are_taken_apart),
        TEST_CASE(fewer_are_the_first),
        TEST_CASE(shorter_files_hold_fewer),
        TEST_CASE(classes_have_names),
        TEST_CASE(the_folder_of_the_archive_is_found),
        TEST_CASE(a_file_may_be_given),
        TEST_CASE(damaged_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
