/*
 * event_reader.h - read an event file record by record, as far as it is good, while it grows.
 *
 * A record is the length of its data (8 bytes, lowest first), the masked CRC-32C of these 8, the
 * data, the masked CRC-32C of the data (export/event_file.h writes the same). Both checksums are
 * checked. The reader stops behind the last good record: before one that is not all there yet, and
 * tries again when the file has grown; before one whose checksum is wrong, for nothing says where
 * the next one would begin.
 *
 * Memory: one record, and only if it is not larger than the rest of its file and EVENT_RECORD; the
 * data of larger ones (graphs) are checked and passed over. No file is kept open at its end.
 * Threads: one at a time.
 */
#ifndef DATA_EVENT_READER_H
#define DATA_EVENT_READER_H

#include "data/event_message.h"

enum { EVENT_PATH = 4096, EVENT_RECORD = 64 << 20 };

enum event_end {
    EVENT_MORE,    // there may be more to read at once
    EVENT_WHOLE,   // the file ends with a whole record
    EVENT_CUT,     // ... inside of one, which may still grow
    EVENT_DAMAGED, // a checksum is wrong
    EVENT_GONE     // cannot be read any more, or became shorter than it was
};

struct event_reader {
    char path[EVENT_PATH];
    enum event_end end;
    uint64_t position;      // behind the last good record
    uint64_t size;          // of the file when its end was reached
    int64_t records;        // good ones
    int64_t nonsense;       // values in them that make no sense
    int reason;             // errno, of EVENT_GONE; 0: it became shorter
    struct event_head head; // of the record that was read last

    // The rest is the reader's own.
    int file; // descriptor; below 0: not open
    unsigned char *record;
    size_t record_size, record_room;
    struct event_scratch scratch;
};

/* Nothing is opened yet. */
void event_reader_init(struct event_reader *reader, const char *path);
void event_reader_finish(struct event_reader *reader);

/* Back to the first record. */
void event_reader_rewind(struct event_reader *reader);

/*
 * The next record, of which head is filled: false where there is none now, end says why. It may be
 * called again at any time, and looks whether the file has changed.
 */
bool event_reader_next(struct event_reader *reader);

/* Does that record have a value whose tag is wanted? */
bool event_reader_wants(const struct event_reader *reader, event_wants *wants, void *context);

/* The values of that record. */
void event_reader_values(struct event_reader *reader, event_take *take, void *context);

/* Did memory run out, so that something is missing? */
bool event_reader_starved(const struct event_reader *reader);

/* Where and why it stopped, in words: "x: 12 records, then the file is cut at byte 345". */
void event_reader_describe(const struct event_reader *reader, char *text, size_t size);

#endif
