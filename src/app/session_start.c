/* session_start.c - a run starts at a place of the plane of first weights. */
#include <math.h>

#include "app/session.h"

/* To three digits, as a user would type it. */
static double rounded(double value) {
    if (!(value > 0.0)) {
        return 0.0;
    }
    double unit = pow(10.0, floor(log10(value)) - 2.0);
    return round(value / unit) * unit;
}

void session_start_at(struct session *session, int run, double sw, double sb) {
    struct experiment wanted = session->request.experiment;
    struct network_settings *settings = &wanted.run[run];
    settings->init = INITIALISER_XAVIER; // N(0, 1/fan_in): sw2 is the scale's square in every layer
    settings->init_scale = rounded(sw);
    settings->bias_sd = rounded(sb);
    settings->bias = 0.0;
    session_begin(session, &wanted);
    if (experiment_equal(&session->request.experiment, &wanted)) {
        session_toast(session, false,
                      "%c starts with W ~ N(0, %.3g/fan_in), b ~ N(0, %.3g): init %s × %.3g, "
                      "bias sd %.3g.",
                      'A' + run, settings->init_scale * settings->init_scale,
                      settings->bias_sd * settings->bias_sd, initialisers[settings->init].label,
                      settings->init_scale, settings->bias_sd);
    }
}
