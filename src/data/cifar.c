#include "data/cifar.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/require.h"
#include "base/text.h"
#include "data/recognise.h"

enum {
    SIDE = 32,
    CHANNELS = 3,
    CLASSES = 10,
    PIXELS = SIDE * SIDE * CHANNELS,
    RECORD = 1 + PIXELS,
    ALL = 10000, // records in each file as they come
    TRAIN_FILES = 5,
    FILES,
    META = 1024 // bytes of batches.meta.txt that are read
};

static const char *const names[FILES] = {
    "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
    "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin",
};

/* Is the path's own name that of one of the files? */
static bool is_batch(const char *path) {
    const char *slash = strrchr(path, '/');
    for (int i = 0; i < ARRAY_LEN(names); i++) {
        if (strcmp(slash ? slash + 1 : path, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The folder as given or of the file as given, or the one that the archive unpacks to inside it. */
static bool find_folder(const struct dataset_settings *settings, char folder[FILE_PATH_MAX],
                        char *problem) {
    struct stat info;
    if (!settings->path[0]) {
        text_set(problem, DATASET_PROBLEM,
                 "data = cifar10: data_path is empty; set it to the folder that holds %s to %s and "
                 "%s (CIFAR-10's binary version)",
                 names[0], names[TRAIN_FILES - 1], names[TRAIN_FILES]);
        return false;
    }
    text_set(folder, FILE_PATH_MAX, "%s", settings->path);
    if (is_batch(folder) && stat(folder, &info) == 0 && S_ISREG(info.st_mode)) {
        char *slash = strrchr(folder, '/');
        text_set(folder, FILE_PATH_MAX, "%.*s", slash ? (int)(slash - folder) : 1,
                 slash ? settings->path : ".");
        return true;
    }
    text_append(folder, FILE_PATH_MAX, "/cifar-10-batches-bin");
    if (stat(folder, &info) != 0) {
        text_set(folder, FILE_PATH_MAX, "%s", settings->path);
    }
    return true;
}

bool cifar_claims(const struct candidate *candidate) {
    struct dataset_settings settings = { .kind = DATASET_CIFAR10 };
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX], ignored[DATASET_PROBLEM];
    struct stat info;
    if (!candidate->folder) {
        return candidate->size > 0 && candidate->size % RECORD == 0 && is_batch(candidate->path);
    }
    if (strlen(candidate->path) >= sizeof settings.path) {
        return false;
    }
    text_set(settings.path, sizeof settings.path, "%s", candidate->path);
    find_folder(&settings, folder, ignored);
    text_set(path, sizeof path, "%s/%s", folder, names[0]);
    return stat(path, &info) == 0;
}

/* How many records each file holds. */
struct records {
    int64_t of[FILES], train;
};

static bool count_in(const char *path, int64_t *records, char *problem) {
    struct stat info;
    if (stat(path, &info) != 0) {
        return dataset_file_problem(problem, path, "cannot be read: %s", strerror(errno));
    }
    if (!S_ISREG(info.st_mode)) {
        return dataset_file_problem(problem, path, "not a file that can be read");
    }
    *records = (int64_t)info.st_size / RECORD;
    return (info.st_size > 0 && info.st_size % RECORD == 0) ||
           dataset_file_problem(problem, path,
                                "ends at byte %lld, expected whole records of %d bytes: %d for "
                                "all 10,000",
                                (long long)info.st_size, RECORD, ALL * RECORD);
}

static bool count_records(const char *folder, struct records *records, char *problem) {
    char path[FILE_PATH_MAX];
    records->train = 0;
    for (int i = 0; i < FILES; i++) {
        text_set(path, sizeof path, "%s/%s", folder, names[i]);
        if (!count_in(path, &records->of[i], problem)) {
            return false;
        }
        records->train += i < TRAIN_FILES ? records->of[i] : 0;
    }
    return true;
}

bool cifar_describe(const struct dataset_settings *settings, struct dataset_shape *shape,
                    char *problem) {
    char folder[FILE_PATH_MAX];
    struct records records;
    if (!find_folder(settings, folder, problem) || !count_records(folder, &records, problem)) {
        return false;
    }
    bool fewer = settings->examples > 0 && settings->examples < records.train;
    *shape = (struct dataset_shape){
        .features = PIXELS,
        .classes = CLASSES,
        .examples = fewer ? settings->examples : records.train,
        .test_examples = records.of[TRAIN_FILES],
        .image_width = SIDE,
        .image_height = SIDE,
        .image_channels = CHANNELS,
    };
    shape->bytes = (size_t)(shape->examples + shape->test_examples) * RECORD;
    return true;
}

/* The first count records of a file, taken apart. */
static bool read_records(FILE *file, const char *path, int64_t count, uint8_t *images,
                         uint8_t *labels, char *problem) {
    for (int64_t i = 0; i < count; i++) {
        if (fread(&labels[i], 1, 1, file) != 1 ||
            fread(images + i * PIXELS, 1, PIXELS, file) != PIXELS) {
            return dataset_file_problem(problem, path, "cannot read the record at byte %lld: %s",
                                        (long long)i * RECORD,
                                        ferror(file) ? strerror(errno) : "the file ends");
        }
        if (labels[i] >= CLASSES) {
            return dataset_file_problem(problem, path,
                                        "byte %lld is the label %d, expected 0 to %d",
                                        (long long)i * RECORD, labels[i], CLASSES - 1);
        }
    }
    return true;
}

static bool read_file(const char *path, int64_t count, uint8_t *images, uint8_t *labels,
                      char *problem) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        return dataset_file_problem(problem, path, "cannot be read: %s", strerror(errno));
    }
    bool done = read_records(file, path, count, images, labels, problem);
    fclose(file);
    return done;
}

/* What batches.meta.txt calls the classes, if it is there and calls them all. */
static bool read_names(struct dataset *dataset, const char *folder, char *problem) {
    char path[FILE_PATH_MAX], text[META], *rest;
    const char *lines[CLASSES];
    int count = 0;
    text_set(path, sizeof path, "%s/batches.meta.txt", folder);
    FILE *file = fopen(path, "rb");
    text[file ? fread(text, 1, sizeof text - 1, file) : 0] = '\0';
    if (file) {
        fclose(file);
    }
    for (char *line = strtok_r(text, "\r\n", &rest); line && count < CLASSES;
         line = strtok_r(NULL, "\r\n", &rest)) {
        lines[count++] = line;
    }
    if (count == CLASSES) {
        dataset->class_names = dataset_names(dataset, lines, count, problem);
    }
    return dataset->class_names != NULL;
}

bool cifar_load(struct dataset *dataset, const struct dataset_settings *settings, char *problem) {
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX];
    struct records records;
    int64_t train = dataset->shape.examples, all = train + dataset->shape.test_examples;
    if (!find_folder(settings, folder, problem) || !count_records(folder, &records, problem)) {
        return false;
    }
    if (records.train < train || records.of[TRAIN_FILES] != all - train) {
        return dataset_file_problem(problem, folder, "its files changed while they were read");
    }
    uint8_t *images = dataset_allocate(dataset, (double)all * PIXELS, problem);
    uint8_t *labels = images ? dataset_allocate(dataset, (double)all, problem) : NULL;
    if (!labels) {
        return false;
    }
    for (int64_t first = 0, i = 0; first < all; i++) {
        bool held_out = first == train;
        int64_t end = held_out ? all : train, which = held_out ? TRAIN_FILES : i;
        text_set(path, sizeof path, "%s/%s", folder, names[which]);
        int64_t count = end - first < records.of[which] ? end - first : records.of[which];
        if (!read_file(path, count, images + first * PIXELS, labels + first, problem)) {
            return false;
        }
        first += count;
    }
    dataset->train = (struct examples){ .count = train, .bytes = images, .labels = labels };
    dataset->test = (struct examples){ .count = all - train };
    dataset->test.bytes = images + train * PIXELS;
    dataset->test.labels = labels + train;
    return read_names(dataset, folder, problem);
}
