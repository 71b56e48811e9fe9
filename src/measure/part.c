#include "measure/part.h"

#include <string.h>

void parts_copy(void *to, const void *from, const struct part *parts, int count) {
    for (int i = 0; i < count; i++) {
        memcpy((unsigned char *)to + parts[i].offset, (const unsigned char *)from + parts[i].offset,
               parts[i].size);
    }
}
