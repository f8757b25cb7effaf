"""The exercises of notebook 04, evaluation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .common import Exercise, call

FACES = 200  # in a made-up test set
DRAWS = 500
START = "your network"  # the leaderboard's first entry, the one to beat
NARROW = 0.87  # how wide an interval may be, as a multiple of ours: draws are random
WIDE = 1.15


def _made_up() -> tuple[np.ndarray, np.ndarray]:
    """Return labels and probabilities of a made-up network that is right more often than not."""
    rng = np.random.default_rng(4)
    labels = (np.arange(FACES) % 3 == 0).astype(int)
    return labels, 1 / (1 + np.exp(-rng.normal(1.8 * labels - 0.7)))


def _area(labels: np.ndarray, p: np.ndarray) -> float:
    difference = p[labels == 1][:, np.newaxis] - p[labels == 0]
    return float((0.5 + 0.5 * np.sign(difference)).mean())


def _auc(function: Callable) -> str:
    labels, p = _made_up()
    given, error = call(function, labels, p)
    if error:
        return error
    if given is None:
        return "Your function returns nothing: end it with `return`."
    given = float(given)
    if abs(given - _area(labels, p)) > 1e-6:
        return _wrong_area(given, labels, p)
    rounded = p.round(1)
    given, error = call(function, labels, rounded)
    if error:
        return error
    if abs(float(given) - _area(labels, rounded)) > 1e-6:
        return "Right, unless some probabilities are equal. How much does a tie count?"
    return ""


def _wrong_area(given: float, labels: np.ndarray, p: np.ndarray) -> str:
    """Return a hint for a wrong area under the curve of faces without ties."""
    area = _area(labels, p)
    if given > 1:
        return "A share cannot be more than 1. How many pairs are there?"
    for wrong, hint in (
        (1 - area, "That is what is missing to 1. Which of the two should be higher?"),
        (np.mean((p >= 0.5) == labels), "That is the accuracy at 0.5. The AUC needs no threshold."),
        ((p[:, np.newaxis] > p).mean(), "Do you pair faces of one class, too?"),
    ):
        if abs(given - wrong) < 1e-3:
            return hint
    return "Not for our made-up faces. Try two sad and two happy ones that you can do in your head."


def _interval(function: Callable) -> str:
    labels, p = _made_up()
    answer, error = call(function, labels, p)
    if error:
        return error
    low, high = (float(end) for end in answer)
    area = _area(labels, p)
    if low > high:
        return "The lower end comes first."
    if high - low < 1e-9:
        return "Still of width zero: is every face in every draw exactly once?"
    if not low <= area <= high:
        return "The interval does not hold the AUC. Does each face keep its own label?"
    rng = np.random.default_rng(0)
    draws = rng.integers(0, FACES, (DRAWS, FACES))
    ends = np.quantile([_area(labels[draw], p[draw]) for draw in draws], [0.025, 0.975])
    width = (high - low) / (ends[1] - ends[0])
    if width < NARROW:
        return "Now it is too narrow. Draw as many faces as there are, and keep the middle 95%."
    if width > WIDE:
        return "Now it is too wide. Draw as many faces as there are, and keep only the middle 95%."
    return ""


def _challenge(answer: list) -> str:
    tries, judged = answer
    costs = {name: float(paid) for name, (paid, _) in tries.items()}
    judged = {name: float(paid) for name, paid in judged.items()}
    if START not in costs:
        return f"Keep {START!r} on the leaderboard: it is what you have to beat."
    if len(costs) < 3:
        return "The leaderboard needs two ideas of your own. Call `attempt` for each."
    ideas = {name: paid for name, paid in costs.items() if name != START}
    lowest = min(ideas.values())
    if lowest > costs[START]:
        return (
            "None of your ideas is as cheap as your network alone. What else does it not use yet?"
        )
    if len(judged) != 1:
        return f"{len(judged)} tries were taken to the test pictures. How many may be?"
    [chosen] = judged
    if chosen not in ideas or ideas[chosen] > lowest:
        return "The validation pictures choose. Which of your ideas is first on the leaderboard?"
    return ""


EXERCISES = {
    "04.1": Exercise(
        wanted="your function `auc`",
        why="So only the order of the faces counts: the AUC needs no threshold.",
        hint=_auc,
    ),
    "04.2": Exercise(
        wanted="your function `auc_interval`",
        why="With repetition, every draw holds different faces, as a new test set would.",
        hint=_interval,
    ),
    "04.3": Exercise(
        wanted="[tries, judged], two dicts",
        why="Chosen on one set, judged once on the other: whatever it says, you can trust it.",
        hint=_challenge,
    ),
}
