#include "app/screenshot.h"

#include <stdlib.h>

#include "app/save_name.h"
#include "app/vector.h"
#include "base/file.h"
#include "base/text.h"
#include "export/png_file.h"

bool screenshot_write(const struct canvas *canvas, const char *path,
                      const struct shot_source *source, char *problem) {
    struct shot_texts *texts = malloc(sizeof *texts);
    if (!texts) {
        return file_no_memory(path, problem);
    }
    shot_print(texts, source);
    bool good = png_file_write(path, canvas->pixels, canvas->width, canvas->height, canvas->scale,
                               texts->text, texts->count, problem);
    free(texts);
    return good;
}

bool screenshot_save(const struct picture *picture, bool vector, const char *folder,
                     const struct shot_source *source, char *path, char *problem) {
    const char *const ending = vector ? ".svg" : ".png";
    if (!save_name(path, folder, source->replay->step, &ending, 1, problem)) {
        return false;
    }
    text_append(path, FILE_PATH_MAX, "%s", ending);
    return vector ? vector_write(picture, source, path, problem)
                  : screenshot_write(&picture->canvas, path, source, problem);
}
