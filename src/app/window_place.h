/*
 * window_place.h - how the window stood when it was last closed, for the next start.
 *
 * An INI file without sections. Reading takes what it understands and leaves the rest as it was:
 * nothing in it is worth more than a line on stderr. Threads: the screen's thread.
 */
#ifndef APP_WINDOW_PLACE_H
#define APP_WINDOW_PLACE_H

#include <SDL_video.h>
#include <stdbool.h>

#include "app/options.h"

struct window_place {
    int x, y, width, height; // as SDL has them, not maximised; width 0: not known
    bool maximised;
    double zoom; // the user's factor; 0: not known
    int theme;   // below 0: not known
};

/* Nothing known, then what the file says, if there is one. */
void window_place_read(struct window_place *place, const char *path);

/* Can it be written there, in folders that are made? Else false with a sentence in problem
 * (FILE_PROBLEM_MAX bytes). */
bool window_place_can_write(const char *path, char *problem);

/* Write it, with its folders; a failure is logged. */
void window_place_write(const struct window_place *place, const char *path);

/* Where a window stands now, unless that is the screen's choice. */
void window_place_note(struct window_place *place, SDL_Window *window);

/* What was asked for, or as it last was; the default no larger than the screen. */
void window_place_first_size(const struct window_place *place, const struct options *options,
                             int *width, int *height);

/* Would enough of its top edge to drag it by lie on a screen? */
bool window_place_is_in_sight(const struct window_place *place);

#endif
