"""FER+'s votes, joined to gray pictures that are named as FER2013's."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import one_sentence, save, write
from emolib.data import FERPLUS_EMOTIONS, DataError, ferplus_votes, scan, votes

FILE = Path(__file__).parents[1] / "data" / "ferplus_votes.csv"
HEADER, *LINES = FILE.read_text("utf-8").splitlines()
SURPRISE = [0, 0, 8, 0, 0, 0, 2, 0, 0, 0]  # PrivateTest_10072988.jpg, row 33866
HAPPY = [0, 10, 0, 0, 0, 0, 0, 0, 0, 0]  # PrivateTest_10077120.jpg, row 35304
NONE = [0] * 10  # PrivateTest_1844176.jpg


def gray(folder, *names):
    for i, name in enumerate(names):
        save(folder / name, Image.new("L", (48, 48), 40 + i))
    return scan(folder)


def joined(dataset, path=None):
    found = ferplus_votes(dataset, path)
    assert found.shape == (len(dataset.rows), 10) and found.dtype == np.int64
    return {row.path.name: counts.tolist() for row, counts in zip(dataset.rows, found, strict=True)}


def refused(dataset, path, *words):
    with pytest.raises(DataError) as error:
        ferplus_votes(dataset, path)
    one_sentence(error, *words)


@pytest.fixture
def dataset(tmp_path):
    return gray(tmp_path / "fer", "test/happy/PrivateTest_10077120.jpg")


def test_the_course_has_the_votes_of_all_pictures():
    assert HEADER.split(",") == ["file", "row", *FERPLUS_EMOTIONS]
    rows = [line.split(",") for line in LINES]
    assert len(rows) == 35_887
    assert {len(row) for row in rows} == {12}
    assert Counter(row[0].split("_")[0] for row in rows) == {
        **{"Training": 28_709, "PublicTest": 3_589, "PrivateTest": 3_589}
    }
    # without votes, there is no row of fer2013.csv either
    assert all(any(row[1:]) == all(row[1:]) for row in rows)
    places = [int(row[1]) for row in rows if row[1]]
    assert len(places) == len(set(places)) == 35_710
    assert (min(places), max(places)) == (0, 35_886)
    counts = np.array([row[2:] for row in rows if row[1]], int)
    assert Counter(counts.sum(axis=1).tolist()) == {10: 35_709, 9: 1}
    assert counts.sum(axis=0).tolist() == [
        *(107_465, 91_445, 41_490, 47_438, 28_463, 5_391, 12_173, 6_062, 16_960, 212)
    ]
    assert (FILE.parent / "ferplus_votes.LICENSE.txt").read_text("utf-8").startswith("FER+\n")


def test_names_that_two_pictures_have_are_the_known_ones():
    names = Counter(line.split(",")[0] for line in LINES)
    assert {name: n for name, n in names.items() if n > 1} == dict.fromkeys(votes.SHARED_NAMES, 2)


def test_kaggles_names_are_found(tmp_path):
    dataset = gray(
        tmp_path,
        "test/happy/PrivateTest_10077120.jpg",
        "test/sad/PrivateTest_1844176.jpg",
        "test/sad/mine.jpg",
        "test/surprise/PrivateTest_10072988.jpg",
    )
    expected = [HAPPY, NONE, NONE, SURPRISE]
    assert list(joined(dataset).values()) == expected
    only_happy = scan(tmp_path, ["happy"])
    assert list(joined(only_happy, FILE).values()) == [HAPPY]


def test_names_from_the_csv_file_are_rows(tmp_path):
    names = ["PrivateTest_035304", "PrivateTest_033866", "Training_000000", "Training_999999"]
    found = joined(gray(tmp_path, *(f"train/happy/{name}.png" for name in names)))
    assert found["PrivateTest_035304.png"] == HAPPY
    assert found["PrivateTest_033866.png"] == SURPRISE
    (first,) = [line.split(",") for line in LINES if line.split(",")[1] == "0"]
    assert found["Training_000000.png"] == [int(cell) for cell in first[2:]]
    assert found["Training_999999.png"] == NONE


def test_pictures_with_the_same_name_are_told_apart_by_class(tmp_path):
    name = "Training_8475486.jpg"
    places = [f"train/{emotion}/{name}" for emotion in ("angry", "happy", "surprise")]
    found = ferplus_votes(gray(tmp_path, *places)).tolist()
    assert found == [[1, 0, 2, 1, 3, 0, 1, 0, 2, 0], NONE, [2, 0, 4, 0, 0, 0, 1, 0, 3, 0]]


@pytest.mark.parametrize("place", ["", "notebooks", "course"])
def test_the_file_is_found_in_the_folder_of_the_course(tmp_path, monkeypatch, dataset, place):
    monkeypatch.setattr(votes, "SOURCE", tmp_path / "packages")
    here = tmp_path / place if place == "notebooks" else tmp_path
    course = tmp_path / place if place == "course" else tmp_path
    here.mkdir(exist_ok=True)
    write(course / "data" / "ferplus_votes.csv", "\n".join([HEADER, LINES[1]]).encode())
    monkeypatch.chdir(here)
    assert list(joined(dataset).values()) == [HAPPY]


def test_where_the_file_is_missing_a_sentence_says_where_to_get_it(tmp_path, monkeypatch, dataset):
    monkeypatch.setattr(votes, "SOURCE", tmp_path)
    monkeypatch.chdir(tmp_path)
    refused(dataset, None, "download data/ferplus_votes.csv from https://", "path=")

    def not_installed(name):
        raise votes.PackageNotFoundError(name)

    monkeypatch.setattr(votes, "metadata", not_installed)
    refused(dataset, None, "from emolib's repository and give it with path=")
    refused(dataset, tmp_path / "no.csv", "no.csv cannot be read (No such file or directory)")
    refused(dataset, tmp_path, "cannot be read", "check the path")


def test_pictures_without_any_votes_are_refused(tmp_path):
    dataset = gray(tmp_path / "mine", "happy/1.jpg", "happy/Training_10077120.jpg")
    refused(dataset, FILE, "None of the pictures in", "mine", "FER2013")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["no column file and no column row and no column neutral"]),
        (HEADER.replace(",NF", "").encode(), ["has no column NF: get a new copy"]),
        (b"\xff\xfe\x00", ["is not a text file"]),
        (f"{HEADER}\n{LINES[0]}\n{LINES[1]},0".encode(), ["line 3, is not a file name, a row"]),
        (f"{HEADER}\n{LINES[0][:-2]}".encode(), ["line 2, is not"]),
        (f"{HEADER}\n\n".encode(), ["line 2, is not"]),
        (f"{HEADER}\na.jpg,1,10,0,0,0,0,0,0,0,0,".encode(), ["line 2, is not"]),
        (f"{HEADER}\na.jpg,1,-1,10,0,0,0,0,0,0,0,0".encode(), ["line 2, is not"]),
        (f"{HEADER}\na.jpg,1,11,0,0,0,0,0,0,0,0,0".encode(), ["from 0 to 10"]),
        (f"{HEADER}\na.jpg,one,10,0,0,0,0,0,0,0,0,0".encode(), ["line 2, is not"]),
    ],
)
def test_damaged_file_is_refused(tmp_path, dataset, content, words):
    path = write(tmp_path / "votes.csv", content)
    refused(dataset, path, str(path), "get a new copy", *words)
