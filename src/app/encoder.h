/*
 * encoder.h - pictures become an MP4 film, by the program ffmpeg where it is installed.
 *
 * It gets raw pixels through a pipe and writes beside the target, which is replaced only once it
 * has said that all is well (base/file.h). 30 pictures a second. Threads: one.
 */
#ifndef APP_ENCODER_H
#define APP_ENCODER_H

#include <stdbool.h>

#include "draw/canvas.h"

struct encoder;

/*
 * Begin a film. NULL, with a sentence in problem (FILE_PROBLEM_MAX bytes, here and below), where
 * there is no ffmpeg on the PATH or path cannot be written.
 */
struct encoder *encoder_create(const char *path, char *problem);

/* The next picture; all have the size of the first. */
bool encoder_add(struct encoder *encoder, const struct canvas *canvas, char *problem);

/* Finish the film, or unless complete, drop it; the encoder is gone in any case. */
bool encoder_destroy(struct encoder *encoder, bool complete, char *problem);

#endif
