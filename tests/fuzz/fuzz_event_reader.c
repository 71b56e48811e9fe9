/*
 * Bytes as an event file, as the data of one of its records, and as such a record with the right
 * checksums; what comes out is taken as far as the screen takes it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/require.h"
#include "data/event_reader.h"
#include "data/events.h"
#include "fuzz.h"
#include "lab/follow_tags.h"
#include "measure/rebin.h"

enum { NAME = 32 };

/* Counts that do not add up end the run: they would be a lie on the screen. */
static void take_histogram(const struct event_histogram *histogram) {
    struct moments moments;
    struct histogram bins;
    struct log_histogram magnitudes;
    rebin_moments(&moments, histogram->bucket, histogram->buckets);
    histogram_fit(&bins, moments.min, moments.max, moments.mean, moments.sd);
    rebin(&bins, histogram->bucket, histogram->buckets);
    rebin_log(&magnitudes, histogram->bucket, histogram->buckets);
    uint64_t sum = bins.below + bins.above + bins.near_zero;
    for (int i = 0; i < HISTOGRAM_BINS; i++) {
        sum += bins.counts[i];
    }
    REQUIRE(sum == bins.n);
    sum = magnitudes.zero + magnitudes.near_zero;
    for (int i = 0; i < LOG_HISTOGRAM_BINS; i++) {
        sum += magnitudes.counts[i];
    }
    REQUIRE(sum == magnitudes.n && magnitudes.n == bins.n);
}

static void take(void *context, const struct event_value *value) {
    const struct follow_patterns *patterns = context;
    char name[NAME];
    REQUIRE(strlen(value->tag) < EVENT_TAG);
    follow_kind_of(patterns, value->tag, value->is_histogram, name, sizeof name);
    for (int i = 0; value->is_histogram && i < value->histogram.buckets; i++) {
        const struct bucket *bucket = &value->histogram.bucket[i];
        REQUIRE(bucket->low <= bucket->high && bucket->count > 0.0);
    }
    if (value->is_histogram) {
        take_histogram(&value->histogram);
    }
}

static void read_file(const unsigned char *bytes, size_t size, struct follow_patterns *patterns) {
    char path[64], text[256];
    int file = memfd_create("events", MFD_CLOEXEC);
    REQUIRE(file >= 0 && write(file, bytes, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    struct event_reader reader;
    event_reader_init(&reader, path);
    while (event_reader_next(&reader)) {
        event_reader_values(&reader, take, patterns);
    }
    REQUIRE(reader.position <= size && reader.end != EVENT_MORE && reader.end != EVENT_GONE);
    event_reader_describe(&reader, text, sizeof text);
    event_reader_finish(&reader);
    close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct follow_patterns patterns;
    struct event_scratch scratch = { .bucket = NULL };
    struct event_head head;
    follow_patterns_init(&patterns);
    event_head_read(bytes, size, &head);
    event_values_read(bytes, size, &scratch, take, &patterns);
    event_scratch_finish(&scratch);
    read_file(bytes, size, &patterns);
    unsigned char *record = malloc(size + 16);
    REQUIRE(record);
    read_file(record, put_record(record, bytes, size), &patterns);
    free(record);
    return 0;
}
