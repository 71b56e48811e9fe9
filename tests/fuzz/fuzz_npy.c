/* The headers alone, which packing and checksums hide from a fuzzer of whole archives. */
#include "data/npy.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char problem[NPY_PROBLEM] = "", shape[96];
    struct npy npy;
    size_t bytes = size >= NPY_PREFIX ? npy_header_size(data, problem) : 0;
    if (bytes == 0 || bytes > size || bytes < NPY_PREFIX) {
        return 0;
    }
    if (!npy_read_header(&npy, data, bytes, problem)) {
        REQUIRE(problem[0] && npy.size == 0);
        return 0;
    }
    REQUIRE(npy.count >= 0 && npy.size >= 1 && npy.size <= 8);
    npy_print_shape(&npy, shape, sizeof shape);
    if (size - bytes >= (size_t)npy.size) {
        npy_value(&npy, data + bytes);
    }
    return 0;
}
