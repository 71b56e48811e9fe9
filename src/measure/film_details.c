/*
 * film_details.c - details of the film's snapshots. They take half of the film at most. What does
 * not fit is given up by the film's own rule: evenly in log time, those of the first steps last as
 * long as these take no more than half of that half.
 */
#include <assert.h>
#include <string.h>

#include "measure/film_parts.h"

/* One of these is stored; both kinds have offsets from the snapshot. */
enum { PARTS = DATA_DETAIL_PARTS, SLICE = 16 * 1024, FEWEST = 4 };
static_assert(SLICE <= PART_MOST, "a slice is packed as a part");
static_assert((int)LAYER_DETAIL_PARTS <= PARTS, "both kinds fit");

static int32_t limit_of(const struct film *film) {
    return film->chunks.count / 2;
}

static bool is_of(const struct film_detail *detail, const struct look *look) {
    return detail->kind == look->kind && (look->kind != LOOK_LAYER || detail->layer == look->layer);
}

const struct film_detail *film_details_find(const struct film *film, int64_t step,
                                            const struct look *look) {
    for (int i = film->detail_count - 1; i >= 0 && film->details[i].step >= step; i--) {
        const struct film_detail *detail = &film->details[i];
        if (detail->step == step && is_of(detail, look)) {
            return detail;
        }
    }
    return NULL;
}

bool film_wants_detail(const struct film *film, int64_t step, const struct look *look) {
    int i = film->detail_count - 1;
    while (i >= 0 && !is_of(&film->details[i], look)) {
        i--;
    }
    int64_t newest = i < 0 ? -1 : film->details[i].step;
    bool kind = look->kind == LOOK_LAYER || look->kind == LOOK_DATA;
    return kind && step > newest && (newest < FILM_KEPT || step > newest + newest / FILM_PART);
}

bool film_lacks(struct film *film, int64_t step, const struct look *look) {
    const struct film_detail *detail = film_details_find(film, step, look);
    int most = detail && detail->units < look->unit ? detail->units : look->unit;
    return film_frame_of(film, step) &&
           (!detail || (look->kind == LOOK_LAYER && detail->unit != most));
}

static void remove_at(struct film *film, int index) {
    const struct film_detail gone = film->details[index];
    pthread_mutex_lock(&film->lock);
    film->detail_count--;
    memmove(film->details + index, film->details + index + 1,
            (size_t)(film->detail_count - index) * sizeof film->details[0]);
    film_frame_of(film, gone.step)->details--;
    pthread_mutex_unlock(&film->lock);
    film->detail_chunks -= chunks_release(&film->chunks, gone.chunk);
}

/* How far apart in log time the neighbours of one are that are of its kind. */
static double gap_around(const struct film *film, int index) {
    const struct film_detail *detail = &film->details[index];
    int64_t before = -1, behind = film->newest;
    for (int i = index - 1; i >= 0 && before < 0; i--) {
        before = film->details[i].kind == detail->kind ? film->details[i].step : -1;
    }
    for (int i = index + 1; i < film->detail_count; i++) {
        if (film->details[i].kind == detail->kind) {
            behind = film->details[i].step;
            break;
        }
    }
    return (double)(behind + 1) / (before < 0 ? 0.5 : (double)(before + 1));
}

static int least_missed(const struct film *film, bool kept) {
    int least = -1;
    double least_gap = 0.0;
    for (int i = 0; i < film->detail_count; i++) {
        double gap = gap_around(film, i);
        if ((film->details[i].step > FILM_KEPT || !kept) && (least < 0 || gap < least_gap)) {
            least = i;
            least_gap = gap;
        }
    }
    return least;
}

bool film_details_give_up(struct film *film) {
    int32_t first = 0;
    for (int i = 0; i < film->detail_count && film->details[i].step <= FILM_KEPT; i++) {
        first += film->details[i].chunks;
    }
    int least = least_missed(film, first <= limit_of(film) / 2);
    least = least < 0 ? least_missed(film, false) : least;
    if (least >= 0) {
        remove_at(film, least);
    }
    return least >= 0;
}

void film_details_drop(struct film *film, int64_t step) {
    while (film->detail_count > 0 && film->details[film->detail_count - 1].step >= step) {
        remove_at(film, film->detail_count - 1);
    }
}

static int32_t detail_chunk(void *context) {
    struct film *film = context;
    while (film->detail_chunks >= limit_of(film)) {
        if (!film_details_give_up(film)) {
            return NO_CHUNK;
        }
    }
    int32_t chunk = film_chunk(film);
    film->detail_chunks += chunk != NO_CHUNK;
    return chunk;
}

/* The structs that a look fills, with their parts: item i of a snapshot. */
static int list_parts(const struct snapshot *snapshot, enum look_kind kind, int i,
                      struct part *parts, size_t *offset) {
    if (kind == LOOK_DATA) {
        *offset = offsetof(struct snapshot, data_detail);
        return data_detail_parts(&snapshot->data_detail, parts);
    }
    *offset = offsetof(struct snapshot, detail) + (size_t)i * sizeof snapshot->detail[0];
    return layer_detail_parts(&snapshot->detail[i], parts);
}

static int items_of(const struct snapshot *snapshot, enum look_kind kind) {
    return kind == LOOK_DATA ? 1 : snapshot->runs;
}

static size_t least_of(size_t a, size_t b) {
    return a < b ? a : b;
}

static bool write_detail(struct film *film, const struct snapshot *snapshot,
                         const struct film_detail *detail) {
    struct chunk_place place = { detail->chunk, 0 };
    struct part parts[PARTS];
    size_t offset;
    for (int item = 0; item < items_of(snapshot, detail->kind); item++) {
        bool there = detail->kind == LOOK_DATA || snapshot->detail[item].layer > 0;
        uint32_t has = there;
        if (!chunks_write(&film->chunks, &place, &has, sizeof has, detail_chunk, film)) {
            return false;
        }
        int count = there ? list_parts(snapshot, detail->kind, item, parts, &offset) : 0;
        for (int i = 0; i < count; i++) {
            const unsigned char *from = (const unsigned char *)snapshot + offset + parts[i].offset;
            for (size_t at = 0; at < parts[i].size; at += SLICE) {
                if (!film_write(film, &place, from + at, NULL, least_of(parts[i].size - at, SLICE),
                                detail_chunk)) {
                    return false;
                }
            }
        }
    }
    return true;
}

void film_details_read(struct film *film, const struct film_detail *detail,
                       struct snapshot *snapshot) {
    struct chunk_place place = { detail->chunk, 0 };
    struct part parts[PARTS];
    size_t offset;
    for (int item = 0; item < items_of(snapshot, detail->kind); item++) {
        uint32_t has;
        chunks_read(&film->chunks, &place, &has, sizeof has);
        // Which one is the next part follows from those that are there by then.
        for (int i = 0; has && i < list_parts(snapshot, detail->kind, item, parts, &offset); i++) {
            unsigned char *to = (unsigned char *)snapshot + offset + parts[i].offset;
            for (size_t at = 0; at < parts[i].size; at += SLICE) {
                film_read(film, &place, NULL, least_of(parts[i].size - at, SLICE), to + at);
            }
        }
    }
}

/* Bytes that it takes at most. */
static size_t bytes_of(const struct snapshot *snapshot, enum look_kind kind) {
    struct part parts[PARTS];
    size_t offset, bytes = 0;
    for (int item = 0; item < items_of(snapshot, kind); item++) {
        bool there = kind == LOOK_DATA || snapshot->detail[item].layer > 0;
        int count = there ? list_parts(snapshot, kind, item, parts, &offset) : 0;
        for (int i = 0; i < count; i++) {
            bytes += PACK_MOST(parts[i].size);
        }
    }
    return bytes;
}

static bool is_there(const struct snapshot *snapshot, enum look_kind kind) {
    bool there = kind == LOOK_DATA && snapshot->data_detail.made;
    for (int r = 0; r < snapshot->runs && kind == LOOK_LAYER; r++) {
        there |= snapshot->detail[r].layer > 0;
    }
    return there;
}

/* Of the networks that have the layer, the unit is that of the one with more: others clamp it. */
static void note_layer(const struct snapshot *snapshot, struct film_detail *note) {
    for (int r = 0; r < snapshot->runs && note->kind == LOOK_LAYER; r++) {
        const struct layer_detail *detail = &snapshot->detail[r];
        if (detail->layer > 0) {
            note->layer = detail->layer;
            note->unit = detail->unit > note->unit ? detail->unit : note->unit;
            note->units = detail->units > note->units ? detail->units : note->units;
        }
    }
}

/* The index of the detail of that step and kind; -1: there is none. */
static int index_of(const struct film *film, int64_t step, enum look_kind kind) {
    int i = film->detail_count - 1;
    while (i >= 0 && (film->details[i].step > step || film->details[i].kind != kind)) {
        i--;
    }
    return i >= 0 && film->details[i].step == step ? i : -1;
}

/* So that the frame stays while something is written for it. */
static void hold_frame(struct film *film, int64_t step, int holds) {
    pthread_mutex_lock(&film->lock);
    struct frame *frame = film_frame_of(film, step);
    frame->details = (uint8_t)(frame->details + holds);
    pthread_mutex_unlock(&film->lock);
}

bool film_add_detail(struct film *film, const struct snapshot *snapshot, enum look_kind kind) {
    int64_t step = snapshot->step;
    if (!film_frame_of(film, step) || !is_there(snapshot, kind) ||
        bytes_of(snapshot, kind) > (size_t)limit_of(film) / FEWEST * CHUNK) {
        return false;
    }
    int old = index_of(film, step, kind);
    if (old >= 0) {
        remove_at(film, old);
    }
    hold_frame(film, step, 1);
    if (film->detail_count == FILM_DETAILS) {
        film_details_give_up(film);
    }
    struct film_detail detail = {
        .step = step, .serial = ++film->serial, .chunk = detail_chunk(film), .kind = kind
    };
    note_layer(snapshot, &detail);
    if (detail.chunk == NO_CHUNK || !write_detail(film, snapshot, &detail)) {
        film->detail_chunks -= chunks_release(&film->chunks, detail.chunk);
        hold_frame(film, step, -1);
        return false;
    }
    detail.chunks = chunks_count(&film->chunks, detail.chunk);
    pthread_mutex_lock(&film->lock);
    int place = film->detail_count++;
    for (; place > 0 && film->details[place - 1].step > step; place--) {
        film->details[place] = film->details[place - 1];
    }
    film->details[place] = detail;
    pthread_mutex_unlock(&film->lock);
    return true;
}
