"""What the text of notebook 07 says, checked after its last cell."""

# the game: all frightened portraits, and ten others
assert len(set(twenty)) == 20 and set(shown[twenty]) <= set(released.class_names)
assert sum(shown[twenty] == "fear") == sum(shown == "fear") == 10
assert repr(game).endswith("while the notebook is running.") and game.answers == my_answers == []
frightened = Counter(said[shown == "fear"].tolist())
assert frightened["surprise"] == 5 and frightened["fear"] == 3
assert set(said[shown == "surprise"]) == {"surprise"}

# three classes
assert np.allclose(keras.ops.softmax(scores), exponentials / exponentials.sum())
assert history.history["accuracy"][-1] > 0.5 and accuracy > 0.5
by_hand_too = -np.log(p[0, truth[0]])
assert np.isclose(by_hand_too, keras.losses.sparse_categorical_crossentropy(truth, p)[0])
assert np.isclose(by_hand_too, keras.losses.categorical_crossentropy(one_hot, p)[0])

# seven: far better than blind, far worse than two
right = np.mean(answers == y_test)
assert 0.35 < right < 0.8 and model.output_shape == (None, 7)
by_mistakes = np.argsort(both, axis=None)[::-1].tolist()
for pair in (("afraid", "surprised"), ("neutral", "sad")):  # among the closest half of 21 pairs
    one, other = (class_names.index(name) for name in pair)
    assert by_mistakes.index(7 * one + other) < 10, pair
assert np.isclose(recall_score(y_test, answers, average="micro"), right)
assert np.mean((two == y_test[:, None]).any(axis=1)) > right + 0.1
assert abs(report.balanced_accuracy - right) < 0.05

# twenty disgusted faces
assert counts[disgusted] == RARE and min(np.delete(counts, disgusted)) > 3 * RARE
everything, few = found["all pictures"], found["20 disgusted"]
assert everything[0] - few[0] < 0.1 and everything[2] - few[2] > 0.2
by_remedy = {row["remedy"]: [] for row in remedies}
for row in remedies:
    by_remedy[row["remedy"]].append([float(row[key]) for key in ("macro_recall", "rare_recall")])
mean = {remedy: np.mean(values, axis=0) for remedy, values in by_remedy.items()}
assert mean["200 pictures"][1] > 0.6 and max(m[1] for r, m in mean.items() if r[:3] != "200") < 0.4
assert mean["class weights"][1] > mean["nothing"][1]
weighted_macro, plain_macro = (
    np.array(by_remedy[remedy])[:, 0] for remedy in ("class weights", "nothing")
)
assert sum(weighted_macro < plain_macro) == 2 and weighted_macro.mean() < plain_macro.mean()
assert [round(100 * mean[r][1]) for r in ("200 pictures", "nothing")] == [70, 4]
assert mean["divided by frequency"][0] > mean["nothing"][0]

# sixteen expressions
called = {word: set(said[shown == word]) for word in order}
assert called["smug"] == {"happy"}
for word in ("confused", "thoughtful", "pensive", "determined"):
    assert called[word] == {"neutral"}
assert sum(said[shown == "angry"] == "neutral") == 9
has_answer = np.isin(shown, released.class_names)
surest = p_photos.max(axis=1)
assert surest[~has_answer].mean() > surest[has_answer].mean()

# one person and the next
surprise, disgust, happiness = (names.index(word) for word in ("surprise", "disgust", "happiness"))
assert second[fear].argmax() == surprise and np.allclose(second.sum(axis=1), 100)
assert set(second[disgust].argsort()[-2:]) == {names.index("anger"), names.index("neutral")}
assert round(second[happiness, happiness]) == 85
assert 3 < votes[:, surprise].sum() / votes[:, fear].sum() < 4

# the exercises
assert log.history["accuracy"][0] < 0.5
assert tries["divided by frequency"] > 0.35
assert tries["moved faces, mirrored and divided"] > tries["20 disgusted"] - 0.02
