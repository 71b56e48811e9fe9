#include "base/check.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "app/data_file.h"
#include "app/option.h"
#include "app/options.h"
#include "base/folder.h"
#include "base/require.h"
#include "base/text.h"

enum { MOST_WORDS = 128 };

/* What the last command line gave. */
static struct options options;
static char problem[OPTIONS_PROBLEM];

static bool parse(const char *const *words) {
    char *argv[MOST_WORDS + 2] = { (char *)"layerscope" };
    int argc = 1;
    for (; words[argc - 1]; argc++) {
        assert_true(argc <= MOST_WORDS);
        argv[argc] = (char *)words[argc - 1];
    }
    memset(&options, 0x5A, sizeof options); // nothing may be left over
    problem[0] = '\0';
    return options_parse(&options, argc, argv, problem);
}

#define PARSE(...) parse((const char *const[]){ __VA_ARGS__, NULL })

#define ACCEPT(...)                                                                                \
    do {                                                                                           \
        if (!PARSE(__VA_ARGS__)) {                                                                 \
            fail_msg("refused: %s", problem);                                                      \
        }                                                                                          \
    } while (0)

/* Refused with one sentence that contains part. */
#define REFUSE(part, ...)                                                                          \
    do {                                                                                           \
        assert_false(PARSE(__VA_ARGS__));                                                          \
        assert_sentence();                                                                         \
        assert_contains(problem, part);                                                            \
    } while (0)

/* One line without control characters, that ends as a sentence does. */
static void assert_sentence(void) {
    size_t length = strlen(problem);
    assert_true(length > 10 && length < sizeof problem);
    for (size_t i = 0; i < length; i++) {
        assert_true((unsigned char)problem[i] >= ' ' && problem[i] != 0x7F);
    }
}

static const char *value_of(int run, const char *name) {
    static char value[64];
    const struct setting *setting = setting_find(name);
    assert_non_null(setting);
    setting_print(&options.experiment, run, setting, value, sizeof value);
    return value;
}

/* The spelling of a setting as an option. */
static const char *option_of(const struct setting *setting) {
    static char option[64];
    text_set(option, sizeof option, "--%s", setting->name);
    for (char *c = option; *c; c++) {
        *c = *c == '_' ? '-' : *c;
    }
    return option;
}

static bool has_subcommand_values(const struct setting *setting, const char *value) {
    char joined[128];
    const char *option = option_of(setting);
    text_set(joined, sizeof joined, "%s=%s", option, value);
    const char *const lines[][5] = { { option, value, NULL },
                                     { joined, NULL },
                                     { "run", option, value, NULL },
                                     { "run", joined, NULL } };
    for (int i = 0; i < ARRAY_LEN(lines); i++) {
        if (!parse(lines[i]) || strcmp(value_of(0, setting->name), value) != 0) {
            return false;
        }
        // B is a copy of A in all but what makes it the reference
        bool reference = options.mode == MODE_WINDOW && (strcmp(setting->name, "init") == 0 ||
                                                         strcmp(setting->name, "activation") == 0);
        if (!reference && strcmp(value_of(1, setting->name), value) != 0) {
            return false;
        }
    }
    return true;
}

static void every_setting_is_an_option(void **state) {
    (void)state;
    int count;
    const struct setting *table = settings_table(&count);
    for (int i = 0; i < count; i++) {
        char low[64];
        for (int name = 0; name < table[i].option_count; name++) {
            assert_true(has_subcommand_values(&table[i], table[i].option(name)));
        }
        if (setting_is_text(&table[i])) {
            assert_true(has_subcommand_values(&table[i], ""));
            assert_true(has_subcommand_values(&table[i], "/some where/é;#=x"));
        } else if (table[i].type != SETTING_NAME) {
            text_set(low, sizeof low, "%.15g", table[i].low);
            assert_true(has_subcommand_values(&table[i], low));
            const char *other = table[i].open_high ? "0.5" : table[i].low > 1.0 ? "3" : "1";
            assert_true(has_subcommand_values(&table[i], other));
        }
    }
    assert_true(has_subcommand_values(setting_find("seed"), "18446744073709551615"));
    assert_true(has_subcommand_values(setting_find("learning_rate"), "0.1"));
    assert_true(has_subcommand_values(setting_find("learning_rate"), "1e-300"));
}

static void underscores_and_capitals_are_forgiven(void **state) {
    (void)state;
    ACCEPT("--learning_rate", "0.25", "--Init", "Glorot-Uniform");
    assert_string_equal(value_of(0, "learning_rate"), "0.25");
    assert_string_equal(value_of(0, "init"), "glorot_uniform");
}

static void the_last_of_an_option_counts(void **state) {
    (void)state;
    ACCEPT("--layers", "3", "--layers=4", "--width", "7", "--layers", "5");
    assert_string_equal(value_of(0, "layers"), "5");
    assert_string_equal(value_of(0, "width"), "7");
    const char *words[MOST_WORDS] = { "--width", "9" };
    for (int i = 2; i < MOST_WORDS - 2; i += 2) {
        words[i] = "--layers";
        words[i + 1] = i + 2 < MOST_WORDS - 2 ? "6" : "8";
    }
    assert_true(parse(words));
    assert_string_equal(value_of(0, "layers"), "8");
}

static void nothing_given_is_the_first_launch(void **state) {
    (void)state;
    ACCEPT(NULL);
    assert_int_equal(options.mode, MODE_WINDOW);
    assert_true(options.experiment.compare);
    assert_string_equal(value_of(0, "data"), "mnist");
    assert_string_equal(value_of(0, "layers"), "10");
    assert_string_equal(value_of(0, "width"), "100");
    assert_string_equal(value_of(0, "batch"), "128");
    assert_string_equal(value_of(0, "optimizer"), "sgd");
    assert_string_equal(value_of(0, "learning_rate"), "0.05");
    assert_string_equal(value_of(0, "activation"), "relu");
    assert_string_equal(value_of(0, "init"), "he");
    assert_string_equal(value_of(1, "activation"), "sigmoid");
    assert_string_equal(value_of(1, "init"), "small");
    assert_true(options.width == 0 && options.height == 0 && !options.paused && !options.steps);
    ACCEPT("run");
    assert_int_equal(options.mode, MODE_RUN);
    assert_false(options.experiment.compare);
    assert_true(!options.png && !options.json && !options.npz && !options.print);
}

static void our_own_options(void **state) {
    (void)state;
    ACCEPT("run", "--steps", "300", "--png", "a.png", "--json=b", "--npz", "-", "--print",
           "--size=320x4320", "--scale", "0.5", "--theme", "PRINT");
    assert_int_equal(options.steps, 300);
    assert_string_equal(options.png, "a.png");
    assert_string_equal(options.json, "b");
    assert_string_equal(options.npz, "-");
    assert_true(options.print);
    assert_true(options.width == 320 && options.height == 4320 && options.scale == 0.5);
    assert_string_equal(themes[options.theme].name, "print");
    ACCEPT("--paused", "--screenshots", "x=y", "--size", "7680x240", "--scale=4");
    assert_true(options.paused && options.scale == 4.0);
    assert_string_equal(options.screenshots, "x=y");
    ACCEPT("list", "keys", "--markdown");
    assert_true(options.markdown && options.mode == MODE_LIST);
    assert_string_equal(options.table, "keys");
    ACCEPT("run", "--steps", "1000000000000");
    assert_int_equal(options.steps, 1000000000000);
}

static void options_belong_to_modes(void **state) {
    (void)state;
    REFUSE("--steps does not go with the window", "--steps", "3");
    REFUSE("--preset does not", "list", "--preset", "x");
    REFUSE("--png", "--png", "a.png");
    REFUSE("--paused does not go with 'layerscope run'", "run", "--paused");
    REFUSE("--screenshots", "run", "--screenshots", "x");
    REFUSE("--markdown", "run", "--markdown");
    REFUSE("--layers does not go with 'layerscope list'", "list", "--layers", "3");
    REFUSE("--b does not", "list", "--b", "init=he");
    REFUSE("what is 'b.ini' for", "run", "a.ini", "b.ini");
    REFUSE("what is 'losses' for", "list", "keys", "losses");
}

static void help_and_version_win_over_what_follows(void **state) {
    (void)state;
    ACCEPT("--help");
    assert_int_equal(options.mode, MODE_HELP);
    ACCEPT("-h");
    assert_int_equal(options.mode, MODE_HELP);
    ACCEPT("run", "--layers", "0", "--help", "--nonsense");
    assert_int_equal(options.mode, MODE_HELP);
    ACCEPT("--version", "--nonsense");
    assert_int_equal(options.mode, MODE_VERSION);
    REFUSE("--help takes no value", "--help=layers");
    REFUSE("--version takes no value", "--version=2");
}

static void unknown_options_get_the_nearest(void **state) {
    (void)state;
    REFUSE("--layer; did you mean --layers?", "--layer", "3");
    REFUSE("--learning-rat; did you mean --learning-rate?", "--learning-rat=1");
    REFUSE("--lerning_rate; did you mean --learning-rate?", "--lerning_rate=1");
    REFUSE("--setps; did you mean --steps?", "run", "--setps", "5");
    REFUSE("--verison; did you mean --version?", "--verison");
    REFUSE("no option --quite-another. --help", "--quite-another");
    REFUSE("no option --. --help", "--=5");
    REFUSE("'-x' is not an option", "-x");
    REFUSE("'--' is not an option", "--");
    REFUSE("'-layers' is not an option", "-layers", "5");
}

static void missing_values(void **state) {
    (void)state;
    REFUSE("--layers needs a value", "--layers");
    REFUSE("--b needs a value", "--b");
    REFUSE("--steps needs a value", "run", "--steps");
    REFUSE("--png needs a value", "run", "--print", "--png");
    REFUSE("--print takes no value", "run", "--print=yes");
    REFUSE("--paused takes no value", "--paused=");
    REFUSE("--layers: '' is not a whole number from 0 to 200", "--layers=");
    REFUSE("--steps: '' is not", "run", "--steps", "");
}

static void bound_text(char *text, size_t size, const struct setting *setting, double bound) {
    text_set(text, size, setting->type == SETTING_DOUBLE ? "%g" : "%.0f", bound);
    if (setting->type == SETTING_UINT64 && bound > 0) {
        text_set(text, size, "%" PRIu64, UINT64_MAX);
    }
}

/* The sentence names the option, the value and the range. */
static void assert_out_of_range(const struct setting *setting, const char *value) {
    char low[64], high[64], quoted[96];
    bound_text(low, sizeof low, setting, setting->low);
    bound_text(high, sizeof high, setting, setting->high);
    text_set(quoted, sizeof quoted, "'%s'", value);
    REFUSE(quoted, "run", option_of(setting), value);
    assert_memory_equal(problem, option_of(setting), strlen(option_of(setting)));
    assert_contains(problem, low);
    assert_contains(problem, high);
}

static void numbers_out_of_range(void **state) {
    (void)state;
    static const char *const never[] = { "x",   "nan", "-nan", "inf",   "-inf", "1e999",
                                         "5x",  " 5",  "5 ",   "0x10",  "",     "1,5",
                                         "--5", "1e",  "+-1",  "1e+99", "５",   "∞" };
    int count;
    const struct setting *table = settings_table(&count);
    for (int i = 0; i < count; i++) {
        const struct setting *setting = &table[i];
        if (setting->type == SETTING_NAME || setting_is_text(setting)) {
            continue;
        }
        for (int n = 0; n < ARRAY_LEN(never); n++) {
            assert_out_of_range(setting, never[n]);
        }
        char beyond[64];
        bool whole = setting->type != SETTING_DOUBLE;
        text_set(beyond, sizeof beyond, "%.15g", setting->low - (whole ? 1.0 : 0.001));
        assert_out_of_range(setting, beyond);
        text_set(beyond, sizeof beyond, whole ? "%.0f" : "%.15g",
                 setting->open_high ? setting->high : 2.0 * setting->high);
        assert_out_of_range(setting, beyond);
        if (whole) {
            assert_out_of_range(setting, "1.5");
            assert_out_of_range(setting, "1e1");
            assert_out_of_range(setting, "99999999999999999999");
        }
    }
    assert_out_of_range(setting_find("layers"), "-1");
    assert_out_of_range(setting_find("layers"), "4294967297");
    assert_out_of_range(setting_find("width"), "99999999");
    assert_out_of_range(setting_find("learning_rate"), "nan");
    assert_out_of_range(setting_find("seed"), "-1");
}

/* What a path may be is what an experiment file can hold. */
static void paths_that_no_file_could_hold(void **state) {
    (void)state;
    static const char *const bad[] = { " a", "a ", ";a", "a ;b", "a\nb", "a\tb", "\x7F" };
    for (int i = 0; i < ARRAY_LEN(bad); i++) {
        REFUSE("--data-path: an experiment file cannot hold", "run", "--data-path", bad[i]);
    }
    char longest[DATASET_PATH + 1];
    memset(longest, 'x', sizeof longest - 1);
    longest[DATASET_PATH] = '\0';
    REFUSE("has 184 bytes, but an experiment file holds 183 at most", "run", "--data-path",
           longest);
    longest[DATASET_PATH - 1] = '\0';
    ACCEPT("run", "--data-path", longest);
    assert_string_equal(options.experiment.data_path, longest);
}

static void unknown_names(void **state) {
    (void)state;
    int count;
    const struct setting *table = settings_table(&count);
    for (int i = 0; i < count; i++) {
        if (table[i].type != SETTING_NAME) {
            continue;
        }
        REFUSE("there is no 'qqqqqqqqqq'", "run", option_of(&table[i]), "qqqqqqqqqq");
        for (int name = 0; name < table[i].option_count; name++) {
            assert_contains(problem, table[i].option(name));
        }
        REFUSE("there is no ''", "run", option_of(&table[i]), "");
    }
    REFUSE("--activation: there is no 'rleu'; did you mean 'relu'?", "--activation", "rleu");
    REFUSE("--theme: there is no 'drak'", "--theme", "drak");
    assert_contains(problem, "dark, light");
}

static void our_own_values_out_of_range(void **state) {
    (void)state;
    static const char *const sizes[] = { "",           "1440",           "1440x",     "x900",
                                         "319x240",    "320x239",        "7681x900",  "1440x4321",
                                         "1440x900x",  "1440*900",       " 1440x900", "1440x 900",
                                         "+1440x900",  "4294968736x900", "1440x900 ", "1e3x900",
                                         "-1440x-900", "0x1440x900" };
    for (int i = 0; i < ARRAY_LEN(sizes); i++) {
        REFUSE("is not WIDTHxHEIGHT from 320x240 to 7680x4320", "--size", sizes[i]);
        assert_memory_equal(problem, "--size: '", 9);
    }
    static const char *const scales[] = { "", "0", "0.49", "4.01", "nan", "inf", "2x", "-1" };
    for (int i = 0; i < ARRAY_LEN(scales); i++) {
        REFUSE("is not a number from 0.5 to 4", "--scale", scales[i]);
    }
    static const char *const steps[] = { "", "-1", "1.5", "1000000000001", "1e3", "many" };
    for (int i = 0; i < ARRAY_LEN(steps); i++) {
        REFUSE("is not a whole number from 0 to 1000000000000", "run", "--steps", steps[i]);
    }
}

static void a_picture_has_its_limits(void **state) {
    (void)state;
    ACCEPT("run", "--png", "a", "--size", "4096x4096", "--scale", "4");
    REFUSE("--size and --scale", "run", "--png", "a", "--size", "4097x900", "--scale", "4");
    assert_contains(problem, "16384");
    REFUSE("--size and --scale", "run", "--size", "900x4200", "--scale=4", "--png=a");
}

static void b_is_a_copy_of_a_with_differences(void **state) {
    (void)state;
    ACCEPT("--b", "init=small", "--layers", "7", "--b=activation=tanh", "--b", "learning-rate=0.5");
    assert_true(options.experiment.compare);
    assert_string_equal(value_of(0, "layers"), "7");
    assert_string_equal(value_of(1, "layers"), "7");
    assert_string_equal(value_of(0, "init"), "he");
    assert_string_equal(value_of(1, "init"), "small");
    assert_string_equal(value_of(1, "activation"), "tanh");
    assert_string_equal(value_of(0, "learning_rate"), "0.05");
    assert_string_equal(value_of(1, "learning_rate"), "0.5");
    ACCEPT("run", "--b", "layers=3", "--b", "layers=4");
    assert_string_equal(value_of(1, "layers"), "4");
}

static void b_is_checked_like_a(void **state) {
    (void)state;
    int count;
    const struct setting *table = settings_table(&count);
    for (int i = 0; i < count; i++) {
        char pair[96];
        text_set(pair, sizeof pair, "%s=qqqqqqqqqq", table[i].name);
        REFUSE(table[i].per_run ? "'qqqqqqqqqq'" : "share", "run", "--b", pair);
        assert_memory_equal(problem, "--b ", 4);
        assert_contains(problem, table[i].name);
    }
    REFUSE("'foo' is not KEY=VALUE", "--b", "foo");
    REFUSE("'' is not KEY=VALUE", "--b", "");
    REFUSE("there is no setting 'ini'; did you mean 'init'?", "--b", "ini=he");
    REFUSE("there is no setting ''", "--b", "=he");
    REFUSE("there is no setting 'steps'", "--b", "steps=3");
    const char *words[MOST_WORDS + 1] = { NULL };
    for (int i = 0; i + 1 < MOST_WORDS; i += 2) {
        words[i] = "--b";
        words[i + 1] = "init=he";
    }
    assert_true(parse(words));
    const char *more[MOST_WORDS + 1] = { NULL };
    for (int i = 0; i < MOST_WORDS; i++) {
        more[i] = "--b=init=he";
    }
    assert_false(parse(more));
    assert_sentence();
}

static void write_ini(struct folder *folder, const char *text) {
    assert_int_equal(write_file(folder_file(folder, "test.ini"), text, strlen(text)), 0);
}

static void options_override_the_file_and_b_follows(void **state) {
    struct folder *folder = *state;
    write_ini(folder, "; comment\nlayers = 3\nwidth = 30\nseed = 9\n"
                      "[b]\nactivation = sigmoid\ninit = small\n");
    const char *file = folder_file(folder, "test.ini");
    ACCEPT("run", file);
    assert_true(options.experiment.compare);
    assert_string_equal(value_of(0, "layers"), "3");
    assert_string_equal(value_of(1, "layers"), "3");
    assert_string_equal(value_of(1, "activation"), "sigmoid");
    ACCEPT("--layers", "4", file, "--b", "init=normal", "--seed=10");
    assert_string_equal(value_of(0, "layers"), "4"); // the option beats the file
    assert_string_equal(value_of(0, "width"), "30");
    assert_string_equal(value_of(0, "seed"), "10");
    assert_string_equal(value_of(1, "layers"), "4"); // B copies A as it ends up
    assert_string_equal(value_of(1, "activation"), "sigmoid");
    assert_string_equal(value_of(1, "init"), "normal"); // --b beats [b]
    write_ini(folder, "layers = 3\n");
    ACCEPT(file); // a file is the whole experiment: no reference beside it
    assert_false(options.experiment.compare);
    ACCEPT(file, "--b", "init=small");
    assert_true(options.experiment.compare);
}

static const char several[] = "[preset]\ntitle = T\nabout = X.\nepochs = 3\n"
                              "[a]\nlayers = 3\nactivation = tanh\n"
                              "[case small one]\ninit = small\n"
                              "[case Xavier]\ninit = xavier\n"
                              "[case more data]\ndata = xor\n";

static void a_run_takes_all_cases_and_the_window_two(void **state) {
    struct folder *folder = *state;
    write_ini(folder, several);
    const char *file = folder_file(folder, "test.ini");
    ACCEPT("run", file, "--layers", "5");
    assert_int_equal(options.cases, 3);
    assert_string_equal(options.notes.title, "T");
    static const int inits[] = { INITIALISER_SMALL, INITIALISER_XAVIER, INITIALISER_HE };
    for (int i = 0; i < 3; i++) {
        const struct experiment *one = &options.case_of[i];
        assert_int_equal(one->run[0].init, inits[i]);
        assert_int_equal(one->run[0].layers, 5); // the option beats the file in every case
        assert_int_equal(one->run[0].activation, ACTIVATION_TANH);
        assert_int_equal(one->data, i == 2 ? DATASET_XOR : DATASET_MNIST);
        assert_false(one->compare);
    }
    ACCEPT(file);
    assert_true(options.cases == 0 && options.experiment.compare);
    assert_string_equal(value_of(0, "init"), "small");
    assert_string_equal(value_of(1, "init"), "xavier");
    assert_string_equal(value_of(1, "layers"), "3");
    ACCEPT("run", file, "--case", "xavier", "--png", "a.png", "--b", "init=he");
    assert_true(options.cases == 0 && options.experiment.compare);
    assert_string_equal(value_of(0, "init"), "xavier");
    assert_string_equal(value_of(1, "init"), "he");
    ACCEPT(file, "--case=more data");
    assert_false(options.experiment.compare);
    assert_string_equal(value_of(0, "data"), "xor");
    REFUSE("--case: there is no 'xaver'. It accepts: small one, Xavier, more data.", "run", file,
           "--case", "xaver");
    REFUSE("--b is about one experiment, and here are 3 cases: --case NAME", file, "--b",
           "init=he");
    REFUSE("--png is about one experiment", "run", file, "--png", "a.png");
    REFUSE("--npz is about one experiment", "run", file, "--npz", "a.npz");
    REFUSE("--npz is about one experiment", "run", file, "--npz", "a.npz", "--every", "2");
    write_ini(folder, "[case x]\nlayers = 3\n[case y]\nlayers = 0.5\n");
    REFUSE("test.ini, line 4: layers: '0.5'", "run", file); // before the first case is run
    write_ini(folder, "[case x]\ndata = xor\n[case y]\ndata = moons\n");
    ACCEPT(file); // no twins of different data
    assert_false(options.experiment.compare);
    write_ini(folder, "layers = 3\n");
    REFUSE("--case: there are no cases", file, "--case", "x");
    REFUSE("--case: there are no cases", "--case", "x");
}

static void the_command_line_beats_the_files_steps(void **state) {
    struct folder *folder = *state;
    const char *file = folder_file(folder, "test.ini");
    write_ini(folder, "[preset]\nsteps = 70\n");
    ACCEPT("run", file);
    assert_true(options.steps == 70 && options.epochs == 0.0);
    ACCEPT("run", file, "--steps", "0");
    assert_true(options.steps == 0 && options.epochs == 0.0);
    ACCEPT("run", file, "--epochs", "0.5");
    assert_true(options.epochs == 0.5);
    write_ini(folder, "[preset]\nepochs = 4\n");
    ACCEPT("run", file);
    assert_true(options.epochs == 4.0);
    ACCEPT("run", file, "--steps", "9");
    assert_true(options.steps == 9 && options.epochs == 0.0);
    REFUSE("--steps and --epochs say the same", "run", "--steps", "9", "--epochs", "1");
    static const char *const wrong[] = { "", "-1", "nan", "many", "1000001" };
    for (int i = 0; i < ARRAY_LEN(wrong); i++) {
        REFUSE("--epochs: '", "run", "--epochs", wrong[i]);
    }
    REFUSE("--epochs does not go with the window", "--epochs", "1");
}

static void presets_are_files_with_names(void **state) {
    struct folder *folder = *state;
    setenv("XDG_CONFIG_HOME", folder->path, 1);
    char path[FOLDER_PATH + 64];
    text_set(path, sizeof path, "%s/layerscope", folder->path);
    assert_int_equal(mkdir(path, 0700), 0);
    text_append(path, sizeof path, "/presets");
    assert_int_equal(mkdir(path, 0700), 0);
    text_append(path, sizeof path, "/my-own.ini");
    assert_int_equal(write_file(path, several, strlen(several)), 0);
    ACCEPT("run", "--preset", "my_own", "--case", "xavier", "--width=7");
    assert_string_equal(value_of(0, "init"), "xavier");
    assert_string_equal(value_of(0, "width"), "7");
    ACCEPT("--preset=my-own");
    assert_string_equal(value_of(1, "init"), "xavier");
    REFUSE("--preset: there is no 'my-onw'; did you mean 'my-own'?", "--preset", "my-onw");
    REFUSE("what is 'x.ini' for", "run", "x.ini", "--preset", "my-own");
    ACCEPT("run", "--preset", "cs231n");
    assert_true(options.cases == 5 && options.steps == 0);
}

static void what_is_printed_is_read_back(void **state) {
    struct folder *folder = *state;
    ACCEPT("--layers", "12", "--learning-rate", "0.1", "--b", "init=xavier", "--b", "bias=-1e-7",
           "--seed", "18446744073709551615", "--data", "xor");
    struct experiment before = options.experiment;
    memset(before.data_path, 'y', sizeof before.data_path - 1); // the longest line there is
    char text[4096];
    assert_true(experiment_print_ini(&before, text, sizeof text) < (int)sizeof text);
    write_ini(folder, text);
    ACCEPT("run", folder_file(folder, "test.ini"));
    assert_true(experiment_equal(&before, &options.experiment));
}

static void bad_files(void **state) {
    struct folder *folder = *state;
    const char *file = folder_file(folder, "test.ini");
    static const struct {
        const char *text, *part;
    } cases[] = {
        { "layers = 3\nwidth = 0\n", "test.ini, line 2: width: '0' is not" },
        { "layers = 3\nwidht = 5\n", "line 2: there is no setting 'widht'; did you mean 'width'?" },
        { "[c]\nlayers = 3\n", "there is no section [c]" },
        { "layers = 3\n[b]\nseed = 4\n", "line 3: seed: A and B share it" },
        { "layers = 3\n[b]\ninit = hee\n", "line 3: init: there is no 'hee'" },
        { "nonsense\n", "line 1: this is neither" },
        { "layers = \n", "line 1: layers: '' is not" },
        { "\x89PNG\r\n\x1a\n\x01\x02=\x1b[31m\x07\n", "carries no experiment: it ends too early" },
        { "layers = 3\n[change 1]\nlearning_rate = 1\n", "line 3: [change 1]: 'step'" },
        { "[change 1]\nstep = 5\nstep = 6\n", "line 3: [change 1]: 'step'" },
        { "[change 1]\nstep = 5\n[change 3]\nstep = 6\n", "line 4: [change 3]: changes are" },
        { "[change 1]\nstep = 5\n[change 2]\nstep = 4\n", "line 4: step: '4' is not" },
        { "[change 1]\nstep = 5\nwidth = 4\n", "line 3: width takes new weights" },
        { "[change 1]\nstep = 5\nmomentum = 4\n", "line 3: momentum: '4' is not" },
        { "[change 1 c]\nstep = 5\n", "line 2: [change 1 c]: changes are" },
    };
    for (int i = 0; i < ARRAY_LEN(cases); i++) {
        write_ini(folder, cases[i].text);
        REFUSE(cases[i].part, "run", file);
    }
    assert_int_equal(write_file(file, "GIF89a\0\1", 8), 0);
    REFUSE("test.ini is neither an experiment (.ini), nor a picture (.png, .svg), nor data.", "run",
           file);
    REFUSE("/none.ini: No such file", "run", folder_file(folder, "none.ini"));
    REFUSE("is a folder", "run", folder->path);
    REFUSE("name is empty", "run", "");
    REFUSE("'run' goes first", "--layers", "3", "run");
    REFUSE("'list' goes first", "--size", "900x900", "list");
}

/* Data are told by what is in the file, whatever its name is. */
static void data_can_be_given_by_path(void **state) {
    struct folder *folder = *state;
    const char *file = folder_file(folder, "flowers.txt");
    assert_int_equal(write_file(file, "a,b,kind\n1,2,u\n3,4,v\n", 21), 0);
    ACCEPT("run", file, "--layers", "3", "--separator", "comma");
    assert_int_equal(options.experiment.data, DATASET_CSV);
    assert_string_equal(options.experiment.data_path, file);
    assert_int_equal(options.experiment.run[0].layers, 3);
    ACCEPT("--data", file);
    assert_int_equal(options.experiment.data, DATASET_CSV);
    assert_string_equal(options.experiment.data_path, file);
    assert_true(options.experiment.compare); // as without a file
    REFUSE("what is 'moons' for?", "run", file, "--data", "moons");
    REFUSE("what is '/elsewhere' for?", "run", file, "--data-path", "/elsewhere");
    REFUSE("what is '/elsewhere' for?", "run", "--data", file, "--data-path=/elsewhere");
    REFUSE("--data: irsi.csv: cannot be read: No such file", "run", "--data", "irsi.csv");
    REFUSE("--data: there is no 'mnits'; did you mean 'mnist'?", "run", "--data", "mnits");
    REFUSE("--data: ", "run", "--data", folder->path);
    REFUSE("holds neither train-images-idx3-ubyte", "run", "--data", folder->path);
    write_ini(folder, "; no data\n\nlayers = 4\n");
    REFUSE("what is", "run", file, folder_file(folder, "test.ini"));
    REFUSE("not a file that can be read", "run", "--data", "/dev/null");
}

/* Other text is an experiment if it looks like one. */
static void experiments_are_told_from_data(void **state) {
    struct folder *folder = *state;
    static const struct {
        const char *name, *text;
        bool data;
    } rows[] = {
        { "a.txt", "layers = 4\n", false },
        { "a.txt", "; remark\n\n  [b]\n", false },
        { "a.txt", "# remark\nlayers=4\n", false },
        { "a.txt", "", false },
        { "a.ini", "1,2,a\n3,4,b\n", false },
        { "a.csv", "1,2,a\n3,4,b\n", true },
        { "a", "# remark\n1 2 a\n3 4 b\n", true },
        { "a.csv", "x,y,a=b\n1,2,3\n", false },
        { "a", "\0\1\2", false },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        const char *file = folder_file(folder, rows[i].name);
        assert_int_equal(write_file(file, rows[i].text, strlen(rows[i].text)), 0);
        if (data_file_is(file) != rows[i].data) {
            fail_msg("%s: %s", rows[i].name, rows[i].text);
        }
    }
}

static void only_files_that_can_be_read_twice(void **state) {
    struct folder *folder = *state;
    const char *pipe = folder_file(folder, "pipe");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    REFUSE("is not a file", "run", pipe); // and does not wait for somebody to write
    REFUSE("is not a file", "run", "/dev/null");
}

static void absurd_lengths(void **state) {
    (void)state;
    enum { LONG = 100000 };
    char *text = malloc(LONG + 64);
    assert_non_null(text);
    static const char *const starts[] = {
        "",     "--",      "-",        "--layers=", "--size=", "--theme=", "--b=init=",
        "--b=", "--init=", "--scale=", "--help=",   "--seed=", "--b=seed="
    };
    for (int i = 0; i < ARRAY_LEN(starts); i++) {
        size_t start = strlen(starts[i]);
        memcpy(text, starts[i], start);
        memset(text + start, '7', LONG);
        text[start + LONG] = '\0';
        assert_false(PARSE(text));
        assert_sentence();
        memset(text + start, '\x1b', LONG);
        assert_false(PARSE(text));
        assert_sentence();
    }
    memcpy(text, "\xED\x95\x9C\xEA\xB8\x80\n\t", 9);
    assert_false(PARSE("--b", text));
    assert_sentence();
    assert_false(PARSE("list", "--\n"));
    assert_sentence();
    free(text);
}

static void printed(void print(FILE *out, bool flag), bool flag, char *text, size_t size) {
    FILE *out = tmpfile();
    assert_non_null(out);
    print(out, flag);
    rewind(out);
    text[fread(text, 1, size - 1, out)] = '\0';
    fclose(out);
}

static void print_help(FILE *out, bool flag) {
    (void)flag;
    options_help(out);
}

static void help_and_list_name_everything(void **state) {
    (void)state;
    char help[16384], list[16384], markdown[16384];
    printed(print_help, false, help, sizeof help);
    printed(options_list, false, list, sizeof list);
    printed(options_list, true, markdown, sizeof markdown);
    int count;
    const struct setting *table = settings_table(&count);
    for (int i = 0; i < count; i++) {
        assert_contains(help, option_of(&table[i]));
        assert_contains(list, option_of(&table[i]));
        assert_contains(markdown, option_of(&table[i]));
        for (int name = 0; name < table[i].option_count; name++) {
            assert_contains(help, table[i].option(name));
        }
    }
    for (int i = 0; i < option_count; i++) {
        const char *names[OPTION_NAMES];
        for (int name = option_names(&option_table[i], names) - 1; name >= 0; name--) {
            assert_contains(help, names[name]);
            assert_contains(markdown, names[name]);
        }
    }
    static const char *const own[] = { "--b KEY=VALUE", "--preset NAME", "--case NAME",
                                       "--epochs N",    "--steps N",     "--print",
                                       "--png FILE",    "--json FILE",   "--npz FILE",
                                       "--size WxH",    "--scale",       "--theme",
                                       "--paused",      "--screenshots", "--markdown" };
    for (int i = 0; i < ARRAY_LEN(own); i++) {
        assert_contains(help, own[i]);
        assert_contains(list, own[i]);
        assert_contains(markdown, own[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_setting_is_an_option),
        cmocka_unit_test(underscores_and_capitals_are_forgiven),
        cmocka_unit_test(the_last_of_an_option_counts),
        cmocka_unit_test(nothing_given_is_the_first_launch),
        cmocka_unit_test(our_own_options),
        cmocka_unit_test(options_belong_to_modes),
        cmocka_unit_test(help_and_version_win_over_what_follows),
        cmocka_unit_test(unknown_options_get_the_nearest),
        cmocka_unit_test(missing_values),
        cmocka_unit_test(numbers_out_of_range),
        cmocka_unit_test(paths_that_no_file_could_hold),
        cmocka_unit_test(unknown_names),
        cmocka_unit_test(our_own_values_out_of_range),
        cmocka_unit_test(a_picture_has_its_limits),
        cmocka_unit_test(b_is_a_copy_of_a_with_differences),
        cmocka_unit_test(b_is_checked_like_a),
        cmocka_unit_test_setup_teardown(options_override_the_file_and_b_follows, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(a_run_takes_all_cases_and_the_window_two, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(the_command_line_beats_the_files_steps, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(presets_are_files_with_names, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(what_is_printed_is_read_back, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(bad_files, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(data_can_be_given_by_path, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(experiments_are_told_from_data, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(only_files_that_can_be_read_twice, folder_setup,
                                        folder_teardown),
        cmocka_unit_test(absurd_lengths),
        cmocka_unit_test(help_and_list_name_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
