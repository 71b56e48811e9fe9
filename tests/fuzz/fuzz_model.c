/*
 * A file of weights: the input as it is, and as one array of a good file, which packing and
 * checksums hide from a fuzzer of whole archives. The first byte says which array.
 */
#include <zip.h>

#include "base/require.h"
#include "export/model_file.h"
#include "fuzz.h"
#include "lab/experiment_ini.h"
#include "lab/model_load.h"

static struct experiment experiment;
static struct dataset dataset;
static struct run run;
static char good[FILE_PATH_MAX];

/* Of each kind of array one, at least. */
static void prepare(void) {
    char problem[FILE_PROBLEM_MAX];
    experiment_defaults(&experiment);
    experiment.data = DATASET_GAUSSIAN;
    experiment.examples = 8;
    experiment.features = 3;
    experiment.batch = 4;
    experiment.threads = 1;
    experiment.run[0].layers = 2;
    experiment.run[0].width = 2;
    experiment.run[0].normalisation = NORMALISATION_BATCH;
    experiment.run[0].optimizer = OPTIMISER_ADAM;
    const struct dataset_settings settings = experiment_data(&experiment);
    REQUIRE(dataset_load(&dataset, &settings, problem));
    REQUIRE(run_init(&run, &experiment, &dataset, problem));
    run_pass(&run);
    run_update(&run);
    text_set(good, sizeof good, "%s", fuzz_path("good.npz"));
    REQUIRE(model_file_write(good, &run, problem));
}

static void load(const char *path) {
    char problem[EXPERIMENT_PROBLEM] = "", *text;
    bool told = model_load_text(path, &text, problem);
    REQUIRE(told || (problem[0] && !text));
    free(text);
    REQUIRE(run_restart(&run, &experiment, &dataset, problem));
    problem[0] = '\0';
    if (!model_load(&run, path, problem)) {
        REQUIRE(problem[0]);
        return;
    }
    REQUIRE(run.loaded && run.step >= 0 && run.seen >= 0);
    run_pass(&run);
    if (!run_stopped(&run)) {
        run_update(&run);
    }
}

static const char *with_array(const uint8_t *data, size_t size) {
    int code = 0;
    const char *path = fuzz_path("one.npz");
    FILE *from = fopen(good, "rb");
    static uint8_t bytes[1 << 16];
    REQUIRE(from);
    size_t length = fread(bytes, 1, sizeof bytes, from);
    fclose(from);
    REQUIRE(length < sizeof bytes && write_file(path, bytes, length) == 0);
    zip_t *zip = zip_open(path, 0, &code);
    REQUIRE(zip);
    zip_uint64_t index = data[0] % (zip_uint64_t)zip_get_num_entries(zip, 0);
    zip_source_t *source = zip_source_buffer(zip, data + 1, size - 1, 0);
    REQUIRE(source && zip_file_replace(zip, index, source, 0) == 0);
    zip_set_file_compression(zip, index, ZIP_CM_STORE, 0);
    REQUIRE(zip_close(zip) == 0);
    return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!good[0]) {
        prepare();
    }
    load(fuzz_file("model.npz", data, size));
    if (size > 0) {
        load(with_array(data, size));
    }
    return 0;
}
