/*
 * fuzzy.h - how well what somebody types stands for a name.
 *
 * Threads: a pure function; nothing here allocates.
 */
#ifndef BASE_FUZZY_H
#define BASE_FUZZY_H

/*
 * All characters of `typed`, but spaces, must come in `text` in that order, in lower or upper case.
 * Returns -1 if they do not, else the best there is of all ways to find them: a point for each,
 * FUZZY_RUN more where it follows the one found before it, FUZZY_START more at the start of a word,
 * and as much again at the start of the text. Nothing typed is 0. Only the first FUZZY_MOST bytes
 * of each are looked at.
 */
enum { FUZZY_MOST = 96, FUZZY_RUN = 4, FUZZY_START = 6 };
int fuzzy_score(const char *typed, const char *text);

#endif
