#include "lab/setting_choices.h"

#include <string.h>

#include "data/csv.h"
#include "lab/regulariser.h"

/* What a table says about its row i. */
#define DESCRIBED(row)                                                                             \
    (struct setting_choice) {                                                                      \
        (row).label, (row).formula, (row).about, (row).source                                      \
    }

/* The names and the descriptions that a table has. */
#define CHOICES(thing, table)                                                                      \
    const char *thing##_name(int i) {                                                              \
        return table[i].name;                                                                      \
    }                                                                                              \
    struct setting_choice describe_##thing(int i) {                                                \
        return DESCRIBED(table[i]);                                                                \
    }

CHOICES(activation, activations)
CHOICES(normalisation, normalisations)
CHOICES(connection, connections)
CHOICES(branch, branches)
CHOICES(initialiser, initialisers)
CHOICES(optimiser, optimisers)
CHOICES(schedule, schedules)
CHOICES(preprocess, preprocesses)
CHOICES(dataset, datasets)

const char *last_activation_name(int i) {
    return i == EXPERIMENT_SAME_ACTIVATION ? "same" : activations[i].name;
}

const char *loss_name(int i) {
    return i == EXPERIMENT_LOSS_AUTO ? "auto" : losses[i].name;
}

const char *separator_name(int i) {
    return csv_separators[i].name;
}

const char *header_name(int i) {
    return csv_headers[i];
}

struct setting_choice describe_last_activation(int i) {
    if (i == EXPERIMENT_SAME_ACTIVATION) {
        return (struct setting_choice){ .label = "same",
                                        .formula = "φ",
                                        .about = "that of all hidden layers" };
    }
    return DESCRIBED(activations[i]);
}

struct setting_choice describe_loss(int i) {
    if (i == EXPERIMENT_LOSS_AUTO) {
        return (struct setting_choice){
            .label = "auto",
            .formula = "binary_cross_entropy for two classes in the plane, else cross_entropy",
            .about = "what suits the data set"
        };
    }
    return DESCRIBED(losses[i]);
}

struct setting_choice setting_describe(const struct setting *setting, int option) {
    int count;
    const struct regulariser_row *rows = regularisers(&count);
    if (setting->describe) {
        return setting->describe(option);
    }
    for (int i = 0; i < count; i++) {
        if (strcmp(rows[i].name, setting->name) == 0) {
            return DESCRIBED(rows[i]);
        }
    }
    return (struct setting_choice){ 0 };
}
