#include "app/act.h"

#include <math.h>

static int cycle(int value, int count, int direction) {
    return (value + direction + count) % count;
}

void act_view(struct session *session, int number) {
    session_show(session, (enum view_id)((number > 0 ? number : 1) - 1));
}

/* There and back again. */
void act_textbook(struct session *session, int direction) {
    (void)direction;
    if (session->view == VIEW_TEXTBOOK) {
        session_show(session, session->left_view);
    } else {
        session->left_view = session->view;
        session_show(session, VIEW_TEXTBOOK);
    }
}

void act_home(struct session *session, int direction) {
    (void)direction;
    session_scrub(session, 0);
}

void act_end(struct session *session, int direction) {
    (void)direction;
    session_scrub(session, -1);
}

/* By a sixty-fourth of the steps so far. */
void act_later(struct session *session, int direction) {
    int64_t from = session->cursor < 0 ? session->newest : session->cursor;
    int64_t step = from + direction * (1 + session->newest / 64);
    session_scrub(session, step < 0 ? 0 : step);
}

void act_earlier(struct session *session, int direction) {
    act_later(session, -direction);
}

void act_ghost(struct session *session, int direction) {
    (void)direction;
    session->ghost = !session->ghost;
    session->ghost_step = -1;
    session->redraw = true;
}

void act_lines(struct session *session, int direction) {
    (void)direction;
    session->lines = !session->lines;
    session->redraw = true;
}

/* Around the step that is shown. */
void act_time_in(struct session *session, int direction) {
    bool all = session->time.high < session->time.low;
    double around = (double)(session->cursor < 0 ? session->newest : session->cursor);
    const struct view_hit axis = { .kind = HIT_TIME,
                                   .left = all ? 0.0 : (double)session->time.low,
                                   .right = (double)(all ? session->newest : session->time.high) };
    session_zoom(session, &axis, fmin(fmax(around, axis.left), axis.right), direction);
}

void act_time_out(struct session *session, int direction) {
    act_time_in(session, -direction);
}

void act_layer_up(struct session *session, int direction) {
    session_select(session, session->selected + direction);
}

void act_layer_down(struct session *session, int direction) {
    act_layer_up(session, -direction);
}

void act_unit_up(struct session *session, int direction) {
    session_pick(session, session->unit + direction);
}

void act_unit_down(struct session *session, int direction) {
    act_unit_up(session, -direction);
}

void act_gradient(struct session *session, int direction) {
    if (session->view == VIEW_TEXTBOOK) {
        session->book = (enum view_book)cycle((int)session->book, VIEW_BOOK_COUNT, direction);
        session->redraw = true;
        return;
    }
    if (session->view == VIEW_HISTORY) {
        session->ridge = (enum view_ridge)cycle((int)session->ridge, VIEW_RIDGE_COUNT, direction);
        session->redraw = true;
        return;
    }
    int kinds = session->watches ? VIEW_GRADIENT_H : VIEW_GRADIENT_COUNT; // which nobody logs
    session->gradient = (enum view_gradient)cycle((int)session->gradient, kinds, direction);
    session_show(session, session->view); // the worker may have to look closer
}

void act_theory(struct session *session, int direction) {
    (void)direction;
    session->theory = !session->theory;
    session->redraw = true;
}

void act_why(struct session *session, int direction) {
    static const char *const said[VIEW_WHY_COUNT] = { "the worse of A and B", "A", "B" };
    if (!session->request.experiment.compare) {
        session_toast(session, false, "There is no B: the why is A's.");
        return;
    }
    session->why = (enum view_why)cycle((int)session->why, VIEW_WHY_COUNT, direction);
    session_toast(session, false, "The why shows %s.", said[session->why]);
}

void act_theme(struct session *session, int direction) {
    session->theme = (enum theme)cycle((int)session->theme, THEME_COUNT, direction);
    session->redraw = true;
}

void act_zoom_in(struct session *session, int direction) {
    double zoom = session->zoom * (direction > 0 ? 1.1 : 1 / 1.1);
    session->zoom = fmin(fmax(zoom, VIEW_LEAST_ZOOM), VIEW_MOST_ZOOM);
    session->redraw = true;
}

void act_zoom_out(struct session *session, int direction) {
    act_zoom_in(session, -direction);
}

void act_zoom_reset(struct session *session, int direction) {
    (void)direction;
    session->zoom = 1.0;
    session->redraw = true;
}

void act_fullscreen(struct session *session, int direction) {
    (void)direction;
    session->fullscreen = !session->fullscreen; // twice before the window got to it: as it was
}

void act_screenshot(struct session *session, int direction) {
    (void)direction;
    session->screenshot = SCREENSHOT_PNG;
}

void act_vector(struct session *session, int direction) {
    (void)direction;
    session->screenshot = SCREENSHOT_SVG;
}

void act_save_data(struct session *session, int direction) {
    (void)direction;
    session->save_data = true;
}

void act_copy_code(struct session *session, int direction) {
    (void)direction;
    session->copy_code = true;
}

void act_palette(struct session *session, int direction) {
    (void)direction;
    if (session->palette.open) {
        palette_close(session);
    } else {
        palette_open(session);
    }
}

void act_help(struct session *session, int direction) {
    (void)direction;
    menu_cancel(session);
    palette_close(session);
    session->help = !session->help;
    session->redraw = true;
}

void act_close(struct session *session, int direction) {
    (void)direction;
    if (session->palette.open) {
        palette_close(session);
    } else if (session->help) {
        session->help = false;
    } else if (session->menu.typing) {
        menu_cancel(session);
    } else if (session->menu.open) {
        menu_close(session);
    } else if (session->panels.blown != PANEL_NONE) {
        session->panels.blown = PANEL_NONE;
    } else if (session_stop_loading(session)) {
        return; // which it says
    } else {
        session_scrub(session, -1);
    }
    session->toast[0] = '\0';
    session->redraw = true;
}

void act_quit(struct session *session, int direction) {
    (void)direction;
    session->quit = true;
}
