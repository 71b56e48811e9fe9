#include "base/check.h"

#include <math.h>
#include <stdlib.h>
#include <zip.h>

#include "base/folder.h"
#include "base/require.h"
#include "base/text.h"
#include "data/npy.h"
#include "data/npz.h"

enum { MOST = 4096 };

/* The bytes of an array of format 1.0 with that text as its header. */
static size_t array_bytes(uint8_t bytes[MOST], const char *header, const void *data, size_t size) {
    size_t length = strlen(header);
    memcpy(bytes, "\x93NUMPY\1\0", 8);
    bytes[8] = (uint8_t)length;
    bytes[9] = (uint8_t)(length >> 8);
    memcpy(bytes + 10, header, length);
    memcpy(bytes + 10 + length, data, size);
    return 10 + length + size;
}

#define HEADER(type, order, shape)                                                                 \
    "{'descr': '" type "', 'fortran_order': " order ", 'shape': " shape ", }\n"

struct array {
    const char *name, *header;
    const void *data;
    size_t size;
};

/* An archive of arrays, deflated or not. */
static void write_archive(const char *path, const struct array *arrays, int count, bool packed) {
    int code;
    static uint8_t bytes[8][MOST];
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    assert_non_null(zip);
    for (int i = 0; i < count; i++) {
        size_t size = array_bytes(bytes[i], arrays[i].header, arrays[i].data, arrays[i].size);
        zip_source_t *source = zip_source_buffer(zip, bytes[i], size, 0);
        zip_int64_t index = zip_file_add(zip, arrays[i].name, source, 0);
        assert_true(index >= 0);
        assert_int_equal(zip_set_file_compression(zip, (zip_uint64_t)index,
                                                  packed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0),
                         0);
    }
    assert_int_equal(zip_close(zip), 0);
}

static struct dataset_settings put(struct folder *folder, const struct array *arrays, int count) {
    struct dataset_settings settings = { .kind = DATASET_NPZ };
    text_set(settings.path, sizeof settings.path, "%s", folder_file(folder, "data.npz"));
    write_archive(settings.path, arrays, count, true);
    return settings;
}

static void refuses(const struct dataset_settings *settings, const char *const *parts) {
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "";
    assert_false(dataset_load(&dataset, settings, problem));
    assert_null(dataset.owned[0]);
    assert_null(strchr(problem, '\n'));
    for (; *parts; parts++) {
        assert_contains(problem, *parts);
    }
}

#define REFUSES(settings, ...) refuses(settings, (const char *const[]){ __VA_ARGS__, NULL })

static const float two_by_two[] = { 1, 2, 3, 4 };
static const uint8_t two_labels[] = { 0, 1 };
static const struct array good_x = { "x.npy", HEADER("<f4", "False", "(2, 2)"), two_by_two,
                                     sizeof two_by_two };
static const struct array good_y = { "y.npy", HEADER("|u1", "False", "(2,)"), two_labels,
                                     sizeof two_labels };

static void arrays_become_examples(void **state) {
    struct dataset_settings settings = put(*state, (struct array[]){ good_x, good_y }, 2);
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "";
    assert_true(dataset_load(&dataset, &settings, problem));
    assert_int_equal(dataset.shape.features, 2);
    assert_int_equal(dataset.shape.classes, 2);
    assert_int_equal(dataset.train.count, 2);
    assert_int_equal(dataset.test.count, 0);
    for (int i = 0; i < 2; i++) {
        const float *row = dataset.train.values + 2 * i;
        assert_true(row[0] == 1.0f + 2.0f * dataset.train.labels[i] && row[1] == row[0] + 1.0f);
    }
    dataset_finish(&dataset);
}

/* Bytes stay bytes, so that pixels are divided by 255, and pictures can be shown. */
static void bytes_stay_bytes(void **state) {
    static const uint8_t pixels[] = { 0, 255, 7, 8, 9, 10, 11, 12 };
    const struct array x = { "x.npy", HEADER("|u1", "False", "(2, 2, 2)"), pixels, 8 };
    struct dataset_settings settings = put(*state, (struct array[]){ x, good_y }, 2);
    struct dataset dataset;
    float inputs[8];
    uint8_t labels[2];
    char problem[DATASET_PROBLEM] = "";
    settings.preprocess = PREPROCESS_UNIT;
    assert_true(dataset_load(&dataset, &settings, problem));
    assert_non_null(dataset.train.bytes);
    assert_int_equal(dataset.shape.image_width, 2);
    dataset_gather(&dataset, &dataset.train, (const uint32_t[]){ 0, 1 }, 2, inputs, labels);
    const float *first = labels[0] == 0 ? inputs : inputs + 4;
    assert_true(first[0] == 0.0f && first[1] == 1.0f);
    dataset_finish(&dataset);
}

static void missing_arrays_are_named(void **state) {
    const struct array other = { "data.npy", good_x.header, good_x.data, good_x.size };
    struct dataset_settings settings = put(*state, (struct array[]){ other, good_y }, 2);
    REFUSES(&settings, "data.npz: holds no array x (but data.npy, y.npy)", "numpy.savez");
    settings = put(*state, (struct array[]){ good_x }, 1);
    REFUSES(&settings, "holds no array y (but x.npy)");
    struct array x_test = good_x, y_test = good_y;
    x_test.name = "x_test.npy";
    y_test.name = "y_test.npy";
    settings = put(*state, (struct array[]){ good_x, good_y, x_test }, 3);
    REFUSES(&settings, "holds no array y_test");
    settings = put(*state, (struct array[]){ good_x, good_y, y_test }, 3);
    REFUSES(&settings, "holds no array x_test");
}

static void shapes_that_do_not_fit_are_refused(void **state) {
    static const float many[8] = { 0 };
    static const uint8_t labels[4] = { 0, 1, 0, 1 };
    static const struct {
        struct array x, y;
        const char *problem;
    } rows[] = {
        { { .header = HEADER("<f4", "False", "(2,)"), .size = 8 },
          { .name = NULL },
          "x has the shape (2,)" },
        { { .header = HEADER("<f4", "False", "()"), .size = 4 },
          { .name = NULL },
          "x has the shape ()" },
        { { .header = HEADER("<f4", "False", "(0, 2)"), .size = 0 },
          { .name = NULL },
          "x has the shape (0, 2)" },
        { { .header = HEADER("<f4", "False", "(0, 4611686018427387904, 4)"), .size = 0 },
          { .name = NULL },
          "x has the shape (0, 4611686018427387904, 4)" }, // whose features no number holds
        { { .name = NULL },
          { .header = HEADER("|u1", "False", "(3,)"), .size = 3 },
          "y holds 3 labels, expected one for each of the 2 examples of x" },
        { { .name = NULL },
          { .header = HEADER("|u1", "False", "(2, 2)"), .size = 4 },
          "y has the shape (2, 2), expected a label for each example: (2,)" },
        { { .name = NULL },
          { .header = HEADER("|u1", "False", "()"), .size = 1 },
          "y has the shape ()" },
        { { .header = HEADER("<f4", "False", "(2, 3)"), .size = 16 },
          { .name = NULL },
          "x announces (2, 3) values of 4 bytes, but 16 bytes follow" },
        { { .header = HEADER("<f4", "False", "(2, 1)"), .size = 16 },
          { .name = NULL },
          "x announces (2, 1) values of 4 bytes, but 16 bytes follow" },
        { { .header = HEADER("<f4", "False", "(2, 9223372036854775807)"), .size = 16 },
          { .name = NULL },
          "x announces a shape larger than any file" },
        { { .header = HEADER("<f4", "False", "(2, 99999999999999999999)"), .size = 16 },
          { .name = NULL },
          "x has a header without a shape" },
        { { .header = HEADER("<f4", "False", "(2, 2305843009213693953)"), .size = 16 },
          { .name = NULL },
          "x announces (2, 2305843009213693953) values" },
        { { .header = HEADER("<f4", "False", "(1, 1, 1, 2, 2)"), .size = 16 },
          { .name = NULL },
          "x has more than four dimensions" },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        struct array arrays[] = { rows[i].x, rows[i].y };
        arrays[0] = arrays[0].header ? arrays[0] : good_x;
        arrays[1] = arrays[1].header ? arrays[1] : good_y;
        arrays[0].name = "x.npy";
        arrays[1].name = "y.npy";
        arrays[0].data = arrays[0].data ? arrays[0].data : many;
        arrays[1].data = arrays[1].data ? arrays[1].data : labels;
        struct dataset_settings settings = put(*state, arrays, 2);
        REFUSES(&settings, "data.npz: ", rows[i].problem);
    }
}

static void types_that_are_no_numbers_are_refused(void **state) {
    static const char *const headers[][2] = {
        { HEADER("<c8", "False", "(2, 2)"), "x holds values of type '<c8', expected float32" },
        { HEADER("|O", "False", "(2, 2)"), "x holds values of type '|O'" },
        { HEADER("<U3", "False", "(2, 2)"), "x holds values of type '<U3'" },
        { HEADER("<f2", "False", "(2, 2)"), "x holds values of type '<f2'" },
        { HEADER("<f16", "False", "(2, 2)"), "x holds values of type '<f16'" },
        { HEADER("|f4", "False", "(2, 2)"), "x does not tell the order of its bytes" },
        { "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 2), }\n",
          "x holds structures" },
    };
    for (int i = 0; i < ARRAY_LEN(headers); i++) {
        struct array x = good_x;
        x.header = headers[i][0];
        struct dataset_settings settings = put(*state, (struct array[]){ x, good_y }, 2);
        REFUSES(&settings, headers[i][1]);
    }
}

static void values_that_cannot_be_used_are_named(void **state) {
    static const float nan[] = { 1, 2, (float)NAN, 4 };
    static const double huge[] = { 1, 2, 3, 1e39 }, fractions[] = { 0, 0.5 }, giant[] = { 1, 1e17 };
    struct array x = good_x, y = good_y;
    x.data = nan;
    struct dataset_settings settings = put(*state, (struct array[]){ x, good_y }, 2);
    REFUSES(&settings, "x holds nan in example 1 (value 1 of 2), expected finite");
    x = (struct array){ "x.npy", HEADER("<f8", "True", "(2, 2)"), huge, sizeof huge };
    settings = put(*state, (struct array[]){ x, good_y }, 2);
    REFUSES(&settings, "x holds 1e+39 in example 1 (value 2 of 2)");
    y = (struct array){ "y.npy", HEADER("<f8", "False", "(2,)"), fractions, sizeof fractions };
    settings = put(*state, (struct array[]){ good_x, y }, 2);
    REFUSES(&settings, "y holds 0.5 at place 1, expected whole numbers");
    y.data = giant;
    settings = put(*state, (struct array[]){ good_x, y }, 2);
    REFUSES(&settings, "y holds 1e+17 at place 1, expected whole numbers");
    y = good_y;
    y.data = "\1\1";
    settings = put(*state, (struct array[]){ good_x, y }, 2);
    REFUSES(&settings, "y holds the same label everywhere, expected at least two");
    uint8_t zeros[257] = { 0 };
    int16_t labels[257];
    for (int i = 0; i < 257; i++) {
        labels[i] = (int16_t)i;
    }
    x = (struct array){ "x.npy", HEADER("|u1", "False", "(257, 1)"), zeros, sizeof zeros };
    y = (struct array){ "y.npy", HEADER("<i2", "False", "(257,)"), labels, sizeof labels };
    settings = put(*state, (struct array[]){ x, y }, 2);
    REFUSES(&settings, "y holds more than 256 different labels: 256 at place 256");
}

static void headers_are_read_strictly(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        { "{'descr':'<f4','fortran_order':False,'shape':(2,)}", true },
        { "{\"shape\": (2, 3), \"descr\": \"=f8\", \"fortran_order\": True}   \n", true },
        { " { 'fortran_order' : True , 'shape' : ( 2 , 3 , ) , 'descr' : '|u1' , } \n", true },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)", false },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2", false },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (", false },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x", false },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}", false },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}", false },
        { "{'descr': '<f4', 'fortran_order': False}", false },
        { "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}", false },
        { "{'descr': '<f4', 'descr': '<f4', 'fortran_order': True, 'shape': (2,)}", false },
        { "{'descr': '<f4' 'fortran_order': False, 'shape': (2,)}", false },
        { "{'descr': '<f4, 'fortran_order': False, 'shape': (2,)}", false },
        { "{'descr': '<f4", false },
        { "{", false },
        { "{}", false },
        { "", false },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        uint8_t bytes[MOST];
        struct npy npy;
        char problem[NPY_PROBLEM] = "";
        size_t size = array_bytes(bytes, rows[i].text, "", 0);
        assert_int_equal(npy_header_size(bytes, problem), size);
        bool good = npy_read_header(&npy, bytes, size, problem);
        if (good != rows[i].good) {
            fail_msg("%s: %s", rows[i].text, problem);
        }
        assert_int_equal(npy.size > 0, good);
    }
}

static void prefixes_are_checked(void **state) {
    (void)state;
    uint8_t bytes[MOST];
    char problem[NPY_PROBLEM] = "";
    array_bytes(bytes, "", "", 0);
    bytes[8] = bytes[9] = 0xFF;
    assert_int_equal(npy_header_size(bytes, problem), 0);
    assert_contains(problem, "announces a header of 65535 bytes");
    bytes[6] = 4;
    assert_int_equal(npy_header_size(bytes, problem), 0);
    assert_contains(problem, "version 4.0");
    bytes[0] = 'x';
    assert_int_equal(npy_header_size(bytes, problem), 0);
    assert_contains(problem, "no NumPy array");
}

static void other_files_are_refused(void **state) {
    struct folder *folder = *state;
    struct dataset_settings settings = { .kind = DATASET_NPZ };
    REFUSES(&settings, "data = npz: data_path is empty");
    text_set(settings.path, sizeof settings.path, "%s", folder->path);
    REFUSES(&settings, "not a file that can be read");
    text_append(settings.path, sizeof settings.path, "/none.npz");
    REFUSES(&settings, "none.npz: cannot be read: No such file");
    text_set(settings.path, sizeof settings.path, "%s", folder_file(folder, "data.npz"));
    assert_int_equal(write_file(settings.path, "x,y\n1,2\n", 8), 0);
    REFUSES(&settings, "data.npz: cannot be read as the archive");
}

/* The file as it is, and its size. */
static size_t read_all(const char *path, uint8_t *bytes, size_t most) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, most, file);
    fclose(file);
    assert_true(size < most);
    return size;
}

/* Small files whose bytes are cut off or changed: read as they were, or refused in one sentence. */
static void damage_is_found(void **state) {
    struct folder *folder = *state;
    static uint8_t bytes[MOST];
    for (int packed = 0; packed < 2; packed++) {
        struct dataset_settings settings = { .kind = DATASET_NPZ };
        text_set(settings.path, sizeof settings.path, "%s", folder_file(folder, "data.npz"));
        write_archive(settings.path, (struct array[]){ good_x, good_y }, 2, packed);
        size_t size = read_all(settings.path, bytes, sizeof bytes);
        int read = 0;
        for (size_t i = 0; i < 2 * size; i++) {
            struct dataset dataset;
            char problem[DATASET_PROBLEM] = "";
            bool cut = i < size;
            bytes[i % size] ^= cut ? 0 : 0x41;
            assert_int_equal(write_file(settings.path, bytes, cut ? i : size), 0);
            bool good = dataset_load(&dataset, &settings, problem);
            assert_false(good && cut);
            assert_int_equal(good, problem[0] == '\0');
            if (good) { // what is not checked, such as a time, was hit
                assert_int_equal(dataset.train.count, 2);
                assert_true(dataset.train.values[0] + dataset.train.values[3] == 5.0f);
                read++;
            }
            dataset_finish(&dataset);
            bytes[i % size] ^= cut ? 0 : 0x41;
        }
        assert_in_range(read, 1, size / 2);
    }
}

/* A directory that claims more than the packed bytes can hold makes nobody allocate it. */
static void claims_are_checked_against_the_file(void **state) {
    struct folder *folder = *state;
    static uint8_t bytes[MOST];
    struct array x = good_x;
    x.header = HEADER("<f4", "False", "(2, 100000000)");
    struct dataset_settings settings = put(folder, (struct array[]){ x, good_y }, 2);
    size_t size = read_all(settings.path, bytes, sizeof bytes);
    uint32_t claimed = (uint32_t)(10 + strlen(x.header)) + 800000000;
    for (size_t i = 0; i + 46 < size; i++) { // the directory's entry of x
        if (memcmp(bytes + i, "PK\1\2", 4) == 0 && bytes[i + 46] == 'x') {
            memcpy(bytes + i + 24, &claimed, 4);
        }
    }
    assert_int_equal(write_file(settings.path, bytes, size), 0);
    struct dataset_shape shape;
    char problem[DATASET_PROBLEM] = "";
    assert_false(dataset_describe(&settings, &shape, problem));
    assert_contains(problem, "data.npz: x ");
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(arrays_become_examples),
        FOLDER_TEST(bytes_stay_bytes),
        FOLDER_TEST(missing_arrays_are_named),
        FOLDER_TEST(shapes_that_do_not_fit_are_refused),
        FOLDER_TEST(types_that_are_no_numbers_are_refused),
        FOLDER_TEST(values_that_cannot_be_used_are_named),
        cmocka_unit_test(headers_are_read_strictly),
        cmocka_unit_test(prefixes_are_checked),
        FOLDER_TEST(other_files_are_refused),
        FOLDER_TEST(damage_is_found),
        FOLDER_TEST(claims_are_checked_against_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
