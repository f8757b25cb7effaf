"""What the text of notebook 09 says, checked after its last cell."""

# nearly all are neither, and yet ten faces are enough for a new head
assert (said == 1).mean() > 0.95
assert released.layers[-1].count_params() == 483 and head.count_params() == 322
assert features.shape == (240, 160)
first = LogisticRegression(C=10).fit(features[few], y[few])
assert first.score(features[120:], y_test) > 0.87
assert (model.predict(photos, verbose=0).argmax(axis=1) == truth).sum() >= 18 and len(truth) == 20
assert same.mean() > 0.9

# the stand-in, and a classifier with the reader's words
assert len(x_mine) == 10 and mine.class_names == names == NEW
assert (mine.predict_arrays(photos).argmax(axis=1) == truth).mean() >= 0.9

# from scratch is far below: the reader's runs, and those of the script
own = {(method, n): accuracy for method, n, accuracy in stars}
assert own["new head", 5] > own["from scratch", 5] + 0.1
assert own["new head", 30] > own["from scratch", 30]
for n in (5, 10, 30, 100, 300):
    assert ours["new head"][n] > ours["from scratch"][n]
assert ours["new head"][5] > ours["from scratch"][100]
assert ours["new head"][5] - ours["from scratch"][5] > 0.2
assert ours["new head"][300] - ours["from scratch"][300] < 0.1
counts = table.groupby(["method", "task", "per_class"]).size()
assert set(counts["new head"]) == {20} and set(counts["from scratch"]) == {3}
assert set(table["test_pictures"]) == {300}

# unfreezing changes little
assert -0.03 < (after == y_test).mean() - (before == y_test).mean() < 0.06
assert max(abs(ours["unfrozen"] - ours["new head"])) < 0.03

# what does not transfer
eyes, drawn = means["closed or winking"], means["circle or square"]
assert ours["new head"][30] > eyes["new head"][30] + 0.15
assert ours["new head"][30] > drawn["new head"][30] + 0.15
for other in (eyes, drawn):
    assert other["from scratch"][300] > other["new head"][300] and max(other["new head"]) < 0.8
assert (
    LogisticRegression(C=10, max_iter=1000).fit(f_shapes[:60], y[:60]).score(f_shapes[120:], y_test)
    < 0.8
)

# a split by picture is too good
assert wrong > 0.8 and wrong - right > 0.15 and right < 0.7

# the exercises
assert not set(person[is_test]) & set(person[~is_test]) and len(set(person[is_test])) == 3
assert (network.predict(x_test, verbose=0).argmax(axis=1) == y_test).mean() > 0.85
assert tries["roundness"] > 0.75 > tries["new head"]
