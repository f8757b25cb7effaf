"""A slider whose name a screen reader can read, unlike those of ipywidgets."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent


class Slider(anywidget.AnyWidget):
    """A number to move, with its name on the left and its value on the right.

    Attributes:
        description: Its name.
        value: The number; values out of range become the nearest one in range.
        min: The lowest value.
        max: The highest value.
        step: The smallest move.
        digits: Decimals of the value that is shown.
    """

    _esm = HERE / "slider.js"
    _css = HERE / "slider.css"
    description = traitlets.Unicode().tag(sync=True)
    value = traitlets.Float().tag(sync=True)
    min = traitlets.Float(0.0).tag(sync=True)
    max = traitlets.Float(1.0).tag(sync=True)
    step = traitlets.Float(0.01).tag(sync=True)
    digits = traitlets.Int(2).tag(sync=True)

    @traitlets.validate("value")
    def _in_range(self, proposal: traitlets.Bunch) -> float:
        return min(max(proposal["value"], self.min), self.max)
