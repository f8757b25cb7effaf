"""Many faces at once: as arrays, as files, and what is known about each of them."""

from __future__ import annotations

import contextlib
import csv
import multiprocessing
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from .expressions import ACTION_UNITS, RenderingError, expression, validate_actions
from .looks import Look, random_look
from .scene import render

FEWEST = 100  # faces that make it worth starting one more process
FACTS = (
    "tone", "age", "male", "cut", "hair_color", "beard", "moustache", "glasses", "occluder",
    "light", "light_side", "light_up", "turn", "pitch", "tilt",
)  # fmt: skip
"""What `faces.csv` says about each face, besides its file, class and action units."""


def ingredients(name: str, seed: int, number: int) -> tuple[dict[int, float], Look]:
    """Return the action units and the look of one face of many.

    Args:
        name: The expression.
        seed: Seed of all the faces.
        number: Which of them it is.
    """
    rng = np.random.default_rng((seed, number))
    return expression(name, rng), random_look(rng)


def render_arrays(
    n: int,
    classes: Sequence[str] = ("happy", "sad"),
    seed: int = 0,
    size: int = 48,
    color: bool = False,
    progress: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Render many faces.

    Args:
        n: How many; the classes take turns.
        classes: Names of expressions; a label is an index into them.
        seed: Seed; face i depends only on the seed and i.
        size: Width and height in pixels.
        color: RGB instead of gray.
        progress: Show a progress bar.

    Returns:
        uint8 pictures (n, size, size, 1 or 3), 0-255, and int32 labels (n,).

    Raises:
        RenderingError: No such expression, no class at all, or a size below 24.
    """
    _check_classes(classes)
    check_size(size)
    labels = np.arange(n, dtype=np.int32) % len(classes)
    jobs: list[_Job] = [
        (*ingredients(classes[int(label)], seed, i), size, color, (seed, i), None)
        for i, label in enumerate(labels)
    ]
    faces = list(_on_all_cores(jobs, progress))
    return np.array(faces, np.uint8).reshape(n, size, size, 3 if color else 1), labels


def render_each(
    actions: Sequence[Mapping[int, float] | str],
    looks: Sequence[Look],
    seed: int = 0,
    size: int = 48,
) -> np.ndarray:
    """Render one face for each expression and look.

    Face i depends only on `actions[i]`, `looks[i]`, the seed and i: if one property of a look is
    changed, everything else stays the same.

    Args:
        actions: n times {action unit: intensity 0-1}, or the name of an expression.
        looks: n looks.
        seed: Seed of what is drawn at random.
        size: Width and height in pixels.

    Returns:
        uint8 array (n, size, size, 1), pixel values 0-255.

    Raises:
        RenderingError: No such expression or action unit.
    """
    jobs: list[_Job] = []
    for i, (units, look) in enumerate(zip(actions, looks, strict=True)):
        if isinstance(units, str):
            units = expression(units, np.random.default_rng((seed, i)))
        jobs.append((validate_actions(units), look, size, False, (seed, i), None))
    faces = list(_on_all_cores(jobs))
    return np.array(faces, np.uint8).reshape(len(faces), size, size, 1)


def render_faces(
    folder: str | os.PathLike,
    n: int = 2000,
    classes: Sequence[str] = ("happy", "sad"),
    seed: int = 0,
    size: int = 48,
    color: bool = False,
    progress: bool = False,
) -> list[Path]:
    """Fill `folder/<class>/` with rendered faces, as PNG files, and write `folder/faces.csv`.

    Args:
        folder: Where the class folders go.
        n: How many faces in all; the classes take turns.
        classes: Names of expressions.
        seed: Seed; the same seed gives the same faces on every machine.
        size: Width and height in pixels.
        color: RGB instead of gray.
        progress: Show a progress bar.

    Returns:
        The pictures' paths.

    Raises:
        RenderingError: No such expression, a size below 24, or a file with that name
            already exists.
    """
    check_size(size)
    names, paths = _plan(Path(folder), n, classes)
    jobs: list[_Job] = [
        (*ingredients(name, seed, i), size, color, (seed, i), path)
        for i, (name, path) in enumerate(zip(names, paths, strict=True))
    ]
    for _ in _on_all_cores(jobs, progress):
        pass
    _write_facts(Path(folder), paths, jobs)
    return paths


def _plan(folder: Path, n: int, classes: Sequence[str]) -> tuple[list[str], list[Path]]:
    """Return the class and the place of each face, and create the folders."""
    _check_classes(classes)
    names = [classes[i % len(classes)] for i in range(n)]
    paths = [folder / name / f"{i // len(classes):05d}.png" for i, name in enumerate(names)]
    for path in [*paths, folder / "faces.csv"]:
        if path.exists():
            raise RenderingError(f"{path} already exists: give the name of a new folder.")
    for name in classes:
        (folder / name).mkdir(parents=True, exist_ok=True)
    return names, paths


_Job = tuple[Mapping[int, float], Look, int, bool, tuple[int, int], Path | None]


def _write_facts(folder: Path, paths: Sequence[Path], jobs: Sequence[_Job]) -> None:
    """Write what is known about each face; nothing is guessed."""
    units = [f"au{unit}" for unit in ACTION_UNITS]
    with open(folder / "faces.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["file", "class", *FACTS, *units])
        for path, (actions, look, *_) in zip(paths, jobs, strict=True):
            facts = [getattr(look, fact) for fact in FACTS]
            facts = [round(fact, 3) if isinstance(fact, float) else fact for fact in facts]
            place = path.relative_to(folder)
            intensities = [actions.get(unit, 0) for unit in ACTION_UNITS]
            table.writerow([place.as_posix(), place.parts[0], *facts, *intensities])


def _render_job(job: _Job) -> np.ndarray | None:
    """Render one face; save it if it has a path, else return it."""
    actions, look, size, color, seed, path = job
    picture = render(actions, look, size, color, seed)
    if path is None:
        return np.asarray(picture)
    picture.save(path, optimize=True)
    return None


def _start_worker() -> None:
    # as many processes as cores: threads inside them would only wait for each other
    cv2.setNumThreads(1)


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _on_all_cores(jobs: Sequence[_Job], progress: bool = False) -> Iterator[np.ndarray | None]:
    """Run jobs in processes, in order; a few jobs run right here."""
    from tqdm import tqdm

    workers = min(_cores(), len(jobs) // FEWEST)
    faces = map(_render_job, jobs) if workers < 2 else _in_processes(jobs, workers)
    bar = {"total": len(jobs), "desc": "rendering faces", "unit": "face", "leave": False}
    yield from tqdm(faces, disable=not progress, **bar)


def _in_processes(jobs: Sequence[_Job], workers: int) -> Iterator[np.ndarray | None]:
    # spawn works everywhere, even next to threads of other libraries
    context = multiprocessing.get_context("spawn")
    done = 0
    try:
        with ProcessPoolExecutor(workers, context, _start_worker) as pool:
            with _hidden_script():
                faces = pool.map(_render_job, jobs, chunksize=8)
            for face in faces:
                yield face
                done += 1
    except (BrokenProcessPool, OSError):  # no processes allowed here, or no memory left
        yield from map(_render_job, jobs[done:])


@contextlib.contextmanager
def _hidden_script() -> Iterator[None]:
    """Keep new processes from running the caller's script, which would start more of them."""
    script = vars(sys.modules["__main__"])
    names = [name for name in ("__file__", "__spec__") if name in script]
    kept: dict[str, Any] = {name: script.pop(name) for name in names}
    script["__spec__"] = None
    try:
        yield
    finally:
        script.update(kept)


def _check_classes(classes: Sequence[str]) -> None:
    if not classes:
        raise RenderingError("Name at least one expression to render.")
    for name in classes:
        expression(name)


def check_size(size: int) -> None:
    """Refuse pictures too small to show anything (`RenderingError`)."""
    if size < 24:
        raise RenderingError(f"A face of {size} pixels shows nothing: give a size of at least 24.")
