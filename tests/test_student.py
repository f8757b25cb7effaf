"""Learner copies: nothing of a solution is left, and they run with no exercise answered."""

import ast
import json
import re
import zipfile

import nbformat
import pytest
import refresh_notebooks
from conftest import one_sentence
from notebook_files import PATHS, code, is_tagged, prose, shown

from emolib.cli import main
from emolib.course import paths
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


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_each_exercise_waits_for_an_answer_and_ends_in_its_check(path, copies):
    copy = nbformat.read(copies / path.name, 4)
    numbers = re.findall(r"^### Exercise (\d\d\.\d)", prose(nbformat.read(path, 4)), re.MULTILINE)
    waiting = [cell for cell in code(copy, "exercise")]
    assert len(waiting) == len(numbers) >= 2
    for number, cell in zip(numbers, waiting, strict=True):
        i = copy.cells.index(cell)
        assert f"### Exercise {number} " in copy.cells[i - 1].source
        *answers, call = ast.parse(cell.source).body
        assert f'emolib.check("{number}", ' in cell.source and isinstance(call, ast.Expr)
        assert all(ast.unparse(answer).endswith("= ...") for answer in answers)
        assert answers or "..." in ast.unparse(call)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_links_of_a_copy_lead_somewhere(path, copies):
    copy = nbformat.read(copies / path.name, 4)
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)[^)]*\)", prose(copy))
    assert targets and all((copies / target).exists() for target in targets)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
@pytest.mark.slow
def test_a_copy_runs_with_no_exercise_answered(path, copies):
    copy = nbformat.read(copies / path.name, 4)
    refresh_notebooks.execute(copy, copies)
    for cell in code(copy, "exercise"):
        assert re.fullmatch(r"Exercise \d\d\.\d: no answer yet\. .*\n", "".join(shown(cell)))


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
