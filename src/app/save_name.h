/* save_name.h - what is saved from the window: in which folder, and under which name. */
#ifndef APP_SAVE_NAME_H
#define APP_SAVE_NAME_H

#include <stdbool.h>
#include <stdint.h>

/*
 * folder/layerscope_DATE_TIME_stepN, to which each of the endings may be added: names that are
 * taken get _2, _3, ... before them. folder (NULL: the user's pictures folder, subfolder
 * layerscope) is made if absent. False with a sentence in problem (FILE_PROBLEM_MAX bytes); path
 * has FILE_PATH_MAX bytes.
 */
bool save_name(char *path, const char *folder, int64_t step, const char *const *endings, int count,
               char *problem);

#endif
