"""Which Python runs this, which packages it lacks, and how to get them.

Needs nothing but the standard library, because it is needed when the packages are missing.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import sys
import tomllib
from pathlib import Path

from . import paths

NEWEST_PYTHON = (3, 13)  # the newest version that TensorFlow supports
FOLDER = ".venv"  # the environment that the README has the reader create
NAMED = 3  # packages named in one sentence


def import_problem(error: ImportError) -> str | None:
    """Say why a package cannot be imported, and what to do.

    Args:
        error: What the import raised.

    Returns:
        One sentence, or None if the mistake is emolib's own.
    """
    if error.name and error.name.partition(".")[0] == "emolib":
        return None
    doctor = f"{Path(sys.executable).name} -m emolib doctor"
    if not isinstance(error, ModuleNotFoundError):
        reason = (str(error).strip().splitlines() or ["no message"])[0]
        return f"A package does not load ({reason}): run {doctor} to find out more."
    if not _requirements().is_file():
        return f"The package {error.name} is missing: run {doctor} to see how to install it."
    fix = how_to_fix()
    return f"The package {error.name} is missing{_why()}: run {fix} ({doctor} checks the rest)."


def not_installed(in_notebook: bool) -> str:
    """Say what to do if emolib is not installed in this Python, but run from its own folder.

    Args:
        in_notebook: Write a command for a notebook cell, not for a shell.
    """
    install = f"pip install -e {_quoted(paths.course_dir())}"
    if in_notebook:
        return f"emolib is not installed: run %{install} and restart the kernel."
    missing = _missing_packages()
    if not missing:
        return f"emolib is not installed: run {install}"
    listed = ", ".join(missing[:NAMED])
    more = f" and {len(missing) - NAMED} more packages" if len(missing) > NAMED else ""
    return f"{listed}{more} are missing{_why()}: run {how_to_fix()}"


def how_to_fix() -> str:
    """Return the line for a shell after which this Python, or a suitable one, has the packages."""
    place = paths.course_dir() / FOLDER
    posix = os.name == "posix"
    programs = place / ("bin" if posix else "Scripts")
    activate = f"source {_quoted(programs / 'activate')}" if posix else str(programs / "activate")
    if _is_inactive(place):
        return activate
    install = f"pip install -r {_quoted(_requirements())}"
    if _in_environment() and not is_too_new():
        return install
    return f"{_python()} -m venv {_quoted(place)} && {activate} && {install}"


def is_too_new() -> bool:
    """Return whether there is no TensorFlow yet for this version of Python."""
    return sys.version_info[:2] > NEWEST_PYTHON


def _why() -> str:
    place = paths.course_dir() / FOLDER
    return f" because the environment {FOLDER} is not active" if _is_inactive(place) else ""


def _is_inactive(place: Path) -> bool:
    """Return whether an environment exists, but a different Python runs this."""
    return (place / "pyvenv.cfg").is_file() and Path(sys.prefix).resolve() != place.resolve()


def _in_environment() -> bool:
    return sys.prefix != sys.base_prefix or "CONDA_PREFIX" in os.environ


def _python() -> str:
    """Return the command for this Python or, if it is too new, for one that TensorFlow supports."""
    if not is_too_new():
        return Path(sys.executable).name
    version = ".".join(map(str, NEWEST_PYTHON))
    return f"python{version}" if os.name == "posix" else f"py -{version}"


def _requirements() -> Path:
    return paths.course_dir() / "requirements.txt"


def _missing_packages() -> list[str]:
    """Return the packages that the course's folder asks for and this Python does not have."""
    try:
        text = (paths.course_dir() / "pyproject.toml").read_text("utf-8")
    except OSError:
        return []
    project = tomllib.loads(text)["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["course"]]
    names = [re.split(r"[^\w.-]", line)[0] for line in wanted]
    return [name for name in names if not _is_installed(name)]


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _quoted(path: Path) -> str:
    return f'"{path}"' if " " in str(path) else str(path)
