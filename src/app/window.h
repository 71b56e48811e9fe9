/* window.h - the window: SDL events become commands, snapshots become frames. */
#ifndef APP_WINDOW_H
#define APP_WINDOW_H

#include "app/options.h"

/* Open the window and train until the user quits. Returns the exit status. */
int window_run(const struct options *options);

#endif
