#include "app/screenshot.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"
#include "export/png_file.h"

enum { LONGEST_NAME = 96 };

/* A name in folder that is not taken. */
static void free_name(char *path, const char *folder, int64_t step) {
    char moment[32];
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(moment, sizeof moment, "%Y-%m-%d_%H-%M-%S", &local);
    for (int number = 1; number < 1000; number++) {
        text_set(path, FILE_PATH_MAX, "%s/layerscope_%s_step%06lld", folder, moment,
                 (long long)step);
        if (number > 1) {
            text_append(path, FILE_PATH_MAX, "_%d", number);
        }
        text_append(path, FILE_PATH_MAX, ".png");
        if (access(path, F_OK) != 0) {
            return;
        }
    }
}

bool screenshot_save(const struct canvas *canvas, const char *folder, int64_t step, char *path,
                     char *problem) {
    char pictures[FILE_PATH_MAX];
    if (!folder) {
        paths_pictures(pictures, sizeof pictures);
        text_append(pictures, sizeof pictures, "/layerscope");
        folder = pictures;
    }
    if (!file_make_folder(folder, problem)) {
        return false;
    }
    if (strlen(folder) + LONGEST_NAME >= FILE_PATH_MAX) {
        text_set(problem, FILE_PROBLEM_MAX, "cannot write in %s: its name is too long", folder);
        return false;
    }
    free_name(path, folder, step);
    return png_file_write(path, canvas->pixels, canvas->width, canvas->height, canvas->scale, NULL,
                          0, problem);
}
