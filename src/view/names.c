#include "view/names.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

bool classes_named(const struct frame *frame) {
    return frame->snapshot->names.classes > 0;
}

static const char *name_of(const struct frame *frame, int class) {
    const struct data_names *names = &frame->snapshot->names;
    return class < names->classes ? names->class_name[class] : NULL;
}

void class_text(const struct frame *frame, int class, char text[NAME_TEXT]) {
    const char *name = name_of(frame, class);
    if (name) {
        text_set(text, NAME_TEXT, "%s", name);
    } else {
        text_set(text, NAME_TEXT, "%d", class);
    }
}

void class_title(const struct frame *frame, int class, char text[NAME_TEXT]) {
    char name[NAME_TEXT];
    class_text(frame, class, name);
    bool number = strspn(name, "-0123456789") == strlen(name);
    text_set(text, NAME_TEXT, "%s%s", number ? "class " : "", name);
}

float class_width(const struct frame *frame, int size, float most) {
    const struct data_names *names = &frame->snapshot->names;
    float widest = 0.0f;
    for (int i = 0; i < names->classes && widest < most; i++) {
        widest = fmaxf(widest, width_of(frame, FONT_LABEL, size, names->class_name[i]) + 1.0f);
    }
    return fminf(widest, most);
}

const char *input_name(const struct frame *frame, int input) {
    const struct data_names *names = &frame->snapshot->names;
    return input < names->inputs && names->input_name[input][0] ? names->input_name[input] : NULL;
}

void input_title(const struct frame *frame, const struct layer_detail *detail, int input,
                 char text[NAME_TEXT]) {
    const char *name = detail->layer == 1 ? input_name(frame, input) : NULL;
    text_set(text, NAME_TEXT, "input %d", input + 1);
    if (name) {
        text_append(text, NAME_TEXT, " (%s)", name);
    }
}

void unit_title(const struct frame *frame, const struct layer_detail *detail, int unit,
                char text[NAME_TEXT]) {
    const struct data_names *names = &frame->snapshot->names;
    bool one = detail->units == 1 && names->classes == 2;
    text_set(text, NAME_TEXT, "unit %d", unit + 1);
    if (!detail->hidden && (one || detail->units == names->classes)) {
        text_append(text, NAME_TEXT, " (%s)", names->class_name[one ? 1 : unit]);
    }
}

bool layer_name(const struct frame *frame, int layer, char text[LAYER_TEXT]) {
    text[0] = '\0';
    for (int run = 0; run < frame->runs; run++) {
        const struct layer_stats *stats = frame_layer(frame, run, layer);
        if (stats && stats->name[0] && strcmp(stats->name, text) != 0) {
            text_append(text, LAYER_TEXT, "%s%s", text[0] ? " | " : "", stats->name);
        }
    }
    return text[0] != '\0';
}

void layer_title(const struct frame *frame, int size, float width, int layer,
                 char text[LAYER_TEXT]) {
    const float strong = 0.93f; // titles are, which is wider than what fit_end() measures
    char name[LAYER_TEXT];
    if (layer_name(frame, layer, name)) {
        fit_end(frame, size, strong * width, name, text, LAYER_TEXT);
    } else {
        text_set(text, LAYER_TEXT, "Layer %d", layer);
    }
}

void layer_words(const struct frame *frame, int layer, char text[LAYER_TEXT]) {
    char name[LAYER_TEXT];
    bool named = layer_name(frame, layer, name);
    text_set(text, LAYER_TEXT, named ? "layer %d (%s)" : "layer %d", layer, name);
}
