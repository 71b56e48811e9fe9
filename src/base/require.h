/*
 * require.h - stop at a programmer's error, also in release builds.
 *
 * Errors of the environment and of the user are never REQUIREd: they are returned.
 */
#ifndef BASE_REQUIRE_H
#define BASE_REQUIRE_H

#define REQUIRE(claim) ((claim) ? (void)0 : require_failed(#claim, __FILE__, __LINE__))

#define ARRAY_LEN(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* Print the claim and its place, then abort. */
_Noreturn void require_failed(const char *claim, const char *file, int line);

#endif
