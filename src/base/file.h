/*
 * file.h - write a file whole or not at all.
 *
 * The data goes to a temporary name in the target's own folder and is renamed over the target only
 * once everything was written and flushed, so no reader and no full disk ever leaves half a file.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { FILE_PATH_MAX = 4096, FILE_PROBLEM_MAX = FILE_PATH_MAX + 256 };

struct file_writer {
    FILE *stream; // write here
    char path[FILE_PATH_MAX];
    char temporary[FILE_PATH_MAX];
};

/*
 * Open a temporary file beside path. Returns false with one sentence in problem (size
 * FILE_PROBLEM_MAX), naming path and reason, when that fails.
 */
bool file_writer_open(struct file_writer *writer, const char *path, char *problem);

/*
 * Flush, close and rename. Returns false with a sentence in problem when anything since the
 * opening failed; the temporary file is then gone and path untouched.
 */
bool file_writer_commit(struct file_writer *writer, char *problem);

/* Close and delete the temporary file. */
void file_writer_abandon(struct file_writer *writer);

/* Make the folder and its parents where absent; false with a sentence in problem otherwise. */
bool file_make_folder(const char *path, char *problem);

#endif
