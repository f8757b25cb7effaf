"""FER2013, without a network."""

import logging
import sys
import zlib
from pathlib import Path

import pytest
from conftest import below, make_zip, one_sentence

from emolib.data import DataError, download_fer2013, sources


@pytest.fixture
def small_fer(monkeypatch):
    """Expect one to seven pictures per class; return such a data set's files."""
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
    """Return what replaces kagglehub's download with a function."""

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
def test_download_takes_an_existing_copy(tmp_path, small_fer, kaggle, kind):
    kaggle(lambda handle: pytest.fail("asked Kaggle"))
    wrap = "archive/fer2013/" if "wrapped" in kind else ""
    files = {wrap + name: content for name, content in small_fer.items()}
    files |= {wrap + "train/a/Thumbs.db": b"x", wrap + "train/a/._0.jpg": b"x"}
    source = tmp_path / "stick"
    make_zip(source, files) if "zip" in kind else fill(source, files)
    folder = download_fer2013(tmp_path / "fer", source, progress=False)
    assert below(folder) == sorted(small_fer)
    assert source.exists()


def test_complete_destination_is_kept_and_reported(tmp_path, small_fer, kaggle, capsys):
    kaggle(lambda handle: pytest.fail("asked Kaggle"))
    folder = fill(tmp_path / "fer", small_fer)
    assert download_fer2013(folder) == folder
    assert "already" in capsys.readouterr().out


def test_a_destination_with_other_files_is_left_alone(tmp_path, small_fer):
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
def test_incomplete_source_is_refused(tmp_path, small_fer, change):
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


def test_failed_copy_leaves_nothing(tmp_path, small_fer, monkeypatch):
    source = fill(tmp_path / "source", small_fer)
    calls = []

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


def test_requests_without_a_timeout_get_one(tmp_path, kaggle, monkeypatch):
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
