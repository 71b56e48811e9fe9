/* memory.h - how much memory the machine can still give, and giving it back. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* Bytes that can be allocated without swapping; SIZE_MAX where the system does not tell. */
size_t memory_available(void);

/*
 * What a large block from malloc() holds is wanted no more: its pages go back to the system, where
 * it takes them, and come again when they are written. Its contents are undefined from then on.
 */
void memory_forget(void *block, size_t size);

/* The same, but all of it is zero from then on. */
void memory_clear(void *block, size_t size);

/*
 * From now on what free() is given goes back to the system if it is large, whatever was freed
 * before; elsewhere than in glibc nothing changes. To be called before threads are started.
 */
void memory_return_large_blocks(void);

#endif
