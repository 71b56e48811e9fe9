#include "lab/setting.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"

enum { MOST_SETTINGS = 128 };

/* The table, and the names of its rows; returns how many. */
static int names_of(const struct setting **table, const char *names[MOST_SETTINGS]) {
    int count;
    *table = settings_table(&count);
    REQUIRE(count <= MOST_SETTINGS);
    for (int i = 0; i < count; i++) {
        names[i] = (*table)[i].name;
    }
    return count;
}

const struct setting *setting_find(const char *name) {
    const char *names[MOST_SETTINGS];
    const struct setting *table;
    int index = text_find(name, names, names_of(&table, names));
    return index < 0 ? NULL : &table[index];
}

void setting_say_unknown(const char *name, char *buffer, size_t size) {
    const char *names[MOST_SETTINGS];
    const struct setting *table;
    int count = names_of(&table, names);
    text_append(buffer, size, "there is no setting '%.60s'", name);
    text_suggest(buffer, size, name, names, count);
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

static bool has_option(const struct experiment *experiment, int run, const char *name,
                       uint64_t options) {
    return (options >> setting_option(experiment, run, setting_find(name))) & 1;
}

/* The names of the options whose bit is set, or of the others. */
static void join_options(const struct setting *setting, uint64_t options, bool set, char *text,
                         size_t size) {
    text_set(text, size, "%s", "");
    for (int i = 0; i < setting->option_count; i++) {
        if (((options >> i) & 1) == set) {
            text_append(text, size, "%s%s", text[0] ? ", " : "", setting->option(i));
        }
    }
}

static int count_bits(uint64_t bits) {
    int count = 0;
    for (; bits; bits &= bits - 1) {
        count++;
    }
    return count;
}

bool setting_is_idle(const struct experiment *experiment, int run, const struct setting *setting,
                     char *reason) {
    const struct setting_need *need = &setting->need;
    if (!need->of || has_option(experiment, run, need->of, need->options)) {
        return false;
    }
    // the last layers may have an activation of their own
    if (strcmp(need->of, "activation") == 0 &&
        has_option(experiment, run, "activation_last", need->options)) {
        return false;
    }
    const struct setting *of = setting_find(need->of);
    bool few = count_bits(need->options) <= of->option_count / 2;
    char names[EXPERIMENT_PROBLEM / 2];
    join_options(of, need->options, few, names, sizeof names);
    text_set(reason, EXPERIMENT_PROBLEM, "%s with %s = %s", few ? "only" : "not", of->name, names);
    return true;
}
