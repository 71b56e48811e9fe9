#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>

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
