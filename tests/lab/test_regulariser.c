#include "base/check.h"

#include <string.h>

#include "lab/regulariser.h"
#include "lab/setting.h"

static void every_row_is_complete(void **state) {
    (void)state;
    int count;
    const struct regulariser_row *rows = regularisers(&count);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        assert_true(rows[i].name && rows[i].name[0] && rows[i].label && rows[i].label[0]);
        assert_true(rows[i].formula && rows[i].formula[0] && rows[i].about && rows[i].about[0]);
        assert_true(rows[i].source && rows[i].source[0]);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(rows[i].name, rows[j].name);
        }
    }
}

/*
 * The setting of that name is a number, 0 is accepted, and 0 (off) is what it starts from, or below
 * 0 what suits the rest.
 */
static void every_row_has_a_setting_that_is_off(void **state) {
    (void)state;
    int count;
    const struct regulariser_row *rows = regularisers(&count);
    for (int i = 0; i < count; i++) {
        const struct setting *setting = setting_find(rows[i].name);
        if (!setting) {
            fail_msg("there is no setting '%s'", rows[i].name);
            return;
        }
        assert_true(setting->type == SETTING_DOUBLE || setting->type == SETTING_INT);
        struct experiment experiment;
        char value[SETTING_TEXT], problem[EXPERIMENT_PROBLEM] = "";
        experiment_defaults(&experiment);
        setting_print(&experiment, 0, setting, value, sizeof value);
        assert_string_equal(value, setting->low < 0.0 ? "-1" : "0");
        assert_true(setting_parse(&experiment, 0, setting, "0", problem));
        assert_true((setting->low == 0.0 || setting->low == -1.0) && setting->high > 0.0);
        assert_contains(setting->about, "0: off");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(every_row_has_a_setting_that_is_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
