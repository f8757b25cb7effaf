"""Portraits, zips (good, broken and hostile), and FER2013 without a network."""

import io
import logging
import random
import stat
import struct
import subprocess
import sys
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from emolib import sources
from emolib.data import DataError
from emolib.sources import EXPRESSIONS, download_fer2013, open_folder, portraits, selfies


def png(shade=0):
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (shade, 90, 90)).save(file, "PNG")
    return file.getvalue()


def make_zip(path, files, **options):
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def below(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def one_sentence(error, *words):
    text = str(error.value)
    assert "\n" not in text and text.endswith((".", "fer2013.zip"))
    for word in words:
        assert word in text


# portraits


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


# folders and zips

SPLIT = {f"{s}/{c}/{i}.png": png(i) for s in ("train", "test") for c in ("a", "b") for i in (1, 2)}


def test_folder_comes_back_as_it_is(tmp_path):
    assert open_folder(tmp_path) == tmp_path
    assert open_folder(str(tmp_path)) == tmp_path


@pytest.mark.parametrize("wrap", ["", "fer2013/", "a b/archive/", "data/😀/"])
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zip_is_unpacked_and_unwrapped(tmp_path, wrap, compression):
    files = {wrap + name: content for name, content in SPLIT.items()}
    extra = {"__MACOSX/train/a/._1.png": b"x", wrap + ".DS_Store": b"x", wrap + "READ.txt": b"x"}
    folder = open_folder(make_zip(tmp_path / "x.zip", files | extra, compression=compression))
    assert below(folder) == sorted([*SPLIT, "READ.txt"])
    assert (folder / "train/a/1.png").read_bytes() == png(1)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["train/a/1", "train/b/1"], ["train/a/1", "train/b/1"]),
        (["happy/1", "sad/1"], ["happy/1", "sad/1"]),
        (["happy/1"], ["happy/1"]),
        (["faces/happy/1"], ["happy/1"]),
        (["faces\\happy\\1", "faces\\sad\\1"], ["happy/1", "sad/1"]),
    ],
)
def test_zip_layouts(tmp_path, names, expected):
    assert below(open_folder(make_zip(tmp_path / "x.zip", dict.fromkeys(names, b"x")))) == expected


def test_unpacked_zip_is_gone_at_exit(tmp_path):
    path = make_zip(tmp_path / "x.zip", SPLIT)
    code = f"from emolib.sources import open_folder; print(open_folder({str(path)!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() and not Path(done.stdout.strip()).exists()
    assert path.exists()


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Where zips are unpacked in this test."""
    place = tmp_path / "scratch"
    place.mkdir()
    monkeypatch.setattr(sources.tempfile, "tempdir", str(place))
    return place


def refused(path, scratch, *words):
    with pytest.raises(DataError) as error:
        open_folder(path)
    one_sentence(error, path.name, *words)
    assert list(scratch.iterdir()) == []
    outside = {p.name for p in scratch.parent.iterdir()}
    assert outside <= {"scratch", path.name}


@pytest.mark.parametrize(
    "name",
    ["../evil", "a/../../evil", "/tmp/evil", "..\\evil", "C:\\evil", "c:evil", "\\\\host\\evil"],
)
def test_zip_that_leads_outside_is_refused(tmp_path, scratch, name):
    refused(make_zip(tmp_path / "x.zip", {"a/1": b"x", name: b"x"}), scratch, "do not trust")


def test_zip_with_links_is_refused(tmp_path, scratch):
    link = zipfile.ZipInfo("a/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    refused(make_zip(tmp_path / "x.zip", {"a/1": b"x", link: b"/etc"}), scratch, "links")


def test_locked_zip_is_refused(tmp_path, scratch):
    path = make_zip(tmp_path / "x.zip", {"a/1": b"x"})
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    refused(path, scratch, "password")


def test_zip_bomb_is_refused(tmp_path, scratch):
    path = tmp_path / "x.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a/1", "w") as file,
    ):
        for _ in range(120):
            file.write(bytes(10**6))
    assert path.stat().st_size < 10**6
    refused(path, scratch, "too much")


def test_zip_that_declares_terabytes_is_refused(tmp_path, scratch):
    path = make_zip(tmp_path / "x.zip", {f"a/{i}": b"x" for i in range(6)})
    data = bytearray(path.read_bytes())
    at = -1
    while (at := data.find(b"PK\1\2", at + 1)) >= 0:
        struct.pack_into("<I", data, at + 24, 0xFFFFFFF0)
    path.write_bytes(data)
    refused(path, scratch, "25.8 GB")


def test_zip_that_lies_about_its_size_is_refused(tmp_path, scratch):
    path = make_zip(tmp_path / "x.zip", {"a/1": bytes(10**7)}, compression=zipfile.ZIP_DEFLATED)
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        struct.pack_into("<I", data, data.index(mark) + at, 10)
    path.write_bytes(data)
    refused(path, scratch, "damaged")


def test_zip_larger_than_the_disk_is_refused(tmp_path, scratch, monkeypatch):
    monkeypatch.setattr(
        sources.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 10})()
    )
    refused(make_zip(tmp_path / "x.zip", SPLIT), scratch, "disk")


def test_zip_with_a_file_where_a_folder_should_be_is_refused(tmp_path, scratch):
    refused(make_zip(tmp_path / "x.zip", {"a": b"x", "a/1": b"x"}), scratch)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"no zip at all", png()])
def test_neither_folder_nor_zip_is_refused(tmp_path, scratch, content):
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    refused(path, scratch, "neither")


def test_missing_path_is_refused(tmp_path, scratch):
    refused(tmp_path / "none.zip", scratch, "does not exist")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), cut=st.booleans())
def test_damaged_zip_is_unpacked_or_refused(tmp_path, scratch, seed, cut):
    path = make_zip(tmp_path / "x.zip", SPLIT, compression=zipfile.ZIP_DEFLATED)
    data, rng = bytearray(path.read_bytes()), random.Random(seed)
    for _ in range(rng.randint(1, 20)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    path.write_bytes(data[: rng.randrange(len(data))] if cut else data)
    try:
        folder = open_folder(path)
        assert scratch in folder.parents
    except DataError as error:
        assert str(error).startswith("x.zip ") and "\n" not in str(error)
    assert {p.name for p in tmp_path.iterdir()} <= {"scratch", "x.zip"}


# FER2013


@pytest.fixture
def small_fer(monkeypatch):
    """The data set's shape, with one to seven pictures a class."""
    counts = {s: {c: i for i, c in enumerate("abcdefg", 1)} for s in ("train", "test")}
    monkeypatch.setattr(sources, "FER2013_COUNTS", counts)
    return {
        f"{s}/{c}/{k}.jpg": b"x" for s in counts for c, n in counts[s].items() for k in range(n)
    }


def fill(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def kaggle(tmp_path, monkeypatch):
    """Stands for kagglehub: give it the function to call."""

    def use(function):
        module = type(sys)("kagglehub")
        module.dataset_download = function
        monkeypatch.setitem(sys.modules, "kagglehub", module)

    return use


def test_counts_of_fer2013_are_the_known_ones():
    sums = {split: sum(counts.values()) for split, counts in sources.FER2013_COUNTS.items()}
    assert sums == {"train": 28_709, "test": 7_178}


def test_download_copies_what_kagglehub_cached(tmp_path, small_fer, kaggle, capsys):
    cache = fill(tmp_path / "cache", small_fer)
    asked = []
    kaggle(lambda handle: asked.append(handle) or str(cache))
    folder = download_fer2013(tmp_path / "data/fer2013", progress=False)
    assert asked == ["msambare/fer2013"]
    assert folder == tmp_path / "data/fer2013"
    assert below(folder) == below(cache) == sorted(small_fer)
    assert [p.name for p in folder.parent.iterdir()] == ["fer2013"]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["folder", "wrapped folder", "zip", "wrapped zip"])
def test_download_takes_a_copy_one_has(tmp_path, small_fer, kaggle, kind):
    kaggle(lambda handle: pytest.fail("asked Kaggle"))
    wrap = "archive/fer2013/" if "wrapped" in kind else ""
    files = {wrap + name: content for name, content in small_fer.items()}
    files |= {wrap + "train/a/Thumbs.db": b"x", wrap + "train/a/._0.jpg": b"x"}
    source = tmp_path / "stick"
    make_zip(source, files) if "zip" in kind else fill(source, files)
    folder = download_fer2013(tmp_path / "fer", source, progress=False)
    assert below(folder) == sorted(small_fer)
    assert source.exists()


def test_complete_destination_is_kept_and_said(tmp_path, small_fer, kaggle, capsys):
    kaggle(lambda handle: pytest.fail("asked Kaggle"))
    folder = fill(tmp_path / "fer", small_fer)
    assert download_fer2013(folder) == folder
    assert "already" in capsys.readouterr().out


def test_other_destination_is_left_alone(tmp_path, small_fer):
    source = fill(tmp_path / "source", small_fer)
    mine = fill(tmp_path / "fer", {"train/a/0.jpg": b"x", "notes.txt": b"mine"})
    for destination, why in ((mine, "train/b has 0 pictures, not 2"), (mine / "notes.txt", "fer")):
        with pytest.raises(DataError) as error:
            download_fer2013(destination, source, progress=False)
        one_sentence(error, why)
    assert below(mine) == ["notes.txt", "train/a/0.jpg"]


def test_empty_destination_is_filled(tmp_path, small_fer):
    source = fill(tmp_path / "source", small_fer)
    (tmp_path / "fer").mkdir()
    assert below(download_fer2013(tmp_path / "fer", source, progress=False)) == sorted(small_fer)


@pytest.mark.parametrize("change", ["missing", "extra", "empty", "no class", "no split"])
def test_source_that_is_not_whole_is_refused(tmp_path, small_fer, change):
    source = fill(tmp_path / "source", small_fer)
    if change == "missing":
        (source / "train/c/1.jpg").unlink()
    elif change == "extra":
        (source / "train/c/new.PNG").write_bytes(b"x")
    elif change == "empty":
        (source / "train/c/1.jpg").write_bytes(b"")
    else:
        (source / ("train/c" if change == "no class" else "train")).rename(source / "other")
    n = {"missing": 2, "extra": 4, "empty": 2, "no class": 0}.get(change)
    words = "train/a has 0" if n is None else f"train/c has {n} pictures, not 3"
    with pytest.raises(DataError) as error:
        download_fer2013(tmp_path / "data/fer", source, progress=False)
    one_sentence(error, words)
    assert not (tmp_path / "data").exists()


def test_copy_that_breaks_off_leaves_nothing(tmp_path, small_fer, monkeypatch):
    source, calls = fill(tmp_path / "source", small_fer), []

    def copyfile(old, new):
        calls.append(new)
        if len(calls) > 9:
            raise OSError(28, "No space left on device")
        Path(new).write_bytes(b"x")

    monkeypatch.setattr(sources.shutil, "copyfile", copyfile)
    with pytest.raises(DataError) as error:
        download_fer2013(tmp_path / "data/fer", source, progress=False)
    one_sentence(error, "No space left")
    assert len(calls) == 10 and list((tmp_path / "data").iterdir()) == []
    assert below(source) == sorted(small_fer)


@pytest.mark.parametrize("kind", [OSError, RuntimeError, KeyError, zlib.error, SystemError])
def test_no_connection_is_one_sentence_with_both_ways(tmp_path, kaggle, capsys, kind):
    def offline(handle):
        logging.getLogger("kagglehub").error("noise")
        raise kind("HTTPSConnectionPool: Max retries exceeded")

    kaggle(offline)
    with pytest.raises(DataError) as error:
        download_fer2013(tmp_path / "data/fer", progress=False)
    one_sentence(error, "internet", "--from fer2013.zip")
    assert error.value.__suppress_context__
    assert capsys.readouterr() == ("", "")
    assert not (tmp_path / "data").exists()


def test_requests_without_a_time_limit_get_one(tmp_path, kaggle, monkeypatch):
    from requests.adapters import HTTPAdapter

    limits = []

    def send(self, request, **options):
        limits.append(options["timeout"])
        raise OSError

    monkeypatch.setattr(HTTPAdapter, "send", send)

    def ask(handle):
        import requests

        for options in ({}, {"timeout": 3}):
            try:
                requests.get("http://nowhere.invalid", **options)
            except OSError:
                pass
        raise OSError

    kaggle(ask)
    with pytest.raises(DataError):
        download_fer2013(tmp_path / "fer", progress=False)
    assert limits == [(10, 60), 3]
    assert HTTPAdapter.send is send
