#include "measure/chunks.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

bool chunks_init(struct chunks *chunks, size_t budget) {
    memset(chunks, 0, sizeof *chunks);
    size_t count = budget / (CHUNK + sizeof *chunks->next);
    // malloc of this size reserves addresses; pages are used only as chunks are.
    chunks->memory = malloc(count * CHUNK);
    chunks->next = malloc(count * sizeof *chunks->next);
    if (!chunks->memory || !chunks->next) {
        chunks_finish(chunks);
        return false;
    }
    chunks->count = (int32_t)count;
    chunks->free = NO_CHUNK;
    return true;
}

void chunks_finish(struct chunks *chunks) {
    free(chunks->memory);
    free(chunks->next);
    memset(chunks, 0, sizeof *chunks);
}

void chunks_reset(struct chunks *chunks) {
    memory_forget(chunks->memory, (size_t)chunks->fresh * CHUNK);
    memory_forget(chunks->next, (size_t)chunks->fresh * sizeof *chunks->next);
    chunks->fresh = 0;
    chunks->free = NO_CHUNK;
    atomic_store(&chunks->used, 0);
}

int32_t chunks_take(struct chunks *chunks) {
    int32_t chunk = chunks->free;
    if (chunk != NO_CHUNK) {
        chunks->free = chunks->next[chunk];
    } else if (chunks->fresh < chunks->count) {
        chunk = chunks->fresh++;
    } else {
        return NO_CHUNK;
    }
    chunks->next[chunk] = NO_CHUNK;
    atomic_fetch_add(&chunks->used, 1);
    return chunk;
}

int32_t chunks_release(struct chunks *chunks, int32_t first) {
    int32_t count = 0;
    for (int32_t next, chunk = first; chunk != NO_CHUNK; chunk = next) {
        next = chunks->next[chunk];
        chunks->next[chunk] = chunks->free;
        chunks->free = chunk;
        count++;
    }
    atomic_fetch_sub(&chunks->used, (size_t)count);
    return count;
}

int32_t chunks_count(const struct chunks *chunks, int32_t first) {
    int32_t count = 0;
    for (int32_t chunk = first; chunk != NO_CHUNK; chunk = chunks->next[chunk]) {
        count++;
    }
    return count;
}

size_t chunks_bytes(const struct chunks *chunks) {
    return atomic_load(&chunks->used) * (CHUNK + sizeof *chunks->next);
}

bool chunks_write(struct chunks *chunks, struct chunk_place *place, const void *bytes, size_t size,
                  chunk_source *more, void *context) {
    const unsigned char *from = bytes;
    while (size > 0) {
        if (place->at == CHUNK) {
            int32_t chunk = more(context);
            if (chunk == NO_CHUNK) {
                return false;
            }
            chunks->next[place->chunk] = chunk;
            *place = (struct chunk_place){ chunk, 0 };
        }
        size_t part = CHUNK - place->at < size ? CHUNK - place->at : size;
        memcpy(chunks->memory + (size_t)place->chunk * CHUNK + place->at, from, part);
        place->at += part;
        from += part;
        size -= part;
    }
    return true;
}

void chunks_read(const struct chunks *chunks, struct chunk_place *place, void *to, size_t size) {
    unsigned char *bytes = to;
    while (size > 0) {
        if (place->at == CHUNK) {
            *place = (struct chunk_place){ chunks->next[place->chunk], 0 };
        }
        size_t part = CHUNK - place->at < size ? CHUNK - place->at : size;
        if (bytes) {
            memcpy(bytes, chunks->memory + (size_t)place->chunk * CHUNK + place->at, part);
            bytes += part;
        }
        place->at += part;
        size -= part;
    }
}
