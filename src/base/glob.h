/*
 * glob.h - names by patterns, and in the order people expect.
 *
 * Pure functions.
 */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Is the whole of name as the pattern says, in lower or upper case? '*' stands for any characters,
 * '?' for one; a star behind the first GLOB_STARS stands for itself. What the stars stood for,
 * joined by '/', goes into part (size bytes), cut where it does not fit; part may be NULL.
 */
enum { GLOB_STARS = 16 };
bool glob_match(const char *pattern, const char *name, char *part, size_t size);

/* As strcmp(), but numbers in the names count as numbers: layer2 comes before layer10. */
int glob_compare(const char *a, const char *b);

/* Are the names the same but for their numbers? */
bool glob_numbered_alike(const char *a, const char *b);

#endif
