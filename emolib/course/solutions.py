"""Keep Run All from spoiling exercises: a solution runs only when the reader asks for it."""

from __future__ import annotations

import os
import sys

# the first line of a solution: JupyterLab shows it for a folded cell
FOLDED = "# Solution. To run it, delete this line."
SAID = (
    "The solution is folded away. To see it work, open this cell, delete its first line and run it."
)
ALL = "EMOLIB_SOLUTIONS"  # the environment variable that makes all solutions run if it is 1


def fold_solutions() -> None:
    """Have IPython skip cells that begin with `FOLDED`, unless EMOLIB_SOLUTIONS is 1.

    Does nothing outside of a notebook.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell and _leave_out not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(_leave_out)


def _leave_out(lines: list[str]) -> list[str]:
    """Return a cell's lines or, for a folded solution, one that says what to do."""
    if lines and lines[0].rstrip() == FOLDED and os.environ.get(ALL) != "1":
        return [f"print({SAID!r})\n"]
    return lines
