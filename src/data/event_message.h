/*
 * event_message.h - what the data of one record of an event file say (tensorflow/core/util/
 * event.proto, tensorflow/core/framework/summary.proto, histogram.proto and tensor.proto).
 *
 * Scalars come as simple_value or as a tensor of one number; histograms as HistogramProto or as a
 * tensor of the shape [k, 3], whose rows are left edge, right edge and count. All else (graphs,
 * pictures, text, other plugins) is passed over. Nothing is believed that the bytes do not hold.
 */
#ifndef DATA_EVENT_MESSAGE_H
#define DATA_EVENT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bucket.h"

enum { EVENT_TAG = 256, EVENT_BUCKETS = 65536 };

struct event_histogram {
    bool summed; // these five were logged; else they are not known
    double min, max, n, sum, squares;
    const struct bucket *bucket; // rising, counts above 0; borrowed until the next value
    int buckets;
};

struct event_value {
    const char *tag; // borrowed until the next value; UTF-8 as it came, without control characters
    bool is_histogram;
    double scalar; // else
    struct event_histogram histogram;
};

/* What belongs to the whole event. */
struct event_head {
    double wall_time; // seconds since 1970
    int64_t step;
};

/* Room that the decoder needs; zeroed at first. */
struct event_scratch {
    struct bucket *bucket;
    int bucket_room;
    double *number[2]; // limits and counts, or a tensor's numbers
    int number_room[2];
    bool starved; // memory ran out for it
};

void event_scratch_finish(struct event_scratch *scratch); // accepts a zeroed one

/* false: the bytes are no message. What the message does not say is 0. */
bool event_head_read(const void *bytes, size_t size, struct event_head *head);

typedef bool event_wants(void *context, const char *tag); // tag as in struct event_value

/* Is there a value whose tag is wanted? No more is looked at than tags; all of them. */
bool event_tags_wanted(const void *bytes, size_t size, event_wants *wants, void *context);

typedef void event_take(void *context, const struct event_value *value);

/*
 * Hand every scalar and histogram to take, in their order. Returns how many values there were that
 * should be one but make no sense (a histogram whose edges fall, say); these are left out. So is
 * what memory runs out for, which scratch->starved tells.
 */
int64_t event_values_read(const void *bytes, size_t size, struct event_scratch *scratch,
                          event_take *take, void *context);

#endif
