/* check.h - cmocka with the headers it wants first. */
#ifndef TESTS_VIEW_CHECK_H
#define TESTS_VIEW_CHECK_H

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#endif
