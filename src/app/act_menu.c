#include "app/act.h"

void act_menu(struct session *session, int direction) {
    (void)direction;
    if (session->menu.open) {
        menu_close(session);
    } else {
        menu_open(session, NULL);
    }
}

void act_menu_down(struct session *session, int direction) {
    (session->palette.open ? palette_move : menu_move)(session, direction);
}

void act_menu_up(struct session *session, int direction) {
    act_menu_down(session, -direction);
}

void act_menu_group_down(struct session *session, int direction) {
    if (session->palette.open) {
        palette_move(session, direction * VIEW_PALETTE_ROWS);
    } else {
        menu_move_group(session, direction);
    }
}

void act_menu_group_up(struct session *session, int direction) {
    act_menu_group_down(session, -direction);
}

void act_menu_more(struct session *session, int direction) {
    menu_step(session, direction);
}

void act_menu_less(struct session *session, int direction) {
    menu_step(session, -direction);
}

void act_menu_a(struct session *session, int direction) {
    (void)direction;
    menu_edit(session, 0);
}

void act_menu_b(struct session *session, int direction) {
    (void)direction;
    menu_edit(session, 1);
}

void act_menu_enter(struct session *session, int direction) {
    (void)direction;
    (session->palette.open ? palette_enter : menu_enter)(session);
}

void act_menu_reset(struct session *session, int direction) {
    (void)direction;
    menu_reset(session);
}

void act_menu_erase(struct session *session, int direction) {
    (void)direction;
    (session->palette.open ? palette_erase : menu_erase)(session);
}

void act_menu_paste(struct session *session, int direction) {
    (void)direction;
    session->paste = session->menu.typing || session->palette.open;
}
