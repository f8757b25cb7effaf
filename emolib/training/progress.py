"""How long training will take, reported near its start. Loads TensorFlow."""

from __future__ import annotations

import time

import keras

from .config import Say

STEPS = 10  # how many steps to time; the first is left out, because TensorFlow compiles in it


class TimeEstimate(keras.callbacks.Callback):
    """Report how long training will take, after a few steps or two short epochs."""

    def __init__(self, say: Say) -> None:
        """Start without a measurement.

        Args:
            say: Called once, with a sentence.
        """
        super().__init__()
        self.say = say
        self.said = False
        self.step_ends: list[float] = []
        self.epoch_ends: list[float] = []
        self.epochs_left = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Count the epochs that are left, including this one."""
        self.epochs_left = self.params["epochs"] - epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Estimate from the time of a few steps, if an epoch has that many."""
        steps = self.params["steps"] or 0
        if self.said or steps <= STEPS:
            return
        self.step_ends.append(time.perf_counter())
        if len(self.step_ends) > STEPS:
            each = (self.step_ends[-1] - self.step_ends[0]) / STEPS
            self._say_once(each * (steps * self.epochs_left - STEPS - 1))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Estimate from the time of the second epoch, if epochs are short."""
        self.epoch_ends.append(time.perf_counter())
        if not self.said and len(self.epoch_ends) == 2 and self.epochs_left > 1:
            each = self.epoch_ends[1] - self.epoch_ends[0]
            self._say_once(each * (self.epochs_left - 1))

    def _say_once(self, seconds: float) -> None:
        self.said = True
        # a progress bar leaves the cursor in the middle of a line
        start = "\n" if self.params["verbose"] == 1 else ""
        self.say(
            f"{start}About {duration(seconds)} to go, or less if the validation loss stops falling."
        )


def duration(seconds: float) -> str:
    """Return a time in words, such as "40 seconds", "12 minutes" or "3.5 hours"."""
    if seconds < 90:
        return _count(max(1, round(seconds)), "second")
    if seconds < 90 * 60:
        return _count(round(seconds / 60), "minute")
    return f"{seconds / 3600:.1f} hours"


def _count(n: int, unit: str) -> str:
    return f"{n} {unit}{'' if n == 1 else 's'}"
