"""The exercises of notebook 02, building the network."""

from __future__ import annotations

import numpy as np

from ...plots.training import history_of
from .common import Exercise, number


def _layers(guesses: dict) -> str:
    """Check the guesses in the order in which the notebook asks for them."""
    first, normalization, second, last_convolution, last = guesses
    convolutions = {
        first: ((48, 48, 32), 800, 32),
        second: ((24, 24, 64), 18_432, 64),
        last_convolution: ((6, 6, 256), 294_912, 256),
    }
    for name, (shape, weights, filters) in convolutions.items():
        hint = _layer(guesses[name], shape, weights, filters, bias=False)
        if hint:
            return f"{name}: {hint}"
    shape, parameters = guesses[normalization]
    if tuple(shape) != (48, 48, 32):
        return "Batch normalization changes numbers, not the shape."
    if parameters != 128:
        return "Batch normalization keeps four numbers per map: two learned and two averages."
    shape, parameters = guesses[last]
    if tuple(np.atleast_1d(shape)) != (1,):
        return "The last layer gives one number: its shape is (1,)."
    if parameters != 257:
        return "The last layer has one weight for each map below it, and one bias."
    return ""


def _layer(guess: tuple, shape: tuple, weights: int, filters: int, bias: bool) -> str:
    """Return what is wrong with a guess of a convolution's output shape and parameters."""
    (*size, maps), parameters = guess
    return _shape([*size, maps], shape) or _parameters(int(parameters), weights, filters, bias)


def _shape(guess: list, shape: tuple) -> str:
    height, width, maps = shape
    if guess == [height, width, maps]:
        return ""
    if sorted(guess) == sorted(shape):
        return "The numbers are right, but their order is not: rows, columns, maps."
    if guess[-1] != maps:
        return "The last number of the shape counts the maps: each filter makes one."
    ratios = {guess[0] / height, guess[1] / width}
    if ratios == {2.0}:
        return "Pooling halves the rows and the columns."
    if ratios == {0.5}:
        return "That is pooled once too often."
    return "The rows or columns are off. What happens to the window at the border?"


def _parameters(guess: int, weights: int, filters: int, bias: bool) -> str:
    without = weights - filters * bias
    if guess == weights:
        return ""
    if bias and guess == without:
        return "Each filter has a bias, too."
    if not bias and guess == weights + filters:
        return "This layer has no bias (`use_bias=False`)."
    if guess * filters in (weights, without):
        return "That is one filter. How many filters are there?"
    return "Each filter has height x width x input maps weights. How many filters are there?"


def _parrot(answer: tuple) -> str:
    labels, history = answer
    labels = np.asarray(labels).ravel()
    if len(labels) != 16:
        return f"There should be sixteen shuffled labels, not {len(labels)}."
    if (np.diff(labels) >= 0).all():
        return "These labels are still in order, first 0, then 1: shuffle them."
    best = max(history_of(history)["accuracy"])
    if best < 1:
        return f"It has learned {best:.0%} of them so far. Fresh weights? Enough epochs?"
    return ""


def _valid_convolution(guess: tuple) -> str:
    (rows, columns, *_), _ = guess
    if {rows, columns} == {20, 30}:
        return "Without padding, the window cannot hang over the border: how much is lost?"
    if {rows, columns} == {36, 56}:
        return "That is the size of the maps before pooling."
    if {rows, columns} & {19, 29}:
        return "A 5x5 window loses two rows at the top and two at the bottom."
    return _layer(guess, (18, 28, 16), 416, 16, True)


EXERCISES = {
    "02.0": Exercise(
        wanted="your dictionary of name: ((height, width, maps), parameters)",
        why="Nearly all parameters are weights of convolutions.",
        hint=_layers,
    ),
    "02.1": Exercise(
        wanted="the number of parameters that are added",
        why="Three units instead of one: that is two more, each with 256 weights and a bias.",
        hint=number(
            514,
            "How many numbers reach the last layer, and how many units does it have?",
            wrong={
                512: "Each new unit has a bias, too.",
                257: "That is one more unit. Two classes need only one; how many do three need?",
                256: "That is one unit without its bias. How many units are new?",
                771: "That is the new last layer. How much larger is it than the old one?",
                768: "That is the new last layer without its biases, and some was there before.",
            },
            above={10000: "That is the whole network. How much is *added*?"},
        ),
    ),
    "02.2": Exercise(
        wanted="the shuffled labels and what `fit` returned: (shuffled, history)",
        why="The network memorizes nonsense: 100% in training proves nothing.",
        hint=_parrot,
    ),
    "02.3": Exercise(
        wanted="((height, width, maps), parameters)",
        why="No padding costs four rows and columns, pooling halves, and every filter has a bias.",
        hint=_valid_convolution,
    ),
}
