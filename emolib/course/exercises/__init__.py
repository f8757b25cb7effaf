"""The exercises that `emolib.check` can judge: one file per notebook.

A check says "right" or gives a hint that fits the mistake, but never the answer.
"""

from __future__ import annotations

from . import (
    notebook_01,
    notebook_02,
    notebook_03,
    notebook_04,
    notebook_05,
    notebook_06,
    notebook_07,
    notebook_08,
)
from .common import Exercise

_NOTEBOOKS = (
    notebook_01,
    notebook_02,
    notebook_03,
    notebook_04,
    notebook_05,
    notebook_06,
    notebook_07,
    notebook_08,
)
EXERCISES = {number: one for book in _NOTEBOOKS for number, one in book.EXERCISES.items()}

__all__ = ["EXERCISES", "Exercise"]
