/*
 * svg_file.h - a display list as SVG 1.1: the marks of the picture, sharp at every size.
 *
 * One unit is one point of the list, 1/96 inch. Text stays text, in the shipped fonts where the
 * reader has them, else stretched to the width it was laid out with. Images are embedded as PNG.
 * The same list gives the same bytes.
 */
#ifndef EXPORT_SVG_FILE_H
#define EXPORT_SVG_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "draw/display_list.h"
#include "export/png_file.h"

struct svg_page {
    float width, height;          // points
    float scale;                  // the document says width * scale by height * scale
    const char *title;            // what it is, in words, UTF-8
    const char *details;          // in the metadata: what it was made of; NULL: nothing
    const struct png_text *texts; // behind that, as elements with a key
    int text_count;
};

/*
 * Write the document to an open stream, whose errors are the caller's. false: memory ran out, and
 * images are missing in it.
 */
bool svg_print(FILE *file, const struct display_list *list, const struct svg_page *page);

/* Write it whole or not at all; false with a sentence in problem (FILE_PROBLEM_MAX bytes). */
bool svg_file_write(const char *path, const struct display_list *list, const struct svg_page *page,
                    char *problem);

#endif
