#include "app/menu.h"

#include "app/option.h"
#include "app/session.h"
#include "base/require.h"
#include "base/text.h"

static int row_count(void) {
    int count;
    settings_table(&count);
    return count;
}

const struct setting *menu_setting(int row) {
    int count;
    const struct setting *table = settings_table(&count);
    for (int group = 0; group < SETTING_GROUP_COUNT; group++) {
        for (int i = 0; i < count; i++) {
            if ((int)table[i].group == group && row-- == 0) {
                return &table[i];
            }
        }
    }
    return NULL;
}

static const struct setting *selected(const struct session *session) {
    const struct setting *setting = menu_setting(session->menu.selected);
    REQUIRE(setting);
    return setting;
}

/* The run whose value is edited. */
static int edited(const struct session *session) {
    bool b = session->menu.run == 1 && session->request.experiment.compare;
    return b && selected(session)->per_run ? 1 : 0;
}

static void stop_typing(struct menu *menu) {
    menu->typing = menu->fresh = false;
    menu->typed[0] = menu->problem[0] = '\0';
}

void menu_open(struct session *session, const struct setting *setting) {
    if (session_only_watches(session)) {
        return;
    }
    stop_typing(&session->menu);
    session->menu.open = session->redraw = true;
    for (int row = 0; setting && row < row_count(); row++) {
        if (menu_setting(row) == setting) {
            session->menu.selected = row;
        }
    }
}

void menu_close(struct session *session) {
    stop_typing(&session->menu);
    session->menu.open = false;
    session->redraw = true;
}

void menu_select(struct session *session, int row, int run) {
    struct menu *menu = &session->menu;
    if (menu->open) {
        int last = row_count() - 1;
        stop_typing(menu);
        menu->selected = row < 0 ? 0 : row > last ? last : row;
        menu->run = run == 1 && session->request.experiment.compare ? 1 : 0;
        session->redraw = true;
    }
}

void menu_move(struct session *session, int rows) {
    menu_select(session, session->menu.selected + rows, session->menu.run);
}

/* Forwards to the first row of the next group; backwards to the first of this one, or before. */
void menu_move_group(struct session *session, int direction) {
    int row = session->menu.selected;
    if (direction < 0) {
        row -= row > 0;
        while (row > 0 && menu_setting(row - 1)->group == menu_setting(row)->group) {
            row--;
        }
    } else {
        const struct setting *next = menu_setting(row);
        while (next && next->group == selected(session)->group) {
            next = menu_setting(++row);
        }
    }
    menu_select(session, row, session->menu.run);
}

void menu_edit(struct session *session, int run) {
    if (run == 1 && session->menu.open && !session->request.experiment.compare) {
        session_toast(session, false, "There is no B to edit: C pins the present A as B.");
    }
    menu_select(session, session->menu.selected, run);
}

void menu_step(struct session *session, int direction) {
    if (session->menu.typing) {
        menu_keep(session);
    } else if (session->menu.open) {
        session_step(session, edited(session), selected(session), direction);
    }
}

void menu_reset(struct session *session) {
    if (session->menu.open) {
        struct experiment wanted = session->request.experiment;
        stop_typing(&session->menu);
        setting_reset(&wanted, edited(session), selected(session));
        session_edit(session, &wanted);
    }
}

void menu_choose(struct session *session, int option) {
    const struct setting *setting = selected(session);
    if (session->menu.open && option >= 0 && option < setting->option_count) {
        stop_typing(&session->menu);
        session_choose(session, edited(session), setting, option);
    }
}

static void take_typed(struct session *session) {
    struct menu *menu = &session->menu;
    struct experiment wanted = session->request.experiment;
    menu->problem[0] = '\0';
    if (!setting_parse(&wanted, edited(session), selected(session), menu->typed, menu->problem) ||
        !session_can_run(session, &wanted, menu->problem)) {
        menu->fresh = false;
        return;
    }
    stop_typing(menu);
    session_edit(session, &wanted);
}

void menu_enter(struct session *session) {
    struct menu *menu = &session->menu;
    if (!menu->open) {
        return;
    }
    session->redraw = true;
    if (menu->typing) {
        take_typed(session);
        return;
    }
    stop_typing(menu);
    menu->typing = menu->fresh = true;
    setting_print(&session->request.experiment, edited(session), selected(session), menu->typed,
                  sizeof menu->typed);
}

/* What is to be typed now comes behind the text that stays. */
static void touch(struct session *session) {
    struct menu *menu = &session->menu;
    if (menu->fresh) {
        menu->typed[0] = '\0';
    }
    menu->fresh = false;
    menu->problem[0] = '\0';
    session->redraw = true;
}

void menu_keep(struct session *session) {
    session->menu.fresh = false;
    session->redraw = true;
}

void menu_write(struct session *session, const char *utf8) {
    struct menu *menu = &session->menu;
    if (menu->typing) {
        touch(session);
        text_type(menu->typed, sizeof menu->typed, utf8);
    }
}

void menu_erase(struct session *session) {
    if (session->menu.typing) {
        touch(session);
        text_erase(session->menu.typed);
    }
}

void menu_cancel(struct session *session) {
    stop_typing(&session->menu);
    session->redraw = true;
}

static void fill_row(struct view_row *row, const struct setting *setting,
                     const struct experiment *experiment) {
    row->group = setting_group_names[setting->group];
    text_set(row->label, sizeof row->label, "%s", setting->name);
    text_spell(row->label);
    row->value[1][0] = '\0';
    row->changed[1] = row->idle[1] = false;
    int runs = setting->per_run && experiment->compare ? 2 : 1;
    for (int run = 0; run < runs; run++) {
        char value[SETTING_TEXT], reason[EXPERIMENT_PROBLEM];
        setting_print(experiment, run, setting, value, sizeof value);
        row->idle[run] = setting_is_idle(experiment, run, setting, reason);
        text_tail(row->value[run], sizeof row->value[run], value[0] ? value : "none");
        row->changed[run] = setting_changed(experiment, run, setting);
    }
}

/* What it may be, and what it is unless it was changed. */
static void fill_accepts(struct view_menu *view, const struct setting *setting) {
    char usual[SETTING_TEXT];
    struct experiment defaults;
    experiment_defaults(&defaults);
    setting_print(&defaults, 0, setting, usual, sizeof usual);
    setting_accepts(setting, view->accepts, sizeof view->accepts);
    text_append(view->accepts, sizeof view->accepts, "%s; the default is %s",
                setting->type == SETTING_NAME ? "one of these" : "", usual[0] ? usual : "none");
}

static struct view_choice describe(const struct setting *setting, int option) {
    struct setting_choice choice = setting_describe(setting, option);
    return (struct view_choice){ choice.label, choice.formula, choice.about, choice.source };
}

static void fill_options(struct view_menu *view, const struct setting *setting,
                         const struct experiment *experiment, int run) {
    REQUIRE(setting->option_count <= VIEW_MAX_OPTIONS);
    view->option_count = setting->option_count;
    view->option = setting_option(experiment, run, setting);
    for (int i = 0; i < setting->option_count; i++) {
        view->options[i] = setting->option(i);
        view->choices[i] = describe(setting, i);
    }
    view->choice = describe(setting, view->option);
}

void menu_fill(struct view_menu *view, const struct session *session) {
    const struct menu *menu = &session->menu;
    const struct experiment *experiment = &session->request.experiment;
    const struct setting *setting = selected(session);
    view->open = menu->open;
    if (!menu->open) {
        return;
    }
    view->row_count = row_count();
    REQUIRE(view->row_count <= VIEW_MAX_ROWS);
    for (int i = 0; i < view->row_count; i++) {
        fill_row(&view->rows[i], menu_setting(i), experiment);
    }
    view->first = menu->first;
    view->selected = menu->selected;
    view->run = menu->run == 1 && experiment->compare ? 1 : 0;
    view->typing = menu->typing;
    view->fresh = menu->fresh;
    text_set(view->typed, sizeof view->typed, "%s", menu->typed);
    text_set(view->problem, sizeof view->problem, "%s", menu->problem);
    option_spell(view->spelled, sizeof view->spelled, setting->name);
    text_set(view->about, sizeof view->about, "%s", setting->about);
    char reason[EXPERIMENT_PROBLEM];
    bool idle = setting_is_idle(experiment, edited(session), setting, reason);
    text_set(view->idle, sizeof view->idle, "%s", idle ? reason : "");
    fill_accepts(view, setting);
    fill_options(view, setting, experiment, edited(session));
}
