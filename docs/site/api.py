"""The API reference: one page per room of emolib, from the docstrings of the names in `__all__`."""

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from pages import ROOT
from sphinx.ext.autodoc.mock import mock

# a page needs their names only, and importing them takes long
MOCKED = ["keras", "tensorflow"]
KINDS = {"function": "Functions", "class": "Classes", "exception": "Errors", "data": "Constants"}


def rooms() -> list[ModuleType]:
    """Return emolib and its modules with an `__all__`, by name."""
    files = [*ROOT.glob("emolib/*.py"), *ROOT.glob("emolib/*/__init__.py")]
    public = [path for path in files if "\n__all__ = [" in path.read_text("utf-8")]
    with mock(MOCKED):
        return [importlib.import_module(name) for name in sorted(map(module_name, public))]


def module_name(path: Path) -> str:
    """Return the dotted name of a module's file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def kind(value: Any) -> str:
    """Return which of Sphinx's directives describes a value."""
    if inspect.isroutine(value):
        return "function"
    if not inspect.isclass(value):
        return "data"
    return "exception" if issubclass(value, Exception) else "class"


def room_page(room: ModuleType) -> str:
    """Return the page of a room, in reStructuredText: a table of its names, then each of them."""
    with mock(MOCKED):
        values = {name: getattr(room, name) for name in room.__all__}
    lines = [room.__name__, "=" * len(room.__name__), "", f".. automodule:: {room.__name__}"]
    for wanted, title in KINDS.items():
        names = [name for name, value in values.items() if kind(value) == wanted]
        if not names:
            continue
        lines += ["", title, "-" * len(title), ""]
        # a table of contents, where there is something to choose from
        if wanted != "data" and len(names) > 2:
            lines += [".. autosummary::", "   :nosignatures:", ""]
            lines += [f"   {name}" for name in names]
        for name in names:
            lines += ["", *entry(name, values[name])]
    return "\n".join(lines) + "\n"


def entry(name: str, value: Any) -> Iterator[str]:
    """Yield the lines that describe one name."""
    if kind(value) != "data":
        yield f".. auto{kind(value)}:: {name}"
        yield from ["   :members:"] * inspect.isclass(value)
        return
    yield f".. py:data:: {name}"
    yield f"   :type: {type(value).__name__}"
    # a path differs from machine to machine
    if not isinstance(value, Path):
        yield f"   :value: {value!r}"


def write_api(to: Path) -> list[str]:
    """Write a page for each room into a folder; return the rooms' names."""
    names = []
    for room in rooms():
        (to / f"{room.__name__}.rst").write_text(room_page(room), "utf-8")
        names.append(room.__name__)
    return names
