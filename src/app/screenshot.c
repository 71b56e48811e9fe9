#include "app/screenshot.h"

#include <stdlib.h>

#include "app/save_name.h"
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

bool screenshot_save(const struct canvas *canvas, const char *folder,
                     const struct shot_source *source, char *path, char *problem) {
    static const char *const ending = ".png";
    if (!save_name(path, folder, source->replay->step, &ending, 1, problem)) {
        return false;
    }
    text_append(path, FILE_PATH_MAX, "%s", ending);
    return screenshot_write(canvas, path, source, problem);
}

bool screenshot_trace(struct replay *replay, struct worker *worker, const struct session *session,
                      const struct snapshot *shown) {
    if (!shown->has_runs) {
        replay_begin(replay, &session->request.experiment);
        return true;
    }
    if (shown->watched.active) { // which has none
        replay_begin(replay, &session->request.experiment);
        replay->step = shown->step;
        return true;
    }
    uint64_t life = worker_log(worker, replay);
    replay->step = shown->step;
    replay->pretrained = digest_pretrained(shown);
    replay_cut(replay, shown->changes);
    return life == shown->life;
}
