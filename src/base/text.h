/*
 * text.h - small strings in buffers the caller owns; nothing here allocates.
 *
 * Every function that writes cuts at the buffer's end and always terminates.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* printf behind what the buffer already holds. */
void text_append(char *buffer, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* printf over what the buffer holds. */
void text_set(char *buffer, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The whole of word as a number (base 10, C locale); false if it is not one or does not fit. */
bool text_to_double(const char *word, double *value); // accepts nan and inf: ranges reject them
bool text_to_int64(const char *word, int64_t *value);
bool text_to_uint64(const char *word, uint64_t *value);

/* Index of word in names (count of them), ignoring case, '-' and '_' alike; -1 if absent. */
int text_find(const char *word, const char *const *names, int count);

/* Index of the name with the smallest edit distance to word; -1 if none is at all similar. */
int text_nearest(const char *word, const char *const *names, int count);

/* "a, b, c" */
void text_join(char *buffer, size_t size, const char *const *names, int count);

/* A count with thin separators: 150,000. */
void text_grouped(char *buffer, size_t size, uint64_t value);

/* A factor for a sentence: 1.7, 23, 150,000, 3e+12. */
void text_factor(char *buffer, size_t size, double value);

/* "26.8 GiB", "512 KiB" */
void text_bytes(char *buffer, size_t size, double bytes);

#endif
