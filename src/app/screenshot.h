/* screenshot.h - where a picture of the window goes, and writing it there. */
#ifndef APP_SCREENSHOT_H
#define APP_SCREENSHOT_H

#include "app/session.h"
#include "app/shot.h"
#include "draw/canvas.h"

/*
 * Save the canvas as layerscope_DATE_TIME_stepN.png in folder (NULL: the user's pictures folder,
 * subfolder layerscope), which is made if absent; a taken name gets _2, _3, ... The picture carries
 * what source says. Returns false with a sentence in problem (FILE_PROBLEM_MAX bytes); path
 * (FILE_PATH_MAX bytes) is the file written.
 */
bool screenshot_save(const struct canvas *canvas, const char *folder,
                     const struct shot_source *source, char *path, char *problem);

/* The same to a path of the caller's choice. */
bool screenshot_write(const struct canvas *canvas, const char *path,
                      const struct shot_source *source, char *problem);

/*
 * What has led to a snapshot that is shown. false while the worker is ahead of it with a new run,
 * whose first snapshot is on its way.
 */
bool screenshot_trace(struct replay *replay, struct worker *worker, const struct session *session,
                      const struct snapshot *shown);

#endif
