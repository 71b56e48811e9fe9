/* memory.h - how much memory the machine can still give. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* Bytes that can be allocated without swapping; SIZE_MAX where the system does not tell. */
size_t memory_available(void);

#endif
