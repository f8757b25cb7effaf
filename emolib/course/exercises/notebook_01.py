"""The exercises of notebook 01, data loading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .common import Exercise, number


def _audit(report: Any) -> str:
    left = report.totals()
    if left["unreadable"] or left["not a picture"]:
        return (
            "Some files still cannot be opened. Is this the audit from before `quarantine`, or of "
            "a different folder?"
        )
    if left["exact duplicate"]:
        return "One picture is still there twice. Which of the two files has to go?"
    if left["two classes"]:
        return "One picture is still filed under both happy and sad. Look at it: which is it?"
    return "Many more files are gone than five faults explain." if report.files < 110 else ""


def _augmentations(names: str | Sequence[str]) -> str:
    chosen = names.lower() if isinstance(names, str) else " ".join(names).lower()
    if "upside" in chosen:
        return "See how the trained network did on upside-down faces. Who will ask about those?"
    if "mirror" not in chosen:
        return "One more keeps the label and happens in photos: what if left and right swap?"
    return ""


EXERCISES = {
    "01.1": Exercise(
        wanted="the report of your last audit, `audit(copy)`",
        why="A file that only has the wrong extension can stay, once it is renamed.",
        hint=_audit,
    ),
    "01.2": Exercise(
        wanted="the baseline, a share between 0 and 1",
        why="With three classes of the same size, a guess is right one time in three.",
        hint=number(
            0.333,
            "What share is right if you always answer with the most frequent class?",
            wrong={0.5: "That was the baseline for two classes."},
            above={1: "Give a share between 0 and 1."},
        ),
    ),
    "01.3": Exercise(
        wanted='a list of the changes you would use: "mirrored", "upside down", "a tenth of the light"',  # noqa: E501
        why="It keeps the label, and a camera could have taken it. Light is a matter of degree.",
        hint=_augmentations,
    ),
}
