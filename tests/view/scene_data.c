#include "scene_data.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

enum { SIDE = 24, POINTS = 120, SHOWN = 400, PICTURE = 8 };

/* An answer that is sure of `predicted` by `score`, the rest shared by the others. */
static struct data_answer answer_of(int64_t number, int label, int predicted, float score,
                                    int classes) {
    float rest = (1.0f - score) / (float)(classes - 1);
    struct data_answer answer = { .number = number,
                                  .label = (uint8_t)label,
                                  .predicted = (uint8_t)predicted,
                                  .shown = (uint8_t)(classes < DATA_BEST ? classes : DATA_BEST),
                                  .own = label == predicted ? score : rest };
    for (int i = 0, class = predicted; i < answer.shown; i++) {
        answer.best[i] = (uint8_t) class;
        answer.score[i] = i == 0 ? score : rest;
        class = (class + 1) % classes;
    }
    return answer;
}

static void fill_head(struct scene *made, enum data_form form, int classes) {
    struct data_detail *detail = &made->snapshot.data_detail;
    memset(detail, 0, sizeof *detail);
    detail->made = true;
    detail->step = made->snapshot.step - 12;
    detail->form = form;
    detail->classes = classes;
    detail->probabilities = detail->held_out = true;
    detail->n = SHOWN;
    detail->part = 10000;
    detail->runs = made->snapshot.runs;
    for (int r = 0; r < detail->runs; r++) {
        detail->run[r].step = detail->step;
        detail->run[r].diverged = made->snapshot.run[r].diverged;
    }
}

/* Example i is of class i mod classes; every fifth is taken for the next class, in B every third.
 */
static void fill_answers(struct data_detail *detail, int r) {
    struct data_run *run = &detail->run[r];
    int classes = detail->classes, every = r == 0 ? 5 : 3;
    for (int i = 0; i < SHOWN; i++) {
        int label = i % classes, predicted = i % every == every - 1 ? (label + 1) % classes : label;
        float score = 0.999f - 0.5f * (float)(i % 7) / 7.0f;
        struct data_answer answer = answer_of(i, label, predicted, score, classes);
        data_count(run, &answer);
        data_keep_hardest(run, &answer);
        if (i < DATA_EXAMPLES) {
            run->example[i] = answer;
        }
    }
}

/* Pixel (x, y) of picture i in channel c. */
static uint8_t pixel(int i, int c, int x, int y) {
    return (uint8_t)((i * 37 + c * 80 + x * 29 + y * (17 + i)) & 0xff);
}

static void fill_picture(uint8_t *out, int i, int channels) {
    for (int c = 0; c < channels; c++) {
        for (int y = 0; y < PICTURE; y++) {
            for (int x = 0; x < PICTURE; x++) {
                *out++ = pixel(i, c, x, y);
            }
        }
    }
}

static void fill_pictures(struct data_detail *detail, int channels) {
    detail->picture = (struct data_shape){ PICTURE, PICTURE, channels, 1 };
    detail->examples = DATA_EXAMPLES;
    for (int i = 0; i < DATA_EXAMPLES; i++) {
        fill_picture(detail->pictures[i], i, channels);
    }
    for (int r = 0; r < detail->runs; r++) {
        for (int i = 0; i < detail->run[r].hard; i++) {
            fill_picture(detail->run[r].hardest_picture[i], (int)detail->run[r].hardest[i].number,
                         channels);
        }
    }
}

/* Which class is where, and how surely: more the farther from a border. */
static int class_at(double x, int r, double *score) {
    double border = fmin(fabs(x + 0.5), r == 0 ? fabs(x - 0.5) : 9.0);
    *score = 1.0 / 3.0 + fmin(border, 1.0) * 2.0 / 3.0;
    return x < -0.5 ? 0 : x < 0.5 || r == 1 ? 1 : 2;
}

static void fill_plane(struct data_detail *detail) {
    detail->low = -1.5;
    detail->high = 1.5;
    detail->side = SIDE;
    detail->points = POINTS;
    detail->training = POINTS;
    text_set(detail->unit, sizeof detail->unit, "as generated");
    for (int i = 0; i < POINTS; i++) {
        double angle = 2.399963 * i, radius = 1.4 * sqrt((i + 0.5) / POINTS);
        detail->point[i] =
            (struct data_point){ (float)(radius * cos(angle)), (float)(radius * sin(angle)) };
    }
    for (int r = 0; r < detail->runs; r++) {
        struct data_run *run = &detail->run[r];
        double score;
        for (int i = 0; i < SIDE * SIDE; i++) {
            int class = class_at(data_cell_centre(detail, i % SIDE), r, &score);
            run->cell[i] =
                (struct data_cell){ (float)score, (float)(score - 1.0 / 3.0), (uint8_t) class };
        }
        for (int i = 0; i < POINTS; i++) {
            int label = class_at((double)detail->point[i].x, 0, &score);
            int class = class_at((double)detail->point[i].x, r, &score);
            label = i % 20 == 19 ? (label + 1) % 3 : label; // a few are wrong in A, too
            run->point[i] = answer_of(i, label, class, (float)score, 3);
        }
    }
}

static void fill_rbm(struct data_rbm *rbm, int layer) {
    rbm->layer = layer;
    rbm->visible = layer > 1 ? 100 : PICTURE * PICTURE;
    rbm->hidden = 100;
    rbm->filters = DATA_FILTERS;
    rbm->through = layer > 1;
    rbm->filter_shape = (struct data_shape){ PICTURE, PICTURE, 1, 1 };
    rbm->most = 0.75f;
    rbm->examples = DATA_RECONSTRUCTIONS;
    rbm->input_shape =
        (struct data_shape){ layer > 1 ? 10 : PICTURE, layer > 1 ? 10 : PICTURE, 1, 1 };
    rbm->error = 0.0123;
    for (int j = 0; j < DATA_FILTERS; j++) {
        for (int i = 0; i < PICTURE * PICTURE; i++) {
            rbm->filter[j][i] = (int8_t)(pixel(j, 0, i % PICTURE, i / PICTURE) - 128);
        }
    }
    for (int i = 0; i < DATA_RECONSTRUCTIONS; i++) {
        for (int p = 0; p < rbm->visible; p++) {
            rbm->input[i][p] = pixel(i, 0, p % 10, p / 10);
            rbm->made[i][p] = (uint8_t)(rbm->input[i][p] / 2 + 64);
        }
    }
}

static void fill_pretraining(struct scene *made) {
    for (int r = 0; r < made->snapshot.runs; r++) {
        struct pretraining_stats *stats = &made->snapshot.run[r].pretraining;
        int layer = r == 0 ? 2 : 1;
        *stats = (struct pretraining_stats){ .active = true,
                                             .layer = layer,
                                             .layers = 3,
                                             .epoch = 3,
                                             .epochs = 5,
                                             .step = 700,
                                             .reconstruction_error = 0.02,
                                             .finished = 5 * (layer - 1) + 2 };
        for (int i = 0; i < stats->finished; i++) {
            stats->errors[i] = 0.02f + 0.08f / (float)(1 + i % 5);
        }
        fill_rbm(&made->snapshot.data_detail.run[r].rbm, layer);
    }
}

static void lose(struct data_detail *detail) {
    for (int r = 0; r < detail->runs; r++) {
        struct data_run *run = &detail->run[r];
        memset(run->confusion, 0, sizeof run->confusion);
        memset(run->none, 0, sizeof run->none);
        run->hard = 0;
        run->correct = 0.0;
        for (int i = 0; i < SHOWN; i++) {
            struct data_answer answer = answer_of(i, i % detail->classes, 0, NAN, detail->classes);
            answer.predicted = DATA_NONE;
            answer.own = NAN;
            data_count(run, &answer);
            data_keep_hardest(run, &answer);
            if (i < DATA_EXAMPLES) {
                run->example[i] = answer;
            }
        }
    }
}

void scene_names(struct scene *made, int classes, enum scene_names kind) {
    static const char *const words[NAMES_KINDS][5] = {
        { "cat", "Ankle boot", "ship", "T-shirt/top", "automobile" },
        { "Quercus petraea (Traubeneiche)", "nothing that a person would call by name",
          "Čtyřlístek", "ß", "Πάντα χωρεῖ καὶ οὐδὲν μένει" },
    };
    static const char *const inputs[NAMES_KINDS][2] = {
        { "petal length", "petal width" },
        { "mean annual temperature in degrees Celsius, 1991 to 2020",
          "annual precipitation in millimetres on a square metre" },
    };
    struct data_names *names = &made->snapshot.names;
    names->classes = classes;
    names->inputs = 2;
    for (int i = 0; i < classes; i++) {
        text_set(names->class_name[i], NAMES_ROOM, "%s", words[kind][i % 5]);
        if (i >= 5) {
            text_append(names->class_name[i], NAMES_ROOM, " %d", i);
        }
    }
    for (int i = 0; i < 2; i++) {
        text_set(names->input_name[i], NAMES_ROOM, "%s", inputs[kind][i]);
    }
}

void scene_data(struct scene *made, enum scene_data data) {
    struct data_detail *detail = &made->snapshot.data_detail;
    made->state.view = VIEW_DATA;
    detail->made = false;
    if (data == DATA_NOT_LOOKED) {
        return;
    }
    bool plane = data == DATA_IN_PLANE, table = data == DATA_AS_TABLE;
    fill_head(made,
              plane   ? DATA_PLANE
              : table ? DATA_OTHER
                      : DATA_PICTURES,
              plane                     ? 3
              : data == DATA_AS_COLOURS ? 12
                                        : 10);
    for (int r = 0; r < detail->runs; r++) {
        fill_answers(detail, r);
    }
    if (data == DATA_LOST) {
        lose(detail);
    }
    if (plane) {
        fill_plane(detail);
    } else if (!table) {
        fill_pictures(detail, data == DATA_AS_COLOURS ? 3 : 1);
    }
    if (data == DATA_PRETRAINING) {
        fill_pretraining(made);
    }
}
