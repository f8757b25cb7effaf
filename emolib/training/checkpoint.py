"""The state of a training run on disk, so that a killed run can be resumed. Loads TensorFlow."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np
from keras import ops

from ..files import replace_file
from .config import History, best_epoch

if TYPE_CHECKING:
    import tensorflow as tf

COLUMNS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")


@keras.saving.register_keras_serializable("emolib")
def accuracy(targets: tf.Tensor, answers: tf.Tensor) -> tf.Tensor:
    """Return the share of a sigmoid's answers that are on their target's side of one half."""
    return ops.mean(ops.cast(ops.equal(targets > 0.5, answers > 0.5), "float32"), axis=-1)


# Keras's BackupAndRestore writes weights and metadata as two files, so that a kill in between
# spoils them, and keeps neither patience nor the best loss
class TrainingCheckpoint(keras.callbacks.Callback):
    """Save the state of training after each epoch, and restore it.

    An epoch in which the loss is not a number ends the training and leaves no trace.

    Attributes:
        rows: One {column: value} per finished epoch.
        diverged: Whether the loss was not a number.
    """

    def __init__(self, folder: Path, patience: int | None, steps: int) -> None:
        """Start with no epochs.

        Args:
            folder: Where the state is kept.
            patience: Stop after this many epochs without a lower validation loss; None: never.
            steps: Batches per epoch.
        """
        super().__init__()
        self.folder = folder
        self.patience = patience
        self.steps = steps
        self.rows: list[dict[str, float]] = []
        self.diverged = False

    def restore(self, model: keras.Model) -> int:
        """Restore a compiled model to where the last run stopped; return the finished epochs."""
        last = self.folder / "last.keras"
        if not last.exists():
            return 0
        saved = keras.saving.load_model(last)
        model.set_weights(saved.get_weights())
        model.optimizer.build(model.trainable_variables)
        pairs = zip(model.optimizer.variables, saved.optimizer.variables, strict=True)
        for mine, theirs in pairs:
            mine.assign(theirs)
        # last.keras is written last, so it says how many epochs count
        done = int(model.optimizer.iterations.numpy()) // self.steps
        self.rows = _read_history(self.folder / "history.csv")[:done]
        return done

    def out_of_patience(self) -> bool:
        """Return whether the validation loss has not improved for too long."""
        if self.patience is None or not self.rows:
            return False
        return len(self.rows) - best_epoch(self.history()) >= self.patience

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        """Stop in the middle of an epoch once its loss is not a number."""
        # the mean of the epoch so far: once it is not a number, it stays so
        if not np.isfinite(logs["loss"]):
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Save the best weights, then the history, then the state to resume from."""
        if not np.isfinite([logs["loss"], logs["val_loss"]]).all():
            self.diverged = True
            self.model.stop_training = True
            return
        rate = float(self.model.optimizer.learning_rate)
        row = {"epoch": epoch + 1, **logs, "learning_rate": rate}
        self.rows.append({column: float(row[column]) for column in COLUMNS})
        history = self.history()
        if best_epoch(history) == len(self.rows):
            replace_file(self.folder / "best.keras", self.model.save)
        replace_file(self.folder / "history.csv", lambda path: write_history(history, path))
        replace_file(self.folder / "last.keras", self.model.save)
        if self.out_of_patience():
            self.model.stop_training = True

    def history(self) -> History:
        """Return {column: one value per finished epoch}."""
        return {column: [row[column] for row in self.rows] for column in COLUMNS}


def write_history(history: History, path: Path) -> None:
    """Write a history as CSV, one row per epoch."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(history)
        table.writerows(zip(*history.values(), strict=True))


def _read_history(path: Path) -> list[dict[str, float]]:
    with open(path, newline="", encoding="utf-8") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
