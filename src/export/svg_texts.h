/*
 * svg_texts.h - read what an SVG of ours says of itself: its metadata, as svg_file.h writes it.
 *
 * Only the beginning of the file is looked at, so a picture may be as large as it likes. The text
 * of the metadata is the experiment; elements in it have the other texts, under the keys of the
 * chunks of a PNG. No parser of XML: what another program has written anew may not be found.
 *
 * Memory: svg_texts_read() allocates the values, png_texts_finish() frees them. Threads: any.
 */
#ifndef EXPORT_SVG_TEXTS_H
#define EXPORT_SVG_TEXTS_H

#include "export/png_texts.h"

#define SVG_TEXTS_EXPERIMENT "layerscope:experiment"

/* Does the file begin as an SVG does? */
bool svg_texts_is_svg(const char *path);

/*
 * Returns false with a sentence in problem (FILE_PROBLEM_MAX bytes) if the file cannot be read or
 * is no SVG; texts is then empty.
 */
bool svg_texts_read(struct png_texts *texts, const char *path, char *problem);

#endif
