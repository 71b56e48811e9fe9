"""Networks of blocks, rebuilt in PyTorch from their settings and the exported arrays.

`settings` are those of the exported document, `arrays` anything that gives the exported arrays by
name: layers are numbered 1..L+1, and what is tied is there once (docs/formats.md, "NPZ").
"""

import dataclasses

import torch
import torch.nn.functional as F

import activations

EPSILON, MOMENTUM = 1e-5, 0.1
ALPHA_DROPPED = -activations.SELU_SCALE * activations.SELU_ALPHA

LEARNED = ["W", "b", "gamma", "beta", "slope", "scale"]

# Where two numbers decide about a slope and are equal up to rounding, so is the slope a matter of
# rounding: there, and only there, the reference takes the side that the program took.
TIE = 1e-5


@dataclasses.dataclass
class Layer:
    number: int
    hidden: bool
    activation: str = "linear"
    pieces: int = 1
    groups: int = 1
    block: int = 0       # from 1; 0: in none
    around: int = 0      # at the end of a block: the layer whose h comes around it
    feeds: int = 0       # the last layer of the block that this one's h goes around
    scale_learned: bool = False

    @property
    def identity(self):
        """The second layer of a block has no activation of its own."""
        return self.around > 0 and self.number - self.around > 1


def activation_of(settings, number):
    last = settings["last_to"] or settings["layers"]
    first = settings["last_from"] or last
    other = settings["activation_last"]
    return other if other != "same" and first <= number <= last else settings["activation"]


def layers_of(settings):
    """All layers by number, the output included."""
    depth, span = settings["layers"], settings["block_layers"]
    blocks = (depth - 1) // span if settings["connection"] == "residual" and depth > 0 else 0
    layers = {}
    for number in range(1, depth + 1):
        layer = layers[number] = Layer(number, True, activation_of(settings, number))
        if 1 < number <= 1 + blocks * span:
            layer.block = (number - 2) // span + 1
            if (number - 1) % span == 0:
                layer.around = number - span
                layer.scale_learned = settings["branch"] in ("rezero", "fixup")
        if number <= blocks * span and (number - 1) % span == 0:
            layer.feeds = number + span
        if layer.identity:
            layer.activation = "linear"
        if layer.activation == "maxout":
            layer.pieces = settings["pieces"]
        if settings["connection"] == "split" and number > 1:
            layer.groups = settings["groups"]
    layers[depth + 1] = Layer(depth + 1, False)
    return layers


def names_of(layer, settings):
    """The exported arrays of a layer, without its number."""
    recurrent = settings["connection"] == "recurrent" and layer.hidden
    learned = {"W"} if not recurrent or layer.number <= 2 else set()
    learned |= {"b"} if not recurrent or layer.number == 1 else set()
    names = {"z", "delta"}
    if layer.hidden:
        names |= {"h"}
        norm, noise = settings["normalisation"], settings["drop_connect"] > 0
        if norm != "none":
            learned |= {"gamma", "beta"}
            names |= {"zhat", "delta_a"}
        if norm == "batch":
            names |= {"running_mean", "running_variance"}
        if layer.activation in activations.SLOPED:
            (learned if layer.activation == "prelu" else names).add("slope")
        if layer.around:
            (learned if layer.scale_learned else names).add("scale")
            names |= {"survived"} if settings["stochastic_depth"] > 0 else set()
        dropped = dropped_share(settings) > 0
        names |= {"unit_kept"} if dropped else set()
        names |= {"phi"} if dropped or layer.around else set()
        names |= {"weight_kept"} if noise and "W" in learned else set()
    return names, learned


def dropped_share(settings):
    return settings["alpha_dropout"] or settings["dropout"]


def unit_map(settings):
    """(scale, shift, dropped): what becomes of a unit's y under dropout."""
    p = dropped_share(settings)
    if settings["alpha_dropout"] == 0:
        return 1 / (1 - p), 0.0, 0.0
    scale = ((1 - p) * (1 + p * ALPHA_DROPPED ** 2)) ** -0.5
    shift = -scale * p * ALPHA_DROPPED
    return scale, shift, scale * ALPHA_DROPPED + shift


def tied(arrays, kind, number):
    """The name under which a layer's W or b is found: its own, or the nearest one before it."""
    while f"{kind}{number}" not in arrays:
        number -= 1
    return f"{kind}{number}"


def to_sides(z, exported, activation):
    """z, moved by less than rounding to the program's side of a jump where it is at one."""
    shift = torch.zeros_like(z)
    exact = z.detach()
    for jump in activations.JUMPS.get(activation, []):
        tie = (exact - jump).abs() <= TIE * exact.square().mean().sqrt()
        apart = (exact > jump) != (exported > jump)
        shift = torch.where(tie & apart, exported - exact, shift)
    return z + shift


def maxout(z, exported, layer):
    """The largest of a unit's pieces, which lie side by side in every group."""
    shape = (z.shape[0], layer.groups, layer.pieces, -1)
    pieces = z.reshape(shape)
    best = pieces.detach().argmax(2, keepdim=True)
    if exported is not None:
        other = exported.reshape(shape).argmax(2, keepdim=True)
        lost = pieces.detach().gather(2, best) - pieces.detach().gather(2, other)
        best = torch.where(lost <= TIE * z.detach().square().mean().sqrt(), other, best)
    return pieces.gather(2, best).reshape(z.shape[0], -1)


def linear(h, weight):
    """h W, where a split layer's W (k, in, out) has a block for each group."""
    if weight.dim() == 2:
        return h @ weight
    groups = h.reshape(h.shape[0], weight.shape[0], -1)
    return torch.einsum("bki,kio->bko", groups, weight).reshape(h.shape[0], -1)


class Network:
    """
    The network of a pass, in float64. `values` are its parameters by exported name, those that are
    learned with gradients; `running` the running averages of an untrained one, which every pass
    moves; `trace` what the last pass made, by exported name, and a<l>, with gradients if asked.
    """

    def __init__(self, arrays, settings, gradients=False):
        self.settings, self.gradients = settings, gradients
        self.layers = layers_of(settings)
        self.values, self.running, self.trace = {}, {}, {}
        for number, layer in self.layers.items():
            names, learned = names_of(layer, settings)
            for kind in [kind for kind in LEARNED if kind in names | learned]:
                name = f"{kind}{number}"
                self.values[name] = torch.tensor(arrays[name], dtype=torch.float64,
                                                 requires_grad=kind in learned)
            if "running_mean" in names:
                still = torch.zeros_like(self.values[f"gamma{number}"].detach())
                self.running[f"running_mean{number}"] = still
                self.running[f"running_variance{number}"] = still + 1

    def learned(self):
        return {name: value for name, value in self.values.items() if value.requires_grad}

    def keep(self, name, value):
        if self.gradients and value.requires_grad:
            value.retain_grad()
        self.trace[name] = value
        return value

    def weight(self, number, masks):
        name = tied(self.values, "W", number)
        mask = name.replace("W", "weight_kept")
        if masks is None or mask not in masks:
            return self.values[name]
        kept = torch.as_tensor(masks[mask], dtype=torch.float64)
        return self.values[name] * kept / (1 - self.settings["drop_connect"])

    def linear_map(self, layer, h, masks):
        a = linear(h, self.weight(layer.number, masks))
        if self.settings["connection"] == "recurrent" and 1 < layer.number and layer.hidden:
            return a + self.trace["drive"]
        a = a + self.values[tied(self.values, "b", layer.number)]
        if layer.number == 1:
            self.trace["drive"] = a  # x U + b of a recurrent network
        return a.clone()

    def normalised(self, layer, a):
        norm, number = self.settings["normalisation"], layer.number
        if norm == "none" or not layer.hidden:
            return a
        gamma, beta = self.values[f"gamma{number}"], self.values[f"beta{number}"]
        if norm == "layer":
            self.keep(f"zhat{number}", F.layer_norm(a.detach(), a.shape[1:], eps=EPSILON))
            return F.layer_norm(a, a.shape[1:], gamma, beta, EPSILON)
        self.keep(f"zhat{number}", F.batch_norm(a.detach(), None, None, training=True, eps=EPSILON))
        return F.batch_norm(a, self.running[f"running_mean{number}"],
                            self.running[f"running_variance{number}"], gamma, beta, True, MOMENTUM,
                            EPSILON)

    def activated(self, layer, z, sides):
        exported = None if sides is None else torch.as_tensor(sides[f"z{layer.number}"])
        if layer.activation == "maxout":
            return maxout(z, exported, layer)
        moved = z if exported is None else to_sides(z, exported, layer.activation)
        return activations.torch_value(layer.activation, moved,
                                       self.values.get(f"slope{layer.number}"))

    def joined(self, layer, y, masks):
        """h from y: units dropped, and x added at the end of a block."""
        kept = f"unit_kept{layer.number}"
        if masks is not None and kept in masks:
            scale, shift, dropped = unit_map(self.settings)
            y = torch.where(torch.as_tensor(masks[kept]) > 0, scale * y + shift,
                            torch.full_like(y, dropped))
        if not layer.around:
            return y
        survived = f"survived{layer.number}"
        odds = float(masks[survived]) if masks is not None and survived in masks else 1.0
        return self.trace[f"h{layer.around}"] + odds * self.values[f"scale{layer.number}"] * y

    def forward(self, x, masks=None, sides=None):
        """The logits. masks: arrays with those of the pass; sides: with z, see to_sides()."""
        h = torch.as_tensor(x, dtype=torch.float64)
        for number, layer in self.layers.items():
            a = self.keep(f"a{number}", self.linear_map(layer, h, masks))
            z = self.keep(f"z{number}", self.normalised(layer, a))
            if not layer.hidden:
                return z
            y = self.keep(f"phi{number}", self.activated(layer, z, sides))
            h = self.keep(f"h{number}", self.joined(layer, y, masks))
