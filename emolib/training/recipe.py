"""From a folder of pictures to a finished model: trained, calibrated, evaluated, written.

`python -m emolib train` runs this; notebook 03 explains it step by step.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..data.dataset import Dataset, examples
from ..data.splitting import write_split
from ..evaluation.calibration import choose_sure_threshold, fit_temperature
from ..evaluation.report import Report, evaluate
from ..files import replace_file
from ..inference.backends import keras_network
from ..inference.classifier import Classifier
from ..model.build import build_cnn, require_size
from ..model.card import ModelCard
from ..model.files import start_tensorflow
from .config import (
    BALANCED,
    LEARNING_RATE,
    History,
    Say,
    TrainConfig,
    TrainingError,
    best_epoch,
)
from .fit import pictures_and_targets, train
from .prepare import check_config, counts_text, split_folder, work_folder

if TYPE_CHECKING:
    import keras

ENOUGH = 30  # validation pictures to calibrate with
PATIENCE = 10  # epochs without a lower validation loss
SHORT_EPOCH = 100  # steps; batch normalization's usual momentum averages over as many


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
    learning_rate: float = LEARNING_RATE,
    class_weights: str | None = None,
) -> ModelCard:
    """Train a network on a folder of pictures and write it with its card, curves and split.

    `written_files` lists the files. During training, the state is in the folder `NAME.training`.
    The same pictures and arguments give the same weights on the same machine, unless the run is
    interrupted. If TensorFlow sees several GPUs, all of them are used; the result is the same kind
    of file, but with different weights.

    Args:
        folder: One folder per class, or `train/` and `test/` (and `validation/`) above them.
        out: The `.keras` file to write; it must not exist.
        classes: Class folders to tell apart; all by default.
        epochs: Number of epochs.
        batch_size: Pictures per batch, on each GPU.
        seed: Seed of split, weights, shuffling and augmentation.
        resume: Resume an interrupted run with the same config.
        say: Called with each line of progress.
        image_size: (height, width) in pixels that the pictures are scaled to, at least 16 each.
        channels: 1 for gray, 3 for RGB.
        learning_rate: The highest learning rate, above 0; see `train` for several GPUs.
        class_weights: "balanced" to make all classes count the same, however many pictures they
            have; by default all pictures count the same.

    Returns:
        The finished model's card, with the figures of the test set.

    Raises:
        DataError: The folder cannot be learned from.
        ModelError: `out` cannot be written or does not fit `resume`, or `image_size` is too small.
        TrainingError: `class_weights` is something else, or the loss is not a number in the first
            epoch.
    """
    out = Path(out)
    require_size(image_size)
    _require_known(class_weights)
    work = work_folder(out, resume)
    dataset = split_folder(folder, classes, seed)
    config = TrainConfig(
        classes=dataset.class_names,
        epochs=epochs,
        batch_size=batch_size,
        seed=seed,
        data=dataset.digest(),
        image_size=image_size,
        channels=channels,
        learning_rate=learning_rate,
        class_weights=class_weights,
    )
    say(counts_text(dataset))
    say("Starting TensorFlow ...")
    start_tensorflow()
    config = check_config(_with_gpus(config, dataset), work)
    if config.gpus > 1:
        say(f"{config.gpus} GPUs: batches of {config.batch_size * config.gpus} pictures.")
    try:
        model, history = _fit(dataset, config, work, say)
    except TrainingError:
        shutil.rmtree(work)  # there is nothing in it to resume
        raise
    best = best_epoch(history)
    say(f"Best epoch: {best} of {len(history['epoch'])}, with the lowest validation loss.")
    card = calibrate_and_evaluate(model, dataset, config)
    card.training["best_epoch"] = best
    write_model(model, card, dataset, history, out)
    shutil.rmtree(work)
    return card


def written_files(out: str | os.PathLike) -> dict[str, Path]:
    """Return what `train_folder` writes: {what it is: its path}.

    Args:
        out: The model file, `NAME.keras`. Beside it there are `NAME.json`, `NAME_curves.png`,
            `NAME_history.csv` and `NAME_split.csv`, which says which picture was in which split.
    """
    out = Path(out)
    return {
        "model": out,
        "card": out.with_suffix(".json"),
        "curves": out.with_name(f"{out.stem}_curves.png"),
        "history": out.with_name(f"{out.stem}_history.csv"),
        "split": out.with_name(f"{out.stem}_split.csv"),
    }


def batch_norm_momentum(steps: int) -> float:
    """Return a momentum for batch normalization that suits the length of an epoch.

    A network answers with running averages of what its layers saw over about 1 / (1 - momentum)
    steps. With few steps per epoch and the usual 0.99, these averages are still those of a network
    of many epochs ago, so it answers at random even though it has learned.

    Args:
        steps: Batches per epoch.

    Returns:
        0.9 for fewer than 100 steps, else Keras's 0.99.
    """
    return 0.9 if steps < SHORT_EPOCH else 0.99


def balanced_weights(dataset: Dataset) -> list[float]:
    """Return how much a picture of each class counts, so that all classes count the same.

    Args:
        dataset: A split data set, with training pictures of every class.

    Returns:
        One weight per class; the mean over the training pictures is 1.
    """
    count = Counter(row.class_name for row in dataset.of("train"))
    return [count.total() / (len(count) * count[name]) for name in dataset.class_names]


def _with_gpus(config: TrainConfig, dataset: Dataset) -> TrainConfig:
    from .devices import gpu_names, worthwhile

    pictures = len(dataset.of("train"))
    return replace(config, gpus=worthwhile(len(gpu_names()), pictures, config.batch_size))


def _fit(
    dataset: Dataset, config: TrainConfig, work: Path, say: Say
) -> tuple[keras.Model, History]:
    import keras

    from .devices import strategy

    keras.utils.set_random_seed(config.seed)
    names = config.classes
    size = config.image_size
    train_set = pictures_and_targets(dataset, "train", names, size, config.channels)
    val_set = pictures_and_targets(dataset, "validation", names, size, config.channels)
    steps = -(-len(train_set[0]) // (config.batch_size * config.gpus))
    momentum = batch_norm_momentum(steps)
    with strategy(config.gpus).scope():
        model = build_cnn(len(names), size, config.channels, batch_norm_momentum=momentum)
        history = train(
            model,
            train_set,
            val_set,
            config.epochs,
            work,
            config.batch_size,
            config.seed,
            patience=PATIENCE,
            learning_rate=config.learning_rate,
            class_weights=_weights(dataset, config),
            gpus=config.gpus,
            say=say,
        )
    return model, history


def _weights(dataset: Dataset, config: TrainConfig) -> list[float] | None:
    return balanced_weights(dataset) if config.class_weights == BALANCED else None


def _require_known(class_weights: str | None) -> None:
    if class_weights not in (None, BALANCED):
        raise TrainingError(f'Class weights can be "{BALANCED}" or left out, not {class_weights}.')


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
    # a handful of pictures is too few to calibrate with
    if len(labels) >= ENOUGH:
        answers = classifier.predict_arrays(images)
        card.temperature = fit_temperature(answers, labels, _weights(dataset, config))
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
    """Write a model and the files beside it; safe to repeat after a kill."""
    import keras

    from ..plots.training import learning_curves
    from .checkpoint import write_history

    files = written_files(out)
    write_split(dataset, files["split"])
    write_history(history, files["history"])
    learning_curves(history).savefig(files["curves"], dpi=120)
    # a copy without optimizer and metric: to read that metric, any program would need emolib
    bare = keras.Sequential.from_config(model.get_config())
    bare.set_weights(model.get_weights())
    replace_file(out, bare.save)
    card.write(out)
