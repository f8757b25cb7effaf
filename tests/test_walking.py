"""Folders are listed whole: links are followed, and what cannot be listed is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conftest import write
from emolib.files import CIRCLE, DEAD_LINK, LOCKED, SPECIAL, is_hidden, list_folder, walk_files


def names(paths: list[Path], folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in paths]


@pytest.mark.parametrize(
    "name", [".x", ".DS_Store", "._1.jpg", "@eaDir", "@EADIR", "__MACOSX", "#recycle", "lost+found"]
)
def test_hidden_names(name: str) -> None:
    assert is_hidden(name)


@pytest.mark.parametrize("name", ["_DSC0001.JPG", "__x", "@me", "#1", "x.", "happy", "Thumbs.db"])
def test_names_that_are_not_hidden(name: str) -> None:
    assert not is_hidden(name)


def test_files_are_sorted_and_hidden_ones_apart(tmp_path: Path) -> None:
    visible = ["a/1.jpg", "a/b/2.jpg", "a.jpg", "z.jpg"]
    hidden = [".git/a/x", "@eaDir/a.jpg/t.jpg", "a/.DS_Store", "a/__MACOSX/3.jpg", "a/b/._2.jpg"]
    for name in visible + hidden:
        write(tmp_path / name, b"x")
    found = walk_files(tmp_path)
    assert names(found.files, tmp_path) == visible == names(sorted(found.files), tmp_path)
    assert names(found.hidden, tmp_path) == hidden
    assert names(found.folders, tmp_path) == ["a", "a/b"]
    assert found.problems == []
    level = list_folder(tmp_path)
    assert names(level.folders, tmp_path) == ["a"]
    assert names(level.files, tmp_path) == ["a.jpg", "z.jpg"]
    assert names(level.hidden, tmp_path) == [".git", "@eaDir"]


def test_links_are_followed_once_and_never_upward(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    folder = tmp_path / "folder"
    write(outside / "1.jpg", b"x")
    write(folder / "real" / "2.jpg", b"x")
    for name, target in {
        "album": outside,
        "again": outside,
        "also": folder / "real",
        "real/up": folder,
        "real/above": tmp_path,
        "real/self": folder / "real",
        "picture.jpg": outside / "1.jpg",
        "gone.jpg": tmp_path / "nowhere",
    }.items():
        (folder / name).symlink_to(target)
    (outside / "back").symlink_to(folder)
    (outside / "loop").symlink_to("loop")
    found = walk_files(folder)
    assert names(found.files, folder) == ["again/1.jpg", "picture.jpg", "real/2.jpg"]
    assert [(path.relative_to(folder).as_posix(), reason) for path, reason in found.problems] == [
        ("again/loop", DEAD_LINK),
        ("gone.jpg", DEAD_LINK),
        ("real/above", CIRCLE),
        ("real/self", CIRCLE),
        ("real/up", CIRCLE),
    ]


def test_folders_that_link_to_each_other_end(tmp_path: Path) -> None:
    for i in range(12):
        write(tmp_path / str(i) / "1.jpg", b"x")
        for j in range(12):
            (tmp_path / str(i) / f"to{j}").symlink_to(tmp_path / str(j))
    for folder in (tmp_path, tmp_path / "0"):
        found = walk_files(folder)
        assert len(found.files) == len({path.resolve() for path in found.files}) == 12


def test_what_cannot_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "open" / "1.jpg", b"x")
    (tmp_path / "locked").mkdir()
    listed = os.scandir

    def scandir(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = walk_files(tmp_path)
    assert names(found.files, tmp_path) == ["open/1.jpg"]
    assert found.problems == [(tmp_path / "locked", LOCKED)]
    assert walk_files(tmp_path / "locked").problems == [(tmp_path / "locked", LOCKED)]
    assert walk_files(tmp_path / "missing").problems == [(tmp_path / "missing", LOCKED)]


@pytest.mark.skipif(os.name != "posix", reason="no pipes")
def test_pipes_are_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert walk_files(tmp_path).problems == [(tmp_path / "pipe.jpg", SPECIAL)]
