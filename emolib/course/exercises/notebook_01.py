"""The exercises of notebook 01, data loading."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .common import Exercise, call

BAR = 0.6  # share of test pictures that a rule must get right
SHARE = 0.2  # of the pictures, to be the test set
OFF = 0.07  # the share may be this far away


def _bursts() -> np.ndarray:
    """Return the burst of each of some 500 pictures, bursts of 1 to 4 in mixed order."""
    rng = np.random.default_rng(1)
    numbers = np.repeat(np.arange(1000, 1200), rng.integers(1, 5, 200))
    return rng.permutation(numbers)


def _split(function: Callable) -> str:
    bursts = _bursts()
    parts = []
    for seed in (0, 0, 1):
        answer, error = call(function, bursts.copy(), SHARE, seed)
        if error:
            return error
        train, test = (np.asarray(part).ravel() for part in answer)
        if {train.dtype.kind, test.dtype.kind} - set("iu"):
            return "Return the numbers of the pictures, two arrays of whole numbers."
        parts.append((train, test))
    return _parts(bursts, *parts)


def _parts(bursts: np.ndarray, first: tuple, again: tuple, other: tuple) -> str:
    """Return what is wrong with two splits of one seed and a split of a different one."""
    train, test = first
    everyone = np.sort(np.concatenate(first))
    if not np.array_equal(everyone, np.arange(len(bursts))):
        return (
            f"{len(bursts)} pictures came in, and each must come out once, in train or in test. "
            f"There are {len(np.unique(everyone))} different ones among the {len(everyone)} you "
            "return."
        )
    both = np.intersect1d(bursts[train], bursts[test])
    if len(both):
        return f"Of {len(np.unique(bursts))} bursts, {len(both)} have pictures on both sides."
    if abs(len(test) / len(bursts) - SHARE) > OFF:
        return f"{len(test) / len(bursts):.0%} of the pictures are in test, not {SHARE:.0%}."
    if not np.array_equal(np.sort(test), np.sort(again[1])):
        return "Two calls with the same seed give two different splits."
    if np.array_equal(np.sort(test), np.sort(other[1])):
        return "A different seed gives the same split. Is it drawn at random?"
    return ""


def _mixed(function: Callable) -> str:
    labels = np.arange(40)
    pictures = np.broadcast_to(labels[:, None, None, None], (40, 2, 2, 1)).astype(np.uint8)
    given = pictures.copy()
    numbers = labels.copy()
    answer, error = call(function, given, numbers, 3)
    if error:
        return error
    if not (np.array_equal(given, pictures) and np.array_equal(numbers, labels)):
        return "Your function changes the arrays that it gets. Leave them as they are."
    shown, named = (np.asarray(part) for part in answer)
    if shown.shape != pictures.shape or named.shape != labels.shape:
        return "Return all pictures and all labels, in arrays of the same shapes as before."
    wrong = (shown[:, 0, 0, 0] != named).mean()
    if wrong:
        return f"{wrong:.0%} of the pictures have a different picture's label."
    if not np.array_equal(np.sort(named), labels):
        return "Some pictures are missing, and others appear twice."
    return "Each picture has its label, but nothing is shuffled." if (named == labels).all() else ""


def _held_out() -> tuple[np.ndarray, np.ndarray]:
    """Return the test pictures of the rendered faces, and which are happy."""
    from ... import data
    from ..paths import folder

    dataset = data.split(data.scan(folder("rendered"), ["happy", "sad"]))
    pictures, labels = data.examples(dataset, "test", ["happy", "sad"])
    return pictures, labels == 0


def _rule(function: Callable) -> str:
    if not callable(function):
        raise TypeError("no function")
    pictures, happy = _held_out()
    answer, error = call(function, pictures)
    if error:
        return error
    says = np.asarray(answer).ravel()
    if len(says) != len(happy):
        return f"There are {len(happy)} pictures: give as many answers, not {len(says)}."
    if says.dtype != bool:
        return "Return True for each happy picture and False for each other one, as `>` does."
    right = (says == happy).mean()
    if right > BAR:
        return ""
    named = f"It gets {right:.1%} of the test pictures right; you need more than {BAR:.0%}."
    if right < 1 - BAR:
        return f"{named} It knows something: turn it around."
    if not 0.2 < says.mean() < 0.8:
        return f"{named} It calls {says.mean():.0%} of them happy: move the threshold."
    return f"{named} Where does a smile change the pixels most?"


EXERCISES = {
    "01.1": Exercise(
        wanted="your function, without calling it: `split_bursts`",
        why="No burst is on both sides, and the seed always gives the same split.",
        hint=_split,
    ),
    "01.2": Exercise(
        wanted="your function, without calling it: `mix`",
        why="One order for both: each picture keeps its label.",
        hint=_mixed,
    ),
    "01.3": Exercise(
        wanted="your best function, without calling it",
        why="It also works on pictures that it was not tuned on. Can a network do better?",
        hint=_rule,
    ),
}
