#include "fuzz_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct dataset_settings settings = { .kind = DATASET_NPZ, .seed = 1, .held_out = 0.2 };
    text_set(settings.path, sizeof settings.path, "%s", fuzz_file("data", data, size));
    fuzz_load(&settings);
    return 0;
}
