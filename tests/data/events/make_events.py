"""Make the event files of this folder, and beside each what a reader must find in it.

    make_events.py FOLDER [SEEDS]     SEEDS: a folder for small ones, for the fuzz target

They are written as PyTorch's SummaryWriter (torch.*) and TensorFlow 2's tf.summary (tf2.*) write
them, which here is done without either: framing and protocol buffers byte by byte, the buckets by
NumPy as in torch.utils.tensorboard.summary.make_histogram and in
tensorboard.plugins.histogram.summary_v2. An expected line is "step tag kind numbers...".
"""

import os
import struct
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "export"))
from event_decoder import masked  # noqa: E402

LAYERS = ["net.0", "net.2", "net.10"]


# Protocol buffers -------------------------------------------------------------------------------

def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def number(field, value):
    return varint(field << 3) + varint(value)


def double(field, value):
    return varint(field << 3 | 1) + struct.pack("<d", value)


def single(field, value):
    return varint(field << 3 | 5) + struct.pack("<f", value)


def data(field, content):
    content = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(content)) + content


def doubles(field, values):
    return data(field, struct.pack(f"<{len(values)}d", *values))


def record(content):
    length = struct.pack("<Q", len(content))
    return (length + struct.pack("<I", masked(length)) + content
            + struct.pack("<I", masked(content)))


def event(wall_time, step, value=None):
    """An Event as protocol buffers write it: what is 0 is left out."""
    content = double(1, wall_time) + (number(2, step) if step else b"")
    if value is not None:
        content += data(5, data(1, value))
    return record(content)


def version(wall_time):
    return record(double(1, wall_time) + data(3, "brain.Event:2"))


# What they log ----------------------------------------------------------------------------------

class Log:
    def __init__(self, folder, name):
        self.path = os.path.join(folder, name)
        self.out = bytearray(version(1.7e9))
        self.lines = []

    def add(self, step, value, *line):
        self.out += event(1.7e9 + len(self.lines), step, value)
        if line:
            self.lines.append(" ".join([str(step), *map(str, line)]))

    def save(self):
        with open(self.path + ".tfevents", "wb") as file:
            file.write(self.out)
        with open(self.path + ".txt", "w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in self.lines))


def shown(value):
    return "%.17g" % value


def bucket_words(rows):
    return [word for row in rows if row[2] > 0 for word in map(shown, row)]


def torch_scalar(log, step, tag, value):
    log.add(step, data(1, tag) + single(2, value), tag, "scalar", shown(np.float32(value)))


def torch_bins():
    """SummaryWriter._get_default_bins()."""
    v, buckets, negative = 1e-12, [], []
    while v < 1e20:
        buckets.append(v)
        negative.append(-v)
        v *= 1.1
    return negative[::-1] + [0] + buckets


def torch_histogram(log, step, tag, values):
    values = values.astype(float).reshape(-1)
    counts, limits = np.histogram(values, bins=torch_bins())
    occupied = np.flatnonzero(counts)
    start, end = occupied[0], occupied[-1] + 1
    counts = counts[start - 1:end] if start > 0 else np.concatenate([[0], counts[:end]])
    limits = limits[start:end + 1]
    low, high, total, squares = values.min(), values.max(), values.sum(), values.dot(values)
    numbers = enumerate([low, high, len(values), total, squares], 1)
    histogram = (b"".join(double(field, value) for field, value in numbers if value)
                 + doubles(6, limits) + doubles(7, counts))
    edges = np.clip(np.concatenate([[min(low, limits[0])], limits]), low, high)
    rows = zip(edges[:-1], edges[1:], counts)
    log.add(step, data(1, tag) + data(5, histogram), tag, "histogram", shown(low), shown(high),
            shown(len(values)), shown(total), shown(squares), *bucket_words(rows))


def tensor(kind, shape, content, field):
    dimensions = b"".join(data(2, number(1, size) if size else b"") for size in shape)
    return number(1, kind) + data(2, dimensions) + data(field, content)


def metadata(plugin):
    return data(1, data(1, plugin))


def tf2_scalar(log, step, tag, value):
    content = tensor(1, (), struct.pack("<f", value), 4)
    log.add(step, data(1, tag) + data(8, content) + data(9, metadata("scalars")), tag, "scalar",
            shown(np.float32(value)))


def tf2_histogram(log, step, tag, values, field=4):
    """30 buckets of equal width; all in the last one where all values are the same. field: the
    numbers as tensor_content (4) or as double_val (6)."""
    values = values.astype(float).reshape(-1)
    low, high = values.min(), values.max()
    if low == high:
        rows = np.zeros((30, 3))
        rows[:, :2] = low
        rows[-1, 2] = values.size
    else:
        width = (high - low) / 30
        edges = np.linspace(low, high, 31)
        index = np.minimum(np.floor((values - low) / width).astype(int), 29)
        rows = np.stack([edges[:-1], edges[1:], np.bincount(index, minlength=30)], axis=1)
    content = tensor(2, (30, 3), struct.pack("<90d", *rows.ravel()), field)
    log.add(step, data(1, tag) + data(8, content) + data(9, metadata("histograms")), tag, "buckets",
            *bucket_words(rows))


def log_network(log, rng, step, scalar, histogram):
    scalar(log, step, "loss", 2.3 / (1 + step))
    for depth, layer in enumerate(LAYERS):
        histogram(log, step, f"activations/{layer}", np.maximum(rng.normal(size=40), 0))
        histogram(log, step, f"gradients/{layer}",
                  rng.normal(size=40).astype(np.float32) * 10.0 ** (depth - 5))
        histogram(log, step, f"weights/{layer}", rng.uniform(-0.5, 0.5, size=30))


def torch_file(folder):
    log, rng = Log(folder, "torch"), np.random.default_rng(7)
    for step in [0, 5]:
        log_network(log, rng, step, torch_scalar, torch_histogram)
    torch_scalar(log, 5, "loss/NaN", float("nan"))
    log.add(6, data(1, "a picture") + data(4, number(1, 2)))
    torch_histogram(log, 6, "weights/all zero", np.zeros(12))
    log.save()


def tf2_file(folder):
    log, rng = Log(folder, "tf2"), np.random.default_rng(8)
    log_network(log, rng, 0, tf2_scalar, tf2_histogram)
    tf2_scalar(log, 2, "loss", 1.5)
    tf2_histogram(log, 3, "weights/double_val", rng.normal(size=9), 6)
    tf2_histogram(log, 3, "weights/all the same", np.full(5, 0.25))
    text = tensor(7, (), b"hello", 8)
    log.add(3, data(1, "a text") + data(8, text) + data(9, metadata("text")))
    log.save()


def seeds(folder):
    """Files of one value, and the same as bare messages."""
    rng = np.random.default_rng(9)
    few = rng.normal(size=3)
    for name, write in {
            "torch_scalar": lambda log: torch_scalar(log, 1, "loss", 2.5),
            "torch_histogram": lambda log: torch_histogram(log, 2, "weights/a", few + 3),
            "tf2_scalar": lambda log: tf2_scalar(log, 3, "epoch_loss", 2.5),
            "tf2_content": lambda log: tf2_histogram(log, 4, "activations/a", few),
            "tf2_doubles": lambda log: tf2_histogram(log, 5, "gradients/a", few, 6)}.items():
        log = Log(folder, name)
        write(log)
        with open(os.path.join(folder, name + "_file"), "wb") as file:
            file.write(log.out)
        with open(os.path.join(folder, name), "wb") as file:
            file.write(log.out[len(version(0)) + 12:-4])


if __name__ == "__main__":
    torch_file(sys.argv[1])
    tf2_file(sys.argv[1])
    for target in sys.argv[2:]:
        seeds(target)
