#include "lab/data_look.h"

#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/require.h"
#include "base/text.h"
#include "engine/product.h"

static const double plane_margin = 0.08; // of the data's range, on either side

static int largest(const struct run *run) {
    int most = run->data->shape.features;
    for (int r = 0; r < run->networks; r++) {
        int width = run->network[r].config.width;
        most = width > most ? width : most;
    }
    return most;
}

static void layout(struct data_look *look, const struct run *run, struct arena *arena) {
    size_t most = (size_t)largest(run), features = (size_t)run->data->shape.features;
    for (int r = 0; r < run->networks; r++) {
        network_layout_viewer(&look->viewer[r], &run->network[r], DATA_LOOK_ROWS, arena);
    }
    look->inputs = arena_take(arena, DATA_LOOK_ROWS * features, sizeof(real));
    look->labels = arena_take(arena, DATA_LOOK_ROWS, sizeof *look->labels);
    look->indices = arena_take(arena, DATA_LOOK_ROWS, sizeof *look->indices);
    look->pixels = arena_take(arena, most, sizeof *look->pixels);
    if (run_pretrains(run)) {
        look->hidden = arena_take(arena, DATA_RECONSTRUCTIONS * most, sizeof(real));
        look->made = arena_take(arena, DATA_RECONSTRUCTIONS * most, sizeof(real));
        look->column[0] = arena_take(arena, DATA_FILTERS * most, sizeof(real));
        look->column[1] = arena_take(arena, DATA_FILTERS * most, sizeof(real));
    }
}

static enum data_form form_of(const struct run *run) {
    const struct dataset_shape *shape = &run->data->shape;
    bool pictures = shape->image_width > 0;
    return pictures ? DATA_PICTURES : shape->features == 2 ? DATA_PLANE : DATA_OTHER;
}

/* Room for the look, and all of it dealt out anew, since the run may have been laid out anew. */
static bool prepare(struct data_look *look, const struct run *run) {
    struct arena counting = { 0 };
    layout(look, run, &counting);
    if (counting.used > look->arena.capacity) {
        if (form_of(run) == DATA_PLANE && !look->arena.block) {
            dataset_range(run->data, &look->low, &look->high);
        }
        arena_finish(&look->arena);
        if (!arena_init(&look->arena, counting.used)) {
            log_error("Memory ran out for looking at the data.");
            return false;
        }
    }
    look->arena.used = 0;
    layout(look, run, &look->arena);
    return true;
}

static double multiply_adds(const struct network *network) {
    double sum = 0.0;
    for (int l = 0; l <= network->config.layers; l++) {
        sum += (double)network->layer[l].fan_in * network->layer[l].columns;
    }
    return sum;
}

/* Of the larger network. */
static double cost_of_example(const struct run *run) {
    double most = 0.0;
    for (int r = 0; r < run->networks; r++) {
        most = fmax(most, multiply_adds(&run->network[r]));
    }
    return most;
}

static int side_for(double cells) {
    static const int sides[] = { DATA_GRID, 64, 48 };
    for (int i = 0; i < ARRAY_LEN(sides); i++) {
        if ((double)sides[i] * sides[i] <= cells) {
            return sides[i];
        }
    }
    return 32;
}

static const struct examples *part_of(const struct run *run) {
    return run->data->test.count > 0 ? &run->data->test : &run->data->train;
}

/* What the axes of the plane are measured in. */
static void print_unit(const struct run *run, char *text, size_t size) {
    static const struct {
        bool raw; // begins with where the data are from
        const char *text;
    } units[PREPROCESS_COUNT] = {
        [PREPROCESS_NONE] = { true, "" },
        [PREPROCESS_UNIT] = { true, "" },
        [PREPROCESS_CENTRED] = { true, ", less the mean" },
        [PREPROCESS_STANDARDISED] = { false, "in sd of the input" },
        [PREPROCESS_PCA] = { false, "principal components" },
        [PREPROCESS_WHITENED] = { false, "principal components, in their sd" },
    };
    int preprocess = run->experiment.preprocess;
    const char *source = datasets[run->experiment.data].own ? "as in the file" : "as generated";
    text_set(text, size, "%s%s", units[preprocess].raw ? source : "", units[preprocess].text);
}

/* All but what the networks say. */
static void begin(struct data_look *look, const struct run *run, const struct data_effort *effort) {
    struct data_detail *next = &look->next;
    const struct dataset_shape *shape = &run->data->shape;
    double affordable = effort->work / cost_of_example(run);
    next->made = true;
    next->step = run->step;
    next->form = form_of(run);
    next->classes = shape->classes;
    next->probabilities = run->network[0].config.loss != LOSS_MSE;
    next->held_out = run->data->test.count > 0;
    next->part = part_of(run)->count;
    next->n = (int64_t)fmin(fmax(affordable, DATA_LOOK_LEAST), (double)next->part);
    next->examples = next->n < DATA_EXAMPLES ? (int)next->n : DATA_EXAMPLES;
    if (next->form == DATA_PICTURES) {
        next->picture =
            data_shape_of(shape->image_width, shape->image_height, shape->image_channels);
    }
    double edge = plane_margin * (look->high > look->low ? look->high - look->low : 1.0);
    next->low = look->low - edge;
    next->high = look->high + edge;
    print_unit(run, next->unit, sizeof next->unit);
    next->side = side_for(affordable);
    next->training = run->data->train.count;
    next->points = next->training < DATA_POINTS ? (int)next->training : DATA_POINTS;
    next->runs = run->networks;
    for (int r = 0; r < run->networks; r++) {
        struct data_run *out = &next->run[r];
        out->step = run->twin[r].step;
        out->diverged = run->twin[r].diverged;
        memset(out->confusion, 0, sizeof out->confusion);
        memset(out->none, 0, sizeof out->none);
        out->correct = 0.0;
        out->hard = 0;
        out->rbm.layer = 0;
    }
}

/* What network r predicts for the first count inputs: (count, outputs). */
static const real *predict(struct data_look *look, int r, int count) {
    struct network *viewer = &look->viewer[r];
    network_forward(viewer, &(struct network_batch){ .input = look->inputs,
                                                     .targets = { .labels = look->labels },
                                                     .count = count });
    return viewer->layer[viewer->config.layers].h;
}

static struct data_answer answer_of(const struct data_look *look, int r, const real *predictions,
                                    int row, int64_t number) {
    int outputs = look->viewer[r].config.outputs;
    return data_answer_of(predictions + (size_t)row * (size_t)outputs, outputs, number,
                          look->labels[row]);
}

static void gather(struct data_look *look, const struct run *run, const struct examples *part,
                   int64_t first, int count) {
    for (int i = 0; i < count; i++) {
        look->indices[i] = (uint32_t)(first + i);
    }
    dataset_gather(run->data, part, look->indices, count, look->inputs, look->labels);
}

static int rows_from(int64_t first, int64_t end) {
    return end - first < DATA_LOOK_ROWS ? (int)(end - first) : DATA_LOOK_ROWS;
}

static bool is_enough(const struct data_effort *effort) {
    return effort->enough && effort->enough(effort->context);
}

static bool look_at_examples(struct data_look *look, const struct run *run,
                             const struct data_effort *effort) {
    struct data_detail *next = &look->next;
    for (int64_t first = 0; first < next->n; first += DATA_LOOK_ROWS) {
        if (is_enough(effort)) {
            return false;
        }
        int rows = rows_from(first, next->n);
        gather(look, run, part_of(run), first, rows);
        for (int r = 0; r < run->networks; r++) {
            const real *predictions = predict(look, r, rows);
            for (int i = 0; i < rows; i++) {
                struct data_answer answer = answer_of(look, r, predictions, i, first + i);
                data_count(&next->run[r], &answer);
                data_keep_hardest(&next->run[r], &answer);
                if (answer.number < next->examples) {
                    next->run[r].example[answer.number] = answer;
                }
            }
        }
    }
    return true;
}

/* The pixels of an example as bytes. */
static const uint8_t *pixels_of(const struct data_look *look, const struct run *run,
                                int64_t number) {
    const struct examples *part = part_of(run);
    size_t features = (size_t)run->data->shape.features, first = (size_t)number * features;
    float black, white;
    if (part->bytes) {
        return part->bytes + first;
    }
    dataset_levels(run->data, &black, &white);
    for (size_t j = 0; j < features; j++) {
        float level = (part->values[first + j] - black) / (white - black);
        look->pixels[j] = (uint8_t)lroundf(255.0f * fminf(fmaxf(level, 0.0f), 1.0f));
    }
    return look->pixels;
}

static void keep_picture(const struct data_look *look, const struct run *run, int64_t number,
                         uint8_t *out) {
    const struct dataset_shape *shape = &run->data->shape;
    const uint8_t *pixels = pixels_of(look, run, number);
    data_shrink(pixels, shape->image_width, shape->image_height, shape->image_channels,
                &look->next.picture, out);
}

static void keep_pictures(struct data_look *look, const struct run *run) {
    for (int i = 0; i < look->next.examples; i++) {
        keep_picture(look, run, i, look->next.pictures[i]);
    }
    for (int r = 0; r < run->networks; r++) {
        struct data_run *out = &look->next.run[r];
        for (int i = 0; i < out->hard; i++) {
            keep_picture(look, run, out->hardest[i].number, out->hardest_picture[i]);
        }
    }
}

static void look_at_points(struct data_look *look, const struct run *run) {
    struct data_detail *next = &look->next;
    for (int64_t first = 0; first < next->points; first += DATA_LOOK_ROWS) {
        int rows = rows_from(first, next->points);
        gather(look, run, &run->data->train, first, rows);
        for (int i = 0; i < rows; i++) {
            next->point[first + i] =
                (struct data_point){ (float)look->inputs[2 * i], (float)look->inputs[2 * i + 1] };
        }
        for (int r = 0; r < run->networks; r++) {
            const real *predictions = predict(look, r, rows);
            for (int i = 0; i < rows; i++) {
                next->run[r].point[first + i] = answer_of(look, r, predictions, i, first + i);
            }
        }
    }
}

static bool look_at_plane(struct data_look *look, const struct run *run,
                          const struct data_effort *effort) {
    struct data_detail *next = &look->next;
    int cells = next->side * next->side;
    memset(look->labels, 0, DATA_LOOK_ROWS); // of places nobody asks how far off they are
    for (int first = 0; first < cells; first += DATA_LOOK_ROWS) {
        if (is_enough(effort)) {
            return false;
        }
        int rows = rows_from(first, cells);
        for (int i = 0; i < rows; i++) {
            look->inputs[2 * i] = (real)data_cell_centre(next, (first + i) % next->side);
            look->inputs[2 * i + 1] = (real)data_cell_centre(next, (first + i) / next->side);
        }
        for (int r = 0; r < run->networks; r++) {
            int outputs = look->viewer[r].config.outputs;
            const real *predictions = predict(look, r, rows);
            for (int i = 0; i < rows; i++) {
                next->run[r].cell[first + i] = data_cell_of(predictions + i * outputs, outputs);
            }
        }
    }
    return true;
}

/* So many units as a picture that is nearly square; those that have no room are left out. */
static struct data_shape square_of(int units) {
    enum { SIDE = 55 }; // the largest square in a picture
    int kept = units < SIDE * SIDE ? units : SIDE * SIDE;
    int width = (int)ceil(sqrt(kept));
    return (struct data_shape){ width, (kept + width - 1) / width, 1, 1 };
}

/* Bytes of visible units as a picture: an image where they are its pixels; what is over stays. */
static void keep_visible(const struct data_look *look, const struct run *run, bool image,
                         const uint8_t *bytes, int units, const struct data_shape *shape,
                         uint8_t *out) {
    const struct dataset_shape *data = &run->data->shape;
    if (image) {
        data_shrink(bytes, data->image_width, data->image_height, data->image_channels,
                    &look->next.picture, out);
        return;
    }
    size_t room = (size_t)shape->width * (size_t)shape->height;
    size_t kept = (size_t)units < room ? (size_t)units : room;
    memcpy(out, bytes, kept);
}

static uint8_t byte_of(real probability) {
    return (uint8_t)lround(255.0 * fmin(fmax((double)probability, 0.0), 1.0));
}

static void reconstruct(struct data_look *look, const struct run *run, int r,
                        struct data_rbm *out) {
    struct network *viewer = &look->viewer[r];
    int examples = look->next.examples;
    out->examples = examples < DATA_RECONSTRUCTIONS ? examples : DATA_RECONSTRUCTIONS;
    gather(look, run, part_of(run), 0, out->examples);
    network_forward_part(viewer, look->inputs, out->examples, 0, out->layer - 1);
    const real *v = out->layer > 1 ? viewer->layer[out->layer - 2].h : look->inputs;
    rbm_reconstruct(&run->pretraining[r].rbm, v, out->examples, look->hidden, look->made);

    size_t units = (size_t)out->visible;
    bool image = out->layer == 1 && look->next.form == DATA_PICTURES;
    out->input_shape = image ? look->next.picture : square_of(out->visible);
    memset(out->input, 0, sizeof out->input);
    memset(out->made, 0, sizeof out->made);
    double squares = 0.0;
    for (int i = 0; i < out->examples; i++) {
        const real *rows[2] = { v + (size_t)i * units, look->made + (size_t)i * units };
        for (int which = 0; which < 2; which++) {
            for (size_t j = 0; j < units; j++) {
                look->pixels[j] = byte_of(rows[which][j]);
            }
            keep_visible(look, run, image, look->pixels, out->visible, &out->input_shape,
                         which == 0 ? out->input[i] : out->made[i]);
        }
        for (size_t j = 0; j < units; j++) {
            double lost = (double)rows[0][j] - (double)rows[1][j];
            squares += lost * lost;
        }
    }
    out->error = squares / ((double)out->examples * (double)units);
}

/* The first columns of W, (rows, filters), or of its product with those below; returns the rows. */
static int filter_columns(struct data_look *look, const struct run *run, int r,
                          const struct data_rbm *rbm, const real **columns) {
    const struct layer *layer = &run->network[r].layer[rbm->layer - 1];
    real *now = look->column[0], *next = look->column[1];
    int rows = layer->fan_in;
    for (int i = 0; i < rows; i++) {
        memcpy(now + (size_t)i * (size_t)rbm->filters,
               layer->weight.value + (size_t)i * (size_t)layer->fan_out,
               (size_t)rbm->filters * sizeof(real));
    }
    for (int l = rbm->layer - 1; rbm->through && l >= 1; l--) {
        const struct layer *below = &run->network[r].layer[l - 1];
        struct product_shape shape = { .batch = below->fan_in,
                                       .in = below->fan_out,
                                       .out = rbm->filters };
        product_forward(&shape, below->weight.value, now, NULL, next);
        rows = below->fan_in;
        real *swap = now;
        now = next;
        next = swap;
    }
    *columns = now;
    return rows;
}

static void keep_filters(struct data_look *look, const struct run *run, int r,
                         struct data_rbm *out) {
    const real *columns;
    bool image = look->next.form == DATA_PICTURES;
    out->filters = out->hidden < DATA_FILTERS ? out->hidden : DATA_FILTERS;
    out->through = image && out->layer > 1;
    int rows = filter_columns(look, run, r, out, &columns);
    out->filter_shape = image ? look->next.picture : square_of(rows);
    size_t n = (size_t)rows * (size_t)out->filters;
    double most = 0.0;
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, fabs((double)columns[i])); // which leaves a NaN out
    }
    out->most = (float)most;
    for (int j = 0; j < out->filters; j++) {
        uint8_t shrunk[DATA_PICTURE];
        for (int i = 0; i < rows; i++) {
            double share = (double)columns[(size_t)i * (size_t)out->filters + (size_t)j] / most;
            look->pixels[i] = (uint8_t)(128 + (isfinite(share) ? lround(127.0 * share) : 0));
        }
        memset(shrunk, 128, sizeof shrunk);
        keep_visible(look, run, image, look->pixels, rows, &out->filter_shape, shrunk);
        for (int i = 0; i < DATA_PICTURE; i++) {
            out->filter[j][i] = (int8_t)(shrunk[i] - 128);
        }
    }
}

static void look_at_pretraining(struct data_look *look, const struct run *run) {
    for (int r = 0; r < run->networks; r++) {
        const struct pretraining *pretraining = &run->pretraining[r];
        struct data_rbm *out = &look->next.run[r].rbm;
        if (pretraining->stats.active) {
            out->layer = pretraining->stats.layer;
            out->visible = pretraining->rbm.visible;
            out->hidden = pretraining->rbm.hidden;
            reconstruct(look, run, r, out);
            keep_filters(look, run, r, out);
        }
    }
}

bool data_look(struct data_look *look, const struct run *run, const struct data_effort *effort) {
    if (!prepare(look, run)) {
        return false;
    }
    begin(look, run, effort);
    if (!look_at_examples(look, run, effort)) {
        return false;
    }
    if (look->next.form == DATA_PICTURES) {
        keep_pictures(look, run);
    } else if (look->next.form == DATA_PLANE) {
        look_at_points(look, run);
        if (!look_at_plane(look, run, effort)) {
            return false;
        }
    }
    look_at_pretraining(look, run);
    data_detail_copy(&look->detail, &look->next);
    return true;
}

void data_look_forget(struct data_look *look) {
    arena_finish(&look->arena);
    memory_clear(look, sizeof *look);
}
