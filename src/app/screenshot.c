#include "app/screenshot.h"

#include "app/save_name.h"
#include "base/file.h"
#include "base/text.h"
#include "export/png_file.h"

bool screenshot_save(const struct canvas *canvas, const char *folder, int64_t step, char *path,
                     char *problem) {
    static const char *const ending = ".png";
    if (!save_name(path, folder, step, &ending, 1, problem)) {
        return false;
    }
    text_append(path, FILE_PATH_MAX, "%s", ending);
    return png_file_write(path, canvas->pixels, canvas->width, canvas->height, canvas->scale, NULL,
                          0, problem);
}
