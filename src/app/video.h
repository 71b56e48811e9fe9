/*
 * video.h - SDL's way to a screen: which driver.
 */
#ifndef APP_VIDEO_H
#define APP_VIDEO_H

#include <stdbool.h>

/*
 * Start SDL on the display there is. false without one: a line on stderr says what to do instead. A
 * signal (base/stop.h) is SDL_QUIT from now on.
 */
bool video_start(void);
void video_end(void); // also where it did not start

/*
 * Text is taken only while the menu or the palette is open: an input method for Korean, say, would
 * swallow the other keys.
 */
void video_take_text(bool wanted);

#endif
