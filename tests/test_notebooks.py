"""The shape that all notebooks share; that they run is up to nbval (`pytest notebooks`).

`python tests/refresh_notebooks.py NN` fixes most of what fails here. How long a notebook may be is
up to `lint_notebooks.py`.
"""

import re

import pytest
import refresh_notebooks
from notebook_files import LESSONS, PATHS, ROOT, code, headings, is_tagged, prose, read, shown
from notebook_names import unexplained

from emolib.course.solutions import FOLDED

CHECKED = 8
CHECKED_IN_TOUR = 5
PARAMETERS = (
    'DATASET = "rendered"  # or "fer2013", or the path of a folder with one folder per class',
    'CLASSES = ["happy", "sad"]',
    "SEED = 0",
)
TIME = r"\*\*Time\*\* read (\d+) min · run (\d+) min · exercises (\d+) min"
MACHINE_PATH = re.compile(r"/(home|work|tmp|root|Users|private)/|[A-Z]:\\\\?Users|/content\b")
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}")

each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def test_the_course_is_whole():
    numbers = [int(path.stem[:2]) for path in PATHS]
    assert numbers == list(range(len(PATHS))) and len(PATHS) >= 7


@each_notebook
def test_begins_like_all_others(path):
    nb = read(path)
    titles = headings(nb, 1)
    assert len(titles) == 1 and re.fullmatch(rf"{path.stem[:2]} · \S.*", titles[0]), (
        f"one title `# {path.stem[:2]} · Name`, not {titles}"
    )
    top = nb.cells[0].source + nb.cells[1].source
    for words in ("**You will**", "**You need**", "**Time**"):
        assert words in top, f"{words} is missing under the title"
    assert re.search(TIME, top), f"the times are not as in {TIME}"
    first, *_ = code(nb)
    assert is_tagged(first, "setup"), "the first code cell must be the set-up cell"


@each_notebook
def test_setup_cell_badges_and_metadata_are_the_generated_ones(path):
    try:
        refresh_notebooks.check(path)
    except refresh_notebooks.Refused as refused:
        pytest.fail(f"{path.name} {refused}")


@each_notebook
def test_ends_like_all_others(path):
    nb = read(path)
    if path in LESSONS:
        assert headings(nb, 2)[-3:] == ["Key points", "Exercises", "Next"]
    else:
        assert re.search(r"\bYour turn \(\d+ minutes\) Next$", " ".join(headings(nb, 2)))
    after = prose(nb).split("## Next")[-1]
    assert re.search(r"\]\([^)]+\)", after), "## Next must link to what comes next"


@each_lesson
def test_parameters_are_in_one_cell(path):
    cells = code(read(path), "parameters")
    assert len(cells) == 1, f"{len(cells)} cells are tagged `parameters`, not one"
    assert cells[0].source.splitlines()[: len(PARAMETERS)] == list(PARAMETERS)


@each_notebook
def test_is_stored_as_one_run_from_top_to_bottom(path):
    cells = code(read(path))
    counts = [cell.execution_count for cell in cells]
    assert counts == list(range(1, len(cells) + 1)), f"not one run in order: {counts}"


@each_notebook
def test_stored_outputs_are_clean(path):
    nb = read(path)
    assert "widgets" not in nb.metadata, "saved widget state can contain a photo"
    for cell in code(nb):
        for output in cell.outputs:
            assert output.output_type != "error", f"a stored error:\n{cell.source}"
            assert output.get("name") != "stderr", f"stored stderr: {output.text}"
        for text in shown(cell):
            for litter in (MACHINE_PATH, ADDRESS):
                assert not litter.search(text), (
                    f"{litter.search(text)[0]} is in this output:\n{text}"
                )
    for cell in nb.cells:
        assert not MACHINE_PATH.search(cell.source), f"a path on one machine:\n{cell.source}"


@each_notebook
def test_enough_outputs_are_checked(path):
    cells = code(read(path), "nbval-check-output")
    wanted = CHECKED if path in LESSONS else CHECKED_IN_TOUR
    assert len(cells) >= wanted, f"{len(cells)} cells are tagged nbval-check-output"
    for cell in cells:
        # nbval compares nothing if there is no text or the cell was never run
        assert cell.execution_count and any(shown(cell)), f"nothing to compare:\n{cell.source}"
        assert not is_tagged(cell, "setup"), "versions differ between machines"


@each_notebook
def test_each_exercise_has_a_folded_solution(path):
    nb = read(path)
    starts = [i for i, cell in enumerate(nb.cells) if "\n### Exercise " in "\n" + cell.source]
    for k, i in enumerate(starts, 1):
        title = re.search("^### Exercise .*", nb.cells[i].source, re.MULTILINE)[0]
        assert re.fullmatch(rf"### Exercise {path.stem[:2]}\.{k} \(\d+ minutes?\)", title), title
        end = starts[k] if k < len(starts) else len(nb.cells)
        solutions = [cell for cell in nb.cells[i:end] if is_tagged(cell, "solution")]
        assert solutions, f"{title}: no cell tagged `solution` follows"
    for cell in code(nb, "solution"):
        for part in ("source_hidden", "outputs_hidden"):
            assert cell.metadata.get("jupyter", {}).get(part), f"no {part}:\n{cell.source}"
        assert cell.source.splitlines()[0] == FOLDED, f"it must begin with {FOLDED}:\n{cell.source}"


@each_notebook
def test_exercise_minutes_add_up(path):
    text = prose(read(path))
    heading = r"^(?:### Exercise|## Your turn) .*?\(?(\d+) minutes?\)"
    minutes = [int(m) for m in re.findall(heading, text, re.MULTILINE)]
    assert f"exercises {sum(minutes)} min" in text, f"the exercises take {sum(minutes)} min"


@each_notebook
def test_each_figure_is_described_and_explained(path):
    nb = read(path)
    for i, cell in enumerate(nb.cells):
        if cell.cell_type == "markdown":
            assert "![](" not in cell.source, f"a picture without alt text:\n{cell.source}"
            for image in re.findall(r"<img[^>]*>", cell.source):
                assert re.search(r'alt="[^"]+"', image), f"{image} has no alt text"
            continue
        for output in cell.outputs:
            for kind in [kind for kind in output.get("data", {}) if kind.startswith("image/")]:
                # for people who cannot see it; `alt` in the cell's metadata, kept by a refresh
                alt = output.metadata.get(kind, {}).get("alt", "")
                assert len(alt) >= 20, f"no `alt` in the cell's metadata:\n{cell.source}"
                assert alt == cell.metadata.alt, f"an old description:\n{cell.source}"
                if not is_tagged(cell, "solution"):
                    after = nb.cells[i + 1]
                    assert after.cell_type == "markdown", f"say what it shows:\n{cell.source}"


@each_notebook
def test_what_the_text_says_is_checked_at_each_refresh(path):
    assert refresh_notebooks.facts(path.name).count("assert ") >= 3


@each_notebook
def test_each_name_is_defined_before_it_is_used(path):
    for source, name in unexplained([cell.source for cell in code(read(path))]):
        pytest.fail(f"`{name}` is used before it is defined:\n{source}")


@each_notebook
def test_links_to_files_are_not_broken(path):
    for target in re.findall(r"\]\((?!https?:|#|attachment:)([^)#\s]+)[^)]*\)", prose(read(path))):
        assert (path.parent / target).exists(), f"{target} does not exist"


@each_notebook
def test_both_tables_list_the_notebook(path):
    minutes = re.search(TIME, prose(read(path))).groups()
    in_all = sum(map(int, minutes))
    colab = f"[Colab]({refresh_notebooks.COLAB}/blob/main/notebooks/{path.name})"
    for table, link, end in (
        (ROOT / "README.md", f"notebooks/{path.name}", f"| {in_all} min | {colab} |"),
        (path.parent / "README.md", path.name, f"| {' | '.join(minutes)} |"),
    ):
        rows = table.read_text("utf-8").splitlines()
        row = next((row for row in rows if f"]({link})" in row), "")
        assert row.endswith(end), f"{table}: the row must end with {end}"


def test_readme_clones_from_the_one_address():
    clone = [
        line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if "clone" in line
    ]
    assert f"git clone {refresh_notebooks.ADDRESS}" in clone


def test_an_undefined_name_is_found():
    cells = [
        "import numpy as np\n%matplotlib inline",
        "def f(x):\n    return np.abs(x) + y",
        "y = 1",
    ]
    assert unexplained(cells) == [(cells[1], "y")]
    assert unexplained([cells[0], cells[2], cells[1], "print([f(z) for z in range(y)])"]) == []
