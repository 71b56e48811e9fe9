/*
 * session.h - what the window is showing and what the user has asked for, as plain state.
 *
 * Commands change it; the window sends `request` to the worker when `requested` is set, redraws
 * when `redraw` is set, and does what the other wishes say. It knows no SDL, so that every command
 * can be tested without a display. Threads: the screen's thread.
 */
#ifndef APP_SESSION_H
#define APP_SESSION_H

#include <stdbool.h>

#include "app/menu.h"
#include "app/palette.h"
#include "app/shot.h"
#include "lab/cure.h"
#include "lab/worker.h"
#include "measure/snapshot.h"
#include "view/view.h"

enum { SESSION_TOAST = 512 };

struct session {
    struct request request;
    bool watches;    // somebody else's training: the experiment only says how many layers there are
    bool met_layers; // of it
    char complaint[SESSION_TOAST]; // the newest about its files that was told
    bool keeps; // weights, through a change that allows it; else every change asks for a restart
    struct experiment accepted; // the newest experiment that the worker could start
    bool loading;               // its data, which takes a while
    uint64_t refused;           // newest refusal that was told to the user
    uint64_t renewed;           // likewise, newest restart that was not asked for
    struct session_health {     // of each run, by the newest snapshot of the present experiment
        bool known, ill;
        const struct cure *cure; // NULL: none
    } health[SNAPSHOT_RUNS];
    enum theme theme;
    enum view_id view;
    enum view_id left_view; // the one that T goes back to
    enum view_gradient gradient;
    bool linear, frozen; // axes of the rows
    struct view_ranges ranges;
    struct view_panels panels;
    bool theory; // predictions are drawn over what was measured
    enum view_book book;
    enum view_why why;
    int selected;                // hidden layer, 1-based
    int unit;                    // of it, 1-based
    int units;                   // most that it has, of the networks shown, as far as is known
    bool bare;                   // the view alone, a figure for a page
    const char *title, *caption; // of that; NULL: as the experiment says
    bool help;
    struct menu menu;
    struct palette palette;
    double zoom; // the user's factor on the screen's own scale
    char toast[SESSION_TOAST];
    bool toast_bad;
    struct session_replay { // a picture or an experiment with changes that was opened
        bool active;        // it is not there yet
        bool offered;       // the worker has to be told of the plan
        uint64_t before;    // serial of the request before the one that asks for it
        uint64_t number;    // of the newest
        struct replay plan;
        struct view_time time; // to be shown in the end, and the axes
        struct view_ranges ranges;
        struct shot shot; // not there: nothing to compare with
    } replay;
    struct view_pointer pointer;
    struct view_hit pressed; // what the button went down on, until it is released
    int64_t cursor;          // step shown; below 0: the newest
    int64_t before;          // the cursor as it was before a click on a time axis
    int64_t newest;          // step of the newest snapshot
    struct view_time time;   // that the time axes show
    bool pans;               // the pressed time axis moves with the pointer, else the cursor
    double anchor;           // step that stays under the pointer then
    enum view_ridge ridge;
    bool lines;
    bool ghost;         // what was shown when this became true stays drawn,
    int64_t ghost_step; // or, where that is not below 0, that step
    double toast_until; // seconds of base/clock.h

    // Wishes the window fulfils and clears.
    bool requested;
    bool redraw;
    enum screenshot { SCREENSHOT_NONE, SCREENSHOT_PNG, SCREENSHOT_SVG } screenshot;
    bool save_data;
    bool copy_code;  // A, to the clipboard
    bool paste;      // the clipboard into the menu
    bool fullscreen; // toggle
    bool quit;
};

/* Start on an experiment; nothing else is asked for yet. */
void session_init(struct session *session, const struct experiment *experiment);

/* Show a sentence for some seconds. */
void session_toast(struct session *session, bool bad, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Is it somebody else's training, of which nothing can be changed? A toast says so then. */
bool session_only_watches(struct session *session);

/* Take the toast away once its time is over. Returns the seconds left, 0 without a toast. */
double session_toast_left(struct session *session);

/* Go back to what was trained before a data set began to load, or without it to the default one.
 * false: none loads. */
bool session_stop_loading(struct session *session);

/*
 * Can the data be had, do the settings go together, and is there memory once the accepted
 * experiment has gone? If not, one sentence in problem (EXPERIMENT_PROBLEM bytes).
 */
bool session_can_run(const struct session *session, const struct experiment *wanted, char *problem);

/*
 * Make `wanted` the experiment. If it cannot be run, a toast says why and nothing changes.
 */
void session_edit(struct session *session, const struct experiment *wanted);

/* The same, with new weights whether they are to be kept or not, and though nothing differs. */
void session_begin(struct session *session, const struct experiment *wanted);

/* Let A and B change places, with what they have learned if weights are kept. There is a B. */
void session_swap(struct session *session);

/*
 * The next value of a setting of run, or (direction -1) the one before. Names that cannot be run
 * are passed over, which a toast says; a number that cannot is refused as by session_edit().
 */
void session_step(struct session *session, int run, const struct setting *setting, int direction);

/* Set run's setting to one of its names. A refusal is told as by session_edit(). */
void session_choose(struct session *session, int run, const struct setting *setting, int option);

/*
 * Make a file the experiment: an experiment, or a picture, whose state is restored; or train on the
 * data in a file or folder. A toast says what came, or in one sentence why nothing did.
 */
void session_open(struct session *session, const char *path);

/* Begin with a plan's experiment and train up to where it is; then compare with what shot says. */
void session_replay(struct session *session, const struct replay *plan, const struct shot *shot);

/* Leave the training where it is, if it is being replayed. */
void session_end_replay(struct session *session);

/* How far the replay is, or how it ended, by a new snapshot. */
void session_notice_replay(struct session *session, const struct snapshot *snapshot);

/* Make a preset the experiment, or start it again. A toast says what came. */
void session_open_preset(struct session *session, const char *name);
void session_open_preset_of_key(struct session *session, int key);

/* Select a hidden layer, the nearest there is. */
void session_select(struct session *session, int layer);

/* Select a unit of that layer, the nearest there is. */
void session_pick(struct session *session, int unit);

/* Show a view, and ask the worker for what it looks at. */
void session_show(struct session *session, enum view_id view);

/* Ask the worker for what the view misses of a past step; below 0: it misses nothing. */
void session_look_back(struct session *session, int64_t step);

/* Fold a panel to its title, or open it; one that fills the body goes back to its place. */
void session_fold(struct session *session, enum panel_id panel);

/* Let a panel fill the body of view 1, or bring the others back. */
void session_blow(struct session *session, enum panel_id panel);

/* Show a past step, or with a step below 0 the newest. */
void session_scrub(struct session *session, int64_t step);

/* Show all steps on the time axes. */
void session_zoom_out(struct session *session);

/* Show fewer steps (direction +1) or more of them around one of those that a time axis shows. */
void session_zoom(struct session *session, const struct view_hit *axis, double around,
                  int direction);

/* Show so many steps later ones of a time axis, as far as there are some. */
void session_pan(struct session *session, const struct view_hit *axis, double steps);

/*
 * Let run start at a place of the plane of first weights: W ~ N(0, sw^2 / fan_in), b ~ N(0, sb^2).
 * A toast says what was set.
 */
void session_start_at(struct session *session, int run, double sw, double sb);

/*
 * Note what a new snapshot says: how far the run is (a new one has no past yet), and what became of
 * the requests: accepted, or refused with a reason.
 */
void session_notice(struct session *session, const struct snapshot *snapshot);

/* The most hidden layers of the networks shown; 1 where there are none, for one is selected. */
int session_layers(const struct session *session);

#endif
