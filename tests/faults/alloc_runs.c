/*
 * alloc_runs.c - memory runs out in the program without a window: a sentence and status 1, or all
 * is well; never half.
 *
 * main() runs in this process with one allocation of our code after the other failing. Each time
 * it has either gone well and written what it writes otherwise, byte by byte, or it has failed with
 * status 1 and one sentence, and what it leaves are whole files. Either way nothing stays
 * allocated. Of many allocations some are tried, ALLOC_TRIES of each case, spread evenly;
 * ALLOC_CASE=0 takes the first case alone.
 */
#include "base/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "base/folder.h"
#include "base/require.h"
#include "base/text.h"
#include "data/gzip.h"

int layerscope_main(int argc, char **argv); // src/main.c

enum { WORDS = 64, LONGEST = 1 << 22, MOST_FILES = 16, NAME = 300, SOME = 16 };

#define XOR "run --data xor --layers 2 --width 6 --batch 8 --threads 1 --steps 3 "
#define PICTURE XOR "--size 960x600 "

/* Its words. They run in a folder of their own, beside that of what they read. */
static const char *const cases[] = {
    XOR,
    XOR "--csv a.csv --json b.json --npz c.npz --save d.npz --code e.py --tensorboard f",
    XOR "--csv a.csv --json b.json --npz c.npz --every 1 --print",
    XOR "--b activation=sigmoid --b init=small --json a.json --csv b.csv",
    XOR "--init rbm --activation sigmoid --rbm-epochs 1",
    XOR "--ensemble 3 --init lsuv",
    XOR "--normalisation batch --threads 2",
    XOR "--connection residual --init orthogonal --layers 3",
    "run --preset lecture-xor --steps 1 --json a.json --print",
    "run --data csv --data-path ../in/a.csv --layers 2 --width 6 --steps 3",
    "run --data csv --data-path ../in/a.csv --layers 2 --width 6 --steps 3 --preprocess whitened",
    "run --data npz --data-path ../in/a.npz --layers 2 --width 6 --steps 3",
    "run --data idx --data-path ../in --layers 2 --width 6 --steps 3",
    "run --load ../in/weights.npz --steps 1 --save a.npz",
    "run ../in/a.png --print",
    "watch ../in/log --print",
    "watch ../in/log --csv a.csv --every 1",
    PICTURE "--png a.png",
    PICTURE "--svg a.svg --view layer --layers 1",
    PICTURE "--svg a.svg --view data --data moons --examples 20",
    PICTURE "--svg a.svg --view phase",
    PICTURE "--frames a --every 3 --view history",
    "watch ../in/log --png a.png",
};

/* A file, or what was printed. */
struct file {
    char name[NAME];
    char *bytes; // owned
    size_t size;
    bool fickle; // what is in it differs from run to run: times
};

struct left {
    struct file file[MOST_FILES];
    int count;
};

static void forget(struct left *left) {
    for (int i = 0; i < left->count; i++) {
        free(left->file[i].bytes);
    }
    left->count = 0;
}

static void take_file(struct left *left, const char *name, const char *path) {
    struct stat info;
    assert_true(left->count < MOST_FILES);
    struct file *file = &left->file[left->count++];
    *file = (struct file){ .fickle = strstr(name, "tfevents") != NULL };
    text_set(file->name, sizeof file->name, "%s", file->fickle ? "tfevents" : name);
    assert_int_equal(stat(path, &info), 0);
    file->size = (size_t)info.st_size;
    file->bytes = malloc(file->size + 1);
    FILE *stream = fopen(path, "rb");
    assert_non_null(file->bytes);
    assert_non_null(stream);
    assert_int_equal(fread(file->bytes, 1, file->size, stream), file->size);
    file->bytes[file->size] = '\0';
    fclose(stream);
}

/* All files below path, which are removed. */
static void take(struct left *left, const char *path) {
    DIR *listing = opendir(path);
    assert_non_null(listing);
    for (const struct dirent *entry; (entry = readdir(listing));) {
        struct stat info;
        char name[NAME + FOLDER_PATH];
        text_set(name, sizeof name, "%s/%s", path, entry->d_name);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        assert_int_equal(stat(name, &info), 0);
        if (S_ISDIR(info.st_mode)) {
            take(left, name);
        } else {
            take_file(left, entry->d_name, name);
        }
        assert_int_equal(remove(name), 0);
    }
    closedir(listing);
}

static const struct file *find(const struct left *left, const char *name) {
    for (int i = 0; i < left->count; i++) {
        if (strcmp(left->file[i].name, name) == 0) {
            return &left->file[i];
        }
    }
    return NULL;
}

static void send_to(const char *path, int descriptor) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    assert_true(file >= 0 && dup2(file, descriptor) == descriptor);
    close(file);
}

/* Run the program; what it left, with what it printed as the files "stdout" and "stderr". */
static int run(const char *words, long at, bool lasts, struct left *left) {
    char line[1024], *argv[WORDS] = { "layerscope" };
    int argc = 1, out = dup(STDOUT_FILENO), error = dup(STDERR_FILENO);
    text_set(line, sizeof line, "%s", words);
    for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
        argv[argc++] = word;
    }
    fflush(NULL);
    send_to("../stdout", STDOUT_FILENO);
    send_to("../stderr", STDERR_FILENO);
    alloc_arm(at, lasts);
    int status = layerscope_main(argc, argv);
    alloc_disarm();
    fflush(NULL);
    dup2(out, STDOUT_FILENO);
    dup2(error, STDERR_FILENO);
    close(out);
    close(error);
    left->count = 0;
    take_file(left, "stdout", "../stdout");
    take_file(left, "stderr", "../stderr");
    take(left, ".");
    return status;
}

/* Is there anything that is not whole, or not of this case? */
static const char *difference(const struct left *left, const struct left *whole, bool all) {
    static char text[NAME + 64];
    for (int i = 0; i < left->count; i++) {
        const struct file *file = &left->file[i], *other = find(whole, file->name);
        bool printed = strncmp(file->name, "std", 3) == 0;
        if (!other || (all && file->fickle && file->size != other->size) ||
            (!file->fickle && (all || !printed) &&
             (file->size != other->size || memcmp(file->bytes, other->bytes, file->size) != 0))) {
            text_set(text, sizeof text, "%s is %s", file->name, other ? "another" : "left");
            return text;
        }
    }
    return all && left->count < whole->count ? "a file is missing" : NULL;
}

/* Do its lines tell that memory ran out, and else only what they tell otherwise? */
static bool is_told(const struct file *said, const struct file *otherwise) {
    char line[1024];
    bool told = false;
    for (const char *at = said->bytes, *end; *at; at = end + 1) {
        end = strchr(at, '\n');
        text_set(line, sizeof line, "%.*s", end ? (int)(end - at) : 0, at);
        bool reason = strstr(line, "emory ran out") != NULL;
        if (strncmp(line, "layerscope: ", 12) != 0 || !(reason || strstr(otherwise->bytes, line))) {
            return false;
        }
        told = told || reason;
    }
    return told;
}

static void print_fault(const char *words, long at, bool lasts, const char *fault,
                        const struct left *left) {
    print_message("%s\n    allocation %ld%s: %s\n    %s\n", words, at,
                  lasts ? " and all later" : "", fault, find(left, "stderr")->bytes);
}

/* What is wrong with the run in which that allocation fails? NULL: nothing. */
static bool is_good(const char *words, long at, bool lasts, const struct left *whole) {
    struct left left;
    int status = run(words, at, lasts, &left);
    const struct file *said = find(&left, "stderr");
    char fault[NAME + 64] = "";
    const char *differs = difference(&left, whole, status == 0);
    if (!alloc_failed()) {
        text_set(fault, sizeof fault, "it was not asked for");
    } else if (status != 0 && status != 1) {
        text_set(fault, sizeof fault, "status %d", status);
    } else if (differs) {
        text_set(fault, sizeof fault, "status %d, but %s", status, differs);
    } else if (status == 1 && !is_told(said, find(whole, "stderr"))) {
        text_set(fault, sizeof fault, "no sentence");
    } else if (alloc_held() > 0) {
        text_set(fault, sizeof fault, "%ld blocks are lost", alloc_held());
    }
    if (fault[0]) {
        print_fault(words, at, lasts, fault, &left);
    }
    forget(&left);
    return !fault[0];
}

static int check(const char *words) {
    struct left whole, again;
    int status = run(words, 0, false, &whole), bad = 0;
    long count = alloc_disarm();
    if (status != 0 || alloc_held() > 0 || count == 0) {
        print_fault(words, 0, false, "it fails without", &whole);
        forget(&whole);
        return 1;
    }
    run(words, 0, false, &again);
    for (int i = 0; i < whole.count; i++) {
        const struct file *file = find(&again, whole.file[i].name);
        whole.file[i].fickle |= !file || file->size != whole.file[i].size ||
                                memcmp(file->bytes, whole.file[i].bytes, file->size) != 0;
    }
    forget(&again);
    const char *tries = getenv("ALLOC_TRIES");
    long some = tries ? atol(tries) : SOME, tried = count < some ? count : some;
    for (long i = 0; i < tried; i++) {
        long at = 1 + i * count / tried;
        bad += !is_good(words, at, false, &whole) + !is_good(words, at, true, &whole);
    }
    print_message("%4ld allocations, %4ld tried: %s\n", count, tried, words);
    forget(&whole);
    return bad;
}

static void memory_runs_out_loudly(void **state) {
    (void)state;
    int bad = 0;
    const char *only = getenv("ALLOC_CASE");
    for (int i = 0; i < ARRAY_LEN(cases); i++) {
        if (!only || atoi(only) == i) {
            bad += check(cases[i]);
        }
    }
    assert_int_equal(bad, 0);
}

/* An IDX data set of four pictures, one file of it packed. */
static int make_idx(struct folder *in) {
    unsigned char images[16 + 16] = { 0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 2, 9, 99, 5 };
    static const unsigned char labels[] = { 0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 1, 0 };
    unsigned char packed[256];
    size_t size = gzip(images, sizeof images, packed, sizeof packed);
    return write_file(folder_file(in, "train-images-idx3-ubyte.gz"), packed, size) |
           write_file(folder_file(in, "train-labels-idx1-ubyte"), labels, sizeof labels);
}

/* What the cases read, in the folder "in"; they run in "out". */
static int make_files(void **state) {
    static const char csv[] = "a,b,class\n1,2,x\n3,5,y\n2,1,x\n4,4,y\n0,3,x\n6,5,y\n";
    static const char maker[] =
        PICTURE "--save ../in/weights.npz --png ../in/a.png --tensorboard ../in/log";
    char path[FOLDER_PATH + 64];
    if (folder_setup(state) != 0) {
        return -1;
    }
    struct folder *made = *state, in = *made;
    text_set(in.path, sizeof in.path, "%.100s/in", made->path);
    mkdir(in.path, 0777);
    text_set(path, sizeof path, "%s/tests/fuzz/corpus/npz/images", getenv("SOURCE_ROOT"));
    int status = symlink(path, folder_file(&in, "a.npz")) |
                 write_file(folder_file(&in, "a.csv"), csv, sizeof csv - 1) | make_idx(&in);
    const char *out = folder_file(made, "out");
    mkdir(out, 0777);
    if (status != 0 || chdir(out) != 0) {
        return -1;
    }
    struct left left;
    status = run(maker, 0, false, &left);
    forget(&left);
    return status;
}

static int remove_files(void **state) {
    return chdir("/") == 0 ? folder_teardown(state) : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(memory_runs_out_loudly, make_files, remove_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
