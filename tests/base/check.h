/* check.h - cmocka with the headers it wants first. */
#ifndef TESTS_BASE_CHECK_H
#define TESTS_BASE_CHECK_H

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

/* Seconds until a test gives up what it waits for: the machine may have much else to do. */
enum { PATIENCE = 300 };

/* Does text contain part? Prints the text if not. */
#define assert_contains(text, part)                                                                \
    do {                                                                                           \
        if (!strstr(text, part)) {                                                                 \
            fail_msg("\"%s\" does not contain \"%s\"", text, part);                                \
        }                                                                                          \
    } while (0)

#endif
