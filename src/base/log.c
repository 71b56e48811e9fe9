#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

void log_error(const char *format, ...) {
    char line[FILE_PROBLEM_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fprintf(stderr, "layerscope: %s\n", line);
}

int log_refusal(const char *problem) {
    log_error("%s", problem);
    bool ours = strstr(problem, "emory ran out") || strstr(problem, strerror(ENOMEM)) ||
                strstr(problem, strerror(EIO));
    return ours ? 1 : 2;
}
