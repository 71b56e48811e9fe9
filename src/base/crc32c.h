/*
 * crc32c.h - the checksum CRC-32C (Castagnoli; RFC 3720, appendix B.4), and its masked form that
 * TFRecord files carry.
 *
 * Threads: any.
 */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Of the bytes of which crc is that of what comes before them; 0 where nothing does. */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t size);

/* The same without the instruction that some processors have for it. */
uint32_t crc32c_by_tables(uint32_t crc, const void *bytes, size_t size);

/* A checksum of data that hold checksums would be weak: rotated right by 15 bits, plus a constant
 * (TensorFlow, tsl/lib/hash/crc32c.h). */
static inline uint32_t crc32c_mask(uint32_t crc) {
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

#endif
