/*
 * picture.h - the session and a snapshot become pixels: the one way to draw, for window and files.
 *
 * Memory: picture_init() allocates what does not depend on the size; the canvas follows the size.
 * Threads: one.
 */
#ifndef APP_PICTURE_H
#define APP_PICTURE_H

#include "app/planes.h"
#include "app/session.h"
#include "draw/canvas.h"
#include "measure/film.h"

/* What there is to draw from. */
struct picture_source {
    const struct snapshot *snapshot; // the newest
    struct history *history;         // NULL: none
    struct film *film;               // NULL: none, so there is no past to show
    int64_t again;                   // worker_again()
    const char *barred;              // worker_barred(); NULL: nothing is
};

struct picture {
    struct text *text;
    struct display_list list;
    struct view_hits hits;
    struct canvas canvas;
    uint32_t *screen; // where the canvas draws, as large as the picture; NULL: its own pixels
    struct view_state *view;
    struct history_view *history;
    struct history_record *now; // the newest snapshot as a record
    struct film_frame *past;
    struct film_ridges *ridges;
    struct snapshot *ghost;
    bool haunted;   // ghost is one
    int64_t misses; // past step of which the view wants a detail that is not there; -1
    const struct snapshot *shown; // by the last picture: the newest snapshot, or a past one
    struct planes *planes;
    uint64_t life; // number of the run that history, past and ridges are of
};

/* false with one sentence in problem (EXPERIMENT_PROBLEM bytes): fonts, memory. */
bool picture_init(struct picture *picture, char *problem);
void picture_finish(struct picture *picture); // accepts a zeroed picture

/* The step of the ghost if whoever trains up to what is shown comes by it; else -1. */
int64_t picture_ghost(const struct picture *picture);

/*
 * Draw into picture->canvas, width x height device pixels at `scale` pixels per point. steady
 * leaves out what differs between equal runs. False when memory runs out.
 */
bool picture_draw(struct picture *picture, const struct session *session,
                  const struct picture_source *source, int width, int height, double scale,
                  bool steady);

#endif
