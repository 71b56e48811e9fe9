"""One exported pass, and the same computed again by NumPy, layer by layer from what lies below."""

import numpy as np

import activations
import blocks
import updates
from report import FORWARD, rms

# A sum can be a small difference of large terms, such as the gradient of a balanced batch: no
# float32 sum is nearer to it than a few roundings of its terms. Each layer adds such an error to
# what passes through it, so a gradient has those of all layers.
ROUNDING = 4 * 2.0 ** -24


class Pass:
    """The exported arrays as float64, by name; layers are numbered 1..L+1."""

    def __init__(self, path):
        with np.load(path, allow_pickle=False) as archive:
            self.arrays = {name: archive[name].astype(np.float64) for name in archive.files}
        self.last = max(int(name[1:]) for name in self.arrays
                        if name[:1] == "z" and name[1:].isdigit())
        self.layers = range(1, self.last + 1)
        self.batch, self.outputs = self.arrays["logits"].shape

    def __getitem__(self, name):
        return self.arrays[name]

    def __contains__(self, name):
        return name in self.arrays

    def input(self, layer):
        return self["x"] if layer == 1 else self[f"h{layer - 1}"]

    def output(self, layer):
        return self["prediction"] if layer == self.last else self[f"h{layer}"]

    def y(self, layer):
        """phi(z)"""
        return self.arrays.get(f"phi{layer}", self.output(layer))

    def tied(self, kind, layer):
        """W or b, or dW or db, of a layer, which may be another one's."""
        prefix, kind = ("d", kind[1:]) if kind[0] == "d" else ("", kind)
        return self[prefix + blocks.tied(self, kind, layer)]

    def weight(self, layer, settings):
        """W as the pass used it."""
        name = blocks.tied(self, "W", layer)
        kept = self.arrays.get(name.replace("W", "weight_kept"))
        return self[name] if kept is None else self[name] * kept / (1 - settings["drop_connect"])

    def delta_a(self, layer):
        return self.arrays.get(f"delta_a{layer}", self[f"delta{layer}"])

    def labels(self):
        """(class indices, share) of y, and under mixup of y2; the shares add up to 1."""
        share = float(self.arrays.get("lambda", 1.0))
        names = [("y", share), ("y2", 1.0 - share)] if "y2" in self.arrays else [("y", 1.0)]
        return [(self[name].astype(np.int64), share) for name, share in names]

    def finite(self):
        return all(np.isfinite(array).all() for array in self.arrays.values())


def expected_names(settings):
    expected = {"x", "y", "logits", "prediction", "loss"}
    expected |= {"y2", "lambda"} if settings["mixup"] > 0 else set()
    for number, layer in blocks.layers_of(settings).items():
        names, learned = blocks.names_of(layer, settings)
        prefixes = ["", "d", *(f"{state}_" for state in updates.STATES[settings["optimizer"]])]
        expected |= {f"{name}{number}" for name in names}
        expected |= {f"{prefix}{name}{number}" for name in learned for prefix in prefixes}
    return expected


def through(h, weight):
    """h W, a split W having a block for each group."""
    if weight.ndim == 2:
        return h @ weight
    return np.concatenate([part @ block for part, block in
                           zip(np.split(h, len(weight), axis=1), weight)], axis=1)


def transposed(weight):
    return np.swapaxes(weight, -2, -1)


def outer(h, delta, weight):
    """h^T delta in the shape of W."""
    if weight.ndim == 2:
        return h.T @ delta
    return np.stack([part.T @ side for part, side in
                     zip(np.split(h, len(weight), axis=1), np.split(delta, len(weight), axis=1))])


def drive(run, settings, size=lambda array: array):
    """x U + b of a recurrent network, of the sizes of its terms."""
    return size(run["x"]) @ size(run.weight(1, settings)) + size(run["b1"])


def numpy_linear(run, settings, layer, size=lambda array: array):
    """a of a layer from the exported input, or with size = np.abs the size of its terms."""
    a = through(size(run.input(layer)), size(run.weight(layer, settings)))
    if settings["connection"] == "recurrent" and 1 < layer < run.last:
        return a + drive(run, settings, size)
    return a + size(run.tied("b", layer))


def numpy_normalised(run, settings, layer, a):
    """(zhat, z, what an error of a is multiplied by)."""
    if settings["normalisation"] == "none" or layer == run.last:
        return a, a, 1.0
    axis = 0 if settings["normalisation"] == "batch" else 1
    centred = a - a.mean(axis=axis, keepdims=True)
    scale = 1 / np.sqrt(np.square(centred).mean(axis=axis, keepdims=True) + blocks.EPSILON)
    zhat, gamma = centred * scale, run[f"gamma{layer}"]
    terms = 1 + np.sqrt(a.shape[axis]) / 4  # of the mean, which are as many as are added up
    return zhat, gamma * zhat + run[f"beta{layer}"], terms * scale * np.abs(gamma)


def numpy_activated(run, layer, z):
    number = layer.number
    if layer.activation == "maxout":
        return z.reshape(len(z), layer.groups, layer.pieces, -1).max(axis=2).reshape(len(z), -1)
    return activations.numpy_value(layer.activation, z, run.arrays.get(f"slope{number}"))


def numpy_joined(run, settings, layer, y):
    number = layer.number
    if f"unit_kept{number}" in run:
        scale, shift, dropped = blocks.unit_map(settings)
        y = np.where(run[f"unit_kept{number}"] > 0, scale * y + shift, dropped)
    if not layer.around:
        return y
    odds = run.arrays.get(f"survived{number}", 1.0)
    return run[f"h{layer.around}"] + odds * run[f"scale{number}"] * y


def forward_room(run, settings, layer):
    """What rounding of the terms of a may do to z, as an RMS."""
    a = numpy_linear(run, settings, layer)
    growth = numpy_normalised(run, settings, layer, a)[2]
    return ROUNDING * rms(growth * numpy_linear(run, settings, layer, np.abs))


def zhat_room(run, settings, layer):
    return forward_room(run, settings, layer) / max(np.abs(run[f"gamma{layer}"]).min(), 1e-3)


def check_numpy_forward(report, run, settings):
    """Every layer by itself: from the exported h below to z, from z to phi(z), from that to h."""
    for number, layer in blocks.layers_of(settings).items():
        zhat, z, _ = numpy_normalised(run, settings, number, numpy_linear(run, settings, number))
        room = forward_room(run, settings, number)
        report.arrays(f"z{number} (NumPy)", run[f"z{number}"], z, FORWARD, room)
        if f"zhat{number}" in run:
            report.arrays(f"zhat{number} (NumPy)", run[f"zhat{number}"], zhat, FORWARD,
                          zhat_room(run, settings, number))
        if layer.hidden:
            y = numpy_activated(run, layer, run[f"z{number}"])
            report.arrays(f"phi{number} (NumPy)", run.y(number), y, FORWARD)
            h = numpy_joined(run, settings, layer, run.y(number))
            report.arrays(f"h{number} (NumPy)", run[f"h{number}"], h, FORWARD)


def backward_parts(run, settings):
    """By layer the gradient after each part of the backward pass, from the arrays alone."""
    layers, parts, g = blocks.layers_of(settings), {}, {}
    for number in reversed(run.layers[:-1]):
        layer, kept = layers[number], run.arrays.get(f"unit_kept{number}")
        product = through(run.delta_a(number + 1), transposed(run.weight(number + 1, settings)))
        g[number] = product + g[layer.feeds] if layer.feeds else product
        branch = g[number]
        if layer.around:
            branch = branch * run[f"scale{number}"] * run.arrays.get(f"survived{number}", 1.0)
        if kept is not None:
            branch = branch * kept * blocks.unit_map(settings)[0]
        parts[number] = {"delta": run[f"delta{number + 1}"],
                         "normalisation": run.delta_a(number + 1), "weight": product,
                         "skip": g[number], "branch": branch, "slope": run[f"delta{number}"]}
    return parts
