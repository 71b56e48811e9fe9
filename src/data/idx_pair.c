#include "data/idx_pair.h"

#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/require.h"
#include "base/text.h"
#include "data/idx.h"
#include "data/recognise.h"

enum { TRAIN, TEST, PARTS, SIDE = 28, DIGITS = 10 };

static const uint32_t known_counts[PARTS] = { 60000, 10000 }; // of MNIST and Fashion-MNIST
static const char fashion_folder[] = "/usr/share/datasets/fashion-mnist";

struct pair {
    char images[FILE_PATH_MAX], labels[FILE_PATH_MAX];
};

struct pairs {
    struct pair part[PARTS];
    int count;  // 1: nothing is held out
    bool known; // has the known sizes
};

static bool exists(const char *path) {
    struct stat info;
    return stat(path, &info) == 0;
}

/* path as it is, or else with .gz added or taken away; false, path as it was, if neither exists. */
static bool find_packed_or_not(char *path, size_t size) {
    static const char suffix[] = ".gz";
    char other[FILE_PATH_MAX];
    size_t length = strlen(path), tail = strlen(suffix);
    if (exists(path)) {
        return true;
    }
    if (length > tail && strcmp(path + length - tail, suffix) == 0) {
        text_set(other, sizeof other, "%.*s", (int)(length - tail), path);
    } else {
        text_set(other, sizeof other, "%s%s", path, suffix);
    }
    if (!exists(other)) {
        return false;
    }
    text_set(path, size, "%s", other);
    return true;
}

/* The first `from` in the file's own name becomes `to`; false if there is none. */
static bool replace(char *path, size_t size, const char *from, const char *to) {
    char changed[FILE_PATH_MAX];
    char *slash = strrchr(path, '/');
    const char *found = strstr(slash ? slash : path, from);
    if (!found) {
        return false;
    }
    text_set(changed, sizeof changed, "%.*s%s%s", (int)(found - path), path, to,
             found + strlen(from));
    text_set(path, size, "%s", changed);
    return true;
}

/* The labels beside the images; what is not there is told by who reads it. */
static bool name_labels(struct pair *pair, char *problem) {
    text_set(pair->labels, sizeof pair->labels, "%s", pair->images);
    if (!replace(pair->labels, sizeof pair->labels, "images", "labels")) {
        return dataset_file_problem(problem, pair->images,
                                    "the file of the labels cannot be told from this name, "
                                    "expected one such as train-images-idx3-ubyte.gz");
    }
    replace(pair->labels, sizeof pair->labels, "idx3", "idx1");
    find_packed_or_not(pair->labels, sizeof pair->labels);
    return true;
}

/* The other files that go with the training images. */
static bool name_others(struct pairs *pairs, char *problem) {
    static const char *const held_out[] = { "t10k", "test" };
    struct pair *train = &pairs->part[TRAIN], *test = &pairs->part[TEST];
    pairs->count = 1;
    for (int i = 0; i < ARRAY_LEN(held_out) && pairs->count == 1; i++) {
        text_set(test->images, sizeof test->images, "%s", train->images);
        if (replace(test->images, sizeof test->images, "train", held_out[i]) &&
            find_packed_or_not(test->images, sizeof test->images)) {
            pairs->count = PARTS;
        }
    }
    return name_labels(train, problem) && (pairs->count == 1 || name_labels(test, problem));
}

static const char *const image_names[] = { "train-images-idx3-ubyte", "train-images.idx3-ubyte" };

static bool find_in_folder(struct pairs *pairs, const char *folder, char *problem) {
    struct pair *train = &pairs->part[TRAIN];
    for (int i = 0; i < ARRAY_LEN(image_names); i++) {
        text_set(train->images, sizeof train->images, "%s/%s", folder, image_names[i]);
        if (find_packed_or_not(train->images, sizeof train->images)) {
            return name_others(pairs, problem);
        }
    }
    return dataset_file_problem(problem, folder, "holds no %s, plain or with .gz", image_names[0]);
}

/* Follow the user's path to a folder or to the training images. */
static bool find_by_path(struct pairs *pairs, const char *path, char *problem) {
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        return find_in_folder(pairs, path, problem);
    }
    text_set(pairs->part[TRAIN].images, FILE_PATH_MAX, "%s", path);
    return name_others(pairs, problem);
}

static void find_shipped(struct pairs *pairs) {
    static const char *const names[PARTS] = { "train", "t10k" };
    pairs->count = PARTS;
    for (int i = 0; i < PARTS; i++) { // if it is nowhere, reading says so
        char name[64];
        text_set(name, sizeof name, "assets/mnist/%s-images-idx3-ubyte.gz", names[i]);
        paths_shipped(pairs->part[i].images, FILE_PATH_MAX, name);
        text_set(name, sizeof name, "assets/mnist/%s-labels-idx1-ubyte.gz", names[i]);
        paths_shipped(pairs->part[i].labels, FILE_PATH_MAX, name);
    }
}

static bool find(struct pairs *pairs, const struct dataset_settings *settings, char *problem) {
    pairs->known = settings->kind != DATASET_IDX;
    if (settings->kind == DATASET_MNIST) {
        find_shipped(pairs);
        return true;
    }
    if (settings->path[0]) {
        return find_by_path(pairs, settings->path, problem);
    }
    if (settings->kind == DATASET_FASHION_MNIST) {
        if (exists(fashion_folder)) {
            return find_in_folder(pairs, fashion_folder, problem);
        }
        text_set(problem, DATASET_PROBLEM,
                 "data = fashion_mnist: it is not in %s, where Debian's dataset-fashion-mnist puts "
                 "it; set data_path to the folder that holds train-images-idx3-ubyte.gz",
                 fashion_folder);
        return false;
    }
    text_set(problem, DATASET_PROBLEM,
             "data = idx: data_path is empty; set it to the file of the images or to the folder "
             "that holds train-images-idx3-ubyte, plain or with .gz");
    return false;
}

/* The images' sizes: the known ones, or for the held-out part those of the training part. */
static bool check_images(const struct pairs *pairs, int part, const struct idx *images,
                         const struct dataset_shape *shape, char *problem) {
    const uint32_t *size = images->size;
    const char *path = pairs->part[part].images;
    uint32_t count = known_counts[part];
    if (pairs->known && (size[0] != count || size[1] != SIDE || size[2] != SIDE)) {
        return dataset_file_problem(
            problem, path, "bytes 4 to 15 announce %u x %u x %u, expected %u x %d x %d",
            (unsigned)size[0], (unsigned)size[1], (unsigned)size[2], (unsigned)count, SIDE, SIDE);
    }
    if ((uint64_t)size[1] * size[2] > DATASET_MAX_FEATURES) {
        return dataset_file_problem(problem, path,
                                    "bytes 8 to 15 announce images of %u x %u, expected at most "
                                    "%d pixels",
                                    (unsigned)size[1], (unsigned)size[2], DATASET_MAX_FEATURES);
    }
    bool seen = shape->image_height > 0; // in the training part, or when it was described
    if (seen &&
        ((int64_t)size[1] != shape->image_height || (int64_t)size[2] != shape->image_width)) {
        return dataset_file_problem(problem, path,
                                    "bytes 8 to 15 announce images of %u x %u, expected %d x %d "
                                    "as in the training part",
                                    (unsigned)size[1], (unsigned)size[2], shape->image_height,
                                    shape->image_width);
    }
    return true;
}

static bool check_label_count(const char *path, const struct idx *labels, const struct idx *images,
                              char *problem) {
    return labels->size[0] == images->size[0] ||
           dataset_file_problem(
               problem, path,
               "bytes 4 to 7 announce %u labels, expected one for each of the %u images",
               (unsigned)labels->size[0], (unsigned)images->size[0]);
}

/* Classes that the labels of a part need. */
static bool count_classes(const char *path, struct dataset_shape *shape, char *problem) {
    struct idx labels;
    if (!idx_read(&labels, path, 1, problem, DATASET_PROBLEM)) {
        return false;
    }
    for (size_t i = 0; i < labels.count; i++) {
        shape->classes = labels.data[i] >= shape->classes ? labels.data[i] + 1 : shape->classes;
    }
    idx_finish(&labels);
    return true;
}

static bool describe_part(const struct pairs *pairs, int part, struct dataset_shape *shape,
                          char *problem) {
    const struct pair *pair = &pairs->part[part];
    struct idx images, labels;
    if (!idx_read_header(&images, pair->images, 3, problem, DATASET_PROBLEM) ||
        !check_images(pairs, part, &images, shape, problem) ||
        !idx_read_header(&labels, pair->labels, 1, problem, DATASET_PROBLEM) ||
        !check_label_count(pair->labels, &labels, &images, problem)) {
        return false;
    }
    shape->image_height = (int)images.size[1];
    shape->image_width = (int)images.size[2];
    *(part == TRAIN ? &shape->examples : &shape->test_examples) = images.size[0];
    shape->bytes += images.count + labels.count;
    return pairs->known || count_classes(pair->labels, shape, problem);
}

static bool describe(const struct pairs *pairs, const struct dataset_settings *settings,
                     struct dataset_shape *shape, char *problem) {
    *shape = (struct dataset_shape){
        .image_channels = 1,
        .classes = pairs->known ? DIGITS : 0,
    };
    for (int part = 0; part < pairs->count; part++) {
        if (!describe_part(pairs, part, shape, problem)) {
            return false;
        }
    }
    if (shape->classes < 2) {
        return dataset_file_problem(problem, pairs->part[TRAIN].labels,
                                    "from byte %zu on every label is 0, expected at least two "
                                    "classes",
                                    idx_header_size(1));
    }
    shape->features = shape->image_width * shape->image_height;
    if (settings->examples > 0 && settings->examples < shape->examples) {
        shape->examples = settings->examples;
    }
    return true;
}

bool idx_pair_claims(const struct candidate *candidate) {
    static const uint8_t images[] = { 0, 0, 8, 3 };
    char path[FILE_PATH_MAX];
    for (int i = 0; candidate->folder && i < ARRAY_LEN(image_names); i++) {
        text_set(path, sizeof path, "%s/%s", candidate->path, image_names[i]);
        if (find_packed_or_not(path, sizeof path)) {
            return true;
        }
    }
    return candidate->count >= sizeof images &&
           memcmp(candidate->begin, images, sizeof images) == 0;
}

bool idx_pair_describe(const struct dataset_settings *settings, struct dataset_shape *shape,
                       char *problem) {
    struct pairs pairs;
    return find(&pairs, settings, problem) && describe(&pairs, settings, shape, problem);
}

static bool check_labels(const char *path, const struct idx *labels, int classes, char *problem) {
    for (size_t i = 0; i < labels->count; i++) {
        if (labels->data[i] >= classes) {
            return dataset_file_problem(problem, path, "byte %zu is the label %d, expected 0 to %d",
                                        idx_header_size(1) + i, labels->data[i], classes - 1);
        }
    }
    return true;
}

static bool load_part(struct dataset *dataset, const struct pairs *pairs, int part, char *problem) {
    const struct pair *pair = &pairs->part[part];
    struct idx labels, images;
    if (!idx_read(&labels, pair->labels, 1, problem, DATASET_PROBLEM)) {
        return false;
    }
    dataset_own(dataset, labels.data);
    if (!check_labels(pair->labels, &labels, dataset->shape.classes, problem) ||
        !idx_read(&images, pair->images, 3, problem, DATASET_PROBLEM)) {
        return false;
    }
    dataset_own(dataset, images.data);
    // the file may have changed since it was described
    if (!check_images(pairs, part, &images, &dataset->shape, problem) ||
        !check_label_count(pair->labels, &labels, &images, problem)) {
        return false;
    }
    *(part == TRAIN ? &dataset->train : &dataset->test) = (struct examples){
        .count = images.size[0],
        .bytes = images.data,
        .labels = labels.data,
    };
    return true;
}

bool idx_pair_load(struct dataset *dataset, const struct dataset_settings *settings,
                   char *problem) {
    struct pairs pairs;
    if (!find(&pairs, settings, problem) || !describe(&pairs, settings, &dataset->shape, problem)) {
        return false;
    }
    for (int part = 0; part < pairs.count; part++) {
        if (!load_part(dataset, &pairs, part, problem)) {
            return false;
        }
    }
    struct examples *train = &dataset->train;
    train->count = train->count < dataset->shape.examples ? train->count : dataset->shape.examples;
    return true;
}
