#include "base/check.h"

#include "fixture.h"
#include "lab/data_look.h"

/* What a look shows, against passes by hand in double precision. */

static struct data_look look;

static void look_at(const struct run *run, double work) {
    assert_true(data_look(&look, run, &(struct data_effort){ .work = work }));
    assert_true(look.detail.made);
}

enum { MOST = 800 };

/* Outputs z of a plain tanh network on one input. */
static void forward(const struct network *network, const double *input, double *z) {
    double h[MOST], next[MOST];
    memcpy(h, input, (size_t)network->config.inputs * sizeof *h);
    for (int l = 0; l <= network->config.layers; l++) {
        const struct layer *layer = &network->layer[l];
        for (int j = 0; j < layer->fan_out; j++) {
            next[j] = (double)layer->bias.value[j];
            for (int i = 0; i < layer->fan_in; i++) {
                next[j] += h[i] * (double)layer->weight.value[i * layer->fan_out + j];
            }
            z[j] = next[j];
            next[j] = tanh(next[j]);
        }
        memcpy(h, next, (size_t)layer->fan_out * sizeof *h);
    }
}

/* Scores of all classes; which one is the highest. */
static int scores_of(const struct network *network, const double *input, double *score) {
    int outputs = network->config.outputs, best = 0;
    double z[MOST], sum = 0.0;
    forward(network, input, z);
    if (outputs == 1) {
        score[1] = 1.0 / (1.0 + exp(-z[0]));
        score[0] = 1.0 - score[1];
        return score[1] > 0.5;
    }
    for (int k = 0; k < outputs; k++) {
        sum += exp(z[k]);
        best = z[k] > z[best] ? k : best;
    }
    for (int k = 0; k < outputs; k++) {
        score[k] = exp(z[k]) / sum;
    }
    return best;
}

static void input_of(const struct dataset *data, const struct examples *part, int64_t number,
                     double *input) {
    float row[MOST];
    uint8_t label;
    uint32_t index = (uint32_t)number;
    dataset_gather(data, part, &index, 1, row, &label);
    for (int j = 0; j < data->shape.features; j++) {
        input[j] = (double)row[j];
    }
}

/* An answer is that of the double pass; where two classes are equal, either may win. */
static void check_answer(const struct run *run, int r, const struct examples *part,
                         const struct data_answer *answer) {
    double input[MOST], score[MOST];
    input_of(run->data, part, answer->number, input);
    int best = scores_of(&run->network[r], input, score);
    assert_int_equal(answer->label, part->labels[answer->number]);
    assert_true(fabs((double)answer->own - score[answer->label]) < 1e-5);
    assert_true(answer->predicted == best || fabs(score[answer->predicted] - score[best]) < 1e-5);
    for (int i = 0; i < answer->shown; i++) {
        assert_true(fabs((double)answer->score[i] - score[answer->best[i]]) < 1e-5);
    }
}

static void experiment_of(struct experiment *experiment, enum dataset_kind data, bool twins) {
    experiment_defaults(experiment);
    experiment->data = (int)data;
    experiment->examples = 400;
    experiment->batch = 16;
    experiment->compare = twins;
    for (int r = 0; r < 2; r++) {
        experiment->run[r].layers = 2 + r;
        experiment->run[r].width = 12;
        experiment->run[r].activation = ACTIVATION_TANH;
        experiment->run[r].init = INITIALISER_XAVIER;
        experiment->run[r].learning_rate = 0.1;
    }
}

/* The confusion matrix, recomputed from every example of the part. */
static void check_confusion(const struct run *run, int r) {
    const struct data_detail *detail = &look.detail;
    const struct examples *part = run->data->test.count ? &run->data->test : &run->data->train;
    static uint32_t count[DATA_CLASSES][DATA_CLASSES];
    int unsure = 0, wrong = 0;
    memset(count, 0, sizeof count);
    for (int64_t i = 0; i < detail->n; i++) {
        double input[MOST], score[MOST];
        input_of(run->data, part, i, input);
        int best = scores_of(&run->network[r], input, score);
        count[part->labels[i]][best]++;
        for (int k = 0; k < detail->classes; k++) {
            unsure += k != best && fabs(score[k] - score[best]) < 1e-5;
        }
    }
    for (int a = 0; a < detail->classes; a++) {
        for (int b = 0; b < detail->classes; b++) {
            wrong += abs((int)count[a][b] - (int)detail->run[r].confusion[a][b]);
        }
    }
    assert_true(wrong <= 2 * unsure);
}

/* No example that is not among them is harder. */
static void check_hardest(const struct run *run, int r) {
    const struct data_run *seen = &look.detail.run[r];
    const struct examples *part = run->data->test.count ? &run->data->test : &run->data->train;
    double last = (double)seen->hardest[seen->hard - 1].own;
    int below = 0;
    for (int64_t i = 0; i < look.detail.n; i++) {
        double input[MOST], score[MOST];
        input_of(run->data, part, i, input);
        scores_of(&run->network[r], input, score);
        below += score[part->labels[i]] < last - 1e-5;
    }
    assert_true(below < seen->hard);
    for (int i = 0; i < seen->hard; i++) {
        check_answer(run, r, part, &seen->hardest[i]);
        assert_true(i == 0 || seen->hardest[i].own >= seen->hardest[i - 1].own);
    }
}

static void the_plane_is_what_the_networks_say(void **state) {
    (void)state;
    static const enum dataset_kind kinds[] = { DATASET_SPIRALS, DATASET_BLOBS, DATASET_XOR };
    for (int k = 0; k < ARRAY_LEN(kinds); k++) {
        struct experiment experiment;
        experiment_of(&experiment, kinds[k], true);
        struct fixture *f = started(&experiment);
        steps(&f->run, 30);
        look_at(&f->run, 1e9);
        const struct data_detail *detail = &look.detail;
        double low, high;
        dataset_range(&f->data, &low, &high);
        assert_int_equal(detail->form, DATA_PLANE);
        assert_int_equal(detail->step, 30);
        assert_int_equal(detail->side, DATA_GRID);
        assert_int_equal(detail->points, f->data.train.count);
        assert_int_equal(detail->held_out, f->data.test.count > 0);
        assert_true(detail->low < low && detail->high > high);
        for (int r = 0; r < 2; r++) {
            for (int i = 0; i < DATA_GRID * DATA_GRID; i += 13) {
                const struct data_cell *cell = &detail->run[r].cell[i];
                double width = (detail->high - detail->low) / DATA_GRID, score[MOST];
                double input[2] = { detail->low + width * (i % DATA_GRID + 0.5),
                                    detail->low + width * (i / DATA_GRID + 0.5) };
                int best = scores_of(&f->run.network[r], input, score);
                double next = 0.0;
                for (int c = 0; c < detail->classes; c++) {
                    next = c != best ? fmax(next, score[c]) : next;
                }
                assert_true(fabs((double)cell->score - score[best]) < 1e-5);
                assert_true(fabs((double)cell->margin - (score[best] - next)) < 2e-5);
                assert_true(cell->predicted == best || score[best] - next < 1e-5);
            }
            for (int i = 0; i < detail->points; i++) {
                double input[MOST];
                input_of(&f->data, &f->data.train, i, input);
                assert_true((double)detail->point[i].x == input[0]);
                assert_true((double)detail->point[i].y == input[1]);
                assert_int_equal(detail->run[r].point[i].number, i);
                check_answer(&f->run, r, &f->data.train, &detail->run[r].point[i]);
            }
            check_confusion(&f->run, r);
            check_hardest(&f->run, r);
        }
        data_look_forget(&look);
        finish(f);
    }
}

static void examples_are_what_the_networks_say(void **state) {
    (void)state;
    struct experiment experiment;
    experiment_of(&experiment, DATASET_MNIST, true);
    experiment.examples = 500;
    struct fixture *f = started(&experiment);
    steps(&f->run, 60);
    look_at(&f->run, 0.0); // as little as can be
    const struct data_detail *detail = &look.detail;
    assert_int_equal(detail->form, DATA_PICTURES);
    assert_int_equal(detail->n, DATA_LOOK_LEAST);
    assert_int_equal(detail->part, f->data.test.count);
    assert_true(detail->held_out && detail->probabilities && detail->classes == 10);
    assert_int_equal(detail->examples, DATA_EXAMPLES);
    for (int r = 0; r < 2; r++) {
        const struct data_run *seen = &detail->run[r];
        for (int i = 0; i < DATA_EXAMPLES; i++) {
            assert_int_equal(seen->example[i].number, i);
            check_answer(&f->run, r, &f->data.test, &seen->example[i]);
            assert_memory_equal(detail->pictures[i], f->data.test.bytes + i * 784, 784);
        }
        check_confusion(&f->run, r);
        check_hardest(&f->run, r);
        for (int i = 0; i < seen->hard; i++) {
            assert_memory_equal(seen->hardest_picture[i],
                                f->data.test.bytes + seen->hardest[i].number * 784, 784);
        }
    }
    data_look_forget(&look);
    finish(f);
}

/* Pictures of floats are those of bytes, whatever black and white are. */
static void pictures_of_floats_are_shown(void **state) {
    (void)state;
    static const float levels[][2] = { { 0.0f, 1.0f }, { 0.0f, 255.0f }, { -1.0f, 1.0f } };
    struct experiment experiment;
    experiment_of(&experiment, DATASET_MNIST, false);
    for (int k = 0; k < 3; k++) {
        struct fixture *f = started(&experiment);
        struct examples *parts[2] = { &f->data.train, &f->data.test };
        const uint8_t *bytes = f->data.test.bytes;
        float black, white, *values[2];
        for (int p = 0; p < 2; p++) {
            size_t count = (size_t)parts[p]->count * 784;
            values[p] = malloc(count * sizeof *values[p]);
            for (size_t i = 0; i < count; i++) {
                float level = (float)parts[p]->bytes[i] / 255.0f;
                values[p][i] = levels[k][0] + level * (levels[k][1] - levels[k][0]);
            }
            parts[p]->values = values[p];
            parts[p]->bytes = NULL;
        }
        dataset_levels(&f->data, &black, &white);
        assert_true(black == levels[k][0] && white == levels[k][1]);
        look_at(&f->run, 0.0);
        assert_int_equal(look.detail.form, DATA_PICTURES);
        for (int i = 0; i < DATA_EXAMPLES; i++) {
            assert_memory_equal(look.detail.pictures[i], bytes + i * 784, 784);
        }
        free(values[0]);
        free(values[1]);
        data_look_forget(&look);
        finish(f);
    }
}

/* With all held-out examples its share that is right is the held-out accuracy, to the last bit. */
static void the_share_that_is_right_is_the_accuracy(void **state) {
    (void)state;
    for (int loss = 0; loss < LOSS_COUNT; loss++) {
        struct experiment experiment;
        experiment_of(&experiment, DATASET_MOONS, false);
        experiment.run[0].loss = loss;
        experiment.run[0].init = loss == LOSS_MSE ? INITIALISER_ZERO : INITIALISER_HE;
        struct fixture *f = started(&experiment);
        steps(&f->run, loss == LOSS_MSE ? 0 : 20);
        look_at(&f->run, 1e9);
        run_evaluate(&f->run, INT64_MAX, NULL, NULL);
        assert_int_equal(look.detail.n, f->run.twin[0].test_n);
        assert_true(look.detail.run[0].correct / (double)look.detail.n ==
                    f->run.twin[0].test_accuracy);
        assert_int_equal(look.detail.probabilities, loss != LOSS_MSE);
        data_look_forget(&look);
        finish(f);
    }
}

static void other_data_have_their_hardest_examples(void **state) {
    (void)state;
    struct experiment experiment;
    experiment_of(&experiment, DATASET_GAUSSIAN, false);
    experiment.features = 30;
    struct fixture *f = started(&experiment);
    steps(&f->run, 10);
    look_at(&f->run, 1e9);
    assert_int_equal(look.detail.form, DATA_OTHER);
    assert_false(look.detail.held_out);
    assert_int_equal(look.detail.n, f->data.train.count);
    check_confusion(&f->run, 0);
    check_hardest(&f->run, 0);
    data_look_forget(&look);
    finish(f);
}

/* At any moment: before a pass, between a pass and its update, while an RBM pre-trains. */
static void looking_changes_no_bit_of_the_run(void **state) {
    (void)state;
    for (int k = 0; k < 2; k++) {
        struct experiment experiment;
        experiment_of(&experiment, DATASET_MNIST, true);
        experiment.examples = 60;
        experiment.run[0].normalisation = NORMALISATION_BATCH;
        experiment.run[0].dropout = 0.2;
        if (k == 1) {
            experiment.run[1].activation = ACTIVATION_SIGMOID;
            experiment.run[1].init = INITIALISER_RBM;
            experiment.run[1].rbm_epochs = 2;
        }
        struct fixture *seen = started(&experiment), *alone = started(&experiment);
        while (run_pretrains(&seen->run)) {
            look_at(&seen->run, 1e6);
            run_pretrain(&seen->run);
            run_pretrain(&alone->run);
        }
        for (int step = 0; step < 12; step++) {
            run_pass(&alone->run);
            run_update(&alone->run);
            look_at(&seen->run, 1e6);
            run_pass(&seen->run);
            look_at(&seen->run, 1e6);
            run_capture(&seen->run, &seen->snapshot);
            run_update(&seen->run);
            assert_true(seen->run.twin[0].loss == alone->run.twin[0].loss);
            assert_true(seen->run.twin[1].loss == alone->run.twin[1].loss);
        }
        for (int r = 0; r < 2; r++) {
            assert_true(same_weights(&seen->run.network[r], &alone->run.network[r]));
        }
        data_look_forget(&look);
        finish(seen);
        finish(alone);
    }
}

static bool after_some(void *context) {
    int *left = context;
    return (*left)-- == 0;
}

/* A look that is given up leaves the one before whole. */
static void a_look_can_be_given_up(void **state) {
    (void)state;
    struct experiment experiment;
    static struct data_detail before;
    experiment_of(&experiment, DATASET_CIRCLES, false);
    struct fixture *f = started(&experiment);
    int left = 0;
    const struct data_effort hasty = { 1e9, after_some, &left };
    assert_false(data_look(&look, &f->run, &hasty));
    assert_false(look.detail.made);
    look_at(&f->run, 1e9);
    memcpy(&before, &look.detail, sizeof before);
    steps(&f->run, 5);
    for (int i = 0; i < 20; i++) {
        left = i;
        assert_false(data_look(&look, &f->run, &hasty));
        assert_memory_equal(&before, &look.detail, sizeof before);
    }
    left = 1000;
    assert_true(data_look(&look, &f->run, &hasty));
    assert_int_equal(look.detail.step, 5);
    data_look_forget(&look);
    assert_false(look.detail.made);
    finish(f);
}

static double logistic(double x) {
    return 1.0 / (1.0 + exp(-x));
}

/* sigma(v W + c). */
static void up(const struct layer *layer, const double *v, double *p) {
    for (int j = 0; j < layer->fan_out; j++) {
        double sum = (double)layer->bias.value[j];
        for (int i = 0; i < layer->fan_in; i++) {
            sum += v[i] * (double)layer->weight.value[i * layer->fan_out + j];
        }
        p[j] = logistic(sum);
    }
}

static void check_reconstructions(const struct run *run, const struct data_rbm *rbm) {
    const struct network *network = &run->network[0];
    const struct layer *layer = &network->layer[rbm->layer - 1];
    double squares = 0.0;
    for (int k = 0; k < rbm->examples; k++) {
        double v[MOST], p[MOST];
        input_of(run->data, &run->data->test, k, v);
        for (int l = 1; l < rbm->layer; l++) {
            up(&network->layer[l - 1], v, p);
            memcpy(v, p, sizeof v);
        }
        up(layer, v, p);
        for (int i = 0; i < layer->fan_in; i++) {
            double sum = (double)run->pretraining[0].rbm.b[i];
            for (int j = 0; j < layer->fan_out; j++) {
                sum += p[j] * (double)layer->weight.value[i * layer->fan_out + j];
            }
            double made = logistic(sum);
            squares += (v[i] - made) * (v[i] - made);
            assert_true(fabs(rbm->input[k][i] - 255.0 * v[i]) < 0.51);
            assert_true(fabs(rbm->made[k][i] - 255.0 * made) < 0.51);
        }
    }
    double mean = squares / rbm->examples / layer->fan_in;
    assert_true(fabs(rbm->error - mean) < 1e-5 * mean);
}

/* Column j of W_1 .. W_l, one product at a time. */
static void filter_of(const struct network *network, int layer, int j, double *filter) {
    const struct layer *top = &network->layer[layer - 1];
    double below[MOST];
    for (int i = 0; i < top->fan_in; i++) {
        filter[i] = (double)top->weight.value[i * top->fan_out + j];
    }
    for (int l = layer - 1; l >= 1; l--) {
        const struct layer *next = &network->layer[l - 1];
        memcpy(below, filter, sizeof below);
        for (int i = 0; i < next->fan_in; i++) {
            filter[i] = 0.0;
            for (int k = 0; k < next->fan_out; k++) {
                filter[i] += (double)next->weight.value[i * next->fan_out + k] * below[k];
            }
        }
    }
}

static void check_filters(const struct run *run, const struct data_rbm *rbm) {
    double most = 0.0, filter[MOST];
    for (int j = 0; j < rbm->filters; j++) {
        filter_of(&run->network[0], rbm->layer, j, filter);
        for (int i = 0; i < 784; i++) {
            most = fmax(most, fabs(filter[i]));
            assert_true(fabs(rbm->filter[j][i] - 127.0 * filter[i] / (double)rbm->most) < 0.51);
        }
    }
    assert_true(fabs((double)rbm->most - most) < 1e-5 * most);
}

static void an_rbm_shows_its_filters_and_what_it_makes_of_inputs(void **state) {
    (void)state;
    struct experiment experiment;
    experiment_of(&experiment, DATASET_MNIST, false);
    experiment.examples = 60;
    experiment.run[0].activation = ACTIVATION_SIGMOID;
    experiment.run[0].init = INITIALISER_RBM;
    experiment.run[0].rbm_epochs = 3;
    experiment.run[0].layers = 3;
    struct fixture *f = started(&experiment);
    int looks = 0;
    for (; run_pretrains(&f->run); run_pretrain(&f->run)) {
        if (run_pretrained(&f->run) % 5 != 3) {
            continue;
        }
        look_at(&f->run, 1e6);
        const struct data_rbm *rbm = &look.detail.run[0].rbm;
        assert_int_equal(rbm->layer, f->run.pretraining[0].stats.layer);
        assert_int_equal(rbm->filters, 12);
        assert_int_equal(rbm->examples, DATA_RECONSTRUCTIONS);
        assert_int_equal(rbm->through, rbm->layer > 1);
        assert_int_equal(rbm->input_shape.width, rbm->layer > 1 ? 4 : 28);
        assert_int_equal(rbm->input_shape.height, rbm->layer > 1 ? 3 : 28);
        check_reconstructions(&f->run, rbm);
        check_filters(&f->run, rbm);
        looks |= 1 << rbm->layer;
    }
    assert_int_equal(looks, 2 + 4 + 8);
    look_at(&f->run, 1e6);
    assert_int_equal(look.detail.run[0].rbm.layer, 0);
    data_look_forget(&look);
    finish(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plane_is_what_the_networks_say),
        cmocka_unit_test(examples_are_what_the_networks_say),
        cmocka_unit_test(pictures_of_floats_are_shown),
        cmocka_unit_test(the_share_that_is_right_is_the_accuracy),
        cmocka_unit_test(other_data_have_their_hardest_examples),
        cmocka_unit_test(looking_changes_no_bit_of_the_run),
        cmocka_unit_test(a_look_can_be_given_up),
        cmocka_unit_test(an_rbm_shows_its_filters_and_what_it_makes_of_inputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
