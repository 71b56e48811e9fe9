/* output_film.c - what training looks like: numbered pictures, and a film of them. */
#include <stdio.h>
#include <stdlib.h>

#include "app/encoder.h"
#include "app/output_rows.h"
#include "base/file.h"
#include "base/text.h"

static bool out_of_memory(const char *path, char *problem) {
    text_set(problem, FILE_PROBLEM_MAX, "cannot write %s: memory ran out", path);
    return false;
}

bool output_frames_open(void **state, const struct options *options, const char *path,
                        char *problem) {
    (void)options;
    if (!file_make_folder(path, problem)) {
        return false;
    }
    *state = calloc(1, sizeof(int)); // of frames written
    return *state || out_of_memory(path, problem);
}

bool output_frames_add(void *state, const char *path, const struct output_source *source,
                       char *problem) {
    int *count = state;
    char name[FILE_PATH_MAX];
    if (snprintf(name, sizeof name, "%s/frame_%06d.png", path, ++*count) >= (int)sizeof name) {
        text_set(problem, FILE_PROBLEM_MAX, "cannot write in %.200s...: its name is too long",
                 path);
        return false;
    }
    return output_png_add(NULL, name, source, problem);
}

bool output_frames_close(void *state, const char *path, bool complete, char *problem) {
    (void)path;
    (void)complete; // pictures that are there are whole
    (void)problem;
    free(state);
    return true;
}

bool output_film_open(void **state, const struct options *options, const char *path,
                      char *problem) {
    (void)options;
    *state = encoder_create(path, problem);
    return *state != NULL;
}

bool output_film_add(void *state, const char *path, const struct output_source *source,
                     char *problem) {
    (void)path;
    return output_picture(source, problem) && encoder_add(state, &source->picture->canvas, problem);
}

bool output_film_close(void *state, const char *path, bool complete, char *problem) {
    (void)path;
    return encoder_destroy(state, complete, problem);
}
