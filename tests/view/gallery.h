/*
 * gallery.h - every kind of picture there may be, for tests of what must hold for all of them.
 *
 * One row per kind, each of a view; a view without a row fails a test. Static storage, overwritten
 * by the next call, as of scenes.
 */
#ifndef TESTS_VIEW_GALLERY_H
#define TESTS_VIEW_GALLERY_H

#include "scene.h"

struct exhibit {
    const char *name;
    enum view_id view;
    void (*hang)(struct scene *made, int variant); // NULL: as it is made
    int variant;
    int a, b; // kinds of runs; both zero: one that is healthy and one that vanishes
};

extern const struct exhibit gallery[];
extern const int gallery_count;

/* One run (A) or twins, of so many hidden layers, dark at 1440 x 900. */
struct scene *gallery_show(const struct exhibit *exhibit, int layers, int runs);

#endif
