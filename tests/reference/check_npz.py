"""Prove one exported pass against float64 NumPy and PyTorch.

    check_npz.py ARRAYS.npz DOCUMENT.json

Both files must come from one `layerscope run ... --npz ARRAYS.npz --json DOCUMENT.json`. From x, y
and the weights alone everything else is computed again, by NumPy forwards and by PyTorch's autograd
backwards, and compared; then every number of the document is compared with the arrays. Prints one
line per check; exit status 1 if any of them failed.
"""

import json
import math
import sys

import numpy as np
import torch
import torch.nn.functional as F

import updates

FORWARD = 1e-5   # relative RMS error of z, h, loss
BACKWARD = 1e-4  # of delta, dW, db
SUMMARY = 1e-5   # of moments and ratios, which are sums over float32 numbers
FLOAT32_MIN = 2.0 ** -126
FLOAT64_EDGE = 1e-290  # below, what is not zero here may be flushed to zero there
FLOAT32_TAIL = 80  # a slope with e^-z in it may be no float32 beyond
FLUSHED = 1e-37  # the program flushes what is below: an absolute error of that size is none

# A sum can be a small difference of large terms, such as the gradient of a balanced batch: no
# float32 sum is nearer to it than a few roundings of its terms. Each layer adds such an error to
# what passes through it, so a gradient has those of all layers.
ROUNDING = 4 * 2.0 ** -24

# An sd far below its mean is a difference of nearly equal numbers, even in double precision.
CANCELLED = 1e-9

# A single prediction this near to 1/2 is a coin toss that rounding would decide: half right.
UNDECIDED = 1e-6

# How near the variance of z must be to what was asked for.
LSUV_MARGIN = 0.02

# Where z is at a jump of the slope up to rounding, the slope is a matter of rounding: there, and
# only there, the reference takes the side that the program took.
TIE = 1e-5

SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}

SELU_SCALE, SELU_ALPHA = 1.0507009873554804934, 1.6732632423543772848
erfc = np.vectorize(math.erfc, otypes=[np.float64])


def numpy_sigmoid(z):
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def numpy_elu(z):
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0.0)))


def numpy_softplus(z):
    return np.logaddexp(0.0, z)


NUMPY_ACTIVATIONS = {
    "linear": lambda z: z,
    "sigmoid": numpy_sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0.0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": numpy_elu,
    "selu": lambda z: SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * numpy_elu(z)),
    "gelu": lambda z: 0.5 * z * erfc(-z / math.sqrt(2.0)),
    "silu": lambda z: z * numpy_sigmoid(z),
    "softsign": lambda z: z / (1.0 + np.abs(z)),
    "softplus": numpy_softplus,
    "hard_tanh": lambda z: np.clip(z, -1.0, 1.0),
    "mish": lambda z: z * np.tanh(numpy_softplus(z)),
    "scaled_tanh": lambda z: 1.7159 * np.tanh(2.0 * z / 3.0),
}

TORCH_ACTIVATIONS = {
    "linear": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "silu": F.silu,
    "softsign": F.softsign,
    "softplus": F.softplus,
    "hard_tanh": F.hardtanh,
    "mish": F.mish,
    "scaled_tanh": lambda z: 1.7159 * torch.tanh(2.0 * z / 3.0),
}

# z at which the slope jumps.
JUMPS = {"relu": [0.0], "leaky_relu": [0.0], "selu": [0.0], "hard_tanh": [-1.0, 1.0]}

SATURATED = {
    "sigmoid": lambda h: (h < 0.015) | (h > 0.985),
    "tanh": lambda h: np.abs(h) > 0.97,
    "softsign": lambda h: np.abs(h) > 0.757,
    "hard_tanh": lambda h: np.abs(h) == 1.0,
    "scaled_tanh": lambda h: np.abs(h) > 0.97 * 1.7159,
}


class Report:
    """One line per check; `failures` keeps the lines of those that failed."""

    def __init__(self, title, verbose=False):
        self.title = title
        self.verbose = verbose
        self.checks = 0
        self.failures = []

    def claim(self, holds, text):
        self.checks += 1
        line = f"{'ok  ' if holds else 'FAIL'} {self.title}: {text}"
        if not holds:
            self.failures.append(line)
        if self.verbose:
            print(line)

    def arrays(self, name, got, want, tolerance, room=0.0):
        """Relative RMS error over the entries; room is an absolute error on top."""
        if got.shape != want.shape:
            self.claim(False, f"{name}: shape {got.shape}, should be {want.shape}")
            return
        error, size = rms(got - want), rms(want)
        self.claim(error <= tolerance * size + room + FLUSHED,
                   f"{name}: RMS error {error:.2e} of {size:.2e}, at most {tolerance:g} of it")

    def number(self, name, got, want, tolerance=SUMMARY, scale=None):
        """An error of tolerance times scale (|want| by default); 0 / 0 must be NaN."""
        got = SPECIAL.get(got, got)
        if got is None or not math.isfinite(want):
            same = got is not None and (got == want or math.isnan(got) and math.isnan(want))
            self.claim(same, f"{name}: {got}, should be {want}")
            return
        room = tolerance * (abs(want) if scale is None else scale) + FLUSHED
        self.claim(abs(got - want) <= room, f"{name}: {got:.9g}, should be {want:.9g}")

    def same(self, name, got, want):
        self.claim(got == want, f"{name}: {short(got)}, should be {short(want)}")


def short(value):
    text = str(value)
    return text if len(text) < 60 else text[:57] + "..."


def rms(values):
    return math.sqrt(np.mean(np.square(values, dtype=np.float64))) if values.size else math.nan


def ratio(a, b):
    return a / b if b != 0.0 else math.nan if a == 0.0 or math.isnan(a) else math.inf


# The pass computed again -------------------------------------------------------------------------

class Pass:
    """The exported arrays as float64, by name; layers are numbered 1..L+1."""

    def __init__(self, path):
        with np.load(path, allow_pickle=False) as archive:
            self.arrays = {name: archive[name].astype(np.float64) for name in archive.files}
        self.last = max(int(name[1:]) for name in self.arrays if name[:1] == "W")
        self.layers = range(1, self.last + 1)
        self.batch, self.outputs = self.arrays["logits"].shape

    def __getitem__(self, name):
        return self.arrays[name]

    def input(self, layer):
        return self["x"] if layer == 1 else self[f"h{layer - 1}"]

    def output(self, layer):
        return self["prediction"] if layer == self.last else self[f"h{layer}"]

    def labels(self):
        """(class indices, share) of y, and under mixup of y2; the shares add up to 1."""
        share = float(self.arrays.get("lambda", 1.0))
        names = [("y", share), ("y2", 1.0 - share)] if "y2" in self.arrays else [("y", 1.0)]
        return [(self[name].astype(np.int64), share) for name, share in names]

    def finite(self):
        return all(np.isfinite(array).all() for array in self.arrays.values())


def expected_names(run, mixed, optimizer):
    names = {"x", "y", "logits", "prediction", "loss"}
    names |= {"y2", "lambda"} if mixed else set()
    for layer in run.layers:
        names |= {f"{kind}{layer}" for kind in ("W", "b", "z", "delta", "dW", "db")}
        names |= {f"{state}_{kind}{layer}" for state in updates.STATES[optimizer] for kind in "Wb"}
    return names | {f"h{layer}" for layer in run.layers if layer < run.last}


def forward_room(run, layer):
    terms = np.abs(run.input(layer)) @ np.abs(run[f"W{layer}"]) + np.abs(run[f"b{layer}"])
    return ROUNDING * rms(terms)


def check_numpy_forward(report, run, activation):
    h = run["x"]
    for layer in run.layers:
        z = h @ run[f"W{layer}"] + run[f"b{layer}"]
        report.arrays(f"z{layer} (NumPy)", run[f"z{layer}"], z, FORWARD, forward_room(run, layer))
        if layer < run.last:
            h = NUMPY_ACTIVATIONS[activation](z)
            report.arrays(f"h{layer} (NumPy)", run[f"h{layer}"], h, FORWARD)


def torch_activation(name, z, exported_z):
    """phi(z), where z is at a jump of the slope moved by less than rounding to the program's side."""
    shift = torch.zeros_like(z)
    exact = z.detach()
    for jump in JUMPS.get(name, []):
        tie = (exact - jump).abs() <= TIE * exact.square().mean().sqrt()
        apart = (exact > jump) != (exported_z > jump)
        shift = torch.where(tie & apart, exported_z - exact, shift)
    return TORCH_ACTIVATIONS[name](z + shift)


def torch_loss(name, logits, labels):
    """The mean loss and the prediction that belongs to it; labels as Pass.labels() gives them."""
    labels = [(torch.from_numpy(indices), share) for indices, share in labels]
    if name == "cross_entropy":
        loss = sum(share * F.cross_entropy(logits, indices) for indices, share in labels)
        return loss, torch.softmax(logits, 1)
    outputs = logits.shape[1]
    target = sum(share * (F.one_hot(indices, outputs) if outputs > 1 else indices[:, None])
                 for indices, share in labels).to(logits.dtype)
    if name == "binary_cross_entropy":
        return F.binary_cross_entropy_with_logits(logits, target), torch.sigmoid(logits)
    return F.mse_loss(logits, target), logits


class Exact:
    """The same pass by autograd in float64: loss, prediction, and by layer z, delta, dW, db."""

    def __init__(self, run, activation, loss_name):
        weights, biases, zs = {}, {}, {}
        h = torch.from_numpy(run["x"])
        for layer in run.layers:
            weights[layer] = torch.tensor(run[f"W{layer}"], requires_grad=True)
            biases[layer] = torch.tensor(run[f"b{layer}"], requires_grad=True)
            zs[layer] = h @ weights[layer] + biases[layer]
            zs[layer].retain_grad()
            if layer < run.last:
                h = torch_activation(activation, zs[layer], torch.from_numpy(run[f"z{layer}"]))
        loss, prediction = torch_loss(loss_name, zs[run.last], run.labels())
        loss.backward()

        self.loss, self.prediction = loss.item(), prediction.detach().numpy()
        self.z = {layer: z.detach().numpy() for layer, z in zs.items()}
        # autograd has the mean loss; delta is of each example's own
        self.delta = {layer: z.grad.numpy() * run.batch for layer, z in zs.items()}
        self.dW = {layer: weight.grad.numpy() for layer, weight in weights.items()}
        self.db = {layer: bias.grad.numpy() for layer, bias in biases.items()}


def check_torch(report, run, exact):
    report.number("loss (PyTorch)", float(run["loss"]), exact.loss, FORWARD)
    report.arrays("prediction (PyTorch)", run["prediction"], exact.prediction, FORWARD)
    for layer in run.layers:
        report.arrays(f"z{layer} (PyTorch)", run[f"z{layer}"], exact.z[layer], FORWARD,
                      forward_room(run, layer))
        delta = exact.delta[layer]
        report.arrays(f"delta{layer} (PyTorch)", run[f"delta{layer}"], delta, BACKWARD)
        terms, roundings = np.abs(delta) / run.batch, ROUNDING * run.last
        report.arrays(f"dW{layer} (PyTorch)", run[f"dW{layer}"], exact.dW[layer], BACKWARD,
                      roundings * rms(np.abs(run.input(layer)).T @ terms))
        report.arrays(f"db{layer} (PyTorch)", run[f"db{layer}"], exact.db[layer], BACKWARD,
                      roundings * rms(terms.sum(axis=0)))


# The document against the arrays -----------------------------------------------------------------

def check_moments(report, name, told, values):
    finite = values[np.isfinite(values)]
    size = rms(finite)
    report.same(f"{name}.n", told["n"], values.size)
    report.same(f"{name}.nan", told["nan"], int(np.isnan(values).sum()))
    report.same(f"{name}.inf", told["inf"], int(np.isinf(values).sum()))
    report.same(f"{name}.zero", told["zero"], int((values == 0).sum()) / values.size)
    report.claim(0 <= told["underflow"] <= told["zero"],
                 f"{name}.underflow: {told['underflow']}, at most zero = {told['zero']}")
    if finite.size == 0:
        for moment in ("mean", "sd", "rms", "min", "max"):
            report.same(f"{name}.{moment}", told[moment], "NaN")
        return
    sd = finite.std()
    report.number(f"{name}.mean", told["mean"], finite.mean(), scale=size)
    report.number(f"{name}.sd", told["sd"], sd, scale=sd + size * CANCELLED / SUMMARY)
    report.number(f"{name}.rms", told["rms"], size)
    report.same(f"{name}.min", told["min"], finite.min())
    report.same(f"{name}.max", told["max"], finite.max())


def check_histogram(report, name, told, values):
    low, high, counts = told["low"], told["high"], told["counts"]
    bins = len(counts)
    report.same(f"{name}: bins", bins, 128)
    finite = values[np.isfinite(values)]
    wanted, _ = np.histogram(finite, bins=bins, range=(low, high))
    report.same(f"{name}.counts", counts, wanted.tolist())
    report.same(f"{name}.below", told["below"], int((finite < low).sum()))
    report.same(f"{name}.above", told["above"], int((finite > high).sum()))
    report.same(f"{name}.nan", told["nan"], int(np.isnan(values).sum()))
    report.same(f"{name}.inf", told["inf"], int(np.isinf(values).sum()))
    total = sum(counts) + told["below"] + told["above"] + told["nan"] + told["inf"]
    report.same(f"{name}: total", total, values.size)


def log_counts(values, first, last):
    """Counts of half octaves from 2^first to 2^last; exact, for m^2 of a float32 fits a double."""
    mantissa, exponent = np.frexp(np.abs(values))
    half = 2 * (exponent - 1 - first) + (mantissa * mantissa >= 0.5)
    inside = (half >= 0) & (half < 2 * (last - first))
    return np.bincount(half[inside], minlength=2 * (last - first)).tolist()


def check_log_histogram(report, name, told, values):
    finite = values[np.isfinite(values) & (values != 0)]
    if told["counts"]:
        first = math.frexp(told["low"])[1] - 1
        last = math.frexp(told["high"])[1] - 1
        report.same(f"{name}.low", told["low"], 2.0 ** first)
        report.same(f"{name}.high", told["high"], 2.0 ** last)
        report.same(f"{name}.counts", told["counts"], log_counts(finite, first, last))
    report.same(f"{name}: total", sum(told["counts"]), finite.size)
    report.same(f"{name}.zero", told["zero"], int((values == 0).sum()))
    report.same(f"{name}.nan", told["nan"], int(np.isnan(values).sum()))
    report.same(f"{name}.inf", told["inf"], int(np.isinf(values).sum()))
    report.claim(0 <= told["underflow"] <= told["zero"], f"{name}.underflow: {told['underflow']}")


def check_update(report, name, told, run, layer, settings, step):
    """The update that follows: from the gradient and from what the optimiser kept."""
    update = updates.of_weights(run, layer, settings, step + 1)
    report.number(f"{name}.update_rms", told["update_rms"], rms(update))
    weight = rms(run[f"W{layer}"])
    expected = rms(update) / weight if weight > 0 else math.nan  # no ratio to nothing
    report.number(f"{name}.update_ratio", told["update_ratio"], expected)


def check_lsuv(report, name, told, z, settings, step):
    """At step 0 the batch is the one that lsuv scaled on, but for what is dropped from it."""
    report.same(f"{name}: lsuv is told", "lsuv" in told, settings["init"] == "lsuv")
    dropped = any(settings[key] > 0 for key in
                  ("dropout", "alpha_dropout", "drop_connect", "stochastic_depth"))
    if settings["init"] != "lsuv" or step > 0 or dropped:
        return
    after, wanted = told["lsuv"]["variance_after"], settings["init_scale"] ** 2
    report.number(f"{name}.lsuv.variance_after", after, z.var())
    if told["lsuv"]["variance_before"] > 1e-30:  # else all z are the same, and remain so
        report.number(f"{name}: variance of z", z.var(), wanted, LSUV_MARGIN)


def check_layer(report, told, run, layer, settings, step):
    name = f"layer {layer}"
    h, z, delta = run.output(layer), run[f"z{layer}"], run[f"delta{layer}"]
    report.same(f"{name}.layer", told["layer"], layer)
    report.same(f"{name}.units", told["units"], z.shape[1])
    for part, values in (("h", h), ("z", z)):
        check_moments(report, f"{name}.{part}", told[part], values)
        check_histogram(report, f"{name}.{part}.histogram", told[part]["histogram"], values)
    check_moments(report, f"{name}.delta", told["delta"], delta)
    check_log_histogram(report, f"{name}.delta.histogram", told["delta"]["histogram"], delta)
    if layer < run.last:
        rule = SATURATED.get(settings["activation"])
        saturated = int(rule(h).sum()) if rule else 0
        report.same(f"{name}.h.saturated", told["h"]["saturated"], saturated / h.size)
        dead = int((h == 0).all(axis=0).sum())
        report.same(f"{name}.h.dead", told["h"]["dead"], dead / h.shape[1])

    weight, gradient = run[f"W{layer}"], run[f"dW{layer}"]
    report.number(f"{name}.weight.rms", told["weight"]["rms"], rms(weight))
    check_histogram(report, f"{name}.weight.histogram", told["weight"]["histogram"], weight)
    report.number(f"{name}.weight_gradient.rms", told["weight_gradient"]["rms"], rms(gradient))
    check_log_histogram(report, f"{name}.weight_gradient.histogram",
                        told["weight_gradient"]["histogram"], gradient)
    check_update(report, name, told, run, layer, settings, step)
    check_lsuv(report, name, told, z, settings, step)


def check_factors(report, told, run, layer):
    name = f"layer {layer}.factors"
    above = run[f"delta{layer + 1}"]
    through_weight = above @ run[f"W{layer + 1}"].T
    delta = rms(run[f"delta{layer}"])
    if 0 < rms(through_weight) < above.shape[1] * FLOAT32_MIN / SUMMARY:
        return  # flushing a term of each sum would already show
    report.number(f"{name}.weight", told["weight"], ratio(rms(through_weight), rms(above)))
    report.number(f"{name}.slope", told["slope"], ratio(delta, rms(through_weight)))
    if rms(through_weight) > 0:
        report.number(f"{name}.product", told["product"], ratio(delta, rms(above)))


def check_underflow(report, name, told, exported, exact, beyond=False):
    """The program's zeros that are numbers in float64, but smaller than float32 has.

    beyond says where it may be a factor, and not the number, that float32 cannot hold.
    """
    size = np.abs(exact)
    lost = (exported == 0) & (exact != 0) & (size < 2 * FLOAT32_MIN)
    certain = int((lost & (size > FLOAT64_EDGE)).sum()) / exported.size
    most = int((lost | (exported == 0) & beyond).sum()) / exported.size
    report.claim(certain <= told["underflow"] <= most,
                 f"{name}.underflow: {told['underflow']}, should be {certain} to {most}")


def correct(prediction, labels):
    if prediction.shape[1] > 1:
        return int((prediction.argmax(axis=1) == labels).sum())
    margin = prediction[:, 0] - 0.5
    return float(np.where(np.abs(margin) <= UNDECIDED, 0.5, (margin > 0) == (labels == 1)).sum())


def accuracy(run):
    return sum(share * correct(run["prediction"], labels) for labels, share in run.labels()) \
        / run.batch


def check_document(report, document, run):
    settings, told = document["experiment"], document["runs"]["A"]
    report.same("layers", [len(told["layers"]), settings["layers"]], [run.last - 1] * 2)
    report.number("loss", told["loss"], float(run["loss"]))
    rate = updates.learning_rate(settings, told["step"] + 1)
    report.number("learning_rate", told["learning_rate"], rate, 1e-12, settings["learning_rate"])
    report.number("weight_decay", told["weight_decay"], updates.weight_decay(settings))
    if run.finite():
        report.number("accuracy", told["accuracy"], accuracy(run), 1e-7, scale=1.0)
        report.number("clip_scale", told["clip_scale"], updates.clip_scale(run, settings))
    for layer in run.layers:
        layer_told = told["output"] if layer == run.last else told["layers"][layer - 1]
        check_layer(report, layer_told, run, layer, settings, told["step"])
        if layer < run.last and run.finite():
            check_factors(report, layer_told["factors"], run, layer)


def check(npz_path, json_path, title="", verbose=False):
    """All checks of one exported pass. Returns (Report, whether every number was finite)."""
    report = Report(title, verbose)
    run = Pass(npz_path)
    with open(json_path, encoding="utf-8") as file:
        document = json.load(file)
    told = document["runs"]["A"]
    report.same("arrays", sorted(run.arrays), 
                sorted(expected_names(run, document["experiment"]["mixup"] > 0,
                                      document["experiment"]["optimizer"])))
    report.claim(np.array_equal(run["logits"], run[f"z{run.last}"], equal_nan=True), "logits = z")
    finite = run.finite()
    with np.errstate(all="ignore"):
        if finite:
            activation = document["experiment"]["activation"]
            check_numpy_forward(report, run, activation)
            exact = Exact(run, activation, told["loss_function"])
            check_torch(report, run, exact)
            for layer, layer_told in enumerate(told["layers"], 1):
                name = f"layer {layer}"
                check_underflow(report, f"{name}.z", layer_told["z"], run[f"z{layer}"],
                                exact.z[layer])
                check_underflow(report, f"{name}.delta", layer_told["delta"], run[f"delta{layer}"],
                                exact.delta[layer], np.abs(exact.z[layer]) > FLOAT32_TAIL)
        report.same("diverged", told["diverged"] is not None, not finite)
        check_document(report, document, run)
    return report, finite


def main():
    torch.set_num_threads(1)
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    report, _ = check(sys.argv[1], sys.argv[2], sys.argv[1], verbose=True)
    print(f"{report.checks} checks, {len(report.failures)} failed")
    for line in report.failures:
        print(line)
    sys.exit(1 if report.failures else 0)


if __name__ == "__main__":
    main()
