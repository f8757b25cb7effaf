import os
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from conftest import fill, mouth
from hypothesis import given, settings
from hypothesis import strategies as st

from emolib.data import DataError, Dataset, Row, batches, load_images, scan, split, without_leaks


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
    first, again, other = split(dataset), split(dataset), split(dataset, seed=1)
    assert first == again
    assert first != other
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


def test_fer2013s_own_validation_set_is_recognised(tmp_path):
    fill(tmp_path / "train", {"happy": 4, "sad": 4})
    test = fill(tmp_path / "test", {"happy": 4, "sad": 4}, seed=1)
    for i, path in enumerate(sorted(test.rglob("*.png"))):
        path.rename(path.with_name(f"{'PublicTest' if i % 2 else 'PrivateTest'}_{i}.png"))
    counts = scan(tmp_path).counts()
    assert counts["validation"] == counts["test"] == {"happy": 2, "sad": 2}


def test_a_test_picture_in_train_is_dropped_from_train(tmp_path):
    fill(tmp_path / "train", {"happy": 6, "sad": 6})
    fill(tmp_path / "test", {"happy": 3, "sad": 3}, seed=1)
    leak = tmp_path / "test" / "happy" / "000.png"
    (tmp_path / "train" / "happy" / "leak.png").write_bytes(leak.read_bytes())
    names = {row.path.name for row in split(scan(tmp_path)).rows if row.split != "test"}
    assert "leak.png" not in names


def test_class_names_are_folder_names_whatever_they_are(tmp_path):
    fill(tmp_path, {"very happy": 5, "sad 😢": 5, "Ärger": 5})
    (tmp_path / ".hidden").mkdir()
    dataset = scan(tmp_path)
    assert dataset.class_names == sorted(["very happy", "sad 😢", "Ärger"])
    assert sorted(set(dataset.labels(dataset.rows))) == [0, 1, 2]
    assert scan(tmp_path, ["Ärger"]).class_names == ["Ärger"]


def test_unreadable_files_are_listed_but_not_used(faces_folder):
    (faces_folder / "happy" / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    dataset = scan(faces_folder)
    assert len(dataset.rows) == 81
    assert len(split(dataset).rows) == 80


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: None, "no class folders"),
        (lambda p: (p / "happy").mkdir(), "holds no file"),
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


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("channels", [1, 3])
def test_gray_and_colour_pictures_load_as_asked(tmp_path, mode, channels):
    fill(tmp_path, {"happy": 3, "sad": 2}, size=64, mode=mode)
    images = load_images(scan(tmp_path).rows, (32, 40), channels)
    assert images.shape == (5, 32, 40, channels)
    assert images.dtype == np.uint8
    assert 20 < images.mean() < 235


def test_a_picture_of_the_right_size_comes_through_unchanged(faces_folder):
    dataset = scan(faces_folder)
    images = load_images(dataset.rows)
    assert (images[0, :, :, 0] == np.asarray(mouth(True, 0))).all()


def test_the_hash_of_a_data_set_sees_content_and_place_not_order(faces_folder):
    before = scan(faces_folder).digest()
    assert scan(faces_folder).digest() == before
    os.rename(faces_folder / "happy" / "000.png", faces_folder / "sad" / "moved.png")
    assert scan(faces_folder).digest() != before


def test_batches_shuffle_every_epoch_and_lose_nothing():
    images = np.arange(50, dtype=np.uint8).reshape(50, 1, 1, 1)
    ds = batches(images, np.arange(50), 8, shuffle=True)
    epochs = [np.concatenate([y.numpy() for _, y in ds]) for _ in range(2)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(50))
    assert not (epochs[0] == epochs[1]).all()
    for x, y in ds:
        assert x.dtype == "float32"
        assert (x.numpy().ravel() == y.numpy()).all()
