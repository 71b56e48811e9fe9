/*
 * replay.c - run a fuzz target over every file of folders, without a fuzzer:
 *
 *     replay_NAME FOLDER...
 */
#include <dirent.h>
#include <string.h>

#include "fuzz.h"

enum { MOST = 1 << 20 };

static void replay(const char *path) {
    static uint8_t bytes[MOST];
    FILE *file = fopen(path, "rb");
    REQUIRE(file);
    size_t size = fread(bytes, 1, MOST, file);
    fclose(file);
    uint8_t *copy =
        malloc(size > 0 ? size : 1); // of its own size, so that a sanitizer sees its end
    REQUIRE(copy && size < MOST);
    memcpy(copy, bytes, size);
    printf("%s\n", path); // the last one is the one that fails
    fflush(stdout);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

int main(int argc, char **argv) {
    int count = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        REQUIRE(folder);
        for (struct dirent *entry; (entry = readdir(folder));) {
            char path[FILE_PATH_MAX];
            text_set(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            if (entry->d_name[0] != '.') {
                replay(path);
                count++;
            }
        }
        closedir(folder);
    }
    return count > 0 ? 0 : 1;
}
