"""Splits are no classes, and whatever is not used is named and counted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from conftest import fill, one_sentence, photo, save, write
from emolib.data import DataError, audit, class_names_in, scan, split
from emolib.data.layout import contents, split_name

NAMES = {
    "train": "train Training TRAIN training_set train2017 FER2013Train my-train-images train_ "
    "trainset",
    "validation": "val valid Validation dev eval evaluation FER2013Valid val_256 PublicTest "
    "public_test publictest imagesVal",
    "test": "test Testing test_set FER2013Test FERTest PrivateTest privatetest Test1 test-set "
    "testset",
    None: "devastated valentine contest tested attest greatest trainee happy developed evaluated "
    "protest testé prétest train_test TrainVal 2013 _ é",
}


@pytest.fixture
def lock(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return a list: folders that are put into it cannot be read, not even by root."""
    locked: list[Path] = []

    def scandir(path: Any) -> Any:
        if Path(path) in locked:
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    listed = os.scandir
    monkeypatch.setattr(os, "scandir", scandir)
    return locked


@pytest.mark.parametrize(
    ("name", "expected"), [(name, kind) for kind, names in NAMES.items() for name in names.split()]
)
def test_split_names_are_whole_words(name: str, expected: str | None) -> None:
    assert split_name(name) == expected


@pytest.mark.parametrize(
    "names",
    [
        ("training_set", "validation_set", "test_set"),
        ("FER2013Train", "FER2013Valid", "FER2013Test"),
        ("Training", "PublicTest", "PrivateTest"),
    ],
)
def test_split_folders_are_no_classes(tmp_path: Path, names: tuple[str, ...]) -> None:
    for seed, name in enumerate(names):
        fill(tmp_path / name, {"happy": 5 - seed, "sad": 5 - seed}, seed=seed)
    dataset = scan(tmp_path)
    assert dataset.class_names == class_names_in(tmp_path) == ["happy", "sad"]
    assert [len(dataset.of(name)) for name in ("train", "validation", "test")] == [10, 8, 6]
    assert dataset.skipped_lines() == []


def test_folders_that_only_hold_the_same_folders_are_no_classes(tmp_path: Path) -> None:
    for name in ("part1", "part2"):
        fill(tmp_path / name, {"happy": 2, "sad": 2})
    with pytest.raises(DataError, match=r"part1, part2 in .* the same names \(happy, sad\)"):
        scan(tmp_path)
    # a class may keep its pictures in folders of its own
    fill(tmp_path / "part2", {"anna": 2})
    assert scan(tmp_path).class_names == ["part1", "part2"]


def test_a_lone_test_folder_is_a_split(tmp_path: Path) -> None:
    fill(tmp_path / "FER2013Test", {"happy": 2, "sad": 2})
    assert scan(tmp_path).counts() == {"test": {"happy": 2, "sad": 2}}


def test_classes_beside_a_test_folder(tmp_path: Path) -> None:
    fill(tmp_path, {"happy": 5, "sad": 5})
    fill(tmp_path / "test", {"happy": 2, "sad": 2}, seed=1)
    dataset = scan(tmp_path)
    assert dataset.counts() == {"all": {"happy": 5, "sad": 5}, "test": {"happy": 2, "sad": 2}}
    assert split(dataset).counts()["test"] == {"happy": 2, "sad": 2}


def test_whatever_is_skipped_is_named_and_counted(tmp_path: Path) -> None:
    fill(tmp_path / "train", {"happy": 3, "sad": 3})
    for i in range(4):
        save(tmp_path / "test" / f"{i}.png", photo(i))
        save(tmp_path / "extra" / "deep" / f"{i}.jpg", photo(i))
        save(tmp_path / "train" / "_old" / f"{i}.jpg", photo(i))
        save(tmp_path / "train/happy/@eaDir/000.png" / f"{i}.jpg", photo(i))
    save(tmp_path / "loose", photo(9), "PNG")
    for name in ("labels.csv", "train/notes.txt", "docs/readme.txt", "test/.DS_Store"):
        write(tmp_path / name, b"no picture")
    write(tmp_path / "train/sad/cut.jpg", b"\xff\xd8\xff")
    dataset = scan(tmp_path)
    assert dataset.counts() == {"train": {"happy": 3, "sad": 3}}
    expected = [
        "Left out pictures in no class folder: the folder itself (1), test (4), train/_old (4) "
        "and 1 more.",
        "Left out files that cannot be opened as pictures: train/sad/cut.jpg.",
    ]
    assert dataset.skipped_lines() == split(dataset).skipped_lines() == expected
    report = audit(tmp_path)
    assert report.hidden == 5 and report.files == 7
    assert expected[0] in report.text() and expected[1] not in report.text()


@pytest.mark.slow
def test_many_skipped_files_are_counted(tmp_path: Path) -> None:
    fill(tmp_path, {"happy": 1, "sad": 1})
    for i in range(1200):
        write(tmp_path / "sad" / f"{i:04}.txt", b"no")
    (line,) = scan(tmp_path).skipped_lines()
    assert line.endswith("sad/0000.txt, sad/0001.txt, sad/0002.txt and 1,197 more.")


def test_copies_that_a_split_leaves_out_are_named(tmp_path: Path) -> None:
    fill(tmp_path, {"happy": 6, "sad": 6})
    write(tmp_path / "happy/copy.png", (tmp_path / "happy/000.png").read_bytes())
    (line,) = split(scan(tmp_path)).skipped_lines()
    assert line.endswith("extra copies of pictures, and pictures in two classes: happy/copy.png.")


@pytest.mark.parametrize("hidden", [".x", "@eaDir", "__MACOSX", "#recycle", "$RECYCLE.BIN"])
@pytest.mark.parametrize("place", ["", "happy/", "happy/in/"])
def test_hidden_folders_are_skipped_everywhere(tmp_path: Path, hidden: str, place: str) -> None:
    fill(tmp_path, {"happy": 1, "sad": 1})
    save(tmp_path / f"{place}{hidden}/deep/1.png", photo(1))
    found = contents(tmp_path)
    assert found.class_names == ["happy", "sad"] and len(found.files) == 2
    assert found.hidden == audit(tmp_path).hidden == 1


def test_links_to_folders_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    pool = fill(tmp_path / "pool", {"a": 3, "b": 3})
    folder = tmp_path / "faces"
    (folder / "sad").mkdir(parents=True)
    (folder / "happy").symlink_to(pool / "a")
    (folder / "sad" / "more").symlink_to(pool / "b")
    (folder / "sad" / "again").symlink_to(folder / "sad" / "more")
    (folder / "sad" / "up").symlink_to(folder)
    (folder / "sad" / "gone.png").symlink_to("nowhere.png")
    dataset = scan(folder)
    assert dataset.counts() == {"all": {"happy": 3, "sad": 3}}
    places = {row.path.parent.relative_to(folder).as_posix() for row in dataset.rows}
    assert places == {"happy", "sad/again"}
    circle = "Left out links that lead back to a folder above them: sad/up."
    assert sorted(dataset.skipped_lines()) == [
        circle,
        "Left out links that lead nowhere: sad/gone.png.",
    ]


def test_folders_that_cannot_be_read(tmp_path: Path, lock: list[Path]) -> None:
    fill(tmp_path, {"happy": 2, "sad": 2})
    fill(tmp_path / "happy", {"private": 2}, seed=1)
    lock.append(tmp_path / "happy" / "private")
    dataset = scan(tmp_path)
    assert dataset.counts() == {"all": {"happy": 2, "sad": 2}}
    line = "Left out folders that cannot be read: happy/private."
    assert dataset.skipped_lines() == [line] and line in audit(tmp_path).text()


@pytest.mark.parametrize("place", [".", "train", "train/happy", "test"])
def test_a_class_or_split_that_cannot_be_read_is_refused(
    tmp_path: Path, lock: list[Path], place: str
) -> None:
    for name in ("train", "test"):
        fill(tmp_path / name, {"happy": 2, "sad": 2})
    lock.append(tmp_path / place)
    with pytest.raises(DataError) as caught:
        scan(tmp_path)
    one_sentence(caught, str(tmp_path / place), "cannot be read", "permissions")


def test_one_spelling_of_accents(tmp_path: Path) -> None:
    composed, combining = "\u00c4rger", "A\u0308rger"  # zips from a Mac hold the second one
    fill(tmp_path / "train", {combining: 3, "happy": 3})
    fill(tmp_path / "test", {composed: 2, "happy": 2}, seed=1)
    assert class_names_in(tmp_path) == ["happy", composed]
    for name in (composed, combining):
        assert scan(tmp_path, [name]).counts() == {"train": {composed: 3}, "test": {composed: 2}}


def test_names_that_are_not_unicode(tmp_path: Path) -> None:
    odd = "f\udcfcr"  # "für" in Latin-1
    try:
        fill(tmp_path, {odd: 5, "glücklich": 5})
        fill(tmp_path / f"_{odd}", {"x": 1})
    except (OSError, UnicodeError):
        pytest.skip("this file system takes Unicode names only")
    dataset = split(scan(tmp_path, [odd, "glücklich"]))
    assert dataset.class_names == sorted([odd, "glücklich"])
    assert len(dataset.digest()) == 64
    "\n".join(dataset.skipped_lines()).encode()
    report = audit(tmp_path)
    report.text().encode()
    report.to_csv(tmp_path / "faults.csv")
    with pytest.raises(DataError) as caught:
        scan(tmp_path, ["angry"])
    str(caught.value).encode()
