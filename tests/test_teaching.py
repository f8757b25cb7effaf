"""What teachers get: links lead somewhere, plans add up, the install check finds a wrong kernel."""

import re
import subprocess
from pathlib import Path

import nbformat
import pytest
import refresh_notebooks
from notebook_files import PATHS, code, headings, prose, shown

ROOT = Path(__file__).parents[1]
TEACHING = ROOT / "teaching"
PAGES = sorted(TEACHING.glob("*.md"))
CHECK = TEACHING / "check_your_install.ipynb"
PLANS = {"A lesson of 90 minutes": 90, "Half a day": 240, "A second half day": 240}


def linked(text):
    inside = re.findall(r"\]\((?!https?:|#)([^)#\s]+)[^)]*\)", text)
    return inside + re.findall(r"^\[[^\]]+\]: (?!https?:)(\S+)$", text, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = page.read_text("utf-8")
    assert [target for target in linked(text) if not (TEACHING / target).exists()] == []


def test_each_page_and_notebook_is_named_in_the_first_one():
    named = linked((TEACHING / "README.md").read_text("utf-8"))
    others = {path.name for path in TEACHING.iterdir() if path.suffix in (".md", ".ipynb")}
    assert others - {"README.md"} <= set(named)


@pytest.mark.parametrize(("title", "minutes"), PLANS.items())
def test_the_parts_of_a_plan_add_up(title, minutes):
    text = (TEACHING / "README.md").read_text("utf-8")
    _, plan = re.split(rf"^## {title}$", text, flags=re.MULTILINE)
    plan = plan.split("\n## ")[0]
    parts = re.findall(r"^\| (\d+)-(\d+) \|", plan, re.MULTILINE)
    starts, ends = zip(*[map(int, part) for part in parts], strict=True)
    assert starts == (0, *ends[:-1]) and ends[-1] == minutes


def test_a_plan_names_sections_that_the_notebooks_have():
    """`*Section*`, capitalized, is the beginning of a heading; `*Say first:*` is a label."""
    text = (TEACHING / "README.md").read_text("utf-8")
    plans = text.split("\n## A lesson of 90 minutes\n")[1].split(
        "\n## When something goes wrong\n"
    )[0]
    named = re.findall(r"(?<![\w*])\*([A-Z][^*\n]+[^*:\n])\*(?![\w*])", plans)
    titles = [title for path in PATHS for title in headings(nbformat.read(path, 4), 2)]
    assert len(named) > 15
    assert [name for name in named if not any(title.startswith(name) for title in titles)] == []


def test_the_table_of_notebooks_names_every_exercise():
    text = (TEACHING / "README.md").read_text("utf-8")
    table = text.split("\n## The notebooks\n")[1].split("\n## ")[0]
    titles = [title for path in PATHS for title in headings(nbformat.read(path, 4), 3)]
    numbers = [re.match(r"Exercise (\d\d\.\d)", title) for title in titles]
    assert re.findall(r"\b\d\d\.\d\b", table) == [number[1] for number in numbers if number]


def test_each_word_of_the_glossary_stands_in_the_notebook_it_names():
    words = {path.name[:2]: prose(nbformat.read(path, 4)).lower() for path in PATHS}
    glossary = (TEACHING / "glossary.md").read_text("utf-8")
    rows = re.findall(r"^\| (?!word)(\w.*?) \| .* \| (\[.*\]) \|$", glossary, re.MULTILINE)
    assert len(rows) > 40
    assert [word for word, _ in rows] == sorted((word for word, _ in rows), key=str.lower)
    for word, numbers in rows:
        forms = re.split(r", | \(| set$", word.lower().rstrip(")"))
        for number in re.findall(r"\d\d", numbers):
            text = " ".join(words[number].replace("*", "").split())
            assert any(form and form in text for form in forms), word


def test_the_slides_are_a_dozen_with_few_words_and_notes_that_fill_the_lesson():
    slides = []
    for cell in nbformat.read(TEACHING / "slides.ipynb", 4).cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type")
        if kind == "slide":
            slides.append({"words": 0, "notes": ""})
        if kind == "notes":
            slides[-1]["notes"] += cell.source
        elif kind != "skip" and cell.cell_type == "markdown":
            slides[-1]["words"] += len(
                re.sub(r"<style>.*</style>", "", cell.source, flags=re.S).split()
            )
    assert 12 <= len(slides) <= 14
    assert max(slide["words"] for slide in slides) <= 40
    minutes = [int(re.match(r"\*\*(\d+) minutes?", slide["notes"])[1]) for slide in slides]
    assert sum(minutes) == PLANS["A lesson of 90 minutes"]


def test_the_install_check_has_five_cells_and_ends_in_the_line_for_the_teacher():
    nb = nbformat.read(CHECK, 4)
    assert len(code(nb)) == 5
    for number in range(1, 6):
        assert f"**{number}. " in prose(nb)
    assert re.match(r"emolib \S+, Python \S+, TensorFlow ", "".join(shown(code(nb)[-1])))


@pytest.mark.slow  # starts a kernel
def test_in_a_kernel_without_the_course_a_sentence_says_so_and_the_rest_does_not_run():
    nb = nbformat.read(CHECK, 4)
    for cell in code(nb):
        cell.execution_count, cell.outputs = None, []
    nb.cells.insert(0, nbformat.v4.new_code_cell("import sys\nsys.modules['emolib'] = None"))
    with pytest.raises(refresh_notebooks.Refused):
        refresh_notebooks.execute(nb, TEACHING)
    first, *rest = code(nb)[1:]
    (output,) = first.outputs
    assert output.traceback[0].startswith("This kernel is Python 3.")
    assert len(output.traceback) == 1 and "Change Kernel" in output.traceback[0]
    assert not any(cell.execution_count for cell in rest)


def test_the_size_of_the_course_is_what_the_page_says():
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nobody knows which files belong to the course")
    said = re.search(r"the course's folder\s+\((\d+) MB", (TEACHING / "no_internet.md").read_text())
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    size = sum(file.stat().st_size for file in files if file.is_file()) / 1e6
    assert abs(size - int(said[1])) < 0.2 * size, f"it has {size:.0f} MB"
