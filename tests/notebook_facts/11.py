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

# the committed figures: the fastest of five runs on two cores
photos_s, crops_s = (shortest["answer_s"][kind] for kind in ("photos", "crops"))
assert results.groupby(["kind", "method", "workers"]).size().unique().tolist() == [5]
assert set(results.loc[results["kind"] == "photos", "items"]) == {200}
assert set(results.loc[results["kind"] == "crops", "items"]) == {5000}
assert 0.45 < photos_s["threads", 2] / photos_s["loop", 1] < 0.55
assert photos_s["threads", 4] > 0.95 * photos_s["threads", 2]
assert crops_s["threads", 2] > 0.95 * crops_s["loop", 1] > 1.5 * crops_s["processes", 2]
assert photos_s["cluster", 2] > 1.2 * photos_s["threads", 2]
assert photos_s["cluster", 1] > 1.1 * photos_s["loop", 1]
amdahl_at = {n: amdahl(serial, n) for n in (2, 4)}
assert all(total[1] / total[n] < 0.9 * amdahl_at[n] for n in amdahl_at)

# Amdahl, and the price
assert amdahl(0, 8) == 8 and amdahl(1, 8) == 1 and abs(amdahl(0.5, 10**9) - 2) < 1e-6
assert amdahl(share[1_000_000], 1000) > 3 * amdahl(share[PHOTOS], 1000)

# the exercises
assert len(merged) == len(table)
assert sum(len(some[path]) == pinned[path] for path in some) < 36
assert sum(len(repaired[path]) == pinned[path] for path in repaired) >= 38
assert set(tries) == {"one by one", "in batches of 64", "a classifier per thread"}
