/*
 * alloc_fail.c - put before the C library (LD_PRELOAD), lets chosen allocations fail.
 *
 * Counted are malloc, calloc, realloc, strdup, strndup, aligned_alloc and posix_memalign, over all
 * threads, as far as they are wanted by what ALLOC_WHOSE says:
 *
 *     ours   called by the program's own code (the default)
 *     all    called by anyone
 *
 * ALLOC_AT=N lets the N-th of them fail, from 1; with ALLOC_LASTS=1 all later ones, too. When the
 * process ends their number is written to the file ALLOC_COUNT. With ALLOC_TRACE=1 the stack of
 * what fails is written to stderr, for people.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
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

static uintptr_t first, last; // of the program's own code
static long fails_at;         // 0: none does
static bool counts, everyone, lasts, traces;
static atomic_long counted;
static _Thread_local bool inside; // what tells of a failure may allocate

/* The first object is the program itself. */
static int find_program(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size;
    (void)context;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && part->p_flags & PF_X) {
            first = info->dlpi_addr + part->p_vaddr;
            last = first + part->p_memsz;
        }
    }
    return 1;
}

static bool is_set(const char *name, const char *value) {
    const char *text = getenv(name);
    return text && strcmp(text, value) == 0;
}

__attribute__((constructor)) static void begin(void) {
    const char *at = getenv("ALLOC_AT");
    dl_iterate_phdr(find_program, NULL);
    fails_at = at ? strtol(at, NULL, 10) : 0;
    everyone = is_set("ALLOC_WHOSE", "all");
    lasts = is_set("ALLOC_LASTS", "1");
    traces = is_set("ALLOC_TRACE", "1");
    unsetenv("LD_PRELOAD"); // what the program starts is not meant
    counts = true;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("ALLOC_COUNT");
    counts = false;
    int file = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
    if (file >= 0) {
        dprintf(file, "%ld\n", atomic_load(&counted));
        close(file);
    }
}

static bool fails(const void *caller) {
    uintptr_t place = (uintptr_t)caller;
    if (!counts || inside || !(everyone || (place >= first && place < last))) {
        return false;
    }
    long number = atomic_fetch_add(&counted, 1) + 1;
    if (fails_at == 0 || number < fails_at || (number > fails_at && !lasts)) {
        return false;
    }
    if (traces) {
        void *stack[40];
        inside = true;
        backtrace_symbols_fd(stack, backtrace(stack, 40), STDERR_FILENO);
        inside = false;
    }
    errno = ENOMEM;
    return true;
}

#define FAILS fails(__builtin_return_address(0))

void *malloc(size_t size) {
    return FAILS ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    return FAILS ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    return FAILS ? NULL : __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return FAILS ? NULL : __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size);
void *memalign(size_t alignment, size_t size) {
    return FAILS ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    if (FAILS) {
        return ENOMEM;
    }
    *block = __libc_memalign(alignment, size);
    return *block ? 0 : ENOMEM;
}

/* The C library's own would call malloc as itself. */
static char *copy(const char *string, size_t length, bool fail) {
    char *to = fail ? NULL : __libc_malloc(length + 1);
    if (to) {
        memcpy(to, string, length);
        to[length] = '\0';
    }
    return to;
}

char *strdup(const char *string) {
    return copy(string, strlen(string), FAILS);
}

char *strndup(const char *string, size_t most) {
    return copy(string, strnlen(string, most), FAILS);
}
