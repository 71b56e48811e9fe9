/*
 * planes.h - the planes of first weights that view 5 shows, kept until other ones are wanted.
 *
 * Threads: the screen's thread, which fills a plane in about ten milliseconds when the activation
 * changes or a run leaves the plane it had; every other frame finds it there.
 */
#ifndef APP_PLANES_H
#define APP_PLANES_H

#include "engine/phi.h"
#include "lab/experiment.h"
#include "measure/phase.h"
#include "view/view.h"

struct planes {
    struct phase phase[2]; // A's, and B's if it has another activation
    struct plane_key {     // of what they are filled with; reach 0: nothing
        struct phi phi;
        double reach; // sw that its critical line asks for
    } key[2];
};

/* Fill shown[] for the experiment's networks; it borrows from planes until the next call. */
void planes_show(struct planes *planes, const struct experiment *experiment,
                 const struct snapshot *snapshot, struct view_plane shown[2]);

#endif
