"""What only the course needs: paths, setup check, exercise checks, quiz, learner copies, doctor.

>>> import emolib
>>> emolib.setup_check()
>>> from emolib import course
>>> course.folder("rendered")
PosixPath('../data/rendered')
"""

from typing import Any

from .paths import course_dir, folder, models_dir
from .setup import setup_check

__all__ = ["folder", "course_dir", "keep_previous", "models_dir", "reader_model", "setup_check"]


def __getattr__(name: str) -> Any:
    """Load what needs NumPy when it is first used: `doctor` must start without it."""
    if name in ("keep_previous", "reader_model"):
        from . import own_model

        return getattr(own_model, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
