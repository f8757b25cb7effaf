"""Where the course's folders are found, and what the set-up check says."""

import importlib.metadata
import os
from pathlib import Path

import pytest

import emolib
from conftest import fill, one_sentence
from emolib import course, rendering
from emolib.course import paths, setup
from emolib.data import DataError


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A course's folder, where emolib was installed without -e, without settings of its own."""
    monkeypatch.delenv("EMOLIB_MODELS", raising=False)
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    (tmp_path / "site-packages" / "emolib").mkdir(parents=True)
    installed = tmp_path / "site-packages" / "emolib" / "course" / "paths.py"
    monkeypatch.setattr(paths, "__file__", str(installed))
    place = tmp_path / "content" / "course"
    (place / "notebooks").mkdir(parents=True)
    (place / "pyproject.toml").write_text('[project]\nname = "emolib"\n')
    return place


@pytest.mark.parametrize("below", ["", "notebooks", "notebooks/deeper", ".."])
def test_the_course_is_found_from_its_folders_and_from_above_a_clone(place, monkeypatch, below):
    (place / below).mkdir(exist_ok=True)
    monkeypatch.chdir(place / below)
    assert course.course_dir().resolve() == place
    assert not course.course_dir().is_absolute()
    assert course.models_dir().resolve() == place / "models"
    assert (place / "models").is_dir()


def test_where_there_is_no_course_files_stay_in_the_working_directory(place, monkeypatch, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "another"\n')
    assert course.course_dir() == Path()
    course.models_dir()
    assert not any((tmp_path / "site-packages" / "emolib").iterdir())


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    """A reader's home folder, at a course that is not theirs."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="Windows knows no owner of this kind")
def test_in_somebody_else_s_course_networks_go_to_the_reader_s_own_home(
    place, monkeypatch, own_home, capsys
):
    monkeypatch.chdir(place / "notebooks")
    monkeypatch.setattr(os, "getuid", lambda: place.stat().st_uid + 1000)
    assert course.models_dir() == own_home / "emolib" / "models" and course.models_dir().is_dir()
    assert not (place / "models").exists()
    emolib.setup_check(tensorflow=False)
    assert "models in ~/emolib/models" in capsys.readouterr().out


def test_where_the_course_can_only_be_read_too(place, monkeypatch, own_home):
    monkeypatch.chdir(place / "notebooks")
    monkeypatch.setattr(os, "access", lambda folder, mode: False)
    assert course.models_dir() == own_home / "emolib" / "models"
    assert paths.copies_dir() == own_home / "emolib" / "my_course"


def test_on_a_hub_each_learner_has_an_own_folder(place, monkeypatch, own_home):
    monkeypatch.chdir(place / "notebooks")
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    assert course.models_dir() == own_home / "emolib" / "models"
    assert paths.copies_dir() == own_home / "emolib" / "my_course"
    monkeypatch.setenv("EMOLIB_MODELS", "~/elsewhere")
    assert course.models_dir() == own_home / "elsewhere"


def test_a_checkout_is_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert course.course_dir() == Path(course.__file__).parents[2]


def test_rendered_faces_are_rendered_again_only_if_they_are_missing(place, monkeypatch, capsys):
    calls = []

    def render_faces(folder, n, seed, progress):
        calls.append((n, seed))
        fill(folder, {"happy": 2, "sad": 2})

    monkeypatch.setattr(rendering, "render_faces", render_faces)
    monkeypatch.chdir(place / "notebooks")
    for _ in range(2):
        assert course.folder("rendered") == Path("../data/rendered")
    assert calls == [(1200, 0)]
    assert capsys.readouterr().out.count("rendered faces are missing") == 1


def test_rendering_them_again_shows_how_far_it_is(place, monkeypatch, capsys):
    monkeypatch.setattr(paths, "RENDERED", 4)
    monkeypatch.chdir(place)
    course.folder("rendered")
    assert "rendering faces" in capsys.readouterr().err
    assert len(list(place.glob("data/rendered/*/*.png"))) == 4


def test_the_former_name_of_the_faces_names_the_new_one():
    with pytest.raises(DataError) as error:
        course.folder("drawn")
    one_sentence(error, "rendered")


def test_other_data_sets(place, monkeypatch):
    monkeypatch.chdir(place / "notebooks")
    fill(place / "data" / "mine", {"happy": 1, "sad": 1})
    fill(place / "data" / "fer2013" / "train", {"happy": 1, "sad": 1})
    assert course.folder("fer2013") == Path("../data/fer2013")
    assert course.folder("../data/mine") == course.folder("data/mine") == Path("../data/mine")
    assert course.folder(place / "data" / "mine") == place / "data" / "mine"
    with pytest.raises(DataError) as error:
        course.folder("nowhere")
    one_sentence(error, "nowhere")


def test_setup_check_is_short_and_names_no_machine(place, monkeypatch, capsys):
    monkeypatch.chdir(place / "notebooks")
    emolib.setup_check(tensorflow=False)
    out, err = capsys.readouterr()
    assert out.splitlines()[1:] == [
        "Data in ../data, models in ../models",
        "Everything is installed.",
    ]
    assert emolib.__version__ in out and str(place) not in out and not err


def test_setup_check_names_the_fix(monkeypatch, capsys):
    wanted = ["numpy>=1000", "no-such-package>=2", "not-asked-for; extra == 'x'", "pillow>=2"]
    wanted += ["nor-this==1; extra == 'course'"]
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: wanted)
    emolib.setup_check()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert lines[2].startswith("numpy 2") and '%pip install "numpy>=1000"' in lines[2]
    assert lines[3].startswith("no-such-package is missing: run %pip install")
    assert lines[4].startswith("nor-this is missing: ")


def test_setup_check_says_when_tensorflow_does_not_start(monkeypatch, capsys):
    def broken():
        raise ImportError("DLL load failed")

    monkeypatch.setattr(setup, "_device", broken)
    emolib.setup_check()
    assert "TensorFlow does not start" in capsys.readouterr().out.splitlines()[-1]
