/* format.h - numbers as short texts: each says no more than is known and never rounds to a lie. */
#ifndef VIEW_FORMAT_H
#define VIEW_FORMAT_H

#include <stddef.h>
#include <stdint.h>

/* "6e-9", "5.3e-3"; digits significant ones. 0, NaN, Inf and -Inf are written so. */
void format_power(char *text, size_t size, double value, int digits);

/* "0.232", "12.3", "1,234", "4.2e-5": for tables and headers, about three digits; NaN is "-". */
void format_value(char *text, size_t size, double value);

/* "0.23", "12", "4e-5": the same with one digit less, where there is no room. */
void format_brief(char *text, size_t size, double value);

/* "2.5", "-1", "6e8": the end of an axis, which is a round number, in full; 0 is "0". */
void format_end(char *text, size_t size, double value);

/* part of whole as "49%", "0.3%", "<0.1%", ">99%": 0% and 100% only when it is exactly that. */
void format_share(char *text, size_t size, uint64_t part, uint64_t whole);

/* "10" with a raised exponent, for log axes. */
void format_decade(char *text, size_t size, int exponent);

#endif
