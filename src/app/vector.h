/* vector.h - the picture that was drawn last, as lines, shapes and text. */
#ifndef APP_VECTOR_H
#define APP_VECTOR_H

#include "app/picture.h"
#include "app/shot.h"

/*
 * Write it as SVG, whole or not at all, with what a PNG carries (shot.h) in its metadata. false
 * with a sentence in problem (FILE_PROBLEM_MAX bytes).
 */
bool vector_write(const struct picture *picture, const struct shot_source *source, const char *path,
                  char *problem);

#endif
