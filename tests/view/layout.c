#include "layout.h"

#include "check.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "draw/text.h"

struct display_list list;
struct view_hits hits;
char what[160];

static struct text *text;

void draw(struct scene *scene) {
    display_list_clear(&list);
    view_draw(&list, &hits, &scene->state, &scene->snapshot, &scene->history);
    assert_false(list.incomplete);
}

const char *text_of(const struct draw_op *op) {
    return list.chars + op->text;
}

/* What a line of text covers: from the capitals' height to the descenders. */
static struct rect text_box(const struct draw_op *op) {
    struct point origin = draw_text_origin(op);
    return (struct rect){ origin.x, origin.y - 0.73f * op->font_size, op->text_width,
                          0.93f * op->font_size };
}

static bool overlap(struct rect a, struct rect b) {
    const float slack = 0.6f; // rounding, and descenders of the line above
    return a.x + slack < b.x + b.w && b.x + slack < a.x + a.w && a.y + slack < b.y + b.h &&
           b.y + slack < a.y + a.h;
}

/* Where the settings menu begins: its ground reaches from the top bar to the footer. */
size_t menu_op(const struct scene *scene) {
    for (size_t i = list.op_count; i-- > 0 && scene->state.menu.open;) {
        const struct draw_op *op = &list.ops[i];
        if (op->kind == DRAW_RECT && op->rect.w >= 459.0f && op->rect.h > 400.0f &&
            op->rect.x + op->rect.w >= scene->state.width) {
            return i;
        }
    }
    return 0;
}

/* The hover box comes last: a patch with an outline, then its lines. */
size_t tip_op(const struct scene *scene) {
    size_t i = list.op_count;
    while (i > 2 && list.ops[i - 1].kind == DRAW_TEXT) {
        i--;
    }
    bool lines = i > 2 && i < list.op_count && list.ops[i - 1].kind == DRAW_FRAME;
    const struct draw_op *box = lines ? &list.ops[i - 2] : NULL;
    bool tip = box && box->kind == DRAW_RECT && box->radius == 5.0f &&
               box->colour == themes[scene->state.theme].raised;
    return tip ? i - 2 : 0;
}

/* Ops of an overlay lie over everything before them, so only they are compared. */
size_t first_op(const struct scene *scene) {
    size_t menu = menu_op(scene);
    if (menu > 0) {
        return menu;
    }
    bool covered = scene->state.show_help || scene->state.palette.open;
    for (size_t i = 1; i < list.op_count && covered; i++) {
        const struct draw_op *op = &list.ops[i];
        if (op->kind == DRAW_RECT && op->rect.w >= scene->state.width &&
            op->rect.h >= scene->state.height) {
            return i;
        }
    }
    return 0;
}

/* Lines of text, and what each covers. */
static struct line {
    struct rect box;
    const char *text;
} lines[4096];

static int lines_between(size_t first, size_t end) {
    int count = 0;
    for (size_t i = first; i < end; i++) {
        const struct draw_op *op = &list.ops[i];
        if (op->kind == DRAW_TEXT) {
            assert_true(count < (int)(sizeof lines / sizeof *lines));
            lines[count++] = (struct line){ text_box(op), text_of(op) };
        }
    }
    return count;
}

static void assert_apart_between(size_t first, size_t end) {
    int count = lines_between(first, end);
    for (int i = 0; i < count; i++) {
        for (int j = i + 1; j < count; j++) {
            struct rect a = lines[i].box, b = lines[j].box;
            if (overlap(a, b)) {
                fail_msg("%s: \"%s\" (%.1f %.1f %.1f %.1f) overlaps \"%s\" (%.1f %.1f %.1f %.1f)",
                         what, lines[i].text, (double)a.x, (double)a.y, (double)a.w, (double)a.h,
                         lines[j].text, (double)b.x, (double)b.y, (double)b.w, (double)b.h);
            }
        }
    }
}

/* What the hover box lies over it hides. */
void assert_no_text_overlaps(const struct scene *scene) {
    size_t tip = tip_op(scene);
    assert_apart_between(first_op(scene), tip > 0 ? tip : list.op_count);
    assert_apart_between(tip > 0 ? tip : list.op_count, list.op_count);
}

/* Does the text before the ellipsis end with what a name begins with? */
static bool cuts(const char *name, const char *line, const char *dots) {
    size_t before = (size_t)(dots - line);
    for (size_t k = 1; k < strlen(name) && k <= before; k++) {
        if (memcmp(dots - k, name, k) == 0) {
            return true;
        }
    }
    return false;
}

static bool cuts_a_name(const struct data_names *names, const char *line, const char *dots) {
    bool found = false;
    for (int i = 0; i < names->classes && !found; i++) {
        found = cuts(names->class_name[i], line, dots);
    }
    for (int i = 0; i < names->inputs && !found; i++) {
        found = cuts(names->input_name[i], line, dots);
    }
    return found;
}

/* Is what follows the ellipsis the end of a logged name, or of those of both runs? */
static bool ends_a_name(const struct snapshot *snapshot, const char *rest) {
    bool found = false;
    for (int l = 0; l < SNAPSHOT_LAYERS && !found; l++) {
        char name[3 * SNAPSHOT_NAME] = "", titled[4 * SNAPSHOT_NAME];
        for (int r = 0; r < snapshot->runs; r++) {
            const char *of = snapshot->run[r].layer[l].name;
            if (l < snapshot->run[r].layers && strcmp(of, name) != 0) {
                text_append(name, sizeof name, "%s%s", name[0] ? " | " : "", of);
            }
        }
        text_set(titled, sizeof titled, "%s over time", name);
        found = (name[0] && strlen(rest) < strlen(name) &&
                 strcmp(rest, name + strlen(name) - strlen(rest)) == 0) ||
                (name[0] && strlen(rest) < strlen(titled) &&
                 strcmp(rest, titled + strlen(titled) - strlen(rest)) == 0);
    }
    return found;
}

void assert_no_text_is_cut(const struct scene *scene) {
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        const char *dots = op->kind == DRAW_TEXT ? strstr(text_of(op), "…") : NULL;
        bool end = dots && dots == text_of(op) && // of a path the end is shown, of a layer, too
                   (strchr(dots, '/') || ends_a_name(&scene->snapshot, dots + strlen("…")));
        if (dots && !end && !cuts_a_name(&scene->snapshot.names, text_of(op), dots)) {
            fail_msg("%s: cut to \"%s\"", what, text_of(op));
        }
    }
}

bool within(struct rect rect, struct rect outer) {
    const float slack = 0.51f;
    return rect.x >= outer.x - slack && rect.y >= outer.y - slack &&
           rect.x + rect.w <= outer.x + outer.w + slack &&
           rect.y + rect.h <= outer.y + outer.h + slack;
}

static struct rect points_box(const struct draw_op *op) {
    float low[2] = { INFINITY, INFINITY }, high[2] = { -INFINITY, -INFINITY };
    for (size_t i = 0; i < 2 * op->count; i++) {
        float value = list.numbers[op->first + i];
        low[i % 2] = fminf(low[i % 2], value); // fminf ignores the NaN of a gap
        high[i % 2] = fmaxf(high[i % 2], value);
    }
    return (struct rect){ low[0], low[1], high[0] - low[0], high[1] - low[1] };
}

struct rect op_box(const struct draw_op *op) {
    switch (op->kind) {
    case DRAW_TEXT:
        return text_box(op);
    case DRAW_POLYLINE:
    case DRAW_AREA:
    case DRAW_POLYGON:
        return points_box(op);
    default:
        return op->rect;
    }
}

/* What is inside a clip may reach further; the clip itself may not, and no text. */
void assert_all_within_the_window(const struct scene *scene) {
    struct rect window = { 0.0f, 0.0f, scene->state.width, scene->state.height };
    int clips = 0;
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        if (op->kind == DRAW_UNCLIP) {
            clips--;
            continue;
        }
        struct rect box = op_box(op);
        bool line = op->kind == DRAW_POLYLINE || op->kind == DRAW_AREA;
        bool empty = line && !(box.w >= 0.0f && box.h >= 0.0f); // only gaps
        if ((clips == 0 || op->kind == DRAW_TEXT) && !empty && !within(box, window)) {
            fail_msg("%s: op %zu of kind %d at %.1f %.1f %.1f %.1f leaves the window (%s)", what, i,
                     (int)op->kind, (double)box.x, (double)box.y, (double)box.w, (double)box.h,
                     op->kind == DRAW_TEXT ? text_of(op) : "");
        }
        clips += op->kind == DRAW_CLIP;
    }
    assert_int_equal(clips, 0);
}

static void assert_numbers_are_sound(void) {
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        if (op->kind == DRAW_HISTOGRAM) {
            for (size_t k = 0; k < op->count; k++) {
                float value = list.numbers[op->first + k];
                assert_true(value >= 0.0f && value <= 1.0f);
            }
        } else if (op->kind != DRAW_POLYLINE && op->kind != DRAW_AREA && op->kind != DRAW_UNCLIP) {
            assert_true(isfinite(op->rect.x) && isfinite(op->rect.y));
            assert_true(op->rect.w >= 0.0f && op->rect.h >= 0.0f);
        }
    }
}

void check(struct scene *scene) {
    draw(scene);
    assert_no_text_overlaps(scene);
    assert_no_text_is_cut(scene);
    assert_all_within_the_window(scene);
    assert_numbers_are_sound();
    if (hits.count == VIEW_MAX_HITS) {
        fail_msg("%s: no room for all that can be clicked", what);
    }
}

bool shown(const char *part) {
    for (size_t i = 0; i < list.op_count; i++) {
        if (list.ops[i].kind == DRAW_TEXT && strstr(text_of(&list.ops[i]), part)) {
            return true;
        }
    }
    return false;
}

int layout_start(void **state) {
    (void)state;
    char problem[512];
    text = text_create(problem, sizeof problem);
    if (!text) {
        fail_msg("%s", problem);
    }
    text_set_scale(text, 1.0f);
    display_list_init(&list, text_metrics(text));
    return 0;
}

int layout_stop(void **state) {
    (void)state;
    display_list_finish(&list);
    text_destroy(text);
    return 0;
}

void layout_scale(float scale) {
    text_set_scale(text, scale);
}
