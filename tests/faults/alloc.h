/*
 * alloc.h - lets the N-th allocation of our code fail, and knows what it holds.
 *
 * The linker sends the calls of our code here (-Wl,--wrap); what libraries allocate for themselves
 * is not counted. All threads are.
 */
#ifndef TESTS_FAULTS_ALLOC_H
#define TESTS_FAULTS_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* Count from 0 again, and let number at fail (0: none), with lasts all later ones, too. */
void alloc_arm(long at, bool lasts);

/* Let the next one of at least so many bytes fail, and only that. */
void alloc_arm_large(size_t least);

/* Let none fail any more. Returns how many there were, those that failed included. */
long alloc_disarm(void);

/* So far; did one fail? */
bool alloc_failed(void);

/* Blocks allocated since alloc_arm() that were not freed. */
long alloc_held(void);

#endif
