/* The first byte is the length of the images' file, the rest of the input that of the labels. */
#include "fuzz_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct dataset_settings settings = { .kind = DATASET_IDX };
    size_t images = size > 0 && data[0] < size ? data[0] : 0;
    if (size == 0) {
        return 0;
    }
    fuzz_file("train-labels-idx1-ubyte", data + 1 + images, size - 1 - images);
    text_set(settings.path, sizeof settings.path, "%s",
             fuzz_file("train-images-idx3-ubyte", data + 1, images));
    fuzz_load(&settings);
    return 0;
}
