"""A curve that grows while a network trains, for notebook 00."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from . import style
from .style import FONT_SIZE
from .training import TRAINING, VALIDATION

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure


def live_curve() -> keras.callbacks.Callback:
    """Return a callback for Keras's `fit` that draws the accuracy after each epoch.

    A notebook shows one figure, which is redrawn in place. It needs the metric "accuracy";
    without validation pictures, it has one line.
    """
    return _callback_class()()


@cache
def _callback_class() -> type[keras.callbacks.Callback]:
    import keras
    from IPython.display import display

    class LiveCurve(keras.callbacks.Callback):
        """See `live_curve`."""

        def on_train_begin(self, logs: Any = None) -> None:
            self.history: dict[str, list[float]] = {}
            # None outside a notebook, where there is nothing to redraw
            self.shown = display(self._figure(), display_id=True)

        def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
            for name, value in (logs or {}).items():
                self.history.setdefault(name, []).append(value)
            if self.shown:
                self.shown.update(self._figure())

        def _figure(self) -> Figure:
            return growing_curve(self.history, self.params["epochs"])

    return LiveCurve


def growing_curve(history: Mapping[str, Sequence[float]], epochs: int) -> Figure:
    """Draw the accuracy so far, in a frame wide enough for the whole training.

    Args:
        history: "accuracy" and "val_accuracy", one number (0-1) per finished epoch. What is
            missing is left out.
        epochs: How many there will be.
    """
    figure = style.figure(7.4, 4)
    axes = figure.subplots()
    done = len(history.get("accuracy", ()))
    lowest = 0.4
    for name, label, color, dashes in (
        ("accuracy", "faces it learns from", TRAINING, "-"),
        ("val_accuracy", "faces it has never seen", VALIDATION, "--"),
    ):
        values = history.get(name, ())
        axes.plot(range(1, len(values) + 1), values, dashes, color=color, lw=2.5, label=label)
        if len(values):
            axes.plot(len(values), values[-1], "o", color=color, ms=9)
            lowest = min(lowest, *values)
    axes.set_xlim(0.5, epochs + 0.5)
    axes.set_ylim(lowest, 1.02)
    style.percent_axes(axes, "y")
    style.whole_epochs(axes)
    style.name_axes(axes, "epoch", "right answers", f"Epoch {done} of {epochs}")
    axes.legend(fontsize=FONT_SIZE, loc="lower right")
    return figure
