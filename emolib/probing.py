"""Experiments on one drawn face: move one thing, and see where a network changes its mind.

    >>> from emolib import probing
    >>> probe = probing.Probe()  # the released network
    >>> face = probing.DrawnFace({12: 0.7}, seed=7)
    >>> probe.answer(face).probabilities
    >>> swept = probe.sweep(face, 12)  # the lip corners, from not at all to fully pulled up
    >>> probing.turning_points(*swept)

`emolib.widgets.face_lab` shows the same with sliders.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .controls import (
    CONTROLS,
    GROUPS,
    SIZE,
    Control,
    DrawnFace,
    ProbingError,
    control,
    typical,
)

if TYPE_CHECKING:
    import keras

    from .model import ModelCard

__all__ = [
    "CONTROLS",
    "GROUPS",
    "Answer",
    "Control",
    "DrawnFace",
    "Probe",
    "ProbingError",
    "Sweep",
    "Turn",
    "control",
    "in_words",
    "turning_points",
    "typical",
    "variants",
]


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


class Turn(NamedTuple):
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
        if not self.card.mirrored:
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


def turning_points(values: Sequence[float], probabilities: np.ndarray) -> list[Turn]:
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
        turns += [Turn(values[i] + width * t, *ab) for t, *ab in _overtakings(p[i], p[i + 1])]
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
    told: list[tuple[Turn, str]] = []
    for turn in turning_points(*swept):
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
    from .course import home
    from .model import load_model

    return load_model(home() / "models" / "emotion_model.keras")


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
