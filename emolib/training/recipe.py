"""From a folder of pictures to a finished model: trained, calibrated, judged, written.

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
from ..inference.backends import keras_network
from ..inference.classifier import Classifier
from ..model.build import build_cnn
from ..model.card import ModelCard, ModelError
from ..model.files import start_tensorflow
from .config import TrainConfig
from .fit import pictures_and_targets, train

if TYPE_CHECKING:
    import keras

    from .config import History

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
        resume: Go on where an interrupted training with the same config stopped.
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
    config = TrainConfig(dataset.class_names, epochs, batch_size, seed, dataset.digest())
    _check_config(config, work)
    say(_counts_text(dataset))
    say("Starting TensorFlow ...")
    start_tensorflow()
    import keras

    keras.utils.set_random_seed(seed)
    model = build_cnn(len(config.classes))
    learn, watch = (
        pictures_and_targets(dataset, name, config.classes) for name in ("train", "validation")
    )
    history = train(model, learn, watch, epochs, work, batch_size, seed, patience=10)
    card = calibrate_and_evaluate(model, dataset, config)
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


def _check_config(config: TrainConfig, work: Path) -> None:
    """Write the config down, or compare with the one of the training that goes on."""
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"{work} cannot be made: {error.strerror}.") from error
    path = work / "config.json"
    if not path.exists():
        path.write_text(json.dumps(asdict(config)), "utf-8")
    before = json.loads(path.read_text("utf-8"))
    changed = [name for name, value in asdict(config).items() if before.get(name) != value]
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


ENOUGH = 30  # validation pictures to calibrate with


def calibrate_and_evaluate(model: keras.Model, dataset: Dataset, config: TrainConfig) -> ModelCard:
    """Calibrate on the validation set, choose when to be sure, judge once on the test set.

    Args:
        model: A trained network.
        dataset: The split data set.
        config: What was trained.

    Returns:
        The card, with the figures of both sets.
    """
    size = model.input_shape[1:3], model.input_shape[3]
    card = ModelCard(config.classes, *size)
    classifier = Classifier(card, keras_network(model))
    images, labels = examples(dataset, "validation", config.classes, *size)
    # a handful of pictures cannot say how sure is too sure
    if len(labels) >= ENOUGH:
        card.temperature = fit_temperature(classifier.predict_arrays(images), labels)
    known = classifier.predict_arrays(images)
    sure = choose_sure_threshold(known.max(axis=1), [], known.argmax(axis=1) == labels)
    card.sure_threshold = sure.threshold
    images, test_labels = examples(dataset, "test", config.classes, *size)
    test = classifier.predict_arrays(images)
    card.data = {"sha256": config.data, "counts": dataset.counts()}
    card.training = {**asdict(config), "versions": _versions()}
    card.figures = {
        "validation": _short(evaluate(known, labels, config.classes)),
        "test": _short(evaluate(test, test_labels, config.classes)),
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
    """Put everything that belongs to the model beside it; may be repeated after a kill."""
    import keras

    from ..plots.training import learning_curves
    from .checkpoint import replace_file, write_history

    write_split(dataset, out.with_name(f"{out.stem}_split.csv"))
    write_history(history, out.with_name(f"{out.stem}_history.csv"))
    learning_curves(history).savefig(out.with_name(f"{out.stem}_curves.png"), dpi=120)
    # a copy knows nothing of optimizer and metric, which would ask for emolib wherever it is opened
    bare = keras.Sequential.from_config(model.get_config())
    bare.set_weights(model.get_weights())
    replace_file(out, bare.save)
    card.write(out)
