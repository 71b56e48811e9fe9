"""Train a float64 twin beside the program and see that both stay together.

    twin.py LAYERSCOPE

The twin is plain PyTorch with torch.optim. It starts from the weights that the program exports at
step 0 and takes the same batches. A batch as large as the data set never changes, so two exports
are enough for 100 steps; on MNIST every step's batch is exported, for 20 steps. At the end all
that is learned, and the running averages of batch norm, must agree within 1e-4 of what they are,
and must have moved further than that from where they started, so that it says something.
"""

import itertools
import json
import os
import sys
import tempfile
import warnings

import numpy as np
import torch

import blocks
import check_npz
import passes
import program
import updates
from report import Report, rms

TOLERANCE = 1e-4
FLOOR = 1e-6  # of biases that nothing depends on
STEPS, MNIST_STEPS = 100, 20

# Settings of the program, and the same in PyTorch.
OPTIMISERS = {
    "sgd": ({"learning_rate": 0.1}, torch.optim.SGD, {}),
    "momentum": ({"learning_rate": 0.05, "momentum": 0.9}, torch.optim.SGD, {"momentum": 0.9}),
    "nesterov": ({"learning_rate": 0.05, "momentum": 0.8}, torch.optim.SGD,
                 {"momentum": 0.8, "nesterov": True}),
    "adagrad": ({"learning_rate": 0.005}, torch.optim.Adagrad, {}),
    "adadelta": ({"learning_rate": 0.5, "rho": 0.95}, torch.optim.Adadelta, {"rho": 0.95}),
    "rmsprop": ({"learning_rate": 0.0005, "alpha": 0.98}, torch.optim.RMSprop, {"alpha": 0.98}),
    "adam": ({"learning_rate": 0.002, "beta1": 0.9, "beta2": 0.999}, torch.optim.Adam, {}),
    "adamw": ({"learning_rate": 0.002, "weight_decay": 0.2}, torch.optim.AdamW, {}),
}

GAUSSIAN = {"data": "gaussian", "examples": 64, "batch": 64, "features": 12, "width": 16}
XOR = {"data": "xor", "batch": 4, "width": 8}
MNIST = {"data": "mnist", "examples": 1000, "batch": 50, "width": 32}

CASES = [
    (STEPS, dict(GAUSSIAN, layers=3, activation="tanh", init="xavier", loss="cross_entropy")),
    (STEPS, dict(GAUSSIAN, layers=2, activation="relu", init="he", loss="mse")),
    (STEPS, dict(GAUSSIAN, layers=2, activation="sigmoid", init="xavier",
                 loss="binary_cross_entropy")),
    (STEPS, dict(XOR, layers=2, activation="tanh", init="xavier", loss="binary_cross_entropy")),
    (STEPS, dict(GAUSSIAN, layers=3, activation="selu", init="xavier", loss="mse")),
    (STEPS, dict(GAUSSIAN, layers=3, activation="gelu", init="he", loss="cross_entropy")),
    (STEPS, dict(GAUSSIAN, layers=2, activation="mish", init="he", loss="binary_cross_entropy")),
    (MNIST_STEPS, dict(MNIST, layers=3, activation="relu", init="he", loss="cross_entropy")),
    (MNIST_STEPS, dict(MNIST, layers=3, activation="relu", init="he", loss="cross_entropy",
                       mixup=0.4, shift=2, input_noise=0.1)),
]

# What else happens to an update, with every optimiser. A decay that nobody asks for suits it.
ADJUSTMENTS = [
    {"l2": 0.03, "weight_decay": -1},
    {"l1": 0.001},
    {"weight_decay": 0.5},
    {"clip_norm": 0.05},
    {"clip_value": 0.002},
    {"schedule": "step", "schedule_period": 30, "schedule_factor": 0.4, "l2": 0.01},
    {"schedule": "cosine", "schedule_period": 60, "weight_decay": 0.1},
    {"schedule": "warmup", "schedule_period": 50},
    {"schedule": "cosine", "schedule_period": 90, "warmup": 20},
    {"l1": 0.0005, "l2": 0.01, "weight_decay": 0.1, "clip_norm": 0.1, "clip_value": 0.01},
]
schedulers = torch.optim.lr_scheduler
SCHEDULES = {
    "constant": lambda o, s: schedulers.ConstantLR(o, factor=1),
    "step": lambda o, s: schedulers.StepLR(o, s["schedule_period"], s["schedule_factor"]),
    "cosine": lambda o, s: schedulers.CosineAnnealingLR(o, s["schedule_period"]),
    "warmup": lambda o, s: ramp(o, s["schedule_period"]),
}

ADJUSTED = sorted({name for adjustment in ADJUSTMENTS for name in adjustment})

# Networks of blocks, with the settings that tell them apart. No noise: the masks of every step
# would have to be exported, and run_blocks.py proves passes with masks.
BLOCKS = ["normalisation", "connection", "block_layers", "branch", "groups", "activation_last"]
DEEPER = dict(GAUSSIAN, layers=5, activation="tanh", init="xavier", loss="cross_entropy")
BLOCK_CASES = [(STEPS, {**DEEPER, **settings}) for settings in [
    {"normalisation": "layer"},
    {"connection": "residual", "branch": "rezero"},
    {"connection": "residual", "block_layers": 1, "branch": "rezero", "activation": "gelu"},
    {"connection": "residual", "branch": "fixup", "activation": "prelu", "init": "he"},
    {"connection": "residual", "branch": "depth", "normalisation": "layer"},
    {"activation": "prelu", "init": "he", "l2": 0.03, "weight_decay": 0.3, "clip_norm": 1},
    {"activation": "maxout"},
    {"activation": "maxout", "connection": "split", "groups": 4},
    {"connection": "split", "normalisation": "layer", "activation_last": "sigmoid"},
    {"connection": "recurrent"},
]]
# Small rates, for these are chaotic: at 0.1 float32 PyTorch is 0.02 apart from its own float64.
BLOCK_RATES = {"momentum": 0.01, "adam": 0.0005}
# Biases do nothing under batch norm: their gradients are rounding, which Adam would blow up.
BATCH_NORM_CASES = [
    (STEPS, dict(DEEPER, normalisation="batch")),
    (2 * STEPS, dict(DEEPER, normalisation="batch", activation="prelu", init="he")),
    (STEPS, dict(DEEPER, normalisation="batch", connection="residual", branch="rezero")),
    (STEPS, dict(DEEPER, normalisation="batch", connection="recurrent")),
    (MNIST_STEPS, dict(MNIST, layers=3, activation="relu", init="he", loss="cross_entropy",
                       normalisation="batch")),
]
BATCH_NORM_RATES = {"sgd": 0.02, "momentum": 0.003}


class Twin:
    """The network of blocks.py with PyTorch's optimiser and scheduler."""

    def __init__(self, start, settings, loss):
        self.settings, self.loss = settings, loss
        self.network = blocks.Network(start, settings)
        learned = self.network.learned()
        # penalties and decay are for all parameters but the slopes of prelu
        self.decayed = [value for name, value in learned.items() if name[:5] != "slope"]
        self.others = [value for name, value in learned.items() if name[:5] == "slope"]
        self.optimiser = self.make_optimiser()
        self.scheduler = make_scheduler(self.optimiser, settings)

    def make_optimiser(self):
        _, optimiser, arguments = OPTIMISERS[self.settings["optimizer"]]
        l2, decay = self.settings["l2"], updates.weight_decay(self.settings)
        self.decay = 0.0 if optimiser is torch.optim.AdamW else decay
        self.l2 = l2 if optimiser is torch.optim.AdamW else 0.0
        own = decay if optimiser is torch.optim.AdamW else l2
        groups = [{"params": self.decayed, "weight_decay": own}]
        if self.others:
            groups.append({"params": self.others, "weight_decay": 0})
        return optimiser(groups, lr=self.settings["learning_rate"], **arguments)

    def adjust(self):
        """What PyTorch's optimisers leave to the caller."""
        norm, most = self.settings["clip_norm"], self.settings["clip_value"]
        if norm > 0:
            torch.nn.utils.clip_grad_norm_([*self.decayed, *self.others], norm)
        if most > 0:
            torch.nn.utils.clip_grad_value_([*self.decayed, *self.others], most)
        with torch.no_grad():
            for values in self.decayed:
                values.grad += self.settings["l1"] * values.sign() + self.l2 * values

    def step(self, batch, sides):
        logits = self.network.forward(batch["x"], sides=sides)
        loss, _ = check_npz.torch_loss(self.loss, logits, batch.labels())
        self.optimiser.zero_grad()
        loss.backward()
        self.adjust()
        share = self.optimiser.param_groups[0]["lr"] * self.decay
        taken = [share * values.detach() for values in self.decayed]
        self.optimiser.step()
        self.scheduler.step()
        with torch.no_grad():
            for values, decay in zip(self.decayed, taken):
                values -= decay


def ramp(optimiser, steps):
    return schedulers.LambdaLR(optimiser, lambda t: min(1.0, (t + 1) / steps))


def make_scheduler(optimiser, settings):
    schedule, warmup = SCHEDULES[settings["schedule"]], settings["warmup"]
    if warmup == 0:
        return schedule(optimiser, settings)
    return schedulers.SequentialLR(
        optimiser, [ramp(optimiser, warmup), schedule(optimiser, settings)], [warmup])


def distance(a, b, size):
    return rms(a - b) / rms(size)


def compare(report, twin, start, end):
    with torch.no_grad():
        twin.network.forward(end["x"])  # the pass that is exported moves the averages, too
    for name, values in [*twin.network.learned().items(), *twin.network.running.items()]:
        exact = values.detach().numpy()
        if name[0] == "b" and f"running_mean{name[1:]}" in end:
            report.claim(rms(end[name]) <= FLOOR, f"{name} is {rms(end[name]):.1e}")
            continue
        apart, moved = distance(end[name], exact, exact), distance(end[name], start[name], exact)
        report.worst[TOLERANCE] = max(apart, report.worst.get(TOLERANCE, 0.0))
        report.claim(apart <= TOLERANCE, f"{name} apart by {apart:.1e}")
        report.claim(moved > 2 * TOLERANCE, f"{name} moved by {moved:.1e}")


def title_of(settings, steps):
    names = ["data", "activation", "loss", "optimizer"]
    others = sorted(set(settings) & {*ADJUSTED, *BLOCKS})
    return "/".join(settings[name] for name in names) + \
        "".join(f" {name} {settings[name]}" for name in others) + f", {steps} steps"


def run_case(path, folder, steps, settings):
    asked = {**OPTIMISERS[settings["optimizer"]][0], **settings}
    constant = settings["data"] != "mnist"
    stem = os.path.join(folder, "pass")

    def exported(step):
        npz, _ = program.export(path, asked, step, stem, document=step == 0)
        return passes.Pass(npz)

    report = Report(title_of(asked, steps), verbose=True)
    start = batch = exported(0)
    with open(stem + ".json", encoding="utf-8") as file:
        document = json.load(file)
    twin = Twin(start, document["experiment"], document["runs"]["A"]["loss_function"])
    for step in range(steps):
        batch = batch if constant else exported(step)
        # a z that rounding put on the other side of ReLU's kink would lead the two apart
        twin.step(batch, None if constant else batch)
    end = exported(steps)
    if constant:
        report.claim(np.array_equal(start["x"], end["x"]), "the batch stayed the same")
    compare(report, twin, start, end)
    return report


def cases():
    """Every second optimiser with every case, all of them with every adjustment."""
    for number, (steps, settings) in enumerate(CASES):
        for optimizer in list(OPTIMISERS)[number % 2::2]:
            yield steps, dict(settings, optimizer=optimizer)
    for adjustment, optimizer in itertools.product(ADJUSTMENTS, OPTIMISERS):
        yield STEPS, dict(CASES[0][1], seed=3, optimizer=optimizer, **adjustment)
    for those, rates in ((BLOCK_CASES, BLOCK_RATES), (BATCH_NORM_CASES, BATCH_NORM_RATES)):
        for (steps, settings), optimizer in itertools.product(those, rates):
            yield steps, dict(settings, optimizer=optimizer, learning_rate=rates[optimizer])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # SequentialLR itself calls what PyTorch 1.13 deprecates
    with tempfile.TemporaryDirectory() as folder:
        reports = [run_case(sys.argv[1], folder, steps, settings) for steps, settings in cases()]
    failures = [line for report in reports for line in report.failures]
    print(f"{len(reports)} twins, {len(failures)} claims failed; at most "
          f"{max(report.worst[TOLERANCE] for report in reports):.1e} apart")
    print("\n".join(failures))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
