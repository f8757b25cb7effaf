"""One drawn face, and all that can be moved of it: action units, head, person, light, camera.

    >>> from emolib import controls
    >>> face = controls.DrawnFace({12: 0.7}, seed=7)
    >>> face.moved("turn", 30).picture()  # the same person, who smiles and looks away

A control is named by the number of an action unit or by a field of `emolib.drawing.Look`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from .drawing import ACTION_UNITS, EXPRESSIONS, Look, draw_face, expression
from .errors import EmolibError

SIZE = 48  # pixels on a side


class ProbingError(EmolibError):
    """A face or a network cannot be probed as asked; the message says why."""


@dataclass(frozen=True)
class Control:
    """One thing of a face that can be moved.

    Attributes:
        name: Number of an action unit, or a field of `Look`.
        label: What a reader sees, its unit included.
        group: Under which heading it stands.
        low: Least value.
        high: Greatest value.
        step: Smallest move.
        choices: Names of the values 0, 1, 2 ... of a control with no values between them.
    """

    name: int | str
    label: str
    group: str
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    choices: tuple[str, ...] = ()

    def values(self, n: int) -> np.ndarray:
        """Return n values from `low` to `high`, evenly spaced, or all choices (float64)."""
        return np.arange(len(self.choices)) * 1.0 if self.choices else self._between(n)

    def _between(self, n: int) -> np.ndarray:
        if n < 2:
            raise ProbingError(f"{n} values make no range: give n of 2 or more.")
        return np.linspace(self.low, self.high, n)

    def written(self, value: float) -> str:
        """Return a value as a reader sees it: "0.34", "-20" or "glasses"."""
        if self.choices:
            return self.choices[int(value)]
        return f"{value:.0f}" if self.step >= 1 else f"{value:.2f}"


MOUTH, EYES, HEAD, PERSON, CAMERA = GROUPS = (
    "Mouth",
    "Eyes, brows and nose",
    "Head",
    "Person",
    "Light and camera",
)
_UNITS = {MOUTH: (12, 15, 17, 20, 23, 25, 26), EYES: (1, 2, 4, 5, 6, 7, 9, 43, 64), HEAD: (54,)}

CONTROLS = (
    *(Control(u, f"{u} {ACTION_UNITS[u]}", group) for group in _UNITS for u in _UNITS[group]),
    Control("turn", "turned, degrees", HEAD, -60, 60, 1),
    Control("nod", "lowered, degrees", HEAD, -30, 30, 1),
    Control("tilt", "leaned, degrees", HEAD, -40, 40, 1),
    Control("age", "age (folds)", PERSON),
    Control("skin", "brightness of skin", PERSON, 0.2, 0.9),
    Control("beard", "beard", PERSON),
    Control("glasses", "glasses", PERSON, high=1, step=1, choices=("none", "glasses")),
    Control("hand", "hand over", PERSON, 0, 3, 1, ("nothing", "cheek", "chin", "temple")),
    Control("light_x", "light from the side", CAMERA, -1, 1),
    Control("background", "background", CAMERA),
    Control("brightness", "brightness", CAMERA, 0.05, 0.95),
    Control("blur", "blur, pixels", CAMERA, 0, 3),
    Control("noise", "noise", CAMERA, 0, 0.1),
)
"""All controls in the order in which they are shown."""


def control(name: int | str) -> Control:
    """Return the control of that name.

    Raises:
        ProbingError: There is none.
    """
    for one in CONTROLS:
        if one.name == name:
            return one
    known = ", ".join(str(one.name) for one in CONTROLS)
    raise ProbingError(f"There is no control {name!r}: choose from {known}.")


@dataclass(frozen=True)
class DrawnFace:
    """A face that is drawn the same each time, so that one thing of it can be moved.

    Attributes:
        actions: {action unit: intensity 0-1}.
        look: All that is not expression.
        seed: Of the texture of skin, hair and background.
    """

    actions: Mapping[int, float] = field(default_factory=dict)
    look: Look = Look()
    seed: int = 0

    def value(self, name: int | str) -> float:
        """Return where a control stands (`ProbingError`: there is no such control)."""
        name = control(name).name
        return self.actions.get(name, 0.0) if isinstance(name, int) else getattr(self.look, name)

    def moved(self, name: int | str, value: float) -> DrawnFace:
        """Return the same face with one control moved (`ProbingError`: there is no such one)."""
        name = control(name).name
        if isinstance(name, int):
            return replace(self, actions={**self.actions, name: float(value)})
        kind = type(getattr(Look, name))  # the hand counts, glasses are worn or not
        return replace(self, look=replace(self.look, **{name: kind(value)}))

    def picture(self) -> np.ndarray:
        """Draw it: uint8 (48, 48, 1), 0-255 (`DrawingError`: an impossible action unit)."""
        drawn = draw_face(self.actions, self.look, SIZE, self.seed)
        return np.asarray(drawn)[..., :1]


def typical(name: str) -> dict[int, float]:
    """Return an expression that is easy to see.

    Args:
        name: A key of `emolib.drawing.EXPRESSIONS`.

    Returns:
        {action unit: intensity above 0 and up to 1}, three quarters up each unit's range.

    Raises:
        DrawingError: No such expression.
    """
    expression(name)  # says what is wrong with a name
    strong = {unit: low + 0.75 * (high - low) for unit, (low, high) in EXPRESSIONS[name].items()}
    return {unit: round(intensity, 2) for unit, intensity in strong.items() if intensity > 0}
