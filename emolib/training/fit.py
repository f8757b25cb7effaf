"""Fit a network: targets, loss, learning rate, the best epoch kept, resume after a kill.

Notebook 03 explains loss, learning rate, batches and epochs, and shows each step in the open.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..data.dataset import Dataset, examples
from .config import Examples, History

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
) -> History:
    """Train from pictures and targets to the best weights: batches, augmentation, rate, fit.

    Args:
        model: From `emolib.model.build_cnn`.
        train: uint8 pictures, 0-255, and targets to learn from.
        validation: The same to choose the best epoch with.
        epochs: Passes over the training pictures.
        folder: Where the state is kept, as in `fit_resumable`.
        batch_size: Pictures in a batch.
        seed: Seed of shuffling and augmentation.
        patience: As in `fit_resumable`.

    Returns:
        The history, as `fit_resumable` does.
    """
    from ..data.augment import augmentation
    from ..data.dataset import batches

    train_ds = batches(*train, batch_size, shuffle=True, augment=augmentation(seed), seed=seed)
    compile_model(model, epochs * len(train_ds))
    verbose = 1 if sys.stdout.isatty() else 2
    return fit_resumable(
        model, train_ds, batches(*validation, 256), epochs, folder, patience, verbose
    )


def compile_model(
    model: keras.Model,
    steps: int,
    learning_rate: float = 2e-3,
    label_smoothing: float = 0.1,
    weight_decay: float = 0.02,
) -> None:
    """Compile a classifier: AdamW, a learning rate that warms up and falls along a cosine.

    AdamW is Loshchilov and Hutter 2019, the cosine theirs of 2017, label smoothing Szegedy et
    al. 2016.

    Args:
        model: From `emolib.model.build_cnn`.
        steps: Batches in the whole training.
        learning_rate: The highest rate, reached after a tenth of the steps.
        label_smoothing: 0-1; how much of each label is spread over all classes.
        weight_decay: Pull of the weights towards 0.
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
        metric = accuracy  # Keras's own counts a target of 0.9 as missed by every answer
    else:
        loss = keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=weight_decay)
    # XLA makes convolutions on a CPU four times slower
    model.compile(optimizer, loss, metrics=[metric], jit_compile=False)


def targets(labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Turn labels into what the loss compares with.

    Args:
        labels: int array (n,).
        n_classes: Number of classes.

    Returns:
        float32 (n, 1) of 0 and 1 for two classes, else one-hot (n, n_classes).
    """
    if n_classes == 2:
        return labels.astype("float32")[:, None]
    return np.eye(n_classes, dtype="float32")[labels]


def pictures_and_targets(dataset: Dataset, split: str, classes: list[str]) -> Examples:
    """Read a split's pictures, and say what is to be learned from each.

    Args:
        dataset: A split data set.
        split: "train", "validation" or "test".
        classes: Class names in the order of their labels; pictures of others are left out.

    Returns:
        Pictures, uint8 (n, height, width, channels), and `targets` of their labels.
    """
    images, labels = examples(dataset, split, classes)
    return images, targets(labels, len(classes))


def fit_resumable(
    model: keras.Model,
    train_ds: tf.data.Dataset,
    val_ds: tf.data.Dataset,
    epochs: int,
    folder: str | os.PathLike,
    patience: int | None = None,
    verbose: int | str = "auto",
) -> History:
    """Train, keep the best weights, and go on where a killed run stopped.

    After each epoch the folder holds `last.keras` (with the optimizer's state), `best.keras`
    and `history.csv`, each replaced in one step, so that a kill at any moment loses at most the
    epoch under way. Called again with the same folder, training goes on from there.

    Args:
        model: A compiled model; ends with the weights of the lowest validation loss.
        train_ds: Batches to learn from.
        val_ds: Batches to choose the best epoch with.
        epochs: Epochs in all, those of an interrupted run included.
        folder: Where the state is kept; made if missing.
        patience: Stop after so many epochs without a lower validation loss; None: never.
        verbose: As in Keras.

    Returns:
        The history: {"epoch", "loss", "accuracy", "val_loss", ...: one value an epoch}.
    """
    from .checkpoint import TrainingCheckpoint

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
            callbacks=[checkpoint],
            verbose=verbose,
            shuffle=False,  # the batches are shuffled already
        )
    model.load_weights(folder / "best.keras")
    return checkpoint.history()
