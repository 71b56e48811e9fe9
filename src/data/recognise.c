#include "data/recognise.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "data/text_file.h"

/* What stands at the beginning, for the claims. */
static bool look(struct candidate *candidate, const char *path, char *problem) {
    struct stat info;
    *candidate = (struct candidate){ .path = path };
    if (stat(path, &info) != 0) {
        return dataset_file_problem(problem, path, "cannot be read: %s", strerror(errno));
    }
    candidate->folder = S_ISDIR(info.st_mode);
    candidate->size = (int64_t)info.st_size;
    if (candidate->folder) {
        return true;
    }
    gzFile file = S_ISREG(info.st_mode) ? gzopen(path, "rb") : NULL; // takes what is not packed
    if (!file) {
        return dataset_file_problem(problem, path, "not a file that can be read");
    }
    candidate->packed = !gzdirect(file);
    int count = gzread(file, candidate->begin, RECOGNISE_BYTES);
    candidate->count = count > 0 ? (size_t)count : 0;
    gzclose(file);
    return true;
}

/* UTF-16 of which no character is zero. */
static bool is_utf16(const struct candidate *candidate) {
    bool text = text_file_is_utf16(candidate->begin, candidate->count);
    for (size_t i = 2; i + 1 < candidate->count && text; i += 2) {
        text = candidate->begin[i] != 0 || candidate->begin[i + 1] != 0;
    }
    return text;
}

bool recognise_text(const struct candidate *candidate) {
    if (is_utf16(candidate)) {
        return true;
    }
    for (size_t i = 0; i < candidate->count; i++) {
        uint8_t byte = candidate->begin[i];
        if (byte == 0x7F || (byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r')) {
            return false;
        }
    }
    return candidate->count > 0;
}

static bool say_unknown(const struct candidate *candidate, char *problem) {
    static const uint8_t array[] = { 0x93, 'N', 'U', 'M', 'P', 'Y' };
    const char *path = candidate->path;
    if (candidate->folder) {
        return dataset_file_problem(problem, path,
                                    "holds neither train-images-idx3-ubyte, plain or with .gz, nor "
                                    "CIFAR-10's data_batch_1.bin");
    }
    if (candidate->count >= sizeof array && memcmp(candidate->begin, array, sizeof array) == 0) {
        return dataset_file_problem(problem, path,
                                    "a single array has no labels; numpy.savez(file, x=x, y=y) "
                                    "writes what is read");
    }
    if (candidate->packed && recognise_text(candidate)) {
        return dataset_file_problem(problem, path, "text is read when it is not packed; gunzip it");
    }
    return dataset_file_problem(problem, path,
                                "%s, expected rows of text (CSV), NumPy arrays (.npz), IDX images "
                                "or CIFAR-10",
                                candidate->count > 0 ? "nothing that is known" : "holds nothing");
}

bool recognise(const char *path, enum dataset_kind *kind, char *problem) {
    struct candidate candidate;
    if (!look(&candidate, path, problem)) {
        return false;
    }
    for (int i = 0; i < DATASET_COUNT; i++) {
        if (datasets[i].claims && datasets[i].claims(&candidate)) {
            *kind = (enum dataset_kind)i;
            return true;
        }
    }
    return say_unknown(&candidate, problem);
}
