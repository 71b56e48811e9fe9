/*
 * labels.h - the distinct labels of a data set, as words or whole numbers, and the classes they
 * become.
 *
 * A label gets a number as it is first seen; when all have been seen the classes follow in rising
 * order: of value if every label is a whole number, else of the bytes of their words, so that the
 * order of the examples does not matter. A number is the same label however it is written: 1, 1.0
 * and +1 are one.
 *
 * Memory: a plain struct. Threads: belongs to one.
 */
#ifndef DATA_LABELS_H
#define DATA_LABELS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    LABELS_MOST = 256, // classes are kept as bytes
    LABELS_TEXT = 64,
    LABELS_SLOTS = 1024 // of the hash table: a power of two, well above LABELS_MOST
};

struct labels {
    int count;
    bool words;     // some label is no number
    bool fractions; // some label is a number that is not whole
    char text[LABELS_MOST][LABELS_TEXT];
    int64_t value[LABELS_MOST]; // of whole numbers
    int16_t slot[LABELS_SLOTS]; // number + 1; 0: free
};

/* What labels_add() finds. */
enum labels_status { LABELS_ADDED, LABELS_TOO_MANY, LABELS_TOO_LONG };

/* The number of a label, a new one if it has not been seen. labels begins zeroed. */
enum labels_status labels_add(struct labels *labels, const char *text, uint8_t *number);

/* The same for a number. */
enum labels_status labels_add_integer(struct labels *labels, int64_t value, uint8_t *number);

/* The class of each number; returns how many there are. */
int labels_classes(const struct labels *labels, uint8_t classes[LABELS_MOST]);

/*
 * The text of each class, in the labels' memory. Returns how many there are; 0 where every text is
 * the number of its class, which needs no name.
 */
int labels_names(const struct labels *labels, const char *names[LABELS_MOST]);

#endif
