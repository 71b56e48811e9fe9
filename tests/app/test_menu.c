#include "base/check.h"

#include <string.h>

#include "app/menu.h"
#include "app/session.h"
#include "base/text.h"

static struct session session;
static struct view_menu view;
static int rows;

static int start(void **state) {
    (void)state;
    struct experiment experiment;
    experiment_defaults(&experiment);
    experiment_reference(&experiment);
    session_init(&session, &experiment);
    settings_table(&rows);
    return 0;
}

static void open_at(const char *name) {
    menu_open(&session, setting_find(name));
    menu_fill(&view, &session);
}

static const char *value(const char *name, int run) {
    static char text[SETTING_TEXT];
    setting_print(&session.request.experiment, run, setting_find(name), text, sizeof text);
    return text;
}

static void type(const char *text) {
    menu_enter(&session);
    assert_true(session.menu.typing);
    menu_write(&session, text);
}

static void every_setting_has_a_row_in_its_group(void **state) {
    (void)state;
    bool seen[VIEW_MAX_ROWS] = { false };
    int count;
    const struct setting *table = settings_table(&count);
    open_at("layers");
    assert_int_equal(view.row_count, count);
    for (int row = 0; row < count; row++) {
        const struct setting *setting = menu_setting(row);
        assert_false(seen[setting - table]);
        seen[setting - table] = true;
        assert_true(row == 0 || setting->group >= menu_setting(row - 1)->group);
        assert_string_equal(view.rows[row].group, setting_group_names[setting->group]);
        assert_true(strlen(setting->name) < sizeof view.rows[row].label);
        assert_true(strlen(setting->about) < sizeof view.about);
    }
    assert_null(menu_setting(count));
    assert_null(menu_setting(-1));
}

static void what_the_rows_show(void **state) {
    (void)state;
    open_at("init_scale");
    const struct view_row *row = &view.rows[view.selected];
    assert_string_equal(row->label, "init scale");
    assert_string_equal(view.spelled, "--init-scale");
    assert_string_equal(view.accepts, "a number from 0 to 1e+06; the default is 1");
    assert_string_equal(row->value[1], "1");
    assert_false(row->changed[0] || row->changed[1]);
    assert_int_equal(view.option_count, 0);
    assert_null(view.choice.label);

    open_at("activation");
    row = &view.rows[view.selected];
    assert_string_equal(row->value[0], "relu");
    assert_string_equal(row->value[1], "sigmoid");
    assert_true(!row->changed[0] && row->changed[1]);
    assert_int_equal(view.option_count, ACTIVATION_COUNT);
    assert_string_equal(view.options[view.option], "relu");
    assert_string_equal(view.choice.formula, "max(0, z)");
    menu_edit(&session, 1);
    menu_fill(&view, &session);
    assert_string_equal(view.options[view.option], "sigmoid");
    assert_string_equal(view.choice.label, activations[ACTIVATION_SIGMOID].label);

    open_at("data_path");
    row = &view.rows[view.selected];
    assert_string_equal(row->value[0], "none");
    assert_string_equal(row->value[1], ""); // A and B share it
    assert_string_equal(view.accepts, "a path, or nothing; the default is none");
    session.request.experiment.compare = false;
    open_at("activation");
    assert_string_equal(view.rows[view.selected].value[1], "");
    assert_int_equal(view.run, 0);
}

static void closed_it_does_nothing(void **state) {
    (void)state;
    struct session before = session;
    menu_move(&session, 1);
    menu_move_group(&session, 1);
    menu_edit(&session, 1);
    menu_step(&session, 1);
    menu_reset(&session);
    menu_choose(&session, 1);
    menu_enter(&session);
    menu_write(&session, "7");
    menu_erase(&session);
    assert_memory_equal(&session, &before, sizeof before);
    menu_fill(&view, &session);
    assert_false(view.open);
}

static void walking_ends_at_the_ends(void **state) {
    (void)state;
    open_at("seed");
    menu_move(&session, -1000);
    assert_int_equal(session.menu.selected, 0);
    menu_move(&session, 1);
    assert_int_equal(session.menu.selected, 1);
    menu_move(&session, 1000);
    assert_int_equal(session.menu.selected, rows - 1);
}

static void groups_are_jumped_over(void **state) {
    (void)state;
    menu_open(&session, menu_setting(1));
    for (int row = 1, turns = 0; turns < SETTING_GROUP_COUNT; turns++) {
        menu_move_group(&session, 1);
        int next = session.menu.selected;
        bool first = next == rows - 1 || menu_setting(next)->group != menu_setting(next - 1)->group;
        assert_true(first && next >= row);
        row = next;
    }
    assert_int_equal(session.menu.selected, rows - 1);
    menu_move_group(&session, -1); // the beginning of this one, then of the one before
    int last = session.menu.selected;
    assert_int_equal(menu_setting(last)->group, menu_setting(rows - 1)->group);
    menu_move_group(&session, -1);
    assert_true(menu_setting(session.menu.selected)->group < menu_setting(last)->group);
    for (int turns = 0; turns < SETTING_GROUP_COUNT; turns++) {
        menu_move_group(&session, -1);
    }
    assert_int_equal(session.menu.selected, 0);
}

static void values_are_stepped_of_a_or_b(void **state) {
    (void)state;
    open_at("activation");
    session.requested = false;
    menu_step(&session, 1);
    assert_true(session.requested);
    assert_string_equal(value("activation", 0), activations[ACTIVATION_RELU + 1].name);
    menu_edit(&session, 1);
    menu_step(&session, -1);
    assert_string_equal(value("activation", 0), activations[ACTIVATION_RELU + 1].name);
    assert_string_equal(value("activation", 1), activations[ACTIVATION_SIGMOID - 1].name);
    open_at("batch"); // of both
    menu_step(&session, 1);
    assert_string_equal(value("batch", 0), "200");
    session.request.experiment.compare = false; // B is gone: A again
    open_at("layers");
    menu_step(&session, 1);
    assert_string_equal(value("layers", 0), "12");
    menu_edit(&session, 1);
    assert_int_equal(session.menu.run, 0);
    assert_string_equal(session.toast, "There is no B to edit: C pins the present A as B.");
}

static void every_row_is_stepped_reset_and_typed(void **state) {
    (void)state;
    char changed[SETTING_TEXT], usual[SETTING_TEXT];
    for (int row = 0; row < rows; row++) {
        const struct setting *setting = menu_setting(row);
        start(NULL);
        open_at(setting->name);
        assert_int_equal(session.menu.selected, row);
        text_set(usual, sizeof usual, "%s", value(setting->name, 0));
        menu_step(&session, 1);
        text_set(changed, sizeof changed, "%s", value(setting->name, 0));
        menu_fill(&view, &session);
        assert_int_equal(view.rows[row].changed[0], strcmp(usual, changed) != 0);
        menu_reset(&session);
        assert_string_equal(value(setting->name, 0), usual);
        type(changed);
        menu_enter(&session);
        assert_false(session.menu.typing);
        assert_string_equal(value(setting->name, 0), changed);
    }
}

static void options_are_chosen(void **state) {
    (void)state;
    open_at("init");
    menu_edit(&session, 1);
    menu_choose(&session, INITIALISER_XAVIER);
    assert_string_equal(value("init", 1), "xavier");
    assert_string_equal(value("init", 0), "he");
    menu_choose(&session, INITIALISER_COUNT);
    menu_choose(&session, -1);
    assert_string_equal(value("init", 1), "xavier");
    open_at("layers"); // has none
    menu_choose(&session, 0);
    assert_string_equal(value("layers", 0), "10");
}

static void typing_replaces_the_value_or_goes_on_from_it(void **state) {
    (void)state;
    open_at("learning_rate");
    type("0.3");
    assert_string_equal(session.menu.typed, "0.3");
    assert_string_equal(value("learning_rate", 0), "0.05"); // not before Enter
    menu_enter(&session);
    assert_string_equal(value("learning_rate", 0), "0.3");
    menu_enter(&session);
    menu_keep(&session);
    menu_write(&session, "5");
    menu_enter(&session);
    assert_string_equal(value("learning_rate", 0), "0.35");
    menu_enter(&session);
    menu_erase(&session); // all of it, as it was all marked
    assert_string_equal(session.menu.typed, "");
    menu_write(&session, "12\n3");
    menu_erase(&session);
    assert_string_equal(session.menu.typed, "12");
    menu_step(&session, 1); // an arrow in a text
    assert_string_equal(session.menu.typed, "12");
    menu_cancel(&session);
    assert_false(session.menu.typing);
    assert_string_equal(value("learning_rate", 0), "0.35");
    menu_enter(&session);
    menu_move(&session, 1);
    assert_false(session.menu.typing);
}

static void what_is_refused_stays_and_says_why(void **state) {
    (void)state;
    open_at("learning_rate");
    type("0.3x");
    session.requested = false;
    menu_enter(&session);
    menu_fill(&view, &session);
    assert_true(view.typing && !view.fresh);
    assert_string_equal(view.typed, "0.3x");
    assert_string_equal(view.problem, "learning_rate: '0.3x' is not a number from 0 to 1e+06.");
    assert_false(session.requested);
    menu_erase(&session);
    menu_fill(&view, &session);
    assert_string_equal(view.problem, "");
    menu_enter(&session);
    assert_true(!session.menu.typing && session.requested);
    assert_string_equal(value("learning_rate", 0), "0.3");

    open_at("activation");
    type("rellu");
    menu_enter(&session);
    assert_contains(session.menu.problem, "did you mean 'relu'?");
    menu_close(&session);
    menu_open(&session, NULL);
    assert_string_equal(session.menu.problem, "");

    open_at("data"); // accepted by itself, but it cannot be run
    type("idx");
    menu_enter(&session);
    assert_true(session.menu.typing && session.menu.problem[0]);
    assert_string_equal(value("data", 0), "mnist");
}

static void long_and_foreign_texts(void **state) {
    (void)state;
    open_at("data_path");
    menu_enter(&session);
    for (int i = 0; i < 100; i++) {
        menu_write(&session, "한글");
    }
    assert_true(strlen(session.menu.typed) < sizeof session.menu.typed);
    menu_enter(&session);
    assert_contains(session.menu.problem, "holds 183 at most");
    menu_cancel(&session);
    type("é한");
    menu_erase(&session);
    assert_string_equal(session.menu.typed, "é");
    menu_erase(&session);
    menu_erase(&session);
    assert_string_equal(session.menu.typed, "");
    menu_enter(&session); // an empty path is none
    assert_false(session.menu.typing);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_setting_has_a_row_in_its_group, start),
        cmocka_unit_test_setup(what_the_rows_show, start),
        cmocka_unit_test_setup(closed_it_does_nothing, start),
        cmocka_unit_test_setup(walking_ends_at_the_ends, start),
        cmocka_unit_test_setup(groups_are_jumped_over, start),
        cmocka_unit_test_setup(values_are_stepped_of_a_or_b, start),
        cmocka_unit_test_setup(every_row_is_stepped_reset_and_typed, start),
        cmocka_unit_test_setup(options_are_chosen, start),
        cmocka_unit_test_setup(typing_replaces_the_value_or_goes_on_from_it, start),
        cmocka_unit_test_setup(what_is_refused_stays_and_says_why, start),
        cmocka_unit_test_setup(long_and_foreign_texts, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
