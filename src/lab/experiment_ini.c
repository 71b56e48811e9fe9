#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "lab/experiment.h"

struct reader {
    struct experiment *experiment;
    int run;
    bool found;
    FILE *file;
    int line;         // read last
    int error;        // errno of a failed read
    char *problem;    // filled on the first bad setting
    int problem_line; // where that is
};

/* inih's source of lines: one call per line of the file; what is too long loses its end. */
static char *read_line(char *buffer, int size, void *context) {
    struct reader *reader = context;
    reader->line++;
    if (!fgets(buffer, size, reader->file)) {
        reader->error = ferror(reader->file) ? errno : 0;
        return NULL;
    }
    if (!strchr(buffer, '\n')) {
        int c;
        do {
            c = fgetc(reader->file);
        } while (c != EOF && c != '\n');
    }
    return buffer;
}

static void say_unknown_key(struct reader *reader, const char *name) {
    const char *names[128];
    int count;
    const struct setting *table = settings_table(&count);
    REQUIRE(count <= ARRAY_LEN(names));
    for (int i = 0; i < count; i++) {
        names[i] = table[i].name;
    }
    int nearest = text_nearest(name, names, count);
    text_set(reader->problem, EXPERIMENT_PROBLEM, "there is no setting '%.60s'%s%s%s", name,
             nearest >= 0 ? "; did you mean '" : ".", nearest >= 0 ? names[nearest] : "",
             nearest >= 0 ? "'?" : "");
}

static bool take_setting(struct reader *reader, const char *section, const char *name,
                         const char *value) {
    bool b = strcmp(section, "b") == 0;
    if (!b && section[0] && strcmp(section, "a") != 0) {
        text_set(reader->problem, EXPERIMENT_PROBLEM,
                 "there is no section [%.40s]; A's keys stand before any section, B's in [b].",
                 section);
        return false;
    }
    if ((reader->run == 1) != b) {
        return true;
    }
    reader->found = true;
    const struct setting *setting = setting_find(name);
    if (!setting) {
        say_unknown_key(reader, name);
        return false;
    }
    return setting_parse(reader->experiment, reader->run, setting, value, reader->problem);
}

/* inih's callback: 1 goes on, 0 marks the line as bad. */
static int take_line(void *context, const char *section, const char *name, const char *value) {
    struct reader *reader = context;
    if (reader->problem_line > 0) {
        return 1; // only the first problem is told
    }
    if (take_setting(reader, section, name, value)) {
        return 1;
    }
    reader->problem_line = reader->line;
    return 0;
}

bool experiment_read_ini(struct experiment *experiment, const char *path, int run, bool *found,
                         char *problem) {
    struct experiment changed = *experiment;
    struct reader reader = {
        .experiment = &changed,
        .run = run,
        .file = fopen(path, "r"),
        .problem = problem,
    };
    problem[0] = '\0';
    reader.error = reader.file ? 0 : errno;
    int line = reader.file ? ini_parse_stream(read_line, &reader, take_line, &reader) : 0;
    if (reader.file) {
        fclose(reader.file);
    }
    if (reader.error) {
        text_set(problem, EXPERIMENT_PROBLEM, "cannot read %.300s: %s", path,
                 strerror(reader.error));
        return false;
    }
    if (line > 0) {
        char reason[EXPERIMENT_PROBLEM];
        text_set(reason, sizeof reason, "%s",
                 reader.problem_line == line ? problem
                                             : "this is neither 'key = value' nor '[section]'.");
        text_set(problem, EXPERIMENT_PROBLEM, "%.300s, line %d: %s", path, line, reason);
        return false;
    }
    *experiment = changed;
    *found = reader.found;
    return true;
}
