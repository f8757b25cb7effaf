"""A training's state on disk: what lets a killed run go on. Loads TensorFlow."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

COLUMNS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")


@keras.saving.register_keras_serializable("emolib")
def accuracy(targets, answers):
    """Share of a sigmoid's answers that lie on their target's side of one half."""
    return ops.mean(ops.cast(ops.equal(targets > 0.5, answers > 0.5), "float32"), axis=-1)


class TrainingCheckpoint(keras.callbacks.Callback):
    """Writes down each finished epoch, and reads it back.

    Attributes:
        rows: One {column: value} a finished epoch.
    """

    def __init__(self, folder: Path, patience: int | None, steps: int):
        """Keep a diary.

        Args:
            folder: Where it is kept.
            patience: Stop after so many epochs without a lower validation loss; None: never.
            steps: Batches in an epoch.
        """
        super().__init__()
        self.folder, self.patience, self.steps = folder, patience, steps
        self.rows: list[dict[str, float]] = []

    def restore(self, model: keras.Model) -> int:
        """Bring a compiled model to where the last run stopped; return the epochs done."""
        last = self.folder / "last.keras"
        if not last.exists():
            return 0
        saved = keras.saving.load_model(last)
        model.set_weights(saved.get_weights())
        model.optimizer.build(model.trainable_variables)
        pairs = zip(model.optimizer.variables, saved.optimizer.variables, strict=True)
        for mine, theirs in pairs:
            mine.assign(theirs)
        # the one file that is written last counts
        done = int(model.optimizer.iterations) // self.steps
        self.rows = _read(self.folder / "history.csv")[:done]
        return done

    def out_of_patience(self) -> bool:
        """Say whether the validation loss has been no better for too long."""
        if self.patience is None or not self.rows:
            return False
        losses = [row["val_loss"] for row in self.rows]
        return len(losses) - 1 - int(np.argmin(losses)) >= self.patience

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Write the epoch down: the best weights, the figures, then all that goes on."""
        rate = float(self.model.optimizer.learning_rate)
        row = {"epoch": epoch + 1, **logs, "learning_rate": rate}
        self.rows.append({column: float(row[column]) for column in COLUMNS})
        if row["val_loss"] <= min(r["val_loss"] for r in self.rows):
            replace_file(self.folder / "best.keras", self.model.save)
        replace_file(self.folder / "history.csv", lambda path: write_history(self.history(), path))
        replace_file(self.folder / "last.keras", self.model.save)
        if self.out_of_patience():
            self.model.stop_training = True

    def history(self) -> dict[str, list[float]]:
        """Return {column: one value a finished epoch}."""
        return {column: [row[column] for row in self.rows] for column in COLUMNS}


def write_history(history: dict[str, list[float]], path: Path) -> None:
    """Write {column: one value an epoch} as CSV."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(history)
        table.writerows(zip(*history.values(), strict=True))


def _read(path: Path) -> list[dict[str, float]]:
    with open(path, newline="", encoding="utf-8") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


def replace_file(path: Path, write: Callable[[Path], Any]) -> None:
    """Write a file beside its place and put it there in one step, so it is never half there."""
    temporary = path.with_name(f"new_{path.name}")
    write(temporary)
    os.replace(temporary, path)
