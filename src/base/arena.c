#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/require.h"

bool arena_init(struct arena *arena, size_t size) {
    *arena = (struct arena){ 0 };
    if (size > SIZE_MAX - ARENA_ALIGNMENT) {
        return false;
    }
    // calloc leaves large blocks untouched until they are used; aligned_alloc and memset would not
    unsigned char *block = calloc(1, size + ARENA_ALIGNMENT);
    if (!block) {
        return false;
    }
    arena->block = block;
    arena->base = block + ARENA_ALIGNMENT - (uintptr_t)block % ARENA_ALIGNMENT;
    arena->capacity = size;
    return true;
}

bool arena_renew(struct arena *arena, size_t size) {
    if (arena->base && arena->capacity >= size && arena->capacity / 2 <= size) {
        arena->used = 0;
        memory_forget(arena->base + size, arena->capacity - size);
        return true;
    }
    arena_finish(arena);
    return arena_init(arena, size);
}

void arena_finish(struct arena *arena) {
    free(arena->block);
    *arena = (struct arena){ 0 };
}

void *arena_take(struct arena *arena, size_t count, size_t size) {
    size_t bytes, rounded, end;
    if (__builtin_mul_overflow(count, size, &bytes) ||
        __builtin_add_overflow(bytes, (size_t)ARENA_ALIGNMENT - 1, &rounded) ||
        __builtin_add_overflow(arena->used, rounded / ARENA_ALIGNMENT * ARENA_ALIGNMENT, &end)) {
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
