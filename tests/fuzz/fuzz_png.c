/* The chunks of a picture, and what a picture of ours says of its experiment. */
#include "app/shot.h"
#include "export/png_texts.h"
#include "fuzz.h"
#include "lab/experiment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = fuzz_file("picture.png", data, size);
    char problem[FILE_PROBLEM_MAX] = "", sentence[EXPERIMENT_PROBLEM] = "";
    struct png_texts texts;
    struct shot shot;
    char *experiment = NULL;
    bool read = png_texts_read(&texts, path, problem);
    REQUIRE(read || problem[0]);
    REQUIRE(!read || png_texts_is_png(path));
    REQUIRE(texts.count >= 0 && texts.count <= PNG_TEXTS_MOST);
    for (int i = 0; i < texts.count; i++) {
        REQUIRE(texts.entry[i].key[0] && texts.entry[i].value);
        REQUIRE(png_texts_find(&texts, texts.entry[i].key));
    }
    png_texts_finish(&texts);
    bool ours = shot_read(&shot, path, &experiment, sentence);
    REQUIRE(ours ? experiment != NULL : sentence[0] != '\0');
    if (ours) {
        free(experiment);
    }
    return 0;
}
