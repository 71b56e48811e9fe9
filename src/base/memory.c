#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

size_t memory_available(void) {
    FILE *file = fopen("/proc/meminfo", "r");
    size_t bytes = SIZE_MAX;
    if (!file) {
        return bytes;
    }
    char line[128];
    unsigned long long kibibytes;
    while (fgets(line, sizeof line, file)) {
        // NOLINTNEXTLINE(cert-err34-c): the kernel writes no number that is too large
        if (sscanf(line, "MemAvailable: %llu kB", &kibibytes) == 1) {
            bytes = kibibytes < SIZE_MAX / 1024 ? (size_t)kibibytes * 1024 : SIZE_MAX;
            break;
        }
    }
    fclose(file);
    return bytes;
}

/* The whole pages in a block: how many bytes they take, and where they begin. */
static size_t whole_pages(const void *block, size_t size, size_t *begin) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)block;
    size_t before = (size_t)(-from % page); // of a page that begins in front of the block
    *begin = before < size ? before : size;
    return (size - *begin) / page * page;
}

void memory_forget(void *block, size_t size) {
    size_t begin, whole = whole_pages(block, size, &begin);
    if (whole > 0) {
        madvise((unsigned char *)block + begin, whole, MADV_DONTNEED);
    }
}

void memory_clear(void *block, size_t size) {
    unsigned char *bytes = block;
    size_t begin, whole = whole_pages(block, size, &begin);
#ifdef __linux__ // where pages come again as zeros
    if (whole > 0 && madvise(bytes + begin, whole, MADV_DONTNEED) != 0) {
        whole = 0;
    }
#else
    whole = 0;
#endif
    memset(bytes, 0, begin);
    memset(bytes + begin + whole, 0, size - begin - whole);
}

void memory_return_large_blocks(void) {
#ifdef __GLIBC__
    // Left alone, glibc keeps ever larger blocks once some were freed: up to 64 MiB in each thread.
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}
