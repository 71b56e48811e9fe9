#include "app/picture.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "base/memory.h"
#include "base/require.h"
#include "base/text.h"
#include "lab/experiment_change.h"

typedef void chip_value(const struct experiment *experiment, int run, char *text, size_t size);

static void value_init(const struct experiment *e, int run, char *text, size_t size) {
    const struct network_settings *settings = &e->run[run];
    text_set(text, size, "%s", initialisers[settings->init].label);
    if (settings->init_scale != 1.0) {
        text_append(text, size, " × %g", settings->init_scale);
    }
}

static void value_layers(const struct experiment *e, int run, char *text, size_t size) {
    if (e->run[run].layers > 0) {
        text_set(text, size, "%d × %d", e->run[run].layers, e->run[run].width);
    } else {
        text_set(text, size, "none");
    }
}

static void value_data(const struct experiment *e, int run, char *text, size_t size) {
    enum { MOST = 25 }; // of the name of a file
    const struct dataset_settings data = experiment_data(e);
    (void)run;
    dataset_title(&data, text, size < MOST ? size : MOST);
}

static const struct chip {
    const char *key;
    const char *label;
    enum command_id command; // its setting is shown
    bool speaks;             // its value says what it is: it does without the label
    bool spare;              // left out first where there is no room
    chip_value *value;       // NULL: as the setting's own row has it
} chips[] = {
    { "A", "activation", COMMAND_ACTIVATION, true, false, NULL },
    { "I", "init", COMMAND_INIT, true, false, value_init },
    { "↑→", "layers", COMMAND_DEEPER, true, false, value_layers },
    { "N", "norm", COMMAND_NORMALISATION, true, false, NULL },
    { "K", "connection", COMMAND_CONNECTION, true, false, NULL },
    { "O", "optimizer", COMMAND_OPTIMIZER, true, false, NULL },
    { ".", "η", COMMAND_FASTER_LEARNING, false, false, NULL },
    { "B", "batch", COMMAND_BATCH, false, true, NULL },
    { "D", "data", COMMAND_DATA, true, false, value_data },
    { "P", "inputs", COMMAND_PREPROCESS, false, true, NULL },
    { "⇧R", "seed", COMMAND_SEED, false, true, NULL },
};

static void print_chip(const struct chip *chip, const struct experiment *experiment, int run,
                       char *text, size_t size) {
    const struct setting *setting = setting_find(commands[chip->command].setting);
    REQUIRE(setting);
    if (chip->value) {
        chip->value(experiment, run, text, size);
    } else if (setting->describe) {
        int option = setting_option(experiment, run, setting);
        text_set(text, size, "%s", setting->describe(option).label);
    } else {
        setting_print(experiment, run, setting, text, size);
    }
}

static_assert(ARRAY_LEN(chips) <= VIEW_MAX_CHIPS && (int)COMMAND_COUNT <= (int)VIEW_MAX_KEYS,
              "the view has room for them");

static void fill_chips(struct view_state *view, const struct experiment *experiment) {
    view->chip_count = ARRAY_LEN(chips);
    for (int i = 0; i < ARRAY_LEN(chips); i++) {
        struct view_chip *chip = &view->chips[i];
        text_set(chip->key, sizeof chip->key, "%s", chips[i].key);
        text_set(chip->label, sizeof chip->label, "%s", chips[i].label);
        text_set(chip->about, sizeof chip->about, "%s",
                 setting_find(commands[chips[i].command].setting)->about);
        chip->value[1][0] = '\0';
        for (int run = 0; run < (experiment->compare ? 2 : 1); run++) {
            print_chip(&chips[i], experiment, run, chip->value[run], sizeof chip->value[run]);
        }
        chip->speaks = chips[i].speaks;
        chip->spare = chips[i].spare;
        chip->command = (int)chips[i].command;
    }
}

/* What is watched, for there are no settings. */
static void fill_watched(struct view_state *view, const struct snapshot *snapshot) {
    const struct watched *watched = &snapshot->watched;
    struct view_chip *place = &view->chips[0], *run = &view->chips[1];
    memset(view->chips, 0, sizeof view->chips[0] * 2);
    view->chip_count = 1 + (snapshot->runs > 0);
    text_set(place->label, sizeof place->label, "watching");
    text_set(place->value[0], sizeof place->value[0], "%s", watched->folder);
    text_set(run->label, sizeof run->label, "%s", snapshot->runs > 1 ? "runs" : "run");
    for (int r = 0; r < snapshot->runs; r++) {
        text_set(run->value[r], sizeof run->value[r], "%s", snapshot->run[r].logged.name);
    }
}

static void fill_keys(struct view_state *view, const struct session *session) {
    bool compare = session->request.experiment.compare;
    view->key_count = COMMAND_COUNT;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const struct command *command = &commands[i];
        struct view_key *key = &view->keys[i];
        text_set(key->key, sizeof key->key, "%s", command->key_label);
        text_set(key->label, sizeof key->label, "%s", command->label ? command->label : "");
        text_set(key->about, sizeof key->about, "%s", command->about);
        key->group = command->group;
        bool idle = session->watches && (command->trains || command->setting);
        key->footer = command->label && !command->menu && !idle;
        key->menu = command->label && command->menu && (compare || i != COMMAND_MENU_B);
        key->kept = command->kept;
        key->on = command->on && command->on(session);
        key->command = i;
    }
    if (session->request.paused) {
        struct view_key *pause = &view->keys[COMMAND_PAUSE];
        text_set(pause->label, sizeof pause->label, "go on");
    }
}

/* A's cure on its key; of B only what A does better. */
static void fill_cures(struct view_state *view, const struct session *session) {
    const struct session_health *a = &session->health[0], *b = &session->health[1];
    memset(view->cure, 0, sizeof view->cure);
    if (session->cursor >= 0 || session->watches) {
        return; // the verdict is of another moment, or of what nobody here can change
    }
    if (a->cure) {
        struct view_cure *cure = &view->cure[0];
        const struct command *command = &commands[COMMAND_CURE];
        text_set(cure->key, sizeof cure->key, "%s", command->key_label);
        text_set(cure->text, sizeof cure->text, "%s", a->cure->name);
        text_set(cure->about[0], sizeof cure->about[0], "%s", a->cure->reason);
        text_set(cure->about[1], sizeof cure->about[1], "%s", a->cure->source);
        cure->command = COMMAND_CURE;
    }
    if (a->known && !a->ill && b->known && b->ill) {
        char difference[128];
        experiment_describe_lead(&session->request.experiment, 3, difference, sizeof difference);
        text_set(view->cure[1].text, sizeof view->cure[1].text, "A shows the cure: %s", difference);
    }
}

static void fill_view(struct view_state *view, const struct session *session,
                      const struct snapshot *snapshot, bool steady) {
    view->theme = session->theme;
    view->view = session->view;
    view->pointer = session->pointer;
    view->compare = session->request.experiment.compare;
    view->selected = session->selected;
    view->unit = session->unit;
    view->gradient = session->gradient;
    view->linear = session->linear;
    view->frozen = session->frozen;
    view->ranges = session->ranges;
    view->panels = session->panels;
    view->theory = session->theory;
    view->bare = session->bare || (steady && session->view == VIEW_TEXTBOOK);
    view->title = session->title;
    view->caption = session->caption;
    view->book = session->book;
    view->why = session->why;
    view->why_command = COMMAND_WHY;
    view->time = session->time;
    view->ridge = session->ridge;
    view->lines = session->lines;
    view->show_help = session->help;
    view->steady = steady;
    view->toast_bad = session->toast_bad;
    text_set(view->toast, sizeof view->toast, "%s", session->toast);
    struct experiment experiment = session->request.experiment;
    if (snapshot->has_runs && snapshot->request == session->request.serial) {
        experiment.batch = snapshot->batch; // as many examples as there are
    }
    fill_cures(view, session);
    if (session->watches) {
        fill_watched(view, snapshot);
    } else {
        fill_chips(view, &experiment);
    }
    menu_fill(&view->menu, session);
    palette_fill(&view->palette, session);
    fill_keys(view, session);
}

bool picture_init(struct picture *picture, char *problem) {
    memset(picture, 0, sizeof *picture);
    picture->view = calloc(1, sizeof *picture->view);
    picture->history = calloc(1, sizeof *picture->history);
    picture->past = calloc(1, sizeof *picture->past);
    picture->planes = calloc(1, sizeof *picture->planes);
    picture->ridges = calloc(1, sizeof *picture->ridges);
    picture->ghost = calloc(1, sizeof *picture->ghost);
    picture->now = calloc(1, sizeof *picture->now);
    if (!picture->view || !picture->history || !picture->past || !picture->planes ||
        !picture->ridges || !picture->ghost || !picture->now) {
        text_set(problem, EXPERIMENT_PROBLEM, "Memory ran out.");
        goto fail;
    }
    picture->text = text_create(problem, EXPERIMENT_PROBLEM);
    if (!picture->text) {
        goto fail;
    }
    display_list_init(&picture->list, text_metrics(picture->text));
    return true;

fail:
    picture_finish(picture);
    return false;
}

void picture_finish(struct picture *picture) {
    canvas_finish(&picture->canvas);
    display_list_finish(&picture->list);
    text_destroy(picture->text);
    free(picture->view);
    free(picture->history);
    free(picture->past);
    free(picture->planes);
    free(picture->ridges);
    free(picture->ghost);
    free(picture->now);
    memset(picture, 0, sizeof *picture);
}

/* A canvas of that size, kept while the size stays. */
static bool fit_canvas(struct picture *picture, int width, int height, double scale) {
    struct canvas *canvas = &picture->canvas;
    if (canvas->pixels && canvas->width == width && canvas->height == height) {
        canvas->scale = (float)scale;
        return true;
    }
    canvas_finish(canvas);
    return canvas_init(canvas, width, height, (float)scale);
}

/* What the look wants is not there, or is of another unit. */
static bool misses_detail(const struct snapshot *snapshot, const struct look *look) {
    if (look->kind == LOOK_DATA) {
        return !snapshot->data_detail.made;
    }
    bool there = false;
    for (int r = 0; r < snapshot->runs; r++) {
        const struct layer_detail *detail = &snapshot->detail[r];
        int most = detail->units < look->unit ? detail->units : look->unit;
        there |= detail->layer > 0 && detail->unit == most;
    }
    return look->kind == LOOK_LAYER && !there;
}

/* The snapshot of the step that the session looks at; what the worker does now is of now. */
static const struct snapshot *choose_snapshot(struct picture *picture,
                                              const struct session *session,
                                              const struct picture_source *source) {
    const struct snapshot *newest = source->snapshot;
    struct snapshot *past = &picture->past->snapshot;
    picture->misses = -1;
    if (session->cursor < 0 || !source->film || !newest->has_runs ||
        !film_at(source->film, session->cursor, &session->request.look, picture->past)) {
        return newest;
    }
    picture->misses = misses_detail(past, &session->request.look) ? past->step : -1;
    past->request = newest->request;
    past->refused = newest->refused;
    past->state = newest->state;
    past->steps_per_second = newest->steps_per_second;
    memcpy(past->message, newest->message, sizeof past->message);
    data_names_copy(&past->names, &newest->names);
    return past;
}

/* A ghost of a step that is not shown; what is unpacked for it is of no other use. */
static void fetch_ghost(struct picture *picture, const struct session *session, struct film *film) {
    const struct snapshot *found = &picture->past->snapshot;
    const struct look none = { .kind = LOOK_NONE };
    bool wanted = session->ghost && !picture->haunted && session->ghost_step >= 0;
    if (wanted && film && film_at(film, session->ghost_step, &none, picture->past) &&
        found->step == session->ghost_step) {
        snapshot_copy(picture->ghost, found);
        picture->haunted = true;
    }
}

/* The ghost that the session wants: of what is shown when it first wants one. */
static const struct snapshot *choose_ghost(struct picture *picture, const struct session *session) {
    bool pins = session->ghost && session->ghost_step < 0;
    if (pins && !picture->haunted && picture->shown->has_runs) {
        snapshot_copy(picture->ghost, picture->shown);
        picture->haunted = true;
    }
    if (picture->haunted && !session->ghost) {
        memory_clear(picture->ghost, sizeof *picture->ghost);
        picture->haunted = false;
    }
    return picture->haunted ? picture->ghost : NULL;
}

int64_t picture_ghost(const struct picture *picture) {
    const struct snapshot *ghost = picture->ghost, *shown = picture->shown;
    bool on_the_way = picture->haunted && ghost->life == shown->life && ghost->step <= shown->step;
    return on_the_way && !ghost->run[0].pretraining.active ? ghost->step : -1;
}

/* The steps of ridges: round ones, so that they stay while the run goes on, and the newest. */
static int choose_steps(const struct history_view *history, int most, int64_t *steps) {
    static const int64_t round_numbers[] = { 1, 2, 5 };
    int64_t span = history->last_step - history->first_step, apart = 1, power = 1;
    for (int i = 0; span / apart > most - 2; i++) {
        apart = round_numbers[i % 3] * power;
        power *= i % 3 == 2 ? 10 : 1;
    }
    int count = 0;
    int64_t step = (history->first_step + apart - 1) / apart * apart;
    for (; step < history->last_step && count < most - 1; step += apart) {
        steps[count++] = step;
    }
    steps[count++] = history->last_step;
    return count;
}

static void sample_ridges(struct picture *picture, struct film *film) {
    int64_t steps[FILM_RIDGES];
    const float apart = 24.0f; // points of the window's height for each
    int most = (int)fminf(fmaxf(picture->view->height / apart, 8.0f), FILM_RIDGES);
    int count = choose_steps(picture->history, most, steps);
    film_layer(film, picture->view->selected, steps, count, picture->ridges);
    picture->view->ridges = picture->ridges;
}

static void sample(struct picture *picture, const struct session *session,
                   const struct picture_source *source) {
    struct history_view *view = picture->history;
    view->columns = 0;
    const struct history_record *now = NULL;
    if (source->snapshot->has_runs && !source->snapshot->run[0].pretraining.active) {
        history_record_of(source->snapshot, picture->now);
        now = picture->now;
    }
    if (source->history) {
        const struct history_query query = { .columns = HISTORY_COLUMNS,
                                             .quantities = view_history(picture->view),
                                             .low = session->time.low,
                                             .high = session->time.high,
                                             .now = now };
        history_sample(source->history, &query, view);
    }
    picture->view->ridges = NULL;
    if (source->film && session->view == VIEW_HISTORY && view->columns > 0) {
        sample_ridges(picture, source->film);
    }
    if (source->film) {
        view->bytes_used += film_bytes(source->film);
        view->bytes_budget += film_budget(source->film);
    }
}

/* What was kept of another run, which may have been deeper, goes. */
static void forget_other_run(struct picture *picture, uint64_t life) {
    if (picture->life != life) {
        memory_clear(picture->history, sizeof *picture->history);
        memory_clear(picture->past, sizeof *picture->past);
        memory_clear(picture->ridges, sizeof *picture->ridges);
        picture->life = life;
    }
}

bool picture_draw(struct picture *picture, const struct session *session,
                  const struct picture_source *source, int width, int height, double scale,
                  bool steady) {
    if (!fit_canvas(picture, width, height, scale)) {
        return false;
    }
    struct view_state *view = picture->view;
    view->width = (float)(width / scale);
    view->height = (float)(height / scale);
    forget_other_run(picture, source->snapshot->life);
    fetch_ghost(picture, session, source->film);
    picture->shown = choose_snapshot(picture, session, source);
    fill_view(view, session, picture->shown, steady);
    view->cursor = picture->shown == source->snapshot ? -1 : session->cursor;
    view->ghost = choose_ghost(picture, session);
    view->newest = source->snapshot->step;
    view->again = picture->misses >= 0 ? source->again : -1;
    view->barred = source->barred;
    sample(picture, session, source);
    if (view->view == VIEW_PHASE && picture->shown->has_runs) {
        planes_show(picture->planes, &session->request.experiment, picture->shown, view->plane);
    }
    canvas_draw_on(&picture->canvas, picture->screen);
    text_set_scale(picture->text, (float)scale);
    display_list_clear(&picture->list);
    view_draw(&picture->list, &picture->hits, view, picture->shown, picture->history);
    canvas_draw(&picture->canvas, &picture->list, picture->text, themes[session->theme].background);
    bool starved = text_starved(picture->text);
    return !picture->list.incomplete && !starved;
}
