#include "lab/experiment_ini.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const double most_epochs = 1e6;

/* What is wanted of the file; all of it is looked at. */
enum part { PART_NOTES, PART_A, PART_B, PART_CASE, PART_CHANGES };

struct reader {
    enum part wanted;
    const char *wanted_case;
    struct experiment *experiment;
    struct replay *replay;
    int change; // number of the newest
    int64_t change_step;
    bool change_begun;             // it has a setting
    struct experiment_notes notes; // the names of the cases always, the rest if wanted
    bool found, has_more;          // than A
    const char *text;              // NULL: the file
    FILE *file;
    int line;         // read last
    int error;        // errno of a failed read
    char *problem;    // filled on the first bad line
    int problem_line; // where that is
};

/* The name in a section's "case NAME", or NULL. */
static const char *case_of(const char *section) {
    static const char word[] = "case ";
    return strncmp(section, word, sizeof word - 1) == 0 ? section + sizeof word - 1 : NULL;
}

/* What follows "change " in a section's name, or NULL. */
static const char *change_of(const char *section) {
    static const char word[] = "change ";
    return strncmp(section, word, sizeof word - 1) == 0 ? section + sizeof word - 1 : NULL;
}

static bool note_case(struct reader *reader, const char *name) {
    struct experiment_notes *notes = &reader->notes;
    for (int i = 0; i < notes->cases; i++) {
        if (strcmp(notes->case_name[i], name) == 0) {
            return true;
        }
    }
    if (strlen(name) >= EXPERIMENT_CASE || name[0] == '\0') {
        text_set(reader->problem, EXPERIMENT_PROBLEM,
                 "a case has a name of 1 to %d bytes, as in [case tanh 0.01].",
                 EXPERIMENT_CASE - 1);
    } else if (notes->cases == EXPERIMENT_CASES) {
        text_set(reader->problem, EXPERIMENT_PROBLEM, "a file has %d cases at most.",
                 (int)EXPERIMENT_CASES);
    } else if (reader->has_more) {
        text_set(reader->problem, EXPERIMENT_PROBLEM,
                 "a file has either sections [b] and [change] or cases, not both.");
    } else {
        text_set(notes->case_name[notes->cases++], EXPERIMENT_CASE, "%s", name);
        return true;
    }
    return false;
}

/* inih tells of a section only with its first key, but a case may do without one. */
static void note_section(struct reader *reader, const char *text) {
    char section[EXPERIMENT_PROBLEM];
    const char *end = text[0] == '[' ? strchr(text, ']') : NULL;
    if (!end || reader->problem_line > 0) {
        return;
    }
    text_set(section, sizeof section, "%.*s", (int)(end - text - 1), text + 1);
    const char *name = case_of(section);
    if (name && !note_case(reader, name)) {
        reader->problem_line = reader->line;
    }
}

/* inih's source of lines: one call per line of the file; what is too long loses its end. */
static char *read_line(char *buffer, int size, void *context) {
    struct reader *reader = context;
    reader->line++;
    if (!fgets(buffer, size, reader->file)) {
        reader->error = ferror(reader->file) ? errno : 0;
        return NULL;
    }
    note_section(reader, buffer);
    if (!strchr(buffer, '\n')) {
        int c;
        do {
            c = fgetc(reader->file);
        } while (c != EOF && c != '\n');
    }
    return buffer;
}

static bool append_text(struct reader *reader, char *buffer, size_t size, const char *value) {
    size_t length = strlen(buffer);
    if (length + (length > 0) + strlen(value) >= size) {
        text_set(reader->problem, EXPERIMENT_PROBLEM, "this text is longer than %zu bytes.",
                 size - 1);
        return false;
    }
    text_append(buffer, size, "%s%s", length > 0 ? " " : "", value);
    return true;
}

static bool to_number(struct reader *reader, const char *name, const char *value, double high,
                      double *number) {
    if (text_to_double(value, number) && *number >= 0.0 && *number <= high) {
        return true;
    }
    text_set(reader->problem, EXPERIMENT_PROBLEM, "%s: '%.60s' is not a number from 0 to %.0f.",
             name, value, high);
    return false;
}

static bool to_count(struct reader *reader, const char *name, const char *value, int64_t low,
                     int64_t high, int64_t *count) {
    if (text_to_int64(value, count) && *count >= low && *count <= high) {
        return true;
    }
    text_set(reader->problem, EXPERIMENT_PROBLEM,
             "%s: '%.60s' is not a whole number from %lld to %lld.", name, value, (long long)low,
             (long long)high);
    return false;
}

/* A line of [preset]. */
static bool take_note(struct reader *reader, const char *name, const char *value) {
    enum { NOTE_TITLE, NOTE_ABOUT, NOTE_STEPS, NOTE_EPOCHS, NOTE_KEY, NOTE_COUNT };
    static const char *const names[NOTE_COUNT] = { "title", "about", "steps", "epochs", "key" };
    struct experiment_notes *notes = &reader->notes;
    int64_t key = 0;
    bool good = false;
    switch (text_find(name, names, NOTE_COUNT)) {
    case NOTE_TITLE:
        return append_text(reader, notes->title, sizeof notes->title, value);
    case NOTE_ABOUT:
        return append_text(reader, notes->about, sizeof notes->about, value);
    case NOTE_STEPS:
        good = to_count(reader, "steps", value, 0, EXPERIMENT_MAX_STEP, &notes->steps);
        break;
    case NOTE_EPOCHS:
        good = to_number(reader, "epochs", value, most_epochs, &notes->epochs);
        break;
    case NOTE_KEY:
        good = to_count(reader, "key", value, 1, 9, &key);
        notes->key = (int)key;
        break;
    default:
        text_set(reader->problem, EXPERIMENT_PROBLEM, "there is no key of [preset] '%.60s'", name);
        text_suggest(reader->problem, EXPERIMENT_PROBLEM, name, names, NOTE_COUNT);
    }
    if (good && notes->steps >= 0 && notes->epochs >= 0.0) {
        text_set(reader->problem, EXPERIMENT_PROBLEM,
                 "steps and epochs say the same; one of them is enough.");
        good = false;
    }
    return good;
}

/* Which part a section belongs to; false with a problem if to none, or out of place. */
static bool part_of(struct reader *reader, const char *section, enum part *part) {
    const char *name = case_of(section);
    reader->has_more |= strcmp(section, "b") == 0 || change_of(section) != NULL;
    if (name) {
        *part = PART_CASE;
        return note_case(reader, name);
    }
    if (strcmp(section, "preset") == 0) {
        *part = PART_NOTES;
    } else if (reader->notes.cases > 0) {
        text_set(reader->problem, EXPERIMENT_PROBLEM,
                 "what is common to all cases stands before them, and there is no [b] or [change] "
                 "with cases.");
        return false;
    } else if (change_of(section)) {
        *part = PART_CHANGES;
    } else if (strcmp(section, "b") == 0) {
        *part = PART_B;
    } else if (section[0] == '\0' || strcmp(section, "a") == 0) {
        *part = PART_A;
    } else {
        text_set(reader->problem, EXPERIMENT_PROBLEM,
                 "there is no section [%.40s]; A's keys stand before any section, B's in [b].",
                 section);
        return false;
    }
    return true;
}

/* A number as in "3" or, of B, in "3 b". */
static bool parse_change(const char *text, int64_t *number, int *run) {
    char digits[16];
    size_t length = strcspn(text, " ");
    text_set(digits, sizeof digits, "%.*s", (int)(length < sizeof digits ? length : 0), text);
    *run = strcmp(text + length, " b") == 0;
    return (*run == 1 || text[length] == '\0') && text_to_int64(digits, number);
}

/* A line of [change N] or [change N b]. */
static bool take_change(struct reader *reader, const char *section, const char *name,
                        const char *value) {
    int64_t number = 0;
    int run = 0;
    bool good = parse_change(change_of(section), &number, &run);
    bool begins = good && number == reader->change + 1 && run == 0;
    if (!begins && (!good || number != reader->change || number == 0)) {
        text_set(reader->problem, EXPERIMENT_PROBLEM,
                 "[%.40s]: changes are [change 1], [change 2] and so on, B's part of each behind "
                 "it, as [change 1 b].",
                 section);
        return false;
    }
    if (begins != (strcmp(name, "step") == 0)) {
        text_set(reader->problem, EXPERIMENT_PROBLEM,
                 "[%.40s]: 'step', the updates made before, stands there once, as the first key.",
                 section);
        return false;
    }
    if (begins) {
        reader->change = (int)number;
        reader->change_begun = false;
        return to_count(reader, "step", value, reader->change_step, EXPERIMENT_MAX_STEP,
                        &reader->change_step);
    }
    const struct setting *setting = setting_find(name);
    bool swaps = strcmp(name, "swap") == 0 && run == 0 && strcmp(value, "yes") == 0;
    if (!setting && !swaps) {
        setting_say_unknown(name, reader->problem, EXPERIMENT_PROBLEM);
        return false;
    }
    bool again = reader->change_begun;
    reader->change_begun = true;
    return replay_edit(reader->replay, again, reader->change_step, run, setting, value,
                       reader->problem);
}

static bool take_setting(struct reader *reader, const char *section, const char *name,
                         const char *value) {
    enum part part;
    if (!part_of(reader, section, &part)) {
        return false;
    }
    if (part != reader->wanted ||
        (part == PART_CASE && strcmp(case_of(section), reader->wanted_case) != 0)) {
        return true;
    }
    if (part == PART_NOTES) {
        return take_note(reader, name, value);
    }
    if (part == PART_CHANGES) {
        return take_change(reader, section, name, value);
    }
    reader->found = true;
    const struct setting *setting = setting_find(name);
    if (!setting) {
        setting_say_unknown(name, reader->problem, EXPERIMENT_PROBLEM);
        return false;
    }
    return setting_parse(reader->experiment, part == PART_B ? 1 : 0, setting, value,
                         reader->problem);
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

/* The whole file; false with the first problem there is. */
static bool read_file(struct reader *reader, const char *path) {
    char *problem = reader->problem;
    problem[0] = '\0';
    reader->notes.steps = -1;
    reader->notes.epochs = -1.0;
    const char *text = reader->text && reader->text[0] == '\0' ? "\n" : reader->text;
    reader->file = text ? fmemopen((char *)text, strlen(text), "r") : fopen(path, "r");
    reader->error = reader->file ? 0 : errno;
    int line = reader->file ? ini_parse_stream(read_line, reader, take_line, reader) : 0;
    if (reader->file) {
        fclose(reader->file);
    }
    if (reader->error) {
        text_set(problem, EXPERIMENT_PROBLEM, "cannot read %.300s: %s", path,
                 strerror(reader->error));
        return false;
    }
    if (reader->problem_line > 0 && (line == 0 || reader->problem_line <= line)) {
        line = reader->problem_line;
    } else if (line > 0) {
        text_set(problem, EXPERIMENT_PROBLEM, "this is neither 'key = value' nor '[section]'.");
    }
    if (line > 0) {
        char reason[EXPERIMENT_PROBLEM];
        text_set(reason, sizeof reason, "%s", problem);
        text_set(problem, EXPERIMENT_PROBLEM, "%.300s, line %d: %s", path, line, reason);
    }
    return line == 0;
}

bool experiment_read_notes(struct experiment_notes *notes, const char *path, char *problem) {
    struct reader reader = { .wanted = PART_NOTES, .problem = problem };
    bool good = read_file(&reader, path);
    *notes = reader.notes;
    return good;
}

/* Read into a copy, so that what is wrong changes nothing. */
static bool read_settings(struct reader *reader, struct experiment *experiment, const char *path) {
    struct experiment changed = *experiment;
    reader->experiment = &changed;
    bool good = read_file(reader, path);
    reader->experiment = NULL;
    if (good) {
        *experiment = changed;
    }
    return good;
}

bool experiment_read_ini(struct experiment *experiment, const char *path, const char *text, int run,
                         bool *found, char *problem) {
    struct reader reader = { .wanted = run == 1 ? PART_B : PART_A,
                             .text = text,
                             .problem = problem };
    if (!read_settings(&reader, experiment, path)) {
        return false;
    }
    *found = reader.found;
    return true;
}

bool experiment_read_changes(struct replay *replay, const char *path, const char *text,
                             char *problem) {
    struct reader reader = {
        .wanted = PART_CHANGES, .replay = replay, .text = text, .problem = problem
    };
    return read_file(&reader, path);
}

bool experiment_read_case(struct experiment *experiment, const char *path, const char *name,
                          char *problem) {
    struct reader reader = { .wanted = PART_CASE, .wanted_case = name, .problem = problem };
    return read_settings(&reader, experiment, path);
}

int experiment_print_ini(const struct experiment *experiment, char *buffer, size_t size) {
    int count;
    const struct setting *table = settings_table(&count);
    buffer[0] = '\0';
    for (int run = 0; run < (experiment->compare ? 2 : 1); run++) {
        text_append(buffer, size, "%s", run ? "\n[b]\n" : "");
        for (int i = 0; i < count; i++) {
            if (run == 0 || table[i].per_run) {
                char value[SETTING_TEXT];
                setting_print(experiment, run, &table[i], value, sizeof value);
                text_append(buffer, size, "%s = %s\n", table[i].name, value);
            }
        }
    }
    return (int)strlen(buffer);
}
