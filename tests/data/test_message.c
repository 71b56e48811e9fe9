#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "data/message.h"

/* The examples of protobuf.dev, Encoding; the largest number of a field; IEEE 754 by hand. */
static const uint8_t good[] = {
    0x08, 0x96, 0x01,                                           // 1: 150
    0x12, 0x07, 't',  'e',  's',  't',  'i',  'n',  'g',        // 2: text
    0x1A, 0x03, 0x08, 0x96, 0x01,                               // 3: the first again
    0x21, 0,    0,    0,    0,    0,    0,    0xF8, 0x3F,       // 4: 1.5
    0x2D, 0,    0,    0x20, 0xC0,                               // 5: -2.5
    0xF8, 0xFF, 0xFF, 0xFF, 0x0F,                               // 2^29 - 1: -1
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, //
    0x32, 0x00,                                                 // 6: no bytes
};
static const size_t ends[] = { 0, 3, 12, 17, 26, 31, 46, 48 }; // of its fields

static void fields_are_read_as_documented(void **state) {
    (void)state;
    struct message message = message_of(good, sizeof good);
    struct field field, inside;
    assert_true(message_next(&message, &field) && field_is(&field, 1, WIRE_VARINT));
    assert_true(field.bits == 150);
    assert_true(message_next(&message, &field) && field_is(&field, 2, WIRE_BYTES));
    assert_int_equal(message_left(&field.inside), 7);
    assert_memory_equal(field.inside.at, "testing", 7);
    assert_true(message_next(&message, &field) && field_is(&field, 3, WIRE_BYTES));
    assert_true(message_next(&field.inside, &inside) && field_is(&inside, 1, WIRE_VARINT));
    assert_true(inside.bits == 150 && !message_next(&field.inside, &inside));
    assert_false(field.inside.broken);
    assert_true(message_next(&message, &field) && field_is(&field, 4, WIRE_FIXED64));
    assert_true(message_double(field.bits) == 1.5);
    assert_true(message_next(&message, &field) && field_is(&field, 5, WIRE_FIXED32));
    assert_true(message_float(field.bits) == -2.5);
    assert_true(message_next(&message, &field) && field_is(&field, (1 << 29) - 1, WIRE_VARINT));
    assert_true((int64_t)field.bits == -1);
    assert_true(message_next(&message, &field) && field_is(&field, 6, WIRE_BYTES));
    assert_true(message_left(&field.inside) == 0 && !message_next(&field.inside, &inside));
    assert_false(message_next(&message, &field));
    assert_false(message.broken);
}

/* In memory of exactly that size, whose end the address sanitizer watches. */
static void what_is_cut_is_broken_where_a_field_is(void **state) {
    (void)state;
    for (size_t size = 0; size <= sizeof good; size++) {
        uint8_t *bytes = size > 0 ? malloc(size) : NULL;
        assert_true(bytes || size == 0);
        if (bytes) {
            memcpy(bytes, good, size);
        }
        struct message message = message_of(bytes, size);
        struct field field;
        int fields = 0, whole = 0;
        while (message_next(&message, &field)) {
            fields++;
        }
        while (whole + 1 < ARRAY_LEN(ends) && ends[whole + 1] <= size) {
            whole++;
        }
        assert_int_equal(fields, whole);
        assert_int_equal(message.broken, ends[whole] != size);
        assert_false(message_next(&message, &field));
        free(bytes);
    }
}

static void nonsense_is_broken(void **state) {
    (void)state;
    static const struct {
        size_t size;
        uint8_t bytes[12];
    } rows[] = {
        { 12, { 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 } },
        { 2, { 0x0B, 0x0C } },                                                       // a group
        { 2, { 0x0E, 0x00 } },                                                       // no such wire
        { 2, { 0x0F, 0x00 } },                                                       //
        { 11, { 0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 } } // 2^64 - 1
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        struct message message = message_of(rows[i].bytes, rows[i].size);
        struct field field;
        assert_false(message_next(&message, &field));
        assert_true(message.broken);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_read_as_documented),
        cmocka_unit_test(what_is_cut_is_broken_where_a_field_is),
        cmocka_unit_test(nonsense_is_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
