/*
 * The first byte says how many records each file holds, and which are cut; the rest is the first
 * record of the training part and the names of the classes.
 */
#include "fuzz_data.h"

enum { RECORD = 3073, FILES = 6, RECORDS = 3 };

static void write_batch(int file, const uint8_t *data, size_t size, int records, off_t cut) {
    char name[32] = "test_batch.bin";
    if (file < FILES - 1) {
        text_set(name, sizeof name, "data_batch_%d.bin", file + 1);
    }
    const char *path = fuzz_file(name, data, size < RECORD ? size : RECORD);
    REQUIRE(truncate(path, (off_t)RECORD * records - (records > 0 ? cut : 0)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct dataset_settings settings = { .kind = DATASET_CIFAR10 };
    if (size == 0) {
        return 0;
    }
    int how = *data++;
    size--;
    settings.examples = how % 4;
    for (int i = 0; i < FILES; i++) {
        write_batch(i, data, size, (how / 4 + i) % (RECORDS + 1) + (how >= 32), how % 32 == i + 16);
    }
    size_t names = size > RECORD ? size - RECORD : 0;
    fuzz_file("batches.meta.txt", data + (size - names), names);
    text_set(settings.path, sizeof settings.path, "%s", fuzz_path("."));
    fuzz_load(&settings);
    return 0;
}
