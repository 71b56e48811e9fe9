#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/headless.h"
#include "app/list.h"
#include "app/options.h"
#include "app/watch.h"
#include "app/window.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/stop.h"

/* A file must not get the number of a stream that was closed, or messages would land in it. */
static void occupy_standard_streams(void) {
    int descriptor = 0;
    while (descriptor >= 0 && descriptor <= STDERR_FILENO) {
        descriptor = open("/dev/null", O_RDONLY); // so that writing fails, and is told
    }
    if (descriptor >= 0) {
        close(descriptor);
    }
}

/*
 * The exit status once everything printed has arrived. A reader that has seen enough is no news.
 * Where a signal was the end of it and all went well, it is the signal's.
 */
static int finish(int status) {
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        if (errno != EPIPE) {
            log_error("cannot write to standard output: %s", strerror(errno ? errno : EIO));
        }
        status = status ? status : 1;
    }
    if (status == 0) {
        stop_finish();
    }
    return status;
}

int main(int argc, char **argv) {
    occupy_standard_streams();
    memory_return_large_blocks();
    signal(SIGPIPE, SIG_IGN); // a closed pipe or a full disk is told, not died of
    signal(SIGXFSZ, SIG_IGN);
    struct options options;
    char problem[OPTIONS_PROBLEM];
    if (!options_parse(&options, argc, argv, problem)) {
        return log_refusal(problem);
    }
    if (options.mode == MODE_RUN || options.mode == MODE_WATCH || options.mode == MODE_WINDOW) {
        stop_listen();
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
            return log_refusal(problem);
        }
        break;
    case MODE_RUN:
        return finish(headless_run(&options));
    case MODE_WATCH:
        return finish(watch_run(&options));
    case MODE_WINDOW:
        return finish(window_run(&options));
    }
    return finish(0);
}
