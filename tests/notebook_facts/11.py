"""What the text of notebook 11 says, checked after its last cell."""

# the album and its faces; a photo takes much longer than a face
assert len(paths) == len(set(paths)) == PHOTOS and sum(pinned.values()) == 2.5 * PHOTOS
assert found >= 0.98 * sum(pinned.values())
assert seconds["for loop"] / PHOTOS > 5 * per_crop

# a pool loses nearly everything
assert 20 <= len(kept) < PHOTOS - 90

# a worker dies: each photo is counted once, and the dead worker's last answer is not the last one
assert set(counted.values()) == {1} and counter.counted == PHOTOS
[dead] = counter.killed
names = [worker for _, worker, _ in counter.answers]
assert len(set(names)) >= 3 and dead not in names[-4:]

# everything dies: some answers are kept, and none is lost or twice after resuming
assert ended.returncode == 0, ended.stderr
assert 1 <= before["file"].nunique() <= PHOTOS and "Already answered: " in ended.stderr
assert sorted(table["file"].unique()) == [f"album{os.sep}{i:04}.jpg" for i in range(PHOTOS)]
assert not table.duplicated(["file", "face"]).any() and table["error"].isna().all()
assert table.groupby("file").size().tolist() == [len(answers[path]) for path in paths]
assert table["label"].tolist() == [label for labels in said for label in labels]

# the committed figures
assert runs["items"].unique().tolist() == [200] and {1, 2, 4} == set(runs["workers"])

# Amdahl, and the price: a few dollars
assert amdahl(0, 8) == 8 and amdahl(1, 8) == 1 and abs(amdahl(0.5, 10**9) - 2) < 1e-6
assert amdahl(share[1_000_000], 1000) > 3 * amdahl(share[PHOTOS], 1000)

# the exercises
assert len(merged) == len(table)
assert sum(len(some[path]) == pinned[path] for path in some) < 36
assert sum(len(repaired[path]) == pinned[path] for path in repaired) >= 38
assert set(tries) == {"one by one", "in batches of 64", "a classifier per thread"}
