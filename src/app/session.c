#include "app/session.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/require.h"
#include "base/text.h"

// How long a toast stays; bad news longer.
static const double toast_seconds = 4.0, bad_toast_seconds = 8.0;

void session_init(struct session *session, const struct experiment *experiment) {
    memset(session, 0, sizeof *session);
    session->request.serial = 1;
    session->request.experiment = session->accepted = *experiment;
    session->selected = (session_layers(session) + 1) / 2;
    session->unit = 1;
    session->zoom = 1.0;
    session->theory = true;
    session->cursor = session->ghost_step = -1;
    session->time.high = -1;
    session->redraw = true;
}

void session_toast(struct session *session, bool bad, const char *format, ...) {
    char text[FILE_PROBLEM_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    text_tail(session->toast, sizeof session->toast, text); // reasons stand at the end
    session->toast_bad = bad;
    session->toast_until = clock_seconds() + (bad ? bad_toast_seconds : toast_seconds);
    session->redraw = true;
}

bool session_only_watches(struct session *session) {
    if (session->watches) {
        session_toast(session, false, "This is somebody else's training: nothing to change.");
    }
    return session->watches;
}

double session_toast_left(struct session *session) {
    if (!session->toast[0]) {
        return 0.0;
    }
    double left = session->toast_until - clock_seconds();
    if (left <= 0.0) {
        session->toast[0] = '\0';
        session->redraw = true;
        return 0.0;
    }
    return left;
}

int session_layers(const struct session *session) {
    const struct experiment *experiment = &session->request.experiment;
    int layers = experiment->run[0].layers > 0 ? experiment->run[0].layers : 1;
    if (experiment->compare && experiment->run[1].layers > layers) {
        layers = experiment->run[1].layers;
    }
    return layers;
}

/* Ask for what the view shows beside the snapshot, if that is something else than before. */
static void look(struct session *session) {
    static const enum look_kind kinds[VIEW_COUNT] = {
        [VIEW_LAYER] = LOOK_LAYER, [VIEW_DATA] = LOOK_DATA
    };
    struct look *asked = &session->request.look;
    struct look wanted = { .kind = kinds[session->view] };
    if (session->view == VIEW_LAYERS && session->gradient == VIEW_GRADIENT_H) {
        wanted.kind = LOOK_GRADIENTS;
    }
    if (wanted.kind == LOOK_LAYER) {
        wanted.layer = session->selected;
        wanted.unit = session->unit;
    }
    if (wanted.kind != asked->kind || wanted.layer != asked->layer || wanted.unit != asked->unit) {
        *asked = wanted; // of a past step only once it is missed
        session->requested = true;
    }
}

void session_look_back(struct session *session, int64_t step) {
    struct look *asked = &session->request.look;
    if (asked->past != (step >= 0) || (asked->past && asked->step != step)) {
        asked->past = step >= 0;
        asked->step = step;
        session->requested = true;
    }
}

void session_show(struct session *session, enum view_id view) {
    session->view = view;
    look(session);
    session->redraw = true;
}

void session_fold(struct session *session, enum panel_id panel) {
    struct view_panels *panels = &session->panels;
    panels->chosen = panel;
    if (panels->blown == PANEL_NONE) {
        panels->folded[panel] = !panels->folded[panel];
    }
    panels->blown = PANEL_NONE;
    session->redraw = true;
}

void session_blow(struct session *session, enum panel_id panel) {
    session->panels.chosen = panel;
    session->panels.blown = session->panels.blown == panel ? PANEL_NONE : panel;
    session->redraw = true;
}

void session_scrub(struct session *session, int64_t step) {
    session->cursor = step < session->newest ? step : -1;
    session->redraw = true;
}

void session_zoom_out(struct session *session) {
    session->time = (struct view_time){ 0, -1 };
    session->redraw = true;
}

/* low..high, moved so that it lies within what there is; all of it where that is no more. */
static void show_time(struct session *session, double low, double high) {
    double last = (double)session->newest, span = fmax(high - low, 4.0);
    low = fmax(fmin(low, last - span), 0.0);
    if (span >= last) {
        session_zoom_out(session);
        return;
    }
    session->time = (struct view_time){ llround(low), llround(low + span) };
    session->redraw = true;
}

/* The first and the last step of a time axis. */
static void ends_of(const struct view_hit *axis, double *low, double *high) {
    bool down = axis->kind == HIT_TIME_DOWN;
    *low = down ? axis->top : axis->left;
    *high = down ? axis->bottom : axis->right;
}

void session_zoom(struct session *session, const struct view_hit *axis, double around,
                  int direction) {
    double factor = direction > 0 ? 0.8 : 1.25, low, high;
    ends_of(axis, &low, &high);
    show_time(session, around - factor * (around - low), around + factor * (high - around));
}

void session_pan(struct session *session, const struct view_hit *axis, double steps) {
    double low, high;
    ends_of(axis, &low, &high);
    if (session->time.high >= session->time.low) { // else there is nowhere to go
        show_time(session, low + steps, high + steps);
    }
}

void session_select(struct session *session, int layer) {
    int layers = session_layers(session);
    session->selected = layer < 1 ? 1 : layer > layers ? layers : layer;
    look(session);
    session->redraw = true;
}

void session_pick(struct session *session, int unit) {
    int most = session->units > 0 ? session->units : 1;
    session->unit = unit < 1 ? 1 : unit > most ? most : unit;
    look(session);
    session->redraw = true;
}

/* How many units there are to pick from: only the worker knows where a layer is an output. */
static void count_units(struct session *session, const struct snapshot *snapshot) {
    int most = 0;
    for (int r = 0; r < snapshot->runs && snapshot->has_runs; r++) {
        const struct layer_detail *detail = &snapshot->detail[r];
        most = detail->layer > 0 && detail->units > most ? detail->units : most;
    }
    session->units = most > 0 ? most : session->units;
    if (session->unit > session->units && session->units > 0) {
        session_pick(session, session->units);
    }
}

bool session_can_run(const struct session *session, const struct experiment *wanted,
                     char *problem) {
    const struct experiment *accepted = &session->accepted;
    struct dataset_settings data = experiment_data(wanted), before = experiment_data(accepted);
    struct dataset_shape shape, old;
    char ignored[EXPERIMENT_PROBLEM];
    size_t reclaimable = 0;
    if (dataset_describe(&before, &old, ignored) &&
        experiment_fits(accepted, &old, SIZE_MAX, ignored)) {
        reclaimable = experiment_bytes(accepted, &old);
    }
    return dataset_describe(&data, &shape, problem) &&
           experiment_fits(wanted, &shape, reclaimable, problem);
}

/* Make `wanted` the experiment if it can be run. */
static bool accept(struct session *session, const struct experiment *wanted) {
    char problem[EXPERIMENT_PROBLEM];
    session->redraw = true;
    if (session_only_watches(session)) {
        return false;
    }
    if (!session_can_run(session, wanted, problem)) {
        session_toast(session, true, "%s", problem);
        return false;
    }
    session_end_replay(session);
    session->request.experiment = *wanted;
    session->requested = true;
    session_select(session, session->selected);
    return true;
}

void session_edit(struct session *session, const struct experiment *wanted) {
    if (!experiment_equal(wanted, &session->request.experiment) && accept(session, wanted)) {
        session->request.restarts += !session->keeps;
    }
}

void session_begin(struct session *session, const struct experiment *wanted) {
    if (accept(session, wanted)) {
        session->request.restarts++;
    }
}

void session_swap(struct session *session) {
    struct experiment wanted = session->request.experiment;
    experiment_swap(&wanted);
    if (!session->keeps) {
        session_edit(session, &wanted);
    } else if (accept(session, &wanted)) {
        session->request.swaps++;
    }
}

void session_step(struct session *session, int run, const struct setting *setting, int direction) {
    struct experiment wanted = session->request.experiment;
    char problem[EXPERIMENT_PROBLEM] = "", reason[EXPERIMENT_PROBLEM];
    if (session_only_watches(session)) {
        return;
    }
    int tries = setting->type == SETTING_NAME ? setting->option_count - 1 : 1;
    bool found = false;
    for (int i = 0; i < tries && !found; i++) {
        if (!setting_step(&wanted, run, setting, direction)) {
            return; // the end of a ladder
        }
        found = session_can_run(session, &wanted, reason);
        if (!found) {
            text_set(problem, sizeof problem, "%s", reason);
        }
    }
    if (problem[0]) {
        session_toast(session, !found, "%s%s", found ? "skipped: " : "", problem);
    }
    if (found) {
        session_edit(session, &wanted);
    }
}

void session_choose(struct session *session, int run, const struct setting *setting, int option) {
    struct experiment wanted = session->request.experiment;
    char problem[EXPERIMENT_PROBLEM];
    REQUIRE(setting_parse(&wanted, run, setting, setting->option(option), problem));
    session_edit(session, &wanted);
}

static void examine(struct session *session, const struct snapshot *snapshot) {
    bool present = snapshot->has_runs && snapshot->request == session->request.serial &&
                   snapshot->state != WORKER_LOADING;
    memset(session->health, 0, sizeof session->health);
    for (int run = 0; present && run < snapshot->runs; run++) {
        const struct run_snapshot *shown = &snapshot->run[run];
        session->health[run] = (struct session_health){
            .known = !shown->pretraining.active,
            .ill = shown->diagnosis.verdict != VERDICT_HEALTHY,
            .cure = session->watches ? NULL : cure_find(shown, &session->request.experiment, run),
        };
    }
}

static void tell_renewal(struct session *session, const struct snapshot *snapshot) {
    if (snapshot->renewed > session->renewed) {
        size_t length = strlen(snapshot->renewal);
        bool whole = length > 0 && snapshot->renewal[length - 1] == '.';
        session->renewed = snapshot->renewed;
        session_toast(session, false, "Started again: %s%s", snapshot->renewal, whole ? "" : ".");
    }
}

/* What is there to look at, and the layer in the middle. */
static void meet_layers(struct session *session, const struct snapshot *snapshot) {
    const struct run_snapshot *shown = &snapshot->run[0];
    bool h = false, delta = false, w = false, weight_gradient = false;
    for (int l = 0; l < shown->layers; l++) {
        h |= shown->layer[l].h_histogram.n > 0;
        w |= shown->layer[l].weight_histogram.n > 0;
        delta |= shown->layer[l].delta_histogram.n > 0;
        weight_gradient |= shown->layer[l].weight_gradient_histogram.n > 0;
    }
    session->met_layers = true;
    session->gradient = !delta && weight_gradient ? VIEW_GRADIENT_WEIGHT : session->gradient;
    session->ridge = !h && w ? VIEW_RIDGE_WEIGHT : session->ridge;
    session->book = !h && w ? VIEW_BOOK_WEIGHT : session->book;
    session_select(session, (session_layers(session) + 1) / 2);
}

/* Of somebody else's training the window follows what there is. */
static void notice_watched(struct session *session, const struct snapshot *snapshot) {
    struct experiment *experiment = &session->request.experiment;
    const char *complaint = snapshot->watched.complaint;
    session->watches = true;
    experiment->compare = snapshot->runs == 2;
    for (int r = 0; r < SNAPSHOT_RUNS; r++) {
        experiment->run[r].layers = snapshot->run[r].layers;
    }
    session->accepted = *experiment;
    if (!session->met_layers && snapshot->has_runs && snapshot->run[0].layers > 0) {
        meet_layers(session, snapshot);
    }
    if (strncmp(session->complaint, complaint, sizeof session->complaint - 1) != 0) {
        text_set(session->complaint, sizeof session->complaint, "%s", complaint);
        if (complaint[0]) {
            session_toast(session, true, "%s", complaint);
        }
    }
}

bool session_stop_loading(struct session *session) {
    struct experiment wanted = session->accepted;
    bool first = experiment_equal(&wanted, &session->request.experiment);
    if (first) {
        setting_reset(&wanted, 0, setting_find("data"));
        setting_reset(&wanted, 0, setting_find("data_path"));
    }
    if (!session->loading || experiment_equal(&wanted, &session->request.experiment)) {
        return false;
    }
    session->loading = false;
    if (first) {
        session_begin(session, &wanted);
    } else { // which still runs
        session->request.experiment = wanted;
        session->requested = true;
        session_select(session, session->selected);
    }
    session_toast(session, false, "Loading was stopped.");
    return true;
}

void session_notice(struct session *session, const struct snapshot *snapshot) {
    session->loading = snapshot->state == WORKER_LOADING && snapshot->loading > 0.0;
    if (snapshot->watched.active) {
        notice_watched(session, snapshot);
    }
    count_units(session, snapshot);
    if (snapshot->step < session->newest) {
        session->cursor = -1;
        session_zoom_out(session);
    }
    session->newest = snapshot->step;
    examine(session, snapshot);
    tell_renewal(session, snapshot);
    session_notice_replay(session, snapshot);
    if (snapshot->refused > session->refused) {
        session->refused = snapshot->refused;
        if (snapshot->has_runs) { // without one the message fills the window anyway
            session_toast(session, true, "%s", snapshot->message);
        }
        if (snapshot->refused == session->request.serial && snapshot->has_runs) {
            session->request.experiment = session->accepted;
            session->requested = true; // so that both sides agree on it again
            session_select(session, session->selected);
        }
    } else if (snapshot->request == session->request.serial && snapshot->has_runs &&
               snapshot->state != WORKER_LOADING && snapshot->refused != snapshot->request) {
        session->accepted = session->request.experiment;
    }
}
