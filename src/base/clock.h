/* clock.h - monotonic time, for pacing and for rates; never for results. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/* Seconds since some fixed moment, never going back. Any thread. */
double clock_seconds(void);

/* Sleep that long, to the precision of the system; not at all for 0 and less. Any thread. */
void clock_sleep(double seconds);

#endif
