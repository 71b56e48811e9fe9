#include "lab/follow_tags.h"

#include <string.h>

#include "base/glob.h"
#include "base/require.h"
#include "base/text.h"

/*
 * Of our own event files (export/tensorboard.h), of hooks and named_parameters() in PyTorch, of
 * Keras' callback. What is narrower stands first.
 */
const struct follow_kind_row follow_kinds[FOLLOW_KINDS] = {
    [FOLLOW_IGNORED] = { "ignored", "what is passed over, whatever comes below", .both = true,
                         .globs = { "*bias*", "*/gamma_?/*", "*/beta_?/*" } },
    [FOLLOW_WEIGHT_GRADIENT] = { "weight_gradients", "∂L/∂W", .histogram = true,
                                 .globs = { "weight_gradients/*.weight", "weight_gradients/*",
                                            "gradients/*.weight", "grad*/*.weight", "*.weight.grad",
                                            "*.weight_grad", "*.weight/grad", "*/weight_grad" } },
    [FOLLOW_WEIGHT] = { "weights", "W", .histogram = true,
                        .globs = { "weights/*.weight", "weights/*", "*.weight",
                                   "*/kernel_0/histogram", "*/kernel/histogram", "*/kernel_0",
                                   "*/kernel", "*/weight" } },
    [FOLLOW_Z] = { "preactivations", "z, what goes into φ", .histogram = true,
                   .globs = { "preactivations/*", "pre_activations/*" } },
    [FOLLOW_H] = { "activations", "h, what comes out of a layer", .histogram = true,
                   .globs = { "activations/*", "activation/*" } },
    [FOLLOW_DELTA] = { "gradients", "∂L/∂z or ∂L/∂h: relative to each other is what counts",
                       .histogram = true,
                       .globs = { "gradients/*", "gradient/*", "grads/*", "grad/*" } },
    [FOLLOW_TEST_LOSS] = { "test_loss", "held-out",
                           .globs = { "test_loss", "val_loss", "*loss/test", "*loss/val*",
                                      "test/*loss", "val*/*loss", "*val_loss", "eval*/*loss" } },
    [FOLLOW_TEST_ACCURACY] = { "test_accuracy", "held-out; above 1 it is percent",
                               .globs = { "test_acc*", "val_acc*", "acc*/test", "acc*/val*",
                                          "test/acc*", "val*/acc*", "*val_acc*", "eval*/*acc*" } },
    [FOLLOW_LOSS] = { "loss", "of the batch",
                      .globs = { "loss", "train_loss", "train*/*loss", "loss/train*", "epoch_loss",
                                 "batch_loss", "training_loss", "*/loss", "loss/*" } },
    [FOLLOW_ACCURACY] = { "accuracy", "of the batch; above 1 it is percent",
                          .globs = { "accuracy", "acc", "train_acc*", "train*/*acc*", "acc*/train*",
                                     "epoch_*accuracy", "batch_*accuracy", "*/acc*" } },
    [FOLLOW_LEARNING_RATE] = { "learning_rate", "of the next update",
                               .globs = { "learning_rate", "lr", "*/lr", "*learning_rate", "lr-*",
                                          "lr/*" } },
};

void follow_patterns_init(struct follow_patterns *patterns) {
    memset(patterns, 0, sizeof *patterns);
    for (int kind = 0; kind < FOLLOW_KINDS; kind++) {
        memcpy(patterns->glob[kind], follow_kinds[kind].globs, sizeof patterns->glob[kind]);
    }
}

bool follow_patterns_add(struct follow_patterns *patterns, const char *words, char *problem,
                         size_t size) {
    const char *names[FOLLOW_KINDS], *equals = strchr(words, '=');
    char name[32], all[256];
    for (int i = 0; i < FOLLOW_KINDS; i++) {
        names[i] = follow_kinds[i].name;
    }
    text_set(name, sizeof name, "%.*s", equals && equals - words < 31 ? (int)(equals - words) : 0,
             words);
    int kind = text_find(name, names, FOLLOW_KINDS);
    if (kind < 0 || !equals || !equals[1]) {
        text_join(all, sizeof all, names, FOLLOW_KINDS);
        text_set(problem, size, "'%.60s' is not KIND=GLOB, as in activations=act/*. Kinds are: %s.",
                 words, all);
        return false;
    }
    const char **globs = patterns->glob[kind];
    if (!patterns->own[kind]) {
        memset(globs, 0, sizeof patterns->glob[kind]);
        patterns->own[kind] = true;
    }
    int count = 0;
    while (count < FOLLOW_GLOBS && globs[count]) {
        count++;
    }
    if (count == FOLLOW_GLOBS) {
        text_set(problem, size, "more than %d patterns for %s.", (int)FOLLOW_GLOBS, name);
        return false;
    }
    globs[count] = equals + 1;
    return true;
}

static bool has_pattern_for(const struct follow_patterns *patterns, int kind, const char *tag,
                            char *name, size_t size) {
    for (int i = 0; i < FOLLOW_GLOBS && patterns->glob[kind][i]; i++) {
        if (glob_match(patterns->glob[kind][i], tag, name, size)) {
            return true;
        }
    }
    return false;
}

/* The user's own patterns come first. */
enum follow_kind follow_kind_of(const struct follow_patterns *patterns, const char *tag,
                                bool histogram, char *name, size_t size) {
    for (int own = 1; own >= 0; own--) {
        for (int kind = 0; kind < FOLLOW_KINDS; kind++) {
            const struct follow_kind_row *row = &follow_kinds[kind];
            if (patterns->own[kind] == (own == 1) && (row->both || row->histogram == histogram) &&
                has_pattern_for(patterns, kind, tag, name, size)) {
                return (enum follow_kind)kind;
            }
        }
    }
    name[0] = '\0';
    return FOLLOW_IGNORED;
}
