/* view_data.h - what the panels of view 4 share. They draw only what was made: detail->made. */
#ifndef VIEW_VIEW_DATA_H
#define VIEW_VIEW_DATA_H

#include "view/names.h"

/* The runs that are both looked at and drawn. */
int data_runs(const struct frame *frame);

/* "first 1,000 of 10,000 held-out examples, step 300" and shorter; the last is the shortest. */
enum { DATA_TEXTS = 3, DATA_TEXT = 96 };
void data_scope(const struct frame *frame, int run, char texts[DATA_TEXTS][DATA_TEXT]);

/* A title with the run's badge where there are two; returns the strip right of it. */
struct rect data_title(const struct frame *frame, struct rect *area, enum subject subject,
                       const char *title, int run);

/* A score: "93%", ">99%" of a probability, else the output as a number. */
void data_score(const struct data_detail *detail, float score, char *text, size_t size);

/* As class_text(), or "–" where nothing is predicted: DATA_NONE. */
void data_class(const struct frame *frame, uint8_t class, char text[NAME_TEXT]);

/* Tip lines: what the example is, and what a run says of it. */
void data_tip(const struct frame *frame, const struct data_answer *answer, const char *part);
void data_tip_answer(const struct frame *frame, int run, const struct data_answer *answer);
const char *data_part(const struct data_detail *detail); // "held-out" or "training"

void panel_surface_draw(const struct frame *frame, struct rect area, int run);
float panel_surface_height(const struct frame *frame, float width); // more is no use
float panel_surface_legend_height(void);
void panel_surface_legend(const struct frame *frame, struct rect area); // of all surfaces
void panel_confusion_draw(const struct frame *frame, struct rect area, int run);
float panel_confusion_height(const struct frame *frame, float width);     // more is no use
float panel_examples_height(const struct frame *frame, struct rect area); // of it that is used
void panel_examples_draw(const struct frame *frame, struct rect area);
void panel_hardest_pictures_draw(const struct frame *frame, struct rect area, int run);
float panel_hardest_height(const struct frame *frame);
void panel_hardest_draw(const struct frame *frame, struct rect area, int run);
void panel_rbm_draw(const struct frame *frame, struct rect area, int run);
void panel_rbm_errors_draw(const struct frame *frame, struct rect area);

#endif
