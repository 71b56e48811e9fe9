#include "base/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/require.h"
#include "base/text.h"
#include "data/gzip.h"
#include "data/recognise.h"

static const uint8_t images[] = { 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7 };

static void write_packed(const char *path, const void *bytes, size_t size) {
    unsigned char packed[256];
    assert_int_equal(write_file(path, packed, gzip(bytes, size, packed, sizeof packed)), 0);
}

static void is(const char *path, enum dataset_kind expected) {
    enum dataset_kind kind;
    char problem[DATASET_PROBLEM] = "";
    if (!recognise(path, &kind, problem)) {
        fail_msg("%s", problem);
    }
    assert_int_equal(kind, expected);
}

static void is_none(const char *path, const char *part) {
    enum dataset_kind kind = DATASET_MNIST;
    char problem[DATASET_PROBLEM] = "";
    assert_false(recognise(path, &kind, problem));
    assert_contains(problem, part);
    assert_int_equal(kind, DATASET_MNIST);
}

/* By what is in them, whatever they are called. */
static void files_are_told_by_their_contents(void **state) {
    struct folder *folder = *state;
    static const struct {
        const void *bytes;
        size_t size;
        enum dataset_kind kind;
    } rows[] = {
        { "1,2,a\n", 6, DATASET_CSV },        { "\xEF\xBB\xBFx y\r\n", 8, DATASET_CSV },
        { "\xC3\xA9;1\n", 5, DATASET_CSV },   { "PK\3\4", 4, DATASET_NPZ },
        { "PK\5\6\0\0\0\0", 8, DATASET_NPZ }, { images, sizeof images, DATASET_IDX },
        { "PK,1\n2,3\n", 9, DATASET_CSV },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        const char *path = folder_file(folder, "any.png");
        assert_int_equal(write_file(path, rows[i].bytes, rows[i].size), 0);
        is(path, rows[i].kind);
    }
    write_packed(folder_file(folder, "packed"), images, sizeof images);
    is(folder->file, DATASET_IDX);
}

static void what_is_not_known_is_said(void **state) {
    struct folder *folder = *state;
    static const struct {
        const void *bytes;
        size_t size;
        const char *part;
    } rows[] = {
        { "", 0, "any: holds nothing, expected rows of text (CSV), NumPy arrays" },
        { "\x89PNG\r\n\x1A\n", 8, "any: nothing that is known, expected rows of text" },
        { "a\0b", 3, "nothing that is known" },
        { "\x93NUMPY\1\0", 8, "a single array has no labels; numpy.savez(file, x=x, y=y)" },
        { "\0\0\10\1\0\0\0\1\7", 9, "nothing that is known" }, // labels
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        const char *path = folder_file(folder, "any");
        assert_int_equal(write_file(path, rows[i].bytes, rows[i].size), 0);
        is_none(path, rows[i].part);
    }
    write_packed(folder_file(folder, "any"), "1,a\n", 4);
    is_none(folder->file, "text is read when it is not packed");
    is_none(folder_file(folder, "none"), "none: cannot be read: No such file");
    is_none("/dev/null", "not a file that can be read");
    is_none(folder->path, "holds neither train-images-idx3-ubyte, plain or with .gz, nor CIFAR-10");
}

static void folders_are_told_by_their_files(void **state) {
    struct folder *folder = *state;
    assert_int_equal(write_file(folder_file(folder, "train-images.idx3-ubyte"), images, 1), 0);
    is(folder->path, DATASET_IDX);
    assert_int_equal(remove(folder->file), 0);
    assert_int_equal(mkdir(folder_file(folder, "cifar-10-batches-bin"), 0700), 0);
    is_none(folder->path, "holds neither");
    const char *batch = folder_file(folder, "cifar-10-batches-bin/data_batch_1.bin");
    assert_int_equal(write_file(batch, "", 0), 0);
    is(folder->path, DATASET_CIFAR10);
    is_none(batch, "holds nothing");
    assert_int_equal(truncate(batch, 10000 * 3073), 0);
    is(batch, DATASET_CIFAR10);
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(files_are_told_by_their_contents),
        FOLDER_TEST(what_is_not_known_is_said),
        FOLDER_TEST(folders_are_told_by_their_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
