#include "app/input.h"

#include <math.h>
#include <SDL_keyboard.h>

#include "app/command.h"

/* The key's Latin letter also where the layout is Greek or Cyrillic. */
static SDL_Keycode latin(const SDL_Keysym *key) {
    bool letter = key->scancode >= SDL_SCANCODE_A && key->scancode <= SDL_SCANCODE_Z;
    bool foreign = key->sym > 0x7F && !(key->sym & SDLK_SCANCODE_MASK);
    return letter && foreign ? SDLK_a + (int)(key->scancode - SDL_SCANCODE_A) : key->sym;
}

/* The digit in the place of a key: French keyboards, say, have it with Shift alone. */
static SDL_Keycode digit(const SDL_Keysym *key) {
    bool digit = key->scancode >= SDL_SCANCODE_1 && key->scancode <= SDL_SCANCODE_9;
    return digit ? SDLK_1 + (SDL_Keycode)(key->scancode - SDL_SCANCODE_1) : SDLK_UNKNOWN;
}

void input_key(struct session *session, const SDL_KeyboardEvent *key) {
    int direction = 1;
    enum command_place place = command_place(session);
    enum command_id id = command_of_key(latin(&key->keysym), key->keysym.mod, place, &direction);
    if (id == COMMAND_COUNT) {
        id = command_of_key(digit(&key->keysym), key->keysym.mod, place, &direction);
    }
    if (id < COMMAND_COUNT && (!key->repeat || commands[id].repeats)) {
        command_run(session, id, direction);
    }
}

void input_text(struct session *session, const char *utf8) {
    (session->palette.open ? palette_write : menu_write)(session, utf8);
}

/* A hit of several layers or units has them side by side, each as wide as the others. */
static int number_at(const struct view_hit *hit, float x) {
    double most = nextafter(hit->right, hit->left);
    return (int)floor(fmin(view_hit_x(hit, x), most));
}

static bool is_time(enum hit_kind kind) {
    return kind == HIT_TIME || kind == HIT_TIME_DOWN;
}

/* The step at a place of a time axis. */
static double time_at(const struct view_hit *hit, const struct view_pointer *pointer) {
    return hit->kind == HIT_TIME ? view_hit_x(hit, pointer->x) : view_hit_y(hit, pointer->y);
}

/* The pressed hit follows the pointer, also outside of it. */
static void drag(struct session *session) {
    const struct view_hit *hit = &session->pressed;
    const struct view_pointer *pointer = &session->pointer;
    if (session->pans) {
        session_pan(session, hit, session->anchor - time_at(hit, pointer));
    } else if (is_time(hit->kind)) {
        bool end = hit->kind == HIT_TIME ? pointer->x >= hit->rect.x + hit->rect.w - 1.0f
                                         : pointer->y >= hit->rect.y + hit->rect.h - 1.0f;
        session_scrub(session, hit->value && end ? -1 : llround(time_at(hit, pointer)));
    } else if (hit->kind == HIT_LAYERS) {
        session_select(session, 1 + number_at(hit, pointer->x));
    } else if (hit->kind == HIT_UNIT) {
        session_pick(session, number_at(hit, pointer->x));
    }
}

void input_motion(struct session *session, struct view_pointer pointer) {
    session->pointer = pointer;
    session->redraw = true;
    drag(session);
}

/* A click on a value types it, but for names, of which the first click shows all there are. */
static void click_value(struct session *session, int row, int run) {
    bool chosen = session->menu.selected == row && session->menu.run == run;
    if (chosen && session->menu.typing) {
        menu_keep(session);
        return;
    }
    menu_select(session, row, run);
    if (chosen || menu_setting(row)->type != SETTING_NAME) {
        menu_enter(session);
    }
}

static void click_chip(struct session *session, enum command_id id, bool back) {
    if (back || !commands[id].setting) {
        command_run(session, id, back ? -1 : 1);
    } else {
        menu_open(session, setting_find(commands[id].setting));
    }
}

/* With the right button B, where it stands on A's plane. */
static void click_plane(struct session *session, const struct view_hit *hit, bool back) {
    double sw = view_hit_x(hit, session->pointer.x), sb = view_hit_y(hit, session->pointer.y);
    bool on_axis = sb < 0.01 * hit->top; // hard to hit to the pixel, but often wanted
    session_start_at(session, back ? hit->value % 2 : hit->value / 2, sw, on_axis ? 0.0 : sb);
}

static void click(struct session *session, struct view_hit hit, bool back) {
    switch (hit.kind) {
    case HIT_COMMAND:
        command_run(session, (enum command_id)hit.value, back ? -1 : 1);
        break;
    case HIT_CHIP:
        click_chip(session, (enum command_id)hit.value, back);
        break;
    case HIT_LAYER:
        session_select(session, hit.value);
        break;
    case HIT_VIEW:
        session_show(session, (enum view_id)hit.value);
        break;
    case HIT_PANEL:
        session->panels.chosen = (enum panel_id)hit.value;
        session->redraw = true;
        break;
    case HIT_FOLD:
        session_fold(session, (enum panel_id)hit.value);
        break;
    case HIT_TIME:
    case HIT_LAYERS:
    case HIT_UNIT:
    case HIT_TIME_DOWN:
        drag(session);
        break;
    case HIT_PLANE:
        click_plane(session, &hit, back);
        break;
    case HIT_MENU_ROW:
        menu_select(session, hit.value, session->menu.run);
        break;
    case HIT_MENU_VALUE:
        click_value(session, hit.value / 2, hit.value % 2);
        break;
    case HIT_MENU_OPTION:
        menu_choose(session, hit.value);
        break;
    case HIT_PALETTE_ROW:
        palette_choose(session, hit.value);
        break;
    case HIT_MENU:
    case HIT_PALETTE:
    case HIT_KIND_COUNT:
        break;
    case HIT_NONE:
        if (session->help || session->palette.open) {
            command_run(session, COMMAND_CLOSE, 1);
        }
    }
}

/* On a time axis a double click shows all of it and takes back what its first half did to the
 * cursor; another button than the left one moves it. */
static bool take_time(struct session *session, const SDL_MouseButtonEvent *button,
                      struct view_hit hit) {
    if (button->button == SDL_BUTTON_LEFT && button->clicks == 2) {
        session_zoom_out(session);
        session_scrub(session, session->before);
        return true;
    }
    session->before = session->cursor;
    if (button->button == SDL_BUTTON_LEFT && !(SDL_GetModState() & KMOD_SHIFT)) {
        return false;
    }
    session->pressed = hit;
    session->pans = true;
    session->anchor = time_at(&hit, &session->pointer);
    return true;
}

void input_button(struct session *session, const SDL_MouseButtonEvent *button,
                  struct view_hit hit) {
    session->pressed = (struct view_hit){ .kind = HIT_NONE };
    session->pans = false;
    if (button->type == SDL_MOUSEBUTTONUP) {
        return;
    }
    if (is_time(hit.kind) && take_time(session, button, hit)) {
        return;
    }
    if (button->button == SDL_BUTTON_LEFT) {
        session->pressed = hit;
    }
    if (button->button == SDL_BUTTON_LEFT || button->button == SDL_BUTTON_RIGHT) {
        if (hit.kind == HIT_PANEL && button->clicks == 2) {
            session_blow(session, (enum panel_id)hit.value);
            return;
        }
        bool back = button->button == SDL_BUTTON_RIGHT || (SDL_GetModState() & KMOD_SHIFT);
        click(session, hit, back);
    }
}

/* Over a value it steps that one, elsewhere in the menu it walks through the rows. */
void input_wheel(struct session *session, const SDL_MouseWheelEvent *wheel, struct view_hit hit) {
    if (wheel->y == 0) {
        return;
    }
    int up = wheel->y > 0 ? 1 : -1;
    switch (hit.kind) {
    case HIT_COMMAND:
    case HIT_CHIP:
        if (commands[hit.value].wheel) {
            command_run(session, (enum command_id)hit.value, up);
        }
        break;
    case HIT_UNIT:
        session_pick(session, session->unit - up); // up, as in a list
        break;
    case HIT_TIME:
    case HIT_TIME_DOWN:
        session_zoom(session, &hit, time_at(&hit, &session->pointer), up);
        break;
    case HIT_MENU_VALUE:
        menu_select(session, hit.value / 2, hit.value % 2);
        menu_step(session, up);
        break;
    case HIT_MENU_ROW:
    case HIT_MENU:
        menu_move(session, -up);
        break;
    case HIT_PALETTE_ROW:
    case HIT_PALETTE:
        palette_move(session, -up);
        break;
    default:
        break;
    }
}
