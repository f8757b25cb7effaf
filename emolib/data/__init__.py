"""Folders of pictures become examples: fetched, scanned, audited, split without leaks, batched.

Everything that a data set needs is here (`emolib.data.scan`); each step has its own file.
Notebook 01 explains them.
"""

from typing import Any

from .archives import open_folder
from .auditing import AuditReport, Problem, audit, quarantine
from .cleaning import Cleaned, Decision, apply_decisions
from .dataset import Dataset, Row, batches, examples, load_images, scan
from .fer2013 import download_fer2013
from .layout import DataError, Skipped, class_names_in, files_in
from .sources import Portrait, example_photos, portraits, selfies
from .splitting import split, without_leaks
from .votes import FERPLUS_EMOTIONS, ferplus_votes

__all__ = [
    "AuditReport",
    "Cleaned",
    "DataError",
    "Dataset",
    "Decision",
    "FERPLUS_EMOTIONS",
    "Portrait",
    "Problem",
    "Row",
    "Skipped",
    "apply_decisions",
    "audit",
    "augmentation",
    "batches",
    "class_names_in",
    "download_fer2013",
    "example_photos",
    "examples",
    "ferplus_votes",
    "files_in",
    "load_images",
    "open_folder",
    "portraits",
    "quarantine",
    "scan",
    "selfies",
    "split",
    "without_leaks",
]


def __getattr__(name: str) -> Any:
    """Load `augmentation`, which needs TensorFlow, on first use."""
    if name == "augmentation":
        from .augment import augmentation

        return augmentation
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
