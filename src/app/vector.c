#include "app/vector.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "export/svg_file.h"
#include "export/svg_texts.h"

/* The experiment stands before the other texts, and is no element. */
static const char *take_experiment(struct shot_texts *texts) {
    const char *found = NULL;
    int kept = 0;
    for (int i = 0; i < texts->count; i++) {
        if (strcmp(texts->text[i].key, SVG_TEXTS_EXPERIMENT) == 0) {
            found = texts->text[i].value;
        } else {
            texts->text[kept++] = texts->text[i];
        }
    }
    texts->count = kept;
    return found;
}

bool vector_write(const struct picture *picture, const struct shot_source *source, const char *path,
                  char *problem) {
    const struct canvas *canvas = &picture->canvas;
    char title[96];
    struct shot_texts *texts = malloc(sizeof *texts);
    if (!texts) {
        return file_no_memory(path, problem);
    }
    shot_print(texts, source);
    text_set(title, sizeof title, "layerscope, step %lld", (long long)picture->shown->step);
    const char *experiment = take_experiment(texts);
    const struct svg_page page = { .width = (float)canvas->width / canvas->scale,
                                   .height = (float)canvas->height / canvas->scale,
                                   .scale = canvas->scale,
                                   .title = title,
                                   .details = experiment,
                                   .texts = texts->text,
                                   .text_count = texts->count };
    bool written = svg_file_write(path, &picture->list, &page, problem);
    free(texts);
    return written;
}
