"""Build the course's web site. It runs no notebook and needs no internet.

    pip install -e ".[site]"
    python docs/site/build.py OUT

A link, anchor or picture that does not exist is an error.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from api import write_api
from pages import URLS, copy_pages, page_name, sections
from sphinx.cmd.build import build_main


def menu(rooms: Sequence[str]) -> str:
    """Return the menu, to be appended to the first page: sections of pages, and the rooms."""
    parts = {
        title: ["/" + page_name(page).rpartition(".")[0] for page in files]
        for title, files in sections().items()
    }
    project = parts.pop("The project")
    parts["The package"] = [f"/api/{room}" for room in rooms]
    parts["The project"] = [*project, f"GitHub <{URLS['Repository']}>"]
    blocks = [
        "\n".join(["", "```{toctree}", ":hidden:", f":caption: {title}", *entries, "```", ""])
        for title, entries in parts.items()
    ]
    return "".join(blocks)


def build(out: Path) -> int:
    """Build the site in a folder; return 0, or Sphinx's exit status after a warning or error."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "site"
        copy_pages(source)
        (source / "api").mkdir()
        names = write_api(source / "api")
        with (source / "index.md").open("a", encoding="utf-8") as first_page:
            first_page.write(menu(names))
        settings = ["-c", str(Path(__file__).parent), "-d", str(Path(folder) / "cache")]
        return build_main([*settings, "-q", "--fail-on-warning", str(source), str(out)])


def main() -> int:
    """Build the site in the folder named on the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("out", type=Path, help="folder for the site, outside the course's folder")
    out = parser.parse_args().out
    status = build(out)
    if status == 0:
        print(f"Open {out / 'index.html'} in a browser.")
    return status


if __name__ == "__main__":
    sys.exit(main())
