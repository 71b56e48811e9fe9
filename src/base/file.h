/*
 * file.h - write a file whole or not at all.
 *
 * The data goes to a temporary name in the target's own folder and is renamed over the target only
 * once everything was written and flushed, so no reader and no full disk ever leaves half a file.
 * A link is followed; a target that is no regular file (a pipe, /dev/stdout) is written in place.
 *
 * Writing past a file size limit raises SIGXFSZ and into a closed pipe SIGPIPE: a program that
 * wants the sentence instead ignores both.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stdio.h>

enum { FILE_PATH_MAX = 4096, FILE_PROBLEM_MAX = FILE_PATH_MAX + 256 };

struct file_writer {
    FILE *stream; // write here
    char path[FILE_PATH_MAX];
    char temporary[FILE_PATH_MAX]; // "" when path is written in place
    int noted;                     // private
};

/*
 * Open a temporary file beside path. Returns false with one sentence in problem (size
 * FILE_PROBLEM_MAX), naming path and reason, when that fails; writer is then zeroed. A file that
 * the user made read-only is refused, although a rename would replace it.
 */
bool file_writer_open(struct file_writer *writer, const char *path, char *problem);

/*
 * Has all gone well so far, as far as the stream knows? Else false with a sentence in problem, and
 * only file_writer_abandon() may follow: for who writes on for hours.
 */
bool file_writer_check(struct file_writer *writer, char *problem);

/*
 * Flush, close and rename. Returns false with a sentence in problem when anything since the
 * opening failed; the temporary file is then gone and path untouched. Either way writer is zeroed.
 */
bool file_writer_commit(struct file_writer *writer, char *problem);

/* Close and delete the temporary file; accepts a zeroed writer. */
void file_writer_abandon(struct file_writer *writer);

/* One of the two: commit if all was written, else abandon. Is the file there? */
bool file_writer_close(struct file_writer *writer, bool written, char *problem);

/* The sentence that memory ran out for a file, into problem. Always false. */
bool file_no_memory(const char *path, char *problem);

/* Delete the temporary files of all writers there are. A signal handler may call it, if the program
 * ends with that. */
void file_drop_temporaries(void);

/* Make the folder and its parents where absent; false with a sentence in problem otherwise. */
bool file_make_folder(const char *path, char *problem);

#endif
