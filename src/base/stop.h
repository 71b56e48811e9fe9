/*
 * stop.h - the signals that ask a program to end, as something it can ask about.
 *
 * SIGINT (Ctrl+C), SIGTERM and SIGHUP. The first of them is only noted, so that what is under way
 * can be brought to a good end; a second one, of whichever kind, ends the program at once, but for
 * the temporary files, which it removes (base/file.h). One that was ignored when the program began,
 * as nohup has it, stays ignored.
 *
 * Threads: stop_listen() and stop_finish() are main's; the rest is anybody's.
 */
#ifndef BASE_STOP_H
#define BASE_STOP_H

#include <stdbool.h>

/* From now on; before, a signal ends the program as always. */
void stop_listen(void);

/* The signal that came; 0: none. It stays. */
int stop_signal(void);

/* "SIGINT" and so on of the one that came; "" where none did. */
const char *stop_name(void);

/*
 * Have call(context) made once by a thread of its own, soon after the signal, or at once if it came
 * before: for who sleeps. One at a time. false where there is no thread to be had.
 */
bool stop_call(void (*call)(void *), void *context);
void stop_end_call(void); // returns when it is over or will not be; accepts that there is none

/*
 * End the program as the signal that came would have ended it, so that a shell and its loops see
 * it. Returns if none came.
 */
void stop_finish(void);

#endif
