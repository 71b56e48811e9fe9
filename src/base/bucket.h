/* bucket.h - a part of a histogram that somebody else has counted. */
#ifndef BASE_BUCKET_H
#define BASE_BUCKET_H

/* count values, a whole number, lie in low..high; low <= high. */
struct bucket {
    double low, high, count;
};

#endif
