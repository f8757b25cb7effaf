"""emolib: tell happy from sad faces in photos, and learn how that works.

    >>> import emolib
    >>> classifier = emolib.load_classifier()
    >>> for face in classifier.predict("photo.jpg"):
    ...     print(face.label, face.probability, face.box)

Importing emolib is fast: TensorFlow loads only when a network is built, trained or read from a
`.keras` file.
"""

import importlib
import os
import sys
from typing import Any

from .errors import EmolibError

__version__ = "0.3.0"
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

# Python 3.8 can parse this file, `errors.py` and `__main__.py`: its users see a sentence,
# not a SyntaxError
OLDEST_PYTHON = (3, 11)
_PYTHON = sys.version.split()[0]
_ACTIVATE = "source .venv/bin/activate" if os.name == "posix" else r".venv\Scripts\activate"
_TOO_OLD = (
    f"emolib needs Python 3.11, 3.12 or 3.13, and this is Python {_PYTHON}: activate the course's "
    f"environment ({_ACTIVATE}), or install Python 3.13 and set the course up again as its README "
    "says."
)

# under `python -m emolib`, argv[0] is "-m" while the package loads: `__main__` prints the sentence
# without a traceback
if sys.version_info < OLDEST_PYTHON and sys.argv[:1] != ["-m"]:
    raise ImportError(_TOO_OLD)


def __getattr__(name: str) -> Any:
    """Load a part of the package when one of its names is first used."""
    if name in _HOMES:
        return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> "list[str]":  # in quotes for Python 3.8
    return sorted([*globals(), *__all__])
