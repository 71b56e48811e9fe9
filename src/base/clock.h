/* clock.h - monotonic time, for pacing and for rates; never for results. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/* Seconds since some fixed moment, never going back. Any thread. */
double clock_seconds(void);

#endif
