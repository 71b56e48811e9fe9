/* output_rows.h - what the rows of the table of outputs do; signatures and rules: outputs.h. */
#ifndef APP_OUTPUT_ROWS_H
#define APP_OUTPUT_ROWS_H

#include "app/outputs.h"

typedef bool output_open(void **state, const struct options *options, const char *path,
                         char *problem);
typedef bool output_add(void *state, const char *path, const struct output_source *source,
                        char *problem);
typedef bool output_close(void *state, const char *path, bool complete, char *problem);

/* output_numbers.c */
output_open output_csv_open, output_json_open, output_npz_open, output_print_open;
output_add output_csv_add, output_json_add, output_npz_add, output_print_add, output_save_add,
    output_code_add;
output_close output_csv_close, output_json_close, output_npz_close, output_print_close;

/* output_picture.c; of a source without a run, too */
output_add output_png_add, output_svg_add;
bool output_picture(const struct output_source *source, char *problem); // in source->picture

/* output_film.c */
output_open output_frames_open, output_film_open;
output_add output_frames_add, output_film_add;
output_close output_frames_close, output_film_close;

/* output_tensorboard.c */
output_open output_tensorboard_open;
output_add output_tensorboard_add;
output_close output_tensorboard_close;

#endif
