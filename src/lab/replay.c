#include "lab/replay.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "lab/experiment_change.h"
#include "lab/experiment_ini.h"

void replay_begin(struct replay *replay, const struct experiment *experiment) {
    replay->first = *experiment;
    replay->step = replay->pretrained = 0;
    replay->ghost = -1;
    replay->changes = replay->count = 0;
    replay->lost = false;
}

/* A part of a change; false where there is no room. */
static bool append(struct replay *replay, const struct replay_edit *edit) {
    if (replay->count == REPLAY_EDITS) {
        return false;
    }
    replay->edit[replay->count++] = *edit;
    replay->changes = edit->change;
    return true;
}

void replay_note(struct replay *replay, int64_t step, bool swapped, const struct experiment *from,
                 const struct experiment *to) {
    int count, before = replay->changes;
    const struct setting *table = settings_table(&count);
    struct experiment base = *from;
    bool room = !replay->lost;
    if (swapped) {
        experiment_swap(&base);
        room = room && append(replay, &(struct replay_edit){ before + 1, step, 0, NULL, "" });
    }
    for (int run = 0; run < (to->compare ? 2 : 1); run++) {
        for (int i = 0; i < count && room; i++) {
            if ((run == 0 || table[i].per_run) && !setting_equal(&base, to, run, &table[i])) {
                struct replay_edit edit = { before + 1, step, run, &table[i], "" };
                char value[SETTING_TEXT];
                setting_print(to, run, &table[i], value, sizeof value);
                REQUIRE(strlen(value) < sizeof edit.value); // no path is live
                text_set(edit.value, sizeof edit.value, "%s", value);
                room = append(replay, &edit);
            }
        }
    }
    if (!room && !replay->lost) {
        replay->lost = true;
        replay->lost_step = step;
        replay_cut(replay, before);
    }
}

bool replay_edit(struct replay *replay, bool again, int64_t step, int run,
                 const struct setting *setting, const char *value, char *problem) {
    struct experiment scratch = replay->first;
    struct replay_edit edit = { replay->changes + !again, step, run, setting, "" };
    if (setting && !setting->live) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "%s takes new weights: it cannot change while a network trains.", setting->name);
        return false;
    }
    if (setting && !setting_parse(&scratch, run, setting, value, problem)) {
        return false;
    }
    char printed[SETTING_TEXT] = "";
    if (setting) {
        setting_print(&scratch, run, setting, printed, sizeof printed);
    }
    REQUIRE(strlen(printed) < sizeof edit.value);
    text_set(edit.value, sizeof edit.value, "%s", printed);
    if (!append(replay, &edit)) {
        text_set(problem, EXPERIMENT_PROBLEM, "more than %d changes cannot be followed.",
                 (int)REPLAY_EDITS);
        return false;
    }
    return true;
}

void replay_cut(struct replay *replay, int changes) {
    while (replay->count > 0 && replay->edit[replay->count - 1].change > changes) {
        replay->count--;
    }
    replay->changes = replay->changes < changes ? replay->changes : changes;
}

void replay_experiment(const struct replay *replay, int changes, struct experiment *experiment) {
    char ignored[EXPERIMENT_PROBLEM];
    *experiment = replay->first;
    for (int i = 0; i < replay->count && replay->edit[i].change <= changes; i++) {
        const struct replay_edit *edit = &replay->edit[i];
        if (edit->setting) {
            REQUIRE(setting_parse(experiment, edit->run, edit->setting, edit->value, ignored));
        } else {
            experiment_swap(experiment);
        }
    }
}

bool replay_swaps(const struct replay *replay, int change) {
    bool swaps = false;
    for (int i = 0; i < replay->count; i++) {
        swaps ^= replay->edit[i].change == change && !replay->edit[i].setting;
    }
    return swaps;
}

int64_t replay_step_of(const struct replay *replay, int change) {
    for (int i = 0; i < replay->count; i++) {
        if (replay->edit[i].change == change) {
            return replay->edit[i].step;
        }
    }
    return INT64_MAX;
}

/* The past of A and B is kept side by side: they change places only where they are as deep. */
static bool change_goes_on(const struct experiment *from, const struct experiment *to, bool swaps,
                           char *reason) {
    struct experiment base = *from;
    if (swaps && (!from->compare || from->run[0].layers != from->run[1].layers)) {
        text_set(reason, EXPERIMENT_PROBLEM, "%s",
                 from->compare ? "A and B have different depths" : "there is no B to swap with");
        return false;
    }
    if (swaps) {
        experiment_swap(&base);
    }
    return experiment_goes_on(&base, to, reason);
}

bool replay_is_possible(const struct replay *replay, const struct dataset_shape *shape,
                        char *problem) {
    struct experiment from, to = replay->first;
    for (int change = 1; change <= replay->changes; change++) {
        char reason[EXPERIMENT_PROBLEM];
        from = to;
        replay_experiment(replay, change, &to);
        if (!experiment_fits(&to, shape, SIZE_MAX, reason)) {
            text_set(problem, EXPERIMENT_PROBLEM, "[change %d] %.600s", change, reason);
            return false;
        }
        if (!change_goes_on(&from, &to, replay_swaps(replay, change), reason)) {
            text_set(problem, EXPERIMENT_PROBLEM,
                     "[change %d] cannot be made while it trains: %.500s.", change, reason);
            return false;
        }
    }
    return true;
}

int replay_print_ini(const struct replay *replay, char *buffer, size_t size) {
    int length = experiment_print_ini(&replay->first, buffer, size), change = 0, run = 0;
    for (int i = 0; i < replay->count; i++) {
        const struct replay_edit *edit = &replay->edit[i];
        if (edit->change != change) {
            text_append(buffer, size, "\n[change %d]\nstep = %lld\n", edit->change,
                        (long long)edit->step);
            run = 0;
        }
        if (edit->run != run) {
            text_append(buffer, size, "[change %d b]\n", edit->change);
        }
        change = edit->change;
        run = edit->run;
        text_append(buffer, size, "%s = %s\n", edit->setting ? edit->setting->name : "swap",
                    edit->setting ? edit->value : "yes");
    }
    return length > 0 ? (int)strlen(buffer) : 0;
}
