#include "lab/experiment_change.h"

#include <string.h>

#include "base/text.h"
#include "lab/setting.h"

/* Maxout has more weights than other activations. */
static bool weights_fit(const struct experiment *from, const struct experiment *to, int run) {
    static _Thread_local struct network before, after; // large, and only counted with
    const struct dataset_shape shape = { .features = 1, .classes = 2, .examples = 2 }; // any
    struct network_config config = experiment_network(from, run, &shape);
    struct arena counting = { 0 };
    network_layout(&before, &config, &counting);
    config = experiment_network(to, run, &shape);
    network_layout(&after, &config, &counting);
    return network_continues(&after, &before);
}

static bool settings_are_live(const struct experiment *from, const struct experiment *to, int run,
                              char *problem) {
    int count;
    const struct setting *table = settings_table(&count);
    for (int i = 0; i < count; i++) {
        if (!table[i].live && !setting_equal(from, to, run, &table[i])) {
            char value[SETTING_TEXT];
            setting_print(to, run, &table[i], value, sizeof value);
            text_set(problem, EXPERIMENT_PROBLEM, "%s = %s takes new weights", table[i].name,
                     value);
            return false;
        }
    }
    return true;
}

bool experiment_goes_on(const struct experiment *from, const struct experiment *to, char *problem) {
    if (from->compare != to->compare) {
        text_set(problem, EXPERIMENT_PROBLEM, "B comes and goes at step 0 alone");
        return false;
    }
    for (int run = 0; run < (to->compare ? 2 : 1); run++) {
        if (!settings_are_live(from, to, run, problem)) {
            return false;
        }
        if (!weights_fit(from, to, run)) {
            text_set(problem, EXPERIMENT_PROBLEM, "%s has weights of another shape",
                     activations[ACTIVATION_MAXOUT].label);
            return false;
        }
    }
    return true;
}

/* The value as the screen says it. */
static void print_value(const struct experiment *experiment, int run, const struct setting *setting,
                        char *buffer, size_t size) {
    int option = setting_option(experiment, run, setting);
    const char *label = option < 0 ? NULL : setting_describe(setting, option).label;
    if (label) {
        text_set(buffer, size, "%s", label);
    } else {
        setting_print(experiment, run, setting, buffer, size);
    }
}

/* Before a value that does not say of what it is. */
static void append_name(const struct setting *setting, char *text, size_t size) {
    char name[64];
    if (!setting->speaks) {
        text_set(name, sizeof name, "%s", setting->name);
        text_spell(name);
        text_append(text, size, "%s ", name);
    }
}

static void append_change(const struct experiment *from, const struct experiment *to, int run,
                          const struct setting *setting, char *text, size_t size) {
    char before[SETTING_TEXT], after[SETTING_TEXT];
    print_value(from, run, setting, before, sizeof before);
    print_value(to, run, setting, after, sizeof after);
    bool twins = to->compare && setting->per_run;
    text_append(text, size, "%s%s", text[0] ? ", " : "", !twins ? "" : run == 0 ? "A: " : "B: ");
    append_name(setting, text, size);
    if (setting->type == SETTING_NAME) {
        text_append(text, size, "%s → %s", before, after);
    } else {
        text_append(text, size, "%s", after);
    }
}

void experiment_describe_lead(const struct experiment *experiment, int most, char *text,
                              size_t size) {
    int count, told = 0;
    const struct setting *table = settings_table(&count);
    text_set(text, size, "%s", "");
    for (int i = 0; i < count && told < most; i++) {
        char value[SETTING_TEXT], other[SETTING_TEXT];
        print_value(experiment, 0, &table[i], value, sizeof value);
        print_value(experiment, 1, &table[i], other, sizeof other);
        if (table[i].per_run && strcmp(value, other) != 0) {
            text_append(text, size, "%s", told++ > 0 ? ", " : "");
            append_name(&table[i], text, size);
            text_append(text, size, "%s", value);
        }
    }
}

void experiment_describe_change(const struct experiment *from, const struct experiment *to,
                                bool swapped, char *text, size_t size) {
    int count;
    const struct setting *table = settings_table(&count);
    text_set(text, size, "%s", swapped ? "A ↔ B" : "");
    for (int run = 0; run < (to->compare ? 2 : 1); run++) {
        for (int i = 0; i < count; i++) {
            bool here = table[i].per_run || run == 0;
            if (here && !setting_equal(from, to, run, &table[i])) {
                append_change(from, to, run, &table[i], text, size);
            }
        }
    }
}
