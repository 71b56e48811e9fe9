/*
 * Event files read back: those of events/make_events.py to the last digit, and whatever is left of
 * them after cutting, flipping and growing.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/check.h"
#include "../base/folder.h"
#include "data/event_reader.h"
#include "events.h"

static void sample_path(char *path, size_t size, const char *name) {
    snprintf(path, size, "%s/tests/data/events/%s", getenv("SOURCE_ROOT"), name);
}

static void reads_what_was_written(const char *name, int64_t records) {
    char path[512], expected_path[512], text[32];
    snprintf(text, sizeof text, "%s.tfevents", name);
    sample_path(path, sizeof path, text);
    snprintf(text, sizeof text, "%s.txt", name);
    sample_path(expected_path, sizeof expected_path, text);
    size_t size, found_size;
    char *expected = (char *)load_file(expected_path, &size), *found = NULL;
    struct told told = { .out = open_memstream(&found, &found_size) };
    struct event_reader reader;
    event_reader_init(&reader, path);
    tell_all(&reader, &told);
    fclose(told.out);
    assert_int_equal(reader.end, EVENT_WHOLE);
    assert_int_equal(reader.records, records);
    assert_int_equal(reader.nonsense, 0);
    assert_non_null(expected);
    assert_string_equal(found, expected);
    event_reader_finish(&reader);
    free(expected);
    free(found);
}

static void reads_pytorch(void **state) {
    (void)state;
    reads_what_was_written("torch", 24);
}

static void reads_tensorflow_2(void **state) {
    (void)state;
    reads_what_was_written("tf2", 15);
}

/* The sample of TensorFlow 2 with the ends of its records. */
struct sample {
    unsigned char *bytes;
    size_t size;
    size_t end[64];
    int records;
};

static struct sample sample_load(void) {
    struct sample sample = { .records = 0 };
    char path[512];
    sample_path(path, sizeof path, "tf2.tfevents");
    sample.bytes = load_file(path, &sample.size);
    assert_non_null(sample.bytes);
    for (size_t at = 0; at < sample.size; at = sample.end[sample.records - 1]) {
        uint64_t length = 0;
        memcpy(&length, sample.bytes + at, 2); // none is longer
        sample.end[sample.records++] = at + 16 + (size_t)length;
    }
    return sample;
}

/* Whole records before a place. */
static int records_before(const struct sample *sample, size_t place) {
    int count = 0;
    while (count < sample->records && sample->end[count] <= place) {
        count++;
    }
    return count;
}

static void pass_over(void *context, const struct event_value *value) {
    (void)value;
    ++*(int *)context;
}

static int count_records(struct event_reader *reader) {
    int count = 0, values = 0;
    while (event_reader_next(reader)) {
        event_reader_values(reader, pass_over, &values);
        count++;
    }
    return count;
}

static void stops_before_a_cut_at_any_byte(void **state) {
    struct sample sample = sample_load();
    const char *path = folder_file(*state, "cut");
    assert_int_equal(write_file(path, sample.bytes, sample.size), 0);
    for (size_t size = sample.size; size-- > 0;) {
        assert_int_equal(truncate(path, (off_t)size), 0);
        struct event_reader reader;
        event_reader_init(&reader, path);
        int whole = records_before(&sample, size);
        assert_int_equal(count_records(&reader), whole);
        bool clean = size == (whole > 0 ? sample.end[whole - 1] : 0);
        assert_int_equal(reader.end, clean ? EVENT_WHOLE : EVENT_CUT);
        char text[256], wanted[64];
        event_reader_describe(&reader, text, sizeof text);
        snprintf(wanted, sizeof wanted, "%d record%s%s", whole, whole == 1 ? "" : "s",
                 clean ? "" : ", then the file is cut at byte ");
        assert_contains(text, wanted);
        event_reader_finish(&reader);
    }
    free(sample.bytes);
}

/* A flipped length may also claim more than the file has; never is a record believed. */
static void stops_before_a_flipped_bit_in_any_byte(void **state) {
    struct sample sample = sample_load();
    const char *path = folder_file(*state, "flipped");
    assert_int_equal(write_file(path, sample.bytes, sample.size), 0);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    setvbuf(file, NULL, _IONBF, 0);
    for (size_t i = 0; i < sample.size; i++) {
        fseek(file, (long)i, SEEK_SET);
        fputc(sample.bytes[i] ^ 1 << i % 8, file);
        struct event_reader reader;
        event_reader_init(&reader, path);
        int before = records_before(&sample, i);
        assert_int_equal(count_records(&reader), before);
        assert_int_equal(reader.end, EVENT_DAMAGED);
        assert_int_equal(reader.position, before > 0 ? sample.end[before - 1] : 0);
        event_reader_finish(&reader);
        fseek(file, (long)i, SEEK_SET);
        fputc(sample.bytes[i], file);
    }
    fclose(file);
    free(sample.bytes);
}

static void follows_a_growing_file(void **state) {
    struct sample sample = sample_load();
    const char *path = folder_file(*state, "grows");
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    setvbuf(file, NULL, _IONBF, 0);
    struct event_reader reader;
    event_reader_init(&reader, path);
    assert_int_equal(count_records(&reader), 0);
    assert_int_equal(reader.end, EVENT_WHOLE);
    int seen = 0;
    for (size_t at = 0, step = 1; at < sample.size; at += step, step = 1 + (step * 7 + 3) % 331) {
        step = step < sample.size - at ? step : sample.size - at;
        assert_int_equal(fwrite(sample.bytes + at, 1, step, file), step);
        seen += count_records(&reader);
        assert_int_equal(seen, records_before(&sample, at + step));
        assert_int_equal(reader.records, seen);
    }
    assert_int_equal(seen, sample.records);
    assert_int_equal(reader.end, EVENT_WHOLE);
    event_reader_rewind(&reader);
    assert_int_equal(count_records(&reader), sample.records);
    assert_int_equal(ftruncate(fileno(file), 10), 0);
    assert_int_equal(count_records(&reader), 0);
    assert_int_equal(reader.end, EVENT_GONE);
    char text[256];
    event_reader_describe(&reader, text, sizeof text);
    assert_contains(text, "became shorter");
    event_reader_finish(&reader);
    fclose(file);
    free(sample.bytes);
}

/* What a network file system shows of a write under way: the size is there, the bytes are not. */
static void tries_again_what_was_not_there_yet(void **state) {
    struct sample sample = sample_load();
    const char *path = folder_file(*state, "late");
    unsigned char *bytes = calloc(1, sample.size + 16);
    memcpy(bytes, sample.bytes, sample.end[3]);
    assert_int_equal(write_file(path, bytes, sample.end[4]), 0);
    struct event_reader reader;
    event_reader_init(&reader, path);
    assert_int_equal(count_records(&reader), 4);
    assert_int_equal(reader.end, EVENT_DAMAGED);
    assert_int_equal(write_file(path, sample.bytes, sample.size), 0);
    assert_int_equal(count_records(&reader), sample.records - 4);
    assert_int_equal(reader.end, EVENT_WHOLE);
    event_reader_finish(&reader);
    free(bytes);
    free(sample.bytes);
}

/* The claim alone must not cost memory: the file has not got it. */
static void believes_no_length(void **state) {
    const char *path = folder_file(*state, "claims");
    static const uint64_t lengths[] = { 1,          UINT64_C(1) << 31, UINT64_C(1) << 62,
                                        UINT64_MAX, UINT64_MAX - 15,   UINT64_MAX - 3 };
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        unsigned char bytes[12 + 4];
        memset(bytes, 0, sizeof bytes);
        put_head(bytes, lengths[i]);
        assert_int_equal(write_file(path, bytes, sizeof bytes), 0);
        struct event_reader reader;
        event_reader_init(&reader, path);
        assert_false(event_reader_next(&reader));
        assert_int_equal(reader.end, EVENT_CUT);
        assert_int_equal(reader.record_room, 0);
        event_reader_finish(&reader);
    }
}

/* 2 GB of file that take no room on the disk: the record in it is larger than any that is kept. */
static void passes_over_what_is_too_large(void **state) {
    const char *path = folder_file(*state, "large");
    const uint64_t length = (uint64_t)EVENT_RECORD + 4321;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    unsigned char bytes[64], zeros[4096] = { 0 };
    uint32_t crc = 0;
    for (uint64_t at = 0; at < length;) {
        size_t size = length - at < sizeof zeros ? (size_t)(length - at) : sizeof zeros;
        crc = crc32c(crc, zeros, size);
        at += size;
    }
    put_head(bytes, length);
    assert_int_equal(fwrite(bytes, 1, 12, file), 12);
    assert_int_equal(fseek(file, (long)length, SEEK_CUR), 0);
    put_number(bytes, crc32c_mask(crc), 4);
    assert_int_equal(fwrite(bytes, 1, 4, file), 4);
    size_t size = put_record(bytes, "\x10\x07", 2); // step 7
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    put_head(bytes, UINT64_C(2) << 30);
    assert_int_equal(fwrite(bytes, 1, 12, file), 12);
    assert_int_equal(fflush(file), 0);
    assert_int_equal(ftruncate(fileno(file), INT64_C(2000000000)), 0);
    fclose(file);
    struct event_reader reader;
    event_reader_init(&reader, path);
    assert_true(event_reader_next(&reader));
    assert_int_equal(reader.record_size, 0);
    assert_true(event_reader_next(&reader));
    assert_int_equal(reader.head.step, 7);
    assert_false(event_reader_next(&reader));
    assert_int_equal(reader.end, EVENT_CUT);
    assert_true(reader.record_room < 4096);
    event_reader_finish(&reader);
}

static void says_what_cannot_be_read(void **state) {
    char text[256];
    struct event_reader reader;
    event_reader_init(&reader, folder_file(*state, "nothing"));
    assert_false(event_reader_next(&reader));
    assert_int_equal(reader.end, EVENT_GONE);
    event_reader_describe(&reader, text, sizeof text);
    assert_contains(text, "nothing: 0 records, then No such file");
    event_reader_finish(&reader);
    event_reader_init(&reader, "/dev/null");
    assert_false(event_reader_next(&reader));
    assert_int_equal(reader.end, EVENT_GONE);
    event_reader_finish(&reader);
}

int main(void) {
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_pytorch),
        cmocka_unit_test(reads_tensorflow_2),
        IN_FOLDER(stops_before_a_cut_at_any_byte),
        IN_FOLDER(stops_before_a_flipped_bit_in_any_byte),
        IN_FOLDER(follows_a_growing_file),
        IN_FOLDER(tries_again_what_was_not_there_yet),
        IN_FOLDER(believes_no_length),
        IN_FOLDER(passes_over_what_is_too_large),
        IN_FOLDER(says_what_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
