#include "view/caption.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"

/* "tanh with Xavier initialisation, batch norm" */
static void describe_run(const struct run_snapshot *run, char *text, size_t size) {
    if (run->logged.active) {
        text_set(text, size, "%s", run->logged.name);
        return;
    }
    text_set(text, size, "%s with %s initialisation", run->activation, run->init);
    const char *more[] = { run->normalisation, run->connection };
    for (int i = 0; i < ARRAY_LEN(more); i++) {
        if (more[i][0]) {
            text_append(text, size, ", %s", more[i]);
        }
    }
}

/* "784 → 10 × 100 → 10" */
static void describe_shape(const struct run_snapshot *run, char *text, size_t size) {
    text_set(text, size, "%d → ", run->inputs);
    if (run->layers > 0) {
        text_append(text, size, "%d × %d → ", run->layers, run->layer[0].units);
    }
    text_append(text, size, "%d", run->outputs);
}

/* Of two runs each is told beside the title. */
static void choose_title(const struct frame *frame, const char *what, char *title, size_t size) {
    text_set(title, size, "%s", what ? what : "");
    if (frame->state->title) {
        text_set(title, size, "%s", frame->state->title);
    } else if (frame->runs == 1) {
        char run[256];
        describe_run(&frame->snapshot->run[0], run, sizeof run);
        text_append(title, size, "%s%s", what ? ", " : "", run);
    }
}

void caption_title(const struct frame *frame, struct rect line, const char *what,
                   const char *const marks[SNAPSHOT_RUNS]) {
    char title[640], run[320];
    choose_title(frame, what, title, sizeof title);
    int size = width_of(frame, FONT_STRONG, 17, title) <= line.w ? 17 : TEXT_TITLE;
    if (title[0]) {
        rect_cut_left(&line, strong_left(frame, line, size, frame->theme->text, title) + 18.0f);
    }
    for (int r = 0; r < frame->runs && frame->runs == 2; r++) {
        describe_run(&frame->snapshot->run[r], run, sizeof run);
        text_append(run, sizeof run, "%s", marks ? marks[r] : "");
        rect_cut_left(&line, run_badge(frame, line.x, line.y + 0.5f * line.h, r) + 6.0f);
        float used = label_left(frame, line, TEXT_BODY, frame->theme->run_text[r], run);
        rect_cut_left(&line, used + 18.0f);
    }
}

void caption_line(const struct frame *frame, struct rect line, const char *always,
                  const char *more) {
    const struct snapshot *snapshot = frame->snapshot;
    char shape[64], other[64] = "", brief[320], full[480];
    describe_shape(&snapshot->run[0], shape, sizeof shape);
    if (frame->runs == 2) {
        describe_shape(&snapshot->run[1], other, sizeof other);
    }
    bool differ = other[0] && strcmp(shape, other) != 0;
    text_set(brief, sizeof brief, "%s%s%s · %s · batch %d · step %lld%s", shape,
             differ ? " and " : "", differ ? other : "", snapshot->data, snapshot->batch,
             (long long)snapshot->step, always);
    if (snapshot->watched.active) {
        text_set(brief, sizeof brief, "%d layers · step %lld%s · %s", snapshot->run[0].layers,
                 (long long)snapshot->step, always, rebinned);
    }
    text_set(full, sizeof full, "%s%s", brief, more);
    const char *texts[] = { full, brief };
    label_left(frame, line, TEXT_LABEL, frame->theme->secondary,
               frame->state->caption ? frame->state->caption
                                     : text_that_fits(frame, line.w, texts, 2));
}
