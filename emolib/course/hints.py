"""What is wrong with an answer: one function per exercise, for `checks.py`.

Each takes the answer and returns a hint, or "" if the answer is right. If the answer does not have
the expected form, it may raise what Python raises when it is examined, such as a TypeError.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..plots.training import history_of

TOLERANCE = 0.02  # of answers that are one number


def look_up(row: Mapping[str, Any], answer: Any) -> str:
    """Look an answer that is one number up in a table of known wrong ones.

    Args:
        row: The exercise's row of `exercises.toml`, with `right`, `otherwise` and, if there are
            any, `wrong` and `above`.
        answer: A number.

    Returns:
        The hint, or "" if the answer is right.

    Raises:
        TypeError: The answer is not a number.
        ValueError: The answer is not a number.
    """
    number = float(answer)
    if abs(number - row["right"]) < TOLERANCE:
        return ""
    for value, hint in row.get("wrong", {}).items():
        if abs(number - float(value)) < TOLERANCE:
            return hint
    for limit, hint in row.get("above", {}).items():
        if number > float(limit):
            return hint
    return row["otherwise"]


def _audit(report: Any) -> str:
    left = report.totals()
    if left["unreadable"] or left["not a picture"]:
        return (
            "Some files still cannot be opened. Is this the audit from before `quarantine`, or of "
            "a different folder?"
        )
    if left["exact duplicate"]:
        return "One picture is still there twice. Which of the two files has to go?"
    if left["two classes"]:
        return "One picture is still filed under both happy and sad. Look at it: which is it?"
    return "Many more files are gone than five faults explain." if report.files < 110 else ""


def _augmentations(names: str | Sequence[str]) -> str:
    chosen = names.lower() if isinstance(names, str) else " ".join(names).lower()
    if "upside" in chosen:
        return "See how the trained network did on upside-down faces. Who will ask about those?"
    if "mirror" not in chosen:
        return "One more keeps the label and happens in photos: what if left and right swap?"
    return ""


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


def _valid_convolution(guess: tuple) -> str:
    (rows, columns, *_), _ = guess
    if {rows, columns} == {20, 30}:
        return "Without padding, the window cannot hang over the border: how much is lost?"
    if {rows, columns} == {36, 56}:
        return "That is the size of the maps before pooling."
    if {rows, columns} & {19, 29}:
        return "A 5x5 window loses two rows at the top and two at the bottom."
    return _layer(guess, (18, 28, 16), 416, 16, True)


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


def _steps(answer: tuple) -> str:
    steps, last = answer
    if steps != int(steps):
        return "Steps are whole numbers: what happens to the pictures that do not fill a batch?"
    if (steps, last) == (8, 14):
        return "The other way around: first the steps, then the pictures in the last batch."
    if steps == 13:
        return "The pictures that do not fill a batch make a step, too."
    if steps != 14:
        return "840 pictures, 64 per batch: how many batches until all have been seen?"
    return "" if last == 8 else "What is left after the full batches?"


def _two_cures(history: Any) -> str:
    run = history_of(history)
    learned = run["loss"][-1]
    judged = run["val_loss"][-1]
    if not np.isfinite([learned, judged]).all() or learned > 0.68:
        return "It has learned nothing. Fresh weights? A learning rate that is not too high?"
    if judged - learned > 0.6:
        return "Its two losses are as far apart as without a cure: are these all 600 pictures?"
    return ""


def _bootstrap(answer: tuple) -> str:
    areas, low, high = answer
    areas = np.asarray(areas, float)
    if len(areas) != 500:
        return f"There should be 500 areas, not {len(areas)}."
    if np.ptp(areas) == 0:
        return "All values are the same: did you use each draw?"
    if areas.mean() < 0.6:
        return "About one half: did you use the same indices for labels and probabilities?"
    if low > high:
        return "The lower end comes first."
    if np.allclose((low, high), (areas.min(), areas.max())):
        return "That is the lowest to the highest value: the middle 95% leaves out both ends."
    if np.allclose((low, high), np.quantile(areas, [0.05, 0.95]), atol=1e-6):
        return "That leaves out 5% at each end: only 90% is left in the middle."
    if not np.allclose((low, high), np.quantile(areas, [0.025, 0.975]), atol=2e-3):
        return "How much is left out at each end if 95% is in the middle?"
    return ""


def _careless(probabilities: Any) -> str:
    values = np.asarray(probabilities, float).ravel()
    if len(values) != 3 or abs(values.sum() - 1) > 0.01:
        return "Hand in the three probabilities as `predict_arrays` returns them."
    if values[0] > 0.9:
        return "That is the answer for an upright, cropped face. Squeeze the whole `lying` photo."
    return ""


def _called(answer: tuple) -> str:
    *expected, known = _answers_to_portraits()
    for name, given, true in zip(("called_happy", "called_neither"), answer, expected, strict=True):
        given = {given} if isinstance(given, str) else set(given)
        if given - known:
            return "Use the names that the portraits have in `portrait.expression`."
        if given != true:
            counted = f"{len(given - true)} too many, {len(true - given)} missing"
            return f"{name}: {counted}. An answer that is not sure counts only as not sure."
    return ""


@functools.cache
def _answers_to_portraits() -> tuple[set[str], set[str], set[str]]:
    """Return the expressions mostly called happy, those mostly called neither, and all of them."""
    from ..data.sources import portraits
    from ..inference.classifier import load_classifier

    classifier = load_classifier()
    said: dict[str, list[str]] = {}
    for portrait in portraits():
        answer = classifier.predict(portrait.image)[0]
        said.setdefault(portrait.expression, []).append(answer.label if answer.sure else "")
    return (
        {name for name, words in said.items() if words.count("happy") >= 8},
        {name for name, words in said.items() if words.count("neither") > 5},
        set(said),
    )


def _glasses(changes: Any) -> str:
    values = list(changes.values()) if isinstance(changes, dict) else list(changes)
    if len(values) != 2:
        return "Give one number for each network, two in all."
    if any(value != int(value) for value in values):
        return "Give numbers of answers, not shares."
    if max(values) > 20:
        return "More than half change: is everything but the glasses the same, even the seed?"
    return ""


def _walls(answer: Sequence[float]) -> str:
    same, swapped = map(float, answer)
    if max(same, swapped) > 1:
        return "Give shares between 0 and 1."
    if same - swapped > 0.3:
        return "The cheat or your own network drops that far. What does the *released* one say?"
    if min(same, swapped) < 0.6:
        return "The released network does better: are labels and pictures in the same order?"
    return ""


def _two_questions(maps: Any) -> str:
    maps = np.asarray(maps, float)
    if maps.ndim < 3 or len(maps) != 2:
        return "Hand in two sets of maps: one for happy, and one for sad."
    if np.corrcoef(maps[0].ravel(), maps[1].ravel())[0, 1] > 0.9:
        return "Both sets answer the same question: what did you give as `class_index`?"
    return ""


# what takes time or can fail, whatever the answer is: done before the answer is examined
PREPARED: dict[str, Callable[[], Any]] = {"05.2": _answers_to_portraits}
# the other exercises ask for one number, see `look_up`
EXAMINED: dict[str, Callable[[Any], str]] = {
    "01.1": _audit,
    "01.3": _augmentations,
    "02.0": _layers,
    "02.2": _parrot,
    "02.3": _valid_convolution,
    "03.1": _steps,
    "03.2": _two_cures,
    "04.1": _bootstrap,
    "05.1": _careless,
    "05.2": _called,
    "06.1": _glasses,
    "06.2": _walls,
    "06.3": _two_questions,
}
