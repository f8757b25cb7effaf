"""The exercises of notebook 10, small and everywhere."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from .common import NOTHING, Exercise, call, require_function

FACE = (1, 48, 48, 1)
AT_MOST = 1_000  # calibration faces that are looked at
AT_LEAST = 20  # different ones among them
BAR_KB = 300
NEW_FACES = 400
KEPT = 0.93  # of the original's answers to faces that the leaderboard does not have


def _arrays() -> list[np.ndarray]:
    """Return numbers as they occur between layers: after ReLU, before it, far from 0, all zero."""
    rng = np.random.default_rng(10)
    return [
        rng.normal(0, 1.5, (4, 500)).clip(0).astype("float32"),
        rng.normal(0.7, 1, (20, 10, 5)).astype("float32"),
        rng.uniform(5, 9, 300).astype("float32"),
        rng.uniform(-0.02, -0.001, 300).astype("float32"),
        np.zeros((3, 4), "float32"),
    ]


def _quantize(function: Callable) -> str:
    for x in _arrays():
        answer, error = call(function, x.copy())
        if error:
            return error
        if answer is None:
            return NOTHING
        try:
            q, step, zero = answer
            step, zero = float(step), float(zero)
        except (TypeError, ValueError):
            return "Return three things: the array `q` and the two numbers `step` and `zero`."
        hint = _wrong_levels(x, np.asarray(q), step, zero)
        if hint:
            return f"For numbers from {x.min():.3g} to {x.max():.3g}: {hint}"
    return ""


def _wrong_levels(x: np.ndarray, q: np.ndarray, step: float, zero: float) -> str:
    """Return what is wrong with an array in 256 levels, or ""."""
    if q.shape != x.shape:
        return f"the shape was {x.shape}, and yours is {q.shape}."
    if q.dtype != np.uint8:
        return f"`q` must be of type uint8, and yours is {q.dtype}."
    if not (np.isfinite(step) and step > 0):
        return f"the step is {step}, and nothing can be divided by that."
    if zero != round(zero) or not 0 <= zero <= 255:
        return f"`zero` is {zero:.6g}. It must be one of the 256 levels."
    off = np.abs((q.astype(float) - zero) * step - x).max() / step
    if off > 1.05:
        return f"a number comes back {off:.0f} steps away. Do the levels reach from end to end?"
    if off > 0.51:
        return "a number comes back almost a whole step away. What happens to the fractions?"
    span = max(x.max(), 0) - min(x.min(), 0)
    if step > 1.02 * span / 255 and span:
        return f"your step is {step * 255 / span:.2g} times as large as it needs to be."
    return ""


def _calibration(function: Callable) -> str:
    require_function(function)
    given, error = call(lambda: _first(function()))
    if error:
        return error
    if given is None:
        return "Your function returns nothing: does it `yield` something?"
    if not given:
        return "Your function yields nothing."
    faces = []
    for one in given:
        inputs = list(one.values()) if isinstance(one, dict) else one
        if not isinstance(inputs, list | tuple) or len(inputs) != 1:
            return "Yield a list with one array in it each time."
        faces.append(np.asarray(inputs[0]))
    return _wrong_faces(faces)


def _first(given: Any) -> list[Any] | None:
    return None if given is None else list(islice(given, AT_MOST))


def _wrong_faces(faces: list[np.ndarray]) -> str:
    """Return why a network should not be calibrated with these arrays, or ""."""
    for face in faces:
        if face.shape != FACE:
            return f"Each array must have the shape {FACE}, and one has {face.shape}."
        if face.dtype != np.float32:
            return f"Each array must be of type float32, and one is {face.dtype}."
    pixels = np.concatenate(faces)
    if pixels.min() < 0 or pixels.max() > 255:
        return "Some pixels are not from 0 to 255."
    different = len(np.unique(pixels.reshape(len(pixels), -1), axis=0))
    if different < AT_LEAST:
        return f"Only {different} different pictures: do they show how large the numbers can get?"
    if pixels.max() < 128:
        return (
            f"The brightest pixel that you show is {pixels.max():.3g}. And the brightest one that "
            "the network is asked about?"
        )
    left, right = pixels[:, :, :-1].ravel(), pixels[:, :, 1:].ravel()
    if np.corrcoef(left, right)[0, 1] < 0.5:
        return "Those are not faces: neighboring pixels have nothing to do with each other."
    return ""


def _smallest(answer: tuple) -> str:
    file, function = answer
    require_function(function)
    path = Path(os.fspath(file))
    if not path.is_file():
        return f"{path.name} does not exist."
    kb = path.stat().st_size / 1000
    if kb > BAR_KB:
        return f"Your file takes {kb:.0f} KB. At most {BAR_KB} are allowed."
    faces, original = _new_faces()
    with tempfile.TemporaryDirectory() as folder:
        moved = Path(shutil.copyfile(path, Path(folder, f"moved{path.suffix}")))
        given, error = call(function, moved, faces.copy())
        moved.unlink()
        _, needs_it = call(function, moved, faces[:1].copy())
    if error:
        return error
    given = np.asarray(given)
    if given.shape != original.shape:
        return f"Return an array of the shape {original.shape} for {len(faces)} faces."
    if not needs_it:
        return "Your function answers without the file. Where does it get the weights from?"
    kept = (given.argmax(axis=1) == original.argmax(axis=1)).mean()
    if kept < KEPT:
        return f"On {len(faces)} mirrored faces, it keeps only {kept:.0%} of the answers."
    return ""


@cache
def _new_faces() -> tuple[np.ndarray, np.ndarray]:
    """Return mirrored faces, float32 (n, 48, 48, 1), and the released network's answers, (n, 3)."""
    from ...data import load_images, scan
    from ...inference.classifier import load_classifier
    from ..paths import folder

    rows = scan(folder("rendered"), ["happy", "sad"]).rows
    faces = load_images(rows[:: len(rows) // NEW_FACES])[:, :, ::-1].astype("float32")
    return faces, load_classifier().predict_arrays(faces)


EXERCISES = {
    "10.1": Exercise(
        wanted="your function `quantize`",
        why="256 levels from end to end, and one of them is exactly 0.",
        hint=_quantize,
    ),
    "10.2": Exercise(
        wanted="your function `calibration`",
        why="Calibrate with pictures like those that the network will get.",
        hint=_calibration,
    ),
    "10.3": Exercise(
        wanted="your file and your function: (file, answer_from)",
        why="It keeps its answers on faces that the leaderboard does not have.",
        hint=_smallest,
    ),
}
