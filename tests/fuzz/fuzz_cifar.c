/* The first record of the training part; the files are as large as they must be, or as the first
 * two bytes say. */
#include "fuzz_data.h"

enum { RECORD = 3073, RECORDS = 10000 };

static void write_batch(const char *name, const uint8_t *data, size_t size, off_t length) {
    REQUIRE(truncate(fuzz_file(name, data, size), length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct dataset_settings settings = { .kind = DATASET_CIFAR10, .examples = 1 };
    off_t length =
        size < 2 ? 0 : (off_t)RECORD * RECORDS + (off_t)(int8_t)data[0] * (int8_t)data[1];
    for (int i = 1; i <= 5; i++) {
        char name[32];
        text_set(name, sizeof name, "data_batch_%d.bin", i);
        write_batch(name, data, size < RECORD ? size : RECORD, length);
    }
    write_batch("test_batch.bin", data, size < RECORD ? size : RECORD, length);
    text_set(settings.path, sizeof settings.path, "%s", fuzz_path("."));
    fuzz_load(&settings);
    return 0;
}
