/*
 * event_log.h - what was changed while a network trained, and when: marks on a time axis.
 *
 * Bounded: when the log is full the two oldest events become one, which says how many changes it
 * stands for. Plain data; threads: the owner's.
 */
#ifndef MEASURE_EVENT_LOG_H
#define MEASURE_EVENT_LOG_H

#include <stdint.h>

enum { EVENT_LOG_MOST = 64, EVENT_LOG_TEXT = 96 };

struct event {
    int64_t step; // updates made before it
    int changes;  // that it stands for: 1, or those up to step
    char text[EVENT_LOG_TEXT];
};

struct event_log {
    int count;
    struct event event[EVENT_LOG_MOST]; // steps rise
};

/*
 * Note a change at a step, which is none before the newest event's. At that event's own step the
 * text replaces its text, and an empty one takes it away: before the next update only the sum of
 * all changes counts.
 */
void event_log_mark(struct event_log *log, int64_t step, const char *text);

#endif
