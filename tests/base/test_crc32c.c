/* The checksum against the vectors of RFC 3720, appendix B.4, and against one bit at a time. */
#include <string.h>

#include "base/crc32c.h"
#include "check.h"

/* The definition: division by the polynomial, bit by bit. */
static uint32_t bit_by_bit(const unsigned char *bytes, size_t size) {
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < size; i++) {
        for (int bit = 0; bit < 8; bit++) {
            uint32_t out = (crc ^ (uint32_t)(bytes[i] >> bit)) & 1u;
            crc = (crc >> 1) ^ (out ? 0x82F63B78u : 0);
        }
    }
    return crc ^ 0xFFFFFFFFu;
}

static void knows_the_vectors_of_the_rfc(void **state) {
    (void)state;
    unsigned char bytes[48] = { 0 };
    assert_int_equal(crc32c(0, bytes, 32), 0x8A9136AA);
    memset(bytes, 0xFF, 32);
    assert_int_equal(crc32c(0, bytes, 32), 0x62A8AB43);
    for (int i = 0; i < 32; i++) {
        bytes[i] = (unsigned char)i;
    }
    assert_int_equal(crc32c(0, bytes, 32), 0x46DD794E);
    for (int i = 0; i < 32; i++) {
        bytes[i] = (unsigned char)(31 - i);
    }
    assert_int_equal(crc32c(0, bytes, 32), 0x113FDB5C);
    static const unsigned char read_command[48] = {
        0x01, 0xC0, 0, 0,    0, 0, 0, 0,    0,    0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0,
        0,    0,    0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0,    0
    };
    assert_int_equal(crc32c(0, read_command, 48), 0xD9963A56);
    assert_int_equal(crc32c(0, "123456789", 9), 0xE3069283);
    assert_int_equal(crc32c(0, "", 0), 0);
}

static void goes_on_where_it_stopped(void **state) {
    (void)state;
    unsigned char bytes[67];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(i * i * 37 + 11);
    }
    for (size_t size = 0; size <= sizeof bytes; size++) {
        uint32_t whole = bit_by_bit(bytes, size);
        for (size_t first = 0; first <= size; first++) {
            uint32_t crc = crc32c(0, bytes, first);
            assert_int_equal(crc32c(crc, bytes + first, size - first), whole);
            crc = crc32c_by_tables(0, bytes, first);
            assert_int_equal(crc32c_by_tables(crc, bytes + first, size - first), whole);
        }
    }
}

/* It is no identity, and it is undone by the inverse steps. */
static void masks(void **state) {
    (void)state;
    uint32_t crc = crc32c(0, "foo", 3), masked = crc32c_mask(crc);
    assert_int_not_equal(masked, crc);
    uint32_t rotated = masked - 0xA282EAD8u;
    assert_int_equal((rotated >> 17) | (rotated << 15), crc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_vectors_of_the_rfc),
        cmocka_unit_test(goes_on_where_it_stopped),
        cmocka_unit_test(masks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
