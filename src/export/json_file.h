/*
 * json_file.h - a snapshot and its experiment as JSON (RFC 8259); layout in docs/formats.md.
 *
 * Numbers keep full precision; NaN and infinities are the strings "NaN", "Infinity", "-Infinity".
 * The same input gives the same bytes. Of somebody else's training (snapshot.h) the experiment is
 * not told, and may be anything.
 */
#ifndef EXPORT_JSON_FILE_H
#define EXPORT_JSON_FILE_H

#include "lab/experiment_ini.h"
#include "measure/snapshot.h"

/* The document as text the caller frees; NULL when memory runs out. */
char *json_print(const struct experiment *experiment, const struct snapshot *snapshot);

/* Write it whole or not at all; false with a sentence in problem (FILE_PROBLEM_MAX bytes). */
bool json_file_write(const char *path, const struct experiment *experiment,
                     const struct snapshot *snapshot, char *problem);

/* One of several experiments of a file, as it was measured; borrowed. */
struct json_case {
    const char *name;
    const struct experiment *experiment;
    const struct snapshot *snapshot;
};

/* All of them as one document. false as above. */
bool json_file_write_cases(const char *path, const struct experiment_notes *notes,
                           const struct json_case *cases, int count, char *problem);

/*
 * Many steps as JSON Lines: a compact document of its own in every line, as json_print() makes it,
 * with a member "case" in front where the case has a name.
 */
struct json_lines;

/* NULL with a sentence in problem (FILE_PROBLEM_MAX bytes). */
struct json_lines *json_lines_open(const char *path, char *problem);

/* Another line. False with a sentence in problem once something failed: there is nothing but to
 * close it then, not complete. */
bool json_lines_add(struct json_lines *lines, const struct json_case *step, char *problem);

/* Frees lines; the file appears, if complete, or is left as it was. False with a sentence in
 * problem where anything since the opening failed. */
bool json_lines_close(struct json_lines *lines, bool complete, char *problem);

#endif
