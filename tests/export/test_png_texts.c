/* The texts of PNGs: our own, those that other programs write, and damaged ones. */
#include "base/check.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/require.h"
#include "base/text.h"
#include "export/png_file.h"
#include "export/png_texts.h"

enum { ROOM = 8 << 20 };

static struct folder *folder; // of the test under way
static unsigned char *made;   // a PNG under construction
static size_t size;

static int setup(void **state) {
    made = malloc(ROOM);
    size = 0;
    return made ? folder_setup(state) : -1;
}

static int teardown(void **state) {
    free(made);
    return folder_teardown(state);
}

static void put(const void *data, size_t count) {
    assert_true(size + count <= ROOM);
    memcpy(made + size, data, count);
    size += count;
}

static void put_number(uint32_t value) {
    const unsigned char bytes[] = { (unsigned char)(value >> 24), (unsigned char)(value >> 16),
                                    (unsigned char)(value >> 8), (unsigned char)value };
    put(bytes, sizeof bytes);
}

static void put_chunk(const char *type, const void *data, size_t count) {
    put_number((uint32_t)count);
    size_t start = size;
    put(type, 4);
    put(data, count);
    put_number((uint32_t)crc32(0, made + start, (uInt)(size - start)));
}

static void begin(uint32_t width, uint32_t height) {
    unsigned char header[13] = { 0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0 };
    for (int i = 0; i < 4; i++) {
        header[i] = (unsigned char)(width >> (24 - 8 * i));
        header[4 + i] = (unsigned char)(height >> (24 - 8 * i));
    }
    size = 0;
    put("\x89PNG\r\n\x1a\n", 8);
    put_chunk("IHDR", header, sizeof header);
}

/* head and what zlib makes of text. */
static void put_packed(const char *type, const char *head, size_t head_size, const char *text,
                       size_t length) {
    uLongf packed = compressBound((uLong)length);
    unsigned char *data = malloc(head_size + packed);
    assert_non_null(data);
    memcpy(data, head, head_size);
    assert_int_equal(
        compress(data + head_size, &packed, (const unsigned char *)text, (uLong)length), Z_OK);
    put_chunk(type, data, head_size + packed);
    free(data);
}

#define PUT(type, literal) put_chunk(type, literal, sizeof(literal) - 1)
#define PUT_PACKED(type, head, text)                                                               \
    put_packed(type, head, sizeof(head) - 1, text, sizeof(text) - 1)

static void read_made(struct png_texts *texts) {
    char problem[FILE_PROBLEM_MAX] = "";
    const char *path = folder_file(folder, "made.png");
    assert_int_equal(write_file(path, made, size), 0);
    if (!png_texts_read(texts, path, problem)) {
        fail_msg("%s", problem);
    }
}

static void assert_text(const struct png_texts *texts, const char *key, const char *value) {
    const char *found = png_texts_find(texts, key);
    if (!found) {
        fail_msg("there is no %s", key);
    }
    assert_string_equal(found, value);
}

static void what_we_write(void **state) {
    folder = *state;
    static const struct png_text written[] = {
        { "Software", "layerscope" },
        { "Title", "σ(z) → tiefe Schichten" },
        { "layerscope:experiment", "layers = 10\n\n[b]\nlayers = 11\n" },
        { "Empty", "" },
    };
    const uint32_t pixels[6] = { 0 };
    char problem[FILE_PROBLEM_MAX] = "";
    struct png_texts texts;
    const char *path = folder_file(folder, "ours.png");
    assert_true(png_file_write(path, pixels, 3, 2, 1.0f, written, 4, problem));
    assert_true(png_texts_is_png(path));
    assert_true(png_texts_read(&texts, path, problem));
    assert_int_equal(texts.count, 4);
    assert_int_equal(texts.width, 3);
    assert_int_equal(texts.height, 2);
    assert_string_equal(texts.damage, "");
    for (int i = 0; i < 4; i++) {
        assert_text(&texts, written[i].key, written[i].value);
    }
    assert_null(png_texts_find(&texts, "title"));
    png_texts_finish(&texts);
    assert_int_equal(texts.count, 0);
}

/* As ImageMagick and others write it anew: packed, behind the pixels, in other words. */
static void what_others_write(void **state) {
    folder = *state;
    struct png_texts texts;
    begin(70000, 1);
    PUT("gAMA", "\0\0\xb1\x8f");
    PUT("tEXt", "Latin\0na\xefve \xb5");
    PUT("tEXt", "Twice\0first");
    PUT_PACKED("zTXt", "Packed\0\0", "layers = 3\nwidth = 4\n");
    PUT("IDAT", "not looked at");
    PUT_PACKED("iTXt", "Both\0\1\0de\0beides\0", "φ packed");
    PUT("iTXt", "Plain\0\0\0\0\0φ");
    PUT("tEXt", "Twice\0second");
    PUT("IEND", "");
    put("tail", 4);
    read_made(&texts);
    assert_string_equal(texts.damage, "");
    assert_int_equal(texts.count, 6);
    assert_int_equal(texts.width, 70000);
    assert_text(&texts, "Latin", "na\u00efve \u00b5");
    assert_text(&texts, "Packed", "layers = 3\nwidth = 4\n");
    assert_text(&texts, "Both", "φ packed");
    assert_text(&texts, "Plain", "φ");
    assert_text(&texts, "Twice", "first");
    png_texts_finish(&texts);
}

static void what_is_no_text_is_passed_over(void **state) {
    folder = *state;
    struct png_texts texts;
    begin(1, 1);
    PUT("tEXt", "no end of the key");
    PUT("tEXt", "");
    PUT("tEXt", "\0no key");
    PUT("tEXt",
        "a key of eighty bytes, which is one more than there may be, for the format says 79\0x");
    PUT("zTXt", "Way\0\1unknown");
    PUT("zTXt", "Nothing\0");
    PUT("zTXt", "Rubbish\0\0rubbish");
    PUT("iTXt", "Short\0\1");
    PUT("iTXt", "Way\0\1\1\0\0unknown");
    PUT("iTXt", "Torn\0\0\0de");
    PUT("tEXt", "Good\0one");
    PUT("IEND", "");
    read_made(&texts);
    assert_string_equal(texts.damage, "");
    assert_int_equal(texts.count, 1);
    assert_text(&texts, "Good", "one");
    png_texts_finish(&texts);
}

/* A chunk may claim 2 GB or expand to as much; neither is taken at its word. */
static void claims_are_not_believed(void **state) {
    folder = *state;
    struct png_texts texts;
    char *zeros = calloc(1, 4 * PNG_TEXTS_LONGEST);
    assert_non_null(zeros);
    memset(zeros, ' ', 4 * PNG_TEXTS_LONGEST);
    begin(1, 1);
    put_packed("zTXt", "Bomb\0\0", 6, zeros, 4 * PNG_TEXTS_LONGEST);
    put_packed("zTXt", "Large\0\0", 7, zeros, PNG_TEXTS_LONGEST);
    memcpy(zeros, "Long", 5);
    put_chunk("tEXt", zeros, PNG_TEXTS_LONGEST + 1);
    for (int i = 0; i < 2 * PNG_TEXTS_MOST; i++) {
        PUT("tEXt", "Many\0x");
    }
    put_number(0x7fffffff);
    put("tEXt", 4);
    put(zeros, 100);
    read_made(&texts);
    assert_int_equal(texts.count, PNG_TEXTS_MOST);
    assert_null(png_texts_find(&texts, "Bomb"));
    assert_null(png_texts_find(&texts, "Long"));
    assert_int_equal(strlen(png_texts_find(&texts, "Large")), PNG_TEXTS_LONGEST);
    assert_string_equal(texts.damage, "it ends within a chunk");
    png_texts_finish(&texts);
    free(zeros);
}

static void make_small(void) {
    begin(5, 4);
    PUT("tEXt", "A\0first");
    PUT_PACKED("zTXt", "B\0\0", "second");
    PUT("IDAT", "pixels");
    PUT("iTXt", "C\0\0\0\0\0third");
    PUT("IEND", "");
}

/* Cut at every byte: what stands before is read, and no more is claimed. */
static void cut_at_every_byte(void **state) {
    folder = *state;
    make_small();
    int most = 0;
    for (size_t whole = size, end = 0; end < whole; end++) {
        struct png_texts texts;
        char problem[FILE_PROBLEM_MAX] = "";
        const char *path = folder_file(folder, "cut.png");
        assert_int_equal(write_file(path, made, end), 0);
        bool read = png_texts_read(&texts, path, problem);
        assert_int_equal(read, end >= 8);
        assert_int_equal(png_texts_is_png(path), end >= 8);
        assert_true(read ? texts.damage[0] != '\0' : strlen(problem) > 10);
        assert_true(texts.count >= most);
        most = texts.count;
        static const char *const keys[] = { "A", "B", "C" }, *const values[] = { "first", "second",
                                                                                 "third" };
        for (int i = 0; i < texts.count; i++) {
            assert_text(&texts, keys[i], values[i]);
        }
        png_texts_finish(&texts);
    }
    assert_int_equal(most, 3);
}

/* A flipped bit in any byte: no text is another one than was written. */
static void a_flipped_bit_anywhere(void **state) {
    folder = *state;
    make_small();
    for (size_t at = 0; at < 8 * size; at++) {
        struct png_texts texts;
        char problem[FILE_PROBLEM_MAX] = "";
        made[at / 8] ^= (unsigned char)(1 << at % 8);
        const char *path = folder_file(folder, "flipped.png");
        assert_int_equal(write_file(path, made, size), 0);
        png_texts_read(&texts, path, problem);
        for (int i = 0; i < texts.count; i++) {
            const char *value = texts.entry[i].value;
            assert_true(strcmp(value, "first") == 0 || strcmp(value, "second") == 0 ||
                        strcmp(value, "third") == 0);
        }
        png_texts_finish(&texts);
        made[at / 8] ^= (unsigned char)(1 << at % 8);
    }
}

static void what_is_no_png(void **state) {
    folder = *state;
    struct png_texts texts;
    char problem[FILE_PROBLEM_MAX] = "";
    const char *path = folder_file(folder, "text.png");
    assert_int_equal(write_file(path, "layers = 3\n", 11), 0);
    assert_false(png_texts_is_png(path));
    assert_false(png_texts_read(&texts, path, problem));
    assert_contains(problem, "text.png is no PNG");
    assert_false(png_texts_read(&texts, folder_file(folder, "absent.png"), problem));
    assert_contains(problem, "absent.png: No such file");
    assert_false(png_texts_read(&texts, folder->path, problem));
    assert_contains(problem, folder->path);
    assert_false(png_texts_is_png(folder->path));
}

int main(void) {
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(what_we_write),
        IN_FOLDER(what_others_write),
        IN_FOLDER(what_is_no_text_is_passed_over),
        IN_FOLDER(claims_are_not_believed),
        IN_FOLDER(cut_at_every_byte),
        IN_FOLDER(a_flipped_bit_anywhere),
        IN_FOLDER(what_is_no_png),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
