"""The exercises that `emolib.check` can judge: one file per notebook.

A check says "right" or gives a hint that fits the mistake, but never the answer.
"""

from __future__ import annotations

import importlib

from .common import Exercise

NOTEBOOKS = range(1, 12)  # those with exercises
EXERCISES: dict[str, Exercise] = {}
for _number in NOTEBOOKS:
    EXERCISES |= importlib.import_module(f".notebook_{_number:02d}", __name__).EXERCISES

__all__ = ["EXERCISES", "Exercise"]
