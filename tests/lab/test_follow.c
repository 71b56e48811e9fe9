/*
 * Somebody else's training from event files: what a snapshot, the history and the film say of it,
 * in which order, and what they say where nothing was logged.
 */
#include "base/check.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/folder.h"
#include "export/event_file.h"
#include "lab/follow.h"

enum { MOST_BYTES = 16 << 20 };

struct watch {
    struct history *history;
    struct film *film;
    struct follow *follow;
    struct history_view view;
};

static struct watch *begin(const struct follow_settings *settings) {
    struct watch *watch = calloc(1, sizeof *watch);
    char problem[FOLLOW_PROBLEM] = "";
    assert_non_null(watch);
    watch->history = history_create(MOST_BYTES);
    watch->film = film_create(MOST_BYTES);
    watch->follow = follow_create(settings, watch->history, watch->film, problem);
    if (!watch->follow) {
        fail_msg("%s", problem);
    }
    return watch;
}

static struct snapshot *read_all(struct watch *watch) {
    while (follow_read(watch->follow, 10.0)) {
    }
    return follow_snapshot(watch->follow);
}

static const struct history_view *recall(struct watch *watch) {
    const struct history_query query = { .columns = HISTORY_COLUMNS,
                                         .quantities = ~0u,
                                         .high = -1 };
    follow_settle(watch->follow);
    history_sample(watch->history, &query, &watch->view);
    return &watch->view;
}

static void end(struct watch *watch) {
    follow_destroy(watch->follow);
    history_destroy(watch->history);
    film_destroy(watch->film);
    free(watch);
}

static struct event_file *create(struct folder *folder, const char *name) {
    char path[2 * FOLDER_PATH], problem[FILE_PROBLEM_MAX] = "";
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    struct event_file *file = event_file_create(path, problem);
    if (!file) {
        fail_msg("%s", problem);
    }
    return file;
}

static void finish_event(struct event_file *file) {
    char problem[FILE_PROBLEM_MAX];
    assert_true(event_file_end(file, problem));
}

/* n values, half of them -size and half +size: mean 0, rms size. */
static void add_histogram(struct event_file *file, const char *tag, double size, double n) {
    const double limits[] = { -0.99 * size, 0.99 * size, size }, counts[] = { n / 2, 0, n / 2 };
    const struct event_summary summary = { .min = -size,
                                           .max = size,
                                           .n = n,
                                           .sum = 0.0,
                                           .squares = n * size * size,
                                           .limit = limits,
                                           .bucket = counts,
                                           .count = 3 };
    event_file_histogram(file, tag, &summary);
}

static void log_step(struct event_file *file, int64_t step, const char *const *layers,
                     double factor) {
    event_file_begin(file, step);
    event_file_scalar(file, "loss", 1.0 / (1.0 + (double)step));
    event_file_scalar(file, "accuracy", 62.5); // percent
    for (int l = 0; layers[l]; l++) {
        char tag[96];
        snprintf(tag, sizeof tag, "activations/%s", layers[l]);
        add_histogram(file, tag, 1.0 + l, 10.0);
        snprintf(tag, sizeof tag, "gradients/%s", layers[l]);
        add_histogram(file, tag, pow(factor, -l), 10.0);
        snprintf(tag, sizeof tag, "weights/%s", layers[l]);
        add_histogram(file, tag, 0.5, 6.0);
    }
    finish_event(file);
}

static const char *const net[] = { "net.0", "net.2", "net.10", NULL };

static void shows_what_was_logged(void **state) {
    struct event_file *file = create(*state, "run");
    log_step(file, 0, net, 1e-4);
    log_step(file, 7, net, 1e-4);
    assert_true(event_file_close(file, NULL));
    struct folder *folder = *state;
    struct watch *watch = begin(&(struct follow_settings){ .folder = folder->path });
    const struct snapshot *snapshot = read_all(watch);
    const struct run_snapshot *run = &snapshot->run[0];
    assert_true(snapshot->watched.active && snapshot->has_runs && run->logged.active);
    assert_int_equal(snapshot->runs, 1);
    assert_int_equal(snapshot->step, 7);
    assert_string_equal(run->logged.name, "run");
    assert_int_equal(run->logged.step, 7);
    assert_false(run->logged.estimated);
    assert_int_equal(run->layers, 3);
    assert_true(run->loss == (double)(float)(1.0 / 8.0));
    assert_true(run->accuracy == 0.625);
    for (int l = 0; l < 3; l++) {
        const struct layer_stats *layer = &run->layer[l];
        assert_string_equal(layer->name, net[l]);
        assert_true(layer->h.n == 10 && layer->h.rms == 1.0 + l && layer->h.mean == 0.0);
        assert_true(layer->h.sd == 1.0 + l && layer->h.max == 1.0 + l);
        assert_true(fabs(layer->delta.rms / pow(1e-4, -l) - 1.0) < 1e-12);
        assert_true(layer->weight_rms == 0.5);
        assert_int_equal(layer->h_histogram.n, 10);
        assert_int_equal(layer->delta_histogram.n, 10);
    }
    assert_int_equal(run->diagnosis.verdict, VERDICT_VANISHING);
    assert_contains(run->diagnosis.sentence, "less gradient than layer 3");
    const struct history_view *view = recall(watch);
    assert_int_equal(view->first_step, 0);
    assert_int_equal(view->last_step, 7);
    assert_true(view->scalar[0][HISTORY_LOSS][0] == 1.0f);
    static struct film_ridges ridges;
    film_layer(watch->film, 1, (const int64_t[]){ 0, 100 }, 2, &ridges);
    assert_true(ridges.count == 2 && ridges.step[0] == 0 && ridges.step[1] == 7);
    end(watch);
}

/* NaN and n = 0 say that nothing is known; no count pretends that something was counted. */
static void invents_nothing(void **state) {
    struct folder *folder = *state;
    struct event_file *file = create(folder, "run");
    event_file_begin(file, 3);
    add_histogram(file, "activations/a", 1.0, 10.0);
    add_histogram(file, "activations/b", 1.0, 10.0);
    add_histogram(file, "weight_gradients/a", 1.0, 10.0);
    add_histogram(file, "weight_gradients/b", 1000.0, 10.0);
    finish_event(file);
    assert_true(event_file_close(file, NULL));
    struct watch *watch = begin(&(struct follow_settings){ .folder = folder->path });
    const struct run_snapshot *run = &read_all(watch)->run[0];
    assert_int_equal(run->layers, 2);
    assert_true(isnan(run->loss) && isnan(run->accuracy) && isnan(run->test_accuracy));
    assert_true(isnan(run->learning_rate) && !run->theory.applies && !run->diverged);
    for (int l = 0; l < 2; l++) {
        const struct layer_stats *layer = &run->layer[l];
        assert_true(layer->z.n == 0 && isnan(layer->z.rms) && layer->z_histogram.n == 0);
        assert_true(layer->delta.n == 0 && isnan(layer->delta.rms));
        assert_true(isnan(layer->weight_rms) && isnan(layer->update_ratio));
        assert_true(isnan(layer->participation) && isnan(layer->gradient_rms));
        for (int f = 0; f < FACTOR_COUNT; f++) {
            assert_true(isnan(layer->factor[f]) && isnan(layer->forward[f]));
        }
    }
    assert_int_equal(run->diagnosis.verdict, VERDICT_UNKNOWN);
    assert_contains(run->diagnosis.sentence, "1,000× smaller");
    const struct history_view *view = recall(watch);
    for (int l = 0; l < 2; l++) {
        assert_true(view->layer[HISTORY_H_SD][0][l][0] == 1.0f);
        assert_true(isnan(view->layer[HISTORY_DELTA_RMS][0][l][0]));
        assert_true(isnan(view->layer[HISTORY_GRADIENT_RMS][0][l][0]));
    }
    end(watch);
}

static void log_scalars(struct event_file *file, int64_t step, const char *prefix, double loss,
                        double accuracy) {
    char tag[96];
    event_file_begin(file, step);
    snprintf(tag, sizeof tag, "%s_loss", prefix);
    event_file_scalar(file, tag, loss);
    snprintf(tag, sizeof tag, "%s_accuracy", prefix);
    event_file_scalar(file, tag, accuracy);
    finish_event(file);
}

/* Keras writes it into a folder of its own. */
static void takes_the_held_out_part_into_its_run(void **state) {
    static const char *const homes[][2] = { { "train", "validation" }, { ".", "eval" } };
    struct folder *folder = *state;
    for (int i = 0; i < 2; i++) {
        char name[32], root[2 * FOLDER_PATH];
        snprintf(root, sizeof root, "%s/%d", folder->path, i);
        snprintf(name, sizeof name, "%d/%s", i, homes[i][0]);
        struct event_file *whole = create(folder, name);
        snprintf(name, sizeof name, "%d/%s", i, homes[i][1]);
        struct event_file *part = create(folder, name);
        for (int64_t epoch = 0; epoch < 3; epoch++) {
            log_scalars(whole, epoch, "epoch", 0.5, 0.75);
            log_scalars(part, epoch, "epoch", 2.0, 0.25 + 0.125 * (double)epoch);
            log_step(whole, epoch, net, 1.0);
        }
        assert_true(event_file_close(part, NULL));
        assert_true(event_file_close(whole, NULL));
        struct watch *watch = begin(&(struct follow_settings){ .folder = root });
        const struct snapshot *snapshot = read_all(watch);
        const struct run_snapshot *run = &snapshot->run[0];
        assert_int_equal(snapshot->runs, 1);
        assert_int_equal(snapshot->watched.runs, 1);
        assert_int_equal(run->layers, 3);
        assert_true(run->test_loss == 2.0 && run->test_accuracy == 0.5 && run->accuracy == 0.625);
        const struct history_view *view = recall(watch);
        assert_int_equal(view->last_step, 2);
        for (int s = 0; s < 3; s++) {
            assert_true(view->scalar[0][HISTORY_TEST_ACCURACY][s] == 0.25f + 0.125f * (float)s);
        }
        end(watch);
    }
}

/* Only its scalars tell of the same run; and where there is no such run it is one. */
static void shows_a_part_that_is_a_run(void **state) {
    struct folder *folder = *state;
    struct event_file *train = create(folder, "train"), *test = create(folder, "test");
    struct event_file *alone = create(folder, "other/val");
    log_step(train, 0, net, 1.0);
    log_step(test, 0, net, 1.0);
    log_step(alone, 0, net, 1.0);
    assert_true(event_file_close(train, NULL));
    assert_true(event_file_close(test, NULL));
    assert_true(event_file_close(alone, NULL));
    struct watch *watch = begin(&(struct follow_settings){ .folder = folder->path });
    const struct snapshot *snapshot = read_all(watch);
    assert_int_equal(snapshot->watched.runs, 3);
    assert_string_equal(snapshot->run[0].logged.name, "other/val");
    assert_string_equal(snapshot->run[1].logged.name, "test");
    assert_true(isnan(snapshot->run[0].test_loss));
    end(watch);
}

/* Of epochs and of batches, in the same file: the histograms are of epochs. */
static void keeps_to_one_way_of_counting(void **state) {
    struct folder *folder = *state;
    struct event_file *file = create(folder, "run");
    for (int64_t epoch = 0; epoch < 3; epoch++) {
        for (int64_t batch = 0; batch < 10; batch++) {
            log_scalars(file, 10 * epoch + batch, "batch", 9.0, 0.125);
        }
        event_file_begin(file, 10 * epoch + 10);
        event_file_scalar(file, "evaluation_of_nothing_we_know", 1.0);
        finish_event(file);
        log_scalars(file, epoch, "epoch", 0.25 * (double)epoch, 0.75);
        event_file_begin(file, epoch);
        add_histogram(file, "weights/a", 1.0 + (double)epoch, 10.0);
        finish_event(file);
    }
    assert_true(event_file_close(file, NULL));
    struct watch *watch = begin(&(struct follow_settings){ .folder = folder->path });
    const struct snapshot *snapshot = read_all(watch);
    char text[1024];
    assert_int_equal(snapshot->step, 2);
    assert_true(snapshot->run[0].loss == 0.5 && snapshot->run[0].accuracy == 0.75);
    assert_true(snapshot->run[0].layer[0].weight_rms == 3.0);
    assert_int_equal(recall(watch)->last_step, 2);
    follow_complain(watch->follow, true, text, sizeof text);
    assert_string_equal(text, "");
    end(watch);

    file = create(folder, "batches"); // where there is nothing else
    log_scalars(file, 7, "batch", 9.0, 0.125);
    log_step(file, 8, net, 1.0);
    assert_true(event_file_close(file, NULL));
    watch = begin(&(struct follow_settings){ .folder = folder->path, .runs = "batches" });
    read_all(watch);
    assert_true(recall(watch)->scalar[0][HISTORY_LOSS][0] == 9.0f);
    end(watch);
}

struct passed {
    int count;
    int64_t step[8];
    int layers[8];
};

static void note_step(void *context, struct snapshot *snapshot) {
    struct passed *passed = context;
    assert_true(snapshot->has_runs);
    passed->step[passed->count] = snapshot->step;
    passed->layers[passed->count++] = snapshot->run[0].layers;
}

/* The second time all layers are there from the first step on. */
static void passes_all_steps_again(void **state) {
    static const char *const first[] = { "net.0", NULL };
    struct folder *folder = *state;
    struct event_file *file = create(folder, "run");
    log_step(file, 2, first, 1.0);
    log_step(file, 5, net, 1.0);
    log_step(file, 11, net, 1.0);
    assert_true(event_file_close(file, NULL));
    struct watch *watch = begin(&(struct follow_settings){ .folder = folder->path });
    struct passed passed = { 0 };
    read_all(watch);
    follow_again(watch->follow, note_step, &passed);
    read_all(watch);
    follow_settle(watch->follow);
    assert_int_equal(passed.count, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(passed.step[i], i == 0 ? 2 : i == 1 ? 5 : 11);
        assert_int_equal(passed.layers[i], 3);
    }
    end(watch);
}

/* In steps of both: a snapshot of step k holds what either knew then. */
static void brings_twins_together_by_step(void **state) {
    struct folder *folder = *state;
    struct event_file *a = create(folder, "one"), *b = create(folder, "two");
    for (int64_t step = 0; step <= 40; step += 2) {
        log_step(a, step, net, 1.0);
    }
    for (int64_t step = 0; step <= 30; step += 3) {
        log_step(b, step, net, 1.0);
    }
    assert_true(event_file_close(a, NULL));
    assert_true(event_file_close(b, NULL));
    struct watch *watch = begin(&(struct follow_settings){ .folder = folder->path });
    const struct snapshot *snapshot = read_all(watch);
    assert_int_equal(snapshot->runs, 2);
    assert_int_equal(snapshot->run[0].step, 40);
    assert_int_equal(snapshot->run[1].step, 30);
    const struct history_view *view = recall(watch);
    assert_int_equal(view->last_step, 40);
    for (int i = 0; i < view->columns; i++) {
        int64_t step = view->step[i], two = step / 2 * 2, three = step / 3 * 3;
        assert_true(view->scalar[0][HISTORY_LOSS][i] == 1.0f / (float)(two + 1));
        if (step <= 30) {
            assert_true(view->scalar[1][HISTORY_LOSS][i] == 1.0f / (float)(three + 1));
        } else { // where it ended
            assert_true(isnan(view->scalar[1][HISTORY_LOSS][i]));
        }
    }
    end(watch);
}

static void follows_files_that_grow_and_come(void **state) {
    struct folder *folder = *state;
    struct watch *watch = begin(&(struct follow_settings){ .folder = folder->path });
    assert_false(read_all(watch)->has_runs);
    assert_contains(follow_snapshot(watch->follow)->message, "no event files yet in");
    end(watch);
    struct event_file *file = create(folder, "run");
    watch = begin(&(struct follow_settings){ .folder = folder->path });
    assert_false(read_all(watch)->has_runs);
    for (int64_t step = 0; step < 5; step++) {
        log_step(file, step, net, 1.0);
        const struct snapshot *snapshot = read_all(watch);
        assert_true(snapshot->has_runs);
        assert_int_equal(snapshot->step, step);
        assert_int_equal(snapshot->run[0].layers, 3);
        follow_settle(watch->follow);
    }
    // a layer more, from here on: all is read again, and the past stays
    static const char *const more[] = { "net.0", "net.2", "net.10", "net.11", NULL };
    log_step(file, 5, more, 1.0);
    const struct snapshot *snapshot = read_all(watch);
    assert_int_equal(snapshot->run[0].layers, 4);
    assert_string_equal(snapshot->run[0].layer[3].name, "net.11");
    const struct history_view *view = recall(watch);
    assert_int_equal(view->first_step, 0);
    assert_int_equal(view->last_step, 5);
    assert_true(isnan(view->layer[HISTORY_H_SD][0][3][0]));
    assert_true(view->layer[HISTORY_H_SD][0][3][view->columns - 1] == 4.0f);
    assert_true(event_file_close(file, NULL));
    end(watch);
}

static void orders_layers(void **state) {
    static const struct {
        const char *const log[6];
        const char *const shown[5];
    } cases[] = {
        { { "h10", "h9", "h1", NULL }, { "h1", "h9", "h10" } },           // by their numbers
        { { "conv", "block2", "fc", NULL }, { "conv", "block2", "fc" } }, // as they came
        { { "fc", "output", "a", NULL }, { "fc", "a" } },                 // output apart
    };
    struct folder *folder = *state;
    for (int c = 0; c < 3; c++) {
        char name[16], path[2 * FOLDER_PATH];
        snprintf(name, sizeof name, "case%d/x", c);
        struct event_file *file = create(folder, name);
        log_step(file, 0, cases[c].log, 1.0);
        assert_true(event_file_close(file, NULL));
        snprintf(path, sizeof path, "%s/case%d", folder->path, c);
        struct watch *watch = begin(&(struct follow_settings){ .folder = path });
        const struct run_snapshot *run = &read_all(watch)->run[0];
        for (int l = 0; l < run->layers; l++) {
            assert_string_equal(run->layer[l].name, cases[c].shown[l]);
        }
        assert_int_equal(run->layers, c == 2 ? 2 : 3);
        assert_int_equal(run->output.h.n, c == 2 ? 10 : 0);
        end(watch);
    }
}

static void takes_patterns_and_names_of_runs(void **state) {
    struct folder *folder = *state;
    for (int r = 0; r < 3; r++) {
        struct event_file *file = create(folder, r == 0 ? "a" : r == 1 ? "b" : "deep/c");
        event_file_begin(file, 1);
        add_histogram(file, "model/1/act", 1.0 + r, 10.0);
        add_histogram(file, "model/2/act", 1.0 + r, 10.0);
        event_file_scalar(file, "my objective", 3.5);
        finish_event(file);
        assert_true(event_file_close(file, NULL));
    }
    struct follow_settings settings = { .folder = folder->path,
                                        .runs = "deep/c,a",
                                        .pattern = { "activations=model/*/act", "loss=*objective" },
                                        .patterns = 2 };
    struct watch *watch = begin(&settings);
    const struct snapshot *snapshot = read_all(watch);
    assert_int_equal(snapshot->runs, 2);
    assert_int_equal(snapshot->watched.runs, 3);
    assert_string_equal(snapshot->run[0].logged.name, "deep/c");
    assert_string_equal(snapshot->run[1].logged.name, "a");
    assert_true(snapshot->run[0].layer[0].h.rms == 3.0 && snapshot->run[1].layer[0].h.rms == 1.0);
    assert_string_equal(snapshot->run[0].layer[1].name, "2");
    assert_true(snapshot->run[0].loss == 3.5);
    end(watch);

    char problem[FOLLOW_PROBLEM];
    struct history *history = history_create(MOST_BYTES);
    struct film *film = film_create(MOST_BYTES);
    settings.runs = "a,z";
    assert_null(follow_create(&settings, history, film, problem));
    assert_contains(problem, "no run 'z'");
    assert_contains(problem, "a, b, deep/c");
    settings.runs = "a,b,c";
    assert_null(follow_create(&settings, history, film, problem));
    assert_contains(problem, "one or two names");
    settings.runs = NULL;
    settings.pattern[0] = "activation";
    assert_null(follow_create(&settings, history, film, problem));
    assert_contains(problem, "--pattern: 'activation' is not KIND=GLOB");
    settings = (struct follow_settings){ .folder = "/nowhere/at/all" };
    assert_null(follow_create(&settings, history, film, problem));
    assert_contains(problem, "/nowhere/at/all");
    history_destroy(history);
    film_destroy(film);
}

static void says_what_is_damaged_and_what_is_late(void **state) {
    struct folder *folder = *state;
    struct event_file *file = create(folder, "run");
    log_step(file, 0, net, 1.0);
    log_step(file, 9, net, 1.0);
    struct watch *watch = begin(&(struct follow_settings){ .folder = folder->path });
    char text[1024], path[2 * FOLDER_PATH], problem[FILE_PROBLEM_MAX];
    follow_read(watch->follow, 1.0);
    follow_complain(watch->follow, true, text, sizeof text);
    assert_string_equal(text, "");
    log_step(file, 4, net, 1.0); // a job that was resumed cannot change the past
    assert_int_equal(read_all(watch)->step, 9);
    follow_complain(watch->follow, true, text, sizeof text);
    assert_string_equal(text, "run: 1 record of steps that were passed already left out");
    assert_true(event_file_close(file, NULL));
    end(watch);

    snprintf(path, sizeof path, "%s/single", folder->path);
    struct event_file *more = event_file_create(path, problem);
    log_step(more, 4, net, 1.0);
    assert_true(event_file_close(more, NULL));
    watch = begin(&(struct follow_settings){ .folder = path });
    assert_int_equal(read_all(watch)->step, 4);
    end(watch);

    char command[4096]; // one byte of the last record, and half of another file
    snprintf(command, sizeof command,
             "cd %s/run && f=$(ls) && s=$(stat -c %%s $f) && printf X | dd of=$f bs=1 "
             "seek=$((s - 20)) conv=notrunc 2>/dev/null && cd ../single && f=$(ls) && "
             "truncate -s 100 $f",
             folder->path);
    assert_int_equal(system(command), 0);
    watch = begin(&(struct follow_settings){ .folder = folder->path, .runs = "run,single" });
    const struct snapshot *snapshot = read_all(watch);
    assert_int_equal(snapshot->step, 9);
    assert_contains(snapshot->watched.complaint, "then it is damaged: a checksum is wrong at byte");
    assert_null(strstr(snapshot->watched.complaint, "is cut")); // it may grow
    follow_complain(watch->follow, true, text, sizeof text);
    assert_contains(text, "1 record, then the file is cut at byte 100");
    end(watch);
}

/* A folder among others that nobody may look into. */
static void names_a_folder_that_is_closed(void **state) {
    enum { NOBODY = 65534 };
    struct folder *folder = *state;
    bool root = geteuid() == 0; // who may look anywhere, so somebody else tries
    char text[1024], path[2 * FOLDER_PATH];
    struct event_file *file = create(folder, "open");
    log_step(file, 3, net, 1.0);
    assert_true(event_file_close(file, NULL));
    assert_int_equal(chmod(folder->path, 0755), 0);
    for (int i = 1; i <= 3; i++) {
        snprintf(path, sizeof path, "%s/closed%d", folder->path, i);
        assert_int_equal(mkdir(path, 0), 0);
        assert_int_equal(root ? seteuid(NOBODY) : 0, 0);
        struct watch *watch = begin(&(struct follow_settings){ .folder = folder->path });
        assert_int_equal(read_all(watch)->step, 3);
        follow_complain(watch->follow, true, text, sizeof text);
        end(watch);
        assert_int_equal(root ? seteuid(0) : 0, 0);
        assert_contains(text, "/closed");
        assert_contains(text, ": cannot be read: Permission denied");
        assert_int_equal(strstr(text, "; nor can 1 other folder") != NULL, i == 2);
        assert_int_equal(strstr(text, "; nor can 2 other folders") != NULL, i > 2);
    }
    for (int i = 1; i <= 3; i++) {
        snprintf(path, sizeof path, "%s/closed%d", folder->path, i);
        assert_int_equal(rmdir(path), 0);
    }
}

static void tells_of_nan(void **state) {
    struct folder *folder = *state;
    struct event_file *file = create(folder, "run");
    log_step(file, 0, net, 1.0);
    event_file_begin(file, 1);
    const double limits[] = { -1.0, 1.0 }, counts[] = { 0.0, 8.0 };
    const struct event_summary summary = { .min = (double)NAN,
                                           .max = (double)NAN,
                                           .n = 10.0,
                                           .sum = (double)NAN,
                                           .squares = (double)NAN,
                                           .limit = limits,
                                           .bucket = counts,
                                           .count = 2 };
    event_file_histogram(file, "gradients/net.2", &summary);
    finish_event(file);
    assert_true(event_file_close(file, NULL));
    struct watch *watch = begin(&(struct follow_settings){ .folder = folder->path });
    const struct run_snapshot *run = &read_all(watch)->run[0];
    assert_int_equal(run->layer[1].delta.n, 10);
    assert_int_equal(run->layer[1].delta.nan, 2);
    assert_int_equal(run->layer[1].delta_histogram.nan, 2);
    assert_int_equal(run->layer[1].delta_histogram.n, 10);
    assert_int_equal(run->diagnosis.verdict, VERDICT_DIVERGED);
    assert_contains(run->diagnosis.sentence, "since step 1, in gradients of net.2");
    end(watch);
}

static void reads_what_others_write(void **state) {
    (void)state;
    static const char *const files[] = { "torch", "tf2" };
    for (int i = 0; i < 2; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/tests/data/events/%s.tfevents", getenv("SOURCE_ROOT"),
                 files[i]);
        struct watch *watch = begin(&(struct follow_settings){ .folder = path });
        const struct snapshot *snapshot = read_all(watch);
        const struct run_snapshot *run = &snapshot->run[0];
        assert_int_equal(snapshot->runs, 1);
        assert_int_equal(run->logged.estimated, i == 1);
        for (int l = 0; l < 3; l++) {
            assert_string_equal(run->layer[l].name, net[l]);
            assert_int_equal(run->layer[l].h.n, 40);
            double wanted = pow(10.0, l - 5); // of 40 normal values
            assert_true(run->layer[l].delta.rms > 0.5 * wanted);
            assert_true(run->layer[l].delta.rms < 1.6 * wanted);
        }
        end(watch);
    }
}

int main(void) {
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(shows_what_was_logged),
        IN_FOLDER(invents_nothing),
        IN_FOLDER(takes_the_held_out_part_into_its_run),
        IN_FOLDER(shows_a_part_that_is_a_run),
        IN_FOLDER(keeps_to_one_way_of_counting),
        IN_FOLDER(passes_all_steps_again),
        IN_FOLDER(brings_twins_together_by_step),
        IN_FOLDER(follows_files_that_grow_and_come),
        IN_FOLDER(orders_layers),
        IN_FOLDER(takes_patterns_and_names_of_runs),
        IN_FOLDER(says_what_is_damaged_and_what_is_late),
        IN_FOLDER(names_a_folder_that_is_closed),
        IN_FOLDER(tells_of_nan),
        cmocka_unit_test(reads_what_others_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
