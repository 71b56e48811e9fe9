/*
 * orthogonal.h - the orthonormal factor of a matrix.
 *
 * By repeated Cholesky QR, which is made of matrix products alone: A <- A R^-1 with R^T R = A^T A,
 * until A^T A is the identity; where A^T A is too near to singular, its diagonal is raised first
 * (Fukaya, Kannan, Nakatsukasa, Yamamoto & Yanagisawa, SIAM J. Sci. Comput. 42, 2020). R has a
 * positive diagonal, so the result is the Q of A = Q R with each column times the sign of R's
 * diagonal, as Saxe, McClelland & Ganguli (ICLR 2014) need it to be uniformly distributed.
 */
#ifndef ENGINE_ORTHOGONAL_H
#define ENGINE_ORTHOGONAL_H

/*
 * Replace the columns of A (rows, columns), row-major, rows >= columns, by their orthonormal
 * factor. The columns must be linearly independent, as random ones are. scratch: columns * columns
 * numbers.
 */
void orthogonal_columns(double *A, int rows, int columns, double *scratch);

#endif
