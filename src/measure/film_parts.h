/*
 * film_parts.h - the film's inside, for its own files: film.c has the snapshots, film_details.c
 * what was looked at closer.
 */
#ifndef MEASURE_FILM_PARTS_H
#define MEASURE_FILM_PARTS_H

#include <pthread.h>

#include "base/pack.h"
#include "measure/chunks.h"
#include "measure/film.h"

#define HEAD_BYTES offsetof(struct snapshot, run)
#define RUN_HEAD_BYTES offsetof(struct run_snapshot, output)
#define BASE_BYTES (HEAD_BYTES + SNAPSHOT_RUNS * RUN_HEAD_BYTES)
#define LARGER(a, b) ((a) > (b) ? (a) : (b))
#define PART_MOST LARGER(LARGER(HEAD_BYTES, RUN_HEAD_BYTES), sizeof(struct layer_stats))

/*
 * A snapshot is a chain of chunks: of each of its parts how many bytes it takes packed, and those.
 * What every snapshot of a run says alike (names, curves, theory) stands before the layers: there
 * the difference from the second snapshot is packed, for the first one alone has a theory.
 */
struct frame {
    int64_t step;
    uint64_t serial;
    int32_t chunk; // the first
    int runs;
    int layers[SNAPSHOT_RUNS];
    bool based;      // heads are differences from base
    bool gradients;  // d loss / d h was measured
    uint8_t details; // of its step
};

/* What one look at one step saw. Of each step there is one of a kind at most. */
struct film_detail {
    int64_t step;
    uint64_t serial;
    int32_t chunk, chunks; // the first, and how many
    enum look_kind kind;
    int layer, unit, units; // LOOK_LAYER: of the network that has more units
};

enum { FILM_DETAILS = 1024 };

struct film {
    size_t budget;
    pthread_mutex_t lock; // for frames, details, their counts and base, which the writer changes
    struct chunks chunks;
    uint64_t serial; // of the newest frame or detail; writer only
    int64_t added;   // steps since the reset; writer only
    int64_t newest;  // step tried last, -1: none; writer only
    bool retakes;    // that step is wanted again; writer only
    int count;       // frames
    struct frame frames[FILM_FRAMES];
    int detail_count;
    struct film_detail details[FILM_DETAILS]; // steps rise
    int32_t detail_chunks;                    // of details, also of one under way; writer only
    unsigned char base[BASE_BYTES];
    unsigned char written[PACK_MOST(PART_MOST)], read[PACK_MOST(PART_MOST)]; // by writer, by reader
};

/* film.c */

/* Pack at most PART_MOST bytes behind a place. False: there is no room. */
bool film_write(struct film *film, struct chunk_place *place, const void *from, const void *base,
                size_t size, chunk_source *more);
void film_read(struct film *film, struct chunk_place *place, const void *base, size_t size,
               void *to);

/* A chunk of the film context for the step tried last, however many must be given up for it. */
int32_t film_chunk(void *context);

/* The frame of exactly that step; NULL: there is none. */
struct frame *film_frame_of(struct film *film, int64_t step);

/* film_details.c */

/* The detail of a step that was looked at so; NULL: there is none. */
const struct film_detail *film_details_find(const struct film *film, int64_t step,
                                            const struct look *look);

void film_details_read(struct film *film, const struct film_detail *detail,
                       struct snapshot *snapshot);

/* Give up the one that is missed least. False: there is none. */
bool film_details_give_up(struct film *film);

/* Give up those of a step. */
void film_details_drop(struct film *film, int64_t step);

#endif
