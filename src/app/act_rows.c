/* act_rows.c - how view 1 is arranged and what its axes do. */
#include "app/act.h"

void act_linear(struct session *session, int direction) {
    (void)direction;
    session->linear = !session->linear;
    session->redraw = true;
}

void act_freeze(struct session *session, int direction) {
    (void)direction;
    session->frozen = !session->frozen;
    session_toast(session, false, session->frozen ? "axes frozen" : "axes follow again");
}

/* A panel is chosen from here on, the first one at first. */
static enum panel_id chosen(struct session *session) {
    struct view_panels *panels = &session->panels;
    if (panels->chosen == PANEL_NONE) {
        panels->chosen = PANEL_ACTIVATIONS;
    }
    session_show(session, VIEW_LAYERS); // where panels are
    return panels->chosen;
}

void act_panel(struct session *session, int direction) {
    struct view_panels *panels = &session->panels;
    bool first = panels->chosen == PANEL_NONE;
    int count = PANEL_COUNT - 1, index = (int)chosen(session) - 1;
    index = first && direction > 0 ? 0 : (index + direction + count) % count;
    panels->chosen = (enum panel_id)(index + 1);
    if (panels->blown != PANEL_NONE) {
        panels->blown = panels->chosen;
    }
    session->redraw = true;
}

void act_fold(struct session *session, int direction) {
    (void)direction;
    session_fold(session, chosen(session));
}

void act_blow(struct session *session, int direction) {
    (void)direction;
    session_blow(session, chosen(session));
}
