"""A table of answers outlives the program that writes it, and no other file is taken for one."""

import csv
import os
from dataclasses import replace
from pathlib import Path

import pytest

from emolib.cli import main
from emolib.errors import EmolibError
from emolib.inference import Photo, Prediction
from emolib.inference.output import write_csv
from emolib.inference.resume import lasting_table

NAMES = ["happy", "sad"]
ODD = ["a.jpg", "no face.jpg", "=1+1.jpg", "line\nbreak.png", '😢, "x".png', "\udce4.png", "a.jpg"]


def answer(i: int, file: str) -> Photo:
    """Return an answer with 2, 0 or 1 faces, and a sentence in one of the cases without."""
    face = Prediction("sad", 0.9, {"happy": 0.1, "sad": 0.9}, True, (1, 2, 3, 4), 0.8)
    error = "It is empty." if i == 4 else None
    return Photo(file, 9, 9, (face,) * ((2, 0, 1)[i % 3] if not error else 0), error)


def write(path: Path, names: list[str] = ODD, resume: bool = True, stop: int = -1) -> int:
    """Write a table, stopping before photo `stop`; return how many photos were done before."""
    with lasting_table(path, NAMES, names, resume) as table:
        left = names[table.done :]
        photos = (answer(i, name) for i, name in enumerate(left, table.done))
        for i, _ in enumerate(write_csv(photos, table.file, NAMES, head=False), table.done + 1):
            if i == stop:
                raise KeyboardInterrupt
        return table.done


def test_wherever_a_table_is_cut_it_goes_on_and_ends_the_same(tmp_path):
    assert write(tmp_path / "whole.csv") == 0
    whole = (tmp_path / "whole.csv").read_bytes()
    rows = list(csv.DictReader(whole.decode().splitlines(keepends=True)))
    assert [row["faces"] for row in rows] == ["2", "2", "0", "1", "2", "2", "0", "1", "2", "2"]
    assert [row["face"] for row in rows] == ["1", "2", "0", "1", "1", "2", "0", "1", "1", "2"]
    seen = set()
    for cut in range(len(whole) + 1):
        table = tmp_path / f"{cut}.csv"
        (tmp_path / f"{cut}.csv.part").write_bytes(whole[:cut])
        seen.add(write(table))
        assert table.read_bytes() == whole, cut
        table.unlink()
    assert seen == set(range(len(ODD) + 1))
    assert os.listdir(tmp_path) == ["whole.csv"]


def test_what_is_stopped_stays_and_must_be_resumed_by_name(tmp_path):
    table = tmp_path / "answers.csv"
    with pytest.raises(KeyboardInterrupt):
        write(table, stop=3)
    assert os.listdir(tmp_path) == ["answers.csv.part"]
    before = (tmp_path / "answers.csv.part").read_bytes()
    with pytest.raises(EmolibError, match="interrupted run: add --resume"):
        write(table, resume=False)
    assert (tmp_path / "answers.csv.part").read_bytes() == before
    assert write(table) == 3
    assert os.listdir(tmp_path) == ["answers.csv"]
    with pytest.raises(EmolibError, match="already exists"):
        write(table)


def test_what_is_stopped_before_its_first_answer_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), lasting_table(tmp_path / "a.csv", NAMES, ODD, False):
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "names", "says"),
    [
        (None, ODD[1:], "different list of photos"),
        (None, ODD[:2], "different list of photos"),
        (None, [ODD[0], "new.jpg", *ODD[1:]], "different list of photos"),
        (b"half a download of something else", ODD, "not a table of this model's classes"),
        (b"file,width\r\n", ODD, "not a table of this model's classes"),
        (b"damaged", ODD, "is damaged"),
    ],
)
def test_a_part_file_of_something_else_stays_as_it_is(tmp_path, content, names, says):
    table = tmp_path / "answers.csv"
    part = tmp_path / "answers.csv.part"
    with pytest.raises(KeyboardInterrupt):
        write(table, stop=5)
    if content == b"damaged":
        content = part.read_bytes().replace(b"no face.jpg,9,", b"no face.jpg,")
    if content:
        part.write_bytes(content)
    before = part.read_bytes()
    with pytest.raises(EmolibError, match=says) as error:
        write(table, names)
    assert "\n" not in str(error.value)
    assert part.read_bytes() == before and not table.exists()


def test_a_table_is_continued_only_with_the_same_answers(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "a.csv", stop=5)
    with lasting_table(tmp_path / "a.csv", NAMES, ODD, True) as table:
        number, _ = table.witness
        assert number == 3  # the next one has an error
        table.check(answer(number, ODD[number]))
        table.check(Photo(ODD[number], 0, 0, error="It is gone."))
        for other in (answer(2, "b"), answer(1, "no face")):
            with pytest.raises(EmolibError, match="use the model that it was started with"):
                table.check(other)
        face, _ = answer(number, "").faces
        changed = replace(face, probabilities={"happy": 0.3, "sad": 0.7})
        with pytest.raises(EmolibError, match="has a different answer for it.jpg"):
            table.check(Photo("it.jpg", 9, 9, (face, changed)))
        table.witness[1][0]["p_sad"] = "O.9"
        with pytest.raises(EmolibError, match="is damaged"):
            table.check(answer(number, ODD[number]))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--resume"], "--resume continues a table: add the same --cluster and --csv"),
        (["--resume", "--cluster", "local"], "--resume continues a table"),
        (["--resume", "--cluster", "local", "--csv", "a.csv", "--json"], "leave out --json"),
        (["--cluster", "local", "--save", "out"], "leave out --save"),
        (["--cluster", "scheduler"], "scheduler is not the address of a scheduler"),
        (["--cluster", "http://scheduler:8786"], "is not the address of a scheduler"),
    ],
)
def test_words_that_do_not_go_together_end_in_a_sentence(
    tmp_path, monkeypatch, capsys, words, says
):
    pytest.importorskip("distributed")
    monkeypatch.chdir(tmp_path)
    assert main(["predict", "nothing.jpg", *words]) == 1
    said = capsys.readouterr().err.strip()
    assert says in said and "\n" not in said
    assert os.listdir(tmp_path) == []
