/*
 * tools.h - what the tests of export/ share: a scratch folder, the checker, broken disks.
 *
 * The checker is check_files.py: it reads files with NumPy, zlib and Python's json, none of them
 * ours. Threads: one.
 */
#ifndef TESTS_EXPORT_TOOLS_H
#define TESTS_EXPORT_TOOLS_H

#include <stdbool.h>

enum { TOOLS_PATH = 512 };

/* cmocka group fixtures: make a folder of our own, and remove it with what it holds. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

/* The full path of a file in the scratch folder. */
void scratch_path(char path[TOOLS_PATH], const char *name);

/* Fail the test unless both files hold the same bytes. */
void assert_same_file(const char *a, const char *b);

/* Run check_files.py with these arguments, NULL at the end; its complaint fails the test. */
void assert_checked(const char *const *arguments);

/*
 * Call write(path, problem) for places that cannot be written and for a disk that runs full after
 * some bytes, at several sizes below least bytes. Every time it must return false with a sentence
 * that names the path, leave what was there before and no other file.
 */
void assert_fails_cleanly(bool (*write)(const char *path, char *problem), long least);

#endif
