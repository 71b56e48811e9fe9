"""Event files as their formats say, one byte after the other: TFRecord framing with CRC-32C computed
bit by bit, protocol buffers by their wire types. Shares nothing with the program.
"""

import struct


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    """The data of every record; ValueError where the file is not as it should be."""
    with open(path, "rb") as file:
        content = file.read()
    at = 0
    while at < len(content):
        length, crc = struct.unpack_from("<QI", content, at)
        if crc != masked(content[at:at + 8]):
            raise ValueError(f"checksum of the length at byte {at}")
        data = content[at + 12:at + 12 + length]
        if struct.unpack_from("<I", content, at + 12 + length)[0] != masked(data):
            raise ValueError(f"checksum of the data at byte {at + 12}")
        yield data
        at += 16 + length


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    """(number, value) of each field of a message: int, float by its bytes, or bytes."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 2:
            length, at = varint(data, at)
            value, at = data[at:at + length], at + length
            if len(value) != length:
                raise ValueError("a field ends behind its message")
        else:
            size = {1: 8, 5: 4}[kind]
            value, at = struct.unpack_from("<d" if size == 8 else "<f", data, at)[0], at + size
        yield key >> 3, value


def doubles(data):
    return list(struct.unpack(f"<{len(data) // 8}d", data))


HISTOGRAM = {1: "min", 2: "max", 3: "num", 4: "sum", 5: "sum_squares", 6: "limit", 7: "bucket"}


def histogram(data):
    found = {HISTOGRAM[number]: value for number, value in fields(data)}
    found["limit"], found["bucket"] = doubles(found["limit"]), doubles(found["bucket"])
    return found


def events(path):
    """(step, {tag: float or histogram}) of each event but the first, which tells the version."""
    first = True
    for record in records(path):
        event = dict(fields(record))
        if first:
            if event.get(3) != b"brain.Event:2" or not event[1] > 1e9:
                raise ValueError("the first event does not tell the version and the time")
            first = False
            continue
        values = {}
        for number, value in fields(event[5]):
            if number != 1:
                raise ValueError(f"a summary with a field {number}")
            parts = dict(fields(value))
            tag = parts[1].decode("utf-8")
            if tag in values:
                raise ValueError(f"{tag} comes twice")
            values[tag] = parts[2] if 2 in parts else histogram(parts[5])
        yield event[2], values
