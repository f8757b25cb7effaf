"""emolib: tell happy from sad faces in photos, and learn how that works.

    >>> import emolib
    >>> classifier = emolib.load_classifier()
    >>> for face in classifier.predict("photo.jpg"):
    ...     print(face.label, face.probability, face.box)

Importing it is light: TensorFlow loads when a network is built, trained or read from `.keras`.
"""

from __future__ import annotations

import importlib
from typing import Any

from .errors import EmolibError

__version__ = "0.1.0"
__all__ = [
    "EmolibError",
    "check",
    "compare",
    "evaluate",
    "find_faces",
    "load_classifier",
    "open_image",
    "setup_check",
]

_HOMES = {
    "check": "course.checks",
    "compare": "course.checks",
    "evaluate": "evaluation",
    "find_faces": "faces",
    "load_classifier": "inference",
    "open_image": "images",
    "setup_check": "course",
}


def __getattr__(name: str) -> Any:
    """Load a room of the package when something of it is first asked for."""
    if name in _HOMES:
        return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
