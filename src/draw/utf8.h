/* utf8.h - stepping through UTF-8 that may be broken. Pure functions. */
#ifndef DRAW_UTF8_H
#define DRAW_UTF8_H

#include <stddef.h>
#include <stdint.h>

enum { UTF8_BROKEN = 0xFFFD };

/*
 * The character that starts at a terminated string's head and, as the result, its length in bytes.
 * A byte that starts no well-formed character counts as UTF8_BROKEN of length 1; 0 only at the end.
 */
size_t utf8_step(const char *text, uint32_t *character);

/* The largest character boundary of text that is not beyond length. */
size_t utf8_floor(const char *text, size_t length);

#endif
