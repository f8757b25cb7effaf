"""What muscles do to a face: action units, and the expressions that they make together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..errors import EmolibError

ACTION_UNITS = {
    1: "inner brow raiser",
    2: "outer brow raiser",
    4: "brow lowerer",
    5: "upper lid raiser",
    6: "cheek raiser",
    7: "lid tightener",
    9: "nose wrinkler",
    12: "lip corner puller",
    15: "lip corner depressor",
    17: "chin raiser",
    20: "lip stretcher",
    23: "lip tightener",
    25: "lips part",
    26: "jaw drop",
    43: "eyes closed",
    54: "head down",
    64: "eyes down",
}
"""Units of the Facial Action Coding System (Ekman, Friesen and Hager 2002), by number."""

# Each unit's intensity is uniform between two numbers; below 0 means: not at all.
EXPRESSIONS = {
    "happy": {6: (0.1, 1.0), 12: (0.4, 1.0), 25: (-0.3, 1.0)},
    "sad": {
        1: (0.1, 1.0),
        4: (0.0, 1.0),
        15: (0.05, 0.9),
        17: (-0.3, 1.0),
        43: (-1.5, 0.7),
        54: (-0.4, 1.0),
        64: (-0.4, 1.0),
    },
    "surprised": {1: (0.4, 1.0), 2: (0.4, 1.0), 5: (0.3, 1.0), 26: (0.3, 1.0), 25: (0.5, 1.0)},
    "angry": {4: (0.4, 1.0), 5: (0.0, 0.8), 7: (0.3, 1.0), 23: (0.3, 1.0)},
    "afraid": {
        1: (0.3, 1.0),
        2: (0.2, 1.0),
        4: (0.2, 0.9),
        5: (0.4, 1.0),
        20: (0.3, 1.0),
        25: (0.3, 1.0),
        26: (0.1, 0.8),
    },
    "disgusted": {9: (0.4, 1.0), 15: (0.2, 1.0), 17: (0.2, 1.0)},
    "neutral": {},
}
"""{expression: {action unit: (lowest, highest intensity)}}, after Ekman and Friesen (1978)."""

# what some expressions turn into when they are strong, and how often they do
STRONG = {
    "happy": (
        0.4,
        {
            1: (-1.0, 0.9),
            2: (-1.0, 0.9),
            5: (-1.0, 0.7),
            6: (0.1, 1.0),
            12: (0.6, 1.0),
            25: (0.7, 1.0),
            26: (0.0, 1.0),
        },
    ),
    "sad": (
        0.12,
        {
            1: (0.0, 1.0),
            4: (0.4, 1.0),
            6: (-0.2, 0.8),
            7: (0.0, 1.0),
            15: (0.2, 0.9),
            17: (-0.5, 0.6),
            20: (0.0, 1.0),
            25: (0.4, 1.0),
            26: (-0.3, 0.8),
            43: (-0.5, 1.0),
            54: (-1.0, 1.0),
        },
    ),
}


class DrawingError(EmolibError):
    """A face cannot be drawn as asked; the message says why."""


def expression(name: str, seed: int | np.random.Generator = 0) -> dict[int, float]:
    """Draw the intensities of one expression's action units at random, faint ones too.

    Happy is 6+12(+25), sad 1+4+15(+17), and so on, the prototypes of Ekman and Friesen ("Facial
    Action Coding System", 1978; Ekman, Friesen and Hager 2002). Some happy faces laugh with an
    open mouth, some of them
    in surprise (Du, Tao and Martinez 2014), some sad faces cry.

    Args:
        name: A key of `EXPRESSIONS`.
        seed: Seed of the draw, or a generator to draw with.

    Returns:
        {action unit: intensity above 0 and up to 1}.

    Raises:
        DrawingError: No such expression.
    """
    if name not in EXPRESSIONS:
        raise DrawingError(
            f"There is no expression {name!r} to draw: choose from {', '.join(EXPRESSIONS)}."
        )
    rng = np.random.default_rng(seed)
    table = EXPRESSIONS[name]
    chance, strong = STRONG.get(name, (0, {}))
    if rng.random() < chance:
        table = strong
    units = {unit: float(rng.uniform(low, high)) for unit, (low, high) in table.items()}
    return {unit: intensity for unit, intensity in units.items() if intensity > 0}


def validate_actions(actions: Mapping[int, float]) -> dict[int, float]:
    """Return the intensity of every action unit, 0 where not named, or say what is wrong."""
    for unit, intensity in actions.items():
        if unit not in ACTION_UNITS:
            known = ", ".join(map(str, ACTION_UNITS))
            raise DrawingError(f"There is no action unit {unit!r} to draw: choose from {known}.")
        if not 0 <= intensity <= 1:
            raise DrawingError(f"Action unit {unit} has intensity {intensity}: give 0 to 1.")
    return {unit: float(actions.get(unit, 0)) for unit in ACTION_UNITS}
