#include "export/event_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "base/file.h"
#include "base/text.h"
#include "export/protobuf.h"

/* The fields of the messages in the header. */
enum { EVENT_WALL_TIME = 1, EVENT_STEP = 2, EVENT_FILE_VERSION = 3, EVENT_SUMMARY = 5 };
enum { SUMMARY_VALUE = 1, VALUE_TAG = 1, VALUE_SIMPLE = 2, VALUE_HISTOGRAM = 5 };
enum { HISTOGRAM_MIN = 1, HISTOGRAM_MAX, HISTOGRAM_NUM, HISTOGRAM_SUM, HISTOGRAM_SQUARES };
enum { HISTOGRAM_LIMIT = 6, HISTOGRAM_BUCKET = 7 };

/* What stands around the data of a record. */
enum { HEAD = 12, TAIL = 4 };

static const char mark[] = "tfevents"; // in the name of every event file

struct event_file {
    int descriptor;
    char path[FILE_PATH_MAX];
    struct protobuf event; // the record, with its head
    struct protobuf_message summary;
    size_t last; // bytes of the summary before
    off_t whole; // bytes of the records so far
};

static bool has_event_file(const char *folder) {
    DIR *listing = opendir(folder);
    bool found = false;
    if (listing) {
        const struct dirent *entry;
        while (!found && (entry = readdir(listing))) {
            found = strstr(entry->d_name, mark) != NULL;
        }
        closedir(listing);
    }
    return found;
}

static double wall_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Lowest byte first. */
static void put(unsigned char *bytes, uint64_t value, int size) {
    for (int i = 0; i < size; i++) {
        bytes[i] = (unsigned char)(value >> 8 * i);
    }
}

static void begin_record(struct event_file *file) {
    static const unsigned char head[HEAD] = { 0 }; // known at the end
    protobuf_clear(&file->event);
    protobuf_append(&file->event, head, sizeof head);
    protobuf_double(&file->event, EVENT_WALL_TIME, wall_time());
}

static bool write_whole(int descriptor, const unsigned char *bytes, size_t size) {
    while (size > 0) {
        ssize_t written = write(descriptor, bytes, size);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        bytes += written > 0 ? written : 0;
        size -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

static void say_unwritten(const struct event_file *file, const char *reason, char *problem) {
    char shown[256];
    text_tail(shown, sizeof shown, file->path);
    text_set(problem, FILE_PROBLEM_MAX, "cannot write %s: %s", shown, reason);
}

static bool write_record(struct event_file *file, char *problem) {
    struct protobuf *record = &file->event;
    unsigned char tail[TAIL] = { 0 };
    size_t size = record->size - HEAD;
    if (!record->failed) {
        put(record->bytes, size, 8);
        put(record->bytes + 8, crc32c_mask(crc32c(0, record->bytes, 8)), 4);
        put(tail, crc32c_mask(crc32c(0, record->bytes + HEAD, size)), TAIL);
        protobuf_append(record, tail, TAIL);
    }
    errno = 0;
    if (!record->failed && write_whole(file->descriptor, record->bytes, record->size)) {
        file->whole += (off_t)record->size;
        return true;
    }
    say_unwritten(file, record->failed ? "memory ran out" : strerror(errno), problem);
    if (ftruncate(file->descriptor, file->whole) != 0) {
        text_append(problem, FILE_PROBLEM_MAX, "; its last record is not whole");
    }
    return false;
}

static bool write_version(struct event_file *file, char *problem) {
    begin_record(file);
    protobuf_string(&file->event, EVENT_FILE_VERSION, "brain.Event:2");
    return write_record(file, problem);
}

struct event_file *event_file_create(const char *folder, char *problem) {
    struct event_file *file = calloc(1, sizeof *file);
    char host[64] = "localhost", shown[256];
    if (!file) {
        text_set(problem, FILE_PROBLEM_MAX, "Memory ran out.");
        return NULL;
    }
    file->descriptor = -1;
    text_tail(shown, sizeof shown, folder);
    if (!file_make_folder(folder, problem)) {
        goto fail;
    }
    if (has_event_file(folder)) {
        text_set(problem, FILE_PROBLEM_MAX,
                 "%s holds event files of another run already; name a new folder.", shown);
        goto fail;
    }
    if (gethostname(host, sizeof host - 1) != 0) {
        text_set(host, sizeof host, "localhost");
    }
    text_set(file->path, sizeof file->path, "%s/events.out.%s.%010lld.%s", folder, mark,
             (long long)time(NULL), host);
    file->descriptor = open(file->path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (file->descriptor < 0) {
        text_set(problem, FILE_PROBLEM_MAX, "cannot write in %s: %s", shown, strerror(errno));
        goto fail;
    }
    if (!write_version(file, problem)) {
        remove(file->path);
        goto fail;
    }
    return file;

fail:
    event_file_close(file, NULL);
    return NULL;
}

bool event_file_close(struct event_file *file, char *problem) {
    if (!file) {
        return true;
    }
    bool closed = file->descriptor < 0 || close(file->descriptor) == 0;
    if (!closed && problem) {
        say_unwritten(file, strerror(errno), problem);
    }
    protobuf_finish(&file->event);
    free(file);
    return closed;
}

void event_file_begin(struct event_file *file, int64_t step) {
    begin_record(file);
    protobuf_int64(&file->event, EVENT_STEP, step);
    file->summary = protobuf_begin(&file->event, EVENT_SUMMARY, file->last);
}

bool event_file_end(struct event_file *file, char *problem) {
    file->last = file->event.size - file->summary.start;
    protobuf_end(&file->event, file->summary);
    return write_record(file, problem);
}

void event_file_scalar(struct event_file *file, const char *tag, double value) {
    struct protobuf *event = &file->event;
    struct protobuf_message message =
        protobuf_begin(event, SUMMARY_VALUE, strlen(tag) + sizeof(float));
    protobuf_string(event, VALUE_TAG, tag);
    protobuf_float(event, VALUE_SIMPLE, (float)value);
    protobuf_end(event, message);
}

void event_file_histogram(struct event_file *file, const char *tag,
                          const struct event_summary *histogram) {
    struct protobuf *event = &file->event;
    size_t numbers = (5 + 2 * (size_t)histogram->count) * sizeof(double);
    struct protobuf_message value = protobuf_begin(event, SUMMARY_VALUE, numbers + strlen(tag));
    protobuf_string(event, VALUE_TAG, tag);
    struct protobuf_message histo = protobuf_begin(event, VALUE_HISTOGRAM, numbers);
    protobuf_double(event, HISTOGRAM_MIN, histogram->min);
    protobuf_double(event, HISTOGRAM_MAX, histogram->max);
    protobuf_double(event, HISTOGRAM_NUM, histogram->n);
    protobuf_double(event, HISTOGRAM_SUM, histogram->sum);
    protobuf_double(event, HISTOGRAM_SQUARES, histogram->squares);
    protobuf_doubles(event, HISTOGRAM_LIMIT, histogram->limit, (size_t)histogram->count);
    protobuf_doubles(event, HISTOGRAM_BUCKET, histogram->bucket, (size_t)histogram->count);
    protobuf_end(event, histo);
    protobuf_end(event, value);
}
