"""Fit a network: targets, loss, learning rate, keep the best epoch, resume after a kill.

Notebook 03 explains loss, learning rate, batches and epochs, and shows each step.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..data.dataset import Dataset, examples
from .config import LEARNING_RATE, Examples, History, Say, TrainingError, best_epoch

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


def train(
    model: keras.Model,
    train: Examples,
    validation: Examples,
    epochs: int,
    folder: str | os.PathLike,
    batch_size: int = 64,
    seed: int = 0,
    patience: int | None = None,
    learning_rate: float = LEARNING_RATE,
    class_weights: Sequence[float] | None = None,
    gpus: int = 1,
    say: Say = print,
) -> History:
    """Train a network on pictures and targets, with augmentation, and keep the best weights.

    The same network, pictures and seed give the same weights on the same machine, unless the
    run is interrupted: a resumed run starts its random draws again.

    Args:
        model: From `emolib.model.build_cnn`.
        train: uint8 pictures, 0-255, and targets to learn from.
        validation: The same, to choose the best epoch with.
        epochs: Number of epochs.
        folder: Where the state is kept, as for `fit_resumable`.
        batch_size: Pictures per batch, on each GPU.
        seed: Seed of shuffling and augmentation.
        patience: As for `fit_resumable`.
        learning_rate: As for `compile_model`, for one GPU.
        class_weights: How much a picture of each class counts in both losses; all the same by
            default.
        gpus: How many GPUs the batches are for. The batch is multiplied by it, the learning rate
            by its square root, and an epoch leaves out the pictures of its last, smaller batch.
        say: As for `fit_resumable`.

    Returns:
        The history, as from `fit_resumable`.

    Raises:
        TrainingError: As from `fit_resumable`.
    """
    from ..data.augment import augmentation
    from ..data.dataset import batches
    from .devices import scaled_rate, whole_rounds

    changes = augmentation(seed)
    train_ds = batches(*train, batch_size * gpus, True, changes, seed, drop_remainder=gpus > 1)
    val_ds = batches(*whole_rounds(validation, gpus), 256 * gpus)
    if class_weights is not None:
        train_ds = _weighted(train_ds, class_weights)
        val_ds = _weighted(val_ds, class_weights)
    compile_model(model, epochs * len(train_ds), scaled_rate(learning_rate, gpus))
    verbose = 1 if sys.stdout.isatty() else 2
    return fit_resumable(model, train_ds, val_ds, epochs, folder, patience, verbose, say)


def _weighted(ds: tf.data.Dataset, class_weights: Sequence[float]) -> tf.data.Dataset:
    """Add to each picture its weight, which is that of its target's likeliest class."""
    import tensorflow as tf

    table = tf.constant(class_weights, tf.float32)

    def add(images: tf.Tensor, targets: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        one_output = targets.shape[1] == 1
        labels = tf.cast(targets[:, 0] > 0.5, tf.int64) if one_output else tf.argmax(targets, 1)
        return images, targets, tf.gather(table, labels)

    return ds.map(add)


def compile_model(
    model: keras.Model,
    steps: int,
    learning_rate: float = LEARNING_RATE,
    label_smoothing: float = 0.1,
    weight_decay: float = 0.02,
) -> None:
    """Compile a classifier: AdamW, with a learning rate that warms up and falls along a cosine.

    AdamW is from Loshchilov and Hutter 2019, the cosine from their 2017 paper, label smoothing from
    Szegedy et al. 2016.

    Args:
        model: From `emolib.model.build_cnn`.
        steps: Batches in the whole training.
        learning_rate: The highest rate, reached after a tenth of the steps.
        label_smoothing: How much of each label is spread over all classes, 0-1.
        weight_decay: How strongly the weights are pulled toward 0.
    """
    import keras

    from .checkpoint import accuracy

    rate = keras.optimizers.schedules.CosineDecay(
        learning_rate / 20,
        max(1, steps - steps // 10),
        warmup_target=learning_rate,
        warmup_steps=steps // 10,
    )
    metric = "accuracy"
    if model.output_shape[1] == 1:
        loss = keras.losses.BinaryCrossentropy(label_smoothing=label_smoothing)
        metric = accuracy  # with Keras's own, no answer matches a target of 0.9
    else:
        loss = keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=weight_decay)
    # XLA makes convolutions four times slower on a CPU
    model.compile(optimizer, loss, metrics=[metric], jit_compile=False)


def targets(labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Turn labels into the targets that the loss compares the outputs with.

    Args:
        labels: int (n,).
        n_classes: Number of classes.

    Returns:
        float32 (n, 1) of 0 and 1 for two classes, else one-hot (n, n_classes).
    """
    if n_classes == 2:
        return labels.astype("float32")[:, None]
    return np.eye(n_classes, dtype="float32")[labels]


def pictures_and_targets(
    dataset: Dataset,
    split: str,
    classes: list[str],
    image_size: tuple[int, int] = (48, 48),
    channels: int = 1,
) -> Examples:
    """Read the pictures of one split, with their targets.

    Args:
        dataset: A split data set.
        split: "train", "validation" or "test".
        classes: Class names in the order of their labels; pictures of others are left out.
        image_size: (height, width) in pixels.
        channels: 1 for gray, 3 for RGB.

    Returns:
        Pictures, uint8 (n, height, width, channels), 0-255, and `targets` of their labels.
    """
    images, labels = examples(dataset, split, classes, image_size, channels)
    return images, targets(labels, len(classes))


def fit_resumable(
    model: keras.Model,
    train_ds: tf.data.Dataset,
    val_ds: tf.data.Dataset,
    epochs: int,
    folder: str | os.PathLike,
    patience: int | None = None,
    verbose: int | str = "auto",
    say: Say = print,
) -> History:
    """Train, keep the best weights, and resume where a killed run stopped.

    After each epoch the folder holds `last.keras` (with the optimizer's state), `best.keras`
    and `history.csv`, each replaced in one step, so that a kill at any moment loses at most the
    current epoch. Call it again with the same folder to resume. If the loss is not a number, the
    training stops with the best epoch so far.

    Args:
        model: A compiled model; it ends up with the weights of the lowest validation loss.
        train_ds: Batches to learn from.
        val_ds: Batches to choose the best epoch with.
        epochs: Number of epochs, including those of an interrupted run.
        folder: Where the state is kept; made if missing.
        patience: Stop after this many epochs without a lower validation loss; None: never.
        verbose: As in Keras.
        say: Called with a line about how long training will take, unless `verbose` is 0, and with
            one if training stops early because the loss is not a number.

    Returns:
        The history: {"epoch", "loss", "accuracy", "val_loss", ...: one value per epoch}.

    Raises:
        TrainingError: The loss is not a number in the first epoch, so there is nothing to keep.
    """
    from .checkpoint import TrainingCheckpoint
    from .progress import TimeEstimate

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = TrainingCheckpoint(folder, patience, steps=len(train_ds))
    done = checkpoint.restore(model)
    if done < epochs and not checkpoint.out_of_patience():
        model.fit(
            train_ds,
            validation_data=val_ds,
            initial_epoch=done,
            epochs=epochs,
            callbacks=[checkpoint, *([TimeEstimate(say)] if verbose else [])],
            verbose=verbose,
            shuffle=False,  # the batches already are
        )
    if checkpoint.diverged:
        _say_diverged(checkpoint.history(), say)
    model.load_weights(folder / "best.keras")
    return checkpoint.history()


def _say_diverged(history: History, say: Say) -> None:
    """Report that the loss is not a number; raise the sentence if there is no epoch to keep."""
    epoch = len(history["epoch"]) + 1
    what = f"The loss is not a number in epoch {epoch}"
    try_this = "a lower learning rate, and look for faults in the pictures: python -m emolib audit"
    if epoch == 1:
        raise TrainingError(f"{what}: try {try_this}.")
    say(
        f"{what}, so training stops here, and the model keeps the weights of epoch "
        f"{best_epoch(history)}. For more epochs, try {try_this}."
    )
