#include "measure/phase.h"

#include <math.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "measure/theory.h"

enum { PER_DECADE = 12, TAPS = 4, REFINEMENTS = 24 };

static const double lowest = 1e-8;   // q of the first node; below it, without biases, q is 0
static const double unbounded = 1e6; // q of the last node where phi has no bounds
static const double log_ten = 2.302585092994045684;
static const double reach_least = 2.0, reach_spare = 1.15;

static double node_q(int index) {
    return lowest * exp(log_ten / PER_DECADE * index);
}

/* The first thing that makes its maps of q and c other than the plain ones. */
static const char *not_plain(const struct network_config *config) {
    const struct noise_settings *noise = &config->noise;
    return config->normalisation != NORMALISATION_NONE ? "normalisation"
           : config->connection.which != CONNECTION_PLAIN
               ? connections[config->connection.which].label
           : noise->dropout > 0.0          ? "dropout"
           : noise->alpha_dropout > 0.0    ? "alpha dropout"
           : noise->drop_connect > 0.0     ? "dropped weights"
           : noise->stochastic_depth > 0.0 ? "stochastic depth"
           : config->exception.first > 0   ? "another activation in some layers"
                                           : "";
}

void phase_locate(const struct network_config *config, struct phase_start *start) {
    memset(start, 0, sizeof *start);
    start->one_layer = config->layers < 2;
    start->known = theory_of_weights(config, start->reason);
    start->sw2 = theory_sw2(config, start->one_layer ? 1 : 2);
    start->sb2 = theory_sb2(config, start->one_layer ? 1 : 2);
    text_set(start->missing, sizeof start->missing, "%s", not_plain(config));
}

double phase_reach(struct phi phi) {
    double sw2 = 0.0, sb2 = -1.0;
    for (int tenth = -20; tenth <= 30 && sb2 < 0.0; tenth++) {
        theory_critical(phi, exp(0.1 * log_ten * tenth), &sw2, &sb2);
    }
    return sb2 < 0.0 ? reach_least : fmax(reach_least, reach_spare * sqrt(sw2));
}

static void node_fill(struct phase_node *node, struct phi phi, double q) {
    struct quadrature rule;
    double root = sqrt(q), up[PHASE_TERMS], down[PHASE_TERMS];
    for (int n = 0; n < PHASE_TERMS; n++) {
        up[n] = 1.0 / sqrt(n + 1.0);
        down[n] = sqrt(n / (n + 1.0));
    }
    memset(node, 0, sizeof *node);
    theory_rule(&rule, QUADRATURE_32, phi, 0.0, root);
    for (int i = 0; i < rule.n; i++) {
        double x = rule.x[i], w = rule.w[i];
        double h = phi_value(&phi, root * x), slope = phi_slope(&phi, root * x);
        node->square += w * h * h / q;
        node->slope_square += w * slope * slope;
        double now = w * h, before = 0.0; // times the polynomials of degree n and n - 1
        for (int n = 0; n < PHASE_TERMS; n++) {
            node->share[n] += now;
            double next = up[n] * x * now - down[n] * before;
            before = now;
            now = next;
        }
    }
    for (int n = 0; n < PHASE_TERMS; n++) {
        node->share[n] *= node->share[n] / q;
    }
}

/* The four nodes around a q, with the weights of the cubic through them in log q. */
struct taps {
    const struct phase_node *node;
    double weight[TAPS];
};

static struct taps taps_at(const struct phase *phase, double q) {
    double at = log(q / lowest) * (PER_DECADE / log_ten);
    at = fmin(fmax(at, 0.0), phase->nodes - 1.0);
    int first = (int)at - 1;
    first = first < 0 ? 0 : first > phase->nodes - TAPS ? phase->nodes - TAPS : first;
    double t = at - first;
    return (struct taps){
        .node = &phase->node[first],
        .weight = { (t - 1.0) * (t - 2.0) * (t - 3.0) / -6.0, t * (t - 2.0) * (t - 3.0) / 2.0,
                    t * (t - 1.0) * (t - 3.0) / -2.0, t * (t - 1.0) * (t - 2.0) / 6.0 },
    };
}

#define TAPPED(taps, field)                                                                        \
    ((taps).weight[0] * (taps).node[0].field + (taps).weight[1] * (taps).node[1].field +           \
     (taps).weight[2] * (taps).node[2].field + (taps).weight[3] * (taps).node[3].field)

/* How much the next q is larger, over q. */
static double growth_at(const struct phase *phase, double sw2, double sb2, double q) {
    struct taps taps = taps_at(phase, q);
    return sw2 * TAPPED(taps, square) + sb2 / q - 1.0;
}

/* False position, in the bracket low..high of log q, where growth changes its sign. */
static double settled_between(const struct phase *phase, double sw2, double sb2, double low,
                              double high) {
    double at_low = growth_at(phase, sw2, sb2, low), at_high = growth_at(phase, sw2, sb2, high);
    double a = log(low), b = log(high), at = a;
    int side = 0;
    for (int i = 0; i < REFINEMENTS && fabs(b - a) > 1e-12; i++) {
        double before = at;
        at = (a * at_high - b * at_low) / (at_high - at_low);
        if (fabs(at - before) < 1e-11) {
            break;
        }
        double growth = growth_at(phase, sw2, sb2, exp(at));
        bool above = (growth > 0.0) == (at_high > 0.0);
        if (above) {
            b = at;
            at_high = growth;
            at_low *= side > 0 ? 0.5 : 1.0; // the Illinois rule: an end that stays counts half
        } else {
            a = at;
            at_low = growth;
            at_high *= side < 0 ? 0.5 : 1.0;
        }
        side = above ? 1 : -1;
    }
    return exp(at);
}

/* Where q goes to from that of the first layer: 0, a fixed point, or infinity. */
static double settled_q(const struct phase *phase, double sw2, double sb2) {
    const double first = fmax(sw2 + sb2, lowest), still = 1e-9;
    double growth = growth_at(phase, sw2, sb2, first);
    if (fabs(growth) < still) {
        return first;
    }
    int step = growth > 0.0 ? 1 : -1;
    double before = first;
    for (int i = 0; i < phase->nodes; i++) {
        int index = step > 0 ? i : phase->nodes - 1 - i;
        double q = node_q(index);
        if ((q - first) * step <= 0.0) {
            continue;
        }
        double now = sw2 * phase->node[index].square + sb2 / q - 1.0;
        if (now * step <= 0.0) {
            return step > 0 ? settled_between(phase, sw2, sb2, before, q)
                            : settled_between(phase, sw2, sb2, q, before);
        }
        before = q;
    }
    return step > 0 ? (double)INFINITY : 0.0;
}

/*
 * The sum over n of share[n] c^n. Where phi has kinks its shares fall only as a power of n, so that
 * many of them lie beyond the last one known. Blocks of twice the degree each stand for those: the
 * first holds `first` at degree `degree`, each next one `ratio` times as much, the last all that is
 * left.
 */
struct series {
    double share[PHASE_TERMS];
    double first, ratio, degree, last, last_degree;
};

enum { BLOCKS = 8 };

/* Blocks that hold `rest` in all, and `slope` times their degrees. */
static void series_close(struct series *series, double rest, double slope) {
    double beyond = slope / (PHASE_TERMS * rest); // mean degree, over the first one
    const double rounding = 1e-9;
    if (!(rest > rounding) || !(beyond > 1.0)) {
        series->last = rest;
        series->last_degree = PHASE_TERMS;
        return;
    }
    double power = beyond / (beyond - 1.0); // shares as n^-(power + 1) have that mean degree
    series->ratio = exp2(-power);
    series->first = rest * (1.0 - series->ratio);
    series->degree = slope / rest * (1.0 - 2.0 * series->ratio) / (1.0 - series->ratio);
    series->last = rest * pow(series->ratio, BLOCKS);
    series->last_degree = slope / rest * exp2(BLOCKS);
}

static struct series series_at(const struct phase *phase, double q) {
    struct taps taps = taps_at(phase, q);
    struct series series = { .first = 0.0 };
    double rest = TAPPED(taps, square), slope = TAPPED(taps, slope_square);
    for (int n = 0; n < PHASE_TERMS; n++) {
        series.share[n] = TAPPED(taps, share[n]);
        rest -= series.share[n];
        slope -= n * series.share[n];
    }
    series_close(&series, rest, slope);
    return series;
}

static double series_sum(const struct series *series, double c, double *slope) {
    double sum = 0.0, derivative = 0.0;
    for (int n = PHASE_TERMS - 1; n >= 0; n--) {
        derivative = derivative * c + sum;
        sum = sum * c + series->share[n];
    }
    if (c > 0.0) {
        double share = series->first, degree = series->degree, power = pow(c, degree);
        for (int j = 0; j < BLOCKS && share > 0.0; j++) {
            sum += share * power;
            derivative += share * degree * power / c;
            share *= series->ratio;
            degree *= 2.0;
            power *= power;
        }
        power = pow(c, series->last_degree);
        sum += series->last * power;
        derivative += series->last * series->last_degree * power / c;
    }
    *slope = derivative;
    return sum;
}

/* Newton's method from 0, which cannot overshoot: the map of c is convex. */
static void settle_c(const struct phase *phase, double sw2, double sb2, struct phase_point *point) {
    struct series series = series_at(phase, point->q);
    double c = 0.0, slope = 0.0;
    for (int i = 0; i < REFINEMENTS; i++) {
        double off = sw2 * series_sum(&series, c, &slope) + sb2 / point->q - c;
        slope *= sw2;
        if (off < 1e-10 || slope >= 1.0) {
            break;
        }
        c = fmin(c + off / (1.0 - slope), 1.0);
    }
    point->c = c;
    point->xi = slope < 1.0 ? -1.0 / log(slope) : (double)INFINITY;
}

struct phase_point phase_at(const struct phase *phase, double sw2, double sb2) {
    struct phase_point point = { .q = settled_q(phase, sw2, sb2), .c = 1.0 };
    point.settles = isfinite(point.q);
    struct taps taps = taps_at(phase, fmin(fmax(point.q, lowest), unbounded));
    const double close = 1e-7; // to 1, where only rounding is between
    point.chi = sw2 * TAPPED(taps, slope_square);
    point.chi = fabs(point.chi - 1.0) < close ? 1.0 : point.chi;
    if (!point.settles) {
        point.xi = (double)NAN;
    } else if (point.chi > 1.0 && point.q > 0.0) {
        settle_c(phase, sw2, sb2, &point);
    } else {
        point.xi = point.chi == 1.0 ? (double)INFINITY : -1.0 / log(point.chi);
    }
    return point;
}

struct place {
    double sw, sb;
};

static struct place place_at(const struct phase *phase, int column, int row) {
    return (struct place){ phase->sw_high * column / (PHASE_COLUMNS - 1),
                           phase->sb_high * row / (PHASE_ROWS - 1) };
}

/* Between two places, of which one is in the chaotic phase, by bisection. */
static struct place crossing(const struct phase *phase, struct place ordered,
                             struct place chaotic) {
    enum { HALVINGS = 12 };
    struct place middle = ordered;
    for (int i = 0; i < HALVINGS; i++) {
        middle = (struct place){ 0.5 * (ordered.sw + chaotic.sw), 0.5 * (ordered.sb + chaotic.sb) };
        double chi = phase_at(phase, middle.sw * middle.sw, middle.sb * middle.sb).chi;
        *(chi > 1.0 ? &chaotic : &ordered) = middle;
    }
    return middle;
}

/* The critical line through one cell of the grid: what its four edges are crossed at. */
static void trace_cell(struct phase *phase, int column, int row) {
    static const int across[] = { 0, 1, 1, 0 }, up[] = { 0, 0, 1, 1 };
    struct place ends[4];
    int count = 0;
    for (int i = 0; i < 4; i++) {
        int j = (i + 1) % 4;
        bool from = phase->chi[row + up[i]][column + across[i]] > 1.0f;
        bool to = phase->chi[row + up[j]][column + across[j]] > 1.0f;
        if (from != to) {
            struct place a = place_at(phase, column + across[i], row + up[i]);
            struct place b = place_at(phase, column + across[j], row + up[j]);
            ends[count++] = from ? crossing(phase, b, a) : crossing(phase, a, b);
        }
    }
    for (int i = 0; i + 1 < count && phase->line_count < PHASE_SEGMENTS; i += 2) {
        phase->line[phase->line_count++] =
            (struct phase_segment){ .sw = { (float)ends[i].sw, (float)ends[i + 1].sw },
                                    .sb = { (float)ends[i].sb, (float)ends[i + 1].sb } };
    }
}

void phase_fill(struct phase *phase, struct phi phi, double sw_high, double sb_high) {
    REQUIRE(sw_high > 0.0 && sw_high <= PHASE_MOST && sb_high > 0.0 && sb_high <= PHASE_MOST);
    memset(phase, 0, sizeof *phase);
    phase->sw_high = sw_high;
    phase->sb_high = sb_high;
    const struct activation_row *row = &activations[phi.which];
    double most = fmax(fabs(row->low), fabs(row->high));
    double highest = row->bounded ? sw_high * sw_high * most * most + sb_high * sb_high : unbounded;
    for (int i = 0; i < PHASE_NODES && (i == 0 || node_q(i - 1) < highest); i++) {
        node_fill(&phase->node[phase->nodes++], phi, node_q(i));
    }
    for (int r = 0; r < PHASE_ROWS; r++) {
        for (int c = 0; c < PHASE_COLUMNS; c++) {
            struct place place = place_at(phase, c, r);
            struct phase_point point = phase_at(phase, place.sw * place.sw, place.sb * place.sb);
            phase->chi[r][c] = (float)point.chi;
            phase->xi[r][c] = (float)point.xi;
        }
    }
    for (int r = 0; r + 1 < PHASE_ROWS; r++) {
        for (int c = 0; c + 1 < PHASE_COLUMNS; c++) {
            trace_cell(phase, c, r);
        }
    }
}
