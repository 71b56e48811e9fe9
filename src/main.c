#include <signal.h>
#include <stdio.h>

#include "app/headless.h"
#include "app/list.h"
#include "app/options.h"
#include "app/window.h"
#include "base/log.h"

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN); // a closed pipe or a full disk is told, not died of
    signal(SIGXFSZ, SIG_IGN);
    struct options options;
    char problem[OPTIONS_PROBLEM];
    if (!options_parse(&options, argc, argv, problem)) {
        log_error("%s", problem);
        return 2;
    }
    switch (options.mode) {
    case MODE_HELP:
        options_help(stdout);
        break;
    case MODE_VERSION:
        printf("layerscope %s\n", LAYERSCOPE_VERSION);
        break;
    case MODE_LIST:
        if (!list_print(stdout, options.table, options.markdown, problem)) {
            log_error("%s", problem);
            return 2;
        }
        break;
    case MODE_RUN:
        return headless_run(&options);
    case MODE_WINDOW:
        return window_run(&options);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
