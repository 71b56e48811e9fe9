/* headless.h - `layerscope run`: train without a window, then print or write what was measured. */
#ifndef APP_HEADLESS_H
#define APP_HEADLESS_H

#include "app/options.h"

/*
 * Make as many updates as options say, one more pass without an update, and write what that pass
 * shows; where the options have cases, for each of them in turn.
 * A signal (base/stop.h) ends that after the update under way; what is written then is of there,
 * and a sentence says where. Nothing is written if the data were not there yet. Returns the exit
 * status: 0, 1 when something could not be done, 2 when it cannot be run at all; a sentence went to
 * stderr then.
 */
int headless_run(const struct options *options);

#endif
