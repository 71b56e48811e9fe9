/*
 * look_text.h - what the user looks at, as text: view, theme, layer, panels and so on.
 *
 * INI without sections, one table of rows. Reading takes what it understands and leaves the rest as
 * it was: nothing in it is worth a complaint. Threads: any.
 */
#ifndef APP_LOOK_TEXT_H
#define APP_LOOK_TEXT_H

#include "app/session.h"

void look_text_print(const struct session *session, char text[SHOT_LOOK]);

/* The experiment is there already; the nearest layer is taken where there are fewer. */
void look_text_read(struct session *session, const char *text);

#endif
