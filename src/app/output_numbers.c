/* output_numbers.c - what was measured: printed, or as files of numbers. */
#include <stdlib.h>

#include "app/output_rows.h"
#include "app/table.h"
#include "base/file.h"
#include "base/text.h"
#include "export/csv_file.h"
#include "export/json_file.h"
#include "export/model_file.h"
#include "export/npz_file.h"
#include "export/npz_steps.h"
#include "export/torch_code.h"

/* The last pass of each case, kept until all of them are there. */
struct kept {
    const struct options *options;
    int count;
    struct json_case of[EXPERIMENT_CASES]; // snapshots are owned
};

static bool out_of_memory(const char *path, char *problem) {
    text_set(problem, FILE_PROBLEM_MAX, "cannot write %s: memory ran out", path);
    return false;
}

static struct kept *kept_create(const struct options *options) {
    struct kept *kept = calloc(1, sizeof *kept);
    if (kept) {
        kept->options = options;
    }
    return kept;
}

static bool kept_add(struct kept *kept, const struct output_source *source) {
    struct snapshot *copy = calloc(1, sizeof *copy);
    if (copy) {
        snapshot_copy(copy, source->snapshot);
        kept->of[kept->count++] = (struct json_case){ source->case_name, source->experiment, copy };
    }
    return copy != NULL;
}

static void kept_destroy(struct kept *kept) {
    for (int i = 0; i < kept->count; i++) {
        free((struct snapshot *)kept->of[i].snapshot);
    }
    free(kept);
}

bool output_print_open(void **state, const struct options *options, const char *path,
                       char *problem) {
    (void)path;
    *state = kept_create(options);
    return *state || out_of_memory("the table", problem);
}

bool output_print_add(void *state, const char *path, const struct output_source *source,
                      char *problem) {
    (void)path;
    return kept_add(state, source) || out_of_memory("the table", problem);
}

bool output_print_close(void *state, const char *path, bool complete, char *problem) {
    (void)path;
    (void)problem;
    struct kept *kept = state;
    if (complete && kept->options->cases > 0) {
        table_print_cases(stdout, &kept->options->notes, kept->of, kept->count);
    } else if (complete) {
        table_print(stdout, kept->of[0].snapshot);
    }
    kept_destroy(kept);
    return true;
}

bool output_csv_open(void **state, const struct options *options, const char *path, char *problem) {
    (void)options;
    return (*state = csv_file_open(path, problem)) != NULL;
}

bool output_csv_add(void *state, const char *path, const struct output_source *source,
                    char *problem) {
    (void)path;
    return csv_file_add(state, source->case_name, source->snapshot, problem);
}

bool output_csv_close(void *state, const char *path, bool complete, char *problem) {
    (void)path;
    return csv_file_close(state, complete, problem);
}

/* One of the two. */
struct json {
    struct kept *kept;
    struct json_lines *lines;
};

bool output_json_open(void **state, const struct options *options, const char *path,
                      char *problem) {
    struct json *json = calloc(1, sizeof *json);
    *state = json;
    if (!json) {
        return out_of_memory(path, problem);
    }
    if (options->every > 0) {
        json->lines = json_lines_open(path, problem);
    } else if (!(json->kept = kept_create(options))) {
        out_of_memory(path, problem);
    }
    if (!json->lines && !json->kept) {
        free(json);
        return false;
    }
    return true;
}

bool output_json_add(void *state, const char *path, const struct output_source *source,
                     char *problem) {
    struct json *json = state;
    const struct json_case one = { source->case_name, source->experiment, source->snapshot };
    return json->lines ? json_lines_add(json->lines, &one, problem)
                       : kept_add(json->kept, source) || out_of_memory(path, problem);
}

bool output_json_close(void *state, const char *path, bool complete, char *problem) {
    struct json *json = state;
    const struct kept *kept = json->kept;
    bool good = true;
    if (json->lines) {
        good = json_lines_close(json->lines, complete, problem);
    } else if (complete && kept->options->cases > 0) {
        good = json_file_write_cases(path, &kept->options->notes, kept->of, kept->count, problem);
    } else if (complete) {
        good = json_file_write(path, kept->of[0].experiment, kept->of[0].snapshot, problem);
    }
    if (json->kept) {
        kept_destroy(json->kept);
    }
    free(json);
    return good;
}

/* Many steps are stacked, and what was logged; of the last one alone A's arrays are written as they
 * are. */
bool output_npz_open(void **state, const struct options *options, const char *path, char *problem) {
    bool arrays = options->mode == MODE_RUN && options->every == 0;
    return arrays || (*state = npz_steps_open(path, problem)) != NULL;
}

bool output_npz_add(void *state, const char *path, const struct output_source *source,
                    char *problem) {
    return state ? npz_steps_add(state, source->snapshot, problem)
                 : npz_file_write(path, source->run, problem);
}

bool output_npz_close(void *state, const char *path, bool complete, char *problem) {
    (void)path;
    return !state || npz_steps_close(state, complete, problem);
}

bool output_save_add(void *state, const char *path, const struct output_source *source,
                     char *problem) {
    (void)state;
    return model_file_write(path, source->run, problem);
}

bool output_code_add(void *state, const char *path, const struct output_source *source,
                     char *problem) {
    (void)state;
    char code[TORCH_CODE];
    struct file_writer writer;
    torch_code_print(&source->run->experiment, 0, &source->run->data->shape, code);
    if (!file_writer_open(&writer, path, problem)) {
        return false;
    }
    fputs(code, writer.stream);
    return file_writer_commit(&writer, problem);
}
