/*
 * rebin.h - histograms that somebody else has counted, in our bins.
 *
 * The values of a bucket are taken to be spread evenly over it, as TensorBoard does where it draws
 * them; the counts together are as many as there were. What lies in a bucket that reaches to 0 or
 * over it may be of any smaller magnitude, or 0: by magnitude it is counted apart, as near_zero.
 * Pure functions.
 */
#ifndef MEASURE_REBIN_H
#define MEASURE_REBIN_H

#include "base/bucket.h"
#include "measure/histogram.h"
#include "measure/moments.h"

/* Moments of values spread evenly in each bucket; buckets rise. NaN where there are no values. */
void rebin_moments(struct moments *moments, const struct bucket *buckets, int count);

/*
 * Count into bins of histogram_fit() or, by magnitude, of a log_histogram; what was there is
 * forgotten. More values than bins can count (2^32) leave it empty.
 */
void rebin(struct histogram *histogram, const struct bucket *buckets, int count);
void rebin_log(struct log_histogram *histogram, const struct bucket *buckets, int count);

#endif
