"""Fit a network: augmentation, learning rate, resume after a kill, the released recipe.

Notebook 03 explains loss, learning rate, batches and epochs, and shows each step in the open.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

HISTORY = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")


def augmentation(seed: int = 0) -> keras.Layer:
    """Build the changes that must not change the answer: mirror, place, size, tilt, light.

    Sizes vary by 0.8-1.25, because a face finder's box is never as tight as the data set's.

    Args:
        seed: Seed of the draws.

    Returns:
        A Keras Sequential from float32 pictures (n, height, width, channels), 0-255, to the
        same shape and range. It stays outside the model's file.
    """
    import keras
    from keras import layers

    return keras.Sequential(
        [
            layers.RandomFlip("horizontal", seed=seed),
            _random_affine()(seed=seed + 1),
            layers.RandomBrightness(0.2, seed=seed + 2),
            layers.RandomContrast(0.3, seed=seed + 3),
            layers.RandomErasing(0.5, scale=(0.02, 0.15), fill_value=127.0, seed=seed + 4),
        ],
        name="augmentation",
    )


def _random_affine() -> type:
    import keras
    from keras import ops

    class RandomAffine(keras.layers.Layer):
        """Shift, turn and zoom in one step; three layers in a row would blur three times."""

        def __init__(self, shift: float = 0.1, turn: float = 0.26, zoom: float = 0.22, seed=None):
            super().__init__()
            self.limits = np.array([shift, shift, turn, zoom], "float32")
            self.seed_generator = keras.random.SeedGenerator(seed)

        def call(self, images, training=False):
            if not training:
                return images
            n, height, width, _ = ops.shape(images)
            draw = keras.random.uniform((n, 4), -1, 1, seed=self.seed_generator) * self.limits
            dx, dy, angle, scale = ops.unstack(draw, axis=1)
            scale = ops.exp(scale)
            cos, sin = scale * ops.cos(angle), scale * ops.sin(angle)
            cx, cy, zero = (width - 1) / 2, (height - 1) / 2, ops.zeros_like(cos)
            x0 = cx + dx * width - cos * cx + sin * cy
            y0 = cy + dy * height - sin * cx - cos * cy
            matrix = ops.stack([cos, -sin, x0, sin, cos, y0, zero, zero], axis=1)
            return ops.image.affine_transform(images, matrix, "bilinear", "nearest")

    return RandomAffine


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

    rate = keras.optimizers.schedules.CosineDecay(
        learning_rate / 20,
        max(1, steps - steps // 10),
        warmup_target=learning_rate,
        warmup_steps=steps // 10,
    )
    if model.output_shape[1] == 1:
        loss = keras.losses.BinaryCrossentropy(label_smoothing=label_smoothing)
    else:
        loss = keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=weight_decay)
    # XLA makes convolutions on a CPU four times slower
    model.compile(optimizer, loss, metrics=["accuracy"], jit_compile=False)


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


def fit(
    model: keras.Model,
    train_ds: tf.data.Dataset,
    val_ds: tf.data.Dataset,
    epochs: int,
    folder: str | os.PathLike,
    patience: int | None = None,
    verbose: int | str = "auto",
) -> dict[str, list[float]]:
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
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    journal = _journal()(folder, patience, steps=len(train_ds))
    done = journal.restore(model)
    if done < epochs and not journal.out_of_patience():
        model.fit(
            train_ds,
            validation_data=val_ds,
            initial_epoch=done,
            epochs=epochs,
            callbacks=[journal],
            verbose=verbose,
        )
    model.load_weights(folder / "best.keras")
    return {key: [row[key] for row in journal.rows] for key in HISTORY}


def _journal() -> type:
    import keras

    class Journal(keras.callbacks.Callback):
        """Writes down each finished epoch, and reads it back."""

        def __init__(self, folder: Path, patience: int | None, steps: int):
            super().__init__()
            self.folder, self.patience, self.steps = folder, patience, steps
            self.rows: list[dict[str, float]] = []

        def restore(self, model: keras.Model) -> int:
            last = self.folder / "last.keras"
            if not last.exists():
                return 0
            saved = keras.saving.load_model(last)
            model.set_weights(saved.get_weights())
            model.optimizer.build(model.trainable_variables)
            for mine, theirs in zip(
                model.optimizer.variables, saved.optimizer.variables, strict=True
            ):
                mine.assign(theirs)
            done = int(model.optimizer.iterations) // self.steps
            self.rows = read_history(self.folder / "history.csv")[:done]
            return done

        def out_of_patience(self) -> bool:
            if self.patience is None or not self.rows:
                return False
            losses = [row["val_loss"] for row in self.rows]
            return len(losses) - 1 - int(np.argmin(losses)) >= self.patience

        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            rate = float(self.model.optimizer.learning_rate)
            row = {"epoch": epoch + 1, **logs, "learning_rate": rate}
            self.rows.append({key: float(row[key]) for key in HISTORY})
            if row["val_loss"] <= min(r["val_loss"] for r in self.rows):
                replace_file(self.folder / "best.keras", self.model.save)
            replace_file(self.folder / "history.csv", lambda p: write_history(self.rows, p))
            replace_file(self.folder / "last.keras", self.model.save)
            if self.out_of_patience():
                self.model.stop_training = True

    return Journal


def replace_file(path: Path, write: Callable[[Path], Any]) -> None:
    """Write a file beside its place and put it there in one step, so it is never half there."""
    temporary = path.with_name(f"new_{path.name}")
    write(temporary)
    os.replace(temporary, path)


def write_history(rows: list[dict[str, float]], path: Path) -> None:
    """Write one line an epoch as CSV."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HISTORY)
        writer.writeheader()
        writer.writerows(rows)


def read_history(path: Path) -> list[dict[str, float]]:
    """Read what `write_history` wrote."""
    with open(path, newline="", encoding="utf-8") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
