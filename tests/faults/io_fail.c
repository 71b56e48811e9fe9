/*
 * io_fail.c - put before the C library (LD_PRELOAD), lets chosen calls that concern files fail.
 *
 * Counted are the calls of the kinds in IO_CALLS, words parted by blanks, that concern a file or
 * folder whose name contains IO_PATH:
 *
 *     open read write close seek rename stat list (of a folder) mkdir truncate map
 *
 * IO_AT=N lets the N-th of them fail, from 1, with the errno IO_ERRNO, and with IO_LASTS=1 all
 * later ones, too; or with IO_SIGNAL=S it sends that signal to the process, and the call goes on.
 * With IO_SHORT=1 a read that would fail finds the end of the file instead. When the process ends
 * the number of calls is written to the file IO_COUNT.
 *
 * Streams of such files are the C library's own with our calls below (fopencookie), so that they
 * buffer, fail and remember a failure as any stream does.
 */
#undef _FILE_OFFSET_BITS // both kinds of names are defined here
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DESCRIPTORS = 1024, NAME = 4096 };

static atomic_long counted;
static atomic_bool ours[DESCRIPTORS]; // concerns a chosen file
static FILE *_Atomic of[DESCRIPTORS]; // its stream, if one of ours

static uintptr_t next(const char *name) {
    return (uintptr_t)dlsym(RTLD_NEXT, name);
}

#define NEXT(type, ...) ((type(*)(__VA_ARGS__))next(__func__))

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

static bool is_chosen(const char *path) {
    const char *part = getenv("IO_PATH");
    return part && path && strstr(path, part);
}

static bool is_counted(const char *call) {
    const char *calls = getenv("IO_CALLS");
    const char *found = calls ? strstr(calls, call) : NULL;
    size_t length = strlen(call);
    return found && (found == calls || found[-1] == ' ') &&
           (found[length] == ' ' || found[length] == '\0');
}

/* Is it this call's turn? errno is set then. */
static bool fails(const char *call) {
    long at = number("IO_AT"), signal = number("IO_SIGNAL");
    if (!is_counted(call)) {
        return false;
    }
    long now = atomic_fetch_add(&counted, 1) + 1;
    bool turn = at > 0 && (now == at || (now > at && number("IO_LASTS")));
    if (turn && signal) {
        kill(getpid(), (int)signal);
        return false;
    }
    errno = turn ? (int)number("IO_ERRNO") : errno;
    return turn;
}

static bool is_ours(int descriptor) {
    return descriptor >= 0 && descriptor < DESCRIPTORS && atomic_load(&ours[descriptor]);
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("IO_COUNT");
    char text[32];
    int length = snprintf(text, sizeof text, "%ld\n", atomic_load(&counted));
    int (*really_open)(const char *, int, ...) = (int (*)(const char *, int, ...))next("open");
    ssize_t (*really_write)(int, const void *, size_t) =
        (ssize_t(*)(int, const void *, size_t))next("write");
    int file = path ? really_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
    if (file >= 0) {
        (void)!really_write(file, text, (size_t)length);
    }
}

/* Descriptors. */

static int open_chosen(const char *path, int flags, mode_t mode) {
    bool chosen = is_chosen(path);
    if (chosen && fails("open")) {
        return -1;
    }
    int descriptor = ((int (*)(const char *, int, ...))next("open"))(path, flags, mode);
    if (descriptor >= 0 && descriptor < DESCRIPTORS) {
        atomic_store(&ours[descriptor], chosen);
    }
    return descriptor;
}

int open(const char *path, int flags, ...) {
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open_chosen(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open_chosen(path, flags, mode);
}

int close(int descriptor) {
    bool failed = is_ours(descriptor) && fails("close");
    int error = errno;
    if (is_ours(descriptor)) {
        atomic_store(&ours[descriptor], false);
        atomic_store(&of[descriptor], NULL);
    }
    int result = NEXT(int, int)(descriptor); // it is closed either way
    errno = failed ? error : errno;
    return failed ? -1 : result;
}

ssize_t read(int descriptor, void *data, size_t size) {
    if (is_ours(descriptor) && fails("read")) {
        return number("IO_SHORT") ? 0 : -1;
    }
    return NEXT(ssize_t, int, void *, size_t)(descriptor, data, size);
}

static ssize_t read_at(int descriptor, void *data, size_t size, off64_t offset) {
    if (is_ours(descriptor) && fails("read")) {
        return number("IO_SHORT") ? 0 : -1;
    }
    return ((ssize_t(*)(int, void *, size_t, off64_t))next("pread64"))(descriptor, data, size,
                                                                       offset);
}

ssize_t pread(int descriptor, void *data, size_t size, off_t offset) {
    return read_at(descriptor, data, size, offset);
}

ssize_t pread64(int descriptor, void *data, size_t size, off64_t offset) {
    return read_at(descriptor, data, size, offset);
}

ssize_t write(int descriptor, const void *data, size_t size) {
    if (is_ours(descriptor) && fails("write")) {
        return -1;
    }
    return NEXT(ssize_t, int, const void *, size_t)(descriptor, data, size);
}

static off64_t seek(int descriptor, off64_t offset, int whence) {
    if (is_ours(descriptor) && fails("seek")) {
        return -1;
    }
    return ((off64_t(*)(int, off64_t, int))next("lseek64"))(descriptor, offset, whence);
}

off_t lseek(int descriptor, off_t offset, int whence) {
    return seek(descriptor, offset, whence);
}

off64_t lseek64(int descriptor, off64_t offset, int whence) {
    return seek(descriptor, offset, whence);
}

static int truncate_to(int descriptor, off64_t size) {
    if (is_ours(descriptor) && fails("truncate")) {
        return -1;
    }
    return ((int (*)(int, off64_t))next("ftruncate64"))(descriptor, size);
}

int ftruncate(int descriptor, off_t size) {
    return truncate_to(descriptor, size);
}

int ftruncate64(int descriptor, off64_t size) {
    return truncate_to(descriptor, size);
}

static void *map(void *at, size_t size, int access, int flags, int descriptor, off64_t offset) {
    if (is_ours(descriptor) && fails("map")) {
        return MAP_FAILED;
    }
    return ((void *(*)(void *, size_t, int, int, int, off64_t))next("mmap64"))(
        at, size, access, flags, descriptor, offset);
}

void *mmap(void *at, size_t size, int access, int flags, int descriptor, off_t offset) {
    return map(at, size, access, flags, descriptor, offset);
}

void *mmap64(void *at, size_t size, int access, int flags, int descriptor, off64_t offset) {
    return map(at, size, access, flags, descriptor, offset);
}

/* Streams. */

static ssize_t stream_read(void *cookie, char *data, size_t size) {
    return read((int)(intptr_t)cookie, data, size);
}

static ssize_t stream_write(void *cookie, const char *data, size_t size) {
    ssize_t written = write((int)(intptr_t)cookie, data, size);
    return written < 0 ? 0 : written; // as fopencookie wants it
}

static int stream_seek(void *cookie, off64_t *offset, int whence) {
    off64_t at = seek((int)(intptr_t)cookie, *offset, whence);
    *offset = at < 0 ? *offset : at;
    return at < 0 ? -1 : 0;
}

static int stream_close(void *cookie) {
    return close((int)(intptr_t)cookie);
}

static FILE *stream_of(int descriptor, const char *mode) {
    const cookie_io_functions_t calls = { stream_read, stream_write, stream_seek, stream_close };
    FILE *stream = fopencookie((void *)(intptr_t)descriptor, mode, calls);
    atomic_store(&of[descriptor], stream);
    return stream;
}

FILE *fdopen(int descriptor, const char *mode) {
    return is_ours(descriptor) ? stream_of(descriptor, mode)
                               : NEXT(FILE *, int, const char *)(descriptor, mode);
}

static FILE *open_stream(const char *path, const char *mode) {
    if (!is_chosen(path)) {
        return ((FILE * (*)(const char *, const char *)) next("fopen64"))(path, mode);
    }
    int flags = mode[0] == 'r' ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC; // all that we use
    int descriptor = open_chosen(path, flags, 0666);
    return descriptor < 0 ? NULL : stream_of(descriptor, mode);
}

FILE *fopen(const char *path, const char *mode) {
    return open_stream(path, mode);
}

FILE *fopen64(const char *path, const char *mode) {
    return open_stream(path, mode);
}

/* Temporary files have no name: chosen with the word "tmpfile" in IO_CALLS. Their streams are real,
 * for they are mapped. */
static FILE *temporary(void) {
    return fails("tmpfile") ? NULL : ((FILE * (*)(void)) next("tmpfile64"))();
}

FILE *tmpfile(void) {
    return temporary();
}

FILE *tmpfile64(void) {
    return temporary();
}

int fileno(FILE *stream) {
    for (int i = 0; i < DESCRIPTORS; i++) {
        if (atomic_load(&of[i]) == stream) {
            return i;
        }
    }
    return NEXT(int, FILE *)(stream);
}

/* Names. */

int rename(const char *from, const char *to) {
    bool chosen = is_chosen(from) || is_chosen(to);
    return chosen && fails("rename") ? -1 : NEXT(int, const char *, const char *)(from, to);
}

int mkdir(const char *path, mode_t mode) {
    return is_chosen(path) && fails("mkdir") ? -1 : NEXT(int, const char *, mode_t)(path, mode);
}

int stat(const char *path, struct stat *info) {
    return is_chosen(path) && fails("stat") ? -1
                                            : NEXT(int, const char *, struct stat *)(path, info);
}

int stat64(const char *path, struct stat64 *info) {
    return is_chosen(path) && fails("stat") ? -1
                                            : NEXT(int, const char *, struct stat64 *)(path, info);
}

int fstat(int descriptor, struct stat *info) {
    return is_ours(descriptor) && fails("stat") ? -1
                                                : NEXT(int, int, struct stat *)(descriptor, info);
}

int fstat64(int descriptor, struct stat64 *info) {
    return is_ours(descriptor) && fails("stat") ? -1
                                                : NEXT(int, int, struct stat64 *)(descriptor, info);
}

int access(const char *path, int mode) {
    return is_chosen(path) && fails("stat") ? -1 : NEXT(int, const char *, int)(path, mode);
}

DIR *opendir(const char *path) {
    return is_chosen(path) && fails("list") ? NULL : NEXT(DIR *, const char *)(path);
}
