/*
 * data_file.h - what the path on a command line is: data to train on, or an experiment.
 */
#ifndef APP_DATA_FILE_H
#define APP_DATA_FILE_H

#include <stdbool.h>

/*
 * Is it a data set by what is in it? Text is an experiment if it is called .ini, or if its first
 * line but for remarks and blank ones is a [section] or key = value; all other text is a table.
 */
bool data_file_is(const char *path);

#endif
