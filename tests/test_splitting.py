"""No picture is ever in two splits, and the same folder is always split the same way."""

from collections import defaultdict
from pathlib import Path

from conftest import fill
from hypothesis import given, settings
from hypothesis import strategies as st

from emolib.data import DataError, Dataset, Row, scan, split, without_leaks


def rows_of(pictures) -> Dataset:
    rows = [
        Row(Path(f"{split_name}/{name}/{i}.png"), name, split_name, 1, digest)
        for i, (name, split_name, digest) in enumerate(pictures)
    ]
    return Dataset(Path("."), sorted({row.class_name for row in rows}), rows)


pictures = st.lists(
    st.tuples(
        st.sampled_from(["happy", "sad", "angry"]),
        st.sampled_from([None, "train", "validation", "test"]),
        st.sampled_from([""] + [f"{i:02}" for i in range(30)]),
    ),
    min_size=1,
    max_size=120,
)


@given(pictures, st.integers(0, 5))
@settings(max_examples=300, deadline=None)
def test_no_picture_is_ever_in_two_splits(listed, seed):
    try:
        result = split(rows_of(listed), seed=seed)
    except DataError:
        return
    places = defaultdict(set)
    for row in result.rows:
        assert row.digest and row.split in ("train", "validation", "test")
        places[row.digest].add(row.split)
    assert all(len(where) == 1 for where in places.values())


@given(pictures)
@settings(max_examples=200, deadline=None)
def test_cleaning_keeps_the_test_set_and_one_copy_to_learn_from(listed):
    before = rows_of(listed).rows
    after = without_leaks(before)
    readable = [row for row in before if row.digest]
    assert [r for r in after if r.split == "test"] == [r for r in readable if r.split == "test"]
    learn = [row for row in after if row.split in (None, "train")]
    assert len({row.digest for row in learn}) == len(learn)
    for row in learn:
        names = {r.class_name for r in readable if r.digest == row.digest and r.split == row.split}
        assert names == {row.class_name}


def test_split_keeps_proportions_and_repeats_itself(faces_folder):
    dataset = scan(faces_folder)
    first = split(dataset)
    assert first == split(dataset)
    assert first != split(dataset, seed=1)
    counts = first.counts()
    assert counts["validation"] == counts["test"] == {"happy": 6, "sad": 6}
    assert counts["train"] == {"happy": 28, "sad": 28}


def test_split_does_not_depend_on_file_names(faces_folder):
    before = {row.digest: row.split for row in split(scan(faces_folder)).rows}
    for i, path in enumerate(sorted((faces_folder / "happy").iterdir(), reverse=True)):
        path.rename(path.with_name(f"renamed_{i}.png"))
    assert {row.digest: row.split for row in split(scan(faces_folder)).rows} == before


def test_folders_that_are_split_already_stay_so(tmp_path):
    fill(tmp_path / "train", {"happy": 10, "sad": 10})
    fill(tmp_path / "test", {"happy": 4, "sad": 4}, seed=1)
    dataset = split(scan(tmp_path))
    assert dataset.counts()["test"] == {"happy": 4, "sad": 4}
    assert sum(dataset.counts()["validation"].values()) == 4
    fill(tmp_path / "valid", {"happy": 3, "sad": 3}, seed=2)
    counts = split(scan(tmp_path)).counts()
    assert counts["validation"] == {"happy": 3, "sad": 3}
    assert counts["train"] == {"happy": 10, "sad": 10}


def test_a_test_picture_in_train_is_dropped_from_train(tmp_path):
    fill(tmp_path / "train", {"happy": 6, "sad": 6})
    fill(tmp_path / "test", {"happy": 3, "sad": 3}, seed=1)
    leak = tmp_path / "test" / "happy" / "000.png"
    (tmp_path / "train" / "happy" / "leak.png").write_bytes(leak.read_bytes())
    names = {row.path.name for row in split(scan(tmp_path)).rows if row.split != "test"}
    assert "leak.png" not in names
