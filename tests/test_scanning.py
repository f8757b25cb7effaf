"""Folders are listed as they are, or one sentence says why they cannot be used."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import fill, mouth
from emolib.data import (
    DataError,
    Dataset,
    Row,
    audit,
    class_names_in,
    dataset,
    files_in,
    scan,
    split,
)
from emolib.data.duplicates import perceptual_hash
from emolib.images import open_image


def test_fer2013s_own_validation_set_is_recognized(tmp_path):
    fill(tmp_path / "train", {"happy": 4, "sad": 4})
    test = fill(tmp_path / "test", {"happy": 4, "sad": 4}, seed=1)
    for i, path in enumerate(sorted(test.rglob("*.png"))):
        path.rename(path.with_name(f"{'PublicTest' if i % 2 else 'PrivateTest'}_{i}.png"))
    counts = scan(tmp_path).counts()
    assert counts["validation"] == counts["test"] == {"happy": 2, "sad": 2}


def test_class_names_are_folder_names_whatever_they_are(tmp_path):
    fill(tmp_path, {"very happy": 5, "sad 😢": 5, "Ärger": 5})
    (tmp_path / ".hidden").mkdir()
    found = scan(tmp_path)
    assert found.class_names == sorted(["very happy", "sad 😢", "Ärger"])
    assert sorted(set(found.labels(found.rows))) == [0, 1, 2]
    assert scan(tmp_path, ["Ärger"]).class_names == ["Ärger"]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: None, "no class folders"),
        (lambda p: (p / "happy").mkdir(), "has no files"),
        (lambda p: fill(p, {"happy": 1, "sad": 1}), "1 different readable pictures of class happy"),
        (lambda p: mouth(True, 0).save(p / "a.png"), "no class folders"),
        (lambda p: fill(p / "train", {"happy": 9}) and (p / "train" / "sad").mkdir(), "class sad"),
    ],
)
def test_unusable_folders_end_in_a_sentence(tmp_path, make, words):
    make(tmp_path)
    with pytest.raises(DataError, match=words) as caught:
        split(scan(tmp_path))
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_missing_folder_or_class_ends_in_a_sentence(tmp_path, faces_folder):
    with pytest.raises(DataError, match="is not a folder"):
        scan(tmp_path / "nothing")
    with pytest.raises(DataError, match="no class folder angry: it has happy, sad"):
        scan(faces_folder, ["happy", "angry"])


def test_the_hash_of_a_data_set_depends_on_content_and_place_not_order(faces_folder):
    before = scan(faces_folder).digest()
    assert scan(faces_folder).digest() == before
    os.rename(faces_folder / "happy" / "000.png", faces_folder / "sad" / "moved.png")
    assert scan(faces_folder).digest() != before


def test_files_are_listed_without_opening_them(tmp_path):
    for name in ("train/b/1.jpg", "train/b/in/2.jpg", "train/b/.x/3.jpg", "train/a/.4.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"no picture")
    expected = [(tmp_path / f"train/b/{name}.jpg", "b", "train") for name in ("1", "in/2")]
    assert files_in(tmp_path) == files_in(tmp_path, ["b"]) == expected
    assert class_names_in(tmp_path) == ["a", "b"]


def test_a_chosen_class_without_files_keeps_its_name(faces_folder):
    (faces_folder / "angry").mkdir()
    assert scan(faces_folder).class_names == ["angry", "happy", "sad"]
    assert scan(faces_folder, iter(["happy", "angry"])).class_names == ["angry", "happy"]


def test_every_file_is_opened_once(faces_folder, monkeypatch):
    opened = []
    monkeypatch.setattr(dataset, "open_image", lambda path: opened.append(path) or open_image(path))
    rows = scan(faces_folder).rows
    audit(faces_folder)
    assert sorted(opened) == sorted(2 * [row.path for row in rows])
    assert all(row.phash == perceptual_hash(open_image(row.path)) for row in rows)


def test_a_file_that_disappears_is_listed_as_unreadable(faces_folder, monkeypatch):
    def forget(path):
        if path.name == "000.png":
            path.unlink()
        return open_image(path)

    monkeypatch.setattr(dataset, "open_image", forget)
    found = scan(faces_folder)
    assert [row.path.name for row in found.rows if not row.digest] == ["000.png", "000.png"]


def test_older_ways_to_make_rows_and_data_sets_still_work(tmp_path):
    row = Row(tmp_path / "happy" / "1.png", "happy", None, 1, "digest")
    made = Dataset(tmp_path, ["happy"], [row])
    assert row.phash is None and made.skipped == () and made.skipped_lines() == []


def test_released_cards_name_their_data_set_by_this_hash():
    parts = (("train", "happy", "0a"), ("validation", "sad", "1b"), ("test", "happy", "2c"))
    rows = [
        Row(Path(f"{i}.png"), name, part, 1, code) for i, (part, name, code) in enumerate(parts)
    ]
    given = Dataset(Path("."), ["happy", "sad"], rows)
    expected = "5f3b77b425cf40a2d472fc3ea4992c9ec96142264e4cc95ebf72ff8a14e2bf22"
    assert given.digest() == expected
    looks = [replace(row, phash=i) for i, row in enumerate(rows)]
    assert Dataset(Path("."), ["happy", "sad"], looks).digest() == expected
