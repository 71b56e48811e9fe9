#include "data/event_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "base/text.h"

enum { HEAD = 12, TAIL = 4, PIECE = 1 << 16 };

void event_reader_init(struct event_reader *reader, const char *path) {
    *reader = (struct event_reader){ .file = -1 };
    text_set(reader->path, sizeof reader->path, "%s", path);
}

static void close_file(struct event_reader *reader) {
    if (reader->file >= 0) {
        close(reader->file);
    }
    reader->file = -1;
}

void event_reader_finish(struct event_reader *reader) {
    close_file(reader);
    free(reader->record);
    event_scratch_finish(&reader->scratch);
    *reader = (struct event_reader){ .file = -1 };
}

void event_reader_rewind(struct event_reader *reader) {
    close_file(reader);
    reader->position = reader->size = 0;
    reader->records = reader->nonsense = 0;
    reader->end = EVENT_MORE;
}

static uint64_t number_at(const unsigned char *bytes, int size) {
    uint64_t number = 0;
    for (int i = 0; i < size; i++) {
        number |= (uint64_t)bytes[i] << 8 * i;
    }
    return number;
}

/* Always false. */
static bool stop(struct event_reader *reader, enum event_end end, int reason) {
    reader->end = end;
    reader->reason = reason;
    close_file(reader);
    return false;
}

/* Is there something that was not there when the reader stopped? The file is open then. */
static bool open_file(struct event_reader *reader) {
    struct stat info;
    if (reader->file >= 0) {
        return true;
    }
    // stat() first: to open a pipe would wait for its writer
    if (stat(reader->path, &info) != 0) {
        return stop(reader, EVENT_GONE, errno);
    }
    if (!S_ISREG(info.st_mode)) {
        return stop(reader, EVENT_GONE, EINVAL);
    }
    uint64_t size = (uint64_t)info.st_size;
    if (size < reader->position) {
        reader->size = size;
        return stop(reader, EVENT_GONE, 0);
    }
    if (reader->end != EVENT_MORE && size == reader->size) {
        return false;
    }
    reader->file = open(reader->path, O_RDONLY | O_CLOEXEC);
    reader->size = size;
    return reader->file >= 0 || stop(reader, EVENT_GONE, errno);
}

static bool read_at(struct event_reader *reader, uint64_t position, void *bytes, size_t size) {
    unsigned char *to = bytes;
    while (size > 0) {
        ssize_t got = pread(reader->file, to, size, (off_t)position);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return stop(reader, EVENT_GONE, got < 0 ? errno : 0);
        }
        to += got;
        position += (uint64_t)got;
        size -= (size_t)got;
    }
    return true;
}

/* Room for data that are known to be in the file. */
static bool reserve(struct event_reader *reader, size_t size) {
    if (size > reader->record_room) {
        unsigned char *larger = realloc(reader->record, size);
        if (!larger) {
            return stop(reader, EVENT_GONE, ENOMEM);
        }
        reader->record = larger;
        reader->record_room = size;
    }
    return true;
}

/* The data of a record, checked and, unless there are too many, kept. */
static bool read_data(struct event_reader *reader, uint64_t position, uint64_t length) {
    bool keeps = length <= EVENT_RECORD;
    unsigned char piece[PIECE], tail[TAIL];
    uint32_t crc = 0;
    reader->record_size = keeps ? (size_t)length : 0;
    if (!reserve(reader, reader->record_size)) {
        return false;
    }
    for (uint64_t at = 0; at < length;) {
        size_t size = length - at < PIECE ? (size_t)(length - at) : PIECE;
        unsigned char *to = keeps ? reader->record + at : piece;
        if (!read_at(reader, position + at, to, size)) {
            return false;
        }
        crc = crc32c(crc, to, size);
        at += size;
    }
    if (!read_at(reader, position + length, tail, TAIL)) {
        return false;
    }
    return number_at(tail, TAIL) == crc32c_mask(crc) || stop(reader, EVENT_DAMAGED, 0);
}

bool event_reader_next(struct event_reader *reader) {
    unsigned char head[HEAD];
    if (!open_file(reader)) {
        return false;
    }
    uint64_t left = reader->size - reader->position;
    if (left < HEAD) {
        return stop(reader, left == 0 ? EVENT_WHOLE : EVENT_CUT, 0);
    }
    if (!read_at(reader, reader->position, head, HEAD)) {
        return false;
    }
    if (number_at(head + 8, 4) != crc32c_mask(crc32c(0, head, 8))) {
        return stop(reader, EVENT_DAMAGED, 0);
    }
    uint64_t length = number_at(head, 8);
    if (left - HEAD < TAIL || length > left - HEAD - TAIL) {
        return stop(reader, EVENT_CUT, 0);
    }
    if (!read_data(reader, reader->position + HEAD, length)) {
        return false;
    }
    reader->position += HEAD + length + TAIL;
    reader->records++;
    reader->end = EVENT_MORE;
    if (!event_head_read(reader->record, reader->record_size, &reader->head)) {
        reader->record_size = 0;
        reader->nonsense++;
    }
    return true;
}

bool event_reader_wants(const struct event_reader *reader, event_wants *wants, void *context) {
    return event_tags_wanted(reader->record, reader->record_size, wants, context);
}

void event_reader_values(struct event_reader *reader, event_take *take, void *context) {
    int64_t left_out =
        event_values_read(reader->record, reader->record_size, &reader->scratch, take, context);
    reader->nonsense += reader->scratch.starved ? 0 : left_out;
}

bool event_reader_starved(const struct event_reader *reader) {
    return reader->scratch.starved || (reader->end == EVENT_GONE && reader->reason == ENOMEM);
}

void event_reader_describe(const struct event_reader *reader, char *text, size_t size) {
    char name[64], records[32];
    text_tail(name, sizeof name, reader->path);
    text_grouped(records, sizeof records, (uint64_t)reader->records);
    text_set(text, size, "%s: %s record%s", name, records, reader->records == 1 ? "" : "s");
    switch (reader->end) {
    case EVENT_MORE:
    case EVENT_WHOLE:
        break;
    case EVENT_CUT:
        text_append(text, size, ", then the file is cut at byte %llu",
                    (unsigned long long)reader->size);
        break;
    case EVENT_DAMAGED:
        text_append(text, size, ", then it is damaged: a checksum is wrong at byte %llu",
                    (unsigned long long)reader->position);
        break;
    case EVENT_GONE:
        text_append(text, size, ", then %s",
                    reader->reason == ENOMEM ? "memory ran out"
                    : reader->reason         ? strerror(reader->reason)
                                             : "the file became shorter");
    }
    if (reader->scratch.starved) {
        text_append(text, size, "; values left out for which memory ran out");
    }
    if (reader->nonsense > 0) {
        text_append(text, size, "; %lld value%s left out that make no sense",
                    (long long)reader->nonsense, reader->nonsense == 1 ? "" : "s");
    }
}
