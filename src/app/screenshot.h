/* screenshot.h - the picture of the window as a file, and where it goes. */
#ifndef APP_SCREENSHOT_H
#define APP_SCREENSHOT_H

#include "app/picture.h"
#include "app/shot.h"

/*
 * Save the picture as layerscope_DATE_TIME_stepN.png, or .svg if vector is true, in folder (NULL:
 * the user's pictures folder, subfolder layerscope), which is made if absent; a taken name gets _2,
 * _3, ... It carries what source says. Returns false with a sentence in problem (FILE_PROBLEM_MAX
 * bytes); path (FILE_PATH_MAX bytes) is the file written.
 */
bool screenshot_save(const struct picture *picture, bool vector, const char *folder,
                     const struct shot_source *source, char *path, char *problem);

/* The pixels as a PNG, to a path of the caller's choice; vector.h does so with the lines. */
bool screenshot_write(const struct canvas *canvas, const char *path,
                      const struct shot_source *source, char *problem);

#endif
