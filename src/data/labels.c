#include "data/labels.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/text.h"

/* FNV-1a. */
static uint32_t hash(const char *text) {
    uint32_t sum = 2166136261u;
    for (; *text; text++) {
        sum = (sum ^ (unsigned char)*text) * 16777619u;
    }
    return sum ^ sum >> 15;
}

static enum labels_status add(struct labels *labels, const char *text, int64_t value,
                              uint8_t *number) {
    uint32_t at = hash(text) % LABELS_SLOTS;
    while (labels->slot[at] && strcmp(labels->text[labels->slot[at] - 1], text) != 0) {
        at = (at + 1) % LABELS_SLOTS;
    }
    if (!labels->slot[at]) {
        if (labels->count == LABELS_MOST) {
            return LABELS_TOO_MANY;
        }
        text_set(labels->text[labels->count], LABELS_TEXT, "%s", text);
        labels->value[labels->count] = value;
        labels->slot[at] = (int16_t)++labels->count;
    }
    *number = (uint8_t)(labels->slot[at] - 1);
    return LABELS_ADDED;
}

enum labels_status labels_add_integer(struct labels *labels, int64_t value, uint8_t *number) {
    char text[LABELS_TEXT];
    text_set(text, sizeof text, "%" PRId64, value);
    return add(labels, text, value, number);
}

enum labels_status labels_add(struct labels *labels, const char *text, uint8_t *number) {
    const double most = 9007199254740992.0; // up to which a double holds every whole number
    double value;
    int64_t whole;
    if (text_to_int64(text, &whole)) {
        return labels_add_integer(labels, whole, number);
    }
    bool numeric = text_to_double(text, &value) && isfinite(value);
    if (numeric && value == floor(value) && fabs(value) <= most) {
        return labels_add_integer(labels, (int64_t)value, number);
    }
    if (strlen(text) >= LABELS_TEXT) {
        return LABELS_TOO_LONG;
    }
    *(numeric ? &labels->fractions : &labels->words) = true;
    return add(labels, text, 0, number);
}

static bool before(const struct labels *labels, int a, int b) {
    bool by_value = !labels->words && !labels->fractions;
    return by_value ? labels->value[a] < labels->value[b]
                    : strcmp(labels->text[a], labels->text[b]) < 0;
}

int labels_classes(const struct labels *labels, uint8_t classes[LABELS_MOST]) {
    for (int i = 0; i < labels->count; i++) {
        int smaller = 0;
        for (int j = 0; j < labels->count; j++) {
            smaller += before(labels, j, i);
        }
        classes[i] = (uint8_t)smaller;
    }
    return labels->count;
}

int labels_names(const struct labels *labels, const char *names[LABELS_MOST]) {
    uint8_t classes[LABELS_MOST];
    bool speak = labels->words || labels->fractions;
    labels_classes(labels, classes);
    for (int i = 0; i < labels->count; i++) {
        names[classes[i]] = labels->text[i];
        speak = speak || labels->value[i] != classes[i];
    }
    return speak ? labels->count : 0;
}
