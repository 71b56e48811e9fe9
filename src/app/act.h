/*
 * act.h - what the rows of the command table do.
 *
 * direction is +1 or -1, or, of a row of keys, which one, from 1. Threads: the screen's thread.
 */
#ifndef APP_ACT_H
#define APP_ACT_H

#include "app/session.h"

typedef void act(struct session *session, int direction);

/* act_train.c: the experiment and its training */
act act_compare, act_swap, act_cure, act_preset, act_pause, act_step, act_steps, act_restart,
    act_seed, act_faster, act_slower, act_keep;
bool keeps_weights(const struct session *session);

/* act_look.c: what is looked at, and the program */
act act_view, act_textbook, act_home, act_end, act_earlier, act_later, act_layer_up, act_layer_down,
    act_gradient, act_why, act_theory, act_theme, act_zoom_in, act_zoom_out, act_zoom_reset,
    act_fullscreen, act_screenshot, act_vector, act_save_data, act_copy_code, act_palette, act_help,
    act_close, act_quit, act_unit_up, act_unit_down, act_ghost, act_lines, act_time_in,
    act_time_out;

/* act_rows.c: how view 1 is arranged and what its axes do */
act act_linear, act_freeze, act_panel, act_fold, act_blow;

/* act_menu.c: the settings menu */
act act_menu, act_menu_down, act_menu_up, act_menu_group_down, act_menu_group_up, act_menu_more,
    act_menu_less, act_menu_a, act_menu_b, act_menu_enter, act_menu_reset, act_menu_erase,
    act_menu_paste;

#endif
