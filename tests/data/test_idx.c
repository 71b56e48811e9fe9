#include "base/check.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "data/gzip.h"
#include "data/idx.h"

enum { HEADER = 16, DATA = 5 * 3 * 4, SIZE = HEADER + DATA, PROBLEM = 512 };

/* A file of 5 x 3 x 4 bytes, plain and compressed. */
struct sample {
    unsigned char plain[SIZE];
    unsigned char packed[256];
    size_t packed_size;
};

static struct sample make_sample(void) {
    struct sample sample = { .plain = { 0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 3, 0, 0, 0, 4 } };
    for (int i = 0; i < DATA; i++) {
        sample.plain[HEADER + i] = (unsigned char)(i * i * 7 % 251);
    }
    sample.packed_size = gzip(sample.plain, SIZE, sample.packed, sizeof sample.packed);
    assert_true(sample.packed_size > 20);
    return sample;
}

/* Write the bytes as a file and read that. */
static bool read_bytes(struct folder *folder, const void *bytes, size_t size, int dimensions,
                       struct idx *idx, char *problem) {
    const char *path = folder_file(folder, "sample.idx");
    remove(path); // some file systems flush a file that is overwritten: a hundred times slower
    assert_int_equal(write_file(path, bytes, size), 0);
    strcpy(problem, "untouched");
    return idx_read(idx, path, dimensions, problem, PROBLEM);
}

static void assert_sample(const struct idx *idx, const struct sample *sample) {
    assert_int_equal(idx->dimensions, 3);
    assert_int_equal(idx->size[0], 5);
    assert_int_equal(idx->size[1], 3);
    assert_int_equal(idx->size[2], 4);
    assert_int_equal(idx->count, DATA);
    assert_memory_equal(idx->data, sample->plain + HEADER, DATA);
}

/* Refused, zeroed, and with a sentence about this file that contains part. */
static void assert_refused(struct folder *folder, const void *bytes, size_t size,
                           const char *part) {
    struct idx idx, zeroed = { 0 };
    char problem[PROBLEM];
    assert_false(read_bytes(folder, bytes, size, 3, &idx, problem));
    assert_memory_equal(&idx, &zeroed, sizeof idx);
    assert_contains(problem, "sample.idx: ");
    assert_contains(problem, part);
    idx_finish(&idx);
}

static void reads_plain_and_compressed(void **state) {
    struct sample sample = make_sample();
    struct idx idx;
    char problem[PROBLEM];
    assert_true(read_bytes(*state, sample.plain, SIZE, 3, &idx, problem));
    assert_sample(&idx, &sample);
    idx_finish(&idx);
    assert_null(idx.data);
    assert_true(read_bytes(*state, sample.packed, sample.packed_size, 3, &idx, problem));
    assert_sample(&idx, &sample);
    idx_finish(&idx);
}

static void reads_every_number_of_dimensions(void **state) {
    for (int dimensions = 1; dimensions <= IDX_MAX_DIMENSIONS; dimensions++) {
        unsigned char bytes[64] = { 0, 0, 8, (unsigned char)dimensions };
        for (int i = 0; i < dimensions; i++) {
            bytes[7 + 4 * i] = 2;
        }
        struct idx idx;
        char problem[PROBLEM];
        size_t size = idx_header_size(dimensions) + (1u << dimensions);
        bytes[size - 1] = 77;
        assert_true(read_bytes(*state, bytes, size, dimensions, &idx, problem));
        assert_int_equal(idx.count, 1 << dimensions);
        assert_int_equal(idx.data[idx.count - 1], 77);
        idx_finish(&idx);
    }
}

static void a_file_cut_anywhere_is_refused(void **state) {
    struct sample sample = make_sample();
    for (size_t size = 0; size < SIZE; size++) {
        assert_refused(*state, sample.plain, size, size < HEADER ? "header" : "cannot hold");
    }
    for (size_t size = 0; size < sample.packed_size; size++) {
        assert_refused(*state, sample.packed, size, size < 2 ? "header" : "breaks off at byte");
    }
}

static void any_wrong_bit_of_the_header_is_refused(void **state) {
    struct sample sample = make_sample();
    for (int bit = 0; bit < HEADER * 8; bit++) {
        sample.plain[bit / 8] ^= (unsigned char)(1 << bit % 8);
        const char *part = bit < 4 * 8 ? "expected 00 00 08 03" : "";
        assert_refused(*state, sample.plain, SIZE, part);
        sample.plain[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}

/*
 * Some bits mean nothing here: the time in the gzip header, the padding behind the deflate stream.
 * With one of those wrong the data must be right.
 */
static void no_wrong_bit_of_a_compressed_file_gives_wrong_data(void **state) {
    struct sample sample = make_sample();
    int refused = 0, bits = (int)sample.packed_size * 8;
    for (int bit = 0; bit < bits; bit++) {
        struct idx idx;
        char problem[PROBLEM];
        sample.packed[bit / 8] ^= (unsigned char)(1 << bit % 8);
        if (read_bytes(*state, sample.packed, sample.packed_size, 3, &idx, problem)) {
            assert_true(bit / 8 < 10 || bit / 8 == (int)sample.packed_size - 9);
            assert_sample(&idx, &sample);
        } else {
            assert_contains(problem, "sample.idx: ");
            refused++;
        }
        idx_finish(&idx);
        sample.packed[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    assert_true(refused >= bits - 80 - 7);
}

static void names_bytes_and_expectation(void **state) {
    struct sample sample = make_sample();
    unsigned char longer[SIZE + 1] = { 0 };
    memcpy(longer, sample.plain, SIZE);
    assert_refused(*state, "GIF89a and more bytes", 21,
                   "begins with the bytes 47 49 46 38, expected 00 00 08 03 "
                   "(IDX, unsigned bytes, 3 dimensions)");
    assert_refused(*state, sample.plain, 9, "ends at byte 9, inside its header of 16 bytes");
    assert_refused(*state, sample.plain, 75,
                   "bytes 4 to 15 announce 5 x 3 x 4 bytes, but a file of 75 bytes cannot hold");
    assert_refused(*state, longer, SIZE + 1,
                   "goes on after byte 76, where the 5 x 3 x 4 bytes its header announces end");
    sample.plain[11] = 0;
    assert_refused(*state, sample.plain, SIZE,
                   "bytes 4 to 15 announce 5 x 0 x 4, expected at least 1 of each");
}

static void packed_data_of_the_wrong_length_are_refused(void **state) {
    struct sample sample = make_sample();
    unsigned char bytes[SIZE + 1] = { 0 }, packed[256];
    memcpy(bytes, sample.plain, SIZE);
    size_t size = gzip(bytes, SIZE + 1, packed, sizeof packed);
    assert_refused(*state, packed, size, "goes on after byte 76");
    size = gzip(bytes, SIZE - 3, packed, sizeof packed);
    assert_refused(*state, packed, size,
                   "ends at byte 73, expected 76 (a header of 16 and 5 x 3 x 4)");
    size = gzip(bytes, HEADER - 1, packed, sizeof packed);
    assert_refused(*state, packed, size, "ends at byte 15, inside its header");
    size = gzip("", 0, packed, sizeof packed);
    assert_refused(*state, packed, size, "ends at byte 0, inside its header");
}

static void bytes_after_the_gzip_stream_are_refused(void **state) {
    struct sample sample = make_sample();
    char part[64];
    snprintf(part, sizeof part, "goes on after byte %zu, where its gzip stream ends",
             sample.packed_size);
    sample.packed[sample.packed_size] = 'x';
    assert_refused(*state, sample.packed, sample.packed_size + 1, part);
}

static void a_wrong_checksum_is_refused(void **state) {
    struct sample sample = make_sample();
    sample.packed[sample.packed_size - 5] ^= 1; // the last byte of the CRC
    assert_refused(*state, sample.packed, sample.packed_size, "incorrect data check");
    sample.packed[sample.packed_size - 5] ^= 1;
    sample.packed[sample.packed_size - 1] ^= 1; // the last byte of the length
    assert_refused(*state, sample.packed, sample.packed_size, "incorrect length check");
}

static void announced_sizes_are_never_trusted(void **state) {
    static const unsigned char first_bytes[][12] = {
        { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF },
        { 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1, 0, 0, 0, 1 },
        { 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0 },         // 2^48
        { 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 4 },   // 2^64
        { 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 5 },   // wraps round to 2^62
        { 0, 0, 0xEA, 0x60, 0, 0, 0, 28, 0, 0, 0, 28 }, // MNIST
    };
    for (size_t i = 0; i < sizeof first_bytes / sizeof first_bytes[0]; i++) {
        struct sample sample = make_sample();
        unsigned char packed[256];
        memcpy(sample.plain + 4, first_bytes[i], 12);
        assert_refused(*state, sample.plain, SIZE, "cannot hold them");
        size_t size = gzip(sample.plain, SIZE, packed, sizeof packed);
        assert_refused(*state, packed, size, "cannot hold them");
    }
}

static void the_most_compressible_file_is_read(void **state) {
    enum { ZEROS = 8 + 10000000 };
    unsigned char *bytes = calloc(1, ZEROS), *packed = malloc(20000);
    assert_non_null(bytes);
    assert_non_null(packed);
    memcpy(bytes, (const unsigned char[]){ 0, 0, 8, 1, 0x00, 0x98, 0x96, 0x80 }, 8);
    size_t size = gzip(bytes, ZEROS, packed, 20000);
    assert_true(size > 0);
    struct idx idx;
    char problem[PROBLEM];
    assert_true(read_bytes(*state, packed, size, 1, &idx, problem));
    assert_int_equal(idx.count, 10000000);
    idx_finish(&idx);
    free(bytes);
    free(packed);
}

static void what_is_no_file_is_refused(void **state) {
    struct folder *folder = *state;
    struct idx idx;
    char problem[PROBLEM];
    assert_false(idx_read(&idx, folder_file(folder, "none.gz"), 3, problem, sizeof problem));
    assert_contains(problem, "cannot read /");
    assert_contains(problem, "none.gz: No such file or directory");
    assert_false(idx_read(&idx, folder->path, 3, problem, sizeof problem));
    assert_contains(problem, "not a file");
    assert_int_equal(mkfifo(folder_file(folder, "pipe"), 0600), 0);
    assert_false(idx_read(&idx, folder_file(folder, "pipe"), 3, problem, sizeof problem));
    assert_contains(problem, "pipe: not a file");
}

static void a_sentence_keeps_its_end(void **state) {
    (void)state;
    static char path[6000];
    struct idx idx;
    char problem[PROBLEM];
    memset(path, 'x', sizeof path - 1);
    assert_false(idx_read(&idx, path, 3, problem, sizeof problem));
    assert_contains(problem, "cannot read ...xxx");
    assert_contains(problem, "xxx: File name too long");
    char short_problem[16];
    assert_false(idx_read(&idx, path, 3, short_problem, sizeof short_problem));
    assert_int_equal(strlen(short_problem), 15);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(reads_plain_and_compressed),
        TEST(reads_every_number_of_dimensions),
        TEST(a_file_cut_anywhere_is_refused),
        TEST(any_wrong_bit_of_the_header_is_refused),
        TEST(no_wrong_bit_of_a_compressed_file_gives_wrong_data),
        TEST(names_bytes_and_expectation),
        TEST(packed_data_of_the_wrong_length_are_refused),
        TEST(bytes_after_the_gzip_stream_are_refused),
        TEST(a_wrong_checksum_is_refused),
        TEST(announced_sizes_are_never_trusted),
        TEST(the_most_compressible_file_is_read),
        TEST(what_is_no_file_is_refused),
        TEST(a_sentence_keeps_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
