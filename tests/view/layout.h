/*
 * layout.h - the picture that a test looks at, and what must hold for every one: no text overlaps
 * another or is cut, nothing leaves the window, no number is unsound.
 */
#ifndef TESTS_VIEW_LAYOUT_H
#define TESTS_VIEW_LAYOUT_H

#include "scene.h"

extern struct display_list list;
extern struct view_hits hits;
extern char what[160]; // the state that is being looked at, for messages

/* Set-up and tear-down of a group of tests: the shipped fonts. */
int layout_start(void **state);
int layout_stop(void **state);

void layout_scale(float scale); // device pixels per point: letters differ a little

void draw(struct scene *scene);
void check(struct scene *scene); // draw it; everything below holds

void assert_no_text_overlaps(const struct scene *scene);
void assert_no_text_is_cut(const struct scene *scene); // but names of classes and inputs
void assert_all_within_the_window(const struct scene *scene);

/* Is this part of a text drawn? */
bool shown(const char *part);

const char *text_of(const struct draw_op *op);
struct rect op_box(const struct draw_op *op); // what it covers
bool within(struct rect rect, struct rect outer);

/* Where the settings menu begins, and what overlays cover: ops before it lie below. 0: none. */
size_t menu_op(const struct scene *scene);
size_t first_op(const struct scene *scene);
size_t tip_op(const struct scene *scene); // where the hover box begins

#endif
