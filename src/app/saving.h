/*
 * saving.h - what the window saves when it is asked to: its picture, or the numbers of the step
 * that its last picture showed. Toasts tell what came of it.
 *
 * While the worker is ahead of that picture with a new run, it is put off until the next one.
 */
#ifndef APP_SAVING_H
#define APP_SAVING_H

#include "app/picture.h"
#include "lab/worker.h"

/* As PNG or SVG, whichever the session wants, to folder (screenshot.h). */
void saving_picture(struct session *session, struct worker *worker, const struct picture *picture,
                    const char *folder);

/* With the settings that they were made with, to folder (save_data.h). */
void saving_numbers(struct session *session, struct worker *worker, const struct snapshot *shown,
                    const char *folder);

#endif
