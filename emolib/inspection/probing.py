"""Experiments on a rendered face: move one thing, and see where a network changes its mind.

    >>> from emolib.inspection import probing
    >>> probe = probing.Probe()  # with the released network
    >>> face = probing.RenderedFace({12: 0.7}, seed=7)
    >>> probe.answer(face).probabilities
    >>> swept = probe.sweep(face, 12)  # the lip corners, from relaxed to fully pulled up
    >>> probing.label_changes(*swept)

A control is named by the number of an action unit or by a field of `emolib.rendering.Look`.
`emolib.widgets.face_lab` shows the same with sliders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..errors import EmolibError
from ..faces import MODELS
from ..model.card import ModelCard
from ..model.files import load_model
from ..rendering import ACTION_UNITS, GLASSES, OCCLUDERS, Look, render_face, typical
from .gradcam import explainer

if TYPE_CHECKING:
    import keras

__all__ = [
    "CONTROLS",
    "GROUPS",
    "PLAIN",
    "Answer",
    "Control",
    "LabelChange",
    "Probe",
    "ProbingError",
    "RenderedFace",
    "Sweep",
    "control",
    "in_words",
    "label_changes",
    "typical",
    "variants",
]

SIZE = 48  # side in pixels of the pictures that a network sees


class ProbingError(EmolibError):
    """A face or a network cannot be probed like this; the message says why."""


@dataclass(frozen=True)
class Control:
    """One thing about a face that can be moved.

    Attributes:
        name: Number of an action unit, or a field of `Look`.
        label: What a reader sees, with the unit.
        group: The heading it is listed under.
        low: Lowest value.
        high: Highest value.
        step: Smallest move.
        choices: Names of the values 0, 1, 2 ... if there are no values in between.
    """

    name: int | str
    label: str
    group: str
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    choices: tuple[str, ...] = ()

    def values(self, n: int) -> np.ndarray:
        """Return n evenly spaced values from `low` to `high`, or all choices (float64)."""
        if self.choices:
            return np.arange(len(self.choices), dtype=float)
        if n < 2:
            raise ProbingError(f"{n} values make no range: give an n of 2 or more.")
        return np.linspace(self.low, self.high, n)

    def written(self, value: float) -> str:
        """Return a value as a reader sees it: "0.34", "-20" or "thick"."""
        if self.choices:
            return self.choices[int(value)]
        return f"{value:.0f}" if self.step >= 1 else f"{value:.2f}"


MOUTH = "Mouth"
EYES = "Eyes, brows and nose"
HEAD = "Head and gaze"
PERSON = "Person"
CAMERA = "Light and camera"
GROUPS = (MOUTH, EYES, HEAD, PERSON, CAMERA)
# those that the typical happy, sad, surprised, angry and afraid faces are made of, and a few more
_UNITS = {
    MOUTH: (10, 12, 15, 17, 20, 23, 25, 26),
    EYES: (1, 2, 4, 5, 6, 7, 9, 43),
    HEAD: (61, 62, 63, 64),
}
CONTROLS = (
    *(Control(u, f"{u} {ACTION_UNITS[u]}", group) for group in _UNITS for u in _UNITS[group]),
    Control("turn", "turn, degrees", HEAD, -35, 35, 1),
    Control("pitch", "lowered, degrees", HEAD, -20, 20, 1),
    Control("tilt", "tilt, degrees", HEAD, -35, 35, 1),
    Control("age", "age (wrinkles)", PERSON),
    Control("tone", "skin tone, light to dark", PERSON, 1, 10, 0.1),
    Control("beard", "beard", PERSON),
    Control("glasses", "glasses", PERSON, 0, len(GLASSES) - 1, 1, GLASSES),
    Control("occluder", "in front", PERSON, 0, len(OCCLUDERS) - 1, 1, OCCLUDERS),
    Control("light_side", "light from the side", CAMERA, -1.1, 1.1),
    Control("light", "strength of the light", CAMERA),
    Control("background", "background", CAMERA),
    Control("brightness", "brightness", CAMERA, 0.2, 0.95),
    Control("blur", "blur, pixels", CAMERA, 0, 3),
    Control("noise", "noise", CAMERA, 0, 0.1),
)
"""All controls, in the order in which they are shown."""


def control(name: int | str) -> Control:
    """Return the control of that name (`ProbingError`: there is none)."""
    for one in CONTROLS:
        if one.name == name:
            return one
    known = ", ".join(str(one.name) for one in CONTROLS)
    raise ProbingError(f"There is no control {name!r}: choose from {known}.")


PLAIN = Look(
    person=196072394, light_side=0.8, light_up=0.7, light=0.7, pitch=4.0, tilt=-7.0, zoom=1.1,
    brightness=0.5,
)  # fmt: skip
"""A look on which expressions are easy to read, for the released network too."""


@dataclass(frozen=True)
class RenderedFace:
    """A face that is rendered the same way each time, so that one thing about it can be moved.

    Attributes:
        actions: {action unit: intensity 0-1}.
        look: Everything that is not expression; `PLAIN` by default.
        seed: Seed of the background and the noise.
    """

    actions: Mapping[int, float] = field(default_factory=dict)
    look: Look = PLAIN
    seed: int = 0

    def value(self, name: int | str) -> float:
        """Return a control's value (`ProbingError`: there is no such control)."""
        moved = control(name)
        if isinstance(moved.name, int):
            return self.actions.get(moved.name, 0.0)
        value = getattr(self.look, moved.name)
        return moved.choices.index(value) if moved.choices else value

    def moved(self, name: int | str, value: float) -> RenderedFace:
        """Return the face with one control moved (`ProbingError`: there is no such control)."""
        moved = control(name)
        if isinstance(moved.name, int):
            return replace(self, actions={**self.actions, moved.name: float(value)})
        new: Any = moved.choices[int(value)] if moved.choices else float(value)
        return replace(self, look=replace(self.look, **{moved.name: new}))

    def picture(self) -> np.ndarray:
        """Render what a network sees: uint8 (48, 48, 1), 0-255.

        Raises:
            RenderingError: An impossible action unit.
        """
        face = render_face(self.actions, self.look, SIZE, seed=self.seed)
        return np.asarray(face)[..., np.newaxis]

    def portrait(self, size: int = 256) -> np.ndarray:
        """Render the same face large and in color: uint8 (size, size, 3), 0-255."""
        return np.asarray(render_face(self.actions, self.look, size, True, self.seed))


class Answer(NamedTuple):
    """A network's answer for one face.

    Attributes:
        picture: The face, uint8 (48, 48, 1), 0-255.
        probabilities: Calibrated probability of each class, float64 (k,).
        heat: Grad-CAM of the class with the highest probability, float32 (48, 48), 0-1.
    """

    picture: np.ndarray
    probabilities: np.ndarray
    heat: np.ndarray


class Sweep(NamedTuple):
    """A control's values, float64 (n,), and the calibrated probabilities there, (n, k)."""

    values: np.ndarray
    probabilities: np.ndarray


class LabelChange(NamedTuple):
    """Where the answer changes: the control's value, and the class before and after."""

    value: float
    before: int
    after: int


class Probe:
    """A network compiled to answer for many rendered faces.

    Attributes:
        card: The model's card: class names, temperature, threshold.
    """

    def __init__(self, model: keras.Sequential | None = None, card: ModelCard | None = None):
        """Compile a network.

        Args:
            model: A network for gray pictures of 48 x 48 pixels; the released one by default.
            card: Its card, from `emolib.model.load_model` or made by hand.

        Raises:
            ProbingError: The model takes different pictures, or comes without its card.
            ModelError: The released model is missing, or the card does not fit.
            EvaluationError: The model is not a Sequential with convolutions.
        """
        if model is None and card is None:
            model, card = load_model(MODELS / "emotion_model.keras")
        if model is None or card is None:
            raise ProbingError("Give a model together with its card, which names its classes.")
        _check_shapes(model, card)
        self.card = card
        self._explain = explainer(model, card)
        # the first call takes TensorFlow ten times longer
        self.ask(np.zeros((1, SIZE, SIZE, 1), np.uint8))

    def ask(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Answer for pictures (n, 48, 48, 1), pixel values 0-255.

        Returns:
            Calibrated probabilities, float64 (n, k), and the heat of the class with the highest of
            them, float32 (n, 48, 48), 0-1.
        """
        return self._explain(pictures)

    def answer(self, face: RenderedFace) -> Answer:
        """Render a face and answer for it."""
        picture = face.picture()
        probabilities, heat = self.ask(picture[None])
        return Answer(picture, probabilities[0], heat[0])

    def sweep(self, face: RenderedFace, name: int | str, n: int = 11) -> Sweep:
        """Answer along the range of one control, everything else unchanged.

        Args:
            face: The face to start from.
            name: Name of the control (`ProbingError`: there is no such control).
            n: How many values, 2 or more; a control with choices has one for each.
        """
        values, faces = variants(face, name, n)
        return Sweep(values, self.ask(np.stack([one.picture() for one in faces]))[0])


def variants(
    face: RenderedFace, name: int | str, n: int = 11
) -> tuple[np.ndarray, list[RenderedFace]]:
    """Return the values and the faces of `Probe.sweep`, not rendered yet."""
    values = control(name).values(n)
    return values, [face.moved(name, value) for value in values]


def label_changes(values: ArrayLike, probabilities: ArrayLike) -> list[LabelChange]:
    """Find where the answer changes, on straight lines between the given values.

    Args:
        values: n numbers, rising.
        probabilities: float (n, k) at these values.

    Returns:
        The changes from left to right; none if the answer stays.

    Raises:
        ProbingError: The values do not rise, or do not have one row of probabilities each.
    """
    x = np.asarray(values, float)
    p = np.asarray(probabilities, float)
    if p.ndim != 2 or x.shape != p.shape[:1] or not (np.diff(x) > 0).all():
        raise ProbingError("Give values that rise, and one row of probabilities for each of them.")
    return [
        LabelChange(x[i] + t * (x[i + 1] - x[i]), before, after)
        for i in range(len(x) - 1)
        for t, before, after in _overtakings(p[i], p[i + 1])
    ]


def _overtakings(start: np.ndarray, end: np.ndarray) -> list[tuple[float, int, int]]:
    """Follow the highest of k straight lines; return (place 0-1, class before, class after)."""
    found = []
    leader = int(start.argmax())
    while leader != end.argmax():
        behind = start[leader] - start
        gain = (end - start) - (end - start)[leader]
        meets = np.where(gain > 0, behind / np.where(gain > 0, gain, 1), np.inf)
        # of those met at one place, the steepest takes the lead
        follower = int(np.lexsort([-gain, meets])[0])
        found.append((float(meets[follower]), leader, follower))
        leader = follower
    return found


def in_words(name: int | str, swept: Sweep, class_names: Sequence[str]) -> str:
    """Return a sentence that says where the answer changes along a sweep.

    Args:
        name: Name of the control that was swept.
        swept: From `Probe.sweep`.
        class_names: k names.
    """
    told: list[tuple[LabelChange, str]] = []
    for change in label_changes(swept.values, swept.probabilities):
        place = _place(control(name), change.value)
        # there and back at one place: too brief to mention
        if told and told[-1][1] == place and told[-1][0].before == change.after:
            told.pop()
        else:
            told.append((change, place))
    if not told:
        return f"The answer stays {class_names[swept.probabilities[0].argmax()]}."
    changes = [f"from {class_names[c.before]} to {class_names[c.after]} {at}" for c, at in told]
    return f"The answer changes {', '.join(changes)}."


def _place(moved: Control, value: float) -> str:
    if moved.choices:
        above = max(1, int(np.ceil(value)))
        return f"between {moved.choices[above - 1]} and {moved.choices[above]}"
    return f"at {moved.written(value)}"


def _check_shapes(model: keras.Sequential, card: ModelCard) -> None:
    shape = getattr(model, "input_shape", None)
    if shape != (None, SIZE, SIZE, 1):
        raise ProbingError(
            f"Faces are rendered as gray pictures of {SIZE} x {SIZE} pixels, but this model takes "
            f"{shape}: give one built with image_size=({SIZE}, {SIZE}) and channels=1."
        )
    card.check_outputs("The model", model.output_shape[-1])
