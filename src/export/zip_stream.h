/*
 * zip_stream.h - a new zip archive that libzip writes to an open stream.
 *
 * libzip's own files bring a second policy for temporary names, links and permissions; with this
 * an archive is written by base/file.h as every other file is.
 */
#ifndef EXPORT_ZIP_STREAM_H
#define EXPORT_ZIP_STREAM_H

#include <stdio.h>
#include <zip.h>

/*
 * An empty archive. stream must be seekable, at its start, and open until zip_close(), which
 * writes everything and leaves the stream open. NULL, with the reason in error, when that fails.
 */
zip_t *zip_stream_open(FILE *stream, zip_error_t *error);

#endif
