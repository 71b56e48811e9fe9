/*
 * view.h - one picture of the whole window, from plain data to a display list.
 *
 * A pure function: the same snapshot, history and state give the same list. It never reads a live
 * network and knows no window; what can be clicked is reported as hits.
 */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include "draw/display_list.h"
#include "measure/film.h"
#include "measure/history.h"
#include "measure/phase.h"
#include "measure/snapshot.h"
#include "view/ranges.h"
#include "view/theme.h"

// The user's factor on the screen's own scale.
#define VIEW_LEAST_ZOOM 0.6
#define VIEW_MOST_ZOOM 3.0

enum {
    VIEW_MAX_CHIPS = 16,
    VIEW_MAX_KEYS = 96,
    VIEW_MAX_HITS = 768,
    VIEW_MAX_ROWS = 128,
    VIEW_MAX_OPTIONS = 64,
    VIEW_TYPED = 256,
    VIEW_PALETTE_ROWS = 12,
    VIEW_MIN_WIDTH = 960,
    VIEW_MIN_HEIGHT = 600
};

/* A box of the top bar: the key that changes it, what it is, its present value. */
struct view_chip {
    char key[16]; // empty: nothing changes it
    char label[24];
    char about[128];   // what it is
    char value[2][48]; // A and B; B empty or equal to A: one value is shown
    bool speaks;       // the value says what it is: it does without the label
    bool spare;        // left out first where there is no room
    int command;       // reported in the hit
};

/* A row of the settings menu; rows of a group stand together. */
struct view_row {
    const char *group; // heading, static string
    char label[48];
    char value[2][64]; // A and B; B empty: there is one value
    bool changed[2];   // it is not the default
    bool idle[2];      // it has no effect as the others are
};

/* What the chosen name stands for: static strings, any of them NULL. */
struct view_choice {
    const char *label, *formula, *about, *source;
};

/* The settings menu: all rows, and what there is to say about the selected one. */
struct view_menu {
    bool open;
    struct view_row rows[VIEW_MAX_ROWS];
    int row_count;
    int first; // line on top when it was last drawn, as view_hits reports it
    int selected;
    int run;                // whose value is edited
    bool typing, fresh;     // typed stands for the value; fresh: what comes next replaces it
    char typed[VIEW_TYPED]; // UTF-8
    char problem[640];      // why that is refused
    char spelled[64];       // --learning-rate
    char about[256];
    char idle[256];                        // why the selected value has no effect; empty: it has
    char accepts[160];                     // and its default
    const char *options[VIEW_MAX_OPTIONS]; // static strings
    int option_count, option;              // the chosen one
    struct view_choice choice;             // what the chosen one is, or the setting
    struct view_choice choices[VIEW_MAX_OPTIONS]; // what each option is
};

/* The palette: what is typed and the rows around the selected one of those found, best first. */
struct view_palette {
    bool open;
    char typed[VIEW_TYPED];
    int first, selected, count; // rows[0] is the one of index first
    struct view_found {
        const char *kind; // static string
        char name[64], about[256], key[24];
    } rows[VIEW_PALETTE_ROWS];
};

/* A key and what it does, for the footer and the help overlay. */
struct view_key {
    char key[24];
    char label[48];    // short, footer
    char about[96];    // one line, help
    const char *group; // help: heading, static string
    bool footer;
    bool kept; // in every footer, however narrow
    bool on;   // what it switches is on
    bool menu; // in the foot of the settings menu instead
    int command;
};

/* What is proposed beside the verdict of a run. */
struct view_cure {
    char key[8];        // that does it; empty: it is only told
    char text[64];      // empty: nothing is
    char about[2][192]; // for who asks
    int command;
};

/* What the body of the window shows: one row of views[] each. */
enum view_id {
    VIEW_LAYERS,
    VIEW_HISTORY,
    VIEW_LAYER,
    VIEW_DATA,
    VIEW_PHASE,
    VIEW_TEXTBOOK,
    VIEW_COUNT
};

struct frame;

struct view_kind {
    const char *name;    // one word, for the command line
    const char *label;   // of its tab
    const char *about;   // the question it answers
    const char *missing; // why it has nothing to say of somebody else's training; NULL: it has
    void (*draw)(struct frame *frame, struct rect area);
};

extern const struct view_kind views[VIEW_COUNT];

/* The mouse, in points. */
struct view_pointer {
    bool inside; // the window, and not hidden by a drag
    float x, y;
};

/* The panels of view 1: rows over the layer axis, then those of the sidebar. */
enum panel_id {
    PANEL_NONE,
    PANEL_ACTIVATIONS,
    PANEL_GRADIENTS,
    PANEL_MAGNITUDE,
    PANEL_HISTORY,
    PANEL_LOSS,
    PANEL_PHI,
    PANEL_WHY,
    PANEL_COUNT
};

/* What can be a figure of its own (view_state.bare): a panel of view 1, or a whole view. */
struct view_figure {
    const char *name; // one word, for the command line
    enum view_id view;
    enum panel_id panel; // PANEL_NONE: all of the view
};

extern const struct view_figure view_figures[];
extern const int view_figure_count;

/* How they are arranged. */
struct view_panels {
    bool folded[PANEL_COUNT]; // only its title is left
    enum panel_id blown;      // fills the body alone
    enum panel_id chosen;     // which one the keys are about
};

/* The plane of first weights of a run's activation, and where the run starts on it. */
struct view_plane {
    const struct phase *phase;      // borrowed; B's is A's where they share it; NULL: none
    char reason[SNAPSHOT_SENTENCE]; // why there is none
    struct phase_start start;
};

/* What the textbook's histograms are of. */
enum view_book { VIEW_BOOK_H, VIEW_BOOK_Z, VIEW_BOOK_DELTA, VIEW_BOOK_WEIGHT, VIEW_BOOK_COUNT };

/* Whose factors the why shows beside the other panels. */
enum view_why { VIEW_WHY_WORSE, VIEW_WHY_A, VIEW_WHY_B, VIEW_WHY_COUNT };

/* Which distribution view 2 shows over time. */
enum view_ridge {
    VIEW_RIDGE_H,
    VIEW_RIDGE_Z,
    VIEW_RIDGE_DELTA,
    VIEW_RIDGE_WEIGHT,
    VIEW_RIDGE_WEIGHT_GRADIENT,
    VIEW_RIDGE_COUNT
};

/* Steps that the time axes show; high below low: all there are. */
struct view_time {
    int64_t low, high;
};

struct view_state {
    float width, height; // points
    enum theme theme;
    enum view_id view;
    struct view_pointer pointer;
    int64_t cursor; // 0 or above: the past is shown, the newest snapshot before it
    int64_t newest; // step that training has reached
    int64_t again;  // step of a second training, up to the cursor, for what is missed there; -1:
                    // none yet; LOOK_BARRED: it cannot be had
    const char *barred;               // a sentence on why; NULL or empty: that is not said
    struct view_time time;            // as asked for; the history shows it as far as there is some
    const struct snapshot *ghost;     // pinned, drawn as outlines; NULL: none
    const struct film_ridges *ridges; // the selected layer over that time; NULL: not there
    enum view_ridge ridge;
    bool lines;                  // view 2 draws lines over time, else maps
    bool compare;                // draw B too
    int selected;                // hidden layer 1..L
    int unit;                    // of it, from 1
    enum view_gradient gradient; // which gradient the two gradient rows show
    bool linear;                 // their axes are, else logarithmic
    struct view_ranges ranges;   // what the axes hold at least; zeroed: what they must
    bool frozen;                 // they hold that and nothing else
    struct view_panels panels;
    bool theory;                // draw what mean-field theory expects over what was measured
    struct view_plane plane[2]; // VIEW_PHASE: of A and B
    bool show_help;
    bool steady; // leave out what differs between equal runs (rates), for headless pictures
    bool bare;   // the view alone, without the bars: a figure for a page
    const char *title, *caption; // of such a figure; NULL: as the experiment says
    enum view_book book;
    enum view_why why;
    int why_command; // that changes it
    struct view_cure cure[SNAPSHOT_RUNS];
    struct view_chip chips[VIEW_MAX_CHIPS];
    int chip_count;
    struct view_key keys[VIEW_MAX_KEYS];
    int key_count;
    struct view_menu menu;
    struct view_palette palette;
    char toast[512]; // empty: none
    bool toast_bad;  // bad news
};

enum hit_kind {
    HIT_NONE,
    HIT_COMMAND,     // command
    HIT_CHIP,        // the chip's command
    HIT_LAYER,       // hidden layer
    HIT_LAYERS,      // several: left..right are 0..how many
    HIT_PANEL,       // title of a panel
    HIT_FOLD,        // its triangle, or the key that leads back
    HIT_UNIT,        // unit: left..right are units, of which the pointer is in one
    HIT_VIEW,        // tab of a view
    HIT_TIME,        // time axis: left..right are steps; value 1: right is the newest
    HIT_PLANE,       // 2 * run + run of the right button; edges: sd of weights, of biases
    HIT_TIME_DOWN,   // one that runs down: top..bottom are steps
    HIT_MENU,        // nothing in it: it covers what is below
    HIT_MENU_ROW,    // row
    HIT_MENU_VALUE,  // 2 * row + run
    HIT_MENU_OPTION, // option of the selected row
    HIT_PALETTE,     // nothing in it: it covers what is below
    HIT_PALETTE_ROW, // index of what was found
    HIT_KIND_COUNT
};

/* Where a click means something, last drawn on top. */
struct view_hit {
    struct rect rect;
    enum hit_kind kind;
    int value;
    double left, right, top, bottom; // values at its edges, of kinds where the place matters
};

struct view_hits {
    struct view_hit hit[VIEW_MAX_HITS];
    int count;
    struct view_ranges ranges, fit; // drawn, and the exact fit, for the next frame's state
    int menu_first; // line of the menu's list that is on top, for the next frame's state
};

/* Append the whole picture to list and replace hits. snapshot and history may be empty (zeroed). */
void view_draw(struct display_list *list, struct view_hits *hits, const struct view_state *state,
               const struct snapshot *snapshot, const struct history_view *history);

/* The largest scale, device pixels per point, at which so many pixels have room for all panels. */
float view_scale_limit(int width, int height);

/* Which quantities the open view shows of the history: bits 1 << history_quantity. */
unsigned view_history(const struct view_state *state);

/* The topmost hit under a point; kind HIT_NONE when there is none. */
struct view_hit view_hit_at(const struct view_hits *hits, float x, float y);

/* Where a hit of the same kind and place is there, take its values; for one that is dragged. */
void view_hit_follow(const struct view_hits *hits, struct view_hit *dragged);

/* The value of a hit at a place, clamped to its edges. */
double view_hit_x(const struct view_hit *hit, float x);
double view_hit_y(const struct view_hit *hit, float y);

#endif
