#include "alloc.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

enum { PLACES = 1 << 16 }; // a power of two, and many more than blocks are ever held

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const void *place[PLACES]; // blocks held; NULL: empty
static long at, count, held;
static size_t large; // bytes from which on they count
static bool armed, lasts, failed;

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's names
void *__real_malloc(size_t size);
void *__real_calloc(size_t items, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *string);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t items, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *string);
void __wrap_free(void *block);
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)

static void arm(long number, bool for_good, size_t least) {
    pthread_mutex_lock(&lock);
    memset(place, 0, sizeof place);
    at = number;
    lasts = for_good;
    large = least;
    count = held = 0;
    failed = false;
    armed = true;
    pthread_mutex_unlock(&lock);
}

void alloc_arm(long number, bool for_good) {
    arm(number, for_good, 0);
}

void alloc_arm_large(size_t least) {
    arm(1, false, least);
}

long alloc_disarm(void) {
    pthread_mutex_lock(&lock);
    armed = false;
    pthread_mutex_unlock(&lock);
    return count;
}

bool alloc_failed(void) {
    pthread_mutex_lock(&lock);
    bool any = failed;
    pthread_mutex_unlock(&lock);
    return any;
}

long alloc_held(void) {
    pthread_mutex_lock(&lock);
    long blocks = held;
    pthread_mutex_unlock(&lock);
    return blocks;
}

static bool fails(size_t bytes) {
    pthread_mutex_lock(&lock);
    bool now = armed && bytes >= large && ++count >= at && at > 0 && (lasts || count == at);
    failed = failed || now;
    pthread_mutex_unlock(&lock);
    if (now) {
        errno = ENOMEM;
    }
    return now;
}

static size_t hash(const void *block) {
    return (size_t)(((uintptr_t)block >> 4) * 0x9E3779B97F4A7C15u >> 48) & (PLACES - 1);
}

static void *note(void *block) {
    pthread_mutex_lock(&lock);
    if (armed && block) {
        size_t i = hash(block);
        while (place[i]) {
            i = (i + 1) & (PLACES - 1);
        }
        place[i] = block;
        held++;
    }
    pthread_mutex_unlock(&lock);
    return block;
}

/* Those behind it move up, so that a search may stop at an empty place. */
static void forget(const void *block) {
    pthread_mutex_lock(&lock);
    size_t i = hash(block);
    while (place[i] && place[i] != block) {
        i = (i + 1) & (PLACES - 1);
    }
    if (place[i]) {
        held--;
    }
    for (size_t next = i; place[i];) {
        place[i] = NULL;
        size_t home;
        do {
            next = (next + 1) & (PLACES - 1);
            home = place[next] ? hash(place[next]) : next;
        } while (place[next] && ((next - home) & (PLACES - 1)) < ((next - i) & (PLACES - 1)));
        if (place[next]) {
            place[i] = place[next];
            i = next;
        }
    }
    pthread_mutex_unlock(&lock);
}

void *__wrap_malloc(size_t size) {
    return fails(size) ? NULL : note(__real_malloc(size));
}

void *__wrap_calloc(size_t items, size_t size) {
    return fails(items * size) ? NULL : note(__real_calloc(items, size));
}

void *__wrap_realloc(void *block, size_t size) {
    if (fails(size)) {
        return NULL;
    }
    forget(block); // now: once it is free, another thread may get it
    return note(__real_realloc(block, size));
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    return fails(size) ? NULL : note(__real_aligned_alloc(alignment, size));
}

char *__wrap_strdup(const char *string) {
    return fails(strlen(string) + 1) ? NULL : note(__real_strdup(string));
}

void __wrap_free(void *block) {
    forget(block);
    __real_free(block);
}
