#include "app/palette.h"

#include <stdlib.h>
#include <string.h>

#include "app/act.h"
#include "app/command.h"
#include "base/file.h"
#include "base/fuzzy.h"
#include "base/require.h"
#include "base/text.h"

/* What a row says of itself. */
struct described {
    char name[64];
    const char *about, *key;
};

/* A table whose rows can be found. */
struct source {
    const char *kind;
    int (*rows)(const struct palette *palette);
    int (*options)(int row); // of a row; NULL: none, the row itself is found
    bool (*describe)(const struct session *session, struct palette_entry entry,
                     struct described *out); // false: it is not for finding
    void (*act)(struct session *session, struct palette_entry entry);
};

static int command_rows(const struct palette *palette) {
    (void)palette;
    return COMMAND_COUNT;
}

/* Not the keys of the menu, nor rows of keys, whose parts are other sources' rows. */
static bool describe_command(const struct session *session, struct palette_entry entry,
                             struct described *out) {
    (void)session;
    const struct command *command = &commands[entry.row];
    text_set(out->name, sizeof out->name, "%s", command->name);
    text_spell(out->name);
    out->about = command->about;
    out->key = command->key_label;
    return !command->menu && !command->last_key && command->act != act_palette;
}

static void do_command(struct session *session, struct palette_entry entry) {
    command_run(session, (enum command_id)entry.row, 1);
}

static int view_rows(const struct palette *palette) {
    (void)palette;
    return VIEW_TEXTBOOK; // which is a command
}

static bool describe_view(const struct session *session, struct palette_entry entry,
                          struct described *out) {
    (void)session;
    text_set(out->name, sizeof out->name, "%s", views[entry.row].label);
    out->about = views[entry.row].about;
    out->key = command_view_key((enum view_id)entry.row);
    return true;
}

static void open_view(struct session *session, struct palette_entry entry) {
    session_show(session, (enum view_id)entry.row);
}

static const struct setting *setting_at(int row) {
    int count;
    return &settings_table(&count)[row];
}

static int setting_rows(const struct palette *palette) {
    (void)palette;
    int count;
    settings_table(&count);
    return count;
}

static void name_setting(const struct setting *setting, char *name, size_t size) {
    text_set(name, size, "%s", setting->name);
    text_spell(name);
}

static bool describe_setting(const struct session *session, struct palette_entry entry,
                             struct described *out) {
    (void)session;
    name_setting(setting_at(entry.row), out->name, sizeof out->name);
    out->about = setting_at(entry.row)->about;
    out->key = "";
    return true;
}

static void open_setting(struct session *session, struct palette_entry entry) {
    menu_open(session, setting_at(entry.row));
}

static int setting_options(int row) {
    return setting_at(row)->option_count;
}

static bool describe_value(const struct session *session, struct palette_entry entry,
                           struct described *out) {
    (void)session;
    const struct setting *setting = setting_at(entry.row);
    struct setting_choice choice = setting_describe(setting, entry.option);
    name_setting(setting, out->name, sizeof out->name);
    text_append(out->name, sizeof out->name, ": %s",
                choice.label ? choice.label : setting->option(entry.option));
    out->about = choice.about ? choice.about : "";
    out->key = "";
    return true;
}

static void take_value(struct session *session, struct palette_entry entry) {
    session_choose(session, 0, setting_at(entry.row), entry.option);
}

static int preset_rows(const struct palette *palette) {
    return palette->preset_count;
}

static bool describe_preset(const struct session *session, struct palette_entry entry,
                            struct described *out) {
    const struct palette_preset *preset = &session->palette.presets[entry.row];
    text_set(out->name, sizeof out->name, "%s", preset->name);
    text_spell(out->name);
    out->about = preset->title;
    out->key = preset->key;
    return true;
}

static void open_preset(struct session *session, struct palette_entry entry) {
    session_open_preset(session, session->palette.presets[entry.row].name);
}

static const struct source sources[] = {
    { "command", command_rows, NULL, describe_command, do_command },
    { "view", view_rows, NULL, describe_view, open_view },
    { "setting", setting_rows, NULL, describe_setting, open_setting },
    { "value of A", setting_rows, setting_options, describe_value, take_value },
    { "preset", preset_rows, NULL, describe_preset, open_preset },
};

/* How well a row fits what is typed: by its name, else by what it says of itself. -1: not. */
static int rank(const char *typed, const struct described *row) {
    enum { NAME = 1000 };
    int name = fuzzy_score(typed, row->name);
    int about = text_contains(row->about, typed) ? 0 : -1;
    return name >= 0 ? NAME + name : about;
}

struct ranked {
    struct palette_entry entry;
    int rank, order, length;
};

/* The better one first; of equal ones that of an earlier table, then the shorter name. */
static int compare(const void *a, const void *b) {
    const struct ranked *left = a, *right = b;
    if (left->rank != right->rank) {
        return left->rank > right->rank ? -1 : 1;
    }
    int by_source = left->entry.source - right->entry.source;
    int by_length = left->length - right->length;
    return by_source ? by_source : by_length ? by_length : left->order - right->order;
}

static int add(const struct session *session, struct palette_entry entry, struct ranked *list,
               int count) {
    struct described row;
    if (!sources[entry.source].describe(session, entry, &row)) {
        return count;
    }
    int points = rank(session->palette.typed, &row);
    if (points < 0) {
        return count;
    }
    REQUIRE(count < PALETTE_MOST);
    bool all = session->palette.typed[0] == '\0';
    list[count] = (struct ranked){ entry, points, count, all ? 0 : (int)strlen(row.name) };
    return count + 1;
}

static void find(struct session *session) {
    static _Thread_local struct ranked list[PALETTE_MOST];
    struct palette *palette = &session->palette;
    int count = 0;
    for (int s = 0; s < ARRAY_LEN(sources); s++) {
        for (int row = 0; row < sources[s].rows(palette); row++) {
            int options = sources[s].options ? sources[s].options(row) : 1;
            for (int option = 0; option < options; option++) {
                struct palette_entry entry = { (uint8_t)s, (uint16_t)row, (uint16_t)option };
                count = add(session, entry, list, count);
            }
        }
    }
    qsort(list, (size_t)count, sizeof *list, compare);
    for (int i = 0; i < count; i++) {
        palette->found[i] = list[i].entry;
    }
    palette->count = count;
    palette->selected = 0;
    session->redraw = true;
}

/* Those that can be read. */
static void list_presets(struct palette *palette) {
    struct preset list[PRESET_MOST];
    int count = preset_list(list);
    palette->preset_count = 0;
    for (int i = 0; i < count; i++) {
        struct palette_preset *out = &palette->presets[palette->preset_count];
        struct experiment_notes notes;
        char path[FILE_PATH_MAX], ignored[EXPERIMENT_PROBLEM];
        preset_path(&list[i], path, sizeof path);
        if (experiment_read_notes(&notes, path, ignored)) {
            text_set(out->name, sizeof out->name, "%s", list[i].name);
            text_set(out->title, sizeof out->title, "%s", notes.title);
            out->key[0] = '\0';
            if (notes.key > 0) {
                text_set(out->key, sizeof out->key, "Ctrl %d", notes.key);
            }
            palette->preset_count++;
        }
    }
}

void palette_open(struct session *session) {
    menu_cancel(session);
    session->help = false;
    session->palette.open = true;
    session->palette.typed[0] = '\0';
    list_presets(&session->palette);
    find(session);
}

void palette_close(struct session *session) {
    session->palette.open = false;
    session->redraw = true;
}

void palette_move(struct session *session, int rows) {
    struct palette *palette = &session->palette;
    if (palette->open && palette->count > 0) {
        int to = palette->selected + rows, last = palette->count - 1;
        palette->selected = to < 0 ? 0 : to > last ? last : to;
        session->redraw = true;
    }
}

void palette_write(struct session *session, const char *utf8) {
    struct palette *palette = &session->palette;
    if (palette->open) {
        text_type(palette->typed, sizeof palette->typed, utf8);
        find(session);
    }
}

void palette_erase(struct session *session) {
    struct palette *palette = &session->palette;
    if (palette->open) {
        text_erase(palette->typed);
        find(session);
    }
}

void palette_enter(struct session *session) {
    palette_choose(session, session->palette.selected);
}

void palette_choose(struct session *session, int index) {
    const struct palette *palette = &session->palette;
    if (palette->open && index >= 0 && index < palette->count) {
        struct palette_entry entry = palette->found[index];
        palette_close(session);
        sources[entry.source].act(session, entry);
    }
}

void palette_fill(struct view_palette *view, const struct session *session) {
    const struct palette *palette = &session->palette;
    view->open = palette->open;
    if (!palette->open) {
        return;
    }
    int last = palette->count - VIEW_PALETTE_ROWS;
    view->first = palette->selected - VIEW_PALETTE_ROWS / 2;
    view->first = view->first > last ? last : view->first;
    view->first = view->first < 0 ? 0 : view->first;
    view->selected = palette->selected;
    view->count = palette->count;
    text_set(view->typed, sizeof view->typed, "%s", palette->typed);
    for (int i = 0; i < VIEW_PALETTE_ROWS && view->first + i < palette->count; i++) {
        struct palette_entry entry = palette->found[view->first + i];
        struct view_found *row = &view->rows[i];
        struct described said;
        sources[entry.source].describe(session, entry, &said);
        row->kind = sources[entry.source].kind;
        text_set(row->name, sizeof row->name, "%s", said.name);
        text_set(row->about, sizeof row->about, "%s", said.about);
        text_set(row->key, sizeof row->key, "%s", said.key);
    }
}
