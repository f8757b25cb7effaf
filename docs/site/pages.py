"""Which files of the course become pages of the site, and how a page differs from its file.

Files stay as they are; each page is a copy. In it, a README.md is the first page of its folder,
links to files that are not pages lead to the repository, pictures from other hosts become text,
and set-up cells and solutions are folded.
"""

import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from functools import cache
from os.path import normpath
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
FIRST_PAGE = "README.md"
SECTIONS = {
    "The course": ["notebooks/README.md", "notebooks/[0-9]*.ipynb"],
    "Teach it": ["teaching/README.md", "teaching/*.md", "teaching/check*.ipynb"],
    "Models and data": ["models/README.md", "data/README.md", "docs/*.md", "benchmarks/README.md"],
    "The project": ["CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "CHANGELOG.md"],
}
# what the bar above a folded cell says
FOLDED = {"setup": "Set-up", "solution": "Solution"}
PICTURE = re.compile(r"!\[[^\]]*\]\((?!https?:)([^)\s]+)\)")
BETWEEN_BADGES = re.compile(r"(?<=\))\n(?=\[?!\[[^\]]*\]\(https?:)")
REMOTE_PICTURE = re.compile(r"!\[([^\]]*)\]\(https?:[^)]*\)")
LINK = re.compile(r"((?<!!)\[[^\[\]]*\]\(|^\[[^\[\]]+\]: )(?![a-z]+:)([^)#\s]+)", re.MULTILINE)


def sections() -> dict[str, list[Path]]:
    """Return the files that become pages, by section, in the order of the menu."""
    found = {}
    for title, patterns in SECTIONS.items():
        files = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
        found[title] = list(dict.fromkeys(files))
    return found


@cache
def all_pages() -> tuple[Path, ...]:
    """Return every file that becomes a page."""
    return (ROOT / FIRST_PAGE, *(path for files in sections().values() for path in files))


def page_name(path: Path) -> str:
    """Return a page's file within the site's source, such as `teaching/index.md`."""
    return path.relative_to(ROOT).as_posix().replace(FIRST_PAGE, "index.md")


def link_target(target: str, page: Path) -> str:
    """Return where a link leads on the site.

    Args:
        target: A path relative to the page's folder, as it is in the file.
        page: The file with the link.

    Returns:
        The page; the address in the repository if the file is not a page; the target itself if
        there is no such file, so that the build fails.
    """
    path = Path(normpath(page.parent / target))
    if path in all_pages():
        return target.replace(FIRST_PAGE, "index.md")
    if not path.exists():
        return target
    return f"{URLS['Repository']}/blob/main/{path.relative_to(ROOT).as_posix()}"


def for_site(text: str, page: Path) -> str:
    """Return Markdown with the links and pictures that it has on the site."""
    text = REMOTE_PICTURE.sub(r"\1", BETWEEN_BADGES.sub(" · ", text))
    return LINK.sub(lambda match: match[1] + link_target(match[2], page), text)


def notebook_for_site(notebook: dict[str, Any], page: Path) -> dict[str, Any]:
    """Return a notebook for MyST-NB: links as on the site, folded cells, described figures."""
    notebook["metadata"]["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = for_site("".join(cell["source"]), page)
        cell["metadata"] = cell_metadata(cell["metadata"])
    return notebook


def cell_metadata(stored: dict[str, Any]) -> dict[str, Any]:
    """Return a cell's metadata with what MyST-NB reads: what to fold, and alt text."""
    tags = stored.get("tags", [])
    display: dict[str, Any] = {"image": {"alt": stored.get("alt", "")}}
    for tag, title in FOLDED.items():
        if tag in tags:
            display["code_prompt_show"] = title
            display["code_prompt_hide"] = title
            # a solution's figure gives it away; what the set-up prints is worth seeing
            tags = [*tags, "hide-cell" if tag == "solution" else "hide-input"]
    return stored | {"tags": tags, "mystnb": display}


def pictures(text: str, page: Path) -> Iterator[Path]:
    """Yield the picture files that a page shows; one that is missing is left to the build."""
    for target in PICTURE.findall(text):
        path = Path(normpath(page.parent / target))
        if path.is_file():
            yield path


def copy_pages(to: Path) -> None:
    """Write all pages, and the pictures that they show, into a folder."""
    for page in all_pages():
        text = page.read_text("utf-8")
        for picture in pictures(text, page):
            place = to / picture.relative_to(ROOT)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(picture, place)
        if page.suffix == ".ipynb":
            text = json.dumps(notebook_for_site(json.loads(text), page))
        else:
            text = for_site(text, page)
        place = to / page_name(page)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
