"""The activations in NumPy and in PyTorch, where their slopes jump, and when they are saturated.

`leak` is the slope below zero of leaky_relu and prelu: a number, or one for each unit. maxout is
in blocks.py, for its units have several pre-activations.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F

SELU_SCALE, SELU_ALPHA = 1.0507009873554804934, 1.6732632423543772848
erfc = np.vectorize(math.erfc, otypes=[np.float64])


def numpy_sigmoid(z):
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def numpy_elu(z):
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0.0)))


def numpy_softplus(z):
    return np.logaddexp(0.0, z)


NUMPY = {
    "linear": lambda z: z,
    "sigmoid": numpy_sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0.0),
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

TORCH = {
    "linear": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
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

SLOPED = ["leaky_relu", "prelu"]
NAMES = [*TORCH, *SLOPED, "maxout"]

# z at which the slope jumps.
JUMPS = {"relu": [0.0], "leaky_relu": [0.0], "prelu": [0.0], "selu": [0.0],
         "hard_tanh": [-1.0, 1.0]}

SATURATED = {
    "sigmoid": lambda y: (y < 0.015) | (y > 0.985),
    "tanh": lambda y: np.abs(y) > 0.97,
    "softsign": lambda y: np.abs(y) > 0.757,
    "hard_tanh": lambda y: np.abs(y) == 1.0,
    "scaled_tanh": lambda y: np.abs(y) > 0.97 * 1.7159,
}


def numpy_value(name, z, leak):
    return np.where(z > 0, z, leak * z) if name in SLOPED else NUMPY[name](z)


def torch_value(name, z, leak):
    if name not in SLOPED:
        return TORCH[name](z)
    return F.leaky_relu(z, leak.item()) if leak.dim() == 0 else F.prelu(z, leak)
