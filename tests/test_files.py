"""Files and folders appear complete or not at all, and nothing of the user's is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from emolib.errors import EmolibError
from emolib.files import new_folders, replace_file, require_new_folder


class Broken(Exception):
    """What goes wrong in these tests."""


def content(folder: Path) -> dict[str, str | None]:
    """Return {path in the folder: text, None for a folder}, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_text() if path.is_file() else None
        for path in folder.rglob("*")
    }


def test_missing_and_empty_folders_are_new(tmp_path: Path) -> None:
    require_new_folder(tmp_path)
    require_new_folder(tmp_path / "missing")
    assert content(tmp_path) == {}


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_is_no_new_folder(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "taken"
    if kind == "folder":
        place.mkdir()
        (place / ".hidden").touch()
    elif kind == "file":
        place.touch()
    else:
        place.symlink_to("nowhere")
    with pytest.raises(EmolibError, match="taken is not empty: give the name of a new folder\\.$"):
        require_new_folder(place)


def test_the_caller_chooses_the_error(tmp_path: Path) -> None:
    class OwnError(EmolibError):
        pass

    (tmp_path / "file").touch()
    with pytest.raises(OwnError):
        require_new_folder(tmp_path, OwnError)


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    asked = []

    def write(path: Path) -> None:
        asked.append(path)
        path.write_text(f"version {len(asked)}")

    place = tmp_path / "model.keras"
    for version in (1, 2):
        replace_file(place, write)
        assert content(tmp_path) == {"model.keras": f"version {version}"}
    assert {path.parent for path in asked} == {tmp_path}
    assert {path.suffix for path in asked} == {".keras"} and place not in asked


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        path.write_text("half")
        raise Broken

    with pytest.raises(Broken):
        replace_file(tmp_path / "history.csv", write)
    assert content(tmp_path) == {}
    (tmp_path / "history.csv").write_text("old")
    (tmp_path / "new_history.csv").write_text("the user's")
    with pytest.raises(Broken):
        replace_file(tmp_path / "history.csv", write)
    assert content(tmp_path) == {"history.csv": "old", "new_history.csv": "the user's"}


def test_folders_appear_together_at_the_end(tmp_path: Path) -> None:
    parent = tmp_path / "not" / "yet"
    with new_folders(parent) as scratch:
        for name in ("train", "test"):
            (scratch / name).mkdir()
            (scratch / name / "1.txt").write_text(name)
        assert not (parent / "train").exists() and not (parent / "test").exists()
    assert content(parent) == {
        "train": None,
        "train/1.txt": "train",
        "test": None,
        "test/1.txt": "test",
    }


def test_an_empty_folder_is_replaced_and_neighbors_stay(tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "1.txt").write_text("other")
    with new_folders(tmp_path) as scratch:
        (scratch / "copy").mkdir()
        (scratch / "copy" / "1.txt").write_text("copy")
    assert content(tmp_path) == {
        "copy": None,
        "copy/1.txt": "copy",
        "other": None,
        "other/1.txt": "other",
    }


def test_nothing_is_left_when_the_body_raises(tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    with pytest.raises(Broken), new_folders(tmp_path) as scratch:
        (scratch / "copy").mkdir()
        (scratch / "copy" / "1.txt").write_text("half")
        raise Broken
    assert content(tmp_path) == {"copy": None}


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_no_folder_appears_when_one_has_no_place(tmp_path: Path, kind: str) -> None:
    taken = tmp_path / "z"
    if kind == "folder":
        taken.mkdir()
        (taken / "1.txt").write_text("the user's")
    else:
        taken.write_text("the user's")
    before = content(tmp_path)
    with pytest.raises(EmolibError, match="z is not empty"), new_folders(tmp_path) as scratch:
        (scratch / "a").mkdir()
        (scratch / "z").mkdir()
    assert content(tmp_path) == before
