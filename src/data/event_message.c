#include "data/event_message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/message.h"

/* Numbers of the fields of the messages, and of the types of a tensor. */
enum { EVENT_WALL_TIME = 1, EVENT_STEP = 2, EVENT_SUMMARY = 5 };
enum { SUMMARY_VALUE = 1 };
enum { VALUE_TAG = 1, VALUE_SIMPLE = 2, VALUE_HISTOGRAM = 5, VALUE_TENSOR = 8 };
enum { VALUE_METADATA = 9, METADATA_PLUGIN = 1, PLUGIN_NAME = 1 };
enum { HISTOGRAM_MIN = 1, HISTOGRAM_SQUARES = 5, HISTOGRAM_LIMIT, HISTOGRAM_BUCKET };
enum { TENSOR_TYPE = 1, TENSOR_SHAPE = 2, TENSOR_CONTENT = 4, TENSOR_FLOATS = 5 };
enum { TENSOR_DOUBLES = 6, SHAPE_DIMENSION = 2, DIMENSION_SIZE = 1 };
enum { TYPE_FLOAT = 1, TYPE_DOUBLE = 2 };

bool event_head_read(const void *bytes, size_t size, struct event_head *head) {
    struct message event = message_of(bytes, size);
    struct field field;
    *head = (struct event_head){ 0 };
    while (message_next(&event, &field)) {
        if (field_is(&field, EVENT_WALL_TIME, WIRE_FIXED64)) {
            head->wall_time = message_double(field.bits);
        } else if (field_is(&field, EVENT_STEP, WIRE_VARINT)) {
            head->step = (int64_t)field.bits;
        }
    }
    return !event.broken;
}

void event_scratch_finish(struct event_scratch *scratch) {
    free(scratch->bucket);
    free(scratch->number[0]);
    free(scratch->number[1]);
    *scratch = (struct event_scratch){ 0 };
}

/* Room for count things of a size, never more than a record's bytes can fill; NULL: no memory. */
static void *grown(void *room, int *rooms, int count, size_t size, bool *starved) {
    if (room && count <= *rooms) {
        return room;
    }
    int wanted = 2 * count + 64;
    void *larger = realloc(room, (size_t)wanted * size);
    *rooms = larger ? wanted : *rooms;
    *starved = *starved || !larger;
    return larger;
}

static bool reserve_numbers(struct event_scratch *scratch, int list, int count) {
    double *room = grown(scratch->number[list], &scratch->number_room[list], count, sizeof *room,
                         &scratch->starved);
    scratch->number[list] = room ? room : scratch->number[list];
    return room != NULL;
}

static bool reserve_buckets(struct event_scratch *scratch, int count) {
    struct bucket *room =
        grown(scratch->bucket, &scratch->bucket_room, count, sizeof *room, &scratch->starved);
    scratch->bucket = room ? room : scratch->bucket;
    return room != NULL;
}

/* Append the numbers of a repeated field, packed or one by one; count -1: there are too many. */
static void take_numbers(struct event_scratch *scratch, int list, const struct field *field,
                         size_t size, int *count) {
    struct message numbers = field->inside;
    size_t more = field->wire == WIRE_BYTES ? message_left(&numbers) / size : 1;
    if (*count < 0 || more > (size_t)(3 * EVENT_BUCKETS - *count) ||
        !reserve_numbers(scratch, list, *count + (int)more)) {
        *count = -1;
        return;
    }
    for (size_t i = 0; i < more; i++) {
        uint64_t bits = field->wire == WIRE_BYTES ? message_fixed(&numbers, size) : field->bits;
        scratch->number[list][(*count)++] = size == 8 ? message_double(bits) : message_float(bits);
    }
}

/* One bucket more, unless it is empty; half a value is none. false: it makes no sense. */
static bool add_bucket(struct event_scratch *scratch, int *buckets, struct bucket bucket) {
    if (!(bucket.count >= 0.0) || !isfinite(bucket.count) || !(bucket.low <= bucket.high)) {
        return false;
    }
    bucket.count = round(bucket.count);
    if (bucket.count > 0.0) {
        scratch->bucket[(*buckets)++] = bucket;
    }
    return true;
}

/*
 * From the limits and counts of a HistogramProto. The first bucket begins at min, and min and max
 * are within the first and the last one that is not empty.
 */
static bool limits_to_buckets(struct event_scratch *scratch, int count,
                              struct event_histogram *histogram) {
    const double *limit = scratch->number[0], *counts = scratch->number[1];
    bool ends = histogram->min <= histogram->max;
    if (!reserve_buckets(scratch, count)) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        double low = i > 0 ? limit[i - 1] : fmin(ends ? histogram->min : limit[0], limit[0]);
        double high = limit[i];
        if (!(low <= high)) {
            return false;
        }
        if (ends) {
            low = fmin(fmax(low, histogram->min), histogram->max);
            high = fmin(fmax(high, histogram->min), histogram->max);
        }
        if (!add_bucket(scratch, &histogram->buckets, (struct bucket){ low, high, counts[i] })) {
            return false;
        }
    }
    histogram->bucket = scratch->bucket;
    return true;
}

static bool read_histogram(struct message message, struct event_scratch *scratch,
                           struct event_histogram *histogram) {
    double *const numbers[] = { &histogram->min, &histogram->max, &histogram->n, &histogram->sum,
                                &histogram->squares };
    int limits = 0, counts = 0;
    struct field field;
    *histogram = (struct event_histogram){ .summed = true };
    while (message_next(&message, &field)) {
        bool number = field.wire == WIRE_FIXED64 || field.wire == WIRE_BYTES;
        if (field.number >= HISTOGRAM_MIN && field.number <= HISTOGRAM_SQUARES &&
            field.wire == WIRE_FIXED64) {
            *numbers[field.number - HISTOGRAM_MIN] = message_double(field.bits);
        } else if (number && field.number == HISTOGRAM_LIMIT) {
            take_numbers(scratch, 0, &field, 8, &limits);
        } else if (number && field.number == HISTOGRAM_BUCKET) {
            take_numbers(scratch, 1, &field, 8, &counts);
        }
    }
    return !message.broken && limits == counts && limits >= 0 && limits <= EVENT_BUCKETS &&
           histogram->n >= 0.0 && limits_to_buckets(scratch, limits, histogram);
}

/* A tensor of floats or doubles, of which scratch->number[0] holds `numbers`. */
struct tensor {
    int type;
    int dimensions;
    int64_t size[2]; // of the first two
    int numbers;     // below 0: more than anything of ours has
};

static void read_shape(struct message shape, struct tensor *tensor) {
    struct field dimension, size;
    while (message_next(&shape, &dimension)) {
        if (!field_is(&dimension, SHAPE_DIMENSION, WIRE_BYTES)) {
            continue;
        }
        int64_t extent = 0;
        while (message_next(&dimension.inside, &size)) {
            if (field_is(&size, DIMENSION_SIZE, WIRE_VARINT)) {
                extent = (int64_t)size.bits;
            }
        }
        if (tensor->dimensions < 2) {
            tensor->size[tensor->dimensions] = extent;
        }
        tensor->dimensions += tensor->dimensions < 3;
    }
}

static bool read_tensor(struct message message, struct event_scratch *scratch,
                        struct tensor *tensor) {
    struct field field, content = { .number = 0 };
    *tensor = (struct tensor){ .type = 0 };
    while (message_next(&message, &field)) {
        bool floats = field.wire == WIRE_BYTES || field.wire == WIRE_FIXED32;
        bool doubles = field.wire == WIRE_BYTES || field.wire == WIRE_FIXED64;
        if (field_is(&field, TENSOR_TYPE, WIRE_VARINT)) {
            tensor->type = (int)(field.bits & 0xFF);
        } else if (field_is(&field, TENSOR_SHAPE, WIRE_BYTES)) {
            read_shape(field.inside, tensor);
        } else if (field_is(&field, TENSOR_CONTENT, WIRE_BYTES)) {
            content = field;
        } else if (field.number == TENSOR_FLOATS && floats) {
            take_numbers(scratch, 0, &field, 4, &tensor->numbers);
        } else if (field.number == TENSOR_DOUBLES && doubles) {
            take_numbers(scratch, 0, &field, 8, &tensor->numbers);
        }
    }
    bool ours = tensor->type == TYPE_FLOAT || tensor->type == TYPE_DOUBLE;
    if (ours && content.number && message_left(&content.inside) > 0) {
        tensor->numbers = 0;
        take_numbers(scratch, 0, &content, tensor->type == TYPE_FLOAT ? 4 : 8, &tensor->numbers);
    }
    return !message.broken && ours;
}

/* Number i of a tensor; those that are left out at its end are as the last one. */
static double number_at(const struct event_scratch *scratch, const struct tensor *tensor, int i) {
    return scratch->number[0][i < tensor->numbers ? i : tensor->numbers - 1];
}

static bool rows_to_buckets(struct event_scratch *scratch, const struct tensor *tensor,
                            struct event_histogram *histogram) {
    int64_t rows = tensor->size[0];
    *histogram = (struct event_histogram){ .summed = false };
    if (rows < 0 || rows > EVENT_BUCKETS || tensor->numbers < 0 ||
        (rows > 0 && tensor->numbers == 0) || tensor->numbers > 3 * rows ||
        !reserve_buckets(scratch, (int)rows)) {
        return false;
    }
    for (int i = 0; i < (int)rows; i++) {
        struct bucket bucket = { number_at(scratch, tensor, 3 * i),
                                 number_at(scratch, tensor, 3 * i + 1),
                                 number_at(scratch, tensor, 3 * i + 2) };
        int before = histogram->buckets - 1;
        if (!add_bucket(scratch, &histogram->buckets, bucket) ||
            (before >= 0 && bucket.low < scratch->bucket[before].low)) {
            return false;
        }
    }
    histogram->bucket = scratch->bucket;
    return true;
}

/* What a value turns out to be. */
enum finding { FINDING_OTHER, FINDING_VALUE, FINDING_NONSENSE };

static enum finding tensor_to_value(struct message message, struct event_scratch *scratch,
                                    struct event_value *value) {
    struct tensor tensor;
    value->is_histogram = false; // whatever an earlier field of the same value was
    if (!read_tensor(message, scratch, &tensor)) {
        return FINDING_OTHER;
    }
    if (tensor.dimensions == 2 && tensor.size[1] == 3) {
        value->is_histogram = true;
        return rows_to_buckets(scratch, &tensor, &value->histogram) ? FINDING_VALUE
                                                                    : FINDING_NONSENSE;
    }
    bool one = tensor.dimensions == 0 || (tensor.dimensions == 1 && tensor.size[0] == 1);
    if (!one || tensor.numbers != 1) {
        return FINDING_OTHER;
    }
    value->scalar = scratch->number[0][0];
    return FINDING_VALUE;
}

/* Cut at EVENT_TAG: such long ones would fit nowhere. */
static void copy_text(struct message bytes, char *text) {
    size_t length = 0;
    for (; bytes.at < bytes.end && length + 1 < EVENT_TAG; bytes.at++) {
        bool control = *bytes.at < ' ' || *bytes.at == 0x7F;
        text[length++] = control ? '?' : (char)*bytes.at;
    }
    text[length] = '\0';
}

/* Is it one of ours, as far as the metadata say? They need not. */
static bool is_our_plugin(struct message metadata) {
    struct field field, inside;
    char name[EVENT_TAG] = "";
    while (message_next(&metadata, &field)) {
        while (field_is(&field, METADATA_PLUGIN, WIRE_BYTES) &&
               message_next(&field.inside, &inside)) {
            if (field_is(&inside, PLUGIN_NAME, WIRE_BYTES)) {
                copy_text(inside.inside, name);
            }
        }
    }
    return !name[0] || strcmp(name, "scalars") == 0 || strcmp(name, "histograms") == 0;
}

static enum finding read_value(struct message message, struct event_scratch *scratch, char *tag,
                               struct event_value *value) {
    enum finding finding = FINDING_OTHER;
    bool ours = true;
    struct field field;
    *value = (struct event_value){ .tag = tag };
    tag[0] = '\0';
    while (message_next(&message, &field)) {
        if (field_is(&field, VALUE_TAG, WIRE_BYTES)) {
            copy_text(field.inside, tag);
        } else if (field_is(&field, VALUE_METADATA, WIRE_BYTES)) {
            ours = is_our_plugin(field.inside);
        } else if (field_is(&field, VALUE_SIMPLE, WIRE_FIXED32)) {
            value->is_histogram = false;
            value->scalar = message_float(field.bits);
            finding = FINDING_VALUE;
        } else if (field_is(&field, VALUE_HISTOGRAM, WIRE_BYTES)) {
            value->is_histogram = true;
            finding = read_histogram(field.inside, scratch, &value->histogram) ? FINDING_VALUE
                                                                               : FINDING_NONSENSE;
        } else if (field_is(&field, VALUE_TENSOR, WIRE_BYTES)) {
            finding = tensor_to_value(field.inside, scratch, value);
        }
    }
    return message.broken ? FINDING_NONSENSE : ours ? finding : FINDING_OTHER;
}

int64_t event_values_read(const void *bytes, size_t size, struct event_scratch *scratch,
                          event_take *take, void *context) {
    struct message event = message_of(bytes, size);
    struct field summary, field;
    int64_t nonsense = 0;
    while (message_next(&event, &summary)) {
        while (field_is(&summary, EVENT_SUMMARY, WIRE_BYTES) &&
               message_next(&summary.inside, &field)) {
            char tag[EVENT_TAG];
            struct event_value value;
            enum finding finding = field_is(&field, SUMMARY_VALUE, WIRE_BYTES)
                                       ? read_value(field.inside, scratch, tag, &value)
                                       : FINDING_OTHER;
            nonsense += finding == FINDING_NONSENSE;
            if (finding == FINDING_VALUE && value.tag[0]) {
                take(context, &value);
            }
        }
        nonsense += summary.inside.broken;
    }
    return nonsense + event.broken;
}

static bool tag_wanted(struct message value, event_wants *wants, void *context) {
    struct field field;
    char tag[EVENT_TAG] = "";
    while (message_next(&value, &field)) {
        if (field_is(&field, VALUE_TAG, WIRE_BYTES)) {
            copy_text(field.inside, tag);
        }
    }
    return tag[0] && wants(context, tag);
}

bool event_tags_wanted(const void *bytes, size_t size, event_wants *wants, void *context) {
    struct message event = message_of(bytes, size);
    struct field summary, field;
    bool wanted = false;
    while (message_next(&event, &summary)) {
        while (field_is(&summary, EVENT_SUMMARY, WIRE_BYTES) &&
               message_next(&summary.inside, &field)) {
            bool value = field_is(&field, SUMMARY_VALUE, WIRE_BYTES);
            wanted = (value && tag_wanted(field.inside, wants, context)) || wanted;
        }
    }
    return wanted;
}
