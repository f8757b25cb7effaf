"""From a folder of pictures to a finished model: plain, as the released one, as the light one.

`python -m emolib train` runs these; notebook 03 takes the plain one apart.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from . import training
from .data import DataError, Dataset, scan, split
from .distillation import BATCH_SIZE, DEEP, LIGHT, train_lineage
from .finishing import finished_card, write_model
from .model import ModelCard, ModelError, build_cnn, start_tensorflow

if TYPE_CHECKING:
    import keras

Say = Callable[[str], object]
Trained = list[tuple["keras.Model", list[str], training.History]]


@dataclass(frozen=True)
class Plan:
    """What is to be trained; an interrupted training goes on only with the same plan."""

    recipe: str
    classes: list[str]
    epochs: int
    batch_size: int
    seed: int
    data: str


def train_folder(
    folder: str | os.PathLike,
    out: str | os.PathLike,
    classes: Sequence[str] | None = None,
    recipe: str = "plain",
    epochs: int | None = None,
    batch_size: int | None = None,
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
        classes: Class folders to tell apart; all by default (but for "plain": happy and sad).
        recipe: "plain"; "released" or "distilled" (`emolib.distillation`): a deep or a light
            network, in generations; the one of all n emotions is written too, as
            `NAME_n.keras`.
        epochs: Passes over the training pictures (of "released" and "distilled": of each
            generation).
        batch_size: Pictures in a batch.
        seed: Seed of split, weights, shuffling and augmentation.
        resume: Go on where an interrupted training with the same plan stopped.
        say: Called with each line of progress.

    Returns:
        The finished model's card, with the test set's figures.

    Raises:
        DataError: The folder cannot be learned from.
        ModelError: No such recipe, or `out` cannot be written or does not fit `resume`.
    """
    out = Path(out)
    work = _work_folder(out, resume)
    if recipe not in RECIPES:
        raise ModelError(f"{recipe} is no recipe: choose {', '.join(RECIPES)}.")
    train, default_epochs, default_batch, mirrored = RECIPES[recipe]
    plain = recipe == "plain"
    wanted = list(classes) if classes else (None if plain else ["happy", "sad"])
    dataset = scan(folder, wanted if plain else None, progress=sys.stderr.isatty())
    wanted = sorted(set(wanted or dataset.class_names))
    _check_classes(dataset, wanted, recipe)
    every = _every_path(out, dataset.class_names)
    if not plain and every.exists() and not work.exists():
        raise ModelError(f"{every}, to be written too, exists already: give another --out.")
    dataset = split(dataset, seed=seed)
    plan = Plan(
        recipe,
        wanted,
        epochs or default_epochs,
        batch_size or default_batch,
        seed,
        dataset.digest(),
    )
    _keep_plan(plan, work)
    say(_counts_text(dataset))
    say("Starting TensorFlow ...")
    start_tensorflow()
    import keras

    keras.utils.set_random_seed(plan.seed)
    cards = []
    for model, names, history in train(dataset, plan, work, say):
        card = finished_card(model, dataset, replace(plan, classes=names), mirrored)
        write_model(model, card, dataset, history, out if names == wanted else every)
        cards.append(card)
    shutil.rmtree(work)
    return cards[0]


def _every_path(out: Path, names: list[str]) -> Path:
    """Where the network of all classes goes, beside the one asked for."""
    return out.with_name(f"{out.stem}_{len(names)}.keras")


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


def _check_classes(dataset: Dataset, wanted: list[str], recipe: str) -> None:
    missing = [name for name in wanted if name not in dataset.class_names]
    if missing:
        raise DataError(f"{dataset.folder} has no class folder {', '.join(missing)}.")
    if len(wanted) < 2:
        raise DataError(
            f"{dataset.folder} has one class only, {wanted[0]}: telling apart needs two."
        )
    if recipe != "plain" and len(dataset.class_names) == len(wanted):
        raise DataError(
            f"The {recipe} recipe first learns further emotions, and "
            f"{dataset.folder} has only {', '.join(wanted)}: use the plain recipe."
        )


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


def _train_plain(dataset: Dataset, plan: Plan, work: Path, say: Say) -> Trained:
    """Train on the classes asked for, from nothing."""
    model = build_cnn(len(plan.classes))
    learn, watch = (
        training.pictures_and_targets(dataset, name, plan.classes)
        for name in ("train", "validation")
    )
    options = {"batch_size": plan.batch_size, "seed": plan.seed, "patience": 10}
    history = training.train(model, learn, watch, plan.epochs, work, **options)
    return [(model, plan.classes, history)]


# what each recipe calls, its epochs, its batch size, and whether its models ask about mirror images
RECIPES = {
    "plain": (_train_plain, 30, 64, False),
    "released": (partial(train_lineage, DEEP), 40, BATCH_SIZE, True),
    "distilled": (partial(train_lineage, LIGHT), 50, BATCH_SIZE, False),
}
