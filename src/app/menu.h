/*
 * menu.h - the settings menu: every row of the table of settings, to be stepped, typed or reset.
 *
 * Its state is plain and knows no SDL, so that it can be tested without a display. It edits A, or
 * B where there is one and the setting is not shared. What is typed is taken only once it can be
 * run; a refusal stays in `problem` and leaves the text as it is. Threads: the screen's thread.
 */
#ifndef APP_MENU_H
#define APP_MENU_H

#include <stdbool.h>

#include "lab/setting.h"
#include "view/view.h"

struct session;

struct menu {
    bool open;
    int selected; // row of the menu
    int run;      // 0 = A, 1 = B: whose values are edited
    bool typing;  // the selected value, into `typed`
    bool fresh;   // nothing was typed yet: what is typed replaces the whole value
    char typed[VIEW_TYPED];
    char problem[EXPERIMENT_PROBLEM]; // why what was typed is refused; empty: it is not
    int first;                        // line on top of the list when it was last drawn
};

/* The setting in a row of the menu, which goes by groups. Rows are numbered as settings are. */
const struct setting *menu_setting(int row);

/* Open it at a setting; NULL: where it was. */
void menu_open(struct session *session, const struct setting *setting);
void menu_close(struct session *session);

/* All of these do nothing while it is closed. */
void menu_select(struct session *session, int row, int run);
void menu_move(struct session *session, int rows);
void menu_move_group(struct session *session, int direction);
void menu_edit(struct session *session, int run);
void menu_step(struct session *session, int direction); // while typing as menu_keep()
void menu_reset(struct session *session);
void menu_choose(struct session *session, int option);

/* Begin to type the selected value, or take what was typed. */
void menu_enter(struct session *session);
void menu_keep(struct session *session); // what is typed comes behind the present value
void menu_write(struct session *session, const char *utf8); // control characters are left out
void menu_erase(struct session *session);                   // the last character
void menu_cancel(struct session *session);                  // forget what was typed

/* What the view shows of it. */
void menu_fill(struct view_menu *view, const struct session *session);

#endif
