/*
 * follow_tags.h - which quantity a tag of somebody else's logs stands for, by patterns: one table.
 *
 * Of a tag the first row that has a pattern for it decides; what the stars of the pattern stand
 * for (base/glob.h) is the name of the layer. Of scalars and of histograms there are rows of their
 * own, so that weights/x may be one and the other. Threads: one.
 */
#ifndef LAB_FOLLOW_TAGS_H
#define LAB_FOLLOW_TAGS_H

#include <stdbool.h>
#include <stddef.h>

enum follow_kind {
    FOLLOW_IGNORED,
    FOLLOW_WEIGHT_GRADIENT,
    FOLLOW_WEIGHT,
    FOLLOW_Z,
    FOLLOW_H,
    FOLLOW_DELTA,
    FOLLOW_TEST_LOSS,
    FOLLOW_TEST_ACCURACY,
    FOLLOW_LOSS,
    FOLLOW_ACCURACY,
    FOLLOW_LEARNING_RATE,
    FOLLOW_KINDS
};

enum { FOLLOW_GLOBS = 12 };

struct follow_kind_row {
    const char *name;
    const char *about;
    bool histogram; // else a scalar of the whole run
    bool both;      // of either sort
    const char *globs[FOLLOW_GLOBS];
};

extern const struct follow_kind_row follow_kinds[FOLLOW_KINDS];

/* Patterns as they are in use: the table's, or the user's in place of them. */
struct follow_patterns {
    const char *glob[FOLLOW_KINDS][FOLLOW_GLOBS];
    bool own[FOLLOW_KINDS]; // the user's
};

void follow_patterns_init(struct follow_patterns *patterns);

/*
 * One pattern of the user's, "KIND=GLOB", borrowed: the first one of a kind takes the place of the
 * table's. false with a sentence in problem (size bytes).
 */
bool follow_patterns_add(struct follow_patterns *patterns, const char *words, char *problem,
                         size_t size);

/* The kind of a tag, FOLLOW_IGNORED where there is none; the layer's name, or "", into name. */
enum follow_kind follow_kind_of(const struct follow_patterns *patterns, const char *tag,
                                bool histogram, char *name, size_t size);

#endif
