"""What muscles do to a face: action units, and the expressions that they make together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..errors import EmolibError

ACTION_UNITS = {
    1: "inner brow raiser", 2: "outer brow raiser", 4: "brow lowerer", 5: "upper lid raiser",
    6: "cheek raiser", 7: "lid tightener", 9: "nose wrinkler", 10: "upper lip raiser",
    12: "lip corner puller", 14: "dimpler", 15: "lip corner depressor",
    16: "lower lip depressor", 17: "chin raiser", 18: "lip pucker", 20: "lip stretcher",
    22: "lip funneler", 23: "lip tightener", 24: "lip pressor", 25: "lips part", 26: "jaw drop",
    27: "mouth stretch", 28: "lip suck", 43: "eyes closed", 46: "wink", 61: "eyes left",
    62: "eyes right", 63: "eyes up", 64: "eyes down",
}  # fmt: skip
"""Units of the Facial Action Coding System (Ekman, Friesen and Hager 2002), by number."""

# {unit: {expression of the head model: weight}}; "*" stands for both sides
_MUSCLES: dict[int, dict[str, float]] = {
    1: {"browInnerUp*": 1.0}, 2: {"browOuterUp*": 1.0}, 4: {"browDown*": 1.0},
    5: {"eyeWide*": 1.0}, 6: {"cheekSquint*": 0.6, "cheekRaiser*": 0.7}, 7: {"eyeSquint*": 1.2},
    9: {"noseSneer*": 1.0}, 10: {"mouthUpperUp*": 1.0}, 12: {"mouthSmile*": 1.1},
    14: {"mouthDimple*": 1.0}, 15: {"mouthFrown*": 1.25}, 16: {"mouthLowerDown*": 1.0},
    17: {"mouthShrugLower": 1.0, "mouthShrugUpper": 0.3}, 18: {"mouthPucker": 1.0},
    20: {"mouthStretch*": 1.0}, 22: {"mouthFunnel": 1.0}, 23: {"mouthPress*": 1.0},
    24: {"mouthPress*": 0.8, "mouthRollLower": 0.3, "mouthRollUpper": 0.3},
    25: {"mouthUpperUp*": 0.4, "mouthLowerDown*": 0.5, "jawOpen": 0.12}, 26: {"jawOpen": 0.5},
    27: {"jawOpen": 0.9}, 28: {"mouthRollLower": 1.0, "mouthRollUpper": 1.0},
    43: {"eyeBlink*": 1.0}, 46: {"eyeBlink_L": 1.0, "cheekSquint_L": 0.5},
    61: {"eyeLookOut_L": 1.0, "eyeLookIn_R": 1.0}, 62: {"eyeLookIn_L": 1.0, "eyeLookOut_R": 1.0},
    63: {"eyeLookUp*": 1.0}, 64: {"eyeLookDown*": 1.0},
}  # fmt: skip

INCOMPATIBLE = (
    (5, 43), (7, 5), (9, 2), (12, 18), (12, 22), (15, 18), (18, 20), (20, 22), (22, 28), (23, 25),
    (23, 26), (23, 27), (24, 25), (24, 26), (24, 27), (28, 25), (28, 26), (28, 27), (17, 26),
    (17, 27), (17, 28), (26, 27), (61, 62), (63, 64), (43, 46), (43, 63), (16, 24), (16, 28),
    (10, 24), (10, 28), (12, 28),
)  # fmt: skip
"""Pairs of units that no face shows together: the weaker one gives way."""

# Each unit's intensity is uniform between two numbers; below 0 means: not at all.
# Each expression has several forms: (how often, {unit: (lowest, highest intensity)}).
_FORMS: dict[str, tuple[tuple[float, dict[int, tuple[float, float]]], ...]] = {
    "happy": (
        (0.52, {6: (0.1, 1), 10: (-0.6, 0.5), 12: (0.5, 1), 25: (-0.1, 1)}),
        (0.34, {1: (-1, 0.35), 2: (-0.7, 0.7), 6: (0.3, 1), 10: (-0.5, 0.5), 12: (0.65, 1),
                25: (0.6, 1), 26: (-0.3, 0.9)}),
        (0.14, {6: (0, 0.6), 12: (0.42, 0.65), 14: (-0.5, 0.4), 25: (-0.5, 0.6)}),
    ),
    "sad": (
        (0.42, {1: (0.35, 1), 4: (0.1, 0.9), 15: (0.35, 1), 17: (-0.2, 0.9), 64: (-0.5, 0.7)}),
        (0.23, {1: (0.3, 1), 4: (0.2, 1), 7: (-0.3, 0.7), 15: (0.3, 0.9), 43: (-0.8, 0.6),
                64: (-0.5, 0.8)}),
        (0.25, {1: (0.4, 1), 4: (0.4, 1), 6: (0, 0.8), 7: (0.1, 0.9), 15: (0.5, 1),
                16: (-0.2, 0.6), 20: (0, 0.6), 25: (0.3, 0.9), 26: (-0.3, 1), 43: (-0.4, 1)}),
        (0.1, {1: (0.2, 0.6), 4: (-0.2, 0.5), 15: (0.3, 0.6), 64: (-0.5, 0.4)}),
    ),
    "surprised": (
        (0.7, {1: (0.5, 1), 2: (0.5, 1), 5: (0.4, 1), 25: (0.3, 0.8), 26: (0.4, 1)}),
        (0.3, {1: (0.4, 1), 2: (0.4, 1), 5: (0.5, 1), 25: (0.3, 0.8), 27: (0.3, 0.8)}),
    ),
    "angry": (
        (0.6, {4: (0.6, 1), 7: (0.2, 0.9), 9: (-0.5, 0.4), 17: (-0.5, 0.6), 23: (0.3, 1)}),
        (0.4, {4: (0.6, 1), 5: (0.1, 0.8), 10: (0.2, 0.8), 16: (0.1, 0.7), 25: (0.4, 1)}),
    ),
    "afraid": (
        (1, {1: (0.4, 1), 2: (0.2, 0.9), 4: (0.2, 0.8), 5: (0.5, 1), 20: (0.4, 1), 25: (0.3, 1),
             26: (0, 0.7)}),
    ),
    "disgusted": (
        (0.6, {4: (-0.3, 0.6), 9: (0.5, 1), 10: (0.2, 0.8), 15: (0.1, 0.8), 17: (0.1, 0.9)}),
        (0.4, {7: (0, 0.8), 9: (0.4, 1), 10: (0.4, 1), 16: (0, 0.5), 25: (0.2, 0.8)}),
    ),
    "neutral": ((1, {1: (-1, 0.15), 4: (-1, 0.15), 24: (-1, 0.15), 25: (-1, 0.2)}),),
    "eyes closed": ((1, {12: (-0.8, 0.5), 15: (-0.8, 0.4), 43: (0.9, 1)}),),
    "winking": ((1, {6: (-0.5, 0.4), 12: (-0.2, 0.8), 46: (0.9, 1)}),),
}  # fmt: skip

EXPRESSIONS = tuple(_FORMS)
"""Names of the expressions, after the prototypes of Ekman and Friesen (1978)."""


class RenderingError(EmolibError):
    """A face cannot be rendered as asked; the message says why."""


def expression(name: str, rng: int | np.random.Generator = 0) -> dict[int, float]:
    """Draw the intensities of one expression's action units at random, including faint ones.

    Happy is 6+12(+25), sad 1+4+15(+17), and so on (Ekman and Friesen, "Facial Action Coding
    System", 1978). Some happy faces laugh, some smile faintly; some sad faces cry. The head is
    never lowered: that is up to the camera, and would give the answer away.

    Args:
        name: One of `EXPRESSIONS`.
        rng: Seed of the draw, or a generator to draw with.

    Returns:
        {action unit: intensity above 0 and up to 1}.

    Raises:
        RenderingError: No such expression.
    """
    forms = _forms(name)
    rng = np.random.default_rng(rng)
    table = forms[int(rng.choice(len(forms), p=[chance for chance, _ in forms]))][1]
    units = {unit: float(rng.uniform(low, high)) for unit, (low, high) in table.items()}
    drawn = anatomical({unit: value for unit, value in units.items() if value > 0})
    return {unit: round(value, 3) for unit, value in drawn.items() if value >= 0.01}


def typical(name: str) -> dict[int, float]:
    """Return the action units of an expression that is easy to see.

    Args:
        name: One of `EXPRESSIONS`.

    Returns:
        {action unit: intensity above 0 and up to 1}, three quarters up each unit's range in the
        expression's most frequent form.

    Raises:
        RenderingError: No such expression.
    """
    _, table = max(_forms(name), key=lambda form: form[0])
    strong = {unit: low + 0.75 * (high - low) for unit, (low, high) in table.items()}
    strong = anatomical({unit: value for unit, value in strong.items() if value > 0})
    return {unit: round(value, 2) for unit, value in strong.items() if value > 0}


def _forms(name: str) -> tuple[tuple[float, dict[int, tuple[float, float]]], ...]:
    if name not in _FORMS:
        raise RenderingError(
            f"There is no expression {name!r} to render: choose from {', '.join(_FORMS)}."
        )
    return _FORMS[name]


def validate_actions(actions: Mapping[int, float]) -> dict[int, float]:
    """Return the intensities as a dictionary, or raise an error that says what is wrong."""
    for unit, intensity in actions.items():
        if unit not in ACTION_UNITS:
            known = ", ".join(map(str, ACTION_UNITS))
            raise RenderingError(
                f"There is no action unit {unit!r} to render: choose from {known}."
            )
        if not 0 <= intensity <= 1:
            raise RenderingError(f"Action unit {unit} has intensity {intensity}: give 0 to 1.")
    return {unit: float(intensity) for unit, intensity in actions.items()}


def anatomical(actions: Mapping[int, float]) -> dict[int, float]:
    """Return the intensities with the weaker unit of each incompatible pair giving way."""
    actions = dict(actions)
    for pair in INCOMPATIBLE:
        strong, weak = sorted(pair, key=lambda unit: -actions.get(unit, 0))
        if actions.get(weak, 0) > 0:
            actions[weak] = max(0.0, actions[weak] - actions[strong])
    return actions


def model_weights(actions: Mapping[int, float], asymmetry: float = 0.0) -> dict[str, float]:
    """Return how strongly each expression of the head model acts.

    Args:
        actions: {action unit: intensity 0-1}.
        asymmetry: How much stronger the left half acts than the right, -1 to 1.
    """
    # the scanned faces look a little tired
    awake = 0.15 * (1 - max(actions.get(43, 0), actions.get(46, 0)))
    weights = {"eyeWide_L": awake, "eyeWide_R": awake}
    for unit, intensity in anatomical(actions).items():
        for name, share in _MUSCLES[unit].items():
            gaze = name.startswith("eye")
            for side, sign in (("_L", 1), ("_R", -1)) if name.endswith("*") else (("", 0),):
                lean = 1 if gaze else 1 + sign * asymmetry
                key = name.replace("*", side)
                weights[key] = weights.get(key, 0.0) + intensity * share * lean
    # muscles that pull the same way do not add up forever
    return {name: min(weight, 1.3) for name, weight in weights.items()}
