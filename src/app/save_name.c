#include "app/save_name.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"

enum { LONGEST_NAME = 96 };

static bool is_taken(const char *path, const char *const *endings, int count) {
    bool taken = false;
    for (int i = 0; i < count; i++) {
        char name[FILE_PATH_MAX];
        text_set(name, sizeof name, "%s%s", path, endings[i]);
        taken |= access(name, F_OK) == 0;
    }
    return taken;
}

bool save_name(char *path, const char *folder, int64_t step, const char *const *endings, int count,
               char *problem) {
    char pictures[FILE_PATH_MAX], moment[32];
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
        if (!is_taken(path, endings, count)) {
            break;
        }
    }
    return true;
}
