"""The five faults are there, an audit finds them, and no name gives them away."""

from collections import Counter

import pytest

from conftest import fill
from emolib.course.faults import plant_faults
from emolib.data import DataError, audit


@pytest.mark.parametrize("seed", range(5))
def test_an_audit_finds_the_five_faults_and_nothing_else(faces_folder, tmp_path, seed):
    copy = tmp_path / "copy"
    assert plant_faults(faces_folder, copy, per_class=12, seed=seed) is None
    report = audit(copy)
    totals = report.totals()
    del totals["near duplicate"]
    assert report.files == 2 * 12 + 2
    assert totals == {
        "unreadable": 1,
        "not a picture": 1,
        "wrong extension": 1,
        "exact duplicate": 2,
        "two classes": 2,
        "two splits": 0,
    }


def test_the_names_tell_nothing_and_the_original_does_not_change(faces_folder, tmp_path):
    before = {path: path.read_bytes() for path in faces_folder.rglob("*.png")}
    places = Counter()
    for seed in range(8):
        copy = tmp_path / str(seed)
        plant_faults(faces_folder, copy, ["sad", "happy"], per_class=9, seed=seed)
        for name in ("happy", "sad"):
            names = sorted(path.name for path in (copy / name).iterdir())
            assert names == [f"{i:03}.png" for i in range(len(names))]
        places.update((p.problem, p.path.name) for p in audit(copy).problems)
    assert max(places.values()) < 8
    assert before == {path: path.read_bytes() for path in faces_folder.rglob("*.png")}


def test_the_same_seed_plants_the_same_faults(faces_folder, tmp_path):
    copies = [tmp_path / name for name in ("one", "two")]
    for copy in copies:
        plant_faults(faces_folder, copy, per_class=6, seed=3)
    one, two = (
        {path.relative_to(copy): path.read_bytes() for path in copy.rglob("*.png")}
        for copy in copies
    )
    assert one == two


def test_pictures_of_all_splits_go_into_one_folder_per_class(tmp_path):
    for part in ("train", "test"):
        fill(tmp_path / "set" / part, {"happy": 6, "sad": 6}, seed=len(part))
    plant_faults(tmp_path / "set", tmp_path / "copy", per_class=10)
    assert {path.name for path in (tmp_path / "copy").iterdir()} == {"happy", "sad"}


def test_what_cannot_be_done_is_one_clear_error(faces_folder, tmp_path):
    with pytest.raises(DataError, match="not empty"):
        plant_faults(faces_folder, faces_folder)
    with pytest.raises(DataError, match="two classes"):
        plant_faults(faces_folder, tmp_path / "copy", ["happy"])
    with pytest.raises(DataError, match="too few"):
        plant_faults(faces_folder, tmp_path / "copy", per_class=41)
    assert not (tmp_path / "copy").exists()
