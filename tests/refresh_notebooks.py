"""Bring notebooks up to date: set-up cell and badges from one address, outputs from a fresh run.

    python tests/refresh_notebooks.py            all notebooks of the course
    python tests/refresh_notebooks.py 01 03      only these two
    python tests/refresh_notebooks.py teaching   those in teaching/, which only need outputs
    python tests/refresh_notebooks.py --check    run nothing, only report what is out of date

A notebook that raises an error or writes anything to stderr, even a warning, is not saved. The
solutions run, too. As for a reader, notebook 03 saves its network, and the next notebooks use it.
"""

from __future__ import annotations

import argparse
import copy
import os
import re
import sys
import time
import tomllib
from pathlib import Path

import nbformat
from notebook_files import ROOT, code, prose, read

NOTEBOOKS = ROOT / "notebooks"
TEACHING = ROOT / "teaching"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ADDRESS = PYPROJECT["project"]["urls"]["Repository"]
COLAB = ADDRESS.replace("https://github.com", "https://colab.research.google.com/github")
BADGES_MARK = "<!-- badges -->"
BADGES_LINE = re.compile(rf"^({re.escape(BADGES_MARK)}|\[!\[Open in Colab\].*)$", re.MULTILINE)
SETUP = f"""\
try:
    import emolib
except ModuleNotFoundError:  # on Colab: fetch the course and install its helper package
    address = "{ADDRESS}"
    !git clone --quiet --depth 1 $address course
    %pip install --quiet "./course[course]"
    %cd -q course/notebooks
    import emolib

emolib.setup_check()"""
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
FACTS = ROOT / "tests" / "notebook_facts"
TIMEOUT = 600  # seconds per cell


class Refused(Exception):
    """A notebook that must not be saved; the message says why."""


def badges(name: str) -> str:
    """Return the row of links for the notebook with this file name."""
    path = f"blob/main/notebooks/{name}"
    return (
        "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
        f"({COLAB}/{path}) · [View on GitHub]({ADDRESS}/{path})"
    )


def setup_source(old: str) -> str:
    """Return the set-up cell; keep a notebook's note that it needs no TensorFlow."""
    option = "tensorflow=False"
    return SETUP.replace("setup_check()", f"setup_check({option})") if option in old else SETUP


def put_in(nb: nbformat.NotebookNode, name: str) -> None:
    """Write the set-up cell's source and the badge row into a notebook.

    Raises:
        Refused: If there is not exactly one place for each.
    """
    setups = code(nb, "setup")
    if len(setups) != 1:
        raise Refused(f"has {len(setups)} code cells tagged `setup`: give it exactly one.")
    setups[0].source = setup_source(setups[0].source)
    rows = [c for c in nb.cells if c.cell_type == "markdown" and BADGES_LINE.search(c.source)]
    if len(rows) != 1:
        raise Refused(f"has {len(rows)} badge rows: put one line `{BADGES_MARK}` under the title.")
    rows[0].source = BADGES_LINE.sub(lambda _: badges(name), rows[0].source)


def facts(name: str) -> str:
    """Return assertions about what the text of a notebook says; they run after its last cell."""
    path = FACTS / f"{name[:2]}.py"
    return path.read_text("utf-8") if path.exists() else ""


def execute(nb: nbformat.NotebookNode, folder: Path, facts: str = "") -> None:
    """Run all cells of a notebook, with its solutions, in a fresh kernel and keep what they show.

    Args:
        nb: The notebook, which is changed.
        folder: The folder to run in.
        facts: Code that runs after the last cell and is not kept.

    Raises:
        Refused: If a cell or a fact fails, takes too long or writes to stderr.
    """
    # only here: checking set-up cells and badges needs no nbclient
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    nb.metadata = copy.deepcopy(METADATA)
    nb.cells.append(nbformat.v4.new_code_cell(facts))
    client = NotebookClient(
        nb,
        timeout=TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],  # hide a harmless warning about sockets
    )
    try:
        client.execute(env=os.environ | {"EMOLIB_SOLUTIONS": "1"})
    except (CellExecutionError, CellTimeoutError) as error:
        raise Refused(f"stopped:\n{error}") from None
    nb.cells.pop()
    for number, cell in enumerate(nb.cells):
        if cell.cell_type == "code":
            tidy(cell, number)
    nb.metadata = copy.deepcopy(METADATA)


def tidy(cell: nbformat.NotebookNode, number: int) -> None:
    """Join pieces of printed text and drop what only a live kernel can show.

    Args:
        cell: A code cell that has run; its outputs are changed.
        number: Its place in the notebook, for the message.

    Raises:
        Refused: If the cell has written to stderr.
    """
    outputs = []
    for output in cell.outputs:
        if output.output_type == "stream":
            if output.name == "stderr":
                raise Refused(f"cell {number} writes to stderr:\n{output.text[:2000]}")
            if outputs and outputs[-1].output_type == "stream":
                outputs[-1].text += output.text
                continue
        for kind in list(output.get("data", {})):
            if kind.startswith("application/vnd.jupyter"):
                del output.data[kind]
            elif kind.startswith("image/") and "alt" in cell.metadata:
                # where IPython.display.Image writes it, too
                output.metadata = {kind: {"alt": cell.metadata.alt}}
        # rich writes an empty page in front of model.summary()
        html = output.get("data", {}).get("text/html")
        if html is None or re.sub(r"<[^>]*>", "", html).strip() or "<img" in html:
            outputs.append(output)
    cell.outputs = outputs
    cell.metadata.pop("execution", None)


def refresh(path: Path) -> None:
    """Bring one notebook up to date, run it and save it."""
    nb = read(path)
    if path.parent == NOTEBOOKS:
        put_in(nb, path.name)
    start = time.monotonic()
    execute(nb, path.parent, facts(path.name))
    seconds = time.monotonic() - start
    nbformat.write(nb, path)
    words = len(prose(nb).split())
    kib = path.stat().st_size / 1024
    print(f"{path.name}: {seconds:.0f} s, {words} words, {len(nb.cells)} cells, {kib:.0f} KB")


def check(path: Path) -> None:
    """Refuse a notebook whose set-up cell, badges or metadata are out of date."""
    nb = read(path)
    fresh = copy.deepcopy(nb)
    if path.parent == NOTEBOOKS:
        put_in(fresh, path.name)
    fresh.metadata = METADATA
    if fresh != nb:
        raise Refused(f"is out of date: python tests/refresh_notebooks.py {path.name[:2]}")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("numbers", nargs="*", metavar="NN", help="such as 01; all by default")
    parser.add_argument(
        "--check", action="store_true", help="run nothing, only report what is out of date"
    )
    options = parser.parse_args(arguments)
    wanted = options.numbers or ["[0-9]"]
    paths = [path for number in wanted for path in sorted(NOTEBOOKS.glob(f"{number}*.ipynb"))]
    if "teaching" in wanted:
        paths += sorted(TEACHING.glob("*.ipynb"))
    if not paths:
        print(f"No notebook in {NOTEBOOKS.name}/ begins with {' or '.join(wanted)}.")
        return 1
    refused = 0
    for path in paths:
        try:
            (check if options.check else refresh)(path)
        except Refused as error:
            refused += 1
            print(f"{path.name} {error}")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
