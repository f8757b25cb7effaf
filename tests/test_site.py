"""The web site: every page of the course is in its menu, and its links lead somewhere.

Building it needs the extra `site`; `.ci/run` does that, and a broken link is an error there.
"""

import importlib.util
import json
import re

import pytest
from notebook_files import PATHS, ROOT, read

spec = importlib.util.spec_from_file_location("pages", ROOT / "docs" / "site" / "pages.py")
pages = importlib.util.module_from_spec(spec)
spec.loader.exec_module(pages)

README = ROOT / "README.md"
PLAN = ROOT / "teaching" / "README.md"
ALL = pages.all_pages()


def names(section):
    return [path.name for path in pages.sections()[section]]


def test_the_menu_has_every_notebook_in_order():
    assert names("The course") == ["README.md", *(path.name for path in PATHS)]


def test_the_menu_has_every_teaching_page():
    first, *others = names("Teach it")
    assert first == "README.md"
    written = {path.name for path in (ROOT / "teaching").glob("*.md")} - {"README.md"}
    assert written | {"check_your_install.ipynb"} == set(others)


def test_each_page_exists_once():
    assert len({pages.page_name(path) for path in ALL}) == len(ALL) > 25
    assert all(path.is_file() for path in ALL)


@pytest.mark.parametrize(
    ("target", "page", "expected"),
    [
        ("notebooks/00_ten_minutes.ipynb", README, "notebooks/00_ten_minutes.ipynb"),
        ("../README.md", PLAN, "../index.md"),
        ("hub.md", PLAN, "hub.md"),
        ("LICENSE", README, f"{pages.URLS['Repository']}/blob/main/LICENSE"),
        ("slides.ipynb", PLAN, f"{pages.URLS['Repository']}/blob/main/teaching/slides.ipynb"),
        ("no_such_page.md", PLAN, "no_such_page.md"),
    ],
)
def test_a_link_leads_to_a_page_or_to_the_repository(target, page, expected):
    assert pages.link_target(target, page) == expected
    assert pages.for_site(f"[a]({target}#b)\n[c]: {target}\n", page) == (
        f"[a]({expected}#b)\n[c]: {expected}\n"
    )


def test_a_page_shows_no_picture_from_another_host():
    shown = [pages.for_site(path.read_text("utf-8"), path) for path in ALL if path.suffix == ".md"]
    shown += [json.dumps(pages.notebook_for_site(read(path), path)) for path in PATHS]
    assert [re.findall(r"!\[[^\]]*\]\(http[^)]*\)", text) for text in shown] == [[]] * len(shown)
    text = "[![Open](https://a.org/b.svg)](https://c.org)\n![New](https://a.org/d.svg)\n![e](f.png)"
    assert pages.for_site(text, README) == "[Open](https://c.org) · New\n![e](f.png)"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_solutions_are_folded_and_figures_described(path):
    before = read(path).cells
    after = pages.notebook_for_site(read(path), path)["cells"]
    for cell, new in zip(before, after, strict=True):
        tags = cell.metadata.get("tags", [])
        assert ("hide-cell" in new["metadata"]["tags"]) == ("solution" in tags)
        assert ("hide-input" in new["metadata"]["tags"]) == ("setup" in tags)
        assert new["metadata"]["mystnb"]["image"]["alt"] == cell.metadata.get("alt", "")
        assert new.get("outputs") == cell.get("outputs")


@pytest.mark.parametrize("name", ["README.md", "notebooks/README.md"])
def test_the_table_of_notebooks_links_to_the_site(name):
    assert f"]({pages.URLS['Documentation']})" in (ROOT / name).read_text("utf-8")


def test_pictures_come_with_their_pages():
    card = ROOT / "models" / "README.md"
    assert [path.name for path in pages.pictures(card.read_text("utf-8"), card)] == [
        "reliability.png",
        "grad_cam.png",
    ]
    assert list(pages.pictures("![a](no_such.png)", card)) == []
