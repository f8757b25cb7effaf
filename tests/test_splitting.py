"""No picture is ever in two splits, and the same folder is always split the same way."""

import csv
import random
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageEnhance

from conftest import fill, one_sentence, photo, save
from emolib.data import DataError, Dataset, Row, scan, split, without_leaks
from emolib.data.duplicates import GROUP_BITS
from emolib.data.splitting import not_learned, write_split


def different(counts: dict[str, int], seed: int = 0, phash: int | None = None) -> Dataset:
    """Return a data set of pictures that look different, or all have one perceptual hash."""
    rng = random.Random(seed)
    rows = []
    for name, n in counts.items():
        for _ in range(n):
            code = f"{rng.getrandbits(128):032x}"
            looks = rng.getrandbits(64) if phash is None else phash
            rows.append(Row(Path(f"{name}/{code}.png"), name, None, 1, code, looks))
    return Dataset(Path("."), sorted(counts), rows)


def added(dataset: Dataset, rows: list[Row]) -> Dataset:
    return Dataset(dataset.folder, dataset.class_names, dataset.rows + rows)


def splits(dataset: Dataset, **options) -> dict[str, str | None]:
    return {row.digest: row.split for row in split(dataset, **options).rows}


def bits_between(a: Row, b: Row) -> int:
    return (a.phash ^ b.phash).bit_count()


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


def test_split_keeps_proportions_and_repeats_itself():
    dataset = different({"happy": 4000, "sad": 1000})
    first = split(dataset, validation=0.1, test=0.2)
    assert first == split(dataset, validation=0.1, test=0.2)
    assert first != split(dataset, validation=0.1, test=0.2, seed=1)
    for name, n in (("happy", 4000), ("sad", 1000)):
        for part, share in (("validation", 0.1), ("test", 0.2), ("train", 0.7)):
            spread = (share * (1 - share) / n) ** 0.5
            assert abs(first.counts()[part][name] / n - share) < 4 * spread


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
    counts = dataset.counts()
    assert sum(counts["validation"].values()) + sum(counts["train"].values()) == 20
    assert set(counts["validation"]) == set(counts["train"]) == {"happy", "sad"}
    fill(tmp_path / "valid", {"happy": 3, "sad": 3}, seed=2)
    counts = split(scan(tmp_path)).counts()
    assert counts["validation"] == {"happy": 3, "sad": 3}
    assert counts["train"] == {"happy": 10, "sad": 10}


def test_near_copies_are_never_in_two_splits(tmp_path):
    for seed in range(24):
        image = photo(seed, 96)
        save(tmp_path / ("happy", "sad")[seed % 2] / f"{seed}.png", image)
        # every third picture has its copies in the wrong class
        place = tmp_path / ("happy", "sad")[(seed + (seed % 3 == 0)) % 2]
        save(place / f"{seed}_copy.jpg", image, quality=50)
        save(place / f"{seed}_dark.png", ImageEnhance.Brightness(image).enhance(0.7))
    dataset = scan(tmp_path)
    for seed in range(20):
        places = defaultdict(set)
        for row in split(dataset, seed=seed).rows:
            places[row.path.stem.split("_")[0]].add(row.split)
        assert len(places) == 24 and all(len(where) == 1 for where in places.values())


@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, GROUP_BITS)), min_size=20, max_size=120),
    st.integers(0, 10**6),
)
@settings(max_examples=60, deadline=None)
def test_no_pair_of_near_copies_is_ever_torn_apart(copies, seed):
    rng = random.Random(seed)
    originals = [rng.getrandbits(64) for _ in range(9)]
    rows = []
    for i, (which, flips) in enumerate(copies):
        looks = originals[which]
        for bit in rng.sample(range(64), flips):
            looks ^= 1 << bit
        name = "happy" if i % 2 else "sad"
        digest = f"{rng.getrandbits(64):016x}"
        rows.append(Row(Path(f"{name}/{i}.png"), name, None, 1, digest, looks))
    try:
        done = split(Dataset(Path("."), ["happy", "sad"], rows)).rows
    except DataError as error:
        assert "too much alike" in str(error)
        return
    for i, row in enumerate(done):
        for other in done[:i]:
            assert row.split == other.split or bits_between(row, other) > GROUP_BITS


@given(st.integers(0, 10**6), st.integers(1, 20))
@settings(max_examples=30, deadline=None)
def test_unrelated_pictures_move_no_other_one(seed, n):
    dataset = different({"happy": 120, "sad": 80, "angry": 100}, seed)
    before = splits(dataset, seed=seed)
    after = splits(added(dataset, different({"happy": n, "sad": n}, seed + 1).rows), seed=seed)
    assert {digest: after[digest] for digest in before} == before
    less = Dataset(dataset.folder, dataset.class_names, dataset.rows[:-1])
    assert splits(less, seed=seed) == {d: before[d] for d in splits(less, seed=seed)}


@given(st.integers(3, 12), st.integers(3, 12), st.integers(0, 10**6))
@settings(max_examples=80, deadline=None)
def test_tiny_classes_have_a_picture_in_each_split(happy, sad, seed):
    counts = split(different({"happy": happy, "sad": sad}, seed), seed=seed).counts()
    for name in ("train", "validation", "test"):
        assert set(counts[name]) == {"happy", "sad"}


def test_shares_that_are_nearly_none_or_all_still_give_each_split_a_picture():
    for shares in ((0.001, 0.001), (0.5, 0.5), (0.001, 0.99), (1.0, 0.15)):
        counts = split(different({"happy": 400, "sad": 5}), *shares).counts()
        assert all(set(counts[n]) == {"happy", "sad"} for n in ("train", "validation", "test"))
    assert set(split(different({"happy": 9, "sad": 9}), 0, 0).counts()) == {"train"}


def test_pictures_that_all_look_alike_are_refused():
    with pytest.raises(DataError) as caught:
        split(different({"happy": 40, "sad": 40}, phash=5))
    one_sentence(caught, "40 different readable pictures of class happy", "too much alike")


def test_copies_of_given_test_pictures_stay_in_training(tmp_path):
    for i in range(30):
        for name in ("happy", "sad"):
            save(tmp_path / "train" / name / f"{i}.png", photo(100 * i + (name == "sad")))
    for i in range(5):
        for name in ("happy", "sad"):
            image = photo(100 * i + (name == "sad"))
            save(tmp_path / "test" / name / f"{i}.jpg", image, quality=50)
    for seed in range(5):
        done = split(scan(tmp_path), seed=seed)
        assert len(done.rows) == 70
        copies = [row for row in done.rows if row.path.suffix == ".png" and int(row.path.stem) < 5]
        assert {row.split for row in copies} == {"train"}


def test_split_files_of_all_versions_are_read(tmp_path):
    odd = "f\udcfcr"
    dataset = different({odd: 20, "glücklich 😀": 20})
    done = split(dataset)
    write_split(done, tmp_path / "new.csv")
    learned = {row.digest for row in done.rows if row.split != "test"}
    with open(tmp_path / "new.csv", newline="", encoding="utf-8", errors="surrogateescape") as file:
        rows = list(csv.DictReader(file))
    assert {row["class"] for row in rows} == set(dataset.class_names)
    assert [int(row["phash"], 16) for row in rows] == [row.phash for row in done.rows]
    with open(tmp_path / "old.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, ["file", "class", "split", "digest"], extrasaction="ignore")
        table.writeheader()
        table.writerows(row | {"file": "x", "class": "y"} for row in rows)
    unseen = [row for row in dataset.rows if row.digest not in learned]
    for name in ("new.csv", "old.csv"):
        assert not_learned(dataset.rows, tmp_path / name) == unseen
    assert not_learned(dataset.rows, tmp_path / "none.csv") == dataset.rows
    assert not_learned([], tmp_path / "new.csv") == []


def test_near_copies_of_what_was_learned_are_left_out(tmp_path):
    done = split(different({"happy": 20, "sad": 20}))
    write_split(done, tmp_path / "mine_split.csv")
    for row in done.rows:
        copy = Row(Path("copy.png"), "happy", None, 1, "new", row.phash ^ 0b111)
        far = Row(Path("far.png"), "happy", None, 1, "far", row.phash ^ 0xFFFF)
        bare = Row(Path("bare.png"), "happy", None, 1, "bare")
        left = not_learned([copy, far, bare], tmp_path / "mine_split.csv")
        assert left == ([copy] if row.split == "test" else []) + [far, bare]
