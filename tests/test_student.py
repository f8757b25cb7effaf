"""Learner copies: nothing of a solution is left, and they run with no exercise answered."""

import ast
import json
import re
import shutil
import subprocess
import zipfile

import nbformat
import pytest
import refresh_notebooks
from notebook_files import LESSONS, PATHS, ROOT, code, is_tagged, prose, shown

from conftest import one_sentence
from emolib.cli import main
from emolib.course import paths
from emolib.course.solutions import FOLDED
from emolib.course.student import StudentError, learner_copy, write_learner_copies

COMMON = 4  # characters: lines this short may be in the lesson, too


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class") / "learners"
    write_learner_copies(folder)
    return folder


def texts(nb):
    return "\n".join(cell.source for cell in nb.cells)


def test_the_command_writes_all_notebooks_and_a_zip_of_them(tmp_path, capsys):
    out = tmp_path / "deep" / "learners"
    assert main(["student", str(out)]) == 0
    assert capsys.readouterr().out.split() == [
        *(str(out / path.name) for path in PATHS),
        str(tmp_path / "deep" / "learners.zip"),
    ]
    with zipfile.ZipFile(tmp_path / "deep" / "learners.zip") as packed:
        files = {name for name in packed.namelist() if not name.endswith("/")}
        assert files == {f"learners/{path.name}" for path in PATHS}
        for name in files:
            assert packed.read(name) == (out.parent / name).read_bytes()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_no_solution_and_no_output_is_left(path, copies):
    full, copy = nbformat.read(path, 4), nbformat.read(copies / path.name, 4)
    nbformat.validate(copy)
    assert not re.search(r"\bsolutions?\b", texts(copy), re.IGNORECASE)
    assert "Colab](" not in texts(copy) and refresh_notebooks.ADDRESS + "/blob" not in texts(copy)
    lesson = {
        line for cell in full.cells if not is_tagged(cell, "solution") for line in split(cell)
    }
    copied = {line for cell in copy.cells for line in split(cell)}
    for cell in code(full, "solution"):
        for line in split(cell):
            if len(line) > COMMON and line not in lesson and "emolib.check(" not in line:
                assert line not in copied, line
        for text in filter(None, shown(cell)):
            assert text not in texts(copy)
    for cell in code(copy):
        assert not cell.outputs and cell.execution_count is None


def split(cell):
    return [line.strip() for line in cell.source.splitlines() if line.strip()]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_each_exercise_waits_for_an_answer_and_ends_in_its_check(path, copies):
    copy = nbformat.read(copies / path.name, 4)
    numbers = re.findall(r"^### Exercise (\d\d\.\d)", prose(nbformat.read(path, 4)), re.MULTILINE)
    waiting = [cell for cell in code(copy, "exercise")]
    assert len(waiting) == len(numbers) >= 2
    for number, cell in zip(numbers, waiting, strict=True):
        above = copy.cells[: copy.cells.index(cell)]
        assert f"### Exercise {number} " in prose(nbformat.v4.new_notebook(cells=above))
        *answers, call = ast.parse(cell.source).body
        assert f'emolib.check("{number}", ' in cell.source and isinstance(call, ast.Expr)
        assert all(ast.unparse(answer).endswith("= ...") for answer in answers)
        assert answers or "..." in ast.unparse(call)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_links_of_a_copy_lead_somewhere(path, copies):
    copy = nbformat.read(copies / path.name, 4)
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)[^)]*\)", prose(copy))
    assert [target for target in targets if not (copies / target).exists()] == []


@pytest.mark.slow
def test_a_copy_runs_with_no_exercise_answered(copies):
    [path] = copies.glob("02*.ipynb")
    copy = nbformat.read(path, 4)
    refresh_notebooks.execute(copy, copies)
    for cell in code(copy, "exercise"):
        assert re.fullmatch(r"Exercise \d\d\.\d: no answer yet\. .*\n", "".join(shown(cell)))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_with_solutions_each_one_is_folded_below_the_cell_for_the_answer(path):
    full = json.loads(path.read_text("utf-8"))
    copy = nbformat.reads(json.dumps(learner_copy(full, with_solutions=True)), 4)
    nbformat.validate(copy)
    solutions = code(copy, "solution")
    assert [c.source for c in solutions] == [
        c.source for c in code(nbformat.read(path, 4), "solution")
    ]
    below = [copy.cells[copy.cells.index(cell) + 1] for cell in code(copy, "exercise")]
    assert len(below) >= 2 and all(cell in solutions for cell in below)
    for cell in solutions:
        assert cell.source.startswith(FOLDED) and cell.metadata.jupyter.source_hidden
    assert not any(cell.outputs or cell.execution_count for cell in code(copy))


def git(*words, **options):
    name = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *name, *words], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def clones(tmp_path):
    """The course's address and a reader's clone of it, with the notebooks alone."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    address = tmp_path / "address"
    shutil.copytree(ROOT / "notebooks", address / "notebooks", ignore=shutil.ignore_patterns(".*"))
    for name in (".gitignore", "pyproject.toml"):
        shutil.copy(ROOT / name, address)
    git("init", "-q", cwd=address)
    git("add", ".", cwd=address)
    git("commit", "-q", "-m", "The course", cwd=address)
    git("clone", "-q", str(address), str(tmp_path / "mine"))
    return address, tmp_path / "mine"


def test_own_copies_can_be_worked_in_and_git_still_pulls(clones, monkeypatch, capsys):
    address, mine = clones
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    monkeypatch.chdir(mine)
    assert main(["student"]) == 0
    *written, last = capsys.readouterr().out.splitlines()
    assert written == [f"my_course/{path.name}" for path in PATHS]
    assert last.endswith("run jupyter lab my_course")
    (mine / "my_course" / PATHS[0].name).write_text("my work")
    (address / "notebooks" / PATHS[0].name).write_text("a better lesson")
    git("commit", "-q", "-a", "-m", "Better", cwd=address)
    assert git("status", "--porcelain", cwd=mine) == ""
    git("pull", "-q", "--ff-only", cwd=mine)
    assert (mine / "notebooks" / PATHS[0].name).read_text() == "a better lesson"
    assert (mine / "my_course" / PATHS[0].name).read_text() == "my work"
    assert main(["student"]) == 1
    assert "my_course is not empty" in capsys.readouterr().err


OUTPUTS = (
    r"--(?:save|csv|out) (\S+)",
    r"emolib crop \S+ --to (\S+)",
    r"emolib student (\w\S*)",
    r"emolib render (\S+)",
    r"emolib download fer2013 .*--to (\S+)",
    r"pip download .* -d (\w+)",
)


def test_git_leaves_out_whatever_the_pages_have_a_reader_write(clones):
    _, mine = clones
    pages = [*ROOT.glob("*.md"), *ROOT.glob("[!.]*/*.md"), *(ROOT / "emolib" / "cli").glob("*.py")]
    text = "\n".join(page.read_text("utf-8") for page in pages)
    named = {name.strip("`\"',.)") for output in OUTPUTS for name in re.findall(output, text)}
    # the rendered faces belong to the course
    places = {name for name in named if re.match(r"[a-z]", name)} - {"data/rendered"}
    assert {"learners", "answers", "figures", "models/mine.keras", "wheels"} <= places
    for place in sorted(places):
        file = mine / place if "." in place else mine / place / "file.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("mine")
    (mine / "learners.zip").write_text("mine")
    (mine / "notebooks" / "Untitled.ipynb").write_text("mine")
    assert git("status", "--porcelain", "--untracked-files=all", cwd=mine) == ""


def test_nothing_of_anybody_s_is_overwritten(tmp_path, monkeypatch, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(StudentError) as error:
        write_learner_copies(tmp_path / "mine")
    one_sentence(error, "not empty")
    (tmp_path / "new.zip").write_bytes(b"keep")
    with pytest.raises(StudentError) as error:
        write_learner_copies(tmp_path / "new")
    one_sentence(error, "new.zip", "exists already")
    assert not (tmp_path / "new").exists() and (tmp_path / "new.zip").read_bytes() == b"keep"
    monkeypatch.setattr(paths, "course_dir", lambda: tmp_path)
    assert main(["student", str(tmp_path / "other")]) == 1
    assert capsys.readouterr().err.startswith("The course's notebooks are not here")


def test_an_answer_that_is_no_name_is_not_given_away():
    solution = {
        "cell_type": "code",
        "id": "b",
        "metadata": {"tags": ["solution"]},
        "source": ['emolib.check("01.3", ["mirrored"])'],
    }
    title = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "### Exercise 01.3 (1"}
    copy = learner_copy({"cells": [title, solution], "nbformat": 4})
    assert "mirrored" not in json.dumps(copy)
    assert copy["cells"][1]["source"][-1] == 'emolib.check("01.3", ...)'
