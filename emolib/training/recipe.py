"""From a folder of pictures to a finished model: trained, calibrated, evaluated, written.

`python -m emolib train` runs this; notebook 03 takes it apart.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..data.dataset import DataError, Dataset, examples, scan
from ..data.splitting import split, write_split
from ..evaluation.calibration import choose_sure_threshold, fit_temperature
from ..evaluation.report import Report, evaluate
from ..files import replace_file
from ..inference.backends import keras_network
from ..inference.classifier import Classifier
from ..model.build import build_cnn, require_size
from ..model.card import ModelCard, ModelError
from ..model.files import start_tensorflow
from .config import History, TrainConfig
from .fit import pictures_and_targets, train

if TYPE_CHECKING:
    import keras

ENOUGH = 30  # validation pictures to calibrate with
Say = Callable[[str], object]


def train_folder(
    folder: str | os.PathLike,
    out: str | os.PathLike,
    classes: Sequence[str] | None = None,
    epochs: int = 30,
    batch_size: int = 64,
    seed: int = 0,
    resume: bool = False,
    say: Say = print,
    image_size: tuple[int, int] = (48, 48),
    channels: int = 1,
) -> ModelCard:
    """Train a network on a folder of pictures and write it, with all that belongs to it.

    Beside `NAME.keras` it writes `NAME.json` (the card), `NAME_history.csv`, `NAME_curves.png`
    and `NAME_split.csv` (which picture was in which split). During training, the state is in the
    folder `NAME.training`.

    Args:
        folder: One folder per class, or `train/` and `test/` (and `validation/`) above them.
        out: The `.keras` file to write; it must not exist.
        classes: Class folders to tell apart; all by default.
        epochs: Number of epochs.
        batch_size: Pictures per batch.
        seed: Seed of split, weights, shuffling and augmentation.
        resume: Resume an interrupted training with the same config.
        say: Called with each line of progress.
        image_size: (height, width) in pixels that the pictures are scaled to, at least 16 each.
        channels: 1 for gray, 3 for RGB.

    Returns:
        The finished model's card, with the figures of the test set.

    Raises:
        DataError: The folder cannot be learned from.
        ModelError: `out` cannot be written or does not fit `resume`, or `image_size` is too small.
    """
    out = Path(out)
    require_size(image_size)
    work = _work_folder(out, resume)
    dataset = _split_folder(folder, classes, seed)
    names = dataset.class_names
    config = TrainConfig(names, epochs, batch_size, seed, dataset.digest(), image_size, channels)
    _check_config(config, work)
    say(_counts_text(dataset))
    say("Starting TensorFlow ...")
    start_tensorflow()
    import keras

    keras.utils.set_random_seed(seed)
    model = build_cnn(len(names), image_size, channels)
    train_set = pictures_and_targets(dataset, "train", names, image_size, channels)
    val_set = pictures_and_targets(dataset, "validation", names, image_size, channels)
    history = train(model, train_set, val_set, epochs, work, batch_size, seed, patience=10)
    card = calibrate_and_evaluate(model, dataset, config)
    write_model(model, card, dataset, history, out)
    shutil.rmtree(work)
    return card


def _work_folder(out: Path, resume: bool) -> Path:
    """Check that nothing is in the way; return the folder of the training's state."""
    work = out.with_suffix(".training")
    if out.suffix != ".keras":
        raise ModelError(f"{out} does not end in .keras: give a name such as models/mine.keras.")
    if work.exists() and not resume:
        raise ModelError(
            f"{work} holds an interrupted training: add --resume to continue it, or give a "
            "different --out."
        )
    if out.exists() and not work.exists():
        raise ModelError(f"{out} already exists: give a different --out.")
    return work


def _split_folder(folder: str | os.PathLike, classes: Sequence[str] | None, seed: int) -> Dataset:
    dataset = scan(folder, classes, progress=sys.stderr.isatty())
    if len(dataset.class_names) < 2:
        raise DataError(
            f"{dataset.folder} has only one class, {dataset.class_names[0]}: training needs at "
            "least two."
        )
    return split(dataset, seed=seed)


def _check_config(config: TrainConfig, work: Path) -> None:
    """Write the config down, or compare it with that of the training to resume."""
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"{work} cannot be made: {error.strerror}.") from error
    path = work / "config.json"
    text = json.dumps(asdict(config))
    if not path.exists():
        path.write_text(text, "utf-8")
    before = json.loads(path.read_text("utf-8"))
    changed = [name for name, value in json.loads(text).items() if before.get(name) != value]
    if changed:
        raise ModelError(
            f"{work} holds a training with different settings ({', '.join(changed)}): give the "
            "same arguments and pictures as before, or a different --out."
        )


def _counts_text(dataset: Dataset) -> str:
    lines = []
    for name, count in dataset.counts().items():
        each = ", ".join(f"{n:,} {c}" for c, n in sorted(count.items()))
        lines.append(f"{name:>10}: {each}")
    return "\n".join(lines)


def calibrate_and_evaluate(model: keras.Model, dataset: Dataset, config: TrainConfig) -> ModelCard:
    """Calibrate on the validation set, choose the threshold, then evaluate on the test set.

    Args:
        model: A trained network.
        dataset: The split data set.
        config: What was trained.

    Returns:
        The card, with the figures of both sets.
    """
    names = config.classes
    card = ModelCard(names, config.image_size, config.channels)
    classifier = Classifier(card, keras_network(model))
    images, labels = examples(dataset, "validation", names, config.image_size, config.channels)
    # a handful of pictures cannot say how sure is too sure
    if len(labels) >= ENOUGH:
        card.temperature = fit_temperature(classifier.predict_arrays(images), labels)
    validation = classifier.predict_arrays(images)
    correct = validation.argmax(axis=1) == labels
    sure = choose_sure_threshold(validation.max(axis=1), [], correct)
    card.sure_threshold = sure.threshold
    images, test_labels = examples(dataset, "test", names, config.image_size, config.channels)
    test = classifier.predict_arrays(images)
    card.data = {"sha256": config.data, "counts": dataset.counts()}
    card.training = {**asdict(config), "versions": _versions()}
    card.figures = {
        "validation": _short(evaluate(validation, labels, names)),
        "test": _short(evaluate(test, test_labels, names)),
        "sure_on_validation": asdict(sure),
    }
    return card


def _short(report: Report) -> dict[str, Any]:
    figures = report.to_dict()
    del figures["mistakes"], figures["class_names"]
    return figures


def _versions() -> dict[str, str]:
    names = ("tensorflow", "keras", "numpy", "pillow")
    return {"emolib": __version__} | {name: importlib.metadata.version(name) for name in names}


def write_model(
    model: keras.Model, card: ModelCard, dataset: Dataset, history: History, out: Path
) -> None:
    """Write a model and all that belongs beside it; may be repeated after a kill."""
    import keras

    from ..plots.training import learning_curves
    from .checkpoint import write_history

    write_split(dataset, out.with_name(f"{out.stem}_split.csv"))
    write_history(history, out.with_name(f"{out.stem}_history.csv"))
    learning_curves(history).savefig(out.with_name(f"{out.stem}_curves.png"), dpi=120)
    # a copy without optimizer and metric: to read that metric, any program would need emolib
    bare = keras.Sequential.from_config(model.get_config())
    bare.set_weights(model.get_weights())
    replace_file(out, bare.save)
    card.write(out)
