#include "lab/layer_look.h"

static struct picture_shape shape_of(const struct dataset *data) {
    return (struct picture_shape){ .width = data->shape.image_width,
                                   .height = data->shape.image_height,
                                   .channels = data->shape.image_channels };
}

/* As a picture, black being 0 and white 1. */
static void show_input(const struct dataset *data, float *input) {
    float black, white;
    dataset_restore(data, input, input);
    dataset_levels(data, &black, &white);
    for (int j = 0; j < data->shape.features && (black < 0.0f || white > 1.0f); j++) {
        input[j] = (input[j] - black) / (white - black);
    }
}

void layer_look(struct run *run, const struct look *look, struct snapshot *snapshot) {
    for (int r = 0; r < run->networks; r++) {
        struct layer_detail *detail = &snapshot->detail[r];
        if (look->kind != LOOK_LAYER) {
            detail->layer = 0;
            continue;
        }
        if (look->layer >= 1 && look->layer <= run->network[r].config.layers + 1) {
            network_weight_gradient(&run->network[r], look->layer - 1);
        }
        layer_detail_fill(&run->network[r], look->layer, look->unit, shape_of(run->data), detail);
        bool pictures = detail->layer > 0 && detail->shape.channels > 0 && detail->features > 0;
        for (int k = 0; pictures && k < detail->drivers; k++) {
            show_input(run->data, detail->driver[k].input);
        }
    }
}
