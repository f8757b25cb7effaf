"""What the service answers, field by field: its page at /docs is made from these models."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class _Described(BaseModel):
    # the text below a field is its description
    model_config = ConfigDict(use_attribute_docstrings=True)


class FaceAnswer(_Described):
    """The answer for one face."""

    label: str
    """The most probable class."""
    probability: float
    """Its calibrated probability, 0-1; `GET /model` says what it means."""
    probabilities: dict[str, float]
    """Calibrated probability of every class; they sum to 1."""
    sure: bool
    """Whether the probability reaches the model's threshold."""
    box: tuple[int, int, int, int]
    """Left, top, right, bottom in pixels of the upright original picture."""
    score: float
    """How sure the face finder is that this is a face, 0-1."""


class PhotoAnswer(_Described):
    """The answers for one picture, as `python -m emolib predict --json` prints them."""

    file: str
    """The file's name as sent, without folders; "" for a picture sent as the body."""
    width: int
    """Of the upright original in pixels; 0 when the picture cannot be used."""
    height: int
    """Likewise."""
    faces: list[FaceAnswer]
    """One answer per face, row by row, each row from left to right."""
    error: str | None
    """The sentence that says why the picture cannot be used, or null."""


class ModelFacts(_Described):
    """The model that answers."""

    name: str
    """Its name."""
    class_names: list[str]
    """The classes it knows."""
    probability: str
    """What a probability means, in one sentence; "" if its card does not say."""
    sure_threshold: float
    """The probability from which an answer counts as sure, 0-1."""
    license: str | None
    """The license of a released model; null for any other."""
    figures: dict[str, Any]
    """Measured results, from the model's card."""


class Health(_Described):
    """The service is running."""

    status: str
    """Always "ok"."""


class Problem(_Described):
    """Why there is no answer."""

    detail: str
    """One sentence: what is wrong, and what to do."""
