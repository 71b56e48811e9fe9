#include "app/data_file.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "app/shot.h"
#include "data/recognise.h"

static bool has_suffix(const char *path, const char *suffix) {
    size_t length = strlen(path), tail = strlen(suffix);
    return length >= tail && strcasecmp(path + length - tail, suffix) == 0;
}

/* Of text: does it begin as an experiment does? */
static bool is_experiment(const char *path) {
    char line[512];
    FILE *file = fopen(path, "r");
    bool found = false, experiment = false;
    while (file && !found && fgets(line, sizeof line, file)) {
        const char *first = line + strspn(line, "\xEF\xBB\xBF \t\r\n");
        found = *first != '\0' && *first != ';' && *first != '#';
        experiment = found && (*first == '[' || strchr(first, '='));
    }
    if (file) {
        fclose(file);
    }
    return experiment || !found; // an empty one has all settings as usual
}

bool data_file_is(const char *path) {
    enum dataset_kind kind;
    char ignored[DATASET_PROBLEM];
    return !has_suffix(path, ".ini") && recognise(path, &kind, ignored) &&
           (kind != DATASET_CSV || (!is_experiment(path) && !shot_is_picture(path)));
}
