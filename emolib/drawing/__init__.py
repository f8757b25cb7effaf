"""Faces of nobody, with labels that are true: drawn from action units and a look.

    >>> from emolib import drawing
    >>> drawing.draw_face("happy", seed=1)
    >>> drawing.draw_face({6: 0.8, 15: 1.0})  # a sad mouth under happy eyes
    >>> drawing.draw_faces("data/drawn", n=1200)

A head is a bent surface that muscles bend further; light falls on it, paint and hair lie on it,
and a camera takes it. numpy and Pillow are all that it needs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from .expressions import ACTION_UNITS, EXPRESSIONS, DrawingError, expression, validate_actions
from .looks import Look, random_look
from .painting import paint_face

__all__ = [
    "ACTION_UNITS",
    "EXPRESSIONS",
    "DrawingError",
    "Look",
    "draw_arrays",
    "draw_each",
    "draw_face",
    "draw_faces",
    "expression",
    "random_look",
]


Drawn = TypeVar("Drawn")


def draw_face(
    actions: Mapping[int, float] | str,
    look: Look | None = None,
    size: int = 48,
    seed: int | Sequence[int] = 0,
) -> Image.Image:
    """Draw one face.

    Args:
        actions: {action unit: intensity 0-1} (see `ACTION_UNITS`), or the name of an expression
            of `EXPRESSIONS`, whose intensities are then drawn at random.
        look: All that is not expression; a random one by default.
        size: Width and height in pixels, at least 24.
        seed: Seed of all that is drawn at random; the texture of skin and hair too.

    Returns:
        Gray picture of mode RGB, size x size pixels; the same for the same arguments.

    Raises:
        DrawingError: No such expression or action unit, an intensity outside 0-1, a size below 24.
    """
    if size < 24:
        raise DrawingError(f"A face of {size} pixels shows nothing: give a size of at least 24.")
    rng = np.random.default_rng(seed)
    if isinstance(actions, str):
        actions = expression(actions, rng)
    look = random_look(rng) if look is None else look
    return paint_face(validate_actions(actions), look, size, rng).convert("RGB")


def draw_arrays(
    n: int, classes: Sequence[str] = ("happy", "sad"), seed: int = 0, size: int = 48
) -> tuple[np.ndarray, np.ndarray]:
    """Draw many faces.

    Args:
        n: How many; the classes take turns.
        classes: Names of expressions; a label is an index into them.
        seed: Seed; face i depends on the seed and on i only.
        size: Width and height in pixels.

    Returns:
        uint8 pictures (n, size, size, 1), 0-255, and int32 labels (n,).

    Raises:
        DrawingError: No such expression, or no class at all.
    """
    _check_classes(classes)
    labels = np.arange(n, dtype=np.int32) % len(classes)

    def draw(i: int) -> np.ndarray:
        face = draw_face(classes[labels[i]], size=size, seed=(seed, i))
        return np.asarray(face)[..., :1]

    faces = _one_by_one(draw, n)
    return np.array(faces, np.uint8).reshape(n, size, size, 1), labels


def draw_each(
    actions: Sequence[Mapping[int, float] | str], looks: Sequence[Look], seed: int = 0
) -> np.ndarray:
    """Draw one face for each expression and look.

    Face i depends on `actions[i]`, `looks[i]`, the seed and i only: drawn again with one thing of
    a look changed, everything else is the same. Notebook 06 experiments with it.

    Args:
        actions: n times {action unit: intensity 0-1}, or the name of an expression.
        looks: n looks.
        seed: Seed of what is drawn at random.

    Returns:
        uint8 array (n, 48, 48, 1), pixel values 0-255.

    Raises:
        DrawingError: No such expression or action unit.
    """
    pairs = list(zip(actions, looks, strict=True))

    def draw(i: int) -> np.ndarray:
        return np.asarray(draw_face(*pairs[i], seed=(seed, i)))[..., :1]

    faces = _one_by_one(draw, len(pairs))
    return np.array(faces, np.uint8).reshape(len(faces), 48, 48, 1)


def draw_faces(
    folder: str | os.PathLike,
    n: int = 2000,
    classes: Sequence[str] = ("happy", "sad"),
    seed: int = 0,
    progress: bool = False,
    size: int = 48,
) -> list[Path]:
    """Fill `folder/<class>/` with drawn faces, as gray PNG files.

    Args:
        folder: Where the class folders go.
        n: How many faces in all; the classes take turns.
        classes: Names of expressions.
        seed: Seed; the same seed gives the same faces on every machine.
        progress: Show a progress bar.
        size: Width and height in pixels.

    Returns:
        The files' paths.

    Raises:
        DrawingError: No such expression, or a file of that name is there already.
    """
    _check_classes(classes)
    places = [
        Path(folder) / classes[i % len(classes)] / f"{i // len(classes):05d}.png" for i in range(n)
    ]
    for place in places:
        if place.exists():
            raise DrawingError(f"{place} exists already: give the name of a new folder.")
    for name in classes:
        (Path(folder) / name).mkdir(parents=True, exist_ok=True)

    def draw(i: int) -> Path:
        face = draw_face(classes[i % len(classes)], size=size, seed=(seed, i))
        face.convert("L").save(places[i], optimize=True)
        return places[i]

    return _one_by_one(draw, n, progress)


def _one_by_one(draw: Callable[[int], Drawn], n: int, progress: bool = False) -> list[Drawn]:
    # a face is many short numpy calls: threads would wait for each other and take longer
    numbers = range(n)
    if progress:
        from tqdm import tqdm

        numbers = tqdm(numbers, "drawing faces", unit="face", leave=False)
    return [draw(i) for i in numbers]


def _check_classes(classes: Sequence[str]) -> None:
    if not classes:
        raise DrawingError("Name at least one expression to draw.")
    for name in classes:
        expression(name)
