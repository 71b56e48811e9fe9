#include "measure/quadrature.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

static const int orders[QUADRATURE_ORDERS] = { 32, 64 };

/* Gauss-Legendre on -1..1. */
static struct {
    double x[QUADRATURE_MAX_NODES], w[QUADRATURE_MAX_NODES];
} legendre[QUADRATURE_ORDERS];

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Legendre's polynomial of degree n at x, and its derivative. */
static double polynomial(int n, double x, double *slope) {
    double before = 1.0, now = x;
    for (int k = 2; k <= n; k++) {
        double next = ((2.0 * k - 1.0) * x * now - (k - 1.0) * before) / k;
        before = now;
        now = next;
    }
    *slope = n * (x * now - before) / (x * x - 1.0);
    return now;
}

static void find_nodes(void) {
    for (int o = 0; o < QUADRATURE_ORDERS; o++) {
        int n = orders[o];
        for (int i = 0; i < n; i++) {
            double x = cos(3.14159265358979323846 * (i + 0.75) / (n + 0.5)), slope = 1.0;
            for (int k = 0; k < 8; k++) { // it doubles its digits each time
                x -= polynomial(n, x, &slope) / slope;
            }
            polynomial(n, x, &slope);
            legendre[o].x[i] = x;
            legendre[o].w[i] = 2.0 / ((1.0 - x * x) * slope * slope);
        }
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void quadrature_panels(struct quadrature *rule, enum quadrature_order order, double middle,
                       double scale, const double *kinks, int count) {
    static const double fixed[] = { -14.0, -7.0, -3.5, -1.5, 0.0, 1.5, 3.5, 7.0, 14.0 };
    enum { FIXED = sizeof fixed / sizeof fixed[0] };
    pthread_once(&once, find_nodes);
    double edges[QUADRATURE_MAX_PANELS + 1];
    int n = 0;
    for (int i = 0; i < FIXED; i++) {
        edges[n++] = fixed[i];
    }
    for (int i = 0; i < count; i++) {
        edges[n++] = fmin(fmax(kinks[i], -14.0), 14.0);
    }
    if (scale < 0.05) { // a bend much narrower than the panels
        for (int side = -1; side <= 1; side += 2) {
            edges[n++] = fmin(fmax(middle + side * 8.0 * scale, -14.0), 14.0);
            edges[n++] = fmin(fmax(middle + side * 64.0 * scale, -14.0), 14.0);
        }
    }
    qsort(edges, (size_t)n, sizeof edges[0], ascending);
    rule->n = 0;
    for (int p = 0; p + 1 < n; p++) {
        double half = 0.5 * (edges[p + 1] - edges[p]), centre = 0.5 * (edges[p + 1] + edges[p]);
        for (int i = 0; half > 0.0 && i < orders[order]; i++) {
            double x = centre + half * legendre[order].x[i];
            rule->x[rule->n] = x;
            rule->w[rule->n++] =
                half * legendre[order].w[i] * exp(-0.5 * x * x) * 0.39894228040143267794;
        }
    }
}
