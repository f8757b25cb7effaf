"""Zips: good, broken and hostile."""

import io
import random
import stat
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import below, make_zip, one_sentence
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from emolib.data import DataError, archives, open_folder


def png(shade=0):
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (shade, 90, 90)).save(file, "PNG")
    return file.getvalue()


SPLIT = {f"{s}/{c}/{i}.png": png(i) for s in ("train", "test") for c in ("a", "b") for i in (1, 2)}


def test_folder_is_returned_unchanged(tmp_path):
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
    code = f"from emolib.data import open_folder; print(open_folder({str(path)!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() and not Path(done.stdout.strip()).exists()
    assert path.exists()


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Return the folder where zips are unpacked in this test."""
    place = tmp_path / "scratch"
    place.mkdir()
    monkeypatch.setattr(archives.tempfile, "tempdir", str(place))
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


def test_zip_with_a_password_is_refused(tmp_path, scratch):
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
        archives.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 10})()
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
    data = bytearray(path.read_bytes())
    rng = random.Random(seed)
    for _ in range(rng.randint(1, 20)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    path.write_bytes(data[: rng.randrange(len(data))] if cut else data)
    try:
        folder = open_folder(path)
        assert scratch in folder.parents
    except DataError as error:
        assert str(error).startswith("x.zip ") and "\n" not in str(error)
    assert {p.name for p in tmp_path.iterdir()} <= {"scratch", "x.zip"}
