/* output_picture.c - the picture of the window, without one. */
#include <math.h>
#include <stdlib.h>

#include "app/output_rows.h"
#include "app/vector.h"
#include "base/file.h"
#include "base/text.h"
#include "export/png_file.h"
#include "lab/data_look.h"
#include "lab/layer_look.h"

enum { DEFAULT_WIDTH = 1440, DEFAULT_HEIGHT = 900 };

/* What the view wants to see closer, of all examples. */
static void look(const struct output_source *source, enum view_id view) {
    struct data_look *look = calloc(1, sizeof *look);
    if (look && view == VIEW_DATA &&
        data_look(look, source->run, &(struct data_effort){ .work = (double)INFINITY })) {
        data_detail_copy(&source->snapshot->data_detail, &look->detail);
    }
    if (look) {
        data_look_forget(look);
    }
    free(look);
}

/* On paper, if it is a figure for a page and nothing else is asked for. */
static enum theme picture_theme(const struct options *options) {
    bool page = options->panel >= 0 || options->view == VIEW_TEXTBOOK;
    return options->theme >= 0 ? (enum theme)options->theme : page ? THEME_PRINT : THEME_DARK;
}

static void set_look(struct session *session, const struct output_source *source) {
    const struct options *options = source->options;
    session_init(session, source->experiment);
    session->theme = picture_theme(options);
    session->request.serial = source->snapshot->request; // as if it had been asked for
    session_notice(session, source->snapshot);
    session->bare = options->panel >= 0;
    session->title = options->title;
    session->caption = options->caption;
    if (session->bare) {
        session->panels.blown = view_figures[options->panel].panel;
        session_show(session, view_figures[options->panel].view);
    } else {
        session_show(session, (enum view_id)options->view);
    }
}

/* The whole picture, as list and as pixels. */
static bool draw(const struct output_source *source, char *problem) {
    const struct options *options = source->options;
    double scale = options->scale > 0 ? options->scale : 1.0;
    int width = (int)lround(scale * (options->width ? options->width : DEFAULT_WIDTH));
    int height = (int)lround(scale * (options->height ? options->height : DEFAULT_HEIGHT));
    struct session session;
    set_look(&session, source);
    session.toast[0] = '\0'; // there is no time for it to go away in
    if (source->run) {
        layer_look(source->run, &session.request.look, source->snapshot);
        look(source, session.view);
    }
    const struct picture_source from = { .snapshot = source->snapshot,
                                         .history = source->history,
                                         .film = source->film,
                                         .again = -1 };
    if (!picture_draw(source->picture, &session, &from, width, height, scale, true)) {
        text_set(problem, FILE_PROBLEM_MAX, "Memory ran out for the picture.");
        return false;
    }
    return true;
}

bool output_png_add(void *state, const char *path, const struct output_source *source,
                    char *problem) {
    (void)state;
    const struct canvas *canvas = &source->picture->canvas;
    return draw(source, problem) && png_file_write(path, canvas->pixels, canvas->width,
                                                   canvas->height, canvas->scale, NULL, 0, problem);
}

bool output_svg_add(void *state, const char *path, const struct output_source *source,
                    char *problem) {
    (void)state;
    return draw(source, problem) &&
           vector_write(source->picture, source->experiment, path, problem);
}
