"""The exercises of notebook 02, building the network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...plots.training import history_of
from .common import NOTHING, Exercise, call

NEAR_LN_2 = 0.15  # how far the loss of a network that knows nothing may be from ln 2
LOUD = 1000  # pixel values this many times too large take a weighted sum far outside of 0-1
NUMBERS = 2305  # of logistic regression: one weight per pixel and a bias
ENOUGH = 0.7  # share of test pictures that a small network must get right
FEWEST_PICTURES = 100
EIGHT = 8  # happy faces learned by heart, and as many sad ones


def _layers(guesses: dict) -> str:
    """Check the guesses in the order in which the notebook asks for them."""
    first, normalization, second, last_convolution, last = guesses
    convolutions = {
        first: ((48, 48, 32), 800, 32),
        second: ((24, 24, 64), 18_432, 64),
        last_convolution: ((6, 6, 256), 294_912, 256),
    }
    for name, (shape, weights, filters) in convolutions.items():
        (*size, maps), parameters = guesses[name]
        hint = _shape([*size, maps], shape) or _parameters(int(parameters), weights, filters)
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


def _parameters(guess: int, weights: int, filters: int) -> str:
    if guess == weights:
        return ""
    if guess == weights + filters:
        return "This layer has no bias (`use_bias=False`)."
    if guess * filters == weights:
        return "That is one filter. How many filters are there?"
    return "Each filter has height x width x input maps weights. How many filters are there?"


def _convolved(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the convolution of an image with zeros around it, as large as the image."""
    bordered = np.pad(image.astype(float), len(kernel) // 2)
    windows = np.lib.stride_tricks.sliding_window_view(bordered, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3))


def _same_size(function: Callable) -> str:
    """Call the reader's function on a small image, with a larger filter, and on a picture."""
    if not callable(function):
        raise TypeError("no function")
    rng = np.random.default_rng(0)
    cases = (
        (rng.integers(1, 9, (6, 9)), rng.integers(-4, 5, (3, 3)), ""),
        (rng.integers(1, 9, (7, 8)), rng.integers(-4, 5, (5, 5)), "a 5x5 filter"),
        (rng.integers(0, 256, (6, 9), np.uint8), rng.integers(-4, 5, (3, 3)), "pixels of uint8"),
    )
    for image, kernel, special in cases:
        hint = _case(function, image, kernel)
        if hint:
            return f"With {special} it does not work yet. {hint}" if special else hint
    return ""


def _case(function: Callable, image: np.ndarray, kernel: np.ndarray) -> str:
    given = image.copy()
    result, hint = call(function, given, kernel.copy())
    if hint:
        return hint
    if result is None:
        return NOTHING
    if not np.array_equal(given, image):
        return "Your function changes the image that it gets. Work on a copy."
    return _compared(np.asarray(result, float), image, kernel)


def _compared(result: np.ndarray, image: np.ndarray, kernel: np.ndarray) -> str:
    right = _convolved(image, kernel)
    lost = len(kernel) // 2
    inside = (slice(lost, -lost), slice(lost, -lost))
    if result.shape == right[inside].shape:
        return "The result is still smaller than the image. How wide must the border be?"
    if result.shape != right.shape:
        return f"An image of {right.shape} came in, and a result of {result.shape} came out."
    if np.allclose(result, right):
        return ""
    if np.allclose(result, _convolved(image, kernel[::-1, ::-1])):
        return "Your filter is upside down and mirrored. Lay it on the image as it is."
    if np.allclose(result[inside], right[inside]):
        return "Only the border is wrong. Outside of the image, every pixel counts as 0."
    return "The size is right, but the sums are not. Is the window at the right place?"


def _parrot(answer: tuple) -> str:
    labels, history = answer
    labels = np.asarray(labels).ravel()
    if len(labels) != 2 * EIGHT:
        return f"There should be sixteen labels, not {len(labels)}."
    happy, sad = (labels.reshape(2, EIGHT) != [[0], [1]]).sum(axis=1)
    if not happy + sad:
        return "All sixteen labels are still right: swap every second one."
    if min(happy, sad) < 3 or max(happy, sad) > 5:
        return (
            f"Of the happy faces {happy} have a wrong label, and {sad} of the sad ones. With half "
            "of each, the labels say nothing about the faces."
        )
    best = max(history_of(history)["accuracy"])
    if best < 1:
        return f"It has learned {best:.0%} of them so far. Fresh weights? Enough epochs?"
    return ""


def _answers(network: Any, pictures: np.ndarray) -> np.ndarray:
    """Return a network's answers, one row per picture."""
    answers = np.asarray(network.predict(pictures.astype("float32"), verbose=0), float)
    return answers.reshape(len(pictures), -1)


def _fixed(network: Any) -> str:
    """Ask a new network about noise, some of it dark and some bright."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (16, 48, 48, 1)) * np.linspace(0.2, 1, 16).reshape(-1, 1, 1, 1)
    loud = _answers(network, LOUD * noise)
    if loud.shape[1] != 1:
        return f"For each picture it gives {loud.shape[1]} numbers. One is enough for two classes."
    if not (np.isfinite(loud).all() and loud.min() >= 0 and loud.max() <= 1):
        return "Its answers can be below 0 or above 1, and a probability cannot."
    p = np.clip(_answers(network, noise), 1e-7, 1 - 1e-7)
    loss = float(-(np.log(p) + np.log(1 - p)).mean() / 2)
    if abs(loss - np.log(2)) > NEAR_LN_2:
        return (
            f"Before any training, its loss is {loss:.2f}. How large are the numbers that reach "
            "its first convolution? (If you have trained it already, build it again.)"
        )
    if np.ptp(p) < 1e-6:
        return "It gives the same answer for every picture."
    return ""


def _small(answer: tuple) -> str:
    network, pictures, labels = answer
    labels = np.asarray(labels).ravel()
    if len(labels) < FEWEST_PICTURES:
        return f"{len(labels)} pictures are too few to judge by: use all the test pictures."
    numbers = network.count_params()
    if numbers >= NUMBERS:
        return f"Logistic regression has {NUMBERS:,} numbers, and your network has {numbers:,}."
    answers = _answers(network, np.asarray(pictures))
    if answers.shape[1] != 1:
        return f"For each picture it gives {answers.shape[1]} numbers. One is enough."
    right = ((answers[:, 0] >= 0.5) == labels).mean()
    if right < ENOUGH:
        return f"It gets {right:.0%} right on the test pictures; {ENOUGH:.0%} is needed."
    return ""


EXERCISES = {
    "02.0": Exercise(
        wanted="your dictionary of name: ((height, width, maps), parameters)",
        why="Nearly all parameters are weights of convolutions.",
        hint=_layers,
    ),
    "02.1": Exercise(
        wanted="your function, convolve_same",
        why='This is what Keras does if you write padding="same".',
        hint=_same_size,
    ),
    "02.2": Exercise(
        wanted="the swapped labels and what `fit` returned: (swapped, history)",
        why="The network memorizes nonsense: 100% in training proves nothing.",
        hint=_parrot,
    ),
    "02.3": Exercise(
        wanted="your repaired network, built but not trained",
        why="Its answers are probabilities, and it starts near ln 2.",
        hint=_fixed,
    ),
    "02.4": Exercise(
        wanted="your network and the test pictures with their labels: (small, x_test, y_test)",
        why="A few shared weights are enough, even for pictures that you did not tune it on.",
        hint=_small,
    ),
}
