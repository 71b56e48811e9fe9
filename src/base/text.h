/*
 * text.h - small strings in buffers the caller owns; nothing here allocates.
 *
 * Every function that writes cuts at the buffer's end, never inside a UTF-8 character, and always
 * terminates.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* printf behind what the buffer already holds. */
void text_append(char *buffer, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* printf over what the buffer holds. */
void text_set(char *buffer, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * vsnprintf(), and what it returns; it does without printf's machinery where the format is "%s", as
 * that of most labels.
 */
int text_print(char *buffer, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/*
 * The whole of word, without spaces, as a number (base 10, C locale); false, value untouched, if
 * it is not one or does not fit.
 */
bool text_to_double(const char *word, double *value); // accepts nan and inf: ranges reject them
bool text_to_int64(const char *word, int64_t *value);
bool text_to_uint64(const char *word, uint64_t *value);

/*
 * The shortest of 15 to 17 digits that text_to_double() and every other parser read back as the
 * same double: 0.1, 6.25e-10; "NaN", "Infinity", "-Infinity". TEXT_NUMBER bytes are enough. Returns
 * the length.
 */
enum { TEXT_NUMBER = 32 };
size_t text_number(char *buffer, double value);

/* Index of word in names (count of them), ignoring case, '-' and '_' alike; -1 if absent. */
int text_find(const char *word, const char *const *names, int count);

/*
 * Index of the name with the smallest edit distance to word (Damerau & Levenshtein; a name that
 * word begins counts as one edit away); -1 if none is at all similar.
 */
int text_nearest(const char *word, const char *const *names, int count);

/* The end of a sentence on a word that is none of names: "; did you mean 'adam'?", or "." where
 * none of them is at all similar. */
void text_suggest(char *buffer, size_t size, const char *word, const char *const *names, int count);

/* "a, b, c" */
void text_join(char *buffer, size_t size, const char *const *names, int count);

/* All of path, or "..." and as much of its end as fits: what a sentence can name. */
void text_tail(char *buffer, size_t size, const char *path);

/* What somebody types, behind what is there: without control characters. */
void text_type(char *buffer, size_t size, const char *utf8);

/* Rub out the last character. */
void text_erase(char *text);

/* Is part somewhere in text, in lower or upper case? */
bool text_contains(const char *text, const char *part);

/* A name as words: '_' and '-' become spaces. */
void text_spell(char *text);

/* A count in groups of three digits: 150,000. */
void text_grouped(char *buffer, size_t size, uint64_t value);

/* A factor for a sentence, to two digits: 0.03, 1.7, 23, 150,000, 3·10¹². */
void text_factor(char *buffer, size_t size, double value);

/* "26.8 GiB", "512 KiB" */
void text_bytes(char *buffer, size_t size, double bytes);

#endif
