/*
 * view.h - one picture of the whole window, from plain data to a display list.
 *
 * A pure function: the same snapshot, history and state give the same list. It never reads a live
 * network and knows no window; what can be clicked is reported as hits.
 */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include "draw/display_list.h"
#include "measure/history.h"
#include "measure/snapshot.h"
#include "view/theme.h"

enum {
    VIEW_MAX_CHIPS = 16,
    VIEW_MAX_KEYS = 96,
    VIEW_MAX_HITS = 512,
    VIEW_MIN_WIDTH = 960,
    VIEW_MIN_HEIGHT = 600
};

/* A box of the top bar: the key that changes it, what it is, its present value. */
struct view_chip {
    char key[16];
    char label[24];
    char value[2][48]; // A and B; B empty or equal to A: one value is shown
    int command;       // reported in the hit
};

/* A key and what it does, for the footer and the help overlay. */
struct view_key {
    char key[24];
    char label[48];    // short, footer
    char about[96];    // one line, help
    const char *group; // help: heading, static string
    bool footer;
    int command;
};

enum view_gradient { VIEW_GRADIENT_DELTA, VIEW_GRADIENT_WEIGHT, VIEW_GRADIENT_COUNT };

struct view_state {
    float width, height; // points
    enum theme theme;
    bool compare;                // draw B too
    int selected;                // hidden layer 1..L
    enum view_gradient gradient; // which gradient the two gradient rows show
    bool show_help;
    bool steady; // leave out what differs between equal runs (rates), for headless pictures
    struct view_chip chips[VIEW_MAX_CHIPS];
    int chip_count;
    struct view_key keys[VIEW_MAX_KEYS];
    int key_count;
    char toast[512]; // empty: none
    bool toast_bad;  // bad news
};

enum hit_kind { HIT_NONE, HIT_COMMAND, HIT_LAYER };

/* Where a click means something, last drawn on top. */
struct view_hit {
    struct rect rect;
    enum hit_kind kind;
    int value; // command, or hidden layer
};

struct view_hits {
    struct view_hit hit[VIEW_MAX_HITS];
    int count;
};

/* Append the whole picture to list and replace hits. snapshot and history may be empty (zeroed). */
void view_draw(struct display_list *list, struct view_hits *hits, const struct view_state *state,
               const struct snapshot *snapshot, const struct history_view *history);

/* The topmost hit under a point; kind HIT_NONE when there is none. */
struct view_hit view_hit_at(const struct view_hits *hits, float x, float y);

#endif
