#include "measure/film.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/pack.h"
#include "base/require.h"

enum { CHUNK = 2048, NO_CHUNK = -1 };

#define HEAD_BYTES offsetof(struct snapshot, run)
#define RUN_HEAD_BYTES offsetof(struct run_snapshot, output)
#define BASE_BYTES (HEAD_BYTES + SNAPSHOT_RUNS * RUN_HEAD_BYTES)
#define LARGER(a, b) ((a) > (b) ? (a) : (b))
#define PART_MOST PACK_MOST(LARGER(LARGER(HEAD_BYTES, RUN_HEAD_BYTES), sizeof(struct layer_stats)))

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
    bool based; // heads are differences from base
};

struct film {
    size_t budget;
    pthread_mutex_t lock; // for frames, count and base, which the writer alone changes
    unsigned char *chunks;
    int32_t *next; // chunk behind a chunk; writer only, but for those of frames
    int32_t chunk_count;
    int32_t fresh;      // chunks from here on were never used; writer only
    int32_t free;       // first of a chain of chunks that were; writer only
    atomic_size_t used; // chunks that hold something
    uint64_t serial;    // of the newest frame; writer only
    int64_t added;      // since the reset; writer only
    int64_t newest;     // step tried last, -1: none; writer only
    int count;          // frames
    struct frame frames[FILM_FRAMES];
    unsigned char base[BASE_BYTES];
    unsigned char written[PART_MOST], read[PART_MOST]; // of the writer, of the reader
};

struct film *film_create(size_t budget) {
    REQUIRE(budget >= FILM_LEAST);
    struct film *film = calloc(1, sizeof *film);
    size_t chunks = (budget - sizeof *film) / (CHUNK + sizeof *film->next);
    // malloc of this size reserves addresses; pages are used only as snapshots arrive.
    unsigned char *memory = malloc(chunks * CHUNK);
    int32_t *next = malloc(chunks * sizeof *next);
    if (!film || !memory || !next) {
        free(film);
        free(memory);
        free(next);
        return NULL;
    }
    film->budget = budget;
    film->chunks = memory;
    film->next = next;
    film->chunk_count = (int32_t)chunks;
    film->free = NO_CHUNK;
    film->newest = -1;
    pthread_mutex_init(&film->lock, NULL);
    return film;
}

void film_destroy(struct film *film) {
    if (film) {
        pthread_mutex_destroy(&film->lock);
        free(film->chunks);
        free(film->next);
        free(film);
    }
}

void film_reset(struct film *film) {
    pthread_mutex_lock(&film->lock);
    film->count = 0;
    memset(film->base, 0, sizeof film->base);
    pthread_mutex_unlock(&film->lock);
    film->added = 0;
    film->newest = -1;
    film->fresh = 0;
    film->free = NO_CHUNK;
    atomic_store(&film->used, 0);
}

size_t film_bytes(struct film *film) {
    return sizeof *film + atomic_load(&film->used) * (CHUNK + sizeof *film->next);
}

size_t film_budget(const struct film *film) {
    return film->budget;
}

/* Where a part's base is; NULL for layers. */
static unsigned char *base_of(struct film *film, struct snapshot_part part) {
    if (part.offset < HEAD_BYTES) {
        return film->base;
    }
    size_t run = (part.offset - HEAD_BYTES) / sizeof(struct run_snapshot);
    size_t inside = (part.offset - HEAD_BYTES) % sizeof(struct run_snapshot);
    return inside == 0 ? film->base + HEAD_BYTES + run * RUN_HEAD_BYTES : NULL;
}

/* Put the chain of chunks that begins with one to the free ones. */
static void release(struct film *film, int32_t first) {
    for (int32_t next, chunk = first; chunk != NO_CHUNK; chunk = next) {
        next = film->next[chunk];
        film->next[chunk] = film->free;
        film->free = chunk;
        atomic_fetch_sub(&film->used, 1);
    }
}

/* Give up the frame that is missed least, before one of `step` is added. False: all must stay. */
static bool give_up(struct film *film, int64_t step) {
    int least = -1;
    double least_ratio = 0.0;
    for (int i = 1; i < film->count; i++) {
        int64_t behind = i + 1 < film->count ? film->frames[i + 1].step : step;
        double ratio = (double)(behind + 1) / (double)(film->frames[i - 1].step + 1);
        if (film->frames[i].step > FILM_KEPT && (least < 0 || ratio < least_ratio)) {
            least = i;
            least_ratio = ratio;
        }
    }
    if (least < 0) {
        return false;
    }
    int32_t chunk = film->frames[least].chunk;
    pthread_mutex_lock(&film->lock);
    film->count--;
    memmove(film->frames + least, film->frames + least + 1,
            (size_t)(film->count - least) * sizeof film->frames[0]);
    pthread_mutex_unlock(&film->lock);
    release(film, chunk);
    return true;
}

/* A chunk for a frame of that step; NO_CHUNK when there is none to be had. */
static int32_t take_chunk(struct film *film, int64_t step) {
    int32_t chunk = film->free;
    if (chunk == NO_CHUNK && film->fresh < film->chunk_count) {
        chunk = film->fresh++;
    } else if (chunk == NO_CHUNK) {
        if (!give_up(film, step)) {
            return NO_CHUNK;
        }
        chunk = film->free;
        film->free = film->next[chunk];
    } else {
        film->free = film->next[chunk];
    }
    film->next[chunk] = NO_CHUNK;
    atomic_fetch_add(&film->used, 1);
    return chunk;
}

/* A place in a chain of chunks. */
struct place {
    int32_t chunk;
    size_t at; // in it
};

static bool write_bytes(struct film *film, struct place *place, int64_t step, const void *bytes,
                        size_t size) {
    const unsigned char *from = bytes;
    while (size > 0) {
        if (place->at == CHUNK) {
            int32_t chunk = take_chunk(film, step);
            if (chunk == NO_CHUNK) {
                return false;
            }
            film->next[place->chunk] = chunk;
            *place = (struct place){ chunk, 0 };
        }
        size_t part = CHUNK - place->at < size ? CHUNK - place->at : size;
        memcpy(film->chunks + (size_t)place->chunk * CHUNK + place->at, from, part);
        place->at += part;
        from += part;
        size -= part;
    }
    return true;
}

/* to may be NULL, to pass over them. */
static void read_bytes(const struct film *film, struct place *place, void *to, size_t size) {
    unsigned char *bytes = to;
    while (size > 0) {
        if (place->at == CHUNK) {
            *place = (struct place){ film->next[place->chunk], 0 };
        }
        size_t part = CHUNK - place->at < size ? CHUNK - place->at : size;
        if (bytes) {
            memcpy(bytes, film->chunks + (size_t)place->chunk * CHUNK + place->at, part);
            bytes += part;
        }
        place->at += part;
        size -= part;
    }
}

static bool write_parts(struct film *film, const struct frame *frame,
                        const struct snapshot *snapshot) {
    struct snapshot_part parts[SNAPSHOT_PARTS];
    struct place place = { frame->chunk, 0 };
    int count = snapshot_parts(snapshot, parts);
    for (int i = 0; i < count; i++) {
        const void *base = frame->based ? base_of(film, parts[i]) : NULL;
        const unsigned char *from = (const unsigned char *)snapshot + parts[i].offset;
        uint32_t size = (uint32_t)pack(from, base, parts[i].size, film->written);
        if (!write_bytes(film, &place, frame->step, &size, sizeof size) ||
            !write_bytes(film, &place, frame->step, film->written, size)) {
            return false;
        }
    }
    return true;
}

/* From now on differences from this snapshot are packed. */
static void set_base(struct film *film, const struct snapshot *snapshot) {
    struct snapshot_part parts[SNAPSHOT_PARTS];
    int count = snapshot_parts(snapshot, parts);
    for (int i = 0; i < count; i++) {
        unsigned char *base = base_of(film, parts[i]);
        if (base) {
            memcpy(base, (const unsigned char *)snapshot + parts[i].offset, parts[i].size);
        }
    }
}

bool film_wants(const struct film *film, int64_t step) {
    int64_t newest = film->newest;
    return step > newest && (newest < FILM_KEPT || step > newest + newest / FILM_PART);
}

bool film_add(struct film *film, const struct snapshot *snapshot) {
    if (snapshot->step <= film->newest) {
        return false;
    }
    film->newest = snapshot->step;
    if (film->count == FILM_FRAMES) {
        give_up(film, snapshot->step);
    }
    struct frame frame = { .step = snapshot->step,
                           .serial = ++film->serial,
                           .chunk = take_chunk(film, snapshot->step),
                           .runs = snapshot->runs,
                           .based = film->added >= 2 };
    for (int r = 0; r < snapshot->runs; r++) {
        frame.layers[r] = snapshot->run[r].layers;
    }
    if (frame.chunk == NO_CHUNK || !write_parts(film, &frame, snapshot)) {
        release(film, frame.chunk);
        return false;
    }
    pthread_mutex_lock(&film->lock);
    if (film->added == 1) {
        set_base(film, snapshot);
    }
    film->added++;
    film->frames[film->count++] = frame;
    pthread_mutex_unlock(&film->lock);
    return true;
}

/* The newest frame at or before a step, else the first; there is one. */
static const struct frame *frame_at(const struct film *film, int64_t step) {
    int low = 0, high = film->count - 1;
    while (low < high) {
        int middle = (low + high + 1) / 2;
        if (film->frames[middle].step <= step) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return &film->frames[low];
}

static void read_part(struct film *film, struct place *place, const struct frame *frame,
                      struct snapshot_part part, void *to) {
    uint32_t size;
    read_bytes(film, place, &size, sizeof size);
    read_bytes(film, place, film->read, size);
    unpack(film->read, frame->based ? base_of(film, part) : NULL, part.size, to);
}

static void pass_parts(const struct film *film, struct place *place, int count) {
    for (int i = 0; i < count; i++) {
        uint32_t size;
        read_bytes(film, place, &size, sizeof size);
        read_bytes(film, place, NULL, size);
    }
}

static void read_frame(struct film *film, const struct frame *frame, struct snapshot *snapshot) {
    struct snapshot_part parts[SNAPSHOT_PARTS];
    struct place place = { frame->chunk, 0 };
    snapshot->runs = frame->runs; // the parts follow from these
    for (int r = 0; r < frame->runs; r++) {
        snapshot->run[r].layers = frame->layers[r];
    }
    int count = snapshot_parts(snapshot, parts);
    for (int i = 0; i < count; i++) {
        read_part(film, &place, frame, parts[i], (unsigned char *)snapshot + parts[i].offset);
    }
}

bool film_at(struct film *film, int64_t step, struct film_frame *frame) {
    pthread_mutex_lock(&film->lock);
    bool some = film->count > 0;
    if (some) {
        const struct frame *found = frame_at(film, step);
        if (found->serial != frame->serial) {
            read_frame(film, found, &frame->snapshot);
            frame->serial = found->serial;
        }
    }
    pthread_mutex_unlock(&film->lock);
    return some;
}

bool film_span(struct film *film, int64_t *first, int64_t *last) {
    pthread_mutex_lock(&film->lock);
    bool some = film->count > 0;
    if (some) {
        *first = film->frames[0].step;
        *last = film->frames[film->count - 1].step;
    }
    pthread_mutex_unlock(&film->lock);
    return some;
}

/* One layer of each run that is as deep, as ridge number `index`. */
static void read_layer(struct film *film, const struct frame *frame, struct film_ridges *ridges,
                       int index) {
    const struct snapshot_part part = { HEAD_BYTES + offsetof(struct run_snapshot, layer),
                                        sizeof(struct layer_stats) };
    struct place place = { frame->chunk, 0 };
    pass_parts(film, &place, 1);
    for (int r = 0; r < frame->runs; r++) {
        bool there = ridges->there[r][index] = ridges->layer <= frame->layers[r];
        int behind = frame->layers[r];
        pass_parts(film, &place, 2);
        if (there) {
            pass_parts(film, &place, ridges->layer - 1);
            read_part(film, &place, frame, part, &ridges->stats[r][index]);
            behind -= ridges->layer;
        }
        pass_parts(film, &place, r + 1 < frame->runs ? behind : 0);
    }
}

void film_layer(struct film *film, int layer, const int64_t *steps, int count,
                struct film_ridges *ridges) {
    REQUIRE(layer >= 1 && count <= FILM_RIDGES);
    ridges->count = 0;
    ridges->layer = layer;
    memset(ridges->there, 0, sizeof ridges->there);
    pthread_mutex_lock(&film->lock);
    for (int i = 0; i < count && film->count > 0; i++) {
        const struct frame *frame = frame_at(film, steps[i]);
        if (ridges->count == 0 || frame->step > ridges->step[ridges->count - 1]) {
            ridges->step[ridges->count] = frame->step;
            read_layer(film, frame, ridges, ridges->count);
            ridges->count++;
        }
    }
    pthread_mutex_unlock(&film->lock);
}
