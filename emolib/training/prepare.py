"""Check the folder, the output file and the settings before training."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from ..data.dataset import DataError, Dataset, scan
from ..data.origins import printable, shown_name
from ..data.splitting import split
from ..files import replace_file
from ..model.card import ModelError
from .config import TrainConfig


def work_folder(out: Path, resume: bool) -> Path:
    """Check that nothing is in the way; return the folder of the training's state."""
    work = out.with_suffix(".training")
    if out.suffix != ".keras":
        raise ModelError(f"{out} does not end in .keras: give a name such as models/mine.keras.")
    if work.exists() and not resume:
        raise ModelError(
            f"{work} holds an interrupted training run: add --resume to continue it, or give a "
            "different --out."
        )
    if out.exists() and not work.exists():
        raise ModelError(f"{out} already exists: give a different --out.")
    return work


def split_folder(folder: str | os.PathLike, classes: Sequence[str] | None, seed: int) -> Dataset:
    """Scan and split a folder, and check that every class can be learned and validated.

    Args:
        folder: As for `train_folder`.
        classes: As for `train_folder`.
        seed: Seed of the split.

    Raises:
        DataError: There is only one class, or one has no pictures to train or validate with.
    """
    dataset = scan(folder, classes, progress=sys.stderr.isatty())
    place = shown_name(dataset.folder)
    if len(dataset.class_names) < 2:
        only = printable(dataset.class_names[0])
        raise DataError(f"{place} has only one class, {only}: training needs at least two.")
    dataset = split(dataset, seed=seed)  # ensures that there are training pictures
    missing = _missing(dataset, "validation")
    if missing:
        raise DataError(
            f"The validation set in {place} has no pictures of {missing}, not counting copies of "
            "test pictures: add some, or remove its folder, so that a validation set is made from "
            "training pictures."
        )
    return dataset


def _missing(dataset: Dataset, split_name: str) -> str:
    """Return the classes without pictures in a split, in words; "" if there are none."""
    there = {row.class_name for row in dataset.of(split_name)}
    return " or ".join(printable(name) for name in dataset.class_names if name not in there)


def check_config(config: TrainConfig, work: Path) -> TrainConfig:
    """Save the config, or compare it with that of the run to resume.

    Returns:
        The config, with the number of GPUs that the run started with.
    """
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"{work} cannot be created: {error.strerror}.") from error
    path = work / "config.json"
    if not path.exists():
        text = json.dumps(asdict(config))
        replace_file(path, lambda part: part.write_text(text, "utf-8"))
    before = {"gpus": 1} | json.loads(path.read_text("utf-8"))  # older runs do not record it
    config = replace(config, gpus=before["gpus"])
    now = json.loads(json.dumps(asdict(config)))
    changed = [name for name, value in now.items() if before.get(name) != value]
    if changed:
        raise ModelError(
            f"{work} holds a training run with different settings ({', '.join(changed)}): give the "
            "same arguments and pictures as before, or a different --out."
        )
    return config


def counts_text(dataset: Dataset) -> str:
    """Return how many pictures of each class each split has, and what was skipped.

    A class may be missing from the test set: it can be learned but not evaluated. The text says so.
    """
    lines = dataset.skipped_lines()
    counts = dataset.counts()
    for name in ("train", "validation", "test"):
        each = ", ".join(f"{counts[name].get(c, 0):,} {printable(c)}" for c in dataset.class_names)
        lines.append(f"{name:>10}: {each}")
    missing = _missing(dataset, "test")
    if missing:
        lines.append(
            f"The test set has no pictures of {missing}: training continues, but nothing will "
            "show how well that is recognized."
        )
    return "\n".join(lines)
