"""The portraits and selfies of people who do not exist."""

import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from conftest import one_sentence
from emolib.data import DataError, portraits, selfies, sources
from emolib.data.sources import EXPRESSIONS


@pytest.fixture(scope="module")
def people():
    return portraits()


def test_portraits_are_ten_people_with_sixteen_expressions(people):
    assert len(people) == 160
    assert Counter(p.expression for p in people) == dict.fromkeys(EXPRESSIONS, 10)
    assert [p.person for p in people[::16]] == [f"P{i:03}" for i in range(1, 11)]
    assert {p.sex for p in people} == {"female", "male"}
    assert all(p.skin_tone.startswith("Fitzpatrick ") and "-" in p.age_range for p in people)


def test_portraits_are_cut_inside_their_frames(people):
    for portrait in people:
        assert portrait.image.mode == "RGB"
        width, height = portrait.image.size
        assert 440 < width < 560 and 300 < height < 380
        gray = np.asarray(portrait.image.convert("L"))
        # wall above and to the sides, hair at most: no white line of the frame
        assert gray[:2].max() < 215
        assert gray[: height // 3, :2].max() < 215 and gray[: height // 3, -2:].max() < 215


def test_portraits_of_one_person_differ(people):
    assert len({p.image.tobytes() for p in people}) == 160


def test_portrait_face_is_a_closer_picture(people):
    pytest.importorskip("emolib.faces")
    happy = people[1]
    face = happy.face()
    assert happy.expression == "happy"
    assert face.mode == "RGB" and 60 < min(face.size) <= max(face.size) < 340


def test_portrait_without_a_face_says_so():
    pytest.importorskip("emolib.faces")
    gray = Image.new("RGB", (500, 330), "gray")
    with pytest.raises(DataError) as error:
        sources.Portrait(gray, "sad", "P001", "25-35", "male", "Fitzpatrick I").face()
    one_sentence(error, "P001 sad")


def test_selfies_are_ten_files_in_order():
    paths = selfies()
    assert [p.parent.parent.name for p in paths] == [f"P{i:03}" for i in range(1, 11)]
    assert all(p.is_file() for p in paths)


def test_missing_package_is_one_sentence(monkeypatch):
    monkeypatch.setattr(sources.importlib.util, "find_spec", lambda name: None)
    for function in (portraits, selfies):
        with pytest.raises(DataError) as error:
            function()
        one_sentence(error, "pip install openpeople==0.1.2")


def test_sheet_without_frames_is_one_sentence():
    with pytest.raises(DataError) as error:
        sources._cells(Image.new("RGB", (2400, 1792), "gray"))
    one_sentence(error, "openpeople 0.1.2")


def test_looking_at_portraits_loads_nothing_heavy():
    code = (
        "import sys; from emolib.data import portraits; portraits();"
        "heavy = {'pydantic', 'openpeople', 'tensorflow', 'kagglehub', 'requests', 'tqdm'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
