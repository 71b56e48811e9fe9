"""Train a float64 twin beside the program and see that both stay together.

    twin.py LAYERSCOPE

The twin is plain PyTorch with torch.optim. It starts from the weights that the program exports at
step 0 and takes the same batches. A batch as large as the data set never changes, so two exports
are enough for 100 steps; on MNIST every step's batch is exported, for 20 steps. At the end every
weight matrix and every bias must agree within 1e-4 of what it is, and must have moved further than
that from where it started, so that the comparison says something.
"""

import os
import sys
import tempfile
import warnings

import numpy as np
import torch

import check_npz
import program
import updates

TOLERANCE = 1e-4
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


class Twin:
    def __init__(self, start, settings):
        self.settings = settings
        self.activation = check_npz.TORCH_ACTIVATIONS[settings["activation"]]
        self.loss = settings["loss"]
        self.weights = [parameter(start[f"W{layer}"]) for layer in start.layers]
        self.biases = [parameter(start[f"b{layer}"]) for layer in start.layers]
        self.optimiser = self.make_optimiser()
        self.scheduler = make_scheduler(self.optimiser, settings)

    def make_optimiser(self):
        """Penalties and decay are for all parameters."""
        _, optimiser, arguments = OPTIMISERS[self.settings["optimizer"]]
        l2, decay = self.settings.get("l2", 0), updates.weight_decay({"weight_decay": -1,
                                                                      **self.settings})
        self.decay = 0.0 if optimiser is torch.optim.AdamW else decay
        self.l2 = l2 if optimiser is torch.optim.AdamW else 0.0
        own = decay if optimiser is torch.optim.AdamW else l2
        return optimiser([*self.weights, *self.biases], lr=self.settings["learning_rate"],
                         weight_decay=own, **arguments)

    def adjust(self):
        """What PyTorch's optimisers leave to the caller."""
        norm, most = self.settings.get("clip_norm", 0), self.settings.get("clip_value", 0)
        if norm > 0:
            torch.nn.utils.clip_grad_norm_([*self.weights, *self.biases], norm)
        if most > 0:
            torch.nn.utils.clip_grad_value_([*self.weights, *self.biases], most)
        with torch.no_grad():
            for values in [*self.weights, *self.biases]:
                values.grad += self.settings.get("l1", 0) * values.sign() + self.l2 * values

    def step(self, batch):
        h = torch.from_numpy(batch["x"])
        for weight, bias in zip(self.weights[:-1], self.biases[:-1]):
            h = self.activation(h @ weight + bias)
        logits = h @ self.weights[-1] + self.biases[-1]
        loss, _ = check_npz.torch_loss(self.loss, logits, batch.labels())
        self.optimiser.zero_grad()
        loss.backward()
        self.adjust()
        share = self.optimiser.param_groups[0]["lr"] * self.decay
        learned = [*self.weights, *self.biases]
        taken = [share * values.detach() for values in learned]
        self.optimiser.step()
        self.scheduler.step()
        with torch.no_grad():
            for values, decay in zip(learned, taken):
                values -= decay


def ramp(optimiser, steps):
    return schedulers.LambdaLR(optimiser, lambda t: min(1.0, (t + 1) / steps))


def make_scheduler(optimiser, settings):
    schedule, warmup = SCHEDULES[settings.get("schedule", "constant")], settings.get("warmup", 0)
    if warmup == 0:
        return schedule(optimiser, settings)
    return schedulers.SequentialLR(
        optimiser, [ramp(optimiser, warmup), schedule(optimiser, settings)], [warmup])


def parameter(values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def distance(a, b, size):
    return check_npz.rms(a - b) / check_npz.rms(size)


def compare(report, twin, start, end):
    for kind, parameters in (("W", twin.weights), ("b", twin.biases)):
        for layer, values in zip(start.layers, parameters):
            name = f"{kind}{layer}"
            exact = values.detach().numpy()
            apart = distance(end[name], exact, exact)
            moved = distance(end[name], start[name], exact)
            report.claim(apart <= TOLERANCE, f"{name} apart by {apart:.1e}")
            report.claim(moved > 2 * TOLERANCE, f"{name} moved by {moved:.1e}")


def run_case(path, folder, steps, settings, optimizer):
    settings = {**OPTIMISERS[optimizer][0], **settings, "optimizer": optimizer}
    constant = settings["data"] != "mnist"

    def exported(step):
        npz, _ = program.export(path, settings, step, os.path.join(folder, "pass"), document=False)
        return check_npz.Pass(npz)

    title = f"{settings['data']}/{settings['activation']}/{settings['loss']}/{optimizer}"
    title += "".join(f" {name} {settings[name]}" for name in ADJUSTED if name in settings)
    report = check_npz.Report(f"{title}, {steps} steps", verbose=True)
    start = batch = exported(0)
    twin = Twin(start, settings)
    for step in range(steps):
        batch = batch if constant else exported(step)
        twin.step(batch)
    end = exported(steps)
    if constant:
        report.claim(np.array_equal(start["x"], end["x"]), "the batch stayed the same")
    compare(report, twin, start, end)
    return report.failures


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # SequentialLR itself calls what PyTorch 1.13 deprecates
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        adjusted = [(STEPS, dict(CASES[0][1], seed=3, **adjustment)) for adjustment in ADJUSTMENTS]
        for steps, settings in CASES + adjusted:
            for optimizer in OPTIMISERS:
                failures += run_case(sys.argv[1], folder, steps, settings, optimizer)
    print(f"{len(failures)} failed")
    print("\n".join(failures))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
