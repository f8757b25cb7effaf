"""FER2013 from copies in all forms, without a network."""

import csv
import shutil
import tarfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import below, make_zip, one_sentence, write
from emolib import course
from emolib.cli import main
from emolib.data import DataError, download_fer2013, fer2013, scan
from emolib.data.fer2013 import EMOTIONS

PACKED = Path(__file__).parent / "cases" / "fer2013.tar.gz"
with tarfile.open(PACKED) as archive:
    TEXT = archive.extractfile("fer2013/fer2013.csv").read().decode()
HEADER, *LINES = TEXT.splitlines()
PIXELS = LINES[2].split(",")[1]
# Kaggle's newer form: a different order, and blanks in front of the columns' names
NEWER = "\n".join(
    ["emotion, Usage, pixels", *(f"{e},{usage},{pixels}" for e, pixels, usage in csv.reader(LINES))]
)
COUNTS = {"train": {"happy": 6, "sad": 6}, "test": {"happy": 4, "sad": 4}}
FILES = {f"{s}/{c}/{k}.jpg": b"x" for s in COUNTS for c, n in COUNTS[s].items() for k in range(n)}


@pytest.fixture(autouse=True)
def twenty_pictures(monkeypatch):
    monkeypatch.setattr(fer2013, "FER2013_COUNTS", COUNTS)
    monkeypatch.setattr(fer2013, "_from_kaggle", lambda progress: pytest.fail("asked Kaggle"))


def fill(folder, files):
    for name, content in files.items():
        write(folder / name, content)
    return folder


def refused(tmp_path, source, *words):
    with pytest.raises(DataError) as error:
        download_fer2013(tmp_path / "data/fer", source, progress=False)
    one_sentence(error, *words)
    assert not (tmp_path / "data").exists() or list((tmp_path / "data").iterdir()) == []


def test_counts_of_fer2013_are_the_known_ones(monkeypatch):
    monkeypatch.undo()
    sums = {split: sum(counts.values()) for split, counts in fer2013.FER2013_COUNTS.items()}
    assert sums == {"train": 28_709, "test": 7_178}
    assert EMOTIONS == ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    assert fer2013.FER2013_COUNTS["train"]["sad"] == 4_830


@pytest.mark.parametrize("kind", ["folder", "wrapped folder", "zip", "wrapped zip"])
def test_kaggles_folders_are_copied(tmp_path, kind):
    wrap = "archive/fer2013/" if "wrapped" in kind else ""
    files = {wrap + name: content for name, content in FILES.items()}
    files |= {wrap + "train/happy/Thumbs.db": b"x", wrap + "train/happy/._0.jpg": b"x"}
    source = tmp_path / "stick"
    make_zip(source, files) if "zip" in kind else fill(source, files)
    folder = download_fer2013(tmp_path / "fer", source, progress=False)
    assert below(folder) == sorted(FILES)
    assert source.exists()


@pytest.mark.parametrize("change", ["missing", "extra", "empty", "no split"])
def test_incomplete_source_is_refused(tmp_path, change):
    source = fill(tmp_path / "source", FILES)
    if change == "missing":
        (source / "train/sad/1.jpg").unlink()
    elif change == "extra":
        write(source / "train/sad/new.PNG", b"x")
    elif change == "empty":
        (source / "train/sad/1.jpg").write_bytes(b"")
    else:
        (source / "train").rename(source / "other")
    n = {"missing": 5, "extra": 7, "empty": 5}.get(change)
    refused(tmp_path, source, f"train/sad has {n} pictures, not 6" if n else "train/happy has 0")


def test_destination_is_kept_or_left_alone(tmp_path, capsys):
    whole = fill(tmp_path / "fer", FILES)
    assert download_fer2013(whole) == whole
    assert "already" in capsys.readouterr().out
    mine = fill(tmp_path / "mine", {"train/happy/0.jpg": b"x", "notes.txt": b"mine"})
    with pytest.raises(DataError) as error:
        download_fer2013(mine, whole, progress=False)
    one_sentence(error, "mine exists and is not FER2013 (train/happy has 1 ", "move it away")
    assert below(mine) == ["notes.txt", "train/happy/0.jpg"]


def test_full_disk_leaves_nothing(tmp_path, monkeypatch):
    saved = []

    def fail_late(*args):
        saved.append(args)
        if len(saved) % 9 == 0:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", fail_late)
    refused(tmp_path, fill(tmp_path / "source", FILES), "No space left", "check the disk")
    monkeypatch.setattr(Image.Image, "save", fail_late)
    refused(tmp_path, PACKED, "No space left", "check the disk")
    assert len(saved) == 18


@pytest.mark.parametrize("name", ["https://www.kaggle.com/msambare/fer2013", "none.zip", "no.csv"])
def test_source_that_is_not_there_is_named_before_anything_is_done(tmp_path, capsys, name):
    words = ["internet address", "browser"] if ":" in name else ["does not exist: check the path"]
    refused(tmp_path, name, name, *words)
    assert main(["download", "fer2013", "--from", name, "--to", str(tmp_path / "fer")]) != 0
    assert words[0] in capsys.readouterr().err


CONTEST = {"example_submission.csv": b"a", "train.csv": b"b", "icml_face_data.csv": NEWER.encode()}
SOURCES = {
    "fer2013.csv": TEXT.encode(),
    "FER.CSV": b"\xef\xbb\xbf" + TEXT.encode(),
    "icml_face_data.csv": NEWER.encode(),
    "fer2013.tar.gz": PACKED.read_bytes(),
}


@pytest.mark.parametrize("kind", [*SOURCES, "folder", "contest.zip"])
def test_csv_becomes_kaggles_folders(tmp_path, capsys, kind):
    source = tmp_path / kind
    if kind == "folder":
        fill(source, {"fer2013.csv": TEXT.encode()})
    elif kind == "contest.zip":
        make_zip(source, CONTEST)
    else:
        source.write_bytes(SOURCES[kind])
    folder = tmp_path / "fer"
    assert main(["download", "fer2013", "--from", str(source), "--to", str(folder)]) == 0
    assert "complete" in capsys.readouterr().out
    assert scan(folder).counts() == {
        "train": {"happy": 6, "sad": 6},
        "validation": {"happy": 2, "sad": 2},
        "test": {"happy": 2, "sad": 2},
    }
    for name in below(folder):
        emotion, pixels, usage = LINES[int(name[-10:-4])].split(",")
        split = "train" if usage == "Training" else "test"
        assert name.startswith(f"{split}/{EMOTIONS[int(emotion)]}/{usage}_")
        image = Image.open(folder / name)
        assert (image.mode, image.size) == ("L", (48, 48))
        assert np.asarray(image).ravel().tolist() == [int(value) for value in pixels.split()]


@pytest.mark.parametrize("name", ["fer2013.csv", "icml_face_data.csv", "fer2013.tar.gz"])
def test_notebooks_find_a_copy_in_the_folder_data(tmp_path, monkeypatch, capsys, name):
    write(tmp_path / "pyproject.toml", b'name = "emolib"')
    write(tmp_path / "data" / name, SOURCES[name])
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        folder = course.folder("fer2013")
        assert folder == Path("data/fer2013")
        assert len(below(folder)) == 20
    assert capsys.readouterr().out.count("Getting FER2013 from") == 1


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["emotion,pixels", *LINES], ["no column usage: give FER2013's own"]),
        (["a;b"], ["no column emotion and no column pixels and no column usage"]),
        ([], ["no column"]),
        ([HEADER, *LINES[:2], f"3,{PIXELS} 7,Training"], ["line 4, has 2,305 pixels, not 2,304"]),
        ([HEADER, *LINES[:2], f"3,256{PIXELS[2:]},Training"], ["line 4", "pixel value"]),
        ([HEADER, *LINES[:2], f"7,{PIXELS},Training"], ["line 4", "unknown emotion"]),
        ([HEADER, *LINES[:2], f"3,{PIXELS}"], ["line 4", "usage"]),
        ([HEADER, *LINES[:-1]], ["not the complete FER2013", "has 3 pictures, not 4): get a new"]),
        ([HEADER, *LINES, LINES[0]], ["not the complete FER2013 (train/sad has 7 pictures, not 6"]),
    ],
)
def test_damaged_csv_is_refused(tmp_path, lines, words):
    path = write(tmp_path / "fer2013.csv", "\n".join(lines).encode())
    refused(tmp_path, path, str(path), *words)


@pytest.mark.slow  # tracing memory takes seconds
def test_csv_is_not_read_whole(tmp_path, monkeypatch):
    n = 30
    path = write(tmp_path / "fer2013.csv", "\n".join([HEADER, *LINES[:12] * n]).encode())
    monkeypatch.setattr(fer2013, "FER2013_COUNTS", {"train": {"happy": 6 * n, "sad": 6 * n}})
    tracemalloc.start()
    try:
        download_fer2013(tmp_path / "fer", path, progress=False)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert path.stat().st_size > 2.8e6 and peak < 1.2e6  # bytes
