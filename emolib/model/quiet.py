"""Silence what libraries print that nobody asked for."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
import warnings
from collections.abc import Iterator

_lock = threading.Lock()
_restore = contextlib.ExitStack()
_asking = 0


@contextlib.contextmanager
def silent_stderr() -> Iterator[None]:
    """Silence what compiled libraries write to stderr, past Python's own `sys.stderr`.

    What Python itself writes to `sys.stderr` meanwhile, such as the traceback of another thread,
    is still shown. Several threads may be silent at once: the last one to finish ends the silence.
    Where there is no stderr, as under `pythonw`, nothing happens.
    """
    global _asking
    with _lock:
        _asking += 1
        if _asking == 1:
            with contextlib.suppress(OSError):
                _point_at_nothing()
    try:
        yield
    finally:
        with _lock:
            _asking -= 1
            if _asking == 0:
                _restore.close()


@contextlib.contextmanager
def silent_output() -> Iterator[None]:
    """Silence converters: what they print, their warnings, and what `silent_stderr` silences."""
    with silent_stderr(), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _point_at_nothing() -> None:
    """Point descriptor 2 at nothing, and Python's own stream at a copy of it."""
    buffer = getattr(sys.__stderr__, "buffer", None)
    raw = getattr(buffer, "raw", buffer)  # there is no buffer under PYTHONUNBUFFERED
    if raw is None:
        return  # without a stderr, descriptor 2 may be any file that was opened later
    real = os.dup(2)
    _restore.callback(os.close, real)
    _restore.callback(_move, raw, 2)
    _restore.callback(os.dup2, real, 2)
    _move(raw, real)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    os.close(nothing)


def _move(raw: io.RawIOBase, descriptor: int) -> None:
    """Let Python's stderr write to a different descriptor.

    Loggers keep the old `sys.stderr`, so replacing it is not enough.
    """
    type(raw).__init__(raw, descriptor, "wb", False)  # type: ignore[misc, call-arg]
    raw.name = "<stderr>"  # type: ignore[attr-defined]
