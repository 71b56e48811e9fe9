#include "app/look_text.h"

#include <assert.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"

static const char *view_name(int index) {
    return views[index].name;
}

static const char *theme_name(int index) {
    return themes[index].name;
}

static_assert(sizeof(enum view_id) == sizeof(int) && sizeof(enum theme) == sizeof(int) &&
                  sizeof(enum panel_id) == sizeof(int),
              "rows take them for int");

#define FIELD(field) offsetof(struct session, field)

/* Whole numbers from low to high, of which some have names. */
static const struct row {
    const char *key;
    size_t offset;
    enum { ROW_INT, ROW_TRUTH, ROW_INT64 } type;
    int64_t low, high;
    const char *(*name)(int value);
} rows[] = {
    { "view", FIELD(view), ROW_INT, 0, VIEW_COUNT - 1, view_name },
    { "theme", FIELD(theme), ROW_INT, 0, THEME_COUNT - 1, theme_name },
    { "layer", FIELD(selected), ROW_INT, 1, SNAPSHOT_LAYERS, NULL },
    { "unit", FIELD(unit), ROW_INT, 1, EXPERIMENT_MAX_WIDTH, NULL },
    { "gradient", FIELD(gradient), ROW_INT, 0, VIEW_GRADIENT_COUNT - 1, NULL },
    { "linear", FIELD(linear), ROW_TRUTH, 0, 1, NULL },
    { "theory", FIELD(theory), ROW_TRUTH, 0, 1, NULL },
    { "textbook", FIELD(book), ROW_INT, 0, VIEW_BOOK_COUNT - 1, NULL },
    { "why", FIELD(why), ROW_INT, 0, VIEW_WHY_COUNT - 1, NULL },
    { "ridges", FIELD(ridge), ROW_INT, 0, VIEW_RIDGE_COUNT - 1, NULL },
    { "lines", FIELD(lines), ROW_TRUTH, 0, 1, NULL },
    { "frozen", FIELD(frozen), ROW_TRUTH, 0, 1, NULL },
    { "keep_weights", FIELD(keeps), ROW_TRUTH, 0, 1, NULL }, // the foot of the window shows it
    { "time_low", FIELD(time.low), ROW_INT64, 0, EXPERIMENT_MAX_STEP, NULL },
    { "time_high", FIELD(time.high), ROW_INT64, -1, EXPERIMENT_MAX_STEP, NULL },
    { "bare", FIELD(bare), ROW_TRUTH, 0, 1, NULL },
    { "full_panel", FIELD(panels.blown), ROW_INT, 0, PANEL_COUNT - 1, NULL },
    { "panel", FIELD(panels.chosen), ROW_INT, 0, PANEL_COUNT - 1, NULL },
    { "fold_activations", FIELD(panels.folded[PANEL_ACTIVATIONS]), ROW_TRUTH, 0, 1, NULL },
    { "fold_gradients", FIELD(panels.folded[PANEL_GRADIENTS]), ROW_TRUTH, 0, 1, NULL },
    { "fold_magnitude", FIELD(panels.folded[PANEL_MAGNITUDE]), ROW_TRUTH, 0, 1, NULL },
    { "fold_history", FIELD(panels.folded[PANEL_HISTORY]), ROW_TRUTH, 0, 1, NULL },
    { "fold_loss", FIELD(panels.folded[PANEL_LOSS]), ROW_TRUTH, 0, 1, NULL },
    { "fold_phi", FIELD(panels.folded[PANEL_PHI]), ROW_TRUTH, 0, 1, NULL },
    { "fold_why", FIELD(panels.folded[PANEL_WHY]), ROW_TRUTH, 0, 1, NULL },
};

static const char *const axes[RANGE_COUNT] = { "axis_activations", "axis_gradients",
                                               "axis_magnitude" };

static int64_t get(const struct session *session, const struct row *row) {
    const void *field = (const char *)session + row->offset;
    return row->type == ROW_INT     ? *(const int *)field
           : row->type == ROW_TRUTH ? *(const bool *)field
                                    : *(const int64_t *)field;
}

static void set(struct session *session, const struct row *row, int64_t value) {
    void *field = (char *)session + row->offset;
    if (row->type == ROW_INT) {
        *(int *)field = (int)value;
    } else if (row->type == ROW_TRUTH) {
        *(bool *)field = value != 0;
    } else {
        *(int64_t *)field = value;
    }
}

/* "axis_gradients = KIND LOW HIGH STRIPS", a digit each for the strips that are open. */
static void print_axis(const struct range *range, int row, char text[SHOT_LOOK]) {
    text_append(text, SHOT_LOOK, "%s = %d %.17g %.17g ", axes[row], range->kind, range->low,
                range->high);
    for (int i = 0; i < APART_COUNT; i++) {
        text_append(text, SHOT_LOOK, "%d", range->strip[i]);
    }
    text_append(text, SHOT_LOOK, "\n");
}

/* Logarithmic axes have odd kinds (ranges.h), but for the first row's. */
static void take_axis(struct range *range, int row, const char *text) {
    struct range read = { 0 };
    char strips[APART_COUNT + 1] = "";
    static_assert(APART_COUNT == 7, "as many digits are read");
    if (sscanf(text, "%d %lf %lf %7[01]", &read.kind, &read.low, &read.high, strips) != 4 ||
        strlen(strips) != APART_COUNT) {
        return;
    }
    double most = row != RANGE_ACTIVATIONS && read.kind % 2 == 1 ? 400.0 : 1e39;
    for (int i = 0; i < APART_COUNT; i++) {
        read.strip[i] = strips[i] == '1';
    }
    if (read.kind > 0 && read.low >= -most && read.low <= read.high && read.high <= most) {
        *range = read;
    }
}

void look_text_print(const struct session *session, char text[SHOT_LOOK]) {
    text[0] = '\0';
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t value = get(session, &rows[i]);
        if (rows[i].name) {
            text_append(text, SHOT_LOOK, "%s = %s\n", rows[i].key, rows[i].name((int)value));
        } else {
            text_append(text, SHOT_LOOK, "%s = %lld\n", rows[i].key, (long long)value);
        }
    }
    for (int i = 0; i < RANGE_COUNT; i++) {
        if (session->ranges.row[i].kind > 0) {
            print_axis(&session->ranges.row[i], i, text);
        }
    }
}

static bool parse(const struct row *row, const char *text, int64_t *value) {
    for (int i = 0; row->name && i <= row->high; i++) {
        if (strcmp(row->name(i), text) == 0) {
            *value = i;
            return true;
        }
    }
    return !row->name && text_to_int64(text, value) && *value >= row->low && *value <= row->high;
}

/* inih's callback. */
static int take_line(void *context, const char *section, const char *name, const char *value) {
    (void)section;
    struct session *session = context;
    int64_t number;
    for (int i = 0; i < RANGE_COUNT; i++) {
        if (strcmp(name, axes[i]) == 0) {
            take_axis(&session->ranges.row[i], i, value);
        }
    }
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(name, rows[i].key) == 0 && parse(&rows[i], value, &number)) {
            set(session, &rows[i], number);
        }
    }
    return 1;
}

void look_text_read(struct session *session, const char *text) {
    ini_parse_string(text, take_line, session);
    session_select(session, session->selected); // the nearest there is
    session_show(session, session->view);
}
