#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

enum { TEMPORARY_ATTEMPTS = 100, TEMPORARIES = 16 };

/* The names of temporary files, for a program that is ended; one too many is not among them. */
static struct {
    atomic_bool taken, named;
    char path[FILE_PATH_MAX];
} temporaries[TEMPORARIES];

static void note_temporary(struct file_writer *writer) {
    for (int i = 0; i < TEMPORARIES && writer->noted == 0; i++) {
        if (!atomic_exchange(&temporaries[i].taken, true)) {
            writer->noted = i + 1;
            text_set(temporaries[i].path, FILE_PATH_MAX, "%s", writer->temporary);
            atomic_store(&temporaries[i].named, true);
        }
    }
}

static void drop_note(struct file_writer *writer) {
    if (writer->noted > 0) {
        atomic_store(&temporaries[writer->noted - 1].named, false);
        atomic_store(&temporaries[writer->noted - 1].taken, false);
        writer->noted = 0;
    }
}

/* The writer has come to its end. */
static void forget(struct file_writer *writer) {
    drop_note(writer);
    *writer = (struct file_writer){ 0 };
}

void file_drop_temporaries(void) {
    for (int i = 0; i < TEMPORARIES; i++) {
        if (atomic_load(&temporaries[i].named)) {
            unlink(temporaries[i].path);
        }
    }
}

static bool fail(char *problem, const char *path, const char *reason) {
    text_set(problem, FILE_PROBLEM_MAX, "cannot write %s: %s", path, reason);
    return false;
}

/* Length of the folder part of path, with its last slash; 0 in the working folder. */
static int folder_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (int)(slash - path) + 1 : 0;
}

/*
 * A new file in path's folder. Its name does not grow with path's, which may use up all that a
 * folder entry holds, and names the process, so that two programs never share it.
 */
static int create_temporary(struct file_writer *writer, mode_t mode) {
    static atomic_uint counter;
    int descriptor = -1;
    for (int i = 0; i < TEMPORARY_ATTEMPTS; i++) {
        int length = snprintf(writer->temporary, sizeof writer->temporary,
                              "%.*s.layerscope-%ld-%u.part", folder_length(writer->path),
                              writer->path, (long)getpid(), atomic_fetch_add(&counter, 1u));
        if (length >= (int)sizeof writer->temporary) {
            errno = ENAMETOOLONG;
            break;
        }
        note_temporary(writer); // first, for the program may be ended at any moment
        descriptor = open(writer->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (descriptor >= 0) {
            break;
        }
        drop_note(writer);
        if (errno != EEXIST) {
            break;
        }
    }
    return descriptor;
}

static int open_new(struct file_writer *writer) {
    return create_temporary(writer, 0666);
}

/* Replace what is there, if that is a file its owner would let us write. */
static int open_existing(struct file_writer *writer, const struct stat *target) {
    char resolved[PATH_MAX];
    if (!S_ISREG(target->st_mode)) {
        return open(writer->path, O_WRONLY | O_CLOEXEC);
    }
    if (access(writer->path, W_OK) != 0 || !realpath(writer->path, resolved)) {
        return -1;
    }
    if (strlen(resolved) >= sizeof writer->path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    text_set(writer->path, sizeof writer->path, "%s", resolved);
    int descriptor = create_temporary(writer, 0600);
    if (descriptor >= 0) {
        (void)fchmod(descriptor, target->st_mode & 0777); // fails where there is nothing to keep
    }
    return descriptor;
}

static bool open_failed(const struct file_writer *writer, int error, char *problem) {
    const char *path = writer->path;
    struct stat folder;
    int length = folder_length(path);
    char name[FILE_PATH_MAX];
    text_set(name, sizeof name, "%.*s", length > 1 ? length - 1 : length, path);
    if (error == ENOENT && length > 0 && stat(name, &folder) != 0) {
        text_set(problem, FILE_PROBLEM_MAX, "cannot write %s: the folder %s does not exist", path,
                 name);
        return false;
    }
    return fail(problem, path, strerror(error));
}

bool file_writer_open(struct file_writer *writer, const char *path, char *problem) {
    *writer = (struct file_writer){ 0 };
    if (path[0] == '\0') {
        return fail(problem, "a file", "its name is empty");
    }
    size_t length = strlen(path);
    if (length >= sizeof writer->path) {
        char start[64];
        text_set(start, sizeof start, "%s", path);
        return fail(problem, start, strerror(ENAMETOOLONG));
    }
    memcpy(writer->path, path, length + 1);
    struct stat target;
    bool exists = stat(path, &target) == 0;
    int descriptor = -1;
    if (exists || errno == ENOENT) {
        descriptor = exists ? open_existing(writer, &target) : open_new(writer);
    }
    int error = errno;
    writer->stream = descriptor >= 0 ? fdopen(descriptor, "wb") : NULL;
    if (writer->stream) {
        return true;
    }
    if (descriptor >= 0) {
        error = errno;
        close(descriptor);
        unlink(writer->temporary);
    }
    open_failed(writer, error, problem);
    forget(writer);
    return false;
}

/* 0, or the errno of the first thing that went wrong. */
static int flush_error(FILE *stream) {
    errno = 0;
    if (fflush(stream) != 0) {
        return errno;
    }
    if (!ferror(stream)) {
        return 0;
    }
    // the write that failed kept no reason: the next one fails for the same
    clearerr(stream);
    errno = 0;
    fputc(0, stream);
    (void)fflush(stream);
    return errno != 0 ? errno : EIO;
}

bool file_writer_check(struct file_writer *writer, char *problem) {
    return !ferror(writer->stream) ||
           fail(problem, writer->path, strerror(flush_error(writer->stream)));
}

bool file_writer_commit(struct file_writer *writer, char *problem) {
    int error = flush_error(writer->stream);
    if (fclose(writer->stream) != 0 && error == 0) {
        error = errno;
    }
    bool replaces = writer->temporary[0] != '\0';
    if (error == 0 && replaces && rename(writer->temporary, writer->path) != 0) {
        error = errno;
    }
    if (error != 0 && replaces) {
        unlink(writer->temporary);
    }
    if (error != 0) {
        fail(problem, writer->path, strerror(error));
    }
    forget(writer);
    return error == 0;
}

void file_writer_abandon(struct file_writer *writer) {
    if (writer->stream) {
        fclose(writer->stream);
    }
    if (writer->temporary[0] != '\0') {
        unlink(writer->temporary);
    }
    forget(writer);
}

bool file_writer_close(struct file_writer *writer, bool written, char *problem) {
    if (!written) {
        file_writer_abandon(writer);
        return false;
    }
    return file_writer_commit(writer, problem);
}

bool file_no_memory(const char *path, char *problem) {
    return fail(problem, path, "memory ran out");
}

static bool make_one_folder(const char *path) {
    struct stat info;
    if (mkdir(path, 0777) == 0) {
        return true;
    }
    int error = errno; // not only EEXIST: "/" and read-only disks answer differently
    bool exists = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    errno = error;
    return exists;
}

bool file_make_folder(const char *path, char *problem) {
    char part[FILE_PATH_MAX];
    size_t length = strlen(path);
    bool made = length < sizeof part;
    errno = ENAMETOOLONG;
    for (size_t end = 1; made && end <= length; end++) {
        if (path[end] == '/' || path[end] == '\0') {
            text_set(part, sizeof part, "%.*s", (int)end, path);
            made = make_one_folder(part);
        }
    }
    if (!made || length == 0) {
        text_set(problem, FILE_PROBLEM_MAX, "cannot make the folder %.*s: %s", FILE_PATH_MAX, path,
                 length == 0 ? "its name is empty" : strerror(errno));
        return false;
    }
    return true;
}
