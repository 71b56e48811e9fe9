/*
 * log.h - one line on stderr about something that went wrong outside the program.
 *
 * The line is logged once, where the reason is known; callers pass the failure up.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/* printf to stderr with the program's name in front and a newline behind. Any thread. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Say why what was asked for cannot be done. Returns the exit status that goes with it: 2, for
 * something else has to be asked for, but 1 where memory ran out or a device failed, as such a
 * sentence says.
 */
int log_refusal(const char *problem);

#endif
