/* fuzz.h - what a fuzz target gives: libFuzzer calls it with bytes of its own, replay.c with files.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Read size bytes as what the target is about; a crash, a leak or a failed REQUIRE is a find. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
