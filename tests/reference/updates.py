"""The update that a pass leads to, by NumPy from the formulas of the papers.

`settings` are those of the exported document. Penalties and decay are for all parameters;
clipping is for all gradients, before the penalties.
"""

import numpy as np

import blocks

# What each optimiser keeps, under PyTorch's names.
STATES = {
    "sgd": [], "momentum": ["momentum_buffer"], "nesterov": ["momentum_buffer"],
    "adagrad": ["sum"], "adadelta": ["square_avg", "acc_delta"], "rmsprop": ["square_avg"],
    "adam": ["exp_avg", "exp_avg_sq"], "adamw": ["exp_avg", "exp_avg_sq"],
}


def learning_rate(settings, step):
    """Of update number step, from 1."""
    rate, period = settings["learning_rate"], settings["schedule_period"]
    if step <= settings["warmup"]:
        return rate * step / settings["warmup"]
    if settings["schedule"] == "warmup" and settings["warmup"] > 0:
        return rate
    t = step - settings["warmup"] - 1
    return rate * {
        "constant": lambda: 1.0,
        "step": lambda: settings["schedule_factor"] ** (t // period),
        "cosine": lambda: 0.5 + 0.5 * np.cos(np.pi * t / period),
        "warmup": lambda: min(1.0, (t + 1) / period),
    }[settings["schedule"]]()


def weight_decay(settings):
    """The decay as used: below 0 it is what suits the optimizer."""
    if settings["weight_decay"] >= 0:
        return settings["weight_decay"]
    return 0.01 if settings["optimizer"] == "adamw" else 0.0


def clip_scale(run, settings):
    """What clipping by norm leaves of all gradients of the pass."""
    if settings["clip_norm"] == 0:
        return 1.0
    gradients = [run["d" + name] for name in run.arrays if "d" + name in run]
    norm = np.sqrt(sum(np.square(gradient).sum() for gradient in gradients))
    return min(1.0, settings["clip_norm"] / (norm + 1e-6))


def decayed(old, new, decay):
    return decay * old + (1.0 - decay) * new


def step_of(settings, rate, g, state, step):
    """What the optimiser takes from a weight in update number step."""
    optimizer = settings["optimizer"]
    if optimizer == "sgd":
        return rate * g
    if optimizer in ("momentum", "nesterov"):
        mu = settings["momentum"]
        v = mu * state["momentum_buffer"] + g
        return rate * (v if optimizer == "momentum" else g + mu * v)
    if optimizer == "adagrad":
        return rate * g / (np.sqrt(state["sum"] + g * g) + 1e-10)
    if optimizer == "adadelta":
        square = decayed(state["square_avg"], g * g, settings["rho"])
        return rate * g * np.sqrt((state["acc_delta"] + 1e-6) / (square + 1e-6))
    if optimizer == "rmsprop":
        return rate * g / (np.sqrt(decayed(state["square_avg"], g * g, settings["alpha"])) + 1e-8)
    if optimizer in ("adam", "adamw"):
        # the program's betas are float32, and 1 - beta tells the difference
        beta1, beta2 = (float(np.float32(settings[name])) for name in ("beta1", "beta2"))
        m = decayed(state["exp_avg"], g, beta1) / (1.0 - beta1 ** step)
        v = decayed(state["exp_avg_sq"], g * g, beta2) / (1.0 - beta2 ** step)
        return rate * m / (np.sqrt(v) + 1e-8)
    raise ValueError(f"what does {optimizer} do?")


def of_weights(run, layer, settings, step):
    """What update number step (from 1) takes from W of a layer."""
    owner = blocks.tied(run, "W", layer)
    weight, gradient = run[owner], clip_scale(run, settings) * run["d" + owner]
    state = {name: run[f"{name}_{owner}"] for name in STATES[settings["optimizer"]]}
    rate, most = learning_rate(settings, step), settings["clip_value"]
    if most > 0:
        gradient = np.clip(gradient, -most, most)
    gradient = gradient + settings["l2"] * weight + settings["l1"] * np.sign(weight)
    return step_of(settings, rate, gradient, state, step) + rate * weight_decay(settings) * weight
