/* output_picture.c - the picture of the window, without one. */
#include <math.h>
#include <stdlib.h>

#include "app/look_text.h"
#include "app/output_rows.h"
#include "app/screenshot.h"
#include "app/vector.h"
#include "base/file.h"
#include "base/text.h"
#include "lab/data_look.h"
#include "lab/layer_look.h"

/* What the view wants to see closer, of all examples. false: memory ran out. */
static bool look(const struct output_source *source, const struct session *session) {
    layer_look(source->run, &session->request.look, source->snapshot);
    if (session->view != VIEW_DATA) {
        return true;
    }
    struct data_look *look = calloc(1, sizeof *look);
    if (!look) {
        return false;
    }
    bool made = data_look(look, source->run, &(struct data_effort){ .work = (double)INFINITY });
    if (made) {
        data_detail_copy(&source->snapshot->data_detail, &look->detail);
    }
    data_look_forget(look);
    free(look);
    return made;
}

static void show_panel(struct session *session, const struct options *options) {
    session->bare = true;
    session->panels.blown = view_figures[options->panel].panel;
    session_show(session, view_figures[options->panel].view);
}

/* What is looked at: as the picture that is done again had it, but for what is asked for. */
static void choose_look(struct session *session, const struct output_source *source) {
    const struct options *options = source->options;
    session_init(session, source->run ? &source->run->experiment : source->experiment);
    session->request.serial = source->snapshot->request; // as if it had been asked for
    session_notice(session, source->snapshot);
    const struct shot *shot = &options->shot;
    session->title = options->title ? options->title : shot->has_title ? shot->title : NULL;
    session->caption = options->caption    ? options->caption
                       : shot->has_caption ? shot->caption
                                           : NULL;
    session->ghost_step = options->replay.ghost;
    session->ghost = shot->there && session->ghost_step >= 0;
    look_text_read(session, shot->look);
    if (options->panel >= 0) {
        show_panel(session, options);
    } else if (options->view >= 0) {
        session->bare = false;
        session_show(session, (enum view_id)options->view);
    }
    if (options->theme >= 0) {
        session->theme = (enum theme)options->theme;
    } else if (!options->shot.look[0]) { // on paper, if it is a figure for a page
        bool page = session->bare || session->view == VIEW_TEXTBOOK;
        session->theme = page ? THEME_PRINT : THEME_DARK;
    }
}

static int side(double pixels) {
    return (int)fmin(round(pixels), CANVAS_MAX_SIDE);
}

/* As asked for, or as the picture that is done again had it. */
static void choose_size(const struct options *options, int *width, int *height, double *scale) {
    const struct shot *shot = &options->shot;
    *scale = options->scale > 0.0 ? options->scale : shot->scale > 0.0 ? shot->scale : 1.0;
    if (options->width || shot->scale == 0.0) {
        *width = side(*scale * (options->width ? options->width : OPTIONS_WIDTH));
        *height = side(*scale * (options->height ? options->height : OPTIONS_HEIGHT));
    } else {
        *width = side(*scale / shot->scale * shot->width);
        *height = side(*scale / shot->scale * shot->height);
    }
}

/* The whole picture, as list and as pixels. */
static bool draw(const struct output_source *source, struct session *session, char *problem) {
    int width, height;
    double scale;
    choose_look(session, source);
    choose_size(source->options, &width, &height, &scale);
    session->toast[0] = '\0'; // there is no time for it to go away in
    const struct picture_source from = {
        .snapshot = source->snapshot, .history = source->history, .film = source->film, .again = -1
    };
    if ((source->run && !look(source, session)) ||
        !picture_draw(source->picture, session, &from, width, height, scale, true)) {
        text_set(problem, FILE_PROBLEM_MAX, "Memory ran out for the picture.");
        return false;
    }
    return true;
}

bool output_picture(const struct output_source *source, char *problem) {
    struct session session;
    return draw(source, &session, problem);
}

static struct shot_source source_of(const struct output_source *source,
                                    const struct session *session, const char *look) {
    return (struct shot_source){ .replay = source->replay,
                                 .snapshot = source->snapshot,
                                 .look = look,
                                 .scale = (double)source->picture->canvas.scale,
                                 .title = session->title,
                                 .caption = session->caption };
}

static bool write_picture(const struct output_source *source, bool vector, const char *path,
                          char *problem) {
    struct session session;
    char look[SHOT_LOOK];
    if (!draw(source, &session, problem)) {
        return false;
    }
    look_text_print(&session, look);
    const struct shot_source shot = source_of(source, &session, look);
    return vector ? vector_write(source->picture, &shot, path, problem)
                  : screenshot_write(&source->picture->canvas, path, &shot, problem);
}

bool output_png_add(void *state, const char *path, const struct output_source *source,
                    char *problem) {
    (void)state;
    return write_picture(source, false, path, problem);
}

bool output_svg_add(void *state, const char *path, const struct output_source *source,
                    char *problem) {
    (void)state;
    return write_picture(source, true, path, problem);
}
