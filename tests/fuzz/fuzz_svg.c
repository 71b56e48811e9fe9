/* The metadata of an SVG, and what one of ours says of its experiment. */
#include "app/shot.h"
#include "export/svg_texts.h"
#include "fuzz.h"
#include "lab/experiment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = fuzz_file("picture.svg", data, size);
    char problem[FILE_PROBLEM_MAX] = "", sentence[EXPERIMENT_PROBLEM] = "";
    struct png_texts texts;
    struct shot shot;
    char *experiment = NULL;
    bool read = svg_texts_read(&texts, path, problem);
    REQUIRE(read || problem[0]);
    REQUIRE(!read || svg_texts_is_svg(path));
    REQUIRE(texts.count >= 0 && texts.count <= PNG_TEXTS_MOST);
    REQUIRE(texts.width >= 0 && texts.height >= 0);
    png_texts_finish(&texts);
    bool ours = shot_read(&shot, path, &experiment, sentence);
    REQUIRE(ours ? experiment != NULL : sentence[0] != '\0');
    free(experiment);
    return 0;
}
