/*
 * completion.h - what a shell completes the command line with, from the tables.
 *
 * Scripts of bash and zsh ask for it when a key is pressed, so that they know what this program
 * knows, own presets included. A line each, five columns between tabs, "-" where there is nothing:
 *
 *   command   window, run, watch or list
 *   option    --learning-rate, or "-" for a word that is none
 *   takes     - (a flag), text, names, file, folder, either (a name or a file), key (KEY=VALUE)
 *   names     that it is one of, between spaces; of key: KEY= each
 *   about     in words
 */
#ifndef APP_COMPLETION_H
#define APP_COMPLETION_H

#include <stdio.h>

void completion_print(FILE *out);

#endif
