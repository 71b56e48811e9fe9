/*
 * alloc_fail.c - put before the C library (LD_PRELOAD), lets one allocation fail, whoever asks.
 *
 * malloc, calloc, realloc, aligned_alloc, posix_memalign and strdup are counted over all threads,
 * from the start of the program on. ALLOC_AT=N lets the N-th of them fail (0: none); when the
 * process ends their number is written to the file ALLOC_COUNT.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): glibc's own names
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)

static long fails_at; // 0: none does
static atomic_bool counts;
static atomic_long counted;

__attribute__((constructor)) static void begin(void) {
    const char *at = getenv("ALLOC_AT");
    fails_at = at ? strtol(at, NULL, 10) : 0;
    unsetenv("LD_PRELOAD"); // what the program starts is not meant
    atomic_store(&counts, true);
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("ALLOC_COUNT");
    atomic_store(&counts, false);
    int file = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
    if (file >= 0) {
        dprintf(file, "%ld\n", atomic_load(&counted));
        close(file);
    }
}

static bool fails(void) {
    if (!atomic_load(&counts) || atomic_fetch_add(&counted, 1) + 1 != fails_at) {
        return false;
    }
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size) {
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    return fails() ? NULL : __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return fails() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    void *made = fails() ? NULL : __libc_memalign(alignment, size);
    *block = made ? made : *block;
    return made ? 0 : ENOMEM;
}

/* The C library's own would call the malloc inside of it. */
char *strdup(const char *string) {
    size_t size = strlen(string) + 1;
    char *copy = fails() ? NULL : __libc_malloc(size);
    return copy ? memcpy(copy, string, size) : NULL;
}
