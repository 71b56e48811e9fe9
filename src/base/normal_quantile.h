/*
 * normal_quantile.h - the pieces of the standard normal quantile, for loops over them.
 *
 * Algorithm AS 241 (PPND16), M. J. Wichura, Applied Statistics 37 (1988) 477-484. Who includes it
 * compiles without contracting a * b + c: then the same p gives the same bits on any path.
 */
#ifndef BASE_NORMAL_QUANTILE_H
#define BASE_NORMAL_QUANTILE_H

// |p - 1/2| up to which the central piece holds, and sqrt(-log(tail)) up to which the middle one.
#define NORMAL_CENTRAL 0.425
#define NORMAL_MIDDLE 5.0

/* a[0] + a[1] x + ... + a[7] x^7 */
static inline double normal_polynomial(const double a[8], double x) {
    double sum = a[7];
#ifdef __clang__
#pragma clang loop unroll(full)
#else
#pragma GCC unroll 8
#endif
    for (int i = 6; i >= 0; i--) {
        sum = sum * x + a[i];
    }
    return sum;
}

/* The quantile at p = 1/2 + q, |q| <= NORMAL_CENTRAL. */
static inline double normal_central(double q) {
    static const double above[8] = {
        3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
        1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
        3.3430575583588128105e4, 2.5090809287301226727e3,
    };
    static const double below[8] = {
        1.0,
        4.2313330701600911252e1,
        6.8718700749205790830e2,
        5.3941960214247511077e3,
        2.1213794301586595867e4,
        3.9307895800092710610e4,
        2.8729085735721942674e4,
        5.2264952788528545610e3,
    };
    double r = 0.180625 - q * q;
    return q * normal_polynomial(above, r) / normal_polynomial(below, r);
}

/* Its size where the smaller tail is e^(-r^2), r <= NORMAL_MIDDLE. */
static inline double normal_middle(double r) {
    static const double above[8] = {
        1.42343711074968357734e0,  4.63033784615654529590e0,  5.76949722146069140550e0,
        3.64784832476320460504e0,  1.27045825245236838258e0,  2.41780725177450611770e-1,
        2.27238449892691845833e-2, 7.74545014278341407640e-4,
    };
    static const double below[8] = {
        1.0,
        2.05319162663775882187e0,
        1.67638483018380384940e0,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    };
    return normal_polynomial(above, r - 1.6) / normal_polynomial(below, r - 1.6);
}

#endif
