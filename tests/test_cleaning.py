"""Decisions are applied to a copy; the original does not change, and no picture is lost."""

import shutil

import pytest

from conftest import below, one_sentence, photo, save, write
from emolib import data
from emolib.data import Cleaned, DataError, Decision, apply_decisions, audit
from emolib.data.cleaning import tally


@pytest.fixture
def faces(tmp_path):
    """Make three pictures in each of two classes, with the same names in both."""
    folder = tmp_path / "faces"
    for seed, place in enumerate(f"{c}/{i}.png" for c in ("happy", "sad") for i in "123"):
        save(folder / place, photo(seed))
    return folder


def contents(folder):
    return {name: (folder / name).read_bytes() for name in below(folder)}


def test_relabeled_files_change_their_class_and_the_original_does_not_change(faces, tmp_path):
    before = contents(faces)
    decisions = [
        Decision(faces / "happy/1.png", "relabel", "sad"),
        Decision(str(faces / "sad/2.png"), "set aside"),
        Decision(faces / "sad/3.png", "keep"),
    ]
    done = apply_decisions(faces, decisions, tmp_path / "clean")
    assert contents(faces) == before
    assert done == Cleaned(tmp_path / "clean", tmp_path / "clean-aside", 4, 1, 1)
    assert str(done) == "4 kept, 1 relabeled, 1 set aside"
    assert contents(done.folder) == {
        "happy/2.png": before["happy/2.png"],
        "happy/3.png": before["happy/3.png"],
        "sad/1.png": before["sad/1.png"],
        "sad/1-2.png": before["happy/1.png"],
        "sad/3.png": before["sad/3.png"],
    }
    assert contents(done.aside) == {"sad/2.png": before["sad/2.png"]}
    assert len(below(tmp_path)) == 6 + 5 + 1  # nothing else is left behind


def test_what_is_set_aside_is_not_a_class(faces, tmp_path):
    done = apply_decisions(faces, [Decision(faces / "sad/2.png", "set aside")], tmp_path / "clean")
    assert data.scan(done.folder).counts() == {"all": {"happy": 3, "sad": 2}}
    assert data.scan(done.aside).counts() == {"all": {"sad": 1}}  # to be reviewed again


def test_without_decisions_it_is_a_copy(faces, tmp_path):
    (tmp_path / "clean").mkdir()  # an empty one may be used
    done = apply_decisions(faces, [], tmp_path / "clean")
    assert done == Cleaned(tmp_path / "clean", None, 6, 0, 0)
    assert contents(done.folder) == contents(faces)
    assert not (tmp_path / "clean-aside").exists()


def test_splits_stay_splits(tmp_path):
    places = ["train/happy/a.png", "train/sad/b.png", "test/happy/PublicTest_1.jpg"]
    places += ["test/sad/PublicTest_1.jpg", "train/sad/deep/c.png"]
    for seed, place in enumerate(places):
        save(tmp_path / "faces" / place, photo(seed))
    decisions = [
        Decision(tmp_path / "faces" / places[0], "set aside"),
        Decision(tmp_path / "faces" / places[2], "relabel", "sad"),
        Decision(tmp_path / "faces" / places[4], "relabel", "happy"),
    ]
    done = apply_decisions(tmp_path / "faces", decisions, tmp_path / "clean")
    assert below(done.folder) == [
        "test/sad/PublicTest_1-2.jpg",
        "test/sad/PublicTest_1.jpg",
        "train/happy/deep/c.png",
        "train/sad/b.png",
    ]
    assert below(done.aside) == ["train/happy/a.png"]
    # a new name is still one of the official validation set
    assert data.scan(done.folder).counts() == {
        "validation": {"sad": 2},
        "train": {"happy": 1, "sad": 1},
    }


def test_names_that_collide_lose_no_picture(tmp_path):
    names = ["happy/1.PNG", "happy/1-2.png", "neutral/1.png", "sad/1.png", "sad/1-2.png"]
    for seed, name in enumerate(names):
        save(tmp_path / "faces" / name, photo(seed), "PNG")
    decisions = [Decision(tmp_path / "faces" / name, "relabel", "sad") for name in names[:3]]
    done = apply_decisions(tmp_path / "faces", decisions, tmp_path / "clean")
    names = below(done.folder)
    assert len({name.casefold() for name in names}) == 5 and done.relabeled == 3
    assert {name.split("/")[0] for name in names} == {"sad"}
    assert sorted(contents(done.folder).values()) == sorted(contents(tmp_path / "faces").values())
    assert audit(done.folder).totals()["exact duplicate"] == 0


def test_the_last_of_several_decisions_counts(faces, tmp_path):
    file = faces / "happy/1.png"
    decisions = [Decision(file, "set aside"), Decision(file, "relabel", "happy")]
    done = apply_decisions(faces, decisions, tmp_path / "clean")
    assert (done.kept, done.relabeled, done.set_aside) == (6, 0, 0)  # it is already there


def test_files_are_found_under_a_relative_name(faces, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = apply_decisions(faces, [Decision("faces/sad/1.png", "set aside")], "clean")
    assert below(tmp_path / "clean-aside") == ["sad/1.png"] and done.set_aside == 1


@pytest.mark.parametrize("place", [".", "faces", "faces/happy", "faces/new/copy", "..", "/"])
def test_a_copy_inside_or_around_the_data_set_is_refused(faces, tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    before = below(tmp_path)
    with pytest.raises(DataError) as error:
        apply_decisions("faces", [], place)
    one_sentence(error, "elsewhere")
    assert below(tmp_path) == before


def test_pictures_set_aside_never_go_into_the_data_set(faces, tmp_path):
    faces.rename(tmp_path / "clean-aside")
    with pytest.raises(DataError) as error:
        apply_decisions(tmp_path / "clean-aside", [], tmp_path / "clean")
    one_sentence(error, "clean-aside", "elsewhere")


@pytest.mark.parametrize("taken", ["clean/mine.txt", "clean-aside/mine.txt", "clean"])
def test_nothing_is_overwritten(faces, tmp_path, taken):
    write(tmp_path / taken, b"mine")
    before = contents(tmp_path)
    with pytest.raises(DataError) as error:
        apply_decisions(faces, [Decision(faces / "sad/1.png", "set aside")], tmp_path / "clean")
    one_sentence(error, "not empty")
    assert contents(tmp_path) == before


def test_a_file_that_is_gone_is_named_and_nothing_is_made(faces, tmp_path):
    (faces / "happy/1.png").unlink()
    for file in (faces / "happy/1.png", tmp_path / "other/happy/2.png"):
        with pytest.raises(DataError) as error:
            apply_decisions(faces, [Decision(file, "keep")], tmp_path / "clean")
        one_sentence(error, str(file), "gone")
    assert [path.name for path in tmp_path.iterdir()] == ["faces"]


@pytest.mark.parametrize("label", ["hapy", "../happy", ""])
def test_an_unknown_class_is_refused(faces, tmp_path, label):
    with pytest.raises(DataError) as error:
        decisions = [Decision(faces / "sad/1.png", "relabel", label)]
        apply_decisions(faces, decisions, tmp_path / "clean")
    one_sentence(error, f"no class folder {label}")


def test_row_numbers_are_not_files(faces, tmp_path):
    with pytest.raises(DataError) as error:
        apply_decisions(faces, [Decision(3, "keep")], tmp_path / "clean")
    one_sentence(error, "Row 3", "files=")


def test_a_copy_that_fails_leaves_nothing(faces, tmp_path, monkeypatch):
    def full(old, new):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(DataError) as error:
        apply_decisions(faces, [], tmp_path / "clean")
    one_sentence(error, "No space left")
    assert [path.name for path in tmp_path.iterdir()] == ["faces"]


@pytest.mark.parametrize(
    "action, label", [("delete", None), ("relabel", None), ("keep", "sad"), ("set aside", "sad")]
)
def test_only_three_things_can_be_decided(action, label):
    with pytest.raises(DataError) as error:
        Decision("1.png", action, label)
    one_sentence(error)


def test_tally_counts_in_words():
    decisions = [Decision(0, "keep"), Decision(1, "relabel", "sad"), Decision(4, "set aside")]
    assert tally([], 24) == "0 of 24 decided"
    assert tally(decisions[1:2], 24) == "1 of 24 decided: 1 relabeled"
    assert tally([*decisions, Decision(2, "keep")], 4) == (
        "4 of 4 decided: 2 kept, 1 relabeled, 1 set aside"
    )
