#include "lab/model_load.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "data/npz_member.h"
#include "lab/model.h"

static const int64_t most_steps = INT64_C(1) << 53;

static_assert((int)DATASET_PROBLEM <= (int)EXPERIMENT_PROBLEM, "the reader's sentences fit");

struct loading {
    struct npz_archive archive;
    struct run *run;
    int64_t step;
    int64_t *begun;             // of the network that is read
    int states, states_missing; // of it
    char missing[MODEL_NAME];   // one of those
    const char *wanted;         // is there an array of that name?
};

static bool say_missing(const struct loading *loading, const char *name) {
    return dataset_file_problem(loading->archive.problem, loading->archive.path,
                                "there is no array %s, which the experiment's networks have", name);
}

/* "(100, 10)" */
static void print_shape(const struct model_array *array, char *text, size_t size) {
    struct npy npy = { .dimensions = array->rank };
    for (int i = 0; i < array->rank; i++) {
        npy.shape[i] = array->size[i];
    }
    npy_print_shape(&npy, text, size);
}

static bool has_shape(const struct npy *npy, const struct model_array *array) {
    bool same = npy->dimensions == array->rank;
    for (int i = 0; same && i < array->rank; i++) {
        same = npy->shape[i] == array->size[i];
    }
    return same;
}

/* Of value `index` of the file, the place in an array whose last index runs fastest. */
static size_t place_of(const struct npy *npy, int64_t index) {
    int64_t place = 0;
    if (!npy->fortran) {
        return (size_t)index;
    }
    int64_t at[NPY_DIMENSIONS];
    for (int i = 0; i < npy->dimensions; i++) {
        at[i] = index % npy->shape[i];
        index /= npy->shape[i];
    }
    for (int i = 0; i < npy->dimensions; i++) {
        place = place * npy->shape[i] + at[i];
    }
    return (size_t)place;
}

/* A block of values; a float32 keeps its bits. */
static bool take_block(const struct npz_member *member, const uint8_t *block, size_t count,
                       real *values) {
    const struct npy *npy = &member->npy;
    bool as_it_is = npy->size == sizeof(real) && !npy->swapped && !npy->fortran;
    int64_t first = member->read - (int64_t)count;
    if (as_it_is) {
        memcpy(values + first, block, count * sizeof(real));
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        double value = npy_value(npy, block + i * (size_t)npy->size);
        real rounded = (real)value;
        if (isfinite(value) && !isfinite(rounded)) {
            return npz_fail(member, "holds %g, which is no float32", value);
        }
        values[place_of(npy, first + (int64_t)i)] = rounded;
    }
    return true;
}

static bool read_values(struct npz_member *member, const struct model_array *array) {
    const struct npy *npy = &member->npy;
    char has[96], wants[96];
    if (npy->kind != 'f') {
        return npz_fail(member, "holds values of type '%s', expected float32 or float64",
                        npy->type);
    }
    if (!has_shape(npy, array)) {
        npy_print_shape(npy, has, sizeof has);
        print_shape(array, wants, sizeof wants);
        return npz_fail(member, "has the shape %s, the experiment's is %s", has, wants);
    }
    uint8_t block[NPZ_BLOCK];
    size_t count;
    do {
        if (!npz_member_next(member, block, &count) ||
            !take_block(member, block, count, array->values)) {
            return false;
        }
    } while (count > 0);
    return true;
}

static bool load_array(void *context, const struct model_array *array) {
    struct loading *loading = context;
    struct npz_member member;
    bool good = npz_member_open(&member, &loading->archive, array->name);
    if (good && member.file) {
        loading->states += array->state;
        good = read_values(&member, array);
    } else if (good && array->state) {
        loading->states_missing++;
        text_set(loading->missing, sizeof loading->missing, "%s", array->name);
    } else if (good) {
        good = say_missing(loading, array->name);
    }
    npz_member_close(&member);
    return good;
}

/* A whole number; 0 where there is none. */
static bool read_count(struct loading *loading, const char *name, int64_t most, int64_t *value) {
    struct npz_member member;
    uint8_t block[NPZ_BLOCK];
    size_t count;
    *value = 0;
    bool good = npz_member_open(&member, &loading->archive, name);
    if (good && member.file) {
        const struct npy *npy = &member.npy;
        double number = -1.0;
        good = npy->count == 1 ? npz_member_next(&member, block, &count)
                               : npz_fail(&member, "is no single number");
        number = good ? npy_value(npy, block) : number;
        if (good && !(number >= 0.0 && number <= (double)most && number == floor(number))) {
            good = npz_fail(&member, "is %g, expected a whole number from 0 to %lld", number,
                            (long long)most);
        }
        *value = good ? (int64_t)number : 0;
    }
    npz_member_close(&member);
    return good;
}

/* All of the optimiser's state was there, or none of it. */
static bool end_network(struct loading *loading) {
    if (loading->states > 0 && loading->states_missing > 0) {
        return say_missing(loading, loading->missing);
    }
    if (loading->states_missing > 0) {
        *loading->begun = loading->step;
    }
    return true;
}

/* With this one the arrays of a network begin. */
static bool load_count(void *context, const struct model_count *count) {
    struct loading *loading = context;
    if (!count->begun) {
        return true; // load_place() has it
    }
    bool good = end_network(loading);
    loading->begun = count->begun;
    loading->states = loading->states_missing = 0;
    return good && read_count(loading, count->name, most_steps, count->begun);
}

/* How far training is. */
static bool load_place(struct loading *loading) {
    struct run *run = loading->run;
    int64_t epoch, position;
    if (!read_count(loading, "step", most_steps, &loading->step) ||
        !read_count(loading, "seen", most_steps, &run->seen) ||
        !read_count(loading, "epoch", most_steps, &epoch) ||
        !read_count(loading, "position", (int64_t)run->batches.examples, &position)) {
        return false;
    }
    run->step = loading->step;
    batches_return(&run->batches, (struct batches_place){ (uint64_t)epoch, (uint32_t)position });
    for (int r = 0; r < run->networks; r++) {
        run->twin[r].step = run->step;
    }
    return true;
}

static bool is_wanted(void *context, const struct model_array *array) {
    const struct loading *loading = context;
    return strcmp(array->name, loading->wanted) != 0; // else the search is over
}

static bool no_matter(void *context, const struct model_count *count) {
    (void)context;
    (void)count;
    return true;
}

/* Is it called like a value that a network may have learned? */
static bool is_learned(const char *name) {
    static const char *const kinds[] = {
        "W", "b", "gamma", "beta", "running_mean", "running_variance"
    };
    name += strncmp(name, "b_", 2) == 0 ? 2 : 0;
    const char *end = strchr(name, '_');
    if (name[0] == 'm' && end > name + 1 &&
        strspn(name + 1, "0123456789") == (size_t)(end - name - 1)) {
        name = end + 1;
    }
    for (int i = 0; i < ARRAY_LEN(kinds); i++) {
        size_t length = strlen(kinds[i]);
        if (strncmp(name, kinds[i], length) == 0 && name[length] != '\0' &&
            name[length + strspn(name + length, "0123456789")] == '\0') {
            return true;
        }
    }
    return false;
}

/* What was learned and finds no place would be lost without a word. */
static bool check_names(struct loading *loading) {
    char name[NPZ_NAME];
    const struct model_visitor search = { loading, is_wanted, no_matter };
    bool good = true;
    loading->wanted = name;
    for (int64_t i = 0; good && npz_archive_name(&loading->archive, i, name); i++) {
        if (is_learned(name) && model_visit(loading->run, &search)) {
            good = dataset_file_problem(loading->archive.problem, loading->archive.path,
                                        "the array %s has no place in the experiment's networks",
                                        name);
        }
    }
    loading->wanted = NULL;
    return good;
}

/* What the initialisers have said and have yet to do is of no use now. */
static void forget_beginning(struct run *run) {
    run->loaded = true;
    for (int r = 0; r < run->networks; r++) {
        run->lsuv[r].layers = 0;
        run->pretraining[r].stats = (struct pretraining_stats){ 0 };
        for (int m = 0; m < run->ensemble[r].others && run->ensemble[r].pretraining; m++) {
            run->ensemble[r].pretraining[m].stats = (struct pretraining_stats){ 0 };
        }
    }
}

bool model_load(struct run *run, const char *path, char *problem) {
    struct loading loading = { .run = run };
    const struct model_visitor visitor = { &loading, load_array, load_count };
    bool good = npz_archive_open(&loading.archive, path, problem) && load_place(&loading) &&
                check_names(&loading) && model_visit(run, &visitor) && end_network(&loading);
    npz_archive_close(&loading.archive);
    if (good) {
        forget_beginning(run);
    }
    return good;
}

/* The text of an array of bytes. */
static bool read_text(struct npz_member *member, char **text) {
    const struct npy *npy = &member->npy;
    uint8_t block[NPZ_BLOCK];
    size_t count = 0;
    if (npy->size != 1 || npy->count >= MODEL_TEXT) {
        return npz_fail(member, "is no text of up to %d bytes", MODEL_TEXT - 1);
    }
    *text = calloc((size_t)npy->count + 1, 1);
    if (!*text) {
        return npz_fail(member, "memory ran out for it");
    }
    if (!npz_member_next(member, block, &count)) {
        return false;
    }
    memcpy(*text, block, count);
    return true;
}

bool model_load_text(const char *path, char **text, char *problem) {
    struct npz_archive archive;
    struct npz_member member = { 0 };
    *text = NULL;
    bool good = npz_archive_open(&archive, path, problem) &&
                npz_member_open(&member, &archive, "experiment") &&
                (!member.file || read_text(&member, text));
    npz_member_close(&member);
    npz_archive_close(&archive);
    if (!good) {
        free(*text);
        *text = NULL;
    }
    return good;
}
