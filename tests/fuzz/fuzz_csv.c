/* The first byte says what is given of separator and header. */
#include "data/csv.h"
#include "fuzz_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct dataset_settings settings = { .kind = DATASET_CSV, .seed = 1, .held_out = 0.2 };
    if (size == 0) {
        return 0;
    }
    settings.separator = data[0] % CSV_SEPARATORS;
    settings.header = data[0] / CSV_SEPARATORS % CSV_HEADERS;
    settings.skip_columns[0] = data[0] & 0x80 ? '1' : '\0';
    text_set(settings.path, sizeof settings.path, "%s", fuzz_file("data", data + 1, size - 1));
    fuzz_load(&settings);
    return 0;
}
