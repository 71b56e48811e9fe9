#include "base/check.h"

#include "base/folder.h"
#include "lab.h"
#include "lab/experiment_ini.h"

/* Experiments as INI files: out and in again, and what is wrong with a file. */

static struct folder *folder; // of the test under way

static const char *written(const char *text) {
    const char *path = folder_file(folder, "experiment.ini");
    assert_int_equal(write_file(path, text, strlen(text)), 0);
    return path;
}

/* As the command line does: A's keys, then B's if there are any. */
static void read_both(struct experiment *experiment, const char *path) {
    char problem[EXPERIMENT_PROBLEM] = "";
    bool found, b;
    if (!experiment_read_ini(experiment, path, NULL, 0, &found, problem)) {
        fail_msg("%s", problem);
    }
    struct experiment with_b = *experiment;
    experiment_pin(&with_b);
    if (!experiment_read_ini(&with_b, path, NULL, 1, &b, problem)) {
        fail_msg("%s", problem);
    }
    if (b) {
        *experiment = with_b;
    }
}

static void what_is_printed_is_read(void **state) {
    folder = *state;
    for (uint32_t row = 0; row < 100; row++) {
        struct experiment experiment, back;
        char text[4096];
        random_experiment(&experiment, row);
        int length = experiment_print_ini(&experiment, text, sizeof text);
        assert_int_equal(length, strlen(text));
        assert_true((size_t)length < sizeof text - 1);
        experiment_defaults(&back);
        read_both(&back, written(text));
        assert_true(experiment_equal(&experiment, &back));
        assert_int_equal(back.compare, experiment.compare);
    }
}

static void a_file_changes_what_it_names(void **state) {
    folder = *state;
    struct experiment experiment, expected;
    experiment_defaults(&experiment);
    expected = experiment;
    expected.run[0].layers = 7;
    expected.run[0].learning_rate = 0.25;
    expected.data = DATASET_XOR;
    experiment_pin(&expected);
    expected.run[1].activation = ACTIVATION_TANH;
    expected.run[1].init_scale = 0.5;
    read_both(&experiment,
              written("; a comment\n# another\n\nlayers = 7\nLearning-Rate=0.25 ; inline\n"
                      "data: xor\n[b]\nactivation = tanh\ninit-scale  =  0.5\n"));
    assert_true(experiment_equal(&experiment, &expected));
}

static void an_own_section_for_a_is_the_same(void **state) {
    folder = *state;
    struct experiment experiment;
    experiment_defaults(&experiment);
    read_both(&experiment, written("[a]\nwidth = 33\n[b]\nwidth = 44\n[a]\nlayers = 3\n"));
    assert_int_equal(experiment.run[0].width, 33);
    assert_int_equal(experiment.run[1].width, 44);
    assert_int_equal(experiment.run[0].layers, 3);
}

static void found_tells_whether_there_was_anything(void **state) {
    folder = *state;
    static const struct {
        const char *text;
        bool a, b;
    } rows[] = {
        { "", false, false },
        { "# nothing\n", false, false },
        { "width = 3\n", true, false },
        { "[b]\n", false, false },
        { "[b]\nwidth = 3\n", false, true },
        { "width=1\n[b]\nwidth=2", true, true },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        struct experiment experiment;
        char problem[EXPERIMENT_PROBLEM];
        bool found = !rows[i].a;
        experiment_defaults(&experiment);
        const char *path = written(rows[i].text);
        assert_true(experiment_read_ini(&experiment, path, NULL, 0, &found, problem));
        assert_int_equal(found, rows[i].a);
        found = !rows[i].b;
        assert_true(experiment_read_ini(&experiment, path, NULL, 1, &found, problem));
        assert_int_equal(found, rows[i].b);
    }
}

/* Refused for one of the runs, with a sentence that names file, line and reason; nothing changes.
 */
static void assert_wrong(int run, const char *text, const char *line, const char *reason) {
    struct experiment experiment, before;
    char problem[EXPERIMENT_PROBLEM] = "";
    bool found;
    memset(&experiment, 0, sizeof experiment);
    experiment_defaults(&experiment);
    before = experiment;
    assert_false(experiment_read_ini(&experiment, written(text), NULL, run, &found, problem));
    assert_contains(problem, "experiment.ini, ");
    assert_contains(problem, line);
    assert_contains(problem, reason);
    assert_memory_equal(&experiment, &before, sizeof before);
}

static void what_is_wrong_is_told_with_its_line(void **state) {
    folder = *state;
    static const struct {
        int run;
        const char *text, *line, *reason;
    } rows[] = {
        { 0, "layers = -1\n", "line 1: ", "layers: '-1' is not a whole number from 0 to 200." },
        { 0, "\n\nwidth = 3\nlayrs = 3\n",
          "line 4: ", "there is no setting 'layrs'; did you mean 'layers'?" },
        { 0, "zzz = 3\n", "line 1: ", "there is no setting 'zzz'." },
        { 0, "width = 3\n[c]\nwidth = 4\n", "line 3: ", "there is no section [c]" },
        { 0, "[bee]\nwidth = 3\n", "line 2: ", "there is no section [bee]" },
        { 0, "width\n", "line 1: ", "neither 'key = value' nor '[section]'" },
        { 0, "# fine\n[b\n", "line 2: ", "neither 'key = value' nor '[section]'" },
        { 0, "layers = 3\nnonsense\nwidht = 4\n", "line 2: ", "neither" },
        { 0, "widht = 4\nnonsense\n", "line 1: ", "did you mean 'width'" },
        { 0, "learning_rate = nan\n", "line 1: ", "learning_rate: 'nan' is not a number" },
        { 0, "width =\n", "line 1: ", "width: '' is not" },
        { 1, "[b]\nseed = 4\n", "line 2: ", "A and B share it" },
        { 1, "width = 5\n[b]\nwidth = 5000\n", "line 3: ", "width: '5000'" },
        { 1, "[b]\n\nactivation = relo\n", "line 3: ", "did you mean 'relu'" },
        { 1, "[b]\nwdith = 5\n", "line 2: ", "did you mean 'width'" },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        assert_wrong(rows[i].run, rows[i].text, rows[i].line, rows[i].reason);
    }
}

static const char several[] = "[preset]\ntitle = Two  of a kind\nabout = The first sentence.\n"
                              "about = The second\n  and its end.\nepochs = 2.5\nkey = 7\n"
                              "[a]\nlayers = 3\nbatch = 8\n"
                              "[case as it is]\n"
                              "[case wide, tanh]\nwidth = 64\n[case seed]\nseed = 5\n"
                              "[case wide, tanh]\nactivation = tanh\n";

static void notes_stand_beside_the_settings(void **state) {
    folder = *state;
    struct experiment_notes notes;
    char problem[EXPERIMENT_PROBLEM] = "";
    assert_true(experiment_read_notes(&notes, written(several), problem));
    assert_string_equal(notes.title, "Two  of a kind");
    assert_string_equal(notes.about, "The first sentence. The second and its end.");
    assert_int_equal(notes.steps, -1);
    assert_true(notes.epochs == 2.5);
    assert_int_equal(notes.key, 7);
    assert_int_equal(notes.cases, 3);
    assert_string_equal(notes.case_name[0], "as it is");
    assert_string_equal(notes.case_name[1], "wide, tanh");
    assert_string_equal(notes.case_name[2], "seed");
    assert_true(experiment_read_notes(&notes, written("layers = 3\n[b]\nlayers = 4\n"), problem));
    assert_true(notes.title[0] == '\0' && notes.about[0] == '\0' && notes.key == 0);
    assert_true(notes.cases == 0 && notes.steps == -1 && notes.epochs < 0.0);
    assert_true(experiment_read_notes(&notes, written("[preset]\nSteps = 12\n"), problem));
    assert_true(notes.steps == 12 && notes.epochs < 0.0);
}

/* Each case is what stands above the cases with its own keys over it. */
static void cases_differ_from_what_is_common(void **state) {
    folder = *state;
    const char *path = written(several);
    struct experiment common, one;
    bool found = false;
    char problem[EXPERIMENT_PROBLEM] = "";
    experiment_defaults(&common);
    assert_true(experiment_read_ini(&common, path, NULL, 0, &found, problem) && found);
    assert_true(common.run[0].layers == 3 && common.batch == 8 && common.run[0].width == 100);
    one = common;
    assert_true(experiment_read_case(&one, path, "as it is", problem));
    assert_true(experiment_equal(&one, &common));
    assert_true(experiment_read_case(&one, path, "wide, tanh", problem));
    assert_int_equal(one.run[0].width, 64);
    assert_int_equal(one.run[0].activation, ACTIVATION_TANH);
    assert_int_equal(one.seed, common.seed);
    one = common;
    assert_true(experiment_read_case(&one, path, "seed", problem));
    assert_int_equal(one.seed, 5);
    assert_int_equal(one.run[0].width, 100);
    assert_true(experiment_read_ini(&one, path, NULL, 1, &found, problem));
    assert_false(found);
}

static void what_is_wrong_in_notes_and_cases(void **state) {
    folder = *state;
    static const struct {
        const char *text, *line, *reason;
    } rows[] = {
        { "[preset]\ntitel = x\n",
          "line 2: ", "there is no key of [preset] 'titel'; did you mean 'title'?" },
        { "[preset]\nsteps = -1\n", "line 2: ", "steps: '-1' is not a whole number from 0 to" },
        { "[preset]\nepochs = nan\n", "line 2: ", "epochs: 'nan' is not a number from 0 to" },
        { "[preset]\nkey = 10\n", "line 2: ", "key: '10' is not a whole number from 1 to 9." },
        { "[preset]\nsteps = 1\nepochs = 1\n", "line 3: ", "one of them is enough" },
        { "layers = 3\n[case ]\nwidth = 3\n", "line 2: ", "a case has a name" },
        { "[case 1234567890123456789012345678901]\n[case 12345678901234567890123456789012]\n",
          "line 2: ", "1 to 31 bytes" },
        { "[case x]\nwidth = 3\n\n[a]\nlayers = 3\n", "line 5: ", "stands before them" },
        { "[case x]\n[b]\nlayers = 3\n", "line 3: ", "no [b] or [change] with cases" },
        { "[b]\nlayers = 3\n[case x]\n", "line 3: ", "either sections [b] and [change] or cases" },
        { "[change 1]\nstep = 3\n[case x]\n", "line 3: ", "either sections [b] and [change]" },
        { "[cases x]\nlayers = 3\n", "line 2: ", "there is no section [cases x]" },
        { "[preset]\ntitle = 1234567890123456789012345678901234567890\n"
          "title = 1234567890123456789012345678901234567890\n",
          "line 3: ", "longer than 79 bytes" },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        struct experiment_notes notes;
        char problem[EXPERIMENT_PROBLEM] = "";
        assert_false(experiment_read_notes(&notes, written(rows[i].text), problem));
        assert_contains(problem, "experiment.ini, ");
        assert_contains(problem, rows[i].line);
        assert_contains(problem, rows[i].reason);
    }
    struct experiment experiment, before;
    char problem[EXPERIMENT_PROBLEM] = "", many[512] = "";
    experiment_defaults(&experiment);
    before = experiment;
    assert_false(experiment_read_case(
        &experiment, written("[case x]\nlayers = 3\n[case y]\nwidht = 3\n"), "y", problem));
    assert_contains(problem, "line 4: there is no setting 'widht'");
    assert_memory_equal(&experiment, &before, sizeof before);
    for (int i = 0; i <= EXPERIMENT_CASES; i++) {
        text_append(many, sizeof many, "[case %d]\n", i);
    }
    struct experiment_notes notes;
    assert_false(experiment_read_notes(&notes, written(many), problem));
    assert_contains(problem, "line 17: a file has 16 cases at most");
}

static void a_file_that_cannot_be_read(void **state) {
    folder = *state;
    struct experiment experiment, before;
    char problem[EXPERIMENT_PROBLEM] = "";
    bool found;
    experiment_defaults(&experiment);
    before = experiment;
    assert_false(experiment_read_ini(&experiment, folder_file(folder, "absent.ini"), NULL, 0,
                                     &found, problem));
    assert_contains(problem, "cannot read ");
    assert_contains(problem, "absent.ini: No such file");
    assert_false(experiment_read_ini(&experiment, folder->path, NULL, 0, &found, problem));
    assert_contains(problem, "cannot read ");
    assert_contains(problem, "directory");
    assert_true(experiment_equal(&experiment, &before));
}

/* Lines are counted as an editor counts them, and the end of a long comment is still comment. */
static void long_lines_are_single_lines(void **state) {
    folder = *state;
    char text[2048] = "# ";
    for (int i = 0; i < 180; i++) {
        text_append(text, sizeof text, "width = 4 ");
    }
    text_append(text, sizeof text, "\nlayers = 12\nbatch = none\n");
    assert_wrong(0, text, "line 3: ", "batch: 'none'");
    *strstr(text, "batch") = '#';
    struct experiment experiment;
    experiment_defaults(&experiment);
    read_both(&experiment, written(text));
    assert_int_equal(experiment.run[0].layers, 12);
    assert_int_equal(experiment.run[0].width, 100);
}

/* Long lines and names, and bytes that are no text: a sentence, whatever it says. */
static void anything_at_all_gets_an_answer(void **state) {
    folder = *state;
    char text[2048], problem[EXPERIMENT_PROBLEM];
    for (uint32_t row = 0; row < 120; row++) {
        static const char pieces[] = "=[]#;:\n\r\t \xff\x01"
                                     "ab13._-";
        size_t length = (size_t)(dice(row, 0) * (sizeof text - 1));
        for (size_t i = 0; i < length; i++) {
            text[i] = pieces[(size_t)(dice(row, (uint32_t)i + 1) * (sizeof pieces - 1))];
        }
        text[length] = '\0';
        const char *path = written(text);
        for (int run = 0; run < 2; run++) {
            struct experiment experiment;
            bool found;
            experiment_defaults(&experiment);
            problem[0] = '\0';
            bool read = experiment_read_ini(&experiment, path, NULL, run, &found, problem);
            assert_true(read || strlen(problem) > 20);
            assert_true(strlen(problem) < EXPERIMENT_PROBLEM - 1);
        }
        struct experiment_notes notes;
        problem[0] = '\0';
        assert_true(experiment_read_notes(&notes, path, problem) || strlen(problem) > 20);
    }
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(what_is_printed_is_read),
        FOLDER_TEST(a_file_changes_what_it_names),
        FOLDER_TEST(an_own_section_for_a_is_the_same),
        FOLDER_TEST(found_tells_whether_there_was_anything),
        FOLDER_TEST(what_is_wrong_is_told_with_its_line),
        FOLDER_TEST(notes_stand_beside_the_settings),
        FOLDER_TEST(cases_differ_from_what_is_common),
        FOLDER_TEST(what_is_wrong_in_notes_and_cases),
        FOLDER_TEST(a_file_that_cannot_be_read),
        FOLDER_TEST(long_lines_are_single_lines),
        FOLDER_TEST(anything_at_all_gets_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
