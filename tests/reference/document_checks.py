"""The numbers of an exported document against the arrays of the same pass."""

import math

import numpy as np

import activations
import blocks
import passes
import updates
from report import SUMMARY, ratio, rms

FLOAT32_MIN = 2.0 ** -126

# An sd far below its mean is a difference of nearly equal numbers, even in double precision.
CANCELLED = 1e-9

# A single prediction this near to 1/2 is a coin toss that rounding would decide: half right.
UNDECIDED = 1e-6

# How near the variance of z must be to what was asked for.
LSUV_MARGIN = 0.02


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
    weight = rms(run.tied("W", layer))
    expected = rms(update) / weight if weight > 0 else math.nan  # no ratio to nothing
    report.number(f"{name}.update_ratio", told["update_ratio"], expected)


def check_lsuv(report, name, told, z, settings, step):
    """At step 0 the batch is the one that lsuv scaled on, but for what is dropped from it."""
    report.same(f"{name}: lsuv is told", told["lsuv"] is not None, settings["init"] == "lsuv")
    dropped = any(settings[key] > 0 for key in
                  ("dropout", "alpha_dropout", "drop_connect", "stochastic_depth"))
    if settings["init"] != "lsuv" or step > 0 or dropped:
        return
    after, wanted = told["lsuv"]["variance_after"], settings["init_scale"] ** 2
    report.number(f"{name}.lsuv.variance_after", after, z.var())
    if told["lsuv"]["variance_before"] > 1e-30:  # else all z are the same, and remain so
        report.number(f"{name}: variance of z", z.var(), wanted, LSUV_MARGIN)


def check_units(report, told, run, layer):
    name = f"layer {layer.number}"
    y = run.y(layer.number)
    rule = activations.SATURATED.get(layer.activation)
    saturated = int(rule(y).sum()) if rule else 0
    report.same(f"{name}.h.saturated", told["h"]["saturated"], saturated / y.size)
    dead = 0 if layer.identity else int((y == 0).all(axis=0).sum())
    report.same(f"{name}.h.dead", told["h"]["dead"], dead / y.shape[1])


def check_layer(report, told, run, layer, settings, step):
    name = f"layer {layer}"
    h, z, delta = run.output(layer), run[f"z{layer}"], run[f"delta{layer}"]
    report.same(f"{name}.layer", told["layer"], layer)
    report.same(f"{name}.units", told["units"], h.shape[1])
    for part, values in (("h", h), ("z", z)):
        check_moments(report, f"{name}.{part}", told[part], values)
        check_histogram(report, f"{name}.{part}.histogram", told[part]["histogram"], values)
    check_moments(report, f"{name}.delta", told["delta"], delta)
    check_log_histogram(report, f"{name}.delta.histogram", told["delta"]["histogram"], delta)

    weight, gradient = run.tied("W", layer), run.tied("dW", layer)
    report.number(f"{name}.weight.rms", told["weight"]["rms"], rms(weight))
    check_histogram(report, f"{name}.weight.histogram", told["weight"]["histogram"], weight)
    report.number(f"{name}.weight_gradient.rms", told["weight_gradient"]["rms"], rms(gradient))
    check_log_histogram(report, f"{name}.weight_gradient.histogram",
                        told["weight_gradient"]["histogram"], gradient)
    check_update(report, name, told, run, layer, settings, step)
    check_lsuv(report, name, told, z, settings, step)


def check_factors(report, told, parts, layer, present):
    """Each factor is the ratio of the gradient after a part to the one before."""
    name, sizes = f"layer {layer.number}.factors", {part: rms(g) for part, g in parts.items()}
    above = parts["delta"].shape[1]
    if any(0 < size < above * FLOAT32_MIN / SUMMARY for size in sizes.values()):
        return  # flushing a term of each sum would already show
    order = list(sizes)
    for before, part in zip(order, order[1:]):
        want = ratio(sizes[part], sizes[before]) if part in present else 1.0
        report.number(f"{name}.{part}", told[part], want)
    if all(size > 0 for size in sizes.values()):
        report.number(f"{name}.product", told["product"], ratio(sizes["slope"], sizes["delta"]))


def check_all_factors(report, told, run, settings):
    layers = blocks.layers_of(settings)
    for number, parts in passes.backward_parts(run, settings).items():
        layer, present = layers[number], {"weight", "slope"}
        if settings["normalisation"] != "none" and number < run.last - 1:
            present.add("normalisation")  # of the layer above
        if layer.feeds:
            present.add("skip")
        if layer.around or blocks.dropped_share(settings) > 0:
            present.add("branch")
        layer_told = told["layers"][number - 1]
        check_factors(report, layer_told["factors"], parts, layer, present)
        report.number(f"layer {number}.gradient_rms", layer_told["gradient_rms"],
                      rms(parts["skip"]))


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
    for number, layer in blocks.layers_of(settings).items():
        layer_told = told["layers"][number - 1] if layer.hidden else told["output"]
        check_layer(report, layer_told, run, number, settings, told["step"])
        if layer.hidden:
            check_units(report, layer_told, run, layer)
    if run.finite():
        check_all_factors(report, told, run, settings)
