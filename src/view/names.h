/*
 * names.h - what classes, inputs and layers are called on screen: by name where they have one, else
 * by number. Names of layers are those under which somebody else's training logged them.
 */
#ifndef VIEW_NAMES_H
#define VIEW_NAMES_H

#include "view/panel.h"

enum { NAME_TEXT = NAMES_ROOM + 24 };

bool classes_named(const struct frame *frame);

/* "setosa" or "7"; where it stands alone "setosa" or "class 7". */
void class_text(const struct frame *frame, int class, char text[NAME_TEXT]);
void class_title(const struct frame *frame, int class, char text[NAME_TEXT]);

/* Of the widest name in the label font, at most `most`; 0 where there are no names. */
float class_width(const struct frame *frame, int size, float most);

/* Of the data, from 0; NULL if there is none. */
const char *input_name(const struct frame *frame, int input);

/* Input of a layer, from 0: "input 3", of the first layer "input 3 (petal length)". */
void input_title(const struct frame *frame, const struct layer_detail *detail, int input,
                 char text[NAME_TEXT]);

/*
 * Unit of a layer, from 0: "unit 3"; of the output of named classes "unit 3 (virginica)", whose one
 * unit of two classes says the probability of the second.
 */
void unit_title(const struct frame *frame, const struct layer_detail *detail, int unit,
                char text[NAME_TEXT]);

/* "encoder.fc1", of twins that differ "fc1 | encoder.fc1"; false, text empty: it has none. */
enum { LAYER_TEXT = 2 * SNAPSHOT_NAME + 24 };
bool layer_name(const struct frame *frame, int layer, char text[LAYER_TEXT]);

/* For a title "encoder.fc1", or as much of its end as fits, or "Layer 3"; within a sentence "layer
 * 3 (encoder.fc1)". */
void layer_title(const struct frame *frame, int size, float width, int layer,
                 char text[LAYER_TEXT]);
void layer_words(const struct frame *frame, int layer, char text[LAYER_TEXT]);

#endif
