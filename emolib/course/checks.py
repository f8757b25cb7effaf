"""Did I get it right? A check for each exercise, and a word on each guess.

    >>> import emolib
    >>> emolib.check("02.1", 512)
    Exercise 02.1: not yet. Each of the new units has a bias, too.

A check says "right" or gives a hint that fits the mistake, never the answer.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

NEAR = 0.1  # a guess so close to the measured value, as a share of it, counts as close


@dataclass(frozen=True)
class Exercise:
    """What is asked for, and how it is judged.

    Attributes:
        wanted: What to hand in, as the end of the sentence "Hand in ...".
        hint: Called with the answer; says what is wrong with it, or "" where it is right.
        why: What makes it right, shown with a right answer.
    """

    wanted: str
    hint: Callable[[Any], str]
    why: str


def check(exercise: str, answer: Any = ...) -> None:
    """Print whether an answer is right, or a hint.

    Args:
        exercise: Its number, such as "02.1".
        answer: What the exercise asks for; `...` or None stands for no answer yet.
    """
    known = EXERCISES.get(exercise)
    if known is None:
        print(f"There is no exercise {exercise!r} with a check: {', '.join(EXERCISES)} have one.")
        return
    try:
        if _is_missing(answer):
            said = f"no answer yet. Hand in {known.wanted}."
        else:
            hint = known.hint(answer)
            said = f"not yet. {hint}" if hint else f"right. {known.why}"
    except Exception:  # whatever a learner hands in, a sentence comes back
        said = f"this has another form than asked for. Hand in {known.wanted}."
    print(f"Exercise {exercise}: {said}")


def compare(guess: float | None, measured: float, unit: str = "") -> None:
    """Print a guess beside what was measured.

    Args:
        guess: What was expected; None or `...` for no guess.
        measured: What came out.
        unit: Written after both, such as "%".
    """
    unit = f" {unit}" if unit not in ("", "%") else unit
    if _is_missing(guess) or not isinstance(guess, int | float | np.number):
        print(f"Measured: {measured:.3g}{unit}. (You made no guess.)")
        return
    close = abs(guess - measured) <= NEAR * max(abs(measured), 1e-9)
    if close:
        words = "close."
    else:
        words = f"what made you expect {'less' if guess < measured else 'more'}?"
    print(f"You guessed {guess:.3g}{unit}, measured: {measured:.3g}{unit}: {words}")


def _is_missing(answer: Any) -> bool:
    if isinstance(answer, tuple | list | dict):
        parts = answer.values() if isinstance(answer, dict) else answer
        return any(_is_missing(part) for part in parts)
    return answer is None or answer is ...


def _audit(report: Any) -> str:
    left = report.totals()
    if left["unreadable"] or left["not a picture"]:
        return (
            "Some files still cannot be opened. Is this the audit of before, or has "
            "`quarantine` worked on another folder?"
        )
    if left["exact duplicate"]:
        return "A picture still lies there twice. Which of the two files has to go?"
    if left["two classes"]:
        return "A picture is still filed as happy and as sad. Look at it: which is it?"
    return "That is many files less than five faults explain." if report.files < 110 else ""


def _three_class_baseline(share: float) -> str:
    share = float(share)
    if share > 1:
        return "Give a share between 0 and 1."
    if abs(share - 1 / 2) < 0.02:
        return "That was the baseline of two classes."
    if abs(share - 1 / 3) < 0.02:
        return ""
    return "What share is right if the most frequent class is answered every time?"


def _augmentations(names: Sequence[str]) -> str:
    if isinstance(names, str):
        names = [names]
    chosen = " ".join(names).lower()
    if "upside" in chosen:
        return "Look at what the trained network made of faces on their head. Who will ask that?"
    if "mirror" not in chosen:
        return "One more keeps the label and does happen: whose left is whose right?"
    return ""


def _third_class(added: int) -> str:
    hints = {
        514: "",
        512: "Each of the new units has a bias, too.",
        257: "That is one unit more. With two classes there is only one, with three there are ...?",
        256: "That is one unit without its bias; how many units are new?",
        771: "That is the new last layer. How much larger is it than the old one?",
        768: "That is the new last layer without its biases, and the old one is part of it.",
    }
    added = int(added)
    if added > 10_000:
        return "That is the whole network. How much is *added*?"
    return hints.get(added, "How many numbers reach the last layer, and how many units has it?")


def _parrot(answer: tuple) -> str:
    labels, history = answer
    labels = np.asarray(labels).ravel()
    if len(labels) != 16:
        return f"Sixteen labels are shuffled, these are {len(labels)}."
    if (np.diff(labels) >= 0).all():
        return "These labels are in order, first 0, then 1, as they were: shuffle them."
    best = max(getattr(history, "history", history)["accuracy"])
    if best < 1:
        return f"It has learned {best:.0%} of them so far: fresh weights, and enough epochs?"
    return ""


def _layer(guess: tuple, shape: tuple, weights: int, filters: int, bias: bool) -> str:
    """Say what is wrong with a guess of a convolution's output shape and parameters."""
    (*got_shape, got_maps), got = guess[0], int(guess[1])
    (height, width), maps = shape[:2], shape[2]
    if tuple(got_shape) != (height, width) or got_maps != maps:
        if sorted((*got_shape, got_maps)) == sorted(shape):
            return "The numbers are right, their order is not: rows, columns, maps."
        if got_maps != maps:
            return "The last number of the shape counts the maps: each filter makes one."
        ratios = {got_shape[0] / height, got_shape[1] / width}
        if ratios == {2.0}:
            return "Pooling halves the rows and the columns."
        if ratios == {0.5}:
            return "That is pooled once too often."
        return "Rows or columns are off. What happens to the window at the border?"
    if got == weights:
        return ""
    without = weights - filters * bias
    if bias and got == without:
        return "Each filter has a bias, too."
    if not bias and got == weights + filters:
        return "This layer has no bias (`use_bias=False`)."
    if got * filters in (weights, without):
        return "That is one filter. How many are there?"
    return "A filter has height x width x maps below weights. How many filters are there?"


def _valid_convolution(guess: tuple) -> str:
    shape, parameters = guess
    rows, columns = list(shape)[:2]
    if {rows, columns} == {20, 30}:
        return "Without padding the window may not hang over the border: what is lost?"
    if {rows, columns} == {36, 56}:
        return "So large are the maps before pooling."
    if {rows, columns} & {19, 29}:
        return "A 5x5 window loses two rows at the top and two at the bottom."
    return _layer((shape, parameters), (18, 28, 16), 416, 16, True)


def _layers(guesses: dict) -> str:
    convolutions = {
        "5x5 convolution, 32 maps": ((48, 48, 32), 800, 32),
        "first 3x3 convolution, 64 maps": ((24, 24, 64), 18_432, 64),
        "last convolution, 256 maps": ((6, 6, 256), 294_912, 256),
    }
    for name, (shape, weights, filters) in convolutions.items():
        hint = _layer(guesses[name], shape, weights, filters, bias=False)
        if hint:
            return f"{name}: {hint}"
    shape, parameters = guesses["its batch normalisation"]
    if tuple(shape) != (48, 48, 32):
        return "Batch normalisation changes numbers, not the shape."
    if parameters != 128:
        return "Batch normalisation keeps four numbers a map, two learned and two averages."
    shape, parameters = guesses["the last layer"]
    if tuple(np.atleast_1d(shape)) != (1,):
        return "The last layer gives one number: its shape is (1,)."
    if parameters != 257:
        return "The last layer has a weight for each of the maps below, and one bias."
    return ""


def _steps(answer: tuple) -> str:
    steps, last = answer
    if steps != int(steps):
        return "A step is taken or not: what happens to the pictures that fill no whole batch?"
    if (steps, last) == (8, 14):
        return "The other way round: steps first, then the pictures of the last batch."
    if steps == 13:
        return "The pictures that fill no whole batch are a step as well."
    if steps != 14:
        return "840 pictures, 64 a batch: how often until all have been seen?"
    return "" if last == 8 else "What is left when the full batches are taken away?"


def _two_cures(history: Any) -> str:
    run = getattr(history, "history", history)
    learned, judged = run["loss"][-1], run["val_loss"][-1]
    if not np.isfinite([learned, judged]).all() or learned > 0.68:
        return "It has learned nothing: fresh weights, and a rate that is not too high?"
    if judged - learned > 0.6:
        return "Its two losses lie far apart, as without a cure: are these all 600 pictures?"
    return ""


def _bootstrap(answer: tuple) -> str:
    areas, low, high = answer
    areas = np.asarray(areas, float)
    if len(areas) != 500:
        return f"500 draws are asked for, these are {len(areas)}."
    if np.ptp(areas) == 0:
        return "All values are the same: is each draw used?"
    if areas.mean() < 0.6:
        return "About one half: were labels and probabilities drawn with the same indices?"
    if low > high:
        return "The lower end comes first."
    if np.allclose((low, high), (areas.min(), areas.max())):
        return "That is from the lowest to the highest: the middle 95% leaves out both ends."
    if np.allclose((low, high), np.quantile(areas, [0.05, 0.95]), atol=1e-6):
        return "That leaves out 5% at each end: 90% are left in the middle."
    if not np.allclose((low, high), np.quantile(areas, [0.025, 0.975]), atol=2e-3):
        return "How much is left out at each end, if the middle has 95%?"
    return ""


def _mcnemar(n: int) -> str:
    if n < 6:
        return "With so few the p-value is still above 5%."
    return "" if n == 6 else "That is enough, but fewer are, too."


def _careless(probabilities: np.ndarray) -> str:
    values = np.asarray(probabilities, float).ravel()
    if len(values) != 2 or not 0.5 <= values.sum() <= 1.001:
        return (
            "The probabilities of happy and of sad are asked for, as `predict_arrays` gives them."
        )
    if values[0] > 0.9:
        return "So it looks when the face is found and levelled. Squeeze the whole lying photo."
    return ""


def _called(answer: tuple) -> str:
    *expected, known = _answers_to_portraits()
    for name, given, true in zip(("called_happy", "not_sure"), answer, expected, strict=True):
        given = {given} if isinstance(given, str) else set(given)
        if given - known:
            return "Take the names as the portraits have them, in `portrait.expression`."
        if given != true:
            counted = f"{len(given - true)} too many, {len(true - given)} missing"
            return f"{name}: {counted}. What is not sure counts as not sure only."
    return ""


@functools.cache
def _answers_to_portraits() -> tuple[set[str], set[str], set[str]]:
    """Expressions mostly called happy, those mostly not sure, and all."""
    from ..data.sources import portraits
    from ..inference.classifier import load_classifier

    classifier, said = load_classifier(), {}
    for portrait in portraits():
        answer = classifier.predict(portrait.image)[0]
        said.setdefault(portrait.expression, []).append(answer.label if answer.sure else "")
    return (
        {name for name, words in said.items() if words.count("happy") >= 8},
        {name for name, words in said.items() if words.count("") > 5},
        set(said),
    )


def _glasses(changes: Sequence[int]) -> str:
    values = list(changes.values()) if isinstance(changes, dict) else list(changes)
    if len(values) != 2:
        return "One number for each network, two in all."
    if any(value != int(value) for value in values):
        return "Numbers of answers, not shares."
    if max(values) > 20:
        return "More than half change: is everything but the glasses the same, the seed too?"
    return ""


def _walls(answer: Sequence[float]) -> str:
    before, after = map(float, answer)
    if max(before, after) > 1:
        return "Give shares between 0 and 1."
    if before - after > 0.3:
        return "That far falls the cheat, or your own network. What does the *released* one say?"
    if min(before, after) < 0.6:
        return "The released network is better than that: are labels and pictures in one order?"
    return ""


def _two_questions(maps: Sequence[np.ndarray]) -> str:
    maps = np.asarray(maps, float)
    if maps.ndim < 3 or len(maps) != 2:
        return "Two sets of maps: for class 0, and for class 1."
    alike = np.corrcoef(maps[0].ravel(), maps[1].ravel())[0, 1]
    return "Both sets answer the same question: what does `class_index` say?" if alike > 0.9 else ""


EXERCISES = {
    "01.1": Exercise(
        "the report of your last audit, `audit(copy)`",
        _audit,
        "What has a wrong extension only can stay, under its right name.",
    ),
    "01.2": Exercise(
        "the baseline, a share between 0 and 1",
        _three_class_baseline,
        "Three classes of the same size: a guess is right once in three times.",
    ),
    "01.3": Exercise(
        'a list of the ways you would use, of "mirrored", "upside down", "a tenth of the light"',
        _augmentations,
        "It keeps the label, and a camera could have taken it so. Light is a matter of measure.",
    ),
    "02.0": Exercise(
        "your dictionary: name: ((height, width, maps), parameters)",
        _layers,
        "Nearly all parameters are weights of convolutions.",
    ),
    "02.1": Exercise(
        "the number of parameters that are added",
        _third_class,
        "Three units in place of one: two more, each with 256 weights and a bias.",
    ),
    "02.2": Exercise(
        "the shuffled labels and what `fit` returned: (shuffled, history)",
        _parrot,
        "It learns nonsense by heart: 100% in training proves nothing.",
    ),
    "02.3": Exercise(
        "((height, width, maps), parameters)",
        _valid_convolution,
        "No padding costs four rows and columns, pooling halves; every filter has a bias.",
    ),
    "03.1": Exercise(
        "(steps, pictures in the last batch)",
        _steps,
        "Thirteen full batches, and one that is not full.",
    ),
    "03.2": Exercise(
        "what `train` returned",
        _two_cures,
        "Compare its dashed line with the one of more data alone: was your guess right?",
    ),
    "04.1": Exercise(
        "(the 500 areas, low, high)",
        _bootstrap,
        "Where no formula helps, drawing again and again does.",
    ),
    "04.2": Exercise(
        "the number of pictures",
        _mcnemar,
        "Six coins that all show heads: 2 x (1/2)^6 is about 3%.",
    ),
    "05.1": Exercise(
        "the two probabilities, `predict_arrays(...)[0]`",
        _careless,
        "It answers whatever it is given. No output says: this is no face.",
    ),
    "05.2": Exercise(
        "two lists of expressions: (called_happy, not_sure)",
        _called,
        "It has two answers. A mouth that smiles is happy to it, whatever is meant.",
    ),
    "06.1": Exercise(
        "the two numbers of changed answers, yours and released",
        _glasses,
        "Few: the answer hangs on the mouth.",
    ),
    "06.2": Exercise(
        "the released network's shares of right answers: (same, swapped)",
        _walls,
        "Who has seen all kinds of walls does not mind them.",
    ),
    "06.3": Exercise(
        "both sets of maps: [maps for class 0, maps for class 1]",
        _two_questions,
        "What speaks for one class speaks against the other.",
    ),
}
