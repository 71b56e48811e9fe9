/*
 * replay.c - the target once for each file of some folders: seeds and what was ever found.
 *
 * usage: replay FOLDER...     One that is not there is empty; in all there must be some file.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fuzz.h"

static void replay(const char *path, long size) {
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = malloc(size > 0 ? (size_t)size : 1);
    if (!file || !bytes || fread(bytes, 1, (size_t)size, file) != (size_t)size) {
        fprintf(stderr, "replay: cannot read %s\n", path);
        exit(2);
    }
    fclose(file);
    printf("%s\n", path);
    fflush(stdout); // the last one named is the find
    LLVMFuzzerTestOneInput(bytes, (size_t)size);
    free(bytes);
}

int main(int argc, char **argv) {
    int count = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        const struct dirent *entry;
        while (folder && (entry = readdir(folder))) {
            char path[4096];
            struct stat info;
            snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            if (stat(path, &info) == 0 && S_ISREG(info.st_mode)) {
                replay(path, (long)info.st_size);
                count++;
            }
        }
        if (folder) {
            closedir(folder);
        }
    }
    return count > 0 ? 0 : 2;
}
