"""From a folder of pictures to a finished model.

`python -m emolib train` runs this; notebook 03 takes it apart.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from . import training
from .data import DataError, Dataset, scan, split
from .finishing import finished_card, write_model
from .model import ModelCard, ModelError, build_cnn, start_tensorflow

Say = Callable[[str], object]


@dataclass(frozen=True)
class Plan:
    """What is to be trained; an interrupted training goes on only with the same plan."""

    classes: list[str]
    epochs: int
    batch_size: int
    seed: int
    data: str


def train_folder(
    folder: str | os.PathLike,
    out: str | os.PathLike,
    classes: Sequence[str] | None = None,
    epochs: int = 30,
    batch_size: int = 64,
    seed: int = 0,
    resume: bool = False,
    say: Say = print,
) -> ModelCard:
    """Train a network on a folder of pictures and write it with all that belongs to it.

    Beside `NAME.keras` come `NAME.json` (the card), `NAME_history.csv`, `NAME_curves.png` and
    `NAME_split.csv` (which picture was in which split). While it trains, its state is in the
    folder `NAME.training`.

    Args:
        folder: One folder a class, or `train/` and `test/` (and `validation/`) above them.
        out: The `.keras` file to write; must not exist.
        classes: Class folders to tell apart; all by default.
        epochs: Passes over the training pictures.
        batch_size: Pictures in a batch.
        seed: Seed of split, weights, shuffling and augmentation.
        resume: Go on where an interrupted training with the same plan stopped.
        say: Called with each line of progress.

    Returns:
        The finished model's card, with the test set's figures.

    Raises:
        DataError: The folder cannot be learned from.
        ModelError: `out` cannot be written or does not fit `resume`.
    """
    out = Path(out)
    work = _work_folder(out, resume)
    dataset = scan(folder, classes, progress=sys.stderr.isatty())
    if len(dataset.class_names) < 2:
        raise DataError(
            f"{dataset.folder} has one class only, {dataset.class_names[0]}: telling apart needs "
            "two."
        )
    dataset = split(dataset, seed=seed)
    plan = Plan(dataset.class_names, epochs, batch_size, seed, dataset.digest())
    _keep_plan(plan, work)
    say(_counts_text(dataset))
    say("Starting TensorFlow ...")
    start_tensorflow()
    import keras

    keras.utils.set_random_seed(seed)
    model = build_cnn(len(plan.classes))
    learn, watch = (
        training.pictures_and_targets(dataset, name, plan.classes)
        for name in ("train", "validation")
    )
    history = training.train(model, learn, watch, epochs, work, batch_size, seed, patience=10)
    card = finished_card(model, dataset, plan)
    write_model(model, card, dataset, history, out)
    shutil.rmtree(work)
    return card


def _work_folder(out: Path, resume: bool) -> Path:
    """Check that nothing stands in the way; return the folder of the training's state."""
    work = out.with_suffix(".training")
    if out.suffix != ".keras":
        raise ModelError(f"{out} does not end in .keras: give a name such as models/mine.keras.")
    if work.exists() and not resume:
        raise ModelError(
            f"{work} holds an interrupted training: add --resume to go on, or give another --out."
        )
    if out.exists() and not work.exists():
        raise ModelError(f"{out} exists already: give another --out.")
    return work


def _keep_plan(plan: Plan, work: Path) -> None:
    """Write the plan down, or compare with the one of the training that goes on."""
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"{work} cannot be made: {error.strerror}.") from error
    path = work / "plan.json"
    if not path.exists():
        path.write_text(json.dumps(asdict(plan)), "utf-8")
    before = json.loads(path.read_text("utf-8"))
    changed = [name for name, value in asdict(plan).items() if before.get(name) != value]
    if changed:
        raise ModelError(
            f"{work} holds a training with other {', '.join(changed)}: give the same arguments "
            "and pictures as before, or another --out."
        )


def _counts_text(dataset: Dataset) -> str:
    lines = []
    for name, count in dataset.counts().items():
        each = ", ".join(f"{n:,} {c}" for c, n in sorted(count.items()))
        lines.append(f"{name:>10}: {each}")
    return "\n".join(lines)
