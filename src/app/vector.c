#include "app/vector.h"

#include <stdlib.h>

#include "app/save_name.h"
#include "base/file.h"
#include "base/text.h"
#include "export/svg_file.h"
#include "lab/experiment_ini.h"

enum { DETAILS = 32768 };

bool vector_write(const struct picture *picture, const struct experiment *experiment,
                  const char *path, char *problem) {
    const struct canvas *canvas = &picture->canvas;
    char title[96], *details = calloc(1, DETAILS);
    if (!details) {
        text_set(problem, FILE_PROBLEM_MAX, "cannot write %s: memory ran out", path);
        return false;
    }
    bool ours = !picture->shown->watched.active;
    if (ours) {
        experiment_print_ini(experiment, details, DETAILS);
    }
    text_set(title, sizeof title, "layerscope, step %lld", (long long)picture->shown->step);
    const struct svg_page page = { .width = (float)canvas->width / canvas->scale,
                                   .height = (float)canvas->height / canvas->scale,
                                   .scale = canvas->scale,
                                   .title = title,
                                   .details = ours ? details : NULL };
    bool written = svg_file_write(path, &picture->list, &page, problem);
    free(details);
    return written;
}

bool vector_save(const struct picture *picture, const struct experiment *experiment,
                 const char *folder, char *path, char *problem) {
    static const char *const ending = ".svg";
    if (!save_name(path, folder, picture->shown->step, &ending, 1, problem)) {
        return false;
    }
    text_append(path, FILE_PATH_MAX, "%s", ending);
    return vector_write(picture, experiment, path, problem);
}
