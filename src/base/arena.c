#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/require.h"

bool arena_init(struct arena *arena, size_t size) {
    *arena = (struct arena){ 0 };
    if (size > SIZE_MAX - ARENA_ALIGNMENT) {
        return false;
    }
    // calloc leaves large blocks untouched until they are used, which aligned_alloc + memset would not.
    unsigned char *block = calloc(1, size + ARENA_ALIGNMENT);
    if (!block) {
        return false;
    }
    size_t shift = ARENA_ALIGNMENT - (uintptr_t)block % ARENA_ALIGNMENT;
    arena->base = block + shift;
    arena->base[-1] = (unsigned char)shift; // 1..64: how arena_finish() finds the block again
    arena->capacity = size;
    return true;
}

void arena_finish(struct arena *arena) {
    if (arena->base) {
        free(arena->base - arena->base[-1]);
    }
    *arena = (struct arena){ 0 };
}

void *arena_take(struct arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - ARENA_ALIGNMENT) {
        bytes = SIZE_MAX - ARENA_ALIGNMENT;
    }
    bytes = (bytes + ARENA_ALIGNMENT - 1) / ARENA_ALIGNMENT * ARENA_ALIGNMENT;
    size_t end;
    if (__builtin_add_overflow(arena->used, bytes, &end)) {
        end = SIZE_MAX;
    }
    void *piece = NULL;
    if (arena->base) {
        REQUIRE(end <= arena->capacity);
        piece = arena->base + arena->used;
    }
    arena->used = end;
    return piece;
}
