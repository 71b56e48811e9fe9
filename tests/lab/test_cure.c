#include "base/check.h"

#include "engine/denormals.h"
#include "lab.h"
#include "lab/cure.h"
#include "lab/run.h"

/* Each cure on the case it is for: before it the network is ill, after it and some steps healthy.
 */

enum { CHANGES = 4 };

struct ill {
    const char *name;
    struct {
        const char *setting, *value;
    } change[CHANGES];
    int steps;            // until it shows
    enum verdict verdict; // then
    const char *cures[3]; // what is proposed, one after the other
    int healthy_steps;    // of training after the last one
    double loss;          // that it reaches; 2.3 is chance
};

static const struct ill table[] = {
    { "sigmoid, small weights",
      { { "activation", "sigmoid" }, { "init", "small" } },
      50,
      VERDICT_VANISHING,
      { "batch normalisation" },
      120,
      2.0 },
    { "sigmoid, Xavier's weights",
      { { "activation", "sigmoid" }, { "init", "xavier" } },
      50,
      VERDICT_VANISHING,
      { "batch normalisation" },
      120,
      1.6 },
    { "sigmoid, no weights",
      { { "activation", "sigmoid" }, { "init", "zero" } },
      20,
      VERDICT_VANISHING,
      { "random weights", "batch normalisation" },
      120,
      1.6 },
    { "sigmoid, 60 layers, layer norm",
      { { "activation", "sigmoid" }, { "layers", "60" }, { "normalisation", "layer" } },
      5,
      VERDICT_VANISHING,
      { "batch normalisation" },
      60,
      2.2 },
    { "tanh, no weights",
      { { "activation", "tanh" }, { "init", "zero" } },
      20,
      VERDICT_VANISHING,
      { "Xavier initialisation" },
      120,
      1.6 },
    { "ReLU, all weights equal",
      { { "init", "constant" }, { "init_scale", "0.001" } },
      20,
      VERDICT_VANISHING,
      { "He initialisation" },
      120,
      1.6 },
    { "tanh, small weights",
      { { "activation", "tanh" }, { "init", "small" } },
      50,
      VERDICT_VANISHING,
      { "Xavier initialisation" },
      120,
      1.6 },
    { "tanh, large weights, at first",
      { { "activation", "tanh" }, { "init", "normal" } },
      0,
      VERDICT_EXPLODING,
      { "Xavier initialisation" },
      120,
      1.6 },
    { "tanh, large weights, later",
      { { "activation", "tanh" }, { "init", "normal" } },
      300,
      VERDICT_VANISHING,
      { "Xavier initialisation" },
      120,
      1.6 },
    { "ReLU, small weights",
      { { "init", "small" } },
      20,
      VERDICT_VANISHING,
      { "He initialisation" },
      120,
      1.6 },
    { "ReLU, large weights, at first",
      { { "init", "normal" }, { "init_scale", "0.5" } },
      0,
      VERDICT_EXPLODING,
      { "He initialisation" },
      120,
      1.6 },
    { "ReLU, large weights, later",
      { { "init", "normal" }, { "init_scale", "0.5" } },
      20,
      VERDICT_DIVERGED,
      { "He initialisation" },
      120,
      1.6 },
    { "ELU, 40 layers, small weights",
      { { "activation", "elu" }, { "init", "small" }, { "layers", "40" } },
      5,
      VERDICT_VANISHING,
      { "LSUV initialisation" },
      60,
      2.0 },
    { "GELU, 40 layers, Xavier's weights",
      { { "activation", "gelu" }, { "init", "xavier" }, { "layers", "40" } },
      200,
      VERDICT_VANISHING,
      { "residual blocks" },
      60,
      2.0 },
    { "Softplus, 40 layers",
      { { "activation", "softplus" }, { "layers", "40" } },
      50,
      VERDICT_VANISHING,
      { "residual blocks" },
      40,
      2.4 },
    { "Softplus, 8 layers, small weights",
      { { "activation", "softplus" }, { "layers", "8" }, { "init", "small" } },
      20,
      VERDICT_VANISHING,
      { "LSUV initialisation" },
      40,
      2.4 },
    { "linear, 50 layers, large weights",
      { { "activation", "linear" }, { "layers", "50" } },
      20,
      VERDICT_DIVERGED,
      { "Xavier initialisation, slower" },
      40,
      2.4 },
    { "SELU, 40 layers, small weights",
      { { "activation", "selu" }, { "layers", "40" }, { "init", "small" } },
      20,
      VERDICT_VANISHING,
      { "Xavier initialisation, slower" },
      40,
      2.4 },
    { "tanh with biases of 3",
      { { "activation", "tanh" }, { "init", "xavier" }, { "bias", "3" } },
      50,
      VERDICT_VANISHING,
      { "biases of 0" },
      40,
      2.4 },
    { "tanh with wild biases",
      { { "activation", "tanh" }, { "init", "xavier" }, { "bias_sd", "5" }, { "layers", "30" } },
      20,
      VERDICT_VANISHING,
      { "biases of 0" },
      40,
      2.4 },
    { "the identity of black corners",
      { { "init", "identity" }, { "layers", "50" } },
      100,
      VERDICT_DEAD,
      { "He initialisation", "residual blocks" },
      40,
      2.4 },
    { "ReLU over 60 steps",
      { { "connection", "recurrent" }, { "layers", "60" } },
      20,
      VERDICT_DIVERGED,
      { "layer normalisation, He" },
      40,
      2.4 },
    { "tanh over 40 steps, small weights",
      { { "connection", "recurrent" },
        { "layers", "40" },
        { "activation", "tanh" },
        { "init", "small" } },
      20,
      VERDICT_VANISHING,
      { "layer normalisation, He" },
      40,
      2.4 },
    { "sigmoid over 30 steps",
      { { "connection", "recurrent" }, { "layers", "30" }, { "activation", "sigmoid" } },
      50,
      VERDICT_VANISHING,
      { "tanh and Xavier" },
      40,
      2.4 },
    { "ten groups, 40 layers",
      { { "connection", "split" }, { "groups", "10" }, { "layers", "40" } },
      50,
      VERDICT_DEAD,
      { "normalised groups" },
      100,
      2.4 },
    { "groups of two units, small weights",
      { { "connection", "split" }, { "groups", "50" }, { "layers", "30" }, { "init", "small" } },
      20,
      VERDICT_DEAD,
      { "normalised groups" },
      100,
      2.4 },
    { "ReLU with biases of -1",
      { { "bias", "-1" } },
      20,
      VERDICT_DEAD,
      { "biases of 0" },
      120,
      1.6 },
    { "dead of too high a learning rate",
      { { "optimizer", "adam" }, { "learning_rate", "0.1" } },
      200,
      VERDICT_DEAD,
      { "a tenth of the learning rate", "a tenth of the learning rate" },
      120,
      1.6 },
    { "far too high a learning rate",
      { { "learning_rate", "5" } },
      30,
      VERDICT_DIVERGED,
      { "a tenth of the learning rate", "a tenth of the learning rate" },
      120,
      1.6 },
    { "residual blocks that add up",
      { { "connection", "residual" }, { "layers", "60" } },
      0,
      VERDICT_EXPLODING,
      { "branches times 1/√blocks" },
      60,
      2.0 },
    { "dropout that adds up",
      { { "dropout", "0.5" }, { "layers", "40" } },
      0,
      VERDICT_EXPLODING,
      { "no dropout" },
      0,
      3.0 },
    { "dropout that drops nearly all",
      { { "dropout", "0.9" } },
      20,
      VERDICT_DIVERGED,
      { "no dropout" },
      40,
      2.4 },
    { "DropConnect, 30 layers",
      { { "drop_connect", "0.7" }, { "layers", "30" } },
      20,
      VERDICT_DIVERGED,
      { "no DropConnect" },
      40,
      2.4 },
    { "sigmoid, inputs as large as bytes",
      { { "activation", "sigmoid" }, { "preprocess", "none" } },
      50,
      VERDICT_VANISHING,
      { "batch normalisation" },
      40,
      2.4 },
    { "batch norm and ReLU, 60 layers",
      { { "normalisation", "batch" }, { "layers", "60" } },
      0,
      VERDICT_EXPLODING,
      { "residual blocks" },
      60,
      2.0 },
    { "ReLU, 100 layers",
      { { "layers", "100" } },
      20,
      VERDICT_DEAD,
      { "residual blocks" },
      60,
      2.0 },
    { "inputs as large as bytes",
      { { "preprocess", "none" } },
      20,
      VERDICT_DIVERGED,
      { "standardised inputs" },
      120,
      1.6 },
};

static void set(struct experiment *experiment, const char *name, const char *value) {
    char problem[EXPERIMENT_PROBLEM];
    const struct setting *setting = setting_find(name);
    assert_non_null(setting);
    if (!setting_parse(experiment, 0, setting, value, problem)) {
        fail_msg("%s", problem);
    }
}

static struct dataset data; // of the newest experiment
static struct dataset_settings loaded;

/* Cases on the same data share them. */
static void load(const struct experiment *experiment) {
    char problem[EXPERIMENT_PROBLEM];
    struct dataset_settings wanted = experiment_data(experiment);
    if (data.shape.examples == 0 || !dataset_settings_equal(&wanted, &loaded)) {
        dataset_finish(&data);
        if (!dataset_load(&data, &wanted, problem)) {
            fail_msg("%s", problem);
        }
        loaded = wanted;
    }
}

static void trained(const struct experiment *experiment, int steps, struct run_snapshot *shown) {
    static struct run run;
    static struct snapshot snapshot;
    char problem[EXPERIMENT_PROBLEM];
    load(experiment);
    if (!run_init(&run, experiment, &data, problem)) {
        fail_msg("%s", problem);
    }
    for (int i = 0; i < steps; i++) {
        run_pass(&run);
        if (run_stopped(&run)) {
            break;
        }
        run_update(&run);
    }
    if (!run_stopped(&run)) {
        run_pass(&run);
    }
    run_capture(&run, &snapshot);
    *shown = snapshot.run[0];
    run_finish(&run);
}

static void check(const struct ill *ill) {
    static struct run_snapshot shown;
    struct experiment experiment;
    experiment_defaults(&experiment);
    experiment.examples = 20000;
    for (int i = 0; i < CHANGES && ill->change[i].setting; i++) {
        set(&experiment, ill->change[i].setting, ill->change[i].value);
    }
    trained(&experiment, ill->steps, &shown);
    if (shown.diagnosis.verdict != ill->verdict) {
        fail_msg("%s: %s", ill->name, shown.diagnosis.sentence);
    }
    for (int i = 0; i < ARRAY_LEN(ill->cures) && ill->cures[i]; i++) {
        const struct cure *cure = cure_find(&shown, &experiment, 0);
        if (!cure || strcmp(cure->name, ill->cures[i]) != 0) {
            fail_msg("%s: %s", ill->name, cure ? cure->name : "no cure");
        }
        cure_apply(cure, &experiment, 0);
        bool last = i + 1 == ARRAY_LEN(ill->cures) || !ill->cures[i + 1];
        trained(&experiment, last ? ill->healthy_steps : ill->steps, &shown);
    }
    if (shown.diagnosis.verdict != VERDICT_HEALTHY || !(shown.loss < ill->loss)) {
        fail_msg("%s: loss %g, %s", ill->name, shown.loss, shown.diagnosis.sentence);
    }
    assert_null(cure_find(&shown, &experiment, 0));
}

static void every_case_is_cured(void **state) {
    (void)state;
    for (int i = 0; i < ARRAY_LEN(table); i++) {
        check(&table[i]);
    }
}

/* Each has its case above, and changes what can be changed. */
static void every_cure_is_tried(void **state) {
    (void)state;
    int count;
    const struct cure *rows = cures(&count);
    for (int c = 0; c < count; c++) {
        bool tried = false;
        for (int i = 0; i < ARRAY_LEN(table); i++) {
            for (int k = 0; k < ARRAY_LEN(table[i].cures) && table[i].cures[k]; k++) {
                tried |= strcmp(table[i].cures[k], rows[c].name) == 0;
            }
        }
        if (!tried) {
            fail_msg("%s", rows[c].name);
        }
        assert_true(strlen(rows[c].reason) > 0 && strlen(rows[c].source) > 0);
        struct experiment experiment, before;
        experiment_defaults(&experiment);
        experiment.compare = true;
        set(&experiment, "bias", "1"); // none of the values is what it is
        set(&experiment, "init", "normal");
        set(&experiment, "dropout", "0.5");
        set(&experiment, "drop_connect", "0.5");
        set(&experiment, "preprocess", "none");
        experiment.run[1] = experiment.run[0];
        before = experiment;
        cure_apply(&rows[c], &experiment, 1);
        assert_false(experiment_equal(&before, &experiment));
        experiment.run[1] = experiment.run[0];
        experiment.preprocess = before.preprocess;
        assert_true(experiment_equal(&before, &experiment)); // A stays as it was
    }
}

static void the_healthy_are_left_alone(void **state) {
    (void)state;
    static struct run_snapshot shown;
    struct experiment experiment;
    experiment_defaults(&experiment);
    experiment.examples = 1000;
    trained(&experiment, 0, &shown);
    assert_int_equal(shown.diagnosis.verdict, VERDICT_HEALTHY);
    assert_null(cure_find(&shown, &experiment, 0));
    shown.diagnosis.verdict = VERDICT_DIVERGED;
    assert_non_null(cure_find(&shown, &experiment, 0));
    shown.pretraining.active = true; // not yet
    assert_null(cure_find(&shown, &experiment, 0));
}

int main(void) {
    denormals_flush();
    engine_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_is_cured),
        cmocka_unit_test(every_cure_is_tried),
        cmocka_unit_test(the_healthy_are_left_alone),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    dataset_finish(&data);
    return failures;
}
