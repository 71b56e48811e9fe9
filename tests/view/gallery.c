#include "gallery.h"

#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "scene_data.h"
#include "scene_layer.h"

enum { RIDGES = 24 };

static void gradient(struct scene *made, int variant) {
    made->state.gradient = (enum view_gradient)variant;
}

static void linear(struct scene *made, int variant) {
    made->state.linear = variant;
}

static void theory(struct scene *made, int variant) {
    scene_theory(made);
    made->state.panels.blown = (enum panel_id)variant;
}

static void no_theory(struct scene *made, int variant) {
    (void)variant;
    made->state.theory = true;
    for (int run = 0; run < made->snapshot.runs; run++) {
        text_set(made->snapshot.run[run].theory.reason,
                 sizeof made->snapshot.run[run].theory.reason,
                 "Theory is of the first weights; these have been trained for 300 steps.");
    }
}

static void blow(struct scene *made, int variant) {
    made->state.panels.blown = (enum panel_id)variant;
}

static void fold(struct scene *made, int variant) {
    for (int id = 1; id < PANEL_COUNT; id++) {
        made->state.panels.folded[id] = variant >> id & 1;
    }
}

/* Back in time, with changes on the way and a ghost; in the view of that number. */
static void past(struct scene *made, int variant) {
    static struct snapshot ghost;
    if (variant == VIEW_HISTORY) {
        scene_ridges(made, RIDGES);
    }
    made->state.cursor = 75;
    snapshot_copy(&ghost, &made->snapshot);
    ghost.step = 1234;
    for (int run = 0; run < ghost.runs; run++) { // not hidden behind what is shown
        for (int l = 0; l < ghost.run[run].layers; l++) {
            ghost.run[run].layer[l].delta.rms *= l % 2 ? 1.6 : 0.6;
        }
    }
    made->state.ghost = &ghost;
    made->snapshot.step = 75;
    event_log_mark(&made->history.events, 60, "tanh → ReLU");
    event_log_mark(&made->history.events, 290, "learning rate 0.05 → 0.1");
}

static void lose(struct scene *made, int variant) {
    for (int i = 0; i < made->history.columns; i++) {
        made->history.scalar[0][HISTORY_LOSS][i] *= powf(10.0f, (float)variant);
    }
    made->snapshot.run[0].loss *= pow(10.0, variant);
}

static void cure(struct scene *made, int variant) {
    (void)variant;
    made->state.cure[0] = (struct view_cure){ .key = "Y", .text = "He initialisation" };
    made->state.cure[1] = (struct view_cure){ .text = "A shows the cure: ReLU, He" };
}

static void pretrain(struct scene *made, int variant) {
    (void)variant;
    made->snapshot.run[0].pretraining = (struct pretraining_stats){
        .active = true,
        .layer = 1,
        .layers = made->snapshot.run[0].layers,
        .epoch = 3,
        .epochs = 5,
        .step = 1234,
        .reconstruction_error = 0.01234,
    };
}

static void history(struct scene *made, int variant) {
    scene_ridges(made, RIDGES);
    made->state.ridge = (enum view_ridge)(variant / 2);
    made->state.lines = variant % 2;
}

static void look(struct scene *made, int variant) {
    scene_look(made, (enum scene_looked)variant);
}

static void data(struct scene *made, int variant) {
    scene_data(made, (enum scene_data)variant);
}

static void name(struct scene *made, int variant) {
    scene_data(made, (enum scene_data)(variant / NAMES_KINDS));
    scene_names(made, made->snapshot.data_detail.classes,
                (enum scene_names)(variant % NAMES_KINDS));
}

static void look_named(struct scene *made, int variant) {
    scene_look(made, (enum scene_looked)variant);
    scene_names(made, 10, NAMES_LONG);
}

/* Layers with long names, others in B. */
static void watch(struct scene *made, int variant) {
    scene_watched(made);
    made->state.view = (enum view_id)variant;
    if (variant == VIEW_HISTORY) {
        scene_ridges(made, RIDGES);
    }
    for (int r = 0; r < made->snapshot.runs; r++) {
        struct run_snapshot *run = &made->snapshot.run[r];
        for (int l = 0; l < run->layers; l++) {
            text_set(run->layer[l].name, SNAPSHOT_NAME, "%s.layers.%d.mlp.fc%d",
                     r == 0 ? "model.encoder" : "net", l / 2, l % 2);
        }
    }
}

/* B is not pre-trained. */
static void wait(struct scene *made, int variant) {
    scene_data(made, (enum scene_data)variant);
    made->snapshot.run[1].pretraining = (struct pretraining_stats){ .layers = 0 };
    made->snapshot.data_detail.run[1].rbm.layer = 0;
}

static void plane(struct scene *made, int variant) {
    scene_planes(made, variant);
}

static void no_plane(struct scene *made, int variant) {
    (void)variant;
    scene_planes(made, false);
    made->state.plane[0].start.known = false;
    text_set(made->state.plane[0].start.reason, SNAPSHOT_SENTENCE,
             "Theory needs random weights; those of LSUV have been fitted to data.");
    made->state.plane[1].phase = NULL;
    text_set(made->state.plane[1].reason, SNAPSHOT_SENTENCE,
             "Theory needs an activation of one z; Maxout is the largest of 2.");
}

static void book(struct scene *made, int variant) {
    made->state.book = (enum view_book)(variant / 2);
    made->state.bare = variant % 2;
}

const struct exhibit gallery[] = {
    { "layers", VIEW_LAYERS, NULL, 0, 0, 0 },
    { "gradient of W", VIEW_LAYERS, gradient, VIEW_GRADIENT_WEIGHT, 0, 0 },
    { "gradient of h", VIEW_LAYERS, gradient, VIEW_GRADIENT_H, 0, 0 },
    { "linear", VIEW_LAYERS, linear, true, 0, 0 },
    { "theory", VIEW_LAYERS, theory, PANEL_NONE, 0, 0 },
    { "no theory", VIEW_LAYERS, no_theory, 0, 0, 0 },
    { "the past", VIEW_LAYERS, past, VIEW_LAYERS, 0, 0 },
    { "cure", VIEW_LAYERS, cure, 0, SCENE_VANISHING, SCENE_HEALTHY },
    { "pre-training", VIEW_LAYERS, pretrain, 0, 0, 0 },
    { "exploding", VIEW_LAYERS, NULL, 0, SCENE_EXPLODING, SCENE_ZERO },
    { "diverged", VIEW_LAYERS, NULL, 0, SCENE_DIVERGED, SCENE_COLLAPSED },
    { "huge loss", VIEW_LAYERS, lose, 30, SCENE_EXPLODING, SCENE_HEALTHY },
    { "large loss", VIEW_LAYERS, lose, 4, SCENE_EXPLODING, SCENE_HEALTHY },
    { "tiny loss", VIEW_LAYERS, lose, -8, 0, 0 },
    { "folded rows", VIEW_LAYERS, fold, 1 << PANEL_ACTIVATIONS | 1 << PANEL_PHI, 0, 0 },
    { "all folded", VIEW_LAYERS, fold, -1, 0, 0 },
    { "activations alone", VIEW_LAYERS, blow, PANEL_ACTIVATIONS, 0, 0 },
    { "gradients alone", VIEW_LAYERS, blow, PANEL_GRADIENTS, 0, 0 },
    { "magnitude alone", VIEW_LAYERS, theory, PANEL_MAGNITUDE, 0, 0 },
    { "history alone", VIEW_LAYERS, blow, PANEL_HISTORY, 0, 0 },
    { "loss alone", VIEW_LAYERS, blow, PANEL_LOSS, 0, 0 },
    { "phi alone", VIEW_LAYERS, blow, PANEL_PHI, 0, 0 },
    { "why alone", VIEW_LAYERS, blow, PANEL_WHY, 0, 0 },
    { "watched", VIEW_LAYERS, watch, VIEW_LAYERS, 0, 0 },
    { "watched over time", VIEW_HISTORY, watch, VIEW_HISTORY, 0, 0 },
    { "maps of h", VIEW_HISTORY, history, 2 * VIEW_RIDGE_H, 0, 0 },
    { "lines, delta", VIEW_HISTORY, history, 2 * VIEW_RIDGE_DELTA + 1, 0, 0 },
    { "maps of z", VIEW_HISTORY, history, 2 * VIEW_RIDGE_Z, 0, 0 },
    { "lines, tanh", VIEW_HISTORY, history, 2 * VIEW_RIDGE_H + 1, SCENE_COLLAPSED, SCENE_HEALTHY },
    { "lines, gradient of W", VIEW_HISTORY, history, 2 * VIEW_RIDGE_WEIGHT_GRADIENT + 1, 0, 0 },
    { "maps of W", VIEW_HISTORY, history, 2 * VIEW_RIDGE_WEIGHT, SCENE_DIVERGED, SCENE_ZERO },
    { "history, the past", VIEW_HISTORY, past, VIEW_HISTORY, 0, 0 },
    { "matrix", VIEW_LAYER, look, LOOKED_MATRIX, 0, 0 },
    { "pictures", VIEW_LAYER, look, LOOKED_PICTURES, 0, 0 },
    { "coloured", VIEW_LAYER, look, LOOKED_COLOURS, 0, 0 },
    { "behind pictures", VIEW_LAYER, look, LOOKED_BEHIND, 0, 0 },
    { "points", VIEW_LAYER, look, LOOKED_PLANE, 0, 0 },
    { "blocks", VIEW_LAYER, look, LOOKED_BLOCKS, 0, 0 },
    { "one weight", VIEW_LAYER, look, LOOKED_ONE, 0, 0 },
    { "no weights", VIEW_LAYER, look, LOOKED_ZERO, 0, 0 },
    { "lost weights", VIEW_LAYER, look, LOOKED_NAN, 0, 0 },
    { "output", VIEW_LAYER, look, LOOKED_OUTPUT, 0, 0 },
    { "named pictures", VIEW_LAYER, look_named, LOOKED_PICTURES, 0, 0 },
    { "named examples", VIEW_LAYER, look_named, LOOKED_MATRIX, 0, 0 },
    { "not looked", VIEW_DATA, data, DATA_NOT_LOOKED, 0, 0 },
    { "plane of data", VIEW_DATA, data, DATA_IN_PLANE, 0, 0 },
    { "pictures of data", VIEW_DATA, data, DATA_AS_PICTURES, 0, 0 },
    { "coloured data", VIEW_DATA, data, DATA_AS_COLOURS, 0, 0 },
    { "table", VIEW_DATA, data, DATA_AS_TABLE, 0, 0 },
    { "named plane", VIEW_DATA, name, NAMES_KINDS *DATA_IN_PLANE + NAMES_SHORT, 0, 0 },
    { "long names, plane", VIEW_DATA, name, NAMES_KINDS *DATA_IN_PLANE + NAMES_LONG, 0, 0 },
    { "names, pictures", VIEW_DATA, name, NAMES_KINDS *DATA_AS_COLOURS + NAMES_SHORT, 0, 0 },
    { "long names, pictures", VIEW_DATA, name, NAMES_KINDS *DATA_AS_PICTURES + NAMES_LONG, 0, 0 },
    { "long names, table", VIEW_DATA, name, NAMES_KINDS *DATA_AS_TABLE + NAMES_LONG, 0, 0 },
    { "lost data", VIEW_DATA, data, DATA_LOST, SCENE_DIVERGED, SCENE_HEALTHY },
    { "RBM", VIEW_DATA, data, DATA_PRETRAINING, 0, 0 },
    { "RBM of A", VIEW_DATA, wait, DATA_PRETRAINING, 0, 0 },
    { "planes", VIEW_PHASE, plane, false, 0, 0 },
    { "shared plane", VIEW_PHASE, plane, true, 0, 0 },
    { "no places", VIEW_PHASE, no_plane, 0, 0, 0 },
    { "textbook of h", VIEW_TEXTBOOK, book, 2 * VIEW_BOOK_H, 0, 0 },
    { "textbook of z", VIEW_TEXTBOOK, book, 2 * VIEW_BOOK_Z, SCENE_COLLAPSED, SCENE_ZERO },
    { "textbook of delta", VIEW_TEXTBOOK, book, 2 * VIEW_BOOK_DELTA, 0, 0 },
    { "watched page", VIEW_TEXTBOOK, watch, VIEW_TEXTBOOK, 0, 0 },
    { "page of W", VIEW_TEXTBOOK, book, 2 * VIEW_BOOK_WEIGHT + 1, 0, 0 },
};
const int gallery_count = ARRAY_LEN(gallery);

struct scene *gallery_show(const struct exhibit *exhibit, int layers, int runs) {
    bool usual = exhibit->a == exhibit->b;
    int b = usual ? SCENE_VANISHING : exhibit->b;
    struct scene *made = scene_make(layers, usual ? SCENE_HEALTHY : exhibit->a, runs == 2 ? b : -1);
    made->state.view = exhibit->view;
    if (exhibit->hang) {
        exhibit->hang(made, exhibit->variant);
    }
    return made;
}
