"""What the text of notebook 04 says, checked after its last cell."""

# two sets, and more faces for both
assert set(y_val) == set(y_test) == {0, 1}
assert len(y_val) == few + half and len(y_test) > NEW / 2
assert not {face.tobytes() for face in x_val} & {face.tobytes() for face in x_test}

# by hand, by scikit-learn, by emolib
assert np.array_equal(report.confusion, confusion_matrix(y_test, answers))
assert np.isclose(report.accuracy.value, accuracy_score(y_test, answers))
assert report.accuracy.value > 0.8
lazy = evaluation.evaluate(np.tile([0.9, 0.1], (100, 1)), np.repeat([0, 1], [95, 5]), class_names)
assert (lazy.accuracy.value, lazy.balanced_accuracy) == (0.95, 0.5)

# thresholds
assert tries["your network"][0] <= cost(p_val, y_val, 0.5)
assert abs(theory - 0.167) < 0.001

# intervals
widths = [np.subtract(*evaluation.wilson_interval(9 * n // 10, n)) for n in (10, 100, 1000)]
assert all(2.5 < a / b < 3.7 for a, b in zip(widths, widths[1:], strict=False))
assert len(table) == 200 and (table["faces"] == 50).all()
holding = {
    kind: np.sum((table[f"{kind}_low"] <= known) & (known <= table[f"{kind}_high"]))
    for kind in ("wilson", "normal", "bootstrap")
}
assert holding["wilson"] >= 190 and holding["normal"] == holding["bootstrap"] == 178
missing = (known < table["normal_low"]) | (table["normal_high"] < known)
assert (table["normal_low"] == table["normal_high"])[missing].all()
assert 8 < len(table) / (len(table) - holding["normal"]) < 10
shares = table["right"] / table["faces"]
inside = (table["wilson_low"][:-1] <= shares[1:]) & (shares[1:] <= table["wilson_high"][:-1])
assert inside.mean() < 0.92

# calibration
assert abs(np.log(temperature / evaluation.fit_temperature(p_val, y_val))) < 0.03
softened = evaluation.apply_temperature(p_val, temperature)
assert log_loss(y_val, softened[:, 1]) <= log_loss(y_val, p_val[:, 1])
assert after.confusion == report.confusion

# photographs
assert len(y_photos) == 20 and other_right.mean() > 0.85
assert both["the released one,"][1].sum() >= 17 and both["your network,"][1].sum() >= 15
assert {one.group: one.n for one in scores["your network,"]} == {
    "rendered": len(y_test),
    "portraits": 20,
}
by_hand = binomtest(yours_only, yours_only + other_only).pvalue
assert np.isclose(by_hand, evaluation.mcnemar(right, other_right))

# people
person, network, possible = (value for value, _, _ in agreement.values())
assert person < network < possible < 1

# fairness
lightly, evenly = ({one.group: one.right for one in found[name]} for name in trained)
assert lightly["dark"] < lightly["light"]
assert lightly["dark"] < evenly["dark"]

# coins
assert old[best] > 0.58 and new[best] < 0.58

# the exercises
assert np.isclose(auc(y_test, p_test[:, 1]), report.roc_auc)
assert name != "your network" and tries[name][0] <= tries["your network"][0]
