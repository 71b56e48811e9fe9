/* screenshot.h - where a picture of the window goes, and writing it there. */
#ifndef APP_SCREENSHOT_H
#define APP_SCREENSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "draw/canvas.h"

/*
 * Save the canvas as layerscope_DATE_TIME_stepN.png in folder (NULL: the user's pictures folder,
 * subfolder layerscope), which is made if absent; a taken name gets _2, _3, ... Returns false with
 * a sentence in problem (FILE_PROBLEM_MAX bytes); path (FILE_PATH_MAX bytes) is the file written.
 */
bool screenshot_save(const struct canvas *canvas, const char *folder, int64_t step, char *path,
                     char *problem);

#endif
