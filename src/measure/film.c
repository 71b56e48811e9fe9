#include "measure/film.h"

#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "measure/film_parts.h"

struct film *film_create(size_t budget) {
    REQUIRE(budget >= FILM_LEAST);
    struct film *film = calloc(1, sizeof *film);
    if (!film || !chunks_init(&film->chunks, budget - sizeof *film)) {
        free(film);
        return NULL;
    }
    film->budget = budget;
    film->newest = -1;
    pthread_mutex_init(&film->lock, NULL);
    return film;
}

void film_destroy(struct film *film) {
    if (film) {
        pthread_mutex_destroy(&film->lock);
        chunks_finish(&film->chunks);
        free(film);
    }
}

void film_reset(struct film *film) {
    pthread_mutex_lock(&film->lock);
    film->count = film->detail_count = 0;
    memset(film->base, 0, sizeof film->base);
    pthread_mutex_unlock(&film->lock);
    film->added = 0;
    film->newest = -1;
    film->retakes = false;
    film->detail_chunks = 0;
    chunks_reset(&film->chunks);
}

size_t film_bytes(struct film *film) {
    return sizeof *film + chunks_bytes(&film->chunks);
}

size_t film_budget(const struct film *film) {
    return film->budget;
}

/* Where a part's base is; NULL for layers. */
static unsigned char *base_of(struct film *film, struct part part) {
    if (part.offset < HEAD_BYTES) {
        return film->base;
    }
    size_t run = (part.offset - HEAD_BYTES) / sizeof(struct run_snapshot);
    size_t inside = (part.offset - HEAD_BYTES) % sizeof(struct run_snapshot);
    return inside == 0 ? film->base + HEAD_BYTES + run * RUN_HEAD_BYTES : NULL;
}

/* Take a frame out. */
static void remove_at(struct film *film, int index) {
    int32_t chunk = film->frames[index].chunk;
    pthread_mutex_lock(&film->lock);
    film->count--;
    memmove(film->frames + index, film->frames + index + 1,
            (size_t)(film->count - index) * sizeof film->frames[0]);
    pthread_mutex_unlock(&film->lock);
    chunks_release(&film->chunks, chunk);
}

/* Give up the frame without details that is missed least. False: there is none. */
static bool give_up(struct film *film) {
    int least = -1;
    double least_ratio = 0.0;
    for (int i = 1; i < film->count; i++) {
        int64_t behind = i + 1 < film->count ? film->frames[i + 1].step : film->newest;
        double ratio = (double)(behind + 1) / (double)(film->frames[i - 1].step + 1);
        bool free = film->frames[i].step > FILM_KEPT && film->frames[i].details == 0;
        if (free && (least < 0 || ratio < least_ratio)) {
            least = i;
            least_ratio = ratio;
        }
    }
    if (least >= 0) {
        remove_at(film, least);
    }
    return least >= 0;
}

int32_t film_chunk(void *context) {
    struct film *film = context;
    int32_t chunk;
    while ((chunk = chunks_take(&film->chunks)) == NO_CHUNK) {
        if (!give_up(film) && !film_details_give_up(film)) {
            break; // all must stay
        }
    }
    return chunk;
}

bool film_write(struct film *film, struct chunk_place *place, const void *from, const void *base,
                size_t size, chunk_source *more) {
    uint32_t packed = (uint32_t)pack(from, base, size, film->written);
    return chunks_write(&film->chunks, place, &packed, sizeof packed, more, film) &&
           chunks_write(&film->chunks, place, film->written, packed, more, film);
}

void film_read(struct film *film, struct chunk_place *place, const void *base, size_t size,
               void *to) {
    uint32_t packed;
    chunks_read(&film->chunks, place, &packed, sizeof packed);
    chunks_read(&film->chunks, place, film->read, packed);
    unpack(film->read, base, size, to);
}

static bool write_parts(struct film *film, const struct frame *frame,
                        const struct snapshot *snapshot) {
    struct part parts[SNAPSHOT_PARTS];
    struct chunk_place place = { frame->chunk, 0 };
    int count = snapshot_parts(snapshot, parts);
    for (int i = 0; i < count; i++) {
        const void *base = frame->based ? base_of(film, parts[i]) : NULL;
        if (!film_write(film, &place, (const unsigned char *)snapshot + parts[i].offset, base,
                        parts[i].size, film_chunk)) {
            return false;
        }
    }
    return true;
}

/* From now on differences from this snapshot are packed. */
static void set_base(struct film *film, const struct snapshot *snapshot) {
    struct part parts[SNAPSHOT_PARTS];
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
    bool next = newest < FILM_KEPT || step > newest + newest / FILM_PART;
    return film->retakes ? step >= newest : step > newest && next;
}

void film_retake(struct film *film, int64_t step) {
    if (step != film->newest) {
        return;
    }
    film_details_drop(film, step);
    if (film->count > 0 && film->frames[film->count - 1].step == step) {
        remove_at(film, film->count - 1);
    }
    film->retakes = true;
}

static bool has_gradients(const struct snapshot *snapshot) {
    bool some = false;
    for (int r = 0; r < snapshot->runs; r++) {
        const struct run_snapshot *run = &snapshot->run[r];
        some |= run->layers > 0 && run->layer[0].gradient_histogram.n > 0;
    }
    return some;
}

/* Behind all others, or in the place of the last one if that is of the same step. */
static void put(struct film *film, struct frame frame, const struct snapshot *snapshot) {
    int32_t replaced = NO_CHUNK;
    pthread_mutex_lock(&film->lock);
    struct frame *last = film->count > 0 ? &film->frames[film->count - 1] : NULL;
    if (last && last->step == frame.step) {
        replaced = last->chunk;
        frame.details = last->details;
        *last = frame;
    } else {
        if (film->added == 1) {
            set_base(film, snapshot);
        }
        film->added++;
        film->frames[film->count++] = frame;
    }
    pthread_mutex_unlock(&film->lock);
    chunks_release(&film->chunks, replaced);
}

bool film_add(struct film *film, const struct snapshot *snapshot) {
    if (snapshot->step < film->newest) {
        return false;
    }
    film->newest = snapshot->step;
    film->retakes = false;
    if (film->count == FILM_FRAMES) {
        give_up(film);
    }
    struct frame frame = { .step = snapshot->step,
                           .serial = ++film->serial,
                           .chunk = film_chunk(film),
                           .runs = snapshot->runs,
                           .based = film->added >= 2,
                           .gradients = has_gradients(snapshot) };
    for (int r = 0; r < snapshot->runs; r++) {
        frame.layers[r] = snapshot->run[r].layers;
    }
    if (frame.chunk == NO_CHUNK || !write_parts(film, &frame, snapshot)) {
        chunks_release(&film->chunks, frame.chunk);
        return false;
    }
    put(film, frame, snapshot);
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

struct frame *film_frame_of(struct film *film, int64_t step) {
    struct frame *frame =
        film->frames + (film->count > 0 ? frame_at(film, step) - film->frames : 0);
    return film->count > 0 && frame->step == step ? frame : NULL;
}

/* Has it what a look wants to see? */
static bool shows(const struct film *film, const struct frame *frame, const struct look *look) {
    return look->kind == LOOK_NONE || (look->kind == LOOK_GRADIENTS && frame->gradients) ||
           (frame->details > 0 && film_details_find(film, frame->step, look) != NULL);
}

/* The newest frame at or before a step, or a little before it the one that shows more. */
static const struct frame *choose_frame(const struct film *film, int64_t step,
                                        const struct look *look) {
    const struct frame *newest = frame_at(film, step);
    for (const struct frame *frame = newest; frame >= film->frames; frame--) {
        bool near = frame->step + frame->step / (FILM_PART / 2) >= newest->step;
        if (frame < newest && (newest->step <= FILM_KEPT || !near)) {
            break;
        }
        if (shows(film, frame, look)) {
            return frame;
        }
    }
    return newest;
}

static void read_part(struct film *film, struct chunk_place *place, const struct frame *frame,
                      struct part part, void *to) {
    film_read(film, place, frame->based ? base_of(film, part) : NULL, part.size, to);
}

static void pass_parts(const struct film *film, struct chunk_place *place, int count) {
    for (int i = 0; i < count; i++) {
        uint32_t size;
        chunks_read(&film->chunks, place, &size, sizeof size);
        chunks_read(&film->chunks, place, NULL, size);
    }
}

static void read_frame(struct film *film, const struct frame *frame, struct snapshot *snapshot) {
    struct part parts[SNAPSHOT_PARTS];
    struct chunk_place place = { frame->chunk, 0 };
    snapshot->runs = frame->runs; // the parts follow from these
    for (int r = 0; r < frame->runs; r++) {
        snapshot->run[r].layers = frame->layers[r];
    }
    int count = snapshot_parts(snapshot, parts);
    for (int i = 0; i < count; i++) {
        read_part(film, &place, frame, parts[i], (unsigned char *)snapshot + parts[i].offset);
    }
}

/* The detail that a look wants, or that there is none. */
static void read_detail(struct film *film, const struct frame *found, const struct look *look,
                        struct film_frame *frame) {
    const struct film_detail *detail =
        found->details > 0 ? film_details_find(film, found->step, look) : NULL;
    uint64_t serial = detail ? detail->serial : 0;
    if (serial == frame->detail && frame->serial == found->serial) {
        return;
    }
    for (int r = 0; r < SNAPSHOT_RUNS; r++) {
        frame->snapshot.detail[r].layer = 0;
    }
    frame->snapshot.data_detail.made = false;
    if (detail) {
        film_details_read(film, detail, &frame->snapshot);
    }
    frame->detail = serial;
}

bool film_at(struct film *film, int64_t step, const struct look *look, struct film_frame *frame) {
    pthread_mutex_lock(&film->lock);
    bool some = film->count > 0;
    if (some) {
        const struct frame *found = choose_frame(film, step, look);
        if (found->serial != frame->serial) {
            read_frame(film, found, &frame->snapshot);
        }
        read_detail(film, found, look, frame);
        frame->serial = found->serial;
    }
    pthread_mutex_unlock(&film->lock);
    return some;
}

/* One layer of each run that is as deep, as ridge number `index`. */
static void read_layer(struct film *film, const struct frame *frame, struct film_ridges *ridges,
                       int index) {
    const struct part part = { HEAD_BYTES + offsetof(struct run_snapshot, layer),
                               sizeof(struct layer_stats) };
    struct chunk_place place = { frame->chunk, 0 };
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
