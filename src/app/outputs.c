#include "app/outputs.h"

#include <assert.h>
#include <sys/stat.h>

#include "app/option.h"
#include "app/output_rows.h"
#include "base/file.h"
#include "base/log.h"
#include "base/require.h"

// Before "print", so that what is printed follows the sentences about files.
const struct output outputs[] = {
    { .option = "csv",
      .target = OUTPUT_FILE,
      .every = true,
      .later = true,
      .cases = true,
      .open = output_csv_open,
      .add = output_csv_add,
      .close = output_csv_close },
    { .option = "json",
      .target = OUTPUT_FILE,
      .every = true,
      .later = true,
      .cases = true,
      .open = output_json_open,
      .add = output_json_add,
      .close = output_json_close },
    { .option = "npz",
      .target = OUTPUT_FILE,
      .every = true,
      .later = true,
      .open = output_npz_open,
      .add = output_npz_add,
      .close = output_npz_close },
    { .option = "save", .target = OUTPUT_FILE, .add = output_save_add },
    { .option = "tensorboard",
      .target = OUTPUT_FOLDER,
      .every = true,
      .signs = true,
      .later = true,
      .open = output_tensorboard_open,
      .add = output_tensorboard_add,
      .close = output_tensorboard_close },
    { .option = "code", .target = OUTPUT_FILE, .add = output_code_add },
    { .option = "png", .target = OUTPUT_FILE, .pictures = true, .add = output_png_add },
    { .option = "svg", .target = OUTPUT_FILE, .pictures = true, .add = output_svg_add },
    { .option = "frames",
      .target = OUTPUT_FOLDER,
      .every = true,
      .pictures = true,
      .open = output_frames_open,
      .add = output_frames_add,
      .close = output_frames_close },
    { .option = "film",
      .target = OUTPUT_FILE,
      .every = true,
      .pictures = true,
      .open = output_film_open,
      .add = output_film_add,
      .close = output_film_close },
    { .option = "print",
      .target = OUTPUT_STANDARD,
      .cases = true,
      .open = output_print_open,
      .add = output_print_add,
      .close = output_print_close },
};
const int output_count = ARRAY_LEN(outputs);
static_assert(ARRAY_LEN(outputs) <= OUTPUTS_MOST, "room for all of them");

static const void *field_of(const struct output *output, const struct options *options) {
    const struct option *option = option_find(output->option);
    REQUIRE(option);
    return (const char *)options + option->offset;
}

/* NULL: it is not asked for, or goes to the standard output. */
static const char *path_of(const struct output *output, const struct options *options) {
    return output->target == OUTPUT_STANDARD ? NULL
                                             : *(const char *const *)field_of(output, options);
}

bool outputs_have_files(const struct options *options) {
    for (int i = 0; i < output_count; i++) {
        if (path_of(&outputs[i], options)) {
            return true;
        }
    }
    return false;
}

bool output_asked(const struct output *output, const struct options *options) {
    if (output->target == OUTPUT_STANDARD) {
        return *(const bool *)field_of(output, options) || !outputs_have_files(options);
    }
    return path_of(output, options) != NULL;
}

/* Better told before the training than after it. Only a pipe would notice that it was tried. */
static bool can_write(const char *path, char *problem) {
    struct stat info;
    struct file_writer writer;
    if (stat(path, &info) == 0 && S_ISFIFO(info.st_mode)) {
        return true;
    }
    if (!file_writer_open(&writer, path, problem)) {
        return false;
    }
    file_writer_abandon(&writer);
    return true;
}

static bool open_one(struct outputs *writing, int i, char *problem) {
    const struct output *output = &outputs[i];
    const char *path = path_of(output, writing->options);
    writing->open[i] =
        (output->target != OUTPUT_FILE || can_write(path, problem)) &&
        (!output->open || output->open(&writing->state[i], writing->options, path, problem));
    return writing->open[i];
}

static void close_one(struct outputs *writing, int i, bool complete) {
    const struct output *output = &outputs[i];
    char problem[FILE_PROBLEM_MAX];
    writing->open[i] = false;
    if (output->close &&
        !output->close(writing->state[i], path_of(output, writing->options), complete, problem)) {
        log_error("%s", problem);
        writing->failed = true;
    }
}

static void add_one(struct outputs *writing, int i, const struct output_source *source) {
    char problem[FILE_PROBLEM_MAX];
    if (!outputs[i].add(writing->state[i], path_of(&outputs[i], writing->options), source,
                        problem)) {
        log_error("%s", problem);
        writing->failed = true;
        close_one(writing, i, false);
    }
}

/* On the queue's thread. */
static void add_later(void *context, struct output_step *step) {
    struct outputs *writing = context;
    const struct output_source source = { .options = writing->options,
                                          .experiment = step->experiment,
                                          .case_name = step->case_name,
                                          .snapshot = &step->snapshot,
                                          .signs = &step->signs };
    for (int i = 0; i < output_count; i++) {
        if (outputs[i].later && writing->open[i]) {
            add_one(writing, i, &source);
        }
    }
}

static bool has_later(const struct outputs *writing) {
    bool any = false;
    for (int i = 0; i < output_count; i++) {
        any |= outputs[i].later && writing->open[i];
    }
    return any;
}

bool outputs_open(struct outputs *writing, const struct options *options) {
    writing->options = options;
    for (int i = 0; i < output_count; i++) {
        char problem[FILE_PROBLEM_MAX];
        if (output_asked(&outputs[i], options) && !open_one(writing, i, problem)) {
            log_error("%s", problem);
            outputs_close(writing, false);
            return false;
        }
    }
    if (options->every > 0 && has_later(writing)) {
        writing->queue = output_queue_start(add_later, writing);
    }
    return true;
}

void outputs_write_meanwhile(struct outputs *writing) {
    output_queue_go(writing->queue);
}

void outputs_add(struct outputs *writing, const struct output_source *source,
                 struct output_step **step) {
    bool later = writing->queue && !source->last;
    if (!later) {
        output_queue_settle(writing->queue);
    }
    for (int i = 0; i < output_count; i++) {
        bool wanted = writing->open[i] && (source->last || outputs[i].every);
        if (wanted && !(later && outputs[i].later)) {
            add_one(writing, i, source);
        }
    }
    if (later) {
        (*step)->experiment = source->experiment;
        (*step)->case_name = source->case_name;
        *step = output_queue_exchange(writing->queue, *step);
    }
}

bool outputs_are_lost(const struct outputs *writing) {
    for (int i = 0; i < output_count; i++) {
        if (writing->open[i]) {
            return false;
        }
    }
    return true;
}

bool outputs_close(struct outputs *writing, bool complete) {
    output_queue_end(writing->queue);
    writing->queue = NULL;
    for (int i = 0; i < output_count; i++) {
        if (writing->open[i]) {
            close_one(writing, i, complete);
        }
    }
    return !writing->failed;
}

bool outputs_take_every(const struct options *options) {
    bool every = false;
    for (int i = 0; i < output_count; i++) {
        every |= outputs[i].every && output_asked(&outputs[i], options);
    }
    return every;
}

bool outputs_have_pictures(const struct options *options) {
    bool pictures = false;
    for (int i = 0; i < output_count; i++) {
        pictures |= outputs[i].pictures && output_asked(&outputs[i], options);
    }
    return pictures;
}

bool outputs_have_signs(const struct options *options) {
    bool signs = false;
    for (int i = 0; i < output_count; i++) {
        signs |= outputs[i].signs && output_asked(&outputs[i], options);
    }
    return signs;
}

const char *outputs_of_one_case(const struct options *options) {
    for (int i = 0; i < output_count; i++) {
        if (!outputs[i].cases && output_asked(&outputs[i], options)) {
            return outputs[i].option;
        }
    }
    return NULL;
}
