#include "lab/follow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/glob.h"
#include "base/text.h"
#include "lab/follow_parts.h"
#include "measure/diagnosis.h"

static const double scan_seconds = 2.0;                      // between looks for new files
static const double again_seconds = 5.0, again_share = 0.05; // of readings of all once more
enum { CLOCK_RECORDS = 64 };                                 // records between looks at the clock

static bool take_settings(struct follow *follow, const struct follow_settings *settings,
                          char *problem) {
    char reason[FOLLOW_PROBLEM - 32];
    follow_patterns_init(&follow->patterns);
    for (int i = 0; i < settings->patterns; i++) {
        if (!follow_patterns_add(&follow->patterns, settings->pattern[i], reason, sizeof reason)) {
            text_set(problem, FOLLOW_PROBLEM, "--pattern: %s", reason);
            return false;
        }
    }
    const char *names = settings->runs;
    while (names && *names) {
        size_t length = strcspn(names, ",");
        if (follow->wants == SNAPSHOT_RUNS || length == 0 || length >= FOLLOW_NAME) {
            text_set(problem, FOLLOW_PROBLEM,
                     "--runs: '%.100s' is not one or two names of runs, as in A,B.",
                     settings->runs);
            return false;
        }
        text_set(follow->wanted[follow->wants++], FOLLOW_NAME, "%.*s", (int)length, names);
        names += length + (names[length] == ',');
    }
    return true;
}

static bool take_folder(struct follow *follow, const char *folder, char *problem) {
    struct stat info;
    char shown[128];
    text_tail(shown, sizeof shown, folder);
    if (stat(folder, &info) != 0) {
        text_set(problem, FOLLOW_PROBLEM, "cannot read %s: no such folder", shown);
        return false;
    }
    follow->single = S_ISREG(info.st_mode);
    if (!follow->single && !S_ISDIR(info.st_mode)) {
        text_set(problem, FOLLOW_PROBLEM, "%s is neither a folder nor an event file", shown);
        return false;
    }
    text_set(follow->folder, sizeof follow->folder, "%s", folder);
    for (size_t end = strlen(follow->folder); end > 1 && follow->folder[end - 1] == '/'; end--) {
        follow->folder[end - 1] = '\0';
    }
    return true;
}

/* Does a stand behind b? By their numbers if these alone differ, else as they came forward. */
static bool stands_behind(const struct follow_layer *a, const struct follow_layer *b, bool alike) {
    if (alike || (!a->forward && !b->forward)) {
        return glob_compare(a->name, b->name) > 0;
    }
    return a->forward && b->forward ? a->forward > b->forward : !a->forward;
}

static void order_layers(struct follow_run *run) {
    int order[SNAPSHOT_LAYERS];
    bool alike = true;
    for (int i = 0; i < run->layers; i++) {
        alike = alike && glob_numbered_alike(run->layer[0].name, run->layer[i].name);
    }
    for (int i = 0; i < run->layers; i++) { // insertion: there are few, and nearly in order
        int place = i;
        for (; place > 0 && stands_behind(&run->layer[order[place - 1]], &run->layer[i], alike);
             place--) {
            order[place] = order[place - 1];
        }
        order[place] = i;
    }
    for (int i = 0; i < run->layers; i++) {
        run->layer[order[i]].place = i;
    }
}

/* From the first record again, with a place for every layer known so far. */
static void begin_again(struct follow *follow) {
    int layers[SNAPSHOT_RUNS] = { 0 };
    for (int r = 0; r < SNAPSHOT_RUNS; r++) {
        struct follow_run *run = &follow->run[r];
        struct run_snapshot *shown = &follow->snapshot.run[r];
        run->step = -1;
        run->late = 0;
        order_layers(run);
        layer_forget_run(shown);
        text_set(shown->logged.name, sizeof shown->logged.name, "%s", run->name);
        shown->layers = layers[r] = run->layers;
        for (int i = 0; i < run->layers; i++) {
            text_set(shown->layer[run->layer[i].place].name, SNAPSHOT_NAME, "%s",
                     run->layer[i].name);
        }
        for (int i = 0; i < run->files; i++) {
            event_reader_rewind(&run->file[i]->reader);
            run->file[i]->waits = false;
        }
    }
    follow->fresh = false;
    follow->snapshot.runs = follow->runs;
    follow->snapshot.has_runs = false;
    follow->snapshot.steps_per_second = 0.0;
    follow->rate_step = -1;
    follow->step = follow->settled = -1;
    follow->records = 0;
    follow->new_layers = follow->behind = false;
    history_reset(follow->history, follow->runs > 0 ? follow->runs : 1, layers);
    film_reset(follow->film);
}

struct follow *follow_create(const struct follow_settings *settings, struct history *history,
                             struct film *film, char *problem) {
    struct follow *follow = calloc(1, sizeof *follow);
    if (!follow) {
        text_set(problem, FOLLOW_PROBLEM, "Memory ran out for the files in the folder.");
        return NULL;
    }
    follow->history = history;
    follow->film = film;
    struct snapshot *snapshot = &follow->snapshot;
    snapshot->watched.active = true;
    snapshot->epoch = (double)NAN;
    if (!take_settings(follow, settings, problem) ||
        !take_folder(follow, settings->folder, problem)) {
        follow_destroy(follow);
        return NULL;
    }
    text_tail(snapshot->watched.folder, sizeof snapshot->watched.folder, follow->folder);
    begin_again(follow);
    scan_files(follow);
    begin_again(follow);
    if (!scan_finds_wanted(follow, problem)) {
        follow_destroy(follow);
        return NULL;
    }
    follow->next_scan = clock_seconds() + scan_seconds;
    return follow;
}

void follow_destroy(struct follow *follow) {
    if (follow) {
        for (int r = 0; r < SNAPSHOT_RUNS; r++) {
            scan_forget(&follow->run[r]);
        }
        free(follow);
    }
}

/* Does a run have more to tell of this step, or of a later one? */
static bool is_there(const struct follow *follow, int r) {
    const struct follow_run *run = &follow->run[r];
    bool there = run->step >= follow->step;
    for (int i = 0; i < run->files && !there; i++) {
        there = run->file[i]->waits && run->file[i]->wanted;
    }
    return there;
}

static void record_nothing(struct history_record *record, int r, int layers) {
    for (int i = 0; i < HISTORY_SCALARS; i++) {
        record->scalar[r][i] = NAN;
    }
    for (int i = 0; i < layers * HISTORY_QUANTITIES; i++) {
        record->layer[r][i / HISTORY_QUANTITIES][i % HISTORY_QUANTITIES] = NAN;
    }
}

static void record_run(const struct run_snapshot *shown, struct history_record *record, int r) {
    record->scalar[r][HISTORY_LOSS] = (float)shown->loss;
    record->scalar[r][HISTORY_ACCURACY] = (float)shown->accuracy;
    record->scalar[r][HISTORY_TEST_ACCURACY] = (float)shown->test_accuracy;
    for (int l = 0; l < shown->layers; l++) {
        const struct layer_stats *stats = &shown->layer[l];
        float *values = record->layer[r][l];
        values[HISTORY_H_MEAN] = (float)stats->h.mean;
        values[HISTORY_H_SD] = (float)stats->h.sd;
        values[HISTORY_DELTA_RMS] = (float)stats->delta.rms;
        values[HISTORY_WEIGHT_GRADIENT_RMS] = (float)stats->weight_gradient_rms;
    }
}

static void describe(struct follow *follow) {
    struct snapshot *snapshot = &follow->snapshot;
    snapshot->has_runs = follow->step >= 0 && !follow->new_layers;
    snapshot->step = follow->step > 0 ? follow->step : 0;
    for (int r = 0; r < follow->runs; r++) {
        diagnosis_make(&snapshot->run[r]);
    }
}

void follow_settle(struct follow *follow) {
    if (follow->step <= follow->settled || follow->new_layers) {
        return;
    }
    follow->settled = follow->record.step = follow->step;
    for (int r = 0; r < follow->runs; r++) {
        record_nothing(&follow->record, r, follow->snapshot.run[r].layers);
        if (is_there(follow, r)) {
            record_run(&follow->snapshot.run[r], &follow->record, r);
        }
    }
    history_append(follow->history, &follow->record);
    if (follow->fresh) {
        describe(follow);
        film_add(follow->film, &follow->snapshot);
        follow->fresh = false;
    }
    if (follow->each) {
        follow->each(follow->context, follow_snapshot(follow));
    }
}

void follow_again(struct follow *follow, follow_each *each, void *context) {
    follow->each = each;
    follow->context = context;
    begin_again(follow);
}

struct snapshot *follow_snapshot(struct follow *follow) {
    struct snapshot *snapshot = &follow->snapshot;
    describe(follow);
    snapshot->state = WORKER_RUNNING;
    snapshot->watched.records = follow->records;
    snapshot->watched.runs = follow->runs_there;
    follow_complain(follow, false, snapshot->watched.complaint, sizeof snapshot->watched.complaint);
    snapshot->message[0] = '\0';
    if (!snapshot->has_runs) {
        text_set(snapshot->message, sizeof snapshot->message, "%s %s",
                 follow->runs > 0 ? "nothing logged yet in" : "no event files yet in",
                 snapshot->watched.folder);
    }
    return snapshot;
}

int64_t follow_records(const struct follow *follow) {
    return follow->records;
}

/* Steps per second of the training's own clock, over a second at least. */
static void count_rate(struct follow *follow, const struct event_head *head) {
    double seconds = head->wall_time - follow->rate_time;
    if (follow->rate_step < 0 || seconds < 0.0) {
        follow->rate_step = head->step;
        follow->rate_time = head->wall_time;
    } else if (seconds >= 1.0) {
        follow->snapshot.steps_per_second = (double)(head->step - follow->rate_step) / seconds;
        follow->rate_step = head->step;
        follow->rate_time = head->wall_time;
    }
}

/* Take the record that waits in a file. */
static void take_record(struct follow *follow, int r, struct follow_file *file) {
    struct follow_run *run = &follow->run[r];
    const struct event_head *head = &file->reader.head;
    bool late = head->step < run->step || head->step < 0;
    follow->records++;
    if (!file->wanted || late) {
        run->late += file->wanted;
        file->waits = false;
        return;
    }
    follow->behind = follow->behind || head->step <= follow->settled;
    if (head->step > follow->step) {
        if (follow->step >= 0) {
            follow_settle(follow);
        }
        if (follow->new_layers) {
            begin_again(follow);
            return;
        }
        follow->step = head->step;
        count_rate(follow, head);
    }
    file->waits = false; // not before the step that it ends was settled
    run->step = follow->snapshot.run[r].step = head->step;
    value_take_all(follow, r, file);
}

static void read_record(struct follow *follow, struct follow_run *run, struct follow_file *file) {
    file->waits = event_reader_next(&file->reader);
    file->wanted = file->waits && value_wants(follow, run, &file->reader);
}

/* What nobody wants goes first: its step may be counted otherwise. */
static bool goes_before(const struct follow_file *a, const struct follow_file *b) {
    return b->wanted && (!a->wanted || a->reader.head.step < b->reader.head.step);
}

/* The file whose next record is of the earliest step; NULL: there is none. */
static struct follow_file *next_file(struct follow *follow, int *r) {
    struct follow_file *first = NULL;
    for (int i = 0; i < follow->runs; i++) {
        for (int k = 0; k < follow->run[i].files; k++) {
            struct follow_file *file = follow->run[i].file[k];
            if (!file->waits && file->reader.end == EVENT_MORE) {
                read_record(follow, &follow->run[i], file);
            }
            if (file->waits && (!first || goes_before(file, first))) {
                first = file;
                *r = i;
            }
        }
    }
    return first;
}

/* Look whether files that were at their ends have grown. */
static void look_again(struct follow *follow) {
    for (int r = 0; r < follow->runs; r++) {
        for (int i = 0; i < follow->run[r].files; i++) {
            struct follow_file *file = follow->run[r].file[i];
            if (!file->waits) {
                read_record(follow, &follow->run[r], file);
            }
        }
    }
}

/* All was read once more: that shall not take more than its share of time. */
static void finish_again(struct follow *follow) {
    if (follow->again) {
        double now = clock_seconds();
        follow->again = false;
        follow->next_again = now + fmax((now - follow->begun_again) / again_share, again_seconds);
    }
}

bool follow_read(struct follow *follow, double seconds) {
    double until = clock_seconds() + seconds;
    if (clock_seconds() >= follow->next_scan) {
        if (scan_files(follow)) {
            begin_again(follow);
        }
        follow->next_scan = clock_seconds() + scan_seconds;
    }
    look_again(follow);
    for (int i = 1;; i++) {
        int r = 0;
        struct follow_file *file = next_file(follow, &r);
        if (!file && follow->behind && clock_seconds() >= follow->next_again) {
            follow->new_layers = follow->again = true;
        }
        if (!file && !follow->new_layers) {
            finish_again(follow);
            return false;
        }
        if (file) {
            take_record(follow, r, file);
        } else {
            follow->begun_again = clock_seconds();
            begin_again(follow);
        }
        if (i % CLOCK_RECORDS == 0 && clock_seconds() > until) {
            return true;
        }
    }
}

bool follow_starved(const struct follow *follow) {
    bool starved = follow->starved;
    for (int r = 0; r < follow->runs; r++) {
        for (int i = 0; i < follow->run[r].files; i++) {
            starved = starved || event_reader_starved(&follow->run[r].file[i]->reader);
        }
    }
    return starved;
}

void follow_complain(const struct follow *follow, bool ended, char *text, size_t size) {
    text_set(text, size, "%s", follow->starved ? "Memory ran out for some of the files." : "");
    if (follow->bars > 0) {
        text_append(text, size, "%s%s", text[0] ? "\n" : "", follow->barred);
    }
    if (follow->bars > 1) {
        text_append(text, size, "; nor can %d other folder%s", follow->bars - 1,
                    follow->bars > 2 ? "s" : "");
    }
    for (int r = 0; r < follow->runs; r++) {
        const struct follow_run *run = &follow->run[r];
        for (int i = 0; i < run->files; i++) {
            const struct event_reader *reader = &run->file[i]->reader;
            bool bad = reader->end == EVENT_DAMAGED || reader->end == EVENT_GONE ||
                       (ended && reader->end == EVENT_CUT);
            if (bad || reader->nonsense > 0 || event_reader_starved(reader)) {
                char sentence[256];
                event_reader_describe(reader, sentence, sizeof sentence);
                text_append(text, size, "%s%s", text[0] ? "\n" : "", sentence);
            }
        }
        if (run->left_out > 0) {
            text_append(text, size, "%s%s: more than %d layers; the others are left out",
                        text[0] ? "\n" : "", run->name, (int)SNAPSHOT_LAYERS);
        }
        if (run->late > 0) {
            text_append(
                text, size, "%s%s: %lld record%s of steps that were passed already left out",
                text[0] ? "\n" : "", run->name, (long long)run->late, run->late == 1 ? "" : "s");
        }
    }
}
