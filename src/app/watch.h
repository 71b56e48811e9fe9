/* watch.h - `layerscope watch`: somebody else's training, in a window or as a picture. */
#ifndef APP_WATCH_H
#define APP_WATCH_H

#include "app/options.h"

/*
 * With something to write or print: read all there is, write it, say which files could not be read
 * to their ends. Else the window. Returns the exit status, as headless_run() does.
 */
int watch_run(const struct options *options);

#endif
