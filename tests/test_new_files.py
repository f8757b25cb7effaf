"""A new file appears when it is complete, or not at all, and a spreadsheet computes none of it."""

import contextlib
import csv
import os
import shutil
import threading
from pathlib import Path

import pytest
from PIL import Image

from conftest import mouth
from emolib.cli import main
from emolib.data import selfies
from emolib.errors import EmolibError
from emolib.files import FORMULA, new_file, plain_cell
from emolib.inference import Classifier, Photo, Prediction, output


def test_a_new_file_appears_at_the_end(tmp_path: Path) -> None:
    with new_file(tmp_path / "a.csv") as part:
        part.write_text("answers")
        assert os.listdir(tmp_path) == [part.name] != ["a.csv"]
    assert os.listdir(tmp_path) == ["a.csv"]
    assert (tmp_path / "a.csv").read_text() == "answers"


@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit, FileExistsError, OSError])
def test_a_new_file_goes_away_after_a_failure(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), new_file(tmp_path / "a.csv") as part:
        part.write_text("half")
        raise error
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_a_new_file_takes_no_name_that_is_taken(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "a.csv"
    if kind == "folder":
        place.mkdir()
    elif kind == "link":
        place.symlink_to("nowhere")
    else:
        place.write_text("mine")
    before = os.listdir(tmp_path)
    with pytest.raises(EmolibError, match="already exists.*give .*name.*\\.$"), new_file(place):
        pytest.fail("there is such a file")
    assert os.listdir(tmp_path) == before


def test_a_file_that_appears_meanwhile_stays(tmp_path: Path) -> None:
    with pytest.raises(EmolibError, match="already exists"), new_file(tmp_path / "a.csv") as part:
        part.write_text("answers")
        (tmp_path / "a.csv").write_text("mine")
    assert os.listdir(tmp_path) == ["a.csv"]
    assert (tmp_path / "a.csv").read_text() == "mine"


def test_a_folder_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    class OwnError(EmolibError):
        pass

    with pytest.raises(OwnError, match="a.csv cannot be written: .*\\.$"):
        with new_file(tmp_path / "none" / "a.csv", OwnError):
            pytest.fail("there is no such folder")


def test_of_many_threads_one_gets_the_name(tmp_path: Path) -> None:
    got = []

    def claim(number: int) -> None:
        with contextlib.suppress(EmolibError):
            with new_file(tmp_path / "name") as part:
                part.write_text(str(number))
            got.append(str(number))

    threads = [threading.Thread(target=claim, args=(i,)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(tmp_path / "name").read_text()] == got
    assert os.listdir(tmp_path) == ["name"]


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three cropped faces in the current folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "b.png", "c.png"):
        mouth(True, 0).save(name)
    return ["a.png", "b.png", "c.png"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left"), None])
def test_a_run_that_failed_does_not_block_the_next(
    pictures: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
    error: BaseException | None,
) -> None:
    words = ["predict", "--face", "--csv", "answers.csv", "--save", "out", "."]
    answer = Classifier._answer
    asked: list[Photo] = []

    def stop(self: Classifier, batch: list, flip_tta: bool | None) -> list[Photo]:
        asked.extend(answer(self, batch, flip_tta))
        raise error or EmolibError("The model is broken.")

    with monkeypatch.context() as patch:
        patch.setattr(Classifier, "_answer", stop)
        assert main(words) == (130 if isinstance(error, KeyboardInterrupt) else 1)
    assert len(asked) == 3
    assert "Traceback" not in capsys.readouterr().err
    assert sorted(path for path in os.listdir() if path != "out") == pictures
    assert main(words) == 0
    rows = list(csv.DictReader(open("answers.csv", encoding="utf-8")))
    assert [row["file"] for row in rows] == pictures
    assert sorted(os.listdir()) == [*pictures[:1], "answers.csv", *pictures[1:], "out"]


def test_a_table_with_a_bad_photo_is_complete(pictures: list[str]) -> None:
    Path("bad.jpg").write_text("hello")
    assert main(["predict", "--face", "--csv", "answers.csv", "bad.jpg", *pictures]) == 1
    rows = list(csv.DictReader(open("answers.csv", encoding="utf-8")))
    assert len(rows) == 4 and rows[0]["error"].startswith("bad.jpg is not an image")


def test_a_half_written_copy_does_not_stay(
    pictures: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(image: Image.Image, path: Path, *args: object, **options: object) -> None:
        Path(path).write_bytes(b"\xff\xd8\xff")
        raise KeyboardInterrupt

    monkeypatch.setattr(Image.Image, "save", half)
    assert main(["predict", "--face", ".", "--save", "out"]) == 130
    assert os.listdir("out") == []


def test_copies_of_one_name_are_numbered(pictures: list[str]) -> None:
    os.mkdir("out")
    os.symlink("nowhere", os.path.join("out", "a.jpg"))
    shutil.copy("a.png", "a.bmp")
    assert main(["predict", "--face", "a.png", "a.bmp", "b.png", "--save", "out"]) == 0
    assert sorted(os.listdir("out")) == ["a.jpg", "a_2.jpg", "a_3.jpg", "b.jpg"]
    assert not os.path.exists("nowhere")


def test_only_text_is_guarded() -> None:
    for start in FORMULA:
        assert plain_cell(f"{start}1+1") == f"'{start}1+1"
    for value in (-1, -0.5, "", "a=1", "1-1", None, False):
        assert plain_cell(value) is value


def test_a_spreadsheet_computes_no_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("=1+1.jpg", "+2.jpg", "@SUM(A1).jpg"):
        shutil.copy(selfies()[0], name)
    Path("-bad.jpg").write_text("hello")
    assert main(["predict", ".", "--csv", "answers.csv"]) == 1
    table = list(csv.reader(open("answers.csv", encoding="utf-8", newline="")))
    assert [row[0] for row in table[1:]] == ["'+2.jpg", "'-bad.jpg", "'=1+1.jpg", "'@SUM(A1).jpg"]
    assert table[2][-1].startswith("'-bad.jpg is not an image")
    assert not [cell for row in table for cell in row if cell.startswith(FORMULA)]


def test_class_names_are_guarded_too() -> None:
    face = Prediction("=sad", 0.9, {"-1": 0.1, "=sad": 0.9}, True, (1, 2, 3, 4), 0.9)
    names = ["-1", "=sad"]
    head = output.table_head(names)
    [row] = output.table_rows(Photo("a.jpg", 9, 9, (face,)), names)
    assert len(head) == len(row)
    assert dict(zip(head, row, strict=True))["label"] == "'=sad"
    assert not [cell for cell in [*head, *map(str, row)] if cell.startswith(FORMULA)]
