#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "base/require.h"
#include "base/text.h"

static struct session session;
static struct view_palette shown;

static void start(void) {
    struct experiment experiment;
    experiment_defaults(&experiment);
    experiment_reference(&experiment);
    session_init(&session, &experiment);
}

static void look_for(const char *typed) {
    start();
    command_run(&session, COMMAND_PALETTE, 1);
    palette_write(&session, typed);
    palette_fill(&shown, &session);
}

static void assert_first(const char *typed, const char *kind, const char *name) {
    look_for(typed);
    assert_true(shown.count > 0);
    assert_string_equal(shown.rows[0].kind, kind);
    assert_string_equal(shown.rows[0].name, name);
}

static void what_is_typed_is_found(void **state) {
    (void)state;
    assert_first("relu", "value of A", "activation: ReLU");
    assert_first("learning rate", "setting", "learning rate");
    assert_first("history", "view", "History");
    assert_first("quit", "command", "quit");
    assert_first("deep sig", "preset", "deep sigmoid");
    assert_string_equal(shown.rows[0].key, "Ctrl 1");
    assert_first("dark", "command", "theme"); // by what it does
    look_for("qzqz");
    assert_int_equal(shown.count, 0);
    palette_enter(&session); // nothing to do
    assert_true(session.palette.open);
}

/* What a row of any table is called finds it, and there is nothing that it finds twice. */
static void everything_is_there(void **state) {
    (void)state;
    int count;
    const struct setting *table = settings_table(&count);
    int want = VIEW_TEXTBOOK;
    look_for("");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        want += !commands[i].menu && !commands[i].last_key && i != COMMAND_PALETTE;
    }
    for (int i = 0; i < count; i++) {
        want += 1 + table[i].option_count;
    }
    struct preset presets[PRESET_MOST];
    assert_int_equal(shown.count, want + preset_list(presets));
    assert_true(shown.count < PALETTE_MOST / 2);
    for (int i = 0; i < shown.count; i++) {
        struct palette_entry a = session.palette.found[i];
        for (int j = 0; j < i; j++) {
            struct palette_entry b = session.palette.found[j];
            assert_false(a.source == b.source && a.row == b.row && a.option == b.option);
        }
    }
}

static void choosing_does_it(void **state) {
    (void)state;
    look_for("activation: tanh");
    palette_enter(&session);
    assert_false(session.palette.open);
    assert_int_equal(session.request.experiment.run[0].activation, ACTIVATION_TANH);
    assert_int_equal(session.request.experiment.run[1].activation, ACTIVATION_SIGMOID);
    look_for("learning rate");
    palette_enter(&session);
    assert_true(session.menu.open);
    assert_string_equal(menu_setting(session.menu.selected)->name, "learning_rate");
    look_for("phase");
    palette_enter(&session);
    assert_int_equal(session.view, VIEW_PHASE);
    look_for("too large");
    palette_choose(&session, 0);
    assert_int_equal(session.request.experiment.run[0].init, INITIALISER_NORMAL);
    assert_contains(session.toast, "too large");
    look_for("pause");
    palette_choose(&session, -1);
    palette_choose(&session, shown.count);
    assert_true(session.palette.open && !session.request.paused);
    palette_choose(&session, 0);
    assert_true(session.request.paused);
}

static void walking_shows_where_one_is(void **state) {
    (void)state;
    look_for("");
    assert_int_equal(shown.first, 0);
    for (int i = 0; i < shown.count + 5; i++) {
        palette_fill(&shown, &session);
        int want = i < shown.count ? i : shown.count - 1;
        assert_int_equal(shown.selected, want);
        assert_in_range(want - shown.first, 0, VIEW_PALETTE_ROWS - 1);
        assert_true(shown.first + VIEW_PALETTE_ROWS <= shown.count);
        command_run(&session, COMMAND_MENU_DOWN, 1);
    }
    for (int i = 0; i < 3; i++) {
        command_run(&session, COMMAND_MENU_GROUP_UP, 1);
    }
    assert_int_equal(session.palette.selected, shown.count - 1 - 3 * VIEW_PALETTE_ROWS);
    palette_write(&session, "a");
    assert_int_equal(session.palette.selected, 0);
}

static void typing_is_for_the_palette_alone(void **state) {
    (void)state;
    start();
    command_run(&session, COMMAND_MENU, 1);
    command_run(&session, COMMAND_MENU_ENTER, 1);
    command_run(&session, COMMAND_PALETTE, 1);
    assert_int_equal(command_place(&session), COMMAND_IN_PALETTE);
    assert_false(session.menu.typing);
    palette_write(&session, "ab");
    command_run(&session, COMMAND_MENU_ERASE, 1);
    assert_string_equal(session.palette.typed, "a");
    command_run(&session, COMMAND_MENU_PASTE, 1);
    assert_true(session.paste);
    command_run(&session, COMMAND_CLOSE, 1);
    assert_false(session.palette.open);
    assert_true(session.menu.open); // what is on top went
    palette_write(&session, "x");
    palette_move(&session, 1);
    palette_erase(&session);
    palette_enter(&session);
    assert_string_equal(session.palette.typed, "a");
    command_run(&session, COMMAND_PALETTE, 1);
    assert_string_equal(session.palette.typed, "");
    command_run(&session, COMMAND_HELP, 1);
    assert_true(session.help && !session.palette.open);
    command_run(&session, COMMAND_PALETTE, 1);
    assert_true(!session.help && session.palette.open);
    command_run(&session, COMMAND_PALETTE, 1);
    assert_false(session.palette.open);
}

int main(void) {
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1); // no presets but those that come along
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_typed_is_found),
        cmocka_unit_test(everything_is_there),
        cmocka_unit_test(choosing_does_it),
        cmocka_unit_test(walking_shows_where_one_is),
        cmocka_unit_test(typing_is_for_the_palette_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
