"""Experiments on one drawn face: move one thing, and see where a network changes its mind.

    >>> from emolib.inspection import probing
    >>> probe = probing.Probe()  # the released network
    >>> face = probing.DrawnFace({12: 0.7}, seed=7)
    >>> probe.answer(face).probabilities
    >>> swept = probe.sweep(face, 12)  # the lip corners, from not at all to fully pulled up
    >>> probing.label_changes(*swept)

A control is named by the number of an action unit or by a field of `emolib.drawing.Look`.
`emolib.widgets.face_lab` shows the same with sliders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..drawing import ACTION_UNITS, EXPRESSIONS, Look, draw_face, expression
from ..errors import EmolibError

if TYPE_CHECKING:
    import keras

    from ..model.card import ModelCard

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


class Answer(NamedTuple):
    """What a network makes of one face.

    Attributes:
        picture: The face, uint8 (48, 48, 1), 0-255.
        probabilities: Calibrated, float64 (k,), one a class.
        heat: Grad-CAM of its answer, float32 (48, 48), 0-1.
    """

    picture: np.ndarray
    probabilities: np.ndarray
    heat: np.ndarray


class Sweep(NamedTuple):
    """A control's values, float64 (n,), and the calibrated probabilities there, (n, k)."""

    values: np.ndarray
    probabilities: np.ndarray


class LabelChange(NamedTuple):
    """Where the answer changes: the control's value, and the class before and after it."""

    value: float
    before: int
    after: int


class Probe:
    """A network made ready for many questions about drawn faces.

    Attributes:
        card: The model's card: class names, temperature, threshold.
    """

    def __init__(self, model: keras.Sequential | None = None, card: ModelCard | None = None):
        """Compile a network.

        Args:
            model: Takes gray pictures of 48 x 48 pixels; the released one by default.
            card: Its card, from `emolib.model.load_model` or made by hand.

        Raises:
            ProbingError: The model takes other pictures, or comes without its card.
            ModelError: The released model is not there, or the card does not fit.
            EvaluationError: The model is no convolutional Sequential.
        """
        from .gradcam import explainer

        if model is None and card is None:
            model, card = _released()
        _check(model, card)
        self.card = card
        self._explain = explainer(model, len(card.class_names))
        # the first question takes TensorFlow ten times longer
        self.ask(np.zeros((1, SIZE, SIZE, 1), np.uint8))

    def ask(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Answer for pictures (n, 48, 48, 1), 0-255.

        Returns:
            Calibrated probabilities, float64 (n, k), and the heat of each picture's own answer,
            float32 (n, 48, 48), 0-1.
        """
        outputs, heat = self._explain(pictures)
        if not self.card.flip_tta:
            return self.card.probabilities(outputs), heat
        return self.card.probabilities(outputs, self._explain(pictures[:, :, ::-1])[0]), heat

    def answer(self, face: DrawnFace) -> Answer:
        """Draw a face and answer for it."""
        picture = face.picture()
        probabilities, heat = self.ask(picture[None])
        return Answer(picture, probabilities[0], heat[0])

    def sweep(self, face: DrawnFace, name: int | str, n: int = 11) -> Sweep:
        """Answer along the whole range of one control, everything else as it is.

        Args:
            face: The face to move something of.
            name: Of the control.
            n: How many values, 2 or more; a control with choices has one for each.

        Raises:
            ProbingError: No such control, or fewer than two values.
        """
        values, faces = variants(face, name, n)
        return Sweep(values, self.ask(np.stack([one.picture() for one in faces]))[0])


def variants(face: DrawnFace, name: int | str, n: int = 11) -> tuple[np.ndarray, list[DrawnFace]]:
    """Return the values of a sweep and its faces, not drawn yet; see `Probe.sweep`."""
    values = control(name).values(n)
    return values, [face.moved(name, value) for value in values]


def label_changes(values: Sequence[float], probabilities: np.ndarray) -> list[LabelChange]:
    """Find where the answer changes, on straight lines between the values asked about.

    Args:
        values: n numbers, rising.
        probabilities: float (n, k) at these values.

    Returns:
        The turns from left to right; none if the answer stays.

    Raises:
        ProbingError: Not one row of probabilities a value, or values that do not rise.
    """
    values, p = np.asarray(values, float), np.asarray(probabilities, float)
    if p.ndim != 2 or values.shape != p.shape[:1] or not (np.diff(values) > 0).all():
        raise ProbingError("Give values that rise, and one row of probabilities for each of them.")
    turns = []
    for i in range(len(values) - 1):
        width = values[i + 1] - values[i]
        turns += [
            LabelChange(values[i] + width * t, *ab) for t, *ab in _overtakings(p[i], p[i + 1])
        ]
    return turns


def _overtakings(start: np.ndarray, end: np.ndarray) -> list[tuple[float, int, int]]:
    """Follow the highest of k straight lines; give (place 0-1, class before, class after)."""
    found = []
    leader, place = int(start.argmax()), 0.0
    while leader != end.argmax():
        behind, gain = start[leader] - start, (end - start) - (end - start)[leader]
        meets = np.where(gain > 0, behind / np.where(gain > 0, gain, 1), np.inf)
        # of those met at one place, the steepest goes on in front
        follower = int(np.lexsort([-gain, meets])[0])
        place = float(meets[follower])
        found.append((place, leader, follower))
        leader = follower
    return found


def in_words(name: int | str, swept: Sweep, class_names: Sequence[str]) -> str:
    """Say in a sentence where the answer changes along a sweep.

    Args:
        name: Of the control that was swept.
        swept: From `Probe.sweep`.
        class_names: k names.
    """
    told: list[tuple[LabelChange, str]] = []
    for turn in label_changes(*swept):
        place = _place(control(name), turn.value)
        # there and back at one place: too short a change to be told
        if told and told[-1][1] == place and told[-1][0].before == turn.after:
            told.pop()
        else:
            told.append((turn, place))
    if not told:
        return f"The answer stays {class_names[swept.probabilities[0].argmax()]}."
    changes = [f"from {class_names[t.before]} to {class_names[t.after]} {at}" for t, at in told]
    return f"The answer changes {', '.join(changes)}."


def _place(moved: Control, value: float) -> str:
    if moved.choices:
        before, after = (moved.choices[int(end(value))] for end in (np.floor, np.ceil))
        return f"between {before} and {after}"
    return f"at {moved.written(value)}"


def _released() -> tuple[keras.Sequential, ModelCard]:
    from ..faces import MODELS
    from ..model.files import load_model

    return load_model(MODELS / "emotion_model.keras")


def _check(model: keras.Sequential, card: ModelCard | None) -> None:
    if model is None or card is None:
        raise ProbingError("Give a model together with its card, which names its classes.")
    shape = getattr(model, "input_shape", None)
    if shape != (None, SIZE, SIZE, 1):
        raise ProbingError(
            f"Faces are drawn as gray pictures of {SIZE} x {SIZE} pixels, and this model takes "
            f"{shape}: give one built with image_size=({SIZE}, {SIZE}) and channels=1."
        )
    card.check_outputs("The model", model.output_shape[-1])
