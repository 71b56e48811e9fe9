#include "data/npz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "data/labels.h"
#include "data/npz_member.h"
#include "data/recognise.h"
#include "data/split.h"

enum { TRAIN, TEST, PARTS };

struct npz {
    struct npz_archive archive;
    struct dataset *dataset; // NULL while it is only described
    struct npz_member x[PARTS], y[PARTS];
    struct labels labels;
    uint8_t *numbers[PARTS]; // of the labels, (examples); owned
    int64_t done, values;    // of all that is to be read
};

static void close_all(struct npz *npz) {
    for (int part = 0; part < PARTS; part++) {
        free(npz->numbers[part]);
        npz_member_close(&npz->x[part]);
        npz_member_close(&npz->y[part]);
    }
    npz_archive_close(&npz->archive);
}

/* Features of an example; 0 with a problem if there are none, or too many. */
static int features_of(const struct npz_member *x) {
    int64_t features = 1;
    char shape[96];
    for (int i = 1; i < x->npy.dimensions; i++) {
        features *= x->npy.shape[i]; // no larger than the count, which is none of 0
    }
    if (x->npy.dimensions >= 2 && x->npy.count > 0 && features <= DATASET_MAX_FEATURES) {
        return (int)features;
    }
    npy_print_shape(&x->npy, shape, sizeof shape);
    npz_fail(x,
             "has the shape %s, expected examples of 1 to %d features: (n, features), "
             "(n, height, width) or (n, height, width, 1 or 3)",
             shape, DATASET_MAX_FEATURES);
    return 0;
}

static bool check_part(const struct npz *npz, int part) {
    const struct npz_member *x = &npz->x[part], *y = &npz->y[part];
    const int64_t *shape = y->npy.shape;
    char text[96];
    if (!x->file || !y->file) {
        return npz_say_missing(&npz->archive, !x->file ? x->name : y->name);
    }
    if (features_of(x) == 0) {
        return false;
    }
    npy_print_shape(&y->npy, text, sizeof text);
    if (y->npy.dimensions < 1 || y->npy.count != shape[0]) {
        return npz_fail(y, "has the shape %s, expected a label for each example: (%lld,)", text,
                        (long long)x->npy.shape[0]);
    }
    if (y->npy.count != x->npy.shape[0]) {
        return npz_fail(y, "holds %lld labels, expected one for each of the %lld examples of %s",
                        (long long)y->npy.count, (long long)x->npy.shape[0], x->name);
    }
    if (part == TEST && (x->npy.dimensions != npz->x[TRAIN].npy.dimensions ||
                         memcmp(x->npy.shape + 1, npz->x[TRAIN].npy.shape + 1,
                                sizeof x->npy.shape - sizeof x->npy.shape[0]) != 0)) {
        npy_print_shape(&x->npy, text, sizeof text);
        return npz_fail(x, "has the shape %s, whose examples are not those of %s", text,
                        npz->x[TRAIN].name);
    }
    return true;
}

static bool has_test(const struct npz *npz) {
    return npz->x[TEST].file || npz->y[TEST].file;
}

/* An array of a part, under any of its names. */
static bool open_array(struct npz *npz, char letter, int part, struct npz_member *member) {
    static const char *const suffixes[PARTS][2] = { { "", "_train" }, { "_test", "_test" } };
    for (int i = ARRAY_LEN(suffixes[part]) - 1; i >= 0 && !member->file; i--) {
        char name[NPZ_NAME];
        text_set(name, sizeof name, "%c%s", letter, suffixes[part][i]);
        if (!npz_member_open(member, &npz->archive, name)) {
            return false;
        }
    }
    return true;
}

static bool open_all(struct npz *npz, const struct dataset_settings *settings, char *problem) {
    if (!settings->path[0]) {
        text_set(problem, DATASET_PROBLEM,
                 "data = npz: data_path is empty; set it to a file with the arrays x and y that "
                 "numpy.savez() wrote");
        return false;
    }
    if (!npz_archive_open(&npz->archive, settings->path, problem)) {
        return false;
    }
    for (int part = 0; part < PARTS; part++) {
        if (!open_array(npz, 'x', part, &npz->x[part]) ||
            !open_array(npz, 'y', part, &npz->y[part]) ||
            ((part == TRAIN || has_test(npz)) && !check_part(npz, part))) {
            return false;
        }
        npz->values += npz->x[part].npy.count;
    }
    return true;
}

/* The number of one label. */
static bool read_label(struct npz *npz, const struct npz_member *y, const uint8_t *bytes, int64_t i,
                       uint8_t *number) {
    const double most = 9007199254740992.0; // up to which a double holds every whole number
    double value = npy_value(&y->npy, bytes);
    if (!(fabs(value) <= most) || value != floor(value)) {
        return npz_fail(y,
                        "holds %g at place %lld, expected whole numbers: a class is learned here, "
                        "not a value",
                        value, (long long)i);
    }
    return labels_add_integer(&npz->labels, (int64_t)value, number) == LABELS_ADDED ||
           npz_fail(y, "holds more than %d different labels: %g at place %lld is one too many",
                    LABELS_MOST, value, (long long)i);
}

static bool read_labels(struct npz *npz, int part) {
    struct npz_member *y = &npz->y[part];
    uint8_t block[NPZ_BLOCK], *numbers = npz->numbers[part] = malloc((size_t)y->npy.count);
    size_t count = 1;
    if (!numbers) {
        return npz_fail(y, "memory ran out for it");
    }
    while (count > 0) {
        if (!npz_member_next(y, block, &count)) {
            return false;
        }
        for (size_t j = 0; j < count; j++) {
            int64_t i = y->read - (int64_t)count + (int64_t)j;
            const uint8_t *bytes = block + j * (size_t)y->npy.size;
            if (!read_label(npz, y, bytes, i, &numbers[i])) {
                return false;
            }
        }
    }
    return true;
}

/* Are all examples bytes? */
static bool is_bytes(const struct npz *npz) {
    const struct npy *train = &npz->x[TRAIN].npy, *test = &npz->x[TEST].npy;
    return train->kind == 'u' && train->size == 1 &&
           (!has_test(npz) || (test->kind == 'u' && test->size == 1));
}

/* Channels and sides, where the examples are images. */
static void shape_image(const struct npy *npy, struct dataset_shape *shape) {
    const int64_t *size = npy->shape;
    bool behind = npy->dimensions == 4 && (size[3] == 1 || size[3] == 3);
    bool before = npy->dimensions == 4 && !behind && (size[1] == 1 || size[1] == 3);
    if (npy->dimensions != 3 && !behind && !before) {
        return;
    }
    shape->image_channels = behind ? (int)size[3] : before ? (int)size[1] : 1;
    shape->image_height = before ? (int)size[2] : (int)size[1];
    shape->image_width = before ? (int)size[3] : (int)size[2];
}

static bool shape_of(const struct npz *npz, const struct dataset_settings *settings,
                     struct dataset_shape *shape) {
    const struct npy *x = &npz->x[TRAIN].npy;
    *shape = (struct dataset_shape){ .features = features_of(&npz->x[TRAIN]),
                                     .classes = npz->labels.count };
    if (shape->classes < 2) {
        return npz_fail(&npz->y[TRAIN], "holds the same label everywhere, expected at least two");
    }
    shape_image(x, shape);
    split_shape(settings, x->shape[0], shape);
    if (has_test(npz)) {
        bool fewer = settings->examples > 0 && settings->examples < x->shape[0];
        shape->examples = fewer ? settings->examples : x->shape[0];
        shape->test_examples = npz->x[TEST].npy.shape[0];
    }
    double examples = (double)shape->examples + (double)shape->test_examples;
    double value = is_bytes(npz) ? 1.0 : sizeof(float);
    double bytes = examples * (1.0 + value * shape->features) +
                   (double)x->shape[0] * (1.0 + (has_test(npz) ? 0.0 : sizeof(uint32_t)));
    shape->bytes = bytes < (double)SIZE_MAX ? (size_t)bytes : SIZE_MAX;
    return true;
}

/* All but the examples themselves. */
static bool survey(struct npz *npz, const struct dataset_settings *settings,
                   struct dataset_shape *shape, char *problem) {
    return open_all(npz, settings, problem) && read_labels(npz, TRAIN) &&
           (!has_test(npz) || read_labels(npz, TEST)) && shape_of(npz, settings, shape);
}

bool npz_claims(const struct candidate *candidate) {
    return candidate->count >= 4 && memcmp(candidate->begin, "PK", 2) == 0 &&
           (memcmp(candidate->begin + 2, "\3\4", 2) == 0 || // a member
            memcmp(candidate->begin + 2, "\5\6", 2) == 0);  // or none
}

bool npz_describe(const struct dataset_settings *settings, struct dataset_shape *shape,
                  char *problem) {
    struct npz npz = { .dataset = NULL };
    bool good = survey(&npz, settings, shape, problem);
    close_all(&npz);
    return good;
}

/*
 * Where the values of an example go: place f is that of the f-th in the order of the file, with
 * channels first of images that have them last.
 */
static uint32_t *order_features(const struct npy *npy) {
    uint32_t size[3] = { 1, 1, 1 };
    for (int i = 1; i < npy->dimensions; i++) {
        size[i - 1] = (uint32_t)npy->shape[i];
    }
    uint32_t *place = malloc((size_t)size[0] * size[1] * size[2] * sizeof *place);
    bool behind = npy->dimensions == 4 && (size[2] == 1 || size[2] == 3);
    for (uint32_t a = 0; place && a < size[0]; a++) {
        for (uint32_t b = 0; b < size[1]; b++) {
            for (uint32_t c = 0; c < size[2]; c++) {
                uint32_t in_c = (a * size[1] + b) * size[2] + c;
                uint32_t at = npy->fortran ? a + size[0] * (b + size[1] * c) : in_c;
                place[at] = behind ? (c * size[0] + a) * size[1] + b : in_c;
            }
        }
    }
    return place;
}

/* Where the examples of an array go. */
struct target {
    uint8_t *bytes;  // (rows, features), or NULL
    float *values;   // likewise
    uint8_t *labels; // (rows)
    size_t features;
    int64_t rows;              // from here on, they are left out
    const struct split *split; // its place NULL: in their order
    const uint32_t *place;
};

/* Row of an example; below 0: it is left out. */
static int64_t row_of(const struct target *target, int64_t example) {
    int64_t row = target->split->place ? split_row(target->split, example) : example;
    return row < target->rows ? row : -1;
}

static bool put(const struct target *target, const struct npz_member *x, int64_t example,
                size_t feature, const uint8_t *bytes) {
    int64_t row = row_of(target, example);
    if (row < 0) {
        return true;
    }
    size_t at = (size_t)row * target->features + target->place[feature];
    if (target->bytes) {
        target->bytes[at] = *bytes;
        return true;
    }
    float value = (float)npy_value(&x->npy, bytes);
    target->values[at] = value;
    return isfinite(value) ||
           npz_fail(x,
                    "holds %g in example %lld (value %u of %zu), expected finite numbers in the "
                    "float range",
                    npy_value(&x->npy, bytes), (long long)example, target->place[feature] + 1,
                    target->features);
}

static bool read_examples(struct npz *npz, struct npz_member *x, const struct target *target) {
    uint8_t block[NPZ_BLOCK];
    size_t count = 1, feature = 0;
    int64_t example = 0;
    while (count > 0) {
        if (!npz_member_next(x, block, &count) ||
            (count > 0 && !dataset_tell(npz->dataset, (double)npz->done / (double)npz->values,
                                        npz->archive.problem))) {
            return false;
        }
        for (size_t j = 0; j < count; j++) {
            if (!put(target, x, example, feature, block + j * (size_t)x->npy.size)) {
                return false;
            }
            bool next =
                x->npy.fortran ? ++example == x->npy.shape[0] : ++feature == target->features;
            if (next && x->npy.fortran) {
                example = 0;
                feature++;
            } else if (next) {
                feature = 0;
                example++;
            }
        }
        npz->done += (int64_t)count;
    }
    return true;
}

/* The classes of a part in the places of their examples. */
static void place_labels(const struct npz *npz, int part, const struct target *target) {
    uint8_t classes[LABELS_MOST];
    labels_classes(&npz->labels, classes);
    for (int64_t i = 0; i < npz->y[part].npy.count; i++) {
        int64_t row = row_of(target, i);
        if (row >= 0) {
            target->labels[row] = classes[npz->numbers[part][i]];
        }
    }
}

static bool load_part(struct npz *npz, int part, struct target *target) {
    struct npz_member *x = &npz->x[part];
    uint32_t *place = order_features(&x->npy);
    target->place = place;
    place_labels(npz, part, target);
    bool good = place ? read_examples(npz, x, target) : npz_fail(x, "memory ran out for it");
    free(place);
    return good;
}

/* Everything in one block, the held-out part first. */
static bool load_all(struct npz *npz, const struct split *split) {
    struct dataset *dataset = npz->dataset;
    const struct dataset_shape *shape = &dataset->shape;
    size_t features = (size_t)shape->features, held_out = (size_t)shape->test_examples;
    size_t rows = held_out + (size_t)shape->examples, skipped = held_out * features;
    bool small = is_bytes(npz);
    void *room =
        dataset_allocate(dataset, (double)rows * (double)features * (small ? 1.0 : sizeof(float)),
                         npz->archive.problem);
    uint8_t *labels = room ? dataset_allocate(dataset, (double)rows, npz->archive.problem) : NULL;
    if (!labels) {
        return false;
    }
    struct target all = { .features = features, .rows = (int64_t)rows, .split = split };
    all.labels = labels;
    all.bytes = small ? room : NULL;
    all.values = small ? NULL : room;
    struct target train = all, test = all;
    if (has_test(npz)) {
        test.rows = shape->test_examples;
        train.rows = shape->examples;
        train.labels += held_out;
        train.bytes = small ? all.bytes + skipped : NULL;
        train.values = small ? NULL : all.values + skipped;
    }
    if (!load_part(npz, TRAIN, &train) || (has_test(npz) && !load_part(npz, TEST, &test))) {
        return false;
    }
    dataset->test = (struct examples){ shape->test_examples, all.bytes, all.values, labels };
    dataset->train = (struct examples){
        .count = shape->examples,
        .bytes = small ? all.bytes + skipped : NULL,
        .values = small ? NULL : all.values + skipped,
        .labels = labels + held_out,
    };
    return true;
}

/* What the labels were called, where that is not the number of their class. */
static bool keep_names(const struct npz *npz) {
    struct dataset *dataset = npz->dataset;
    const char *classes[LABELS_MOST];
    int count = labels_names(&npz->labels, classes);
    dataset->class_names =
        count > 0 ? dataset_names(dataset, classes, count, npz->archive.problem) : NULL;
    return count == 0 || dataset->class_names;
}

bool npz_load(struct dataset *dataset, const struct dataset_settings *settings, char *problem) {
    struct npz npz = { .dataset = dataset };
    struct split split = { 0 };
    int features = dataset->shape.features;
    bool good = survey(&npz, settings, &dataset->shape, problem);
    if (good && features != dataset->shape.features) {
        good = dataset_file_problem(problem, settings->path, "changed while it was read");
    }
    good = good &&
           (has_test(&npz) || split_init(&split, settings, npz.x[TRAIN].npy.shape[0], problem)) &&
           load_all(&npz, &split) && keep_names(&npz);
    split_finish(&split);
    close_all(&npz);
    return good;
}
