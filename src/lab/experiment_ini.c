#include <errno.h>
#include <ini.h>
#include <string.h>

#include "base/text.h"
#include "lab/experiment.h"

struct reader {
    struct experiment *experiment;
    int run;
    bool found;
    const char *path;
    char *problem; // filled on the first bad line
};

static void say_unknown_key(struct reader *reader, const char *name) {
    const char *names[64];
    int count;
    const struct setting *table = settings_table(&count);
    for (int i = 0; i < count; i++) {
        names[i] = table[i].name;
    }
    int nearest = text_nearest(name, names, count);
    text_set(reader->problem, EXPERIMENT_PROBLEM, "there is no setting '%.60s'%s%s%s", name,
             nearest >= 0 ? "; did you mean '" : ".", nearest >= 0 ? names[nearest] : "",
             nearest >= 0 ? "'?" : "");
}

/* inih's callback: 1 goes on, 0 marks the line as bad. */
static int take_line(void *context, const char *section, const char *name, const char *value) {
    struct reader *reader = context;
    if (reader->problem[0]) {
        return 1; // only the first problem is told
    }
    bool b = strcmp(section, "b") == 0;
    if (!b && section[0] && strcmp(section, "a") != 0) {
        text_set(reader->problem, EXPERIMENT_PROBLEM,
                 "there is no section [%.40s]; A's keys stand before any section, B's in [b].",
                 section);
        return 0;
    }
    if ((reader->run == 1) != b) {
        return 1;
    }
    reader->found = true;
    const struct setting *setting = setting_find(name);
    if (!setting) {
        say_unknown_key(reader, name);
        return 0;
    }
    return setting_parse(reader->experiment, reader->run, setting, value, reader->problem);
}

bool experiment_read_ini(struct experiment *experiment, const char *path, int run, bool *found,
                         char *problem) {
    struct experiment changed = *experiment;
    struct reader reader = { &changed, run, false, path, problem };
    problem[0] = '\0';
    int line = ini_parse(path, take_line, &reader);
    if (line < 0) {
        text_set(problem, EXPERIMENT_PROBLEM, "cannot read %.300s: %s", path, strerror(errno));
        return false;
    }
    if (line > 0) {
        char reason[EXPERIMENT_PROBLEM];
        text_set(reason, sizeof reason, "%s",
                 problem[0] ? problem : "this is neither 'key = value' nor '[section]'.");
        text_set(problem, EXPERIMENT_PROBLEM, "%.300s, line %d: %s", path, line, reason);
        return false;
    }
    *experiment = changed;
    *found = reader.found;
    return true;
}
