"""A Python without the course's packages, or of a different version: sentences, no traceback."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest
from notebook_files import ROOT

import emolib
from emolib.cli import main
from emolib.course import doctor, environment
from emolib.course.doctor import ERROR

ACTIVATE = r"\.venv\Scripts\activate" if os.name == "nt" else "source .venv/bin/activate"
INSTALL = "pip install -r requirements.txt"


def program(place):
    return place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """The program of an environment without packages, somewhere else."""
    place = tmp_path_factory.mktemp("environments") / "bare"
    venv.create(place)
    return program(place)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course's folder, as it is after `git clone`, without its pictures."""
    place = tmp_path_factory.mktemp("clone") / "course"
    shutil.copytree(ROOT / "emolib", place / "emolib", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, place)
    (place / "notebooks").mkdir()
    return place


def run(python, *words, cwd):
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "CONDA_PREFIX")}
    command = [str(python), "-m", "emolib", *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=env)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def inactive(course):
    """An environment in the course's folder, which is not the one that runs."""
    venv.create(course / ".venv")
    yield course / ".venv"
    shutil.rmtree(course / ".venv")


def findings(done):
    """Return {topic: (state, words)} of what doctor printed."""
    lines = re.findall(r"^(ok|WARNING|ERROR) +(\w+): (.*)$", done.stdout, re.MULTILINE)
    return {topic: (state, words) for state, topic, words in lines}


def test_doctor_needs_no_package_and_says_which_are_missing(bare, course):
    done = run(bare, "doctor", cwd=course)
    assert done.returncode == 1 and not done.stderr
    found = findings(done)
    assert found["Python"][0] == found["disk"][0] == "ok"
    state, words = found["packages"]
    assert state == "ERROR" and words.startswith("tensorflow, keras, numpy and ")
    assert words.endswith(f" more packages are missing: run {INSTALL}")
    assert found["models"] == ("WARNING", "not checked, because numpy is missing")
    assert "no TensorFlow" in done.stdout.splitlines()[-1]


def test_doctor_names_an_environment_that_is_not_active(bare, course, inactive):
    state, words = findings(run(bare, "doctor", cwd=course))["packages"]
    assert state == "ERROR"
    assert words.endswith(f"missing because the environment .venv is not active: run {ACTIVATE}")
    # the active one lacks the packages itself
    words = findings(run(program(inactive), "doctor", cwd=course))["packages"][1]
    assert words.endswith(f"are missing: run {INSTALL}")


COMMANDS = [
    ["predict"],
    ["audit", "data"],
    ["render", "new"],
    ["crop", "photos", "--to", "new"],
    ["download", "fer2013"],
    ["train", "data"],
    ["evaluate", "a.keras", "data"],
    ["export", "a.keras", "--to", "onnx"],
    ["serve"],
]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_every_command_names_the_missing_package_and_the_fix(bare, course, words):
    done = run(bare, *words, cwd=course)
    assert done.returncode == 1
    assert re.fullmatch(
        rf"The package \w+ is missing: run {INSTALL} \(\S+ -m emolib doctor checks the rest\)\.\n",
        done.stderr,
    )
    assert set(os.listdir(course)) == {"emolib", "notebooks", "pyproject.toml", "requirements.txt"}


def test_a_command_names_an_environment_that_is_not_active(bare, course, inactive):
    said = run(bare, "predict", cwd=course).stderr
    assert "numpy is missing because the environment .venv is not active" in said
    assert f"run {ACTIVATE} (" in said


def test_help_and_student_need_no_package(bare, course, tmp_path):
    assert "COMMAND" in run(bare, "--help", cwd=course).stdout
    assert "PATH" in run(bare, "predict", "--help", cwd=course).stdout
    shutil.copy(ROOT / "notebooks" / "01_data_loading.ipynb", course / "notebooks")
    assert run(bare, "student", str(tmp_path / "learners"), cwd=course).returncode == 0


def other_python(minor):
    """Return a Python of this version, or skip the test."""
    found = shutil.which(f"python3.{minor}")
    installed = sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"))
    candidates = [*installed, *([found] if found else [])]
    for candidate in candidates:
        asked = [str(candidate), "-c", "import sys; print(sys.version_info[1])"]
        done = subprocess.run(asked, capture_output=True, text=True)
        if done.stdout.strip() == str(minor):
            return candidate
    pytest.skip(f"Python 3.{minor} is not installed")


@pytest.mark.parametrize("minor", [8, 9, 10])
@pytest.mark.parametrize("words", [["doctor"], ["predict"], ["--help"]], ids=" ".join)
def test_a_python_that_is_too_old_is_one_sentence(course, minor, words):
    done = run(other_python(minor), *words, cwd=course)
    assert done.returncode == 1 and not done.stdout
    assert re.fullmatch(
        rf"emolib needs Python 3\.11, 3\.12 or 3\.13, and this is Python 3\.{minor}\.\d+: "
        r"activate the course's environment \(.*activate\), or install Python 3\.13 and .*\.\n",
        done.stderr,
    )


@pytest.mark.parametrize("minor", [8, 10])
def test_importing_with_a_python_that_is_too_old_says_so(course, minor):
    command = [str(other_python(minor)), "-c", "from emolib import course"]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True)
    assert done.stderr.splitlines()[-1].startswith("ImportError: emolib needs Python 3.11")


@pytest.mark.parametrize("minor", [11, 12, 13])
def test_doctor_starts_with_each_supported_python(course, minor):
    done = run(other_python(minor), "doctor", cwd=course)
    assert findings(done)["Python"][0] == "ok"


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py", "errors.py"])
def test_what_an_old_python_reads_first_has_no_newer_syntax(name):
    ast.parse((ROOT / "emolib" / name).read_text("utf-8"), feature_version=(3, 8))


def test_the_supported_versions_are_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    oldest = ".".join(map(str, emolib.OLDEST_PYTHON))
    major, minor = environment.NEWEST_PYTHON
    assert project["requires-python"] == f">={oldest},<{major}.{minor + 1}"
    assert f"Python {oldest}, 3.12 or {major}.{minor}," in emolib._TOO_OLD


@pytest.mark.skipif(os.name == "nt", reason="Windows calls its Pythons by different names")
def test_a_python_newer_than_tensorflow_gets_one_that_is_supported(monkeypatch, course):
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    monkeypatch.chdir(course)
    [found] = doctor._python()
    assert found.state == ERROR and "install Python 3.13" in found.words
    assert environment.how_to_fix() == f"python3.13 -m venv .venv && {ACTIVATE} && {INSTALL}"


def test_without_any_environment_one_is_made(monkeypatch, course):
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    monkeypatch.chdir(course / "notebooks")
    fix = environment.how_to_fix()
    assert " -m venv ../.venv && " in fix.replace("\\", "/")
    assert fix.replace("\\", "/").endswith("pip install -r ../requirements.txt")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModuleNotFoundError("No module named 'cv2'", name="cv2"), "The package cv2 is missing"),
        (ImportError("libGL.so.1: no such file\nmore"), "does not load (libGL.so.1: no such file)"),
    ],
)
def test_a_package_that_does_not_load_is_one_sentence(monkeypatch, capsys, error, said):
    def fail(*args, **options):
        raise error

    monkeypatch.setattr("emolib.course.student.write_learner_copies", fail)
    assert main(["student", "new"]) == 1
    text = capsys.readouterr().err
    assert said in text and text.count("\n") == 1 and "-m emolib doctor" in text


def test_a_mistake_in_emolib_itself_is_not_called_a_missing_package(monkeypatch):
    def fail(*args, **options):
        from emolib import no_such_room  # noqa: F401

    monkeypatch.setattr("emolib.course.student.write_learner_copies", fail)
    with pytest.raises(ImportError):
        main(["student", "new"])
