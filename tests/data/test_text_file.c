#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/folder.h"
#include "base/require.h"
#include "base/text.h"
#include "data/dataset.h"
#include "data/recognise.h"
#include "data/text_file.h"

/* Code points as UTF-16 with its byte order mark; returns the bytes. */
static size_t encode(const uint32_t *points, size_t count, bool big, uint8_t *out) {
    size_t bytes = 0;
    for (size_t i = 0; i <= count; i++) {
        uint32_t point = i == 0 ? 0xFEFF : points[i - 1];
        uint32_t over = point - 0x10000;
        uint32_t units[2] = { 0xD800 + (over >> 10), 0xDC00 + (over & 0x3FF) };
        units[0] = point < 0x10000 ? point : units[0];
        for (int u = 0; u < (point < 0x10000 ? 1 : 2); u++) {
            out[bytes + (big ? 0 : 1)] = (uint8_t)(units[u] >> 8);
            out[bytes + (big ? 1 : 0)] = (uint8_t)units[u];
            bytes += 2;
        }
    }
    return bytes;
}

/* Code points as UTF-8 behind its mark. */
static size_t expect(const uint32_t *points, size_t count, char *out) {
    size_t bytes = 0;
    for (size_t i = 0; i <= count; i++) {
        uint32_t c = i == 0 ? 0xFEFF : points[i - 1];
        int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        static const uint32_t leads[] = { 0, 0xC0, 0xE0, 0xF0 };
        out[bytes++] = (char)(leads[more] | c >> (6 * more));
        while (more-- > 0) {
            out[bytes++] = (char)(0x80 | (c >> (6 * more) & 0x3F));
        }
    }
    return bytes;
}

/* All of a file, in pieces that have so much room. */
static char *read_all(const char *path, size_t room, size_t most, size_t *size) {
    struct text_file file;
    char problem[DATASET_PROBLEM] = "", *all = malloc(most);
    size_t got = 1;
    assert_non_null(all);
    assert_true(text_file_open(&file, path, problem));
    for (*size = 0; got > 0; *size += got) {
        assert_true(*size + room <= most);
        if (!text_file_read(&file, all + *size, room, &got)) {
            fail_msg("%s", problem);
        }
        int64_t before = text_file_before(&file, got);
        assert_true(before >= 0 && before <= file.taken);
    }
    assert_int_equal(file.taken, file.size);
    assert_int_equal(text_file_before(&file, 0), file.size);
    text_file_close(&file);
    return all;
}

/* Characters of one to four bytes, so many that they cross the ends of blocks at every place. */
static void both_orders_become_utf8(void **state) {
    enum { COUNT = 100003 };
    static const uint32_t kinds[] = { 'a', 0xE9, 0x20AC, 0x1F33B, 0xFFFD, '\n', 0x10FFFF };
    uint32_t *points = malloc(COUNT * sizeof *points);
    uint8_t *bytes = malloc(4 * COUNT + 2);
    char *expected = malloc(4 * COUNT + 3);
    assert_true(points && bytes && expected);
    for (size_t i = 0; i < COUNT; i++) {
        points[i] = kinds[i % ARRAY_LEN(kinds)];
    }
    const char *path = folder_file(*state, "text");
    size_t wanted = expect(points, COUNT, expected);
    for (int big = 0; big < 2; big++) {
        size_t size = encode(points, COUNT, big, bytes);
        assert_int_equal(write_file(path, bytes, size), 0);
        static const size_t rooms[] = { TEXT_FILE_LEAST, 1001, 1 << 18 };
        for (int i = 0; i < ARRAY_LEN(rooms); i++) {
            size_t got;
            char *read = read_all(path, rooms[i], 8 * COUNT, &got);
            assert_int_equal(got, wanted);
            assert_memory_equal(read, expected, wanted);
            free(read);
        }
    }
    free(points);
    free(bytes);
    free(expected);
}

/* A table with names as a spreadsheet saves it. */
static void a_table_in_utf16_is_a_data_set(void **state) {
    static const char text[] = "x\tz\tArt\r\n1\t2\tWei\xDF"
                               "dorn\r\n3\t4\tBirke\r\n"; // Latin-1
    uint32_t points[sizeof text];
    uint8_t bytes[4 * sizeof text];
    for (size_t i = 0; i < sizeof text - 1; i++) {
        points[i] = (uint8_t)text[i];
    }
    for (int big = 0; big < 2; big++) {
        struct dataset_settings settings = { .kind = DATASET_MNIST };
        struct dataset dataset;
        char problem[DATASET_PROBLEM] = "";
        const char *path = folder_file(*state, "table.txt");
        assert_int_equal(write_file(path, bytes, encode(points, sizeof text - 1, big, bytes)), 0);
        assert_true(recognise(path, &settings.kind, problem));
        assert_int_equal(settings.kind, DATASET_CSV);
        text_set(settings.path, sizeof settings.path, "%s", path);
        if (!dataset_load(&dataset, &settings, problem)) {
            fail_msg("%s", problem);
        }
        assert_int_equal(dataset.train.count, 2);
        assert_string_equal(dataset.class_names[0], "Birke");
        assert_string_equal(dataset.class_names[1], "Weißdorn");
        assert_string_equal(dataset.feature_names[1], "z");
        dataset_finish(&dataset);
    }
}

static void refuses(void *state, const char *bytes, size_t size, const char *part) {
    struct dataset_settings settings = { .kind = DATASET_CSV };
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "";
    const char *path = folder_file(state, "bad.csv");
    assert_int_equal(write_file(path, bytes, size), 0);
    text_set(settings.path, sizeof settings.path, "%s", path);
    assert_false(dataset_load(&dataset, &settings, problem));
    assert_contains(problem, part);
}

static void what_is_no_text_is_refused(void **state) {
    refuses(*state, "1\0,\0a\0", 6,
            "byte 1 is 0, so this is no text; of text, UTF-8 is read, and UTF-16 with a byte order "
            "mark");
    refuses(*state,
            "\xFF\xFE"
            "1\0\0\0",
            6, "holds a zero character, so this is no text");
    refuses(*state,
            "\xFF\xFE"
            "1\0,",
            5, "byte 4 is not of UTF-16, as which the file begins");
    refuses(*state, "\xFE\xFF\0001\xDC\0\0,", 8, "byte 4 is not of UTF-16");
    refuses(*state, "\xFF\xFE", 2, "holds no rows");
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(both_orders_become_utf8),
        FOLDER_TEST(a_table_in_utf16_is_a_data_set),
        FOLDER_TEST(what_is_no_text_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
