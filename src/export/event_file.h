/*
 * event_file.h - write an event file as TensorBoard reads it.
 *
 * A file is a row of records, each the length of its data (8 bytes, lowest first), the masked
 * CRC-32C of these 8 (crc32c.h), the data, the masked CRC-32C of the data. The data are protocol
 * buffers: Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary
 * = 5 }, Summary { repeated Value value = 1 }, Value { string tag = 1; float simple_value = 2;
 * HistogramProto histo = 5 } (tensorflow/core/util/event.proto, .../framework/summary.proto and
 * histogram.proto).
 *
 * Such a file is read while it grows, so it stands under its final name from the start; every time
 * an event was written, and also when a disk runs full, it ends with a whole record. Threads: one.
 */
#ifndef EXPORT_EVENT_FILE_H
#define EXPORT_EVENT_FILE_H

#include <stdbool.h>
#include <stdint.h>

/* A histogram as it is logged. Of its count buckets, i spans limit[i - 1]..limit[i]; the first one
 * begins at min. */
struct event_summary {
    double min, max, n, sum, squares;
    const double *limit, *bucket;
    int count;
};

struct event_file;

/*
 * Begin a file in a folder, which is made where it is absent. One that holds an event file already
 * is refused: its readers would take both for the same run. NULL with a sentence in problem
 * (FILE_PROBLEM_MAX bytes).
 */
struct event_file *event_file_create(const char *folder, char *problem);

/* One event: what is said of a step between begin and end. false: a sentence in problem. */
void event_file_begin(struct event_file *file, int64_t step);
void event_file_scalar(struct event_file *file, const char *tag, double value);
void event_file_histogram(struct event_file *file, const char *tag,
                          const struct event_summary *histogram);
bool event_file_end(struct event_file *file, char *problem);

/* What was written stays. Accepts NULL. false, with a sentence in problem if that is not NULL,
 * where the system says only now that not all of it will. */
bool event_file_close(struct event_file *file, char *problem);

#endif
