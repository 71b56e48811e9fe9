/*
 * input.h - what a key, a click and the wheel mean to the session.
 *
 * Threads: the screen's thread.
 */
#ifndef APP_INPUT_H
#define APP_INPUT_H

#include <SDL_events.h>

#include "app/session.h"

void input_key(struct session *session, const SDL_KeyboardEvent *key);

/* What is typed or pasted, where text is taken. */
void input_text(struct session *session, const char *utf8);

/* hit is what lies under session->pointer. What was pressed is dragged until it is released. */
void input_motion(struct session *session, struct view_pointer pointer);
void input_button(struct session *session, const SDL_MouseButtonEvent *button, struct view_hit hit);
void input_wheel(struct session *session, const SDL_MouseWheelEvent *wheel, struct view_hit hit);

#endif
