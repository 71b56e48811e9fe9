#include "app/clipboard.h"

#include <SDL.h>

#include "app/input.h"
#include "export/torch_code.h"

static void paste(struct session *session) {
    char *text = SDL_GetClipboardText();
    if (text) {
        input_text(session, text);
        SDL_free(text);
    }
}

static void copy_code(struct session *session) {
    const struct experiment *experiment = &session->request.experiment;
    const struct dataset_settings data = experiment_data(experiment);
    struct dataset_shape shape;
    char problem[DATASET_PROBLEM], code[TORCH_CODE];
    if (session->watches) {
        session_toast(session, true, "How a watched network is built is not known.");
        return;
    }
    if (!dataset_describe(&data, &shape, problem)) {
        session_toast(session, true, "%s", problem);
        return;
    }
    torch_code_print(experiment, 0, &shape, code);
    if (SDL_SetClipboardText(code) == 0) {
        session_toast(session, false, "%s was copied as lines for PyTorch.",
                      experiment->compare ? "A" : "The network");
    } else {
        session_toast(session, true, "The clipboard takes nothing: %s", SDL_GetError());
    }
}

void clipboard_serve(struct session *session) {
    if (session->paste) {
        session->paste = false;
        paste(session);
    }
    if (session->copy_code) {
        session->copy_code = false;
        copy_code(session);
    }
}
