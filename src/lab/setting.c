#include "lab/experiment.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"

const struct setting *setting_find(const char *name) {
    enum { MOST = 128 };
    const char *names[MOST];
    int count;
    const struct setting *table = settings_table(&count);
    REQUIRE(count <= MOST);
    for (int i = 0; i < count; i++) {
        names[i] = table[i].name;
    }
    int index = text_find(name, names, count);
    return index < 0 ? NULL : &table[index];
}

/* The default as text. */
static void print_default(const struct setting *setting, char *buffer, size_t size) {
    struct experiment defaults;
    experiment_defaults(&defaults);
    setting_print(&defaults, 0, setting, buffer, size);
}

bool setting_equal(const struct experiment *a, const struct experiment *b, int run,
                   const struct setting *setting) {
    char left[SETTING_TEXT], right[SETTING_TEXT];
    setting_print(a, run, setting, left, sizeof left);
    setting_print(b, run, setting, right, sizeof right);
    return strcmp(left, right) == 0;
}

bool setting_changed(const struct experiment *experiment, int run, const struct setting *setting) {
    char value[SETTING_TEXT], usual[SETTING_TEXT];
    setting_print(experiment, run, setting, value, sizeof value);
    print_default(setting, usual, sizeof usual);
    return strcmp(value, usual) != 0;
}

void setting_reset(struct experiment *experiment, int run, const struct setting *setting) {
    char usual[SETTING_TEXT], problem[EXPERIMENT_PROBLEM];
    print_default(setting, usual, sizeof usual);
    REQUIRE(setting_parse(experiment, run, setting, usual, problem));
}
